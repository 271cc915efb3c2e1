"""`audioflan decode IDS.npy`."""

from __future__ import annotations

from pathlib import Path

from audioflan_tasks.config import settings
from audioflan_tasks.corpus.decoded import read_ids, write_decoded
from audioflan_tasks.tokens import tokenizer_of, vocabulary_of

__all__ = ["decode_file"]


def decode_file(path: Path, out: Path) -> None:
    """Writes what the ids say to `out` and prints a line for each sequence."""
    options = settings.example_options()
    vocabulary, tokenizer = vocabulary_of(options), tokenizer_of(options)
    for sequence in write_decoded(read_ids(path), vocabulary, tokenizer, out):
        problems = f"  ({'; '.join(sequence.problems)})" if sequence.problems else ""
        print(f"{sequence.name}  {sequence.text}{problems}")
        for file in sequence.audio:
            print(f"wrote {file}")
