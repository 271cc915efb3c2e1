"""`audioflan build`, `audioflan verify` and `audioflan store`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from audioflan_tasks.cli.progress import progress_display
from audioflan_tasks.config import settings
from audioflan_tasks.demo import demo_root
from audioflan_tasks.errors import SettingsError
from audioflan_tasks.runners import BuildPart, RunnerName, open_runner
from audioflan_tasks.store import build_store, diff_stores, repair_store, store_info, verify_store
from audioflan_tasks.store.builder.build import MissingPolicy, Progress

__all__ = ["build", "diff", "info", "verify"]


def build(
    root: Path | None,
    demo: bool,
    out: Path,
    tokenizer: str,
    options: dict[str, Any],
    text: str,
    policy: MissingPolicy,
    workers: int,
    runner: RunnerName,
    address: str,
    part: str,
    imports: list[str],
    splits: dict[str, str],
    as_json: bool,
) -> int:
    """Builds a store, prints what is in it, and returns how many rows can be used."""
    if root is not None and demo:
        raise SettingsError("give either a root or --demo, not both")
    folder = demo_root() if demo else root or settings.data_dir
    if folder is None:
        raise SettingsError("which corpus? give its root, or --demo for the bundled one")
    build_part = BuildPart.parse(part) if part else None
    with (
        open_runner(runner, workers=workers, address=address) as units_runner,
        _stage_progress() as progress,
    ):
        summary = build_store(
            folder,
            out,
            tokenizer=None if tokenizer == "none" else tokenizer,
            options=options,
            text=None if text == "none" else text,
            policy=policy,
            runner=units_runner,
            part=build_part,
            imports=tuple(imports),
            splits=splits,
            progress=progress,
        )
    if as_json:
        print(json.dumps(summary.as_dict(), indent=2))
    else:
        print("\n".join(summary.lines()))
    return summary.rows


def verify(store: Path, repair: bool, workers: int) -> int:
    """Prints what is wrong with a store; 0 if nothing is, or if all was mended."""
    faults = verify_store(store)
    for fault in faults:
        print(fault)
    if not faults:
        print(f"{store}: every checksum and reference is right")
        return 0
    if not repair:
        print(f"{len(faults)} faults; mend them with: audioflan verify {store} --repair")
        return 1
    with _stage_progress() as progress:
        repair_store(store, faults, workers=workers, progress=progress)
    remaining = verify_store(store)
    print(f"{len(remaining)} faults are left" if remaining else f"{len(faults)} faults mended")
    return 1 if remaining else 0


def info(store: Path, as_json: bool) -> None:
    """Prints what a store holds and what it was made from."""
    facts = store_info(store)
    print(json.dumps(facts.as_dict(), indent=2) if as_json else "\n".join(facts.lines()))


def diff(first: Path, second: Path) -> int:
    """Prints how two stores differ; 0 if they do not."""
    lines = diff_stores(first, second)
    print("\n".join(lines) if lines else "no difference")
    return 1 if lines else 0


@contextmanager
def _stage_progress() -> Iterator[Progress]:
    """Shows the stages of a build, with how much audio or how many rows are done."""
    with progress_display() as display:

        def show(stage: str, done: int, total: int, amount: float, unit: str) -> None:
            display.update(stage, done, total, f"{amount:,.0f} {unit}")

        yield show
