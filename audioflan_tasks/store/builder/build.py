"""Builds a store: records, clip table, codes, texts, references, each in units of work.

Every unit is a function of plain values that leaves its files in the store and returns its
marker, so any runner can call it. Units that are there are skipped, and `store.json`, which names
the units that make up the store, is replaced last.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from audioflan_tasks.config import local_root
from audioflan_tasks.errors import SettingsError, StoreError
from audioflan_tasks.records.settle import checked_splits
from audioflan_tasks.remote import is_address
from audioflan_tasks.runners import BuildPart, LocalRunner, PartRunner, Runner
from audioflan_tasks.store.builder.lock import locked
from audioflan_tasks.store.builder.partitions import part_bytes_of
from audioflan_tasks.store.builder.quarantine import write_quarantine
from audioflan_tasks.store.builder.refusals import refuse_unusable
from audioflan_tasks.store.builder.sources import tokenizer_of
from audioflan_tasks.store.builder.stages import (
    AudioRequest,
    AudioResult,
    BuildResult,
    Progress,
    StageRunner,
    run_clip_stage,
    run_code_stage,
    run_record_stage,
    run_reference_stage,
    run_text_stage,
)
from audioflan_tasks.store.builder.store_file import store_facts, write_store_file
from audioflan_tasks.store.builder.summary import Summary, summarize
from audioflan_tasks.store.builder.sweep import remove_temporary_files, remove_unnamed_units
from audioflan_tasks.store.earlier import keep_store_file
from audioflan_tasks.store.files import check_utf8_name
from audioflan_tasks.store.schema import MissingPolicy
from audioflan_tasks.store.units import complete_sums
from audioflan_tasks.tokens.text import text_side

__all__ = ["CLIPS_PER_BUCKET", "MissingPolicy", "Progress", "build_store"]

# About an hour and a half of audio: a killed build loses less than a minute at 100 x real time.
CLIPS_PER_BUCKET = 500


def build_store(
    root: str | Path,
    out: str | Path,
    *,
    tokenizer: str | None = "convrvq_16k",
    options: Mapping[str, Any] | None = None,
    text: str | None = "sentencepiece",
    policy: MissingPolicy = "error",
    workers: int = 1,
    runner: Runner | None = None,
    part: BuildPart | None = None,
    imports: tuple[str, ...] = (),
    part_bytes: int | None = None,
    clips_per_bucket: int = CLIPS_PER_BUCKET,
    splits: Mapping[str, str] | None = None,
    progress: Progress | None = None,
) -> Summary:
    """Builds or completes the store `out` from the corpus `root`.

    Args:
      root: a release tree, a folder of JSONL with `audio_path`, or one JSONL file; or the address
        of one on a server.
      out: the store's folder, on this machine; what is there already and still right is kept.
      tokenizer: name of an audio tokenizer, with `options`; None stores no codes.
      text: text side whose ids are stored, as in `vocabulary(text=...)`; None stores none.
      policy: what a row does whose audio is missing or unreadable: `error` ends the build,
        before anything is encoded if files are missing; `skip` leaves the row out and writes
        it to `quarantine.jsonl`; `keep` keeps it without codes. Records of unknown tasks or
        splits end the build before anything is encoded, except under `skip`.
      workers: processes. With more than one, a script needs `if __name__ == "__main__"`.
      runner: what runs the units (`audioflan_tasks.runners.open_runner`), instead of `workers`.
      part: which units come first, where several processes or machines build one store together.
        Whichever comes to the end publishes it. Files of earlier builds and of killed parts stay
        until a build without `part`.
      imports: modules that register the tokenizer; workers import them.
      part_bytes, clips_per_bucket: size of a unit of work. Others give another store. Without
        `part_bytes` it is 32 MiB, and less for small corpora.
      splits: what unknown words for splits mean, such as {"trian": "train"}.

    Raises:
      StoreError: it cannot be written, another build is at it, audio fails under `error`, or the
        name of a folder or a file of records is not UTF-8.
      UnusableRecordsError: a task or split is unknown (not under `skip`), or there is no usable
        record.
      RecordError: no records under `root`.
    """
    if workers < 1 or clips_per_bucket < 1 or (part_bytes is not None and part_bytes < 1):
        raise SettingsError("workers, part_bytes and clips_per_bucket must be at least 1")
    if policy not in ("error", "skip", "keep"):
        raise SettingsError(f"policy {policy!r}: expected error, skip or keep")
    request = None
    if tokenizer is not None:
        options_json = json.dumps(dict(options or {}), sort_keys=True)
        request = AudioRequest(tokenizer, options_json, imports, clips_per_bucket)
    _check_names(request, text)
    if is_address(out):
        raise SettingsError(
            f"{out}: a store is written to a local folder; copy it there afterwards"
        )
    store, source = Path(out).absolute(), local_root(root).absolute()
    check_utf8_name(store)
    check_utf8_name(source)
    with locked(store, is_part=part is not None), ExitStack() as stack:
        if part is None:
            remove_temporary_files(store)
        units_runner = runner or stack.enter_context(LocalRunner(workers))
        result = _run_stages(
            StageRunner(PartRunner(units_runner, part) if part else units_runner, progress),
            source, store, request, text, policy, part_bytes or part_bytes_of(source),
            checked_splits(splits or {}),
        )  # fmt: skip
        facts = store_facts(store, result)
        quarantined = write_quarantine(store, facts, result.audio)
        for name in facts.units:
            complete_sums(store / name.folder, name.unit)
        keep_store_file(store, facts)
        write_store_file(store, facts)
        if part is None:
            remove_unnamed_units(store, facts)
        return summarize(store, result, quarantined)


def _check_names(request: AudioRequest | None, text: str | None) -> None:
    """Refuses wrong names and options before hours of work."""
    if request is not None:
        sizes = tokenizer_of(request.tokenizer, request.options, request.imports).codebook_sizes
        if max(sizes) > 2**16:
            raise StoreError(
                f"{request.tokenizer}: a codebook of {max(sizes)} codes; "
                "a store holds codes below 65,536"
            )
    if text is not None:
        text_side(text)


def _run_stages(
    runner: StageRunner,
    root: Path,
    store: Path,
    request: AudioRequest | None,
    text: str | None,
    policy: MissingPolicy,
    part_bytes: int,
    splits: Mapping[str, str],
) -> BuildResult:
    records = run_record_stage(runner, root, store, part_bytes, splits)
    refuse_unusable(records, store, skip=policy == "skip")
    audio = None
    if request is not None:
        clips = run_clip_stage(runner, records, store, policy)
        codes = run_code_stage(runner, request, records, clips, store, policy)
        references = run_reference_stage(runner, records, clips, codes, store, policy)
        audio = AudioResult(clips, codes, references)
    texts = None if text is None else run_text_stage(runner, records, store, text)
    return BuildResult(records, audio, texts)
