"""Local paths that stand for files and folders of servers: what is there, and their bytes.

A process sees one version of each file: that of when it first asked for it, until the root is
opened anew. What has changed since is an error, never a mixture of both.
"""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from audioflan_tasks.errors import RemoteError
from audioflan_tasks.remote.addresses import address_of, place_of
from audioflan_tasks.remote.cache import cache_of
from audioflan_tasks.remote.servers import (
    FolderNames,
    RemoteState,
    download,
    list_folder,
    list_tree,
    read_state,
)

__all__ = [
    "Check", "RemoteState", "file_below", "folder_names", "open_root", "remote_state",
    "tree_files", "use_file",
]  # fmt: skip

# Says what is wrong with the bytes in a local file that are to be those of a place; "" if nothing.
Check = Callable[[Path, Path], str]

_TRIES = 5
# Of most corpora all records; beyond, a state is asked for again.
_MOST_STATES = 2**16
_states: dict[str, RemoteState | None] = {}
_folders: dict[str, FolderNames] = {}


def open_root(root: str | os.PathLike[str], cache_dir: Path, most_bytes: int | None) -> Path:
    """The local place of a root; what this process knew of it is forgotten.

    Args:
      most_bytes: the most bytes in the cache, from now on; None leaves it as it is.

    Raises:
      SettingsError: it is no usable address.
      RemoteError: the cache cannot be written.
    """
    place = place_of(root, cache_dir)
    if most_bytes is not None:
        cache_of(place).set_most_bytes(most_bytes)
    _forget(_states, place)
    _forget(_folders, place)
    return place


def remote_state(place: Path) -> RemoteState:
    """Size and version of a file, as this process first saw them.

    Raises:
      FileNotFoundError: there is no such file.
      RemoteError: the server cannot be asked.
    """
    key = str(place)
    if key not in _states:
        _remember({key: _state_now(place)})
    state = _states[key]
    if state is None:
        raise _no_file(place)
    return state


def folder_names(place: Path) -> FolderNames:
    """What a folder holds, as this process first saw it.

    Raises:
      FileNotFoundError: there is no such folder.
      RemoteError: the server cannot be asked.
    """
    key = str(place)
    if key not in _folders:
        _folders[key] = list_folder(_address(place))
    return _folders[key]


def tree_files(place: Path) -> list[str]:
    """Paths relative to a folder of all files below it, sorted.

    Raises:
      As `folder_names`.
    """
    states = list_tree(_address(place))
    if len(states) < _MOST_STATES:
        _remember({str(place / name): state for name, state in states.items() if state is not None})
    return sorted(states)


@contextlib.contextmanager
def use_file(place: Path, check: Check | None = None) -> Iterator[None]:
    """Fetches a file unless it is there; until the end of the block it can be opened.

    Args:
      check: of a file that never changes under its name: looks at what was fetched, and the
        server is not asked about one that is there.

    Raises:
      FileNotFoundError: there is no such file.
      RemoteError: it cannot be fetched, or has changed since this process first saw it.
    """
    cache = cache_of(place)
    for _ in range(_TRIES):
        with cache.opening(place) as is_there:
            if is_there and (check is not None or cache.holds(place, remote_state(place))):
                yield
                return
        cache.add(place, remote_state(place), lambda path: _fetch(place, path, check))
    raise RemoteError(
        f"{_address(place)}: was removed from the cache {cache.folder} {_TRIES} times before it "
        f"could be opened; raise its bound ({cache.most_bytes:,} bytes): "
        "AUDIOFLAN_REMOTE_CACHE_BYTES"
    )


def file_below(place: Path) -> bool:
    """Whether there is a file of that name."""
    try:
        remote_state(place)
    except FileNotFoundError:
        return False
    return True


def _fetch(place: Path, path: Path, check: Check | None) -> None:
    """Writes all bytes of a file, which is the same before and after."""
    address, state, fault = _address(place), remote_state(place), ""
    for _ in range(_TRIES):
        if not _download(address, path, state) or _state_now(place) != state:
            raise RemoteError(
                f"{address}: has changed since this process first saw it; open the corpus or "
                "store again"
            )
        fault = check(path, place) if check is not None else ""
        if not fault:
            return
    raise RemoteError(f"{address}: {fault}, {_TRIES} times; is the copy there whole?")


def _download(address: str, path: Path, state: RemoteState) -> bool:
    """Writes the bytes of a file; whether there is one."""
    try:
        download(address, path, state.size)
    except FileNotFoundError:
        return False
    return True


def _state_now(place: Path) -> RemoteState | None:
    try:
        return read_state(_address(place))
    except FileNotFoundError:
        return None


def _remember(states: Mapping[str, RemoteState | None]) -> None:
    if len(_states) + len(states) > _MOST_STATES:
        _states.clear()
    _states.update(states)


def _forget(memory: dict[str, Any], place: Path) -> None:
    for key in [key for key in memory if f"{key}/".startswith(f"{place}/")]:
        del memory[key]


def _address(place: Path) -> str:
    address = address_of(place)
    if address is None:
        raise RemoteError(f"{place}: stands for no address")
    return address


def _no_file(place: Path) -> FileNotFoundError:
    return FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), _address(place))
