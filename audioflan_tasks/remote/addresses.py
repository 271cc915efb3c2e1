"""Addresses such as `s3://bucket/corpus`, and the local places that stand for them."""

from __future__ import annotations

import os
import re
from pathlib import Path
from urllib.parse import quote, unquote

from audioflan_tasks.errors import SettingsError

__all__ = [
    "CACHE_FOLDER", "PROTOCOLS", "address_of", "is_address", "is_remote", "is_web", "joined",
    "place_of", "protocol_of", "shown_root", "split_roots",
]  # fmt: skip

PROTOCOLS = ("s3", "gs", "gcs", "hf", "http", "https", "memory")
CACHE_FOLDER = "remote-files"

_MARK = f"/{CACHE_FOLDER}/"
# `Path` and command lines make `s3:/bucket` of `s3://bucket`; no local path begins so.
_ADDRESS = re.compile(rf"({'|'.join(PROTOCOLS)}):/+(.*)", re.DOTALL)


def is_address(root: str | os.PathLike[str]) -> bool:
    """Whether a root is an address, also one that `Path` took a slash from."""
    return _ADDRESS.fullmatch(os.fspath(root)) is not None


def is_remote(path: str | os.PathLike[str]) -> bool:
    """Whether a local path stands for a file or folder of a server."""
    return _MARK in os.fspath(path) and address_of(path) is not None


def is_web(address: str) -> bool:
    """Whether an address is of the web, where folders need not have a listing."""
    return protocol_of(address) in ("http", "https")


def protocol_of(address: str) -> str:
    """What stands before the `://`."""
    return address.partition(":")[0]


def place_of(address: str | os.PathLike[str], cache_dir: Path) -> Path:
    """The local path that stands for an address.

    Raises:
      SettingsError: the address names no server or bucket, climbs with `..`, or has a query.
    """
    text = os.fspath(address)
    match = _ADDRESS.fullmatch(text)
    protocol, key = match.groups() if match else ("", "")
    is_of_web = protocol in ("http", "https")
    parts = [part for part in (unquote(key) if is_of_web else key).split("/") if part != "."]
    if not any(parts) or ".." in parts or (is_of_web and re.search("[?#]", key)):
        raise SettingsError(
            f"{text}: not a usable address; expected PROTOCOL://SERVER/PATH without .., ? and #, "
            f"with one of {', '.join(PROTOCOLS)}"
        )
    return Path(cache_dir.absolute(), CACHE_FOLDER, protocol, *filter(None, parts))


def address_of(path: str | os.PathLike[str]) -> str | None:
    """The address that a local path stands for; None for a path that is only local."""
    _, mark, tail = os.fspath(path).partition(_MARK)
    protocol, _, key = tail.partition("/")
    if not mark or protocol not in PROTOCOLS:
        return None
    return f"{protocol}://{quote(key, safe='/:@') if protocol in ('http', 'https') else key}"


def joined(address: str, name: str) -> str:
    """The address of what has that name in a folder."""
    return f"{address}/{quote(name) if is_web(address) else name}"


def shown_root(path: str | os.PathLike[str]) -> str:
    """A root as people write it: the address that it stands for, or the path."""
    return address_of(path) or os.fspath(path)


def split_roots(text: str) -> list[str]:
    """Roots with `os.pathsep` between them; the colon of an address separates nothing."""
    roots: list[str] = []
    for part in text.split(os.pathsep):
        is_rest = roots and (roots[-1] in PROTOCOLS or _is_port(roots[-1], part))
        if is_rest:
            roots[-1] += os.pathsep + part
        else:
            roots.append(part)
    return roots


def _is_port(root: str, part: str) -> bool:
    """Whether what follows a colon is the port of the server before it."""
    server = re.fullmatch(r"https?:/+([^/:]+)", root)
    return server is not None and re.match(r"\d+(/|$)", part) is not None
