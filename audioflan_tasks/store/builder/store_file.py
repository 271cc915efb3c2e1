"""`store.json`: what a finished build puts there for readers."""

from __future__ import annotations

import json
from collections import Counter
from importlib.metadata import version
from pathlib import Path

import msgspec

from audioflan_tasks.plain_files import read_plain_bytes
from audioflan_tasks.remote import shown_root
from audioflan_tasks.store.builder.stages import (
    AudioResult,
    BuildResult,
    RecordResult,
    TextResult,
)
from audioflan_tasks.store.builder.texts import file_digests
from audioflan_tasks.store.files import UNREADABLE, json_bytes, publish
from audioflan_tasks.store.groups import group_table
from audioflan_tasks.store.layout import FORMAT, STORE_FILE, digest_of
from audioflan_tasks.store.schema import (
    CodeSet,
    Defaults,
    PieceNote,
    ShardEntry,
    SourceFile,
    StoreFile,
    TextSet,
)
from audioflan_tasks.store.sums import BLOCK_BYTES, is_sealed, sealed

__all__ = ["store_facts", "write_store_file"]

_PACKAGES = ("audioflan_tasks", "numpy", "pyarrow", "sentencepiece", "soundfile", "soxr")


def store_facts(store: Path, result: BuildResult) -> StoreFile:
    """What `store.json` is to hold after a build.

    Code sets and texts that earlier builds made of the same records stay.
    """
    records = result.records
    codes: dict[str, CodeSet] = {}
    texts: dict[str, TextSet] = {}
    earlier = _earlier_facts(store)
    if earlier is not None and earlier.manifest == records.digest:
        codes, texts = dict(earlier.codes), dict(earlier.texts)
    if result.audio is not None:
        codes[result.audio.codes.tokenizer.fingerprint] = _code_set(records, result.audio)
    if result.texts is not None:
        texts[result.texts.side.fingerprint] = _text_set(result.texts)
    return StoreFile(
        version=FORMAT,
        source=shown_root(records.root),
        splits=dict(records.splits),
        manifest=records.digest,
        part_bytes=records.part_bytes,
        shards=_shard_entries(records),
        groups=group_table(marker.groups for marker in records.markers),
        files=_source_files(records),
        codes=codes,
        texts=texts,
        default=Defaults(
            result.audio.codes.tokenizer.fingerprint if result.audio else next(iter(codes), ""),
            result.texts.side.fingerprint if result.texts else next(iter(texts), ""),
        ),
        packages={name: version(name) for name in _PACKAGES},
        block_bytes=BLOCK_BYTES,
    )


def write_store_file(store: Path, facts: StoreFile) -> None:
    """Replaces `store.json`: from here on readers see the new units."""
    data = sealed(json_bytes(msgspec.to_builtins(facts)))
    publish(store / STORE_FILE, lambda handle: handle.write(data))


def _earlier_facts(store: Path) -> StoreFile | None:
    """What `store.json` holds now; None where there is none of this format."""
    try:
        data = read_plain_bytes(store / STORE_FILE)
        facts = msgspec.json.decode(data, type=StoreFile)
    except UNREADABLE:
        return None
    return facts if facts.version == FORMAT and is_sealed(data) else None


def _shard_entries(records: RecordResult) -> tuple[ShardEntry, ...]:
    """Shards in the order of the source, with the lines of their files that come before."""
    lines: Counter[str] = Counter()
    entries = []
    for marker in records.markers:
        pieces = marker.source.pieces
        lines_before = {piece.file: lines[piece.file] for piece in pieces if lines[piece.file]}
        entries.append(ShardEntry(marker.unit, lines_before, marker.unseen))
        for piece in pieces:
            lines[piece.file] += piece.lines
    return tuple(entries)


def _source_files(records: RecordResult) -> tuple[SourceFile, ...]:
    """Source files with size and a digest of their content."""
    pieces_of_file: dict[str, list[PieceNote]] = {}
    for marker in records.markers:
        for piece in marker.source.pieces:
            pieces_of_file.setdefault(piece.file, []).append(piece)
    return tuple(
        SourceFile(
            file,
            sum(piece.size for piece in pieces),
            digest_of(piece.sha256 for piece in pieces),
        )
        for file, pieces in pieces_of_file.items()
    )


def _code_set(records: RecordResult, audio: AudioResult) -> CodeSet:
    clips, codes, references = audio.clips, audio.codes, audio.references
    usable = [marker.groups for marker in references.markers]
    is_whole = usable == [marker.groups for marker in records.markers]
    return CodeSet(
        tokenizer=codes.request.tokenizer,
        options=json.loads(codes.request.options),
        sample_rate=codes.tokenizer.sample_rate,
        frame_rate=codes.tokenizer.frame_rate,
        codebook_sizes=tuple(codes.tokenizer.codebook_sizes),
        policy=references.policy,
        imports=codes.request.imports,
        clips_per_bucket=codes.request.clips_per_bucket,
        clips=clips.folder.as_posix(),
        clip_units=tuple(marker.unit for marker in clips.markers),
        codes=codes.folder.as_posix(),
        code_units=tuple(marker.unit for marker in codes.markers),
        refs=references.folder.as_posix(),
        ref_units=tuple(marker.unit for marker in references.markers),
        groups=None if is_whole else group_table(usable),
        frames=sum(marker.frames for marker in codes.markers),
        seconds=round(sum(marker.seconds for marker in codes.markers), 3),
    )


def _text_set(texts: TextResult) -> TextSet:
    digests: dict[str, str] = {}
    for marker in texts.markers:
        digests |= marker.source.tasks
    tasks = dict(sorted(digests.items()))
    return TextSet(
        text=texts.name,
        size=texts.side.size,
        texts=texts.folder.as_posix(),
        text_units=tuple(marker.unit for marker in texts.markers),
        tasks=tasks,
        files=file_digests(tasks),
        ids=sum(marker.ids for marker in texts.markers),
    )
