"""The commands and their arguments."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    name="audioflan",
    help="The 80 tasks of Audio-FLAN: look at them, try them, check a corpus.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Seed = Annotated[int, typer.Option(help="The same seed shows the same examples.")]
Count = Annotated[int, typer.Option(min=1, help="How many examples.")]
Root = Annotated[
    Path | None, typer.Option(help="Corpus root; default AUDIOFLAN_DATA_DIR, else the demo.")
]


@app.callback()
def common(
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Show what is going on.")
    ] = False,
) -> None:
    """Options that stand before the command."""
    logging.basicConfig(level=logging.INFO if verbose else logging.WARNING, format="%(message)s")


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
