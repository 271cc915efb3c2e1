"""Commands that make data: simulation over folders, mixtures."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from audioflan_tasks.cli.root import Root, Seed, app


@app.command()
def simulate(
    kind: Annotated[str, typer.Argument(help="A simulation or preset; see --list.")] = "",
    places: Annotated[
        list[Path] | None, typer.Argument(metavar="IN…", help="Audio files, or folders of them.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Corpus root to write to.")] = None,
    partners: Annotated[
        list[Path] | None,
        typer.Option("--with", help="Noise, rooms, events …; default the files themselves."),
    ] = None,
    presets: Annotated[
        Path | None, typer.Option(help="Your own presets and ranges, a TOML file.")
    ] = None,
    labels: Annotated[
        Path | None, typer.Option(help="NAME<tab>LABEL lines; default a file's folder.")
    ] = None,
    name: Annotated[str, typer.Option(help="NN_Name of the result's folder.")] = "",
    seed: Seed = 0,
    times: Annotated[int, typer.Option(min=1, help="Results for each file.")] = 1,
    split: Annotated[str, typer.Option(help="train, validation or test.")] = "train",
    workers: Annotated[int, typer.Option(min=1, help="How many work at once.")] = 1,
    listed: Annotated[bool, typer.Option("--list", help="List presets and parameters.")] = False,
) -> None:
    """Simulate over folders of audio: release-layout records, labels and audio files."""
    from audioflan_tasks.cli.simulate import list_presets, simulate_folder

    if listed or not kind:
        list_presets(presets)
        return
    raise typer.Exit(
        simulate_folder(
            kind, places or [], out, partners=partners or [], own=presets, labels=labels,
            name=name, seed=seed, times=times, split=split, workers=workers,
        )
    )  # fmt: skip


@app.command("mix")
def mix_command(
    arguments: Annotated[
        list[str],
        typer.Argument(
            metavar="[diff|where|lint|lock] NAME|FILE.toml …",
            help="NAME: report; diff A B; where NAME STEP[-STEP]; lint NAME; lock NAME.",
        ),
    ],
    root: Root = None,
    split: Annotated[str, typer.Option(help="train, validation or test.")] = "train",
    seed: Seed = 0,
    steps: Annotated[int, typer.Option(min=1, help="Examples that a report covers.")] = 1_000_000,
    simulate: Annotated[str, typer.Option(help="paper: the sizes of the full release.")] = "",
    lengths: Annotated[
        bool, typer.Option("--lengths", help="Measure tokens and seconds of examples.")
    ] = False,
    html: Annotated[Path | None, typer.Option(help="Write the report as a page.")] = None,
    png: Annotated[Path | None, typer.Option(help="Write the report as a picture.")] = None,
    out: Annotated[Path | None, typer.Option(help="Where the lock file goes.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    format: Annotated[
        str, typer.Option(help="The file is of nemo, energon, levanter or llamafactory.")
    ] = "",
    batch_size: Annotated[int | None, typer.Option(help="Batch size of a Levanter file.")] = None,
) -> None:
    """Report on a mixture, compare two, find the rows of a step, check or lock one."""
    from audioflan_tasks.cli.mix import Options, mix

    options = Options(
        root, split, seed, steps, simulate, lengths, html, png, out, as_json, format, batch_size
    )
    raise typer.Exit(mix(arguments, options))
