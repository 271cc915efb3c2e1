"""The stages of a build: records, clip table, codes, references, texts.

Each runs its units of work and gives one frozen result; the next stages and `store.json` are
made from these.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

import msgspec

from audioflan_tasks.errors import StoreError
from audioflan_tasks.runners import Runner, WorkerDiedError
from audioflan_tasks.store.builder.clips import build_clips
from audioflan_tasks.store.builder.codes import CodeJob, FailedClip
from audioflan_tasks.store.builder.crash_recovery import run_codes
from audioflan_tasks.store.builder.manifest import ShardRef, build_manifest
from audioflan_tasks.store.builder.partitions import parts_of
from audioflan_tasks.store.builder.references import ReferenceJob, build_references
from audioflan_tasks.store.builder.sources import AudioSource, tokenizer_of
from audioflan_tasks.store.builder.texts import build_texts
from audioflan_tasks.store.layout import OK, bucket_bits, digest_of, folder_of
from audioflan_tasks.store.schema import (
    ClipMarker,
    CodeMarker,
    ManifestMarker,
    MissingPolicy,
    ReferenceMarker,
    TextMarker,
)
from audioflan_tasks.store.tables import open_table
from audioflan_tasks.tokens import AudioTokenizer
from audioflan_tasks.tokens.text import text_side
from audioflan_tasks.tokens.text_protocol import TextSide

__all__ = [
    "AudioRequest",
    "AudioResult",
    "BuildResult",
    "ClipResult",
    "CodeResult",
    "Progress",
    "RecordResult",
    "ReferenceResult",
    "StageRunner",
    "TextResult",
    "run_clip_stage",
    "run_code_stage",
    "run_record_stage",
    "run_reference_stage",
    "run_text_stage",
]

# Every shard of references opens the index of every bucket, so there are at most 4,096.
_MOST_BITS = 12
# Some seconds of work, so that a few ten thousand clips are shared by several workers.
_CLIPS_PER_TABLE = 16_384
_EXAMPLES = 5

_M = TypeVar("_M")


class Progress(Protocol):
    """Called after each unit: stage, units done and in all, and the amount so far in `unit`s."""

    def __call__(self, stage: str, done: int, total: int, amount: float, unit: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Stage(Generic[_M]):
    """Name of a stage, what it counts, and how much of that a marker has."""

    name: str
    unit: str
    amount: Callable[[_M], float]


_RECORDS: Stage[ManifestMarker] = Stage("records", "records", lambda marker: marker.records)
_CLIPS: Stage[ClipMarker] = Stage("audio files", "clips", lambda marker: marker.ok)
_CODES: Stage[CodeMarker] = Stage("codes", "s of audio", lambda marker: marker.seconds)
_REFERENCES: Stage[ReferenceMarker] = Stage("references", "spans", lambda marker: marker.spans)
_TEXTS: Stage[TextMarker] = Stage("texts", "ids", lambda marker: marker.ids)


@dataclass(frozen=True, slots=True)
class AudioRequest:
    """The tokenizer of a build by name and options as JSON, and the size of a code bucket."""

    tokenizer: str
    options: str
    imports: tuple[str, ...]
    clips_per_bucket: int


@dataclass(frozen=True, slots=True)
class RecordResult:
    """The manifest shards, in the order of the source."""

    root: Path
    part_bytes: int
    splits: Mapping[str, str]
    markers: tuple[ManifestMarker, ...]
    shards: tuple[ShardRef, ...]

    @property
    def digest(self) -> str:
        """Changes whenever a manifest shard does."""
        return digest_of(marker.unit for marker in self.markers)

    @property
    def clips(self) -> int:
        """Audio ids; one that several shards name counts several times.

        Only the size of units depends on it.
        """
        return sum(marker.clips for marker in self.markers)


@dataclass(frozen=True, slots=True)
class ClipResult:
    """The clip table, by bucket; `folder` is relative to the store, `stems` are whole paths."""

    folder: Path
    bits: int
    markers: tuple[ClipMarker, ...]
    stems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CodeResult:
    """The codes, by bucket; `folder` is relative to the store, `stems` are whole paths."""

    request: AudioRequest
    tokenizer: AudioTokenizer
    folder: Path
    bits: int
    markers: tuple[CodeMarker, ...]
    stems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReferenceResult:
    """The references, by shard; `folder` is relative to the store."""

    policy: MissingPolicy
    folder: Path
    markers: tuple[ReferenceMarker, ...]


@dataclass(frozen=True, slots=True)
class TextResult:
    """The texts, by shard; `folder` is relative to the store."""

    name: str
    side: TextSide
    folder: Path
    markers: tuple[TextMarker, ...]


@dataclass(frozen=True, slots=True)
class AudioResult:
    """The results of the three stages that need audio."""

    clips: ClipResult
    codes: CodeResult
    references: ReferenceResult


@dataclass(frozen=True, slots=True)
class BuildResult:
    """The results of all stages of a build; None for what it left out."""

    records: RecordResult
    audio: AudioResult | None
    texts: TextResult | None


class StageRunner:
    """Runs the units of a stage and reports progress; `build` is a word for this build alone."""

    def __init__(self, runner: Runner, progress: Progress | None) -> None:
        self.runner = runner
        self.build = secrets.token_hex(4)
        self._progress = progress

    def run(
        self, stage: Stage[_M], function: Callable[..., _M], units: Sequence[tuple[Any, ...]]
    ) -> tuple[_M, ...]:
        """`function(*unit)` of all units, in order.

        Raises:
          StoreError: a worker was killed.
        """
        markers: dict[int, _M] = {}
        report = self.counter(stage)

        def finish(number: int, marker: _M) -> None:
            markers[number] = marker
            report(len(units), marker)

        try:
            self.runner.run(function, units, finish)
        except WorkerDiedError as error:
            raise StoreError(
                f"a process was killed while it made {stage.name} {error.units}; out of memory? "
                "Run the build again, with fewer --workers. What is finished is kept."
            ) from None
        return tuple(markers[number] for number in range(len(units)))

    def counter(self, stage: Stage[_M]) -> Callable[[int, _M], None]:
        """A function that adds up what units hold and reports it."""
        amount, count = 0.0, 0

        def report(total: int, marker: _M) -> None:
            nonlocal amount, count
            count += 1
            amount += stage.amount(marker)
            if self._progress is not None:
                self._progress(stage.name, count, total, amount, stage.unit)

        return report


def run_record_stage(
    runner: StageRunner, root: Path, store: Path, part_bytes: int, splits: Mapping[str, str]
) -> RecordResult:
    """The manifest shards of a source; `splits` says what unknown words for splits mean.

    Raises:
      RecordError: no records under `root`.
      StoreError: the source cannot be read or a shard cannot be written.
    """
    parts = parts_of(root, part_bytes, splits)
    folder = store / "manifest"
    markers = runner.run(_RECORDS, build_manifest, [(part, str(folder)) for part in parts])
    shards = tuple(
        ShardRef(
            part.name,
            str(folder / f"{marker.unit}.arrow"),
            marker.files[".arrow"].sha256,
            marker.groups,
        )
        for part, marker in zip(parts, markers, strict=True)
    )
    return RecordResult(root, part_bytes, splits, markers, shards)


def run_clip_stage(
    runner: StageRunner, records: RecordResult, store: Path, policy: MissingPolicy
) -> ClipResult:
    """The clip table of a store.

    Raises:
      StoreError: ids lead to no readable file under the policy `error`.
    """
    manifest = store / "manifest"
    lists = tuple(str(manifest / f"{marker.unit}.clips.arrow") for marker in records.markers)
    bits = bucket_bits(records.clips, _CLIPS_PER_TABLE)
    folder = Path("clips") / f"b{bits:02d}"
    home = str(store / folder)
    audio = AudioSource(str(records.root), runner.build)
    units = [(b, bits, audio, lists, home) for b in range(2**bits)]
    markers = runner.run(_CLIPS, build_clips, units)
    stems = tuple(str(store / folder / marker.unit) for marker in markers)
    lost = sum(marker.missing + marker.failed for marker in markers)
    if lost and policy == "error":
        raise StoreError(_lost_clips_text(lost, stems))
    return ClipResult(folder, bits, markers, stems)


def run_code_stage(
    runner: StageRunner,
    request: AudioRequest,
    records: RecordResult,
    clips: ClipResult,
    store: Path,
    policy: MissingPolicy,
) -> CodeResult:
    """The codes of a store's clips.

    Raises:
      StoreError: clips cannot be encoded under the policy `error`.
    """
    tokenizer = tokenizer_of(request.tokenizer, request.options, request.imports)
    bits = min(_MOST_BITS, bucket_bits(records.clips, request.clips_per_bucket))
    folder = folder_of("codes", tokenizer.fingerprint) / f"b{bits:02d}"
    job = CodeJob(
        audio=AudioSource(str(records.root), runner.build),
        folder=str(store / folder),
        tables=tuple(f"{stem}.arrow" for stem in clips.stems),
        bits=bits,
        tokenizer=request.tokenizer,
        options=request.options,
        imports=request.imports,
    )
    markers = tuple(run_codes(job, runner.runner, runner.counter(_CODES)))
    stems = tuple(str(store / folder / marker.unit) for marker in markers)
    failures = sum(len(marker.failed) for marker in markers)
    if failures and policy == "error":
        raise StoreError(_failed_clips_text(failures, stems))
    return CodeResult(request, tokenizer, folder, bits, markers, stems)


def run_reference_stage(
    runner: StageRunner,
    records: RecordResult,
    clips: ClipResult,
    codes: CodeResult,
    store: Path,
    policy: MissingPolicy,
) -> ReferenceResult:
    """Where the codes of each row are."""
    folder = folder_of("refs", codes.tokenizer.fingerprint)
    job = ReferenceJob(
        str(store / folder), clips.stems, clips.bits, codes.stems, codes.bits, policy
    )
    units = [(shard, job) for shard in records.shards]
    return ReferenceResult(policy, folder, runner.run(_REFERENCES, build_references, units))


def run_text_stage(
    runner: StageRunner, records: RecordResult, store: Path, text: str
) -> TextResult:
    """Ids of the records' own texts."""
    side = text_side(text)
    folder = folder_of("texts", side.fingerprint)
    units = [(shard, text, str(store / folder)) for shard in records.shards]
    return TextResult(text, side, folder, runner.run(_TEXTS, build_texts, units))


def _lost_clips_text(count: int, stems: tuple[str, ...]) -> str:
    reasons: list[str] = []
    for stem in stems:
        table = open_table(Path(f"{stem}.arrow"))
        pairs = zip(table["status"].to_pylist(), table["reason"].to_pylist(), strict=True)
        reasons += [reason for status, reason in pairs if status != OK]
    examples = "\n  ".join(sorted(reasons)[:_EXAMPLES])
    return (
        f"{count} audio ids lead to no readable file:\n  {examples}\n"
        "mend them (audioflan check ROOT), or leave their records out with "
        "--policy skip, or keep them without codes with --policy keep"
    )


def _failed_clips_text(count: int, stems: tuple[str, ...]) -> str:
    examples = "\n  ".join([clip.reason for clip in _failed_clips(stems)][:_EXAMPLES])
    return (
        f"{count} clips could not be encoded:\n  {examples}\nmend them, or leave their records "
        "out with --policy skip. What is finished is kept."
    )


def _failed_clips(stems: tuple[str, ...]) -> Iterator[FailedClip]:
    for stem in stems:
        for line in Path(f"{stem}.bad.jsonl").read_bytes().splitlines():
            yield msgspec.json.decode(line, type=FailedClip)
