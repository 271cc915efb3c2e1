"""Commands that make data: simulation over folders of audio."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from audioflan_tasks.cli.options import Seed, Split, Workers
from audioflan_tasks.cli.root import command


@command(
    "simulate", example="audioflan simulate add_noise speech/ --with noise/ --out corpus",
    continues=True,
)  # fmt: skip
def simulate(
    preset: Annotated[
        str, typer.Argument(metavar="PRESET", help="A simulation or preset; --list shows them.")
    ] = "",
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="IN", help="Audio files, or folders of them.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", metavar="FOLDER",
            help="Where to write: the root of a corpus, new or begun.",
        ),
    ] = None,
    partners: Annotated[
        list[Path] | None,
        typer.Option(
            "--with", metavar="IN",
            help="Noise, rooms, events, ... (repeatable); without it the files themselves.",
        ),
    ] = None,
    presets: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Your own presets and ranges, a TOML file."),
    ] = None,
    labels: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Lines of NAME<tab>LABEL; without it a file's folder is its label.",
        ),
    ] = None,
    name: Annotated[
        str, typer.Option(metavar="NN_NAME", help="Name of the result's folder.")
    ] = "",
    seed: Seed = 0,
    times: Annotated[int, typer.Option(metavar="N", min=1, help="Results of each file.")] = 1,
    split: Split = "train",
    workers: Workers = 1,
    lists: Annotated[
        bool, typer.Option("--list", help="List presets and their parameters.")
    ] = False,
) -> None:  # fmt: skip
    """Make labelled records from your own audio."""
    from audioflan_tasks.cli.simulate import list_presets, simulate_folder

    if lists or not preset:
        list_presets(presets)
        return
    raise typer.Exit(
        simulate_folder(
            preset, files or [], out, partners=partners or [], presets_file=presets, labels=labels,
            name=name, seed=seed, times=times, split=split, workers=workers,
        )
    )  # fmt: skip
