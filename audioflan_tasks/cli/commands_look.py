"""Commands that look at tasks, examples and corpora."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from audioflan_tasks.cli.root import Count, Root, Seed, app


@app.command("tasks")
def tasks_command(
    domain: Annotated[str, typer.Option(help="speech, music or audio.")] = "",
    category: Annotated[str, typer.Option(help="understanding or generation.")] = "",
    mixtures: Annotated[bool, typer.Option("--mixtures", help="List mixtures instead.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the tasks, or the mixtures."""
    from audioflan_tasks.cli.tasks import list_mixtures, list_tasks

    if mixtures:
        list_mixtures(as_json)
    else:
        list_tasks(domain, category, as_json)


@app.command()
def show(
    task: Annotated[str, typer.Argument(help="Task name or id.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show one task: what it reads and writes, its templates and metrics."""
    from audioflan_tasks.cli.show import show_task

    show_task(task, as_json)


@app.command()
def preview(
    name: Annotated[str, typer.Argument(help="Task or mixture, e.g. audioflan_all.")],
    count: Count = 3,
    split: Annotated[str, typer.Option(help="train, validation or test.")] = "train",
    seed: Seed = 0,
    root: Root = None,
    play_to: Annotated[
        Path | None, typer.Option(help="Folder for a WAV of every span, and of its round trip.")
    ] = None,
) -> None:
    """Print rendered examples with the tokens of every span, and write the audio out."""
    from audioflan_tasks.cli.preview import preview_examples

    preview_examples(name, count, split, seed, root, play_to)


@app.command()
def decode(
    ids: Annotated[Path, typer.Argument(help="A .npy file of ids, [n] or [batch, n].")],
    out: Annotated[Path, typer.Option(help="Folder for the text and a WAV of every span.")],
) -> None:
    """Turn a model's output ids into text and audio."""
    from audioflan_tasks.cli.decode import decode_file

    decode_file(ids, out)


@app.command()
def chat(
    name: Annotated[str, typer.Argument(help="Task or mixture, e.g. audioflan_all.")],
    count: Count = 3,
    turns: Annotated[int, typer.Option(min=1, help="Most questions about one clip.")] = 4,
    split: Annotated[str, typer.Option(help="train, validation or test.")] = "train",
    seed: Seed = 0,
    root: Root = None,
    system: Annotated[str, typer.Option(help="A system message.")] = "",
    template: Annotated[
        Path | None,
        typer.Option(help="A Jinja chat template; default the LLM's, else a plain one."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print messages as JSON lines.")] = False,
) -> None:
    """Print dialogues: several tasks about one clip, as a chat model reads them."""
    from audioflan_tasks.cli.chat import print_chats

    print_chats(name, count, turns, split, seed, root, system, template, as_json)


@app.command()
def check(
    root: Annotated[Path | None, typer.Argument(help="A corpus root.")] = None,
    demo: Annotated[bool, typer.Option("--demo", help="Check the bundled corpus.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Check a corpus: records, repairs, unknown names, missing or unreadable audio."""
    from audioflan_tasks.cli.check import check_corpus

    raise typer.Exit(check_corpus(root, demo, as_json))
