"""A file of instructions and answers as a task: text that keeps a language model's command of it.

    af.text_task("my_text", "file.jsonl")
    af.mixture(weights={"audioflan_denoising": 1, "my_text": 2})

Rows are found by their places in the file, so epochs, resuming and shards are exact.
"""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import numpy as np

from audioflan_tasks.arguments import check_choice
from audioflan_tasks.errors import SettingsError
from audioflan_tasks.foreign.protocol import ForeignExample, ForeignReading
from audioflan_tasks.foreign.registry import add
from audioflan_tasks.foreign.text_file import TextFile, scan_text_file
from audioflan_tasks.options import ExampleOptions
from audioflan_tasks.preprocessors.splice import ROLES
from audioflan_tasks.records.instance import Split
from audioflan_tasks.tokens import vocabulary_of

__all__ = ["TextTask", "text_task"]

_LOG = logging.getLogger("audioflan_tasks")

# Rows whose content stands for that of all, and bad lines that are shown, of each file.
_PROBES, _LOGGED_LINES = 4, 3

PathLike = str | os.PathLike[str]


@dataclass(frozen=True, slots=True, eq=False)
class TextTask:
    """A task over files of JSON lines, one a split; build it with `text_task`.

    Equal over the same files, whatever they hold.
    """

    name: str
    files: Mapping[str, TextFile]

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, TextTask)
            and self.name == other.name
            and {split: file.path for split, file in self.files.items()}
            == {split: file.path for split, file in other.files.items()}
        )

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        sizes = ", ".join(f"{split}: {len(file):,} rows" for split, file in self.files.items())
        bad = f", {len(self.bad_lines):,} bad lines" if self.bad_lines else ""
        return f"TextTask({self.name!r}, {sizes}{bad})"

    @property
    def bad_lines(self) -> tuple[str, ...]:
        """The lines that cannot be used, as "file:line: what is wrong"."""
        return tuple(line for file in self.files.values() for line in file.bad_lines)

    def rows(self, reading: ForeignReading) -> TextRows:
        """The rows of a split."""
        return TextRows(self.name, self.files.get(reading.split), reading.options)


@dataclass(frozen=True, slots=True)
class TextRows:
    """Rows of one split of a text task; `file` is None where it has none."""

    name: str
    file: TextFile | None
    options: ExampleOptions

    @property
    def size(self) -> int:
        """Usable lines of the file."""
        return 0 if self.file is None else len(self.file)

    @property
    def keeps_order(self) -> bool:
        """Any row can be had at any time."""
        return False

    def digest(self) -> bytes:
        """Of the number of rows and four of them."""
        digest = hashlib.sha256(f"{self.name}\x1f{self.size}".encode())
        if self.file is not None:
            for row in sorted({n * (self.size - 1) // (_PROBES - 1) for n in range(_PROBES)}):
                digest.update("\x1f".join(self.file.line(row).texts).encode())
        return digest.digest()

    def example(self, seed: int, epoch: int, row: int) -> ForeignExample | None:
        """The instruction, a line break and the input where there is one; then the answer."""
        if self.file is None:
            return None
        vocabulary = vocabulary_of(self.options)
        instruction, text, output = self.file.line(row).texts
        lead = "\n" if instruction and text else ""
        parts = [vocabulary.encode_text(instruction), vocabulary.encode_text(lead + text)]
        roles = [ROLES["instruction"], ROLES["input"]]
        eos = np.array([vocabulary.eos_id], np.int32)
        return ForeignExample(
            inputs=np.concatenate(parts),
            targets=np.concatenate([vocabulary.encode_text(output), eos]),
            input_roles=np.repeat(np.array(roles, np.uint8), [len(ids) for ids in parts]),
            answer=output,
            uuid=f"{self.name}_{self.file.numbers[row]}",
            place=self.file.place(row),
            texts=(instruction, text, output),
        )


def text_task(name: str, files: PathLike | Mapping[str, PathLike]) -> TextTask:
    """Makes a task of JSON lines with instruction, input and output, for mixtures to name.

    Each line is an object with the text `output`, and `instruction`, `input` or both; without
    either the output is plain text to learn. Other keys are passed over. Lines that cannot be used
    are counted, and named in the log and in `bad_lines`. Called again it
    looks through the files anew.

    Args:
      name: what mixtures call it; of no other task.
      files: one of the split train, or files by split.

    Raises:
      RecordError: a file cannot be read, or has no usable line.
      MixtureError: the name is that of another task.
      SettingsError: a name or split that cannot be used.
    """
    if not isinstance(name, str) or not name.strip():
        raise SettingsError(f"name={name!r}: expected the name of a new task, such as 'my_text'")
    by_split = files if isinstance(files, Mapping) else {"train": files}
    for split in by_split:
        check_choice("split", split, get_args(Split))
    task = TextTask(name, {s: scan_text_file(Path(p).absolute()) for s, p in by_split.items()})
    add(task)
    for file in task.files.values():
        if file.bad_lines:
            more = "; …" if len(file.bad_lines) > _LOGGED_LINES else ""
            _LOG.warning(
                "%s: %d of %d lines cannot be used and are left out: %s%s",
                name, len(file.bad_lines), len(file.bad_lines) + len(file),
                "; ".join(file.bad_lines[:_LOGGED_LINES]), more,
            )  # fmt: skip
    return task
