"""`audioflan mix`."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from audioflan_tasks.cli.output import print_table
from audioflan_tasks.config import settings
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.engine.mean_lengths import mean_lengths
from audioflan_tasks.engine.rows import rows_of
from audioflan_tasks.engine.stream import Stream
from audioflan_tasks.errors import SettingsError, UnknownNameError
from audioflan_tasks.mixtures import Mix, mixture_named, paper_sizes
from audioflan_tasks.mixtures.reporting.html import as_html, write_png
from audioflan_tasks.mixtures.reporting.lint import lint
from audioflan_tasks.mixtures.spec.importers import import_mixture
from audioflan_tasks.mixtures.spec.lock import lock
from audioflan_tasks.mixtures.spec.report import MixtureReport, ReportLine

__all__ = ["VERBS", "Options", "mix"]

VERBS = ("report", "diff", "where", "lint", "lock")


class Options(NamedTuple):
    """What all verbs may look at."""

    root: Path | None
    split: str
    seed: int
    steps: int
    simulate: str
    lengths: bool
    html: Path | None
    png: Path | None
    out: Path | None
    as_json: bool
    format: str
    batch_size: int | None


def mix(arguments: Sequence[str], options: Options) -> int:
    """Runs `audioflan mix [VERB] ARGUMENTS`; the exit status."""
    verb, rest = ("report", list(arguments))
    if rest and rest[0] in VERBS:
        verb, rest = rest[0], rest[1:]
    if options.simulate not in ("", "paper"):
        raise UnknownNameError("simulation of sizes", options.simulate, ("paper",))
    takes = {"report": (1, "NAME"), "diff": (2, "A B"), "where": (2, "NAME STEP"),
             "lint": (1, "NAME"), "lock": (1, "NAME")}[verb]  # fmt: skip
    if len(rest) != takes[0]:
        raise SettingsError(
            f"audioflan mix {verb}: expected {takes[1]}, got {' '.join(rest) or 'none'}"
        )
    if verb == "report":
        return _report(rest[0], options)
    if verb == "diff":
        return _diff(rest[0], rest[1], options)
    if verb == "where":
        return _where(rest[0], rest[1], options)
    return _lint(rest[0], options) if verb == "lint" else _lock(rest[0], options)


def _report(name: str, options: Options) -> int:
    found = _made(name, options)
    if options.html is not None:
        options.html.write_text(as_html(name, found), encoding="utf-8")
    if options.png is not None:
        write_png(name, found, options.png)
    if options.as_json:
        levels = {
            k: [dataclasses.asdict(line) for line in lines] for k, lines in found.levels.items()
        }
        print(
            json.dumps({"steps": found.steps, "levels": levels, "notes": found.notes()}, indent=2)
        )
        return 0
    print_table(
        _HEAD, [_cells(level, line) for level, lines in found.levels.items() for line in lines]
    )
    for note in found.notes():
        print(note)
    for path in (options.html, options.png):
        if path is not None:
            print(f"wrote {path}")
    return 0


def _diff(first: str, second: str, options: Options) -> int:
    reports = [_made(name, options) for name in (first, second)]
    rows = []
    for level in reports[0].levels:
        one, two = ({line.name: line for line in r.levels[level]} for r in reports)
        for name in dict.fromkeys([*one, *two]):
            a, b = one.get(name), two.get(name)
            shares = (a.share if a else 0.0, b.share if b else 0.0)
            if abs(shares[0] - shares[1]) < 5e-7:
                continue
            epochs = (f"{line.epochs:.3g}" if line else "-" for line in (a, b))
            rows.append(
                (level, name, *map(_percent, shares), _percent(shares[1] - shares[0]), *epochs)
            )
    print_table(
        ("level", "name", f"share {first}", f"share {second}", "change", "epochs", "epochs"), rows,
        f"{len(rows)} lines differ over {options.steps:,} steps",
    )  # fmt: skip
    return 0


def _where(name: str, step: str, options: Options) -> int:
    first, _, last = step.replace("_", "").partition("-")
    if not first.isdigit() or (last and not last.isdigit()):
        raise SettingsError(f"step {step!r}: expected a number, or a range such as 100-120")
    stream = Stream(
        _mixture(name, options), Corpus(options.root), split=options.split, seed=options.seed
    )
    steps = np.arange(int(first), int(last or first) + 1)
    found = stream.draws(steps)
    rows = []
    for at, task, epoch, row in zip(
        steps.tolist(), *(c.tolist() for c in (found.task, found.epoch, found.row)), strict=True
    ):
        instance = stream.rows.instance(stream.tasks[task], row)
        rows.append(
            (str(at), stream.tasks[task], str(epoch), str(row), instance.uuid, instance.where)
        )
    print_table(("step", "task", "epoch", "row", "uuid", "record"), rows)
    return 0


def _lint(name: str, options: Options) -> int:
    sizes = paper_sizes() if options.simulate else Corpus(options.root).sizes(options.split)
    found = lint(name, sizes)
    for finding in found:
        print(f"{finding.kind}: {finding.message}")
    if not found:
        print("nothing to complain about")
    return int(any(finding.kind == "error" for finding in found))


def _lock(name: str, options: Options) -> int:
    from audioflan_tasks import __version__

    made = _mixture(name, options)
    stream = Stream(made, Corpus(options.root), split=options.split, seed=options.seed)
    text = lock(
        made, stream.resolved, split=options.split, sources=stream.state(0)["sources"],
        version=__version__,
    )  # fmt: skip
    path = options.out or Path(f"{Path(name).stem}.lock.json")
    path.write_text(text, encoding="utf-8")
    print(f"wrote {path}")
    return 0


def _mixture(name: str, options: Options) -> Mix:
    if not options.format:
        return mixture_named(name)
    found = import_mixture(name, options.format, batch_size=options.batch_size)
    for note in found.notes:
        print(note)
    return found.mix


def _made(name: str, options: Options) -> MixtureReport:
    made = _mixture(name, options)
    if options.simulate:
        return made.report(paper_sizes(), steps=options.steps)
    rows = rows_of(made, Corpus(options.root), options.split, settings.example_options())
    measured: dict[str, Mapping[str, float]] = {}
    for unit in ("tokens", "seconds"):
        if options.lengths or made.weight_by == unit:
            measured[unit] = mean_lengths(made, rows, unit)
    return made.report(
        rows.sizes,
        steps=options.steps,
        tokens=measured.get("tokens"),
        seconds=measured.get("seconds"),
    )


_HEAD = (
    "level", "name", "instances", "rate", "by size", "share", "tokens", "seconds", "epochs",
    "hours", "note",
)  # fmt: skip


def _cells(level: str, line: ReportLine) -> tuple[str, ...]:
    return (
        level, line.name, f"{line.instances:,}", f"{line.rate:.4g}", _percent(line.size_share),
        _percent(line.share), _percent(line.tokens), _percent(line.seconds), f"{line.epochs:.3g}",
        "" if line.hours is None else f"{line.hours:,.1f}", line.notes,
    )  # fmt: skip


def _percent(value: float | None) -> str:
    return "" if value is None else f"{100 * value:.2f} %"
