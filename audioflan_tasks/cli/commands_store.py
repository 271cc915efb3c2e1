"""Commands of the store."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from audioflan_tasks.cli.root import Workers, app

StoreFolder = Annotated[Path, typer.Argument(help="Folder of a store.")]


class MissingAudio(StrEnum):
    """What a build does with rows whose audio is missing or unreadable."""

    ERROR = "error"
    SKIP = "skip"
    KEEP = "keep"


@app.command()
def build(
    root: Annotated[Path | None, typer.Argument(help="A corpus root.")] = None,
    out: Annotated[Path, typer.Option(help="Folder of the store.")] = Path("store"),
    demo: Annotated[bool, typer.Option("--demo", help="Build the bundled corpus.")] = False,
    tokenizer: Annotated[str, typer.Option(help="Audio tokenizer, or none.")] = "convrvq_16k",
    codebooks: Annotated[int, typer.Option(min=0, help="Codebooks; 0: the tokenizer's own.")] = 0,
    weights: Annotated[str, typer.Option(help="Weights of a neural tokenizer.")] = "",
    text: Annotated[str, typer.Option(help="Text side of the ids, or none.")] = "sentencepiece",
    policy: Annotated[
        MissingAudio, typer.Option(help="Rows whose audio is missing or unreadable.")
    ] = MissingAudio.ERROR,
    workers: Workers = 0,
    imports: Annotated[
        list[str] | None, typer.Option("--import", help="Module that registers the tokenizer.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Build a store of a corpus, or continue one: records, codes and ids in mapped files."""
    from audioflan_tasks.cli import store

    options = {"codebooks": codebooks, "weights": weights}
    store.build(
        root, demo, out, tokenizer, {name: value for name, value in options.items() if value},
        text, policy.value, workers, imports or [], as_json,
    )  # fmt: skip


@app.command()
def verify(
    store: StoreFolder,
    repair: Annotated[bool, typer.Option("--repair", help="Make bad units again.")] = False,
    workers: Workers = 0,
) -> None:
    """Check a store: checksums, counts, references; exit 1 on faults."""
    from audioflan_tasks.cli.store import verify as verify_store

    raise typer.Exit(verify_store(store, repair, workers))


store_app = typer.Typer(help="Look into stores.", no_args_is_help=True)
app.add_typer(store_app, name="store")


@store_app.command("info")
def store_info(
    store: StoreFolder,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show what a store holds and what it was made from."""
    from audioflan_tasks.cli.store import info

    info(store, as_json)


@store_app.command("diff")
def store_diff(first: StoreFolder, second: StoreFolder) -> None:
    """Show how two stores differ; exit 1 if they do."""
    from audioflan_tasks.cli.store import diff

    raise typer.Exit(diff(first, second))
