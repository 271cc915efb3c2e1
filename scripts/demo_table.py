"""Writes docs/demo/tasks.md and the licence table of README.md from the demo corpus.

Exits with 1 if a task is below its floor of 12 train, 4 validation and 4 test records. With
`--check` nothing is written, and the exit status is also 1 if a file is not up to date.
"""

from __future__ import annotations

import csv
import re
import sys
from collections import Counter, defaultdict
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from audioflan_tasks import catalogue  # noqa: E402
from audioflan_tasks.corpus import Corpus  # noqa: E402
from audioflan_tasks.demo import demo_root  # noqa: E402
from audioflan_tasks.records import Instance  # noqa: E402

FLOOR = {"train": 12, "validation": 4, "test": 4}
BEGIN, END = "<!-- demo licences: begin -->", "<!-- demo licences: end -->"


def main() -> int:
    """Writes both tables, or says whether they are up to date; 1 if a task is short."""
    page, short = _tasks()
    texts = {ROOT / "docs" / "demo" / "tasks.md": page, ROOT / "README.md": _readme()}
    old = [path for path, text in texts.items() if path.read_text(encoding="utf-8") != text]
    if "--check" in sys.argv[1:]:
        short += [f"{path.name} is not up to date; run scripts/demo_table.py" for path in old]
    else:
        for path in old:
            path.write_text(texts[path], encoding="utf-8")
    print("\n".join(short) or "every task is above its floor")
    return 1 if short else 0


def _tasks() -> tuple[str, list[str]]:
    """The page, and what is below its floor."""
    corpus = Corpus(demo_root())
    lines = [
        "# Tasks of the demo corpus",
        "",
        "Written by `scripts/demo_table.py`; a test holds it up to date. Details: "
        "[speech](speech.md), [audio](audio.md), [music](music.md). Grades:",
        "",
        "- R: recorded, with its own label",
        "- P: recorded and processed, with an exact label",
        "- S: synthetic, with an exact label",
        "- W: synthetic, with a label that is only stylistic",
        "",
        "| task | grade | train | validation | test | base material | licence |",
        "|---|---|---|---|---|---|---|",
    ]
    short = []
    for row in catalogue.tasks():
        sizes = {split: corpus.size(row.id, split) for split in FLOOR}
        short += [f"{row.id} {s}: {sizes[s]} < {n}" for s, n in FLOOR.items() if sizes[s] < n]
        grades: Counter[str] = Counter()
        licences: set[str] = set()
        folders: set[str] = set()
        for instance in _instances():
            if instance.task != row.id:
                continue
            grades[instance.grade] += 1
            licences |= set(instance.licence.split(" + "))
            for audio_id in instance.audio_ids:
                folders |= {_folder(root) for root in _roots(corpus, audio_id)}
        lines.append(
            f"| {row.minor} | {', '.join(sorted(grades))} | {sizes['train']} | "
            f"{sizes['validation']} | {sizes['test']} | {', '.join(sorted(folders))} | "
            f"{', '.join(sorted(licences))} |"
        )
    return "\n".join(lines) + "\n", short


@lru_cache
def _instances() -> tuple[Instance, ...]:
    """Every record of the demo corpus, read once."""
    return tuple(Corpus(demo_root()).instances())


def _roots(corpus: Corpus, audio_id: str) -> set[str]:
    recipe = corpus.recipes.get(audio_id)
    if recipe is None:
        return {audio_id}
    return {root for i in recipe.inputs for root in _roots(corpus, i)}


@lru_cache
def _folders() -> tuple[str, ...]:
    return tuple(path.name for path in demo_root().glob("audio_files/*/*"))


def _folder(audio_id: str) -> str:
    return max((name for name in _folders() if audio_id.startswith(f"{name}_")), key=len)


def _readme() -> str:
    """README.md with the licence table as it should be."""
    lines = ["| folder | clips | licence | from |", "|---|---|---|---|"]
    for scp in sorted(demo_root().glob("scp_files/*/*.scp")):
        home = demo_root() / "audio_files" / scp.parent.name / scp.stem
        with (home / "SOURCE.tsv").open(encoding="utf-8", newline="") as handle:
            rows = list(csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE))
        packages = sorted({f"{r['package']} {r['version']}" for r in rows})
        lines.append(f"| {scp.stem} | {len(rows)} | {_licence(scp.stem)} | {', '.join(packages)} |")
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    table = "\n".join(lines)
    return re.sub(f"{BEGIN}.*{END}", f"{BEGIN}\n{table}\n{END}", text, flags=re.DOTALL)


def _licence(folder: str) -> str:
    """From the records, else from the name of the licence that its text gives in brackets."""
    (home,) = demo_root().glob(f"audio_files/*/{folder}")
    named = re.search(r"\((CC[A-Z0-9 .-]+)\)", (home / "LICENSE").read_text(encoding="utf-8"))
    return _by_folder().get(folder) or (named[1] if named else "see LICENSE")


def _by_folder() -> dict[str, str]:
    """Licence of a folder, as records that use clips of this folder alone state it."""
    corpus = Corpus(demo_root())
    licences: dict[str, set[str]] = defaultdict(set)
    for instance in _instances():
        roots = {_folder(r) for i in instance.audio_ids for r in _roots(corpus, i)}
        if len(roots) == 1:
            licences[roots.pop()].add(instance.licence)
    return {folder: ", ".join(sorted(values)) for folder, values in licences.items()}


if __name__ == "__main__":
    raise SystemExit(main())
