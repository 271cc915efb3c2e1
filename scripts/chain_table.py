"""Writes docs/chains.md: the steps of each task's chain, and where their functions live.

With `--check` nothing is written, and the exit status is 1 if the page is not up to date.
"""

from __future__ import annotations

import importlib
import operator
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import seqio  # noqa: E402

from audioflan_tasks import catalogue  # noqa: E402
from audioflan_tasks.preprocessors.chain import Step  # noqa: E402

TARGET = ROOT / "docs" / "chains.md"

# The functions that a step calls once an element, which do the work.
PURE = {
    "tokenize_audio": ("corpus:Corpus.coder",),
    "apply_template": ("corpus.examples:ExampleMaker.question", "preprocessors.render:render"),
    "encode_text": ("tokens:AudioTextVocabulary.encode_text",),
    "splice_spans": ("preprocessors.splice:segment_ids", "preprocessors.splice:join_ids"),
    "crop_spans": ("preprocessors.crop:fit",),
    "append_eos": (),
}


def main() -> int:
    """Writes the page, or says whether it is up to date."""
    text = page()
    if "--check" in sys.argv[1:]:
        if TARGET.read_text(encoding="utf-8") != text:
            print(f"{TARGET.name} is not up to date; run scripts/chain_table.py")
            return 1
        return 0
    TARGET.write_text(text, encoding="utf-8")
    return 0


def page() -> str:
    """The whole page."""
    tasks = [seqio.get_mixture_or_task(row.name) for row in catalogue.tasks()]
    steps = [step for step in tasks[0].preprocessors if isinstance(step, Step)]
    lines = [
        "# Chains",
        "",
        "Written by `scripts/chain_table.py`. [seqio](seqio.md) says what a step reads and writes.",
        "",
        "| step | lives in | calls for each element |",
        "|---|---|---|",
        *(_step_line(step) for step in steps),
        "",
        "What stands before the cache is `seqio.CacheDatasetPlaceholder()`.",
        "",
        "| task | source | chain |",
        "|---|---|---|",
        *(f"| {task.name} | `{task.source!r}` | {_chain(task.preprocessors)} |" for task in tasks),
    ]
    return "\n".join(lines) + "\n"


def _step_line(step: Step) -> str:
    module = step.func.__module__.removeprefix("audioflan_tasks.").replace(".", "/")
    calls = ", ".join(f"`{_checked(name)}`" for name in PURE[step.name])
    return f"| `{step.name}` | `{module}.py` | {calls or 'nothing else'} |"


def _checked(name: str) -> str:
    """The name of something that is there, with a dot."""
    module, _, attributes = name.partition(":")
    operator.attrgetter(attributes)(importlib.import_module(f"audioflan_tasks.{module}"))
    return f"{module}.{attributes}"


def _chain(steps: Sequence[object]) -> str:
    names = [f"`{step!r}`" if isinstance(step, Step) else "cache" for step in steps]
    return " → ".join(names)


if __name__ == "__main__":
    raise SystemExit(main())
