"""Commands that look at tasks, examples and corpora."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from audioflan_tasks.cli.options import (
    CorpusFolder,
    Count,
    Demo,
    Json,
    MixtureName,
    Root,
    RunnerAddress,
    RunnerKind,
    RunnerOption,
    Seed,
    Split,
    SplitWords,
    TaskName,
    UnusableRows,
    Workers,
    out_file,
    out_folder,
    split_mapping,
)
from audioflan_tasks.cli.root import command


@command("tasks", example="audioflan tasks --domain music --json")
def tasks(
    domain: Annotated[
        str, typer.Option(metavar="NAME", help="Only this domain: speech, music or audio.")
    ] = "",
    category: Annotated[
        str,
        typer.Option(metavar="NAME", help="Only this category: understanding or generation."),
    ] = "",
    mixtures: Annotated[
        bool, typer.Option("--mixtures", help="List the mixtures instead.")
    ] = False,
    as_json: Json = False,
) -> None:
    """List the tasks, or the mixtures."""
    from audioflan_tasks.cli.tasks import list_mixtures, list_tasks

    if mixtures:
        list_mixtures(as_json)
    else:
        list_tasks(domain, category, as_json)


@command("show", example="audioflan show key_detection")
def show(task: TaskName, as_json: Json = False) -> None:
    """Show a task: what it reads and writes, templates, metrics."""
    from audioflan_tasks.cli.show import show_task

    show_task(task, as_json)


@command("preview", example="audioflan preview audioflan_music --count 5 --out wavs")
def preview(
    mixture: MixtureName,
    count: Count = 3,
    split: Split = "train",
    seed: Seed = 0,
    root: Root = None,
    out: Annotated[
        Path | None,
        out_folder("Where to write a WAV of every audio span, and of its round trip."),
    ] = None,
    html: Annotated[
        Path | None,
        out_file("--html", about="Write a page to read and to listen to the examples."),
    ] = None,
) -> None:  # fmt: skip
    """Print the first examples that a trainer would see."""
    from audioflan_tasks.cli.preview import preview_examples

    preview_examples(mixture, count, split, seed, root, out, html)


@command("decode", example="audioflan decode ids.npy --out decoded")
def decode(
    ids: Annotated[
        Path, typer.Argument(metavar="IDS", help="A .npy file of ids, [n] or [batch, n].")
    ],
    out: Annotated[
        Path,
        out_folder("Where to write the text and a WAV of every audio span."),
    ],
) -> None:  # fmt: skip
    """Turn a model's output ids into text and audio."""
    from audioflan_tasks.cli.decode import decode_file

    decode_file(ids, out)


@command("chat", example='audioflan chat audioflan_all --turns 4 --system "You hear well."')
def chat(
    mixture: MixtureName,
    count: Count = 3,
    turns: Annotated[
        int, typer.Option(metavar="N", min=1, help="Most questions about one clip.")
    ] = 4,
    split: Split = "train",
    seed: Seed = 0,
    root: Root = None,
    system: Annotated[str, typer.Option(metavar="TEXT", help="A system message.")] = "",
    template: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="A Jinja chat template; without it the LLM's, else a plain one."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Print dialogues: several tasks about one clip."""
    from audioflan_tasks.cli.chat import print_chats

    print_chats(mixture, count, turns, split, seed, root, system, template, as_json)


@command("check", example="audioflan check /corpora/audioflan")
def check(
    root: CorpusFolder = None,
    demo: Demo = False,
    as_json: Json = False,
    splits: SplitWords = None,
    policy: Annotated[
        UnusableRows, typer.Option(help="What records of unknown tasks are: an error unless skip.")
    ] = UnusableRows.ERROR,
    workers: Workers = 1,
    runner: RunnerOption = RunnerKind.LOCAL,
    address: RunnerAddress = "",
) -> None:
    """Check a corpus. Exit status 1 on errors.

    It looks for records that need repair, unknown names, missing and unreadable audio.
    """
    from audioflan_tasks.cli.check import check_corpus
    from audioflan_tasks.runners import open_runner

    exit_status = check_corpus(
        root, demo, as_json, split_mapping(splits), policy is UnusableRows.SKIP,
        open_runner(runner.value, workers=workers, address=address),
    )  # fmt: skip
    raise typer.Exit(exit_status)


@command("doctor", example="audioflan doctor --json")
def doctor(as_json: Json = False) -> None:
    """Show versions, extras, settings, corpus and cache.

    Exit status 1 if something that is needed does not work.
    """
    from audioflan_tasks.cli.doctor import print_diagnosis

    raise typer.Exit(print_diagnosis(as_json))


@command("stats", example="audioflan stats /fast/store --html stats.html")
def stats(
    source: Annotated[
        str,
        typer.Argument(
            metavar="SOURCE", help="A corpus, a store or a mixture; without it that of --root."
        ),
    ] = "",
    root: Root = None,
    split: Annotated[
        str,
        typer.Option(
            "--split", metavar="NAME", help="Split: train, validation or test; without it all."
        ),
    ] = "",
    steps: Annotated[
        int, typer.Option("--steps", metavar="N", min=1, help="Examples drawn of a mixture.")
    ] = 1_000_000,
    html: Annotated[Path | None, out_file("--html", about="Write a page with plots.")] = None,
    as_json: Json = False,
) -> None:
    """Count instances by task, corpus and attribute."""
    from audioflan_tasks.cli.stats import print_statistics

    print_statistics(source, root, split, steps, html, as_json)
