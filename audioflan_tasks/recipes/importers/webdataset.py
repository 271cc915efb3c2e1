"""Tar shards of WebDataset: files of one stem are a sample; lhotse Shar is not one."""

from __future__ import annotations

import tarfile
import zlib
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path, PurePosixPath
from typing import Any

from audioflan_tasks.audio.resolve import AUDIO_SUFFIXES
from audioflan_tasks.errors import RecordError, reason_of
from audioflan_tasks.plain_files import is_plain_file
from audioflan_tasks.recipes.importers.columns import ImportedRow
from audioflan_tasks.recipes.importers.tables import json_object

__all__ = ["webdataset_rows", "webdataset_shards"]

_TEXTS = {".txt": "text", ".cls": "label", ".spk": "speaker"}
_LARGEST = 1 << 30


def webdataset_shards(root: Path) -> list[Path]:
    """The .tar files under a folder, or the file itself."""
    return [root] if root.is_file() else sorted((*root.rglob("*.tar"), *root.rglob("*.tar.gz")))


def webdataset_rows(shard: Path) -> Iterator[ImportedRow]:
    """A row for each sample; `.json` gives facts, `.txt` the text, `.cls` a label.

    The audio of a sample without any, or with a link in its place, is missing.

    Raises:
      RecordError: it is no tar file, or a `.json` in it is no object.
    """
    try:
        if not is_plain_file(shard):
            raise RecordError(f"{shard}: not a file, or a pipe or a device")
        # Packed shards are read as a stream: a copy would be as large as all their audio.
        with tarfile.open(shard) as tar:
            for key, members in groupby(filter(_is_member, tar), _key):
                yield _row(shard, key, ((member.name, _content(tar, member)) for member in members))
    except (tarfile.TarError, EOFError, OSError, zlib.error, UnicodeDecodeError) as error:
        raise RecordError(f"{shard}: no whole tar file ({reason_of(error)})") from error


def _is_member(member: tarfile.TarInfo) -> bool:
    return not member.isdir()


def _key(member: tarfile.TarInfo) -> str:
    """The name of a member's sample: up to the first dot, as webdataset has it."""
    name = PurePosixPath(member.name)
    return str(name.parent / name.name.split(".")[0]).lstrip("/")


def _content(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes | None:
    """What a member holds; None for links, devices and what is too large."""
    file = tar.extractfile(member) if member.isreg() and member.size <= _LARGEST else None
    return None if file is None else file.read()


def _row(shard: Path, key: str, members: Iterable[tuple[str, bytes | None]]) -> ImportedRow:
    values: dict[str, Any] = {"audio": key, "id": f"{shard.stem}_{key}"}
    data: dict[str, bytes] = {}
    for name, content in members:
        suffix = PurePosixPath(name).suffix.lower()
        if content is None:
            continue
        if suffix in AUDIO_SUFFIXES:
            values["audio"] = f"{key}{suffix}"
            data[values["audio"]] = content
        else:
            values |= _facts(suffix, content, f"{shard}: {name}")
    return ImportedRow(values, f"{shard}: {key}", data)


def _facts(suffix: str, content: bytes, place: str) -> dict[str, Any]:
    if suffix in _TEXTS:
        return {_TEXTS[suffix]: content.decode("utf-8", "replace").strip()}
    if suffix != ".json":
        return {}
    return dict(json_object(content.decode("utf-8", "surrogateescape"), place))
