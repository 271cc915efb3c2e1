"""Writes the wordings as a release tree: metadata, scp files and real audio."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from typing import Any

from audioflan_tasks import catalogue
from audioflan_tasks.demo import demo_root
from tests.release_wordings import WORDINGS, Wording

__all__ = ["records", "write_tree"]

_SPLITS = (("train", "train_dev"), ("dev", "train_dev"), ("test", "test"))


def records(wording: Wording, number: int, ids: Iterator[str]) -> Iterator[tuple[str, str, Any]]:
    """(split, bare answer, record) for each question, answer and split of a wording."""
    row = catalogue.get(wording.task)
    for split, _ in _SPLITS:
        pairs = [(q, a) for q in wording.questions for a in wording.answers]
        for place, (question, answer) in enumerate(pairs):
            clips = {name: next(ids) for name in "abc"}
            yield split, answer.value.format(**clips), {
                "instruction": question,
                "input": wording.input.format(**clips),
                "output": answer.output.format(**clips),
                "uuid": f"{wording.corpus}-{row.minor}-{number}-{split}-{place}",
                "split": [split],
                "task_type": {
                    "major": [row.major],
                    "minor": [wording.minor or row.minor],
                    "U/G": [row.paper_category],
                    "unseen": False,
                },
                "domain": row.domain,
                "source": ["unknown"],
                "other": None,
            }  # fmt: skip


def write_tree(root: Path) -> dict[str, tuple[Wording, str]]:
    """A release tree of all wordings below `root`; (wording, bare answer) by uuid."""
    clips = _clips(root)
    ids = cycle(sorted(clips))
    answers: dict[str, tuple[Wording, str]] = {}
    for number, wording in enumerate(WORDINGS):
        row = catalogue.get(wording.task)
        for split, gold, record in records(wording, number, ids):
            folder = dict(_SPLITS)[split]
            file = (
                root / "metadata" / row.domain / row.paper_category / folder
                / wording.corpus / "jsonl" / f"{row.id}.jsonl"
            )  # fmt: skip
            file.parent.mkdir(parents=True, exist_ok=True)
            with file.open("a", encoding="utf-8") as lines:
                lines.write(json.dumps(record, ensure_ascii=False) + "\n")
            answers[record["uuid"]] = (wording, gold)
    return answers


def _clips(root: Path) -> dict[str, Path]:
    """Short real recordings of the demo, copied, by their ids, with an scp file."""
    folder = root / "audio_files" / "speech" / "01_Clips"
    folder.mkdir(parents=True)
    files = sorted((demo_root() / "audio_files" / "speech" / "01_Asterisk_EN").rglob("*.flac"))
    files += sorted((demo_root() / "audio_files" / "speech" / "01_Asterisk_EN").rglob("*.opus"))
    clips = {f"01_Clips_{file.stem}": file for file in files[:40]}
    for audio_id, file in clips.items():
        shutil.copy(file, folder / f"{audio_id}{file.suffix}")
    scp = root / "scp_files" / "speech" / "01_Clips.scp"
    scp.parent.mkdir(parents=True)
    lines = [
        f"{audio_id}\taudio_files/speech/01_Clips/{audio_id}{file.suffix}\n"
        for audio_id, file in clips.items()
    ]
    scp.write_text("".join(lines), encoding="utf-8")
    return clips
