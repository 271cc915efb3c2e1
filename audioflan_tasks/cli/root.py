"""The `audioflan` command itself, and the options that several commands share."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Annotated

import typer

__all__ = ["Count", "Root", "Seed", "Workers", "app"]

app = typer.Typer(
    name="audioflan",
    help="The 80 tasks of Audio-FLAN: look at them, mix them, store them, measure with them.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Seed = Annotated[int, typer.Option(help="The same seed shows the same examples.")]
Count = Annotated[int, typer.Option(min=1, help="How many examples.")]
Root = Annotated[
    Path | None, typer.Option(help="Corpus root; default AUDIOFLAN_DATA_DIR, else the demo.")
]
Workers = Annotated[int, typer.Option(min=0, help="Processes; 0 takes all cores.")]


@app.callback()
def common(
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Show what is going on.")
    ] = False,
) -> None:
    """Options that stand before the command."""
    logging.basicConfig(level=logging.INFO if verbose else logging.WARNING, format="%(message)s")
