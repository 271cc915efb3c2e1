"""`audioflan questions MIXTURE --out FILE`."""

from __future__ import annotations

import sys
from pathlib import Path

from audioflan_tasks.cli.progress import progress_display
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.evaluation import write_questions

__all__ = ["write_question_file"]


def write_question_file(
    mixture: str,
    out: Path,
    tasks: str,
    limit: float | None,
    num_fewshot: int,
    split: str,
    seed: int,
    sample_rate: int,
    root: Path | None,
) -> None:
    """Writes the questions and says how to have the answers scored."""
    with progress_display() as display:
        summary = write_questions(
            mixture,
            out,
            corpus=None if root is None else Corpus(root),
            tasks=tuple(filter(None, (part.strip() for part in tasks.split(",")))),
            split=split,
            limit=limit,
            num_fewshot=num_fewshot,
            seed=seed,
            sample_rate=sample_rate,
            progress=lambda done, total: display.update("questions", done, total),
        )
    for fault in summary.skipped:
        print(f"skipped {fault}", file=sys.stderr)
    print(
        f"wrote {out}: {summary.questions:,} questions of {summary.tasks} task(s), "
        f"{summary.audio_files:,} audio files beside it"
    )
    print('answer each with a line {"key": ..., "answer": ...} or {"key": ..., "audio": PATH};')
    # A run asks the same questions only with the same options.
    count = "" if limit is None else f"{limit:g}"
    words = {"--tasks": tasks, "--limit": count, "--num-fewshot": num_fewshot, "--root": root}
    words |= {"--split": split if split != "test" else "", "--seed": seed}
    options = "".join(f" {name} {value}" for name, value in words.items() if value)
    print(f"then: audioflan evaluate answers:FILE {mixture}{options} --out RUN")
