"""`audioflan simulate PRESET IN... --out FOLDER`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from audioflan_tasks.cli.output import print_table
from audioflan_tasks.cli.progress import progress_display
from audioflan_tasks.errors import SettingsError, UnknownNameError
from audioflan_tasks.preprocessors.simulate import KINDS
from audioflan_tasks.preprocessors.simulate.runs import (
    Outcome,
    Preset,
    SimulationRun,
    presets,
    read_labels,
    run,
    sounds,
)
from audioflan_tasks.runners import Runner, RunnerName, open_runner

__all__ = ["list_presets", "simulate_folder"]


def list_presets(presets_file: Path | None) -> None:
    """Prints every preset with its kind, parameters and tasks."""
    rows = [
        (
            preset.name,
            preset.kind,
            _count(preset),
            "; ".join(f"{key} {value}" for key, value in preset.params.items()),
            ", ".join(preset.tasks),
            KINDS[preset.kind].summary,
        )
        for preset in presets(presets_file).values()
    ]
    print_table(("preset", "kind", "sounds", "parameters", "tasks", "what"), rows)


def simulate_folder(
    preset: str,
    files: Sequence[Path],
    out: Path | None,
    *,
    partners: Sequence[Path],
    presets_file: Path | None,
    labels: Path | None,
    name: str,
    seed: int,
    times: int,
    split: str,
    workers: int,
    runner: RunnerName,
    address: str,
) -> int:
    """Runs a preset and prints what came of it; 0 if anything was made, else 1."""
    known_presets = presets(presets_file)
    if preset not in known_presets:
        hint = " (audioflan simulate --list shows all)"
        raise UnknownNameError("simulation or preset", preset, known_presets, hint)
    if out is None:
        raise SettingsError("where to? give --out FOLDER")
    label_by_name = read_labels(labels) if labels is not None else {}
    plan = SimulationRun.plan(
        known_presets[preset],
        sounds(files, without=out, labels=label_by_name),
        sounds(partners, without=out, labels=label_by_name),
        out,
        name=name,
        seed=seed,
        times=times,
        split=split,
    )
    with open_runner(runner, workers=workers, address=address) as chunk_runner:
        outcome = _run(plan, chunk_runner)
    _print(outcome, out)
    return 0 if outcome.clips else 1


def _run(plan: SimulationRun, runner: Runner) -> Outcome:
    with progress_display() as display:

        def advance(count: int, lost: int, total: int) -> None:
            display.update(plan.preset.name, count, total, f"{lost:,} skipped" if lost else "")

        return run(plan, progress=advance, runner=runner)


def _print(outcome: Outcome, out: Path) -> None:
    print(f"{out}: {outcome.clips} clips, {_record_counts(outcome.records)}")
    if outcome.skipped:
        print(f"skipped {outcome.skipped} (all in {outcome.skipped_list}):")
        for name, reason in outcome.reasons:
            print(f"  {name}: {reason}" if name and name not in reason else f"  {reason}")


def _record_counts(records: Mapping[str, int]) -> str:
    counts = ", ".join(f"{task} {count}" for task, count in records.items())
    return f"{sum(records.values())} records ({counts})" if records else "no records"


def _count(preset: Preset) -> str:
    inputs, (fewest, largest) = int(preset.reads), preset.partners
    low, high = inputs + fewest, inputs + largest
    return str(low) if low == high else f"{low} to {high}"
