"""Commands that look into a mixture."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from audioflan_tasks.cli.options import (
    Json,
    MixtureName,
    Root,
    Seed,
    Split,
    out_file,
)
from audioflan_tasks.cli.root import command, mix_app


class Sizes(StrEnum):
    """Which numbers of records a mixture is resolved with."""

    CORPUS = "corpus"
    PAPER = "paper"


SizesOption = Annotated[
    Sizes,
    typer.Option("--sizes", help="Sizes of tasks: of the corpus, or of the paper's full release."),
]
Steps = Annotated[
    int, typer.Option("--steps", metavar="N", min=1, help="Examples of the stream to report on.")
]
Format = Annotated[
    str,
    typer.Option(
        "--format", metavar="NAME",
        help="Format of a file of another project: nemo, energon, levanter or llamafactory.",
    ),
]  # fmt: skip
BatchSize = Annotated[
    int | None,
    typer.Option(
        "--batch-size", "-b", metavar="N", min=1, help="Batch size that a Levanter file means."
    ),
]


@command("report", example="audioflan mix report audioflan_all --sizes paper", group=mix_app)
def report(
    mixture: MixtureName,
    root: Root = None,
    split: Split = "train",
    sizes: SizesOption = Sizes.CORPUS,
    steps: Steps = 1_000_000,
    lengths: Annotated[
        bool, typer.Option("--lengths", help="Measure tokens and seconds of examples, too.")
    ] = False,
    html: Annotated[Path | None, out_file("--html", about="Write the report as a page.")] = None,
    png: Annotated[Path | None, out_file("--png", about="Write the report as a picture.")] = None,
    file_format: Format = "",
    batch_size: BatchSize = None,
    as_json: Json = False,
) -> None:
    """Report shares, epochs and hours, by domain down to task."""
    from audioflan_tasks.cli.mix.report import print_report

    print_report(
        mixture, root, split, sizes == Sizes.PAPER, steps, lengths, html, png, file_format,
        batch_size, as_json,
    )  # fmt: skip


@command(
    "diff",
    example="audioflan mix diff audioflan_all_size audioflan_all --sizes paper",
    group=mix_app,
)
def diff(
    mixture: MixtureName,
    other_mixture: Annotated[str, typer.Argument(metavar="OTHER", help="Another mixture.")],
    root: Root = None,
    split: Split = "train",
    sizes: SizesOption = Sizes.CORPUS,
    steps: Steps = 1_000_000,
) -> None:
    """Show whose share differs between two mixtures."""
    from audioflan_tasks.cli.mix.diff import print_diff

    print_diff(mixture, other_mixture, root, split, sizes == Sizes.PAPER, steps)


@command("where", example="audioflan mix where audioflan_all 1000000-1000007", group=mix_app)
def where(
    mixture: MixtureName,
    step_range: Annotated[
        str, typer.Argument(metavar="STEP[-STEP]", help="A step, or a range such as 100-120.")
    ],
    root: Root = None,
    split: Split = "train",
    seed: Seed = 0,
    file_format: Format = "",
    batch_size: BatchSize = None,
) -> None:
    """Name the records that stand at steps of the stream."""
    from audioflan_tasks.cli.mix.where import print_records

    print_records(mixture, step_range, root, split, seed, file_format, batch_size)


@command("lint", example="audioflan mix lint mine.toml", group=mix_app)
def lint(
    mixture: MixtureName,
    root: Root = None,
    split: Split = "train",
    sizes: SizesOption = Sizes.CORPUS,
) -> None:
    """Find what is doubtful in a mixture. Exit status 1 on errors."""
    from audioflan_tasks.cli.mix.lint import print_findings

    raise typer.Exit(print_findings(mixture, root, split, sizes == Sizes.PAPER))


@command("lock", example="audioflan mix lock mine.toml --out mine.lock.json", group=mix_app)
def lock(
    mixture: MixtureName,
    out: Annotated[
        Path | None,
        out_file("--out", "-o", about="Where to write; without it NAME.lock.json."),
    ] = None,
    root: Root = None,
    split: Split = "train",
    seed: Seed = 0,
    file_format: Format = "",
    batch_size: BatchSize = None,
) -> None:
    """Write a lock file, which fixes the stream.

    Another machine with the same corpus gets the same stream from it.
    """
    from audioflan_tasks.cli.mix.lock import write_lock

    write_lock(mixture, out, root, split, seed, file_format, batch_size)


@command(
    "attribution", example="audioflan mix attribution mine.toml --out ATTRIBUTION.md", group=mix_app
)
def attribution(
    mixture: MixtureName,
    out: Annotated[Path, out_file("--out", "-o", about="Where to write.")] = Path("ATTRIBUTION.md"),
    root: Root = None,
    split: Split = "train",
) -> None:
    """Write corpora, licences and citations of a mixture's records."""
    from audioflan_tasks.cli.mix.attribution import write_attribution

    write_attribution(mixture, out, root, split)
