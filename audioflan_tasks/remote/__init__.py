"""Files of servers, read through fsspec: each becomes a file of a local cache when first used.

A path below the cache stands for one address, `CACHE/remote-files/s3/bucket/key` for
`s3://bucket/key`, whether the file is there yet or not: nothing else has to be sent to a worker.
`plain_files` and `folders` are the doors to this room; other code works with paths.
"""

from __future__ import annotations

from audioflan_tasks.remote.addresses import (
    address_of,
    is_address,
    is_remote,
    shown_root,
    split_roots,
)
from audioflan_tasks.remote.cache import FileCache
from audioflan_tasks.remote.places import (
    RemoteState,
    file_below,
    folder_names,
    open_root,
    remote_state,
    tree_files,
    use_file,
)

__all__ = [
    "FileCache",
    "RemoteState",
    "address_of",
    "file_below",
    "folder_names",
    "is_address",
    "is_remote",
    "open_root",
    "remote_state",
    "shown_root",
    "split_roots",
    "tree_files",
    "use_file",
]
