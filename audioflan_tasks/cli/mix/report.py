"""`audioflan mix report MIXTURE`."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path

from audioflan_tasks.cli.mix.source import read_mixture
from audioflan_tasks.cli.output import percent, print_table
from audioflan_tasks.cli.progress import ProgressDisplay, progress_display
from audioflan_tasks.config import settings
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.engine.mean_lengths import mean_lengths
from audioflan_tasks.engine.rows import rows_of
from audioflan_tasks.mixtures import Mix, paper_sizes
from audioflan_tasks.mixtures.reporting.html import as_html, write_png
from audioflan_tasks.mixtures.spec.report import MixtureReport, ReportLine
from audioflan_tasks.preprocessors.kept_words import KeptWords
from audioflan_tasks.whole_files import write_whole

__all__ = ["SAMPLE", "print_report", "report_of"]

# Records of a task that are read to see whether they keep their own words.
SAMPLE = 256

_HEADER = (
    "level", "name", "instances", "rate", "by size", "share", "tokens", "seconds", "epochs",
    "hours", "note",
)  # fmt: skip


def print_report(
    name: str,
    root: Path | None,
    split: str,
    paper: bool,
    steps: int,
    lengths: bool,
    html: Path | None,
    png: Path | None,
    file_format: str,
    batch_size: int | None,
    as_json: bool,
) -> None:
    """Prints a report and writes it to `html` and `png`."""
    mix = read_mixture(name, file_format, batch_size)
    with progress_display() as display:
        display.update("reading the corpus", 0)
        mix_report = report_of(mix, root, split, paper, steps, lengths)
        kept_words = KeptWords() if paper else _kept_words(mix, root, split, display)
    if html is not None:
        write_whole(html, as_html(name, mix_report))
    if png is not None:
        write_png(name, mix_report, png)
    if as_json:
        fields = _as_dict(mix_report) | {"own_words": kept_words.as_dict()}
        print(json.dumps(fields, indent=2))
        return
    lines = [(level, line) for level, lines in mix_report.levels.items() for line in lines]
    print_table(_HEADER, [_cells(level, line) for level, line in lines])
    for note in mix_report.notes():
        print(note)
    if not paper:
        print("\n".join(kept_words.lines(f", at most {SAMPLE} of a task looked at")))
    for path in filter(None, (html, png)):
        print(f"wrote {path}")


def report_of(
    mix: Mix, root: Path | None, split: str, paper: bool, steps: int, lengths: bool = False
) -> MixtureReport:
    """The report of a mixture over a corpus, or over the sizes of the paper.

    Lengths of examples are measured if `lengths` or if the mixture is weighed by them.
    """
    if paper:
        return mix.report(paper_sizes(), steps=steps)
    rows = rows_of(mix, Corpus(root), split, settings.example_options())
    means: dict[str, Mapping[str, float]] = {
        unit: mean_lengths(mix, rows, unit)
        for unit in ("tokens", "seconds")
        if lengths or mix.weight_by == unit
    }
    return mix.report(
        rows.sizes, steps=steps, tokens=means.get("tokens"), seconds=means.get("seconds")
    )


def _kept_words(mix: Mix, root: Path | None, split: str, display: ProgressDisplay) -> KeptWords:
    """Which records keep their own words, of at most `SAMPLE` of each task, evenly spread."""
    options = settings.example_options()
    rows, kept_words = rows_of(mix, Corpus(root), split, options), KeptWords(options.wordings)
    for place, task in enumerate(mix.tasks):
        display.update("tasks looked at", place, len(mix.tasks))
        if task in rows.foreign:
            continue
        size = rows.sizes.get(task, 0)
        count = min(size, SAMPLE)
        for number in range(count):
            kept_words.count(rows.instance(task, number * size // count))
    return kept_words


def _as_dict(mix_report: MixtureReport) -> dict[str, object]:
    levels = {
        k: [dataclasses.asdict(line) for line in lines] for k, lines in mix_report.levels.items()
    }
    return {"steps": mix_report.steps, "levels": levels, "notes": mix_report.notes()}


def _cells(level: str, line: ReportLine) -> tuple[str, ...]:
    return (
        level, line.name, "unknown" if line.instances is None else f"{line.instances:,}",
        f"{line.rate:.4g}", percent(line.size_share), percent(line.share), percent(line.tokens),
        percent(line.seconds), "unknown" if line.epochs is None else f"{line.epochs:.3g}",
        "" if line.hours is None else f"{line.hours:,.1f}", line.notes,
    )  # fmt: skip
