"""Names and array layouts of a store: where things are, and how they are keyed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.errors import StoreError

__all__ = [
    "CLIP",
    "FAILED",
    "FORMAT",
    "LENGTHS",
    "MISSING",
    "OK",
    "ORDER",
    "REF",
    "ROW",
    "STORE_FILE",
    "TEXT_SLICE",
    "bucket_bits",
    "bucket_name",
    "bucket_of",
    "checked_ends",
    "digest_of",
    "folder_of",
    "key_of",
]

# Goes up whenever files of an older package could be misread.
FORMAT = 7
STORE_FILE = "store.json"

OK, MISSING, FAILED = 0, 1, 2

# A clip of a code bucket, by content: where its codes begin and how many there are, in frames.
CLIP = np.dtype(
    [("key", "<u8"), ("start", "<i8"), ("frames", "<i4"), ("seconds", "<f4"), ("status", "u1")]
)
# Items of a shard end in a check of what they hold (`store.item_checks`).
# An audio span of a row: the same, with the bucket; bucket -1 is audio without codes.
REF = np.dtype([("start", "<i8"), ("frames", "<i4"), ("bucket", "<i4"), ("check", "<u4")])
# A row that can be used, where some cannot.
ORDER = np.dtype([("place", "<u4"), ("check", "<u4")])
# A text of a row: where its ids begin, and how many there are.
TEXT_SLICE = np.dtype([("start", "<u4"), ("size", "<u4"), ("check", "<u4")])
# What examples of a row are made with, side by side so that one page of a disk has it all: the key
# that its instruction is drawn by, keys of the outlines of its prompt and of its own words (0 where
# they are not known), its first text and its first audio span among those of the shard, how many
# texts are of instruction, input and output, and how many of them of the first two.
ROW = np.dtype(
    [("key", "<u8"), ("prompt", "<u8"), ("layout", "<u8"), ("text", "<u4"), ("span", "<u4"),
     ("pieces", "<u4"), ("inputs", "<u4"), ("check", "<u4")]
)  # fmt: skip
# A row's own texts in ids, and its audio in frames and in seconds, on either side; the
# instruction counts apart, as pools replace it.
LENGTHS = np.dtype(
    [("text_instruction", "<i4"), ("text_in", "<i4"), ("text_out", "<i4"), ("frames_in", "<i4"),
     ("frames_out", "<i4"), ("seconds_in", "<f4"), ("seconds_out", "<f4")]
)  # fmt: skip


def key_of(name: str) -> int:
    """64-bit key of an audio id or of a content digest."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little")


def digest_of(parts: Iterable[str]) -> str:
    """One hex digest of many texts, in order."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.encode("utf-8", "surrogatepass") + b"\0")
    return digest.hexdigest()


def bucket_bits(clips: int, per_bucket: int) -> int:
    """How many leading bits of a key name its bucket, for that many clips."""
    return max(0, (max(1, -(-clips // per_bucket)) - 1).bit_length())


def bucket_of(key: int, bits: int) -> int:
    """The bucket of a key."""
    return key >> (64 - bits) if bits else 0


def bucket_name(bucket: int) -> str:
    """Stem of a bucket's files."""
    return f"{bucket:06d}"


def folder_of(kind: str, fingerprint: str) -> Path:
    """Folder of what depends on a fingerprint, relative to the store."""
    safe = "".join(c if c.isalnum() or c in "_-." else "_" for c in fingerprint)
    return Path(kind) / safe


def checked_ends(sizes: Sequence[int]) -> NDArray[np.int64]:
    """Where items of these sizes begin one after another, and where the last ends [n + 1].

    Raises:
      StoreError: a `TEXT_SLICE` cannot say it.
    """
    ends = np.cumsum([0, *sizes], dtype=np.int64)
    if ends[-1] >= 2**32:
        raise StoreError(
            f"a unit of {len(sizes):,} texts and {ends[-1]:,} of their parts is too large; build "
            "with a smaller part_bytes"
        )
    return ends
