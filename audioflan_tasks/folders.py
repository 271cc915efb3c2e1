"""Folders of a corpus, on this machine or on a server."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path

from audioflan_tasks.remote import folder_names, is_remote, tree_files

__all__ = ["FolderEntry", "files_in", "is_folder", "subfolders", "walk"]

# A folder, and the names of its folders and of its files, as `os.walk` gives them.
FolderEntry = tuple[str, list[str], list[str]]


def is_folder(path: Path) -> bool:
    """Whether a path leads to a folder; one of a server holds something."""
    if not is_remote(path):
        return path.is_dir()
    try:
        return bool(folder_names(path))
    except FileNotFoundError:
        return False


def subfolders(folder: Path) -> list[Path]:
    """The folders in a folder, sorted; none where it is not there."""
    return sorted(Path(parent, name) for parent, names, _ in _top(folder) for name in names)


def files_in(folder: Path, suffix: str) -> list[Path]:
    """The files in a folder whose names end so, sorted; none where it is not there."""
    return sorted(
        Path(parent, name)
        for parent, _, names in _top(folder)
        for name in names
        if name.endswith(suffix)
    )


def walk(folder: Path, onerror: Callable[[OSError], object] | None = None) -> Iterator[FolderEntry]:
    """As `os.walk`: folders that the caller takes out of a list of folders are not gone into.

    Of a server one listing is asked for each folder at the top.
    """
    if not is_remote(folder):
        yield from os.walk(folder, onerror=onerror)
        return
    for parent, folders, files in _top(folder):
        yield parent, folders, files
        for name in folders:
            yield from _walk_names(folder / name, tree_files(folder / name))


def _top(folder: Path) -> Iterator[FolderEntry]:
    """The first entry of a walk; nothing where the folder is not there."""
    if not is_remote(folder):
        yield from islice(os.walk(folder), 1)
        return
    try:
        names = folder_names(folder)
    except FileNotFoundError:
        return
    yield str(folder), list(names.folders), list(names.files)


def _walk_names(folder: Path, paths: Iterable[str]) -> Iterator[FolderEntry]:
    """A walk over paths of files below a folder."""
    files: list[str] = []
    paths_below: defaultdict[str, list[str]] = defaultdict(list)
    for path in paths:
        name, _, rest = path.partition("/")
        if rest:
            paths_below[name].append(rest)
        else:
            files.append(name)
    folders = sorted(paths_below)
    yield str(folder), folders, files
    for name in folders:
        yield from _walk_names(folder / name, paths_below[name])
