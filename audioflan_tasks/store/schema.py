"""What a store keeps as JSON: the markers of its units, and `store.json`, which names them.

A unit's `source` is what it was made from: the unit is made again when that changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Generic, Literal, TypeVar

import msgspec

from audioflan_tasks.store.layout import FORMAT

__all__ = [
    "ClipMarker",
    "ClipSource",
    "CodeMarker",
    "CodeSet",
    "CodeSource",
    "Defaults",
    "FileNote",
    "GroupTable",
    "ManifestMarker",
    "ManifestSource",
    "Marker",
    "MissingPolicy",
    "OwnFields",
    "PieceNote",
    "ReferenceMarker",
    "ReferenceSource",
    "RowGroup",
    "ShardEntry",
    "SharedFields",
    "SourceFile",
    "StoreFile",
    "TextMarker",
    "TextSet",
    "TextSource",
    "UnitFiles",
    "UnitName",
    "UnknownTask",
]

MissingPolicy = Literal["error", "skip", "keep"]

_S = TypeVar("_S", bound=msgspec.Struct)


class RowGroup(msgspec.Struct, frozen=True, array_like=True):
    """Task id, split and number of rows that follow each other in a shard; stored as an array."""

    task: str
    split: str
    rows: int


class GroupTable(msgspec.Struct, frozen=True):
    """The groups of all shards in columns (`store.groups`): their (task, split) pairs, and 32-bit
    numbers: how many groups each shard has, and pair and rows of each group."""

    pairs: tuple[tuple[str, str], ...]
    counts: bytes
    numbers: bytes
    rows: bytes


@dataclass(frozen=True, slots=True)
class UnitName:
    """A unit: its folder below the store, and its name without the endings of its files."""

    folder: str
    unit: str


class FileNote(msgspec.Struct, frozen=True):
    """Size in bytes and hex SHA-256 of a file."""

    size: int
    sha256: str


class SharedFields(msgspec.Struct, frozen=True, array_like=True):
    """Fields of a record that have few different values in a file; stored as an array."""

    minor: str
    major: str
    paper_category: str
    unseen: bool
    domain: str
    corpus: str
    vocabulary: str
    source: tuple[str, ...]
    raw: Mapping[str, str]


class OwnFields(msgspec.Struct, frozen=True, array_like=True):
    """Fields that many records lack, as of `Instance`; stored as an array."""

    other: Mapping[str, Any] = {}
    audio_path: tuple[str, ...] = ()
    audio_start: float | None = None
    audio_end: float | None = None


class UnitFiles(msgspec.Struct, frozen=True, kw_only=True):
    """A unit's name, and its files by suffix."""

    unit: str = ""
    files: dict[str, FileNote] = {}


class Marker(UnitFiles, Generic[_S], frozen=True, kw_only=True):
    """What the marker of any unit holds."""

    source: _S


class PieceNote(msgspec.Struct, frozen=True):
    """A piece of a source file: bytes, hex SHA-256 and lines."""

    file: str
    size: int
    sha256: str
    lines: int


class ManifestSource(msgspec.Struct, frozen=True, kw_only=True):
    """What a manifest shard is made from, and what unknown words for splits mean in it.

    `vocabularies` has by source file and task the vocabularies that labels of a file show.
    """

    pieces: tuple[PieceNote, ...]
    splits: dict[str, str] = {}
    vocabularies: dict[str, dict[str, str]] = {}
    format: int = FORMAT


class UnknownTask(msgspec.Struct, frozen=True):
    """Names of a task that the catalogue does not have, and how many records have them."""

    minor: str
    major: str
    domain: str
    records: int


class ManifestMarker(Marker[ManifestSource], frozen=True, kw_only=True):
    """A manifest shard: its rows by group, how many audio ids it names, what was repaired.

    `repairs` and `problems` count by kind, `unseen` the records that say `unseen: true`.
    `tasks` has a digest of what records are read by in the catalogue's row, by task.
    """

    groups: tuple[RowGroup, ...]
    records: int
    clips: int
    repairs: dict[str, int]
    problems: dict[str, int]
    unknown: tuple[UnknownTask, ...]
    tasks: dict[str, str] = {}
    unseen: int


class ClipSource(msgspec.Struct, frozen=True, kw_only=True):
    """What a bucket of the clip table is made from: digests of its ids and of their files."""

    bits: int
    clips: str
    identity: str
    format: int = FORMAT


class ClipMarker(Marker[ClipSource], frozen=True, kw_only=True):
    """A bucket of the clip table, and how many of its ids lead to audio."""

    ok: int
    missing: int
    failed: int


class CodeSource(msgspec.Struct, frozen=True, kw_only=True):
    """What a code bucket is made from: the tokenizer, and a digest of the clips' contents."""

    bits: int
    tokenizer: str
    clips: str
    format: int = FORMAT


class CodeMarker(Marker[CodeSource], frozen=True, kw_only=True):
    """A code bucket; `failed` are the contents that could not be encoded."""

    failed: tuple[str, ...]
    count: int
    frames: int
    seconds: float


class ReferenceSource(msgspec.Struct, frozen=True, kw_only=True):
    """What a shard's references are made from: digests of its rows and of the buckets used."""

    manifest: str
    policy: MissingPolicy
    tables: str
    codes: str
    format: int = FORMAT


class ReferenceMarker(Marker[ReferenceSource], frozen=True, kw_only=True):
    """A shard's references; `groups` count the rows that can be used."""

    spans: int
    without_audio: int
    groups: tuple[RowGroup, ...]


class TextSource(msgspec.Struct, frozen=True, kw_only=True):
    """What a shard's texts are made from: its rows, the text side, and the rows of the catalogue.

    `tasks` has for each task of the shard the digest of its catalogue row
    (`preprocessors.catalogue_digest`).
    """

    manifest: str
    text: str
    tasks: dict[str, str]
    format: int = FORMAT


class TextMarker(Marker[TextSource], frozen=True, kw_only=True):
    """A shard's texts, and how many ids they are."""

    ids: int
    texts: int


class SourceFile(msgspec.Struct, frozen=True):
    """A file of the source: bytes, and a digest of its content."""

    file: str
    size: int
    digest: str


class ShardEntry(msgspec.Struct, frozen=True):
    """A manifest shard; `before` has for its source files the lines that precede the shard's.

    `unseen` is as of `ManifestMarker`.
    """

    unit: str
    before: dict[str, int]
    unseen: int


class CodeSet(msgspec.Struct, frozen=True, kw_only=True):
    """Codes of one tokenizer. Folders are relative to the store; units are by bucket or shard.

    `groups` are those of the rows that can be used, None where all can.
    """

    tokenizer: str
    options: dict[str, Any]
    sample_rate: int
    frame_rate: float
    codebook_sizes: tuple[int, ...]
    policy: MissingPolicy
    imports: tuple[str, ...]
    clips_per_bucket: int
    clips: str
    clip_units: tuple[str, ...]
    codes: str
    code_units: tuple[str, ...]
    refs: str
    ref_units: tuple[str, ...]
    groups: GroupTable | None
    frames: int
    seconds: float

    @property
    def units(self) -> list[UnitName]:
        """All units of the set."""
        return [
            *(UnitName(self.clips, unit) for unit in self.clip_units),
            *(UnitName(self.codes, unit) for unit in self.code_units),
            *(UnitName(self.refs, unit) for unit in self.ref_units),
        ]

    @property
    def code_folder(self) -> str:
        """The folder of all codes of the tokenizer, whatever the number of buckets."""
        return str(PurePosixPath(self.codes).parent)

    def summary(self) -> dict[str, Any]:
        """The fields without folders and units, ready for JSON."""
        return _without(self, "clips", "refs", "groups")


class TextSet(msgspec.Struct, frozen=True, kw_only=True):
    """Ids of one text side; `tasks` as of `TextSource`, of all shards.

    `files` has for each task the `file_digest` that goes with its digest in `tasks`; it
    is empty in stores of before there were any.
    """

    text: str
    size: int
    texts: str
    text_units: tuple[str, ...]
    tasks: dict[str, str]
    files: dict[str, str] = {}
    ids: int

    @property
    def units(self) -> list[UnitName]:
        """All units of the set."""
        return [UnitName(self.texts, unit) for unit in self.text_units]

    def summary(self) -> dict[str, Any]:
        """The fields without folders and units, ready for JSON."""
        return _without(self, "texts", "tasks", "files")


class Defaults(msgspec.Struct, frozen=True):
    """Fingerprints of the codes and texts that were built last; "" for none."""

    codes: str
    text: str


class StoreFile(msgspec.Struct, frozen=True, kw_only=True):
    """`store.json`: what the store was made from, and the units that make it up.

    `codes` are by fingerprint of the tokenizer, `texts` by that of the text side; `splits` says
    what unknown words for splits mean. `block_bytes` is the size of the blocks that have checksums
    (`store.sums`).
    """

    version: int
    source: str
    splits: dict[str, str]
    manifest: str
    part_bytes: int
    shards: tuple[ShardEntry, ...]
    groups: GroupTable
    files: tuple[SourceFile, ...]
    codes: dict[str, CodeSet]
    texts: dict[str, TextSet]
    default: Defaults
    packages: dict[str, str]
    block_bytes: int

    @property
    def units(self) -> list[UnitName]:
        """All units of the store."""
        return [
            *(UnitName("manifest", shard.unit) for shard in self.shards),
            *(unit for codes in self.codes.values() for unit in codes.units),
            *(unit for texts in self.texts.values() for unit in texts.units),
        ]


def _without(fields: msgspec.Struct, *names: str) -> dict[str, Any]:
    """The fields as built-in values, without these names and those of units."""
    values = msgspec.to_builtins(fields)
    return {k: v for k, v in values.items() if not k.endswith("_units") and k not in names}
