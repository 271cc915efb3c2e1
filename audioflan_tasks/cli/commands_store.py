"""Commands of the store."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from audioflan_tasks.cli.options import (
    CorpusFolder,
    Demo,
    Json,
    RunnerAddress,
    RunnerKind,
    RunnerOption,
    SplitWords,
    StoreFolder,
    UnusableRows,
    Workers,
    out_folder,
    split_mapping,
)
from audioflan_tasks.cli.root import command, store_app


@command(
    "build",
    example="audioflan build /corpora/audioflan --out /fast/store --workers 16",
    continues=True,
)
def build(
    root: CorpusFolder = None,
    out: Annotated[Path, out_folder("Where to write the store.")] = Path("store"),
    demo: Demo = False,
    tokenizer: Annotated[
        str, typer.Option(metavar="NAME", help="Audio tokenizer, or none.")
    ] = "convrvq_16k",
    codebooks: Annotated[
        int, typer.Option(metavar="N", min=0, help="Codebooks; 0: the tokenizer's own number.")
    ] = 0,
    weights: Annotated[
        str, typer.Option(metavar="FOLDER", help="Weights of a neural tokenizer.")
    ] = "",
    text: Annotated[
        str, typer.Option(metavar="NAME", help="Text side of the ids, or none.")
    ] = "sentencepiece",
    policy: Annotated[
        UnusableRows,
        typer.Option(
            help="What to do with rows whose audio is missing; error and keep also end the build "
            "at an unknown task or split, or two tasks; skip leaves such records out."
        ),
    ] = UnusableRows.ERROR,
    workers: Workers = 0,
    runner: RunnerOption = RunnerKind.LOCAL,
    address: RunnerAddress = "",
    part: Annotated[
        str,
        typer.Option(
            metavar="I/N",
            help="Of the units every N-th first, from I, then those that other parts have not "
            "built; each part that comes to the end publishes the store.",
        ),
    ] = "",
    imports: Annotated[
        list[str] | None,
        typer.Option(
            "--import", metavar="MODULE", help="Module that registers the tokenizer (repeatable)."
        ),
    ] = None,
    splits: SplitWords = None,
    as_json: Json = False,
) -> None:
    """Build a store of a corpus, or continue one. Exit status 1 if it has no rows.

    A store holds records, audio codes and text ids in files for training.
    """
    from audioflan_tasks.cli import store

    options = {"codebooks": codebooks, "weights": weights}
    rows = store.build(
        root, demo, out, tokenizer, {name: value for name, value in options.items() if value},
        text, policy.value, workers, runner.value, address, part, imports or [],
        split_mapping(splits), as_json,
    )  # fmt: skip
    raise typer.Exit(0 if rows else 1)


@command("verify", example="audioflan verify /fast/store --repair")
def verify(
    store: StoreFolder,
    repair: Annotated[bool, typer.Option("--repair", help="Make bad units again.")] = False,
    workers: Workers = 0,
) -> None:
    """Check a store. Exit status 1 on faults.

    It compares every checksum, count and reference.
    """
    from audioflan_tasks.cli.store import verify as verify_store

    raise typer.Exit(verify_store(store, repair, workers))


@command("info", example="audioflan store info /fast/store", group=store_app)
def store_info(store: StoreFolder, as_json: Json = False) -> None:
    """Show what a store holds and what it was made from."""
    from audioflan_tasks.cli.store import info

    info(store, as_json)


@command("diff", example="audioflan store diff /fast/store /fast/other", group=store_app)
def store_diff(
    store: StoreFolder,
    other_store: Annotated[Path, typer.Argument(metavar="OTHER", help="Folder of another store.")],
) -> None:
    """Show how two stores differ. Exit status 1 if they do."""
    from audioflan_tasks.cli.store import diff

    raise typer.Exit(diff(store, other_store))
