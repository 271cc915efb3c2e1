"""What is asked of a server: the state of a file, what a folder holds, and a file's bytes.

Each request is tried several times. What fails for good is one error that names the address.
"""

from __future__ import annotations

import errno
import hashlib
import logging
import os
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote

from audioflan_tasks.errors import MissingExtraError, RemoteError
from audioflan_tasks.remote.addresses import is_web, joined, protocol_of

__all__ = ["FolderNames", "RemoteState", "download", "list_folder", "list_tree", "read_state"]

_LOG = logging.getLogger("audioflan_tasks")
_T = TypeVar("_T")

# Seconds between the tries of one request.
PAUSES_S: tuple[float, ...] = (0.5, 1.0, 2.0, 4.0)
# A server of the web that sends nothing for so long has failed. (Other clients have their own.)
SILENCE_S = 60.0

_PACKAGES = {"s3": "s3fs", "gs": "gcsfs", "gcs": "gcsfs", "hf": "huggingface_hub"}
# What changes with a file, likeliest first: one of them, the same from a listing as of the file.
_VERSIONS = (
    "ETag", "etag", "generation", "blob_id", "Last-Modified", "LastModified", "mtime", "created",
)  # fmt: skip
_CREDENTIALS = ("NoCredentialsError", "PartialCredentialsError", "NoAuthTokenError")
_FULL_DISK = (errno.ENOSPC, errno.EDQUOT)
_ABSENT = (404, 410)
_NOT_FOR_GOOD = (408, 425, 429)


@dataclass(frozen=True, slots=True)
class RemoteState:
    """Size in bytes of a file, None where the server does not say, and a text that changes when
    the file does, "" where there is none."""

    size: int | None
    version: str

    @property
    def changed_ns(self) -> int:
        """What stands for the version as a file's time of change, in ns since 1970."""
        digest = hashlib.blake2b(self.version.encode(), digest_size=8).digest()
        return int.from_bytes(digest) % (2**31 * 10**9)


@dataclass(frozen=True, slots=True)
class FolderNames:
    """Names of the folders and files in a folder, sorted."""

    folders: tuple[str, ...]
    files: tuple[str, ...]


def read_state(address: str) -> RemoteState:
    """The state of a file now.

    Raises:
      FileNotFoundError: there is no such file.
      RemoteError: the server cannot be asked.
    """
    info = _request(address, "looked at", lambda fs, path: fs.info(path))
    if info["type"] != "file" or (is_web(address) and _is_page(info)):
        raise _no_file(address)
    return _state_of(info)


def list_folder(address: str) -> FolderNames:
    """What a folder holds.

    Raises:
      FileNotFoundError: there is no such folder, or over http no list of what it holds.
      RemoteError: the server cannot be asked.
    """
    end = "/" if is_web(address) else ""
    base, infos = _request(
        address, "listed", lambda fs, path: (path, fs.ls(path + end, detail=True))
    )
    folders: set[str] = set()
    files: set[str] = set()
    for name, info in _below(address, base, infos):
        if "/" not in name:
            (folders if info["type"] == "directory" else files).add(name)
    if not folders and not files:
        raise _no_file(address)
    return FolderNames(tuple(sorted(folders)), tuple(sorted(files)))


def list_tree(address: str) -> dict[str, RemoteState | None]:
    """Files at all depths below a folder by path; their states where the listing has them.

    Raises:
      As `list_folder`.
    """
    if is_web(address):
        return dict.fromkeys(_walk_pages(address))
    base, infos = _request(
        address, "listed", lambda fs, path: (path, fs.find(path, detail=True).values())
    )
    files: dict[str, RemoteState | None] = {
        name: _state_of(info)
        for name, info in _below(address, base, infos)
        if info["type"] == "file" and not info["name"].endswith("/")
    }
    if not files:
        raise _no_file(address)
    return files


def download(address: str, path: Path, size: int | None) -> None:
    """Writes a file's bytes, `size` of them unless it is None, to a local path.

    A file that has another size by now is written as it is.

    Raises:
      As `read_state`. What was written then is no more than a part.
    """
    _LOG.info("%s: is fetched (%s bytes)", address, "?" if size is None else f"{size:,}")
    _request(address, "fetched", lambda fs, name: _fetch(fs, name, path, size))


def _fetch(fs: Any, name: str, path: Path, size: int | None) -> None:
    fs.get_file(name, str(path))
    count = path.stat().st_size
    if size not in (None, count) and fs.info(name).get("size") != count:
        raise ConnectionError(f"{count:,} of {size:,} bytes came")


def _request(address: str, action: str, ask: Callable[[Any, str], _T]) -> _T:
    """What `ask` gives for the file system of an address and its path there."""
    pauses = iter(PAUSES_S)
    while True:
        try:
            return ask(*_file_system(address))
        except MissingExtraError:
            raise
        except Exception as failure:
            error = _cause_of(address, failure)
            if getattr(error, "errno", None) in _FULL_DISK:
                raise
            if _is_absence(error):
                raise _no_file(address) from failure
            pause = next(pauses, None)
            if pause is None or _is_final(error):
                raise RemoteError(_failure_text(address, action, error)) from failure
            _LOG.info("%s: %s; it is tried again", address, _reason(error))
            time.sleep(pause)


def _file_system(address: str) -> tuple[Any, str]:
    protocol = protocol_of(address)
    try:
        from fsspec.core import url_to_fs

        # Listings of its own would hide what has changed.
        options: dict[str, Any] = {"use_listings_cache": False}
        if is_web(address):
            options |= _web_options(protocol)
        file_system, path = url_to_fs(address, **options)
    except ImportError as error:
        package = getattr(error, "name", None) or _PACKAGES.get(protocol, "aiohttp")
        raise MissingExtraError(package, "remote", f"reading {address}") from error
    return file_system, path


def _web_options(protocol: str) -> Mapping[str, Any]:
    """A limit of the silence instead of one of five minutes for a whole file."""
    from aiohttp import ClientTimeout
    from fsspec.config import conf

    timeout = ClientTimeout(total=None, sock_connect=SILENCE_S, sock_read=SILENCE_S)
    return {
        "client_kwargs": {"timeout": timeout, **conf.get(protocol, {}).get("client_kwargs", {})}
    }


def _state_of(info: Mapping[str, Any]) -> RemoteState:
    version = next((info[name] for name in _VERSIONS if info.get(name) is not None), "")
    # A time is written one way in a listing and another way of a file.
    text = version.timestamp() if isinstance(version, datetime) else version
    return RemoteState(info.get("size"), str(text))


def _below(
    address: str, base: str, infos: Iterable[Mapping[str, Any]]
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Infos by name relative to the folder; of the web no links to elsewhere or with a query."""
    start = base.rstrip("/") + "/"
    for info in infos:
        name = info["name"].removeprefix(start).rstrip("/")
        is_below = info["name"].startswith(start) and ".." not in name.split("/")
        if is_web(address):
            is_below = is_below and not re.search("[?#]", name)
            name = unquote(name)
        if name and is_below:
            yield name, info


def _walk_pages(address: str) -> Iterator[str]:
    names = list_folder(address)
    yield from names.files
    for folder in names.folders:
        try:
            yield from (f"{folder}/{name}" for name in _walk_pages(joined(address, folder)))
        except FileNotFoundError:
            continue


def _is_page(info: Mapping[str, Any]) -> bool:
    """Whether it is a folder's page, to which servers lead on, or one that says what is wrong."""
    return str(info.get("url", "")).endswith("/") or info.get("mimetype") == "text/html"


def _no_file(address: str) -> FileNotFoundError:
    return FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), address)


def _cause_of(address: str, failure: Exception) -> Exception:
    """What went wrong: fsspec's client of the web says of any failure that there is no file."""
    cause = failure.__cause__ if is_web(address) else None
    return cause if isinstance(cause, Exception) else failure


def _is_absence(error: Exception) -> bool:
    kinds = (FileNotFoundError, NotADirectoryError, IsADirectoryError)
    return isinstance(error, kinds) or _status_of(error) in _ABSENT


def _is_final(error: Exception) -> bool:
    """Whether another try would fail the same way."""
    is_refusal = 400 <= _status_of(error) < 500 and _status_of(error) not in _NOT_FOR_GOOD
    is_denial = isinstance(error, PermissionError) or type(error).__name__ in _CREDENTIALS
    return is_refusal or is_denial


def _status_of(error: Exception) -> int:
    """The status of an answer over http; 0 of other failures."""
    status = getattr(error, "status", 0)
    return status if isinstance(status, int) else 0


def _failure_text(address: str, action: str, error: Exception) -> str:
    if _is_final(error):
        advice = "check the address, and the credentials that its client reads (docs/remote.md)"
    else:
        advice = (
            f"tried {len(PAUSES_S) + 1} times; check the connection and run it again: what was "
            "fetched is kept"
        )
    return f"{address}: cannot be {action} ({_reason(error)}); {advice}"


def _reason(error: Exception) -> str:
    """What an error says, in one line."""
    status, message = _status_of(error), getattr(error, "message", "")
    text = f"status {status} {message}" if status else str(error) or type(error).__name__
    return " ".join(text.split())
