"""From a file or folder in somebody's format to a corpus in the release's layout."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from audioflan_tasks.catalogue import Domain
from audioflan_tasks.errors import RecordError, SettingsError, UnknownNameError
from audioflan_tasks.recipes.audio_files import AudioFiles, checked_mode
from audioflan_tasks.recipes.corpus_writer import CorpusCounts, served_tasks, write_corpus
from audioflan_tasks.recipes.importers import FORMATS, chat_drafts, format_of, recordings_of
from audioflan_tasks.recipes.importers.columns import Columns
from audioflan_tasks.recipes.recording import Recording
from audioflan_tasks.recipes.splits import with_splits

__all__ = ["ForeignCorpus"]

_NAME = re.compile(r"\d{2,}_[A-Za-z0-9][\w.-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignCorpus:
    """Audio and labels in a format of others.

    Args:
      format: one of `FORMATS`; `auto` takes the one that the path seems to have.
      path: the file or folder.
      columns: fact to column, where names of columns do not say it.
      defaults: facts of all rows, such as `{"language": "English"}`.
      domain: of the tasks: speech, music or audio.
      audio_root: the folder that paths of audio begin in; None takes that of `path`.
      seed: of the split of rows that have none.

    Raises:
      UnknownNameError: no such format.
      SettingsError: the format is not to be seen.
    """

    format: str
    path: Path
    columns: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[str, Any] = field(default_factory=dict)
    domain: Domain = "speech"
    audio_root: Path | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        if not self.path.exists():
            raise RecordError(f"{self.path}: no such file or folder")
        name = format_of(self.path) if self.format == "auto" else self.format
        if not name:
            raise SettingsError(f"{self.path}: which format? one of {', '.join(FORMATS)}")
        if name not in FORMATS:
            raise UnknownNameError("format", name, FORMATS)
        object.__setattr__(self, "format", name)

    def recordings(self) -> Iterator[Recording]:
        """Its clips, each with a split."""
        rows = FORMATS[self.format].read(self.path)
        return with_splits(recordings_of(rows, self.columns, self.defaults, self.domain), self.seed)

    def unused_columns(self) -> tuple[str, ...]:
        """Columns of the first row that are no known fact."""
        row = next(FORMATS[self.format].read(self.path), None)
        return Columns(row.values, self.columns).unused if row is not None else ()

    def served_tasks(self) -> Mapping[str, int]:
        """The tasks whose facts it has, each with the number of its clips that have them."""
        return {} if self.format == "chat" else served_tasks(self.recordings())

    def write(
        self,
        out: Path,
        tasks: Sequence[str] = (),
        *,
        name: str = "",
        audio: str = "copy",
        sample_rate: int | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> CorpusCounts:
        """Writes the corpus; what is there of its audio is kept.

        Args:
          out: root of the corpus, new or with others in it.
          tasks: ids; none means all that it serves.
          name: folder of the corpus, a number and a name; by default `90_` and the path's stem.
          audio: copy, link or flac.
          sample_rate: of FLAC, in Hz.
          progress: called with the number of clips that are done.

        Raises:
          RecordError: a row cannot be read, two clips have one id, or none is usable.
          SettingsError: there is no task for it, or the name has another form.
        """
        folder = name or f"90_{re.sub(r'[^A-Za-z0-9.-]+', '-', self.path.stem).strip('-')}"
        if not _NAME.fullmatch(folder):
            raise SettingsError(f"name {folder!r}: expected a number and a name, such as 90_Mine")
        is_chat = self.format == "chat"
        task_ids = tasks or tuple(self.served_tasks())
        if not task_ids or (is_chat and len(task_ids) != 1):
            raise SettingsError(
                f"{self.path}: "
                + (
                    "conversations do not say their task; give one (--tasks NAME)"
                    if is_chat
                    else "its columns serve no task; --column FACT=NAME says what one is"
                )
            )
        base = self.audio_root or (self.path if self.path.is_dir() else self.path.parent)
        files = AudioFiles(base, out, folder, checked_mode(audio), sample_rate)
        drafts = partial(chat_drafts, task_ids[0]) if is_chat else None
        return write_corpus(
            self.recordings, files, out, folder, () if is_chat else task_ids, progress, drafts
        )
