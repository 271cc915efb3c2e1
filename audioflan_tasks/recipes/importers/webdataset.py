"""Tar shards of WebDataset: files of one stem are a sample; lhotse Shar is not one."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from audioflan_tasks.audio.resolve import AUDIO_SUFFIXES
from audioflan_tasks.errors import RecordError
from audioflan_tasks.recipes.importers.columns import ImportedRow

__all__ = ["webdataset_rows", "webdataset_shards"]

_TEXTS = {".txt": "text", ".cls": "label", ".spk": "speaker"}
_LARGEST = 1 << 30


def webdataset_shards(root: Path) -> list[Path]:
    """The .tar files under a folder, or the file itself."""
    return [root] if root.is_file() else sorted((*root.rglob("*.tar"), *root.rglob("*.tar.gz")))


def webdataset_rows(shard: Path) -> Iterator[ImportedRow]:
    """A row for each sample with audio; `.json` gives facts, `.txt` the text, `.cls` a label.

    Raises:
      RecordError: it is no tar file, or a `.json` in it is no object.
    """
    try:
        with tarfile.open(shard) as tar:
            stem, values, data = "", dict[str, Any](), None
            for member in tar:
                if not member.isfile() or member.size > _LARGEST:
                    continue
                name = PurePosixPath(member.name)
                # Up to the first dot, as webdataset has it.
                key = str(name.parent / name.name.split(".")[0])
                if key != stem:
                    if data is not None:
                        yield ImportedRow(values, f"{shard}: {stem}", {values["audio"]: data})
                    stem, values, data = key, {}, None
                file = tar.extractfile(member)
                content = file.read() if file is not None else b""
                if name.suffix.lower() in AUDIO_SUFFIXES:
                    data, values["audio"] = content, f"{key}{name.suffix}"
                    values["id"] = f"{shard.stem}_{key}"
                else:
                    values |= _facts(name.suffix.lower(), content, f"{shard}: {member.name}")
            if data is not None:
                yield ImportedRow(values, f"{shard}: {stem}", {values["audio"]: data})
    except (tarfile.TarError, EOFError, OSError) as error:
        raise RecordError(f"{shard}: no whole tar file ({error})") from error


def _facts(suffix: str, content: bytes, place: str) -> dict[str, Any]:
    if suffix in _TEXTS:
        return {_TEXTS[suffix]: content.decode("utf-8", "replace").strip()}
    if suffix != ".json":
        return {}
    try:
        facts = json.loads(content)
    except ValueError as error:
        raise RecordError(f"{place}: no JSON ({error})") from error
    if not isinstance(facts, dict):
        raise RecordError(f"{place}: expected an object, found {type(facts).__name__}")
    return facts
