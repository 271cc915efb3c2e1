"""Corpora in formats of others, as sources."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from audioflan_tasks.catalogue import Domain
from audioflan_tasks.errors import RecordError, SettingsError, UnknownNameError
from audioflan_tasks.recipes.importers import FORMATS, chat_questions, format_of, recordings_of
from audioflan_tasks.recipes.importers.columns import ColumnMap
from audioflan_tasks.recipes.local_paths import refuse_address
from audioflan_tasks.recipes.recording import Recording
from audioflan_tasks.recipes.source import SourceCorpus
from audioflan_tasks.recipes.splits import with_splits
from audioflan_tasks.vocabularies.languages import language_name

__all__ = ["checked_format", "foreign_corpus"]


def checked_format(name: str, path: Path) -> str:
    """The name of a format; `auto` gives the one that the path seems to have.

    Raises:
      RecordError: there is no such path.
      UnknownNameError: no such format.
      SettingsError: the format is not to be seen, or the path is the address of a server.
    """
    refuse_address(path)
    if not path.exists():
        raise RecordError(f"{path}: no such file or folder")
    if name != "auto" and name not in FORMATS:
        raise UnknownNameError("format", name, FORMATS)
    format_name = format_of(path) if name == "auto" else name
    if not format_name:
        raise SettingsError(f"{path}: which format? one of {', '.join(FORMATS)}")
    return format_name


def foreign_corpus(
    format: str,
    path: Path,
    *,
    columns: Mapping[str, str] | None = None,
    defaults: Mapping[str, Any] | None = None,
    domain: Domain = "speech",
    audio_root: Path | None = None,
    seed: int = 0,
) -> SourceCorpus:
    """Audio and labels in a format of others.

    Args:
      format: one of `importers.FORMATS`, or `auto`.
      path: the file or folder.
      columns: fact to column, where names of columns do not say it.
      defaults: facts of all rows, such as `{"language": "English"}`.
      domain: of the tasks: speech, music or audio.
      audio_root: the folder that paths of audio begin in; None takes that of `path`.
      seed: of the split of rows that have none.

    Raises:
      As `checked_format`.
    """
    format_name = checked_format(format, path)
    refuse_address(audio_root or path)
    facts = dict(defaults or {})
    if "language" in facts:
        facts["language"] = language_name(facts["language"])

    def recordings() -> Iterable[Recording]:
        rows = FORMATS[format_name].read(path)
        return with_splits(recordings_of(rows, columns, facts, domain), seed)

    def unused_columns() -> tuple[str, ...]:
        row = next(FORMATS[format_name].read(path))
        return ColumnMap(row.values, columns, domain).unused

    return SourceCorpus(
        folder=f"90_{re.sub(r'[^A-Za-z0-9.-]+', '-', path.stem).strip('-') or 'corpus'}",
        audio_root=audio_root or (path if path.is_dir() else path.parent),
        recordings=recordings,
        questions=chat_questions if format_name == "chat" else None,
        seed=seed,
        unused_columns=unused_columns,
        path_hint=" (--audio-root FOLDER?)",
    )
