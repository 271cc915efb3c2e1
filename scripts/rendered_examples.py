"""Writes docs/examples.md: three rendered examples of each task, to be read by eye.

python scripts/rendered_examples.py           # --check: fail if the document is not up to date
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

from audioflan_tasks import Corpus, catalogue
from audioflan_tasks.catalogue import TaskRow
from audioflan_tasks.demo import demo_root
from audioflan_tasks.preprocessors.render import Segment, render
from audioflan_tasks.preprocessors.templates import languages_of
from audioflan_tasks.records import Instance
from audioflan_tasks.seeds import seed_of

DOCUMENT = Path(__file__).parents[1] / "docs" / "examples.md"
COUNT, SEED, RATE = 3, 4, 16_000
HEAD = """# Rendered examples

Written by `scripts/rendered_examples.py`; a test holds it up to date. It shows {count} random
training records of the demo corpus for each task, as a model reads and answers them, and {count}
more for the tasks with a Mandarin pool. `[2.4 s]` is audio of that length; the answer follows
`-->`. All were read by eye when they were written, and errors in pools, renderer or records were
corrected.
"""


def document() -> str:
    """The whole document."""
    corpus = Corpus(demo_root())
    parts = [HEAD.format(count=COUNT)]
    for row in catalogue.tasks()[:80]:
        parts.append(f"\n## {row.minor} ({row.domain})\n")
        for language in languages_of(row.id):
            parts += [f"\n{text}" for text in _examples(corpus, row, language)]
    return "".join(parts)


def _examples(corpus: Corpus, row: TaskRow, language: str) -> Iterator[str]:
    size = corpus.size(row.id, "train")
    drawn = sorted(range(size), key=lambda n: seed_of(SEED, row.id, language, n))[:COUNT]
    for number in drawn:
        instance = corpus.instance(row.id, "train", number)
        made = render(instance, row, SEED, languages=(language,))
        asked = _shown(corpus, instance, made.inputs)
        answer = _shown(corpus, instance, made.targets)
        yield f"`{made.template}`\n\n```text\n{asked}\n--> {answer}\n```\n"


def _shown(corpus: Corpus, instance: Instance, segments: Sequence[Segment]) -> str:
    return "".join(
        s.value if s.kind == "text" else f"[{_seconds(corpus, s.value, instance)} s]"
        for s in segments
    )


def _seconds(corpus: Corpus, audio_id: str, instance: Instance) -> str:
    return _length(corpus, audio_id)


@lru_cache(maxsize=4096)
def _length(corpus: Corpus, audio_id: str) -> str:
    return f"{len(corpus.audio(audio_id, RATE)) / RATE:.1f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    text = document()
    if not options.check:
        DOCUMENT.write_text(text, encoding="utf-8")
    elif DOCUMENT.read_text(encoding="utf-8") != text:
        sys.exit(f"{DOCUMENT} is not up to date: run python scripts/rendered_examples.py")


if __name__ == "__main__":
    main()
