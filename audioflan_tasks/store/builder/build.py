"""Builds a store: records, clip table, codes, texts, references, each in units of work.

Every unit is a function of plain values that leaves its files in the store and returns what
its marker says, so any runner can call it; here a local pool does. Units that are there are
skipped, and `store.json`, which names the units that make up the store, is replaced last.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal, Protocol

from audioflan_tasks.errors import SettingsError, StoreError
from audioflan_tasks.store.builder.clips import build_clips
from audioflan_tasks.store.builder.codes import CodeJob
from audioflan_tasks.store.builder.crash_recovery import run_codes
from audioflan_tasks.store.builder.finish import Built, finish
from audioflan_tasks.store.builder.lock import locked
from audioflan_tasks.store.builder.manifest import build_manifest
from audioflan_tasks.store.builder.partitions import PART_BYTES, parts_of
from audioflan_tasks.store.builder.pool import WorkerDiedError, Workers
from audioflan_tasks.store.builder.refs import RefJob, build_refs
from audioflan_tasks.store.builder.sources import forget_clip_readers, tokenizer_of
from audioflan_tasks.store.builder.summary import Summary
from audioflan_tasks.store.builder.texts import Shard, build_texts
from audioflan_tasks.store.layout import OK, bucket_bits, folder_of
from audioflan_tasks.store.publish import TEMPORARY
from audioflan_tasks.store.tables import open_table
from audioflan_tasks.tokens.text import text_side

__all__ = ["CLIPS_PER_BUCKET", "MissingPolicy", "Progress", "build_store"]

MissingPolicy = Literal["error", "skip", "keep"]

# About an hour and a half of audio: a killed build loses less than a minute at 100 x real time.
CLIPS_PER_BUCKET = 500
# Every shard of references opens the index of every bucket, so there are at most 4,096.
_MOST_BITS = 12
_CLIPS_PER_TABLE = 65_536
_SHOWN = 5

_Unit = tuple[Any, ...]
_Said = dict[str, Any]


class Progress(Protocol):
    """Told after each unit: stage, units done and in all, and the amount so far in `unit`s."""

    def __call__(self, stage: str, done: int, total: int, amount: float, unit: str) -> None: ...


def build_store(
    root: str | Path,
    out: str | Path,
    *,
    tokenizer: str | None = "convrvq_16k",
    options: Mapping[str, Any] | None = None,
    text: str | None = "sentencepiece",
    policy: MissingPolicy = "error",
    workers: int = 1,
    imports: tuple[str, ...] = (),
    part_bytes: int = PART_BYTES,
    clips_per_bucket: int = CLIPS_PER_BUCKET,
    progress: Progress | None = None,
) -> Summary:
    """Builds or completes the store `out` from the corpus `root`.

    Args:
      root: a release tree, a folder of JSONL with `audio_path`, or one JSONL file.
      out: the store's folder; what is there already and still right is kept.
      tokenizer: name of an audio tokenizer, with `options`; None stores no codes.
      text: text side whose ids are stored, as in `vocabulary(text=...)`; None stores none.
      policy: what a row does whose audio is missing or unreadable: `error` ends the build,
        before anything is encoded if files are missing; `skip` leaves the row out and writes
        it to `quarantine.jsonl`; `keep` keeps it without codes.
      workers: processes. With more than one, a script needs `if __name__ == "__main__"`.
      imports: modules that register the tokenizer; workers import them.
      part_bytes, clips_per_bucket: size of a unit of work. Others give another store.

    Raises:
      StoreError: it cannot be written, another build is at it, or audio fails under `error`.
      RecordError: no records under `root`.
    """
    if workers < 1 or part_bytes < 1 or clips_per_bucket < 1:
        raise SettingsError("workers, part_bytes and clips_per_bucket must be at least 1")
    if policy not in ("error", "skip", "keep"):
        raise SettingsError(f"policy {policy!r}: expected error, skip or keep")
    # What is wrong with names and options shows before hours of work.
    written = json.dumps(dict(options or {}), sort_keys=True)
    if tokenizer is not None:
        sizes = tokenizer_of(tokenizer, written, imports).codebook_sizes
        if max(sizes) > 2**16:
            raise StoreError(
                f"{tokenizer}: a codebook of {max(sizes)} codes; a store holds codes below 65,536"
            )
    if text is not None:
        text_side(text)
    store = Path(out).absolute()
    with locked(store), Workers(workers) as pool:
        forget_clip_readers()
        for left in store.rglob(f"{TEMPORARY}*"):
            left.unlink(missing_ok=True)
        run = _Run(Path(root).absolute(), store, pool, policy, progress)
        run.records(part_bytes)
        if tokenizer is not None:
            run.audio(tokenizer, written, imports, clips_per_bucket)
        if text is not None:
            run.texts(text)
        return finish(store, run.built)


class _Run:
    """One build: the stages in order, each adding to `built` what it made."""

    def __init__(
        self,
        root: Path,
        store: Path,
        workers: Workers,
        policy: MissingPolicy,
        progress: Progress | None,
    ) -> None:
        self._store, self._workers, self._progress = store, workers, progress
        self.built = Built(root=root, policy=policy)

    def records(self, part_bytes: int) -> None:
        """Manifest shards."""
        parts = parts_of(self.built.root, part_bytes)
        folder = self._store / "manifest"
        made = self._stage(
            "records", build_manifest, [(part, str(folder)) for part in parts], "records"
        )
        self.built.manifest = made
        self.built.part_bytes = part_bytes
        self.built.shards = [
            Shard(part.name, str(folder / f"{said['unit']}.arrow"),
                  said["files"][".arrow"]["sha256"], tuple(map(tuple, said["groups"])))
            for part, said in zip(parts, made, strict=True)
        ]  # fmt: skip

    def audio(
        self, tokenizer: str, options: str, imports: tuple[str, ...], per_bucket: int
    ) -> None:
        """Clip table, codes, and where the codes of each row lie."""
        built = self.built
        manifest = self._store / "manifest"
        lists = tuple(str(manifest / f"{said['unit']}.clips.arrow") for said in built.manifest)
        # Clips that several shards name count several times here; only the size of units
        # depends on it.
        clips = sum(said["clips"] for said in built.manifest)
        built.table_bits = bucket_bits(clips, _CLIPS_PER_TABLE)
        tables = self._store / "clips" / f"b{built.table_bits:02d}"
        root = str(built.root)
        built.tables = self._stage("audio files", build_clips, [
            (b, built.table_bits, root, lists, str(tables)) for b in range(2**built.table_bits)
        ], "clips")  # fmt: skip
        stems = tuple(str(tables / said["unit"]) for said in built.tables)
        self._refuse(built.tables, stems)
        built.tokenizer = tokenizer_of(tokenizer, options, imports)
        built.tokenizer_name, built.options, built.imports = tokenizer, options, imports
        built.clips_per_bucket = per_bucket
        built.code_bits = min(_MOST_BITS, bucket_bits(clips, per_bucket))
        folder = folder_of("codes", built.tokenizer.fingerprint)
        built.code_folder = folder / f"b{built.code_bits:02d}"
        job = CodeJob(
            root, str(self._store / built.code_folder), tuple(f"{s}.arrow" for s in stems),
            built.code_bits, tokenizer, options, imports,
        )  # fmt: skip
        built.codes = run_codes(job, self._workers, self._counter("codes", "s of audio"))
        failed = [one for said in built.codes for one in said["failed"]]
        code_stems = tuple(str(Path(job.folder) / said["unit"]) for said in built.codes)
        if failed and built.policy == "error":
            raise StoreError(_failed_text(len(failed), code_stems))
        built.ref_folder = folder_of("refs", built.tokenizer.fingerprint)
        refs = RefJob(
            str(self._store / built.ref_folder), stems, built.table_bits, code_stems,
            built.code_bits, built.policy,
        )  # fmt: skip
        built.refs = self._stage(
            "references", build_refs, [(shard, refs) for shard in built.shards], "spans"
        )

    def texts(self, text: str) -> None:
        """Ids of the records' own texts."""
        built = self.built
        built.text, built.text_side = text, text_side(text)
        built.text_folder = folder_of("texts", built.text_side.fingerprint)
        folder = str(self._store / built.text_folder)
        built.texts = self._stage(
            "texts", build_texts, [(shard, text, folder) for shard in built.shards], "ids"
        )

    def _stage(
        self, stage: str, function: Callable[..., _Said], units: list[_Unit], unit: str
    ) -> list[_Said]:
        made: list[_Said] = [{}] * len(units)
        tell = self._counter(stage, unit)

        def done(number: int, said: _Said) -> None:
            made[number] = said
            tell(len(units), said)

        try:
            self._workers.run(function, units, done)
        except WorkerDiedError as error:
            raise StoreError(
                f"a process was killed while it made {stage} {error.units}; out of memory? "
                "Run the build again, with fewer --workers. What is finished is kept."
            ) from None
        return made

    def _counter(self, stage: str, unit: str) -> Callable[[int, _Said], None]:
        """A function that adds up what units hold and tells the progress."""
        amount, done = 0.0, 0
        key = _AMOUNTS[stage]

        def tell(total: int, said: _Said) -> None:
            nonlocal amount, done
            done += 1
            amount += said[key]
            if self._progress is not None:
                self._progress(stage, done, total, amount, unit)

        return tell

    def _refuse(self, tables: list[_Said], stems: tuple[str, ...]) -> None:
        lost = sum(said["missing"] + said["failed"] for said in tables)
        if lost and self.built.policy == "error":
            shown: list[str] = []
            for stem in stems:
                table = open_table(Path(f"{stem}.arrow"))
                pairs = zip(table["status"].to_pylist(), table["reason"].to_pylist(), strict=True)
                shown += [reason for status, reason in pairs if status != OK]
            examples = "\n  ".join(sorted(shown)[:_SHOWN])
            raise StoreError(
                f"{lost} audio ids lead to no readable file:\n  {examples}\n"
                "mend them (audioflan check ROOT), or leave their records out with "
                "--policy skip, or keep them without codes with --policy keep"
            )


_AMOUNTS = {
    "records": "records", "audio files": "ok", "codes": "seconds", "references": "spans",
    "texts": "ids",
}  # fmt: skip


def _failed_text(count: int, stems: tuple[str, ...]) -> str:
    lines = [
        line for stem in stems for line in Path(f"{stem}.bad.jsonl").read_text("utf-8").splitlines()
    ]
    shown = "\n  ".join(json.loads(line)["reason"] for line in lines[:_SHOWN])
    return (
        f"{count} clips could not be encoded:\n  {shown}\nmend them, or leave their records out "
        "with --policy skip. What is finished is kept."
    )
