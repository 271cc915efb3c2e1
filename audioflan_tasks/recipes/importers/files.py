"""Which files of a folder are of a format: by their endings, in capitals or compressed too."""

from __future__ import annotations

from collections.abc import Container, Iterator
from pathlib import Path

from audioflan_tasks.records.tree import refuse_copies
from audioflan_tasks.unpacked import plain_name

__all__ = ["ending_of", "files_ending", "visible_files"]


def ending_of(path: Path) -> str:
    """The ending of a name in small letters, without the one that says how it is compressed."""
    return Path(plain_name(path.name)).suffix.lower()


def visible_files(root: Path, endings: Container[str], pattern: str = "*") -> Iterator[Path]:
    """The files of a folder that end so. Names that begin with a dot are of tools and systems."""
    for path in root.glob(pattern):
        parts = path.relative_to(root).parts
        is_hidden = any(part.startswith(".") for part in parts)
        if ending_of(path) in endings and not is_hidden and path.is_file():
            yield path


def files_ending(path: Path, endings: Container[str], pattern: str = "*") -> list[Path]:
    """The file itself, or those of a folder that end so, sorted.

    Raises:
      RecordError: a file and its compressed copy stand side by side.
    """
    if path.is_file():
        return [path]
    files = sorted(visible_files(path, endings, pattern))
    refuse_copies(files)
    return files
