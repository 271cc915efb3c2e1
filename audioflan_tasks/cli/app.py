"""The commands and their arguments."""

from __future__ import annotations

import logging
from enum import StrEnum
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


Jobs = Annotated[int, typer.Option(min=0, help="Processes; 0 takes all cores.")]
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
    jobs: Jobs = 0,
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
        text, policy.value, jobs, imports or [], as_json,
    )  # fmt: skip


@app.command()
def verify(
    store: StoreFolder,
    repair: Annotated[bool, typer.Option("--repair", help="Make bad units again.")] = False,
    jobs: Jobs = 0,
) -> None:
    """Check a store: checksums, counts, references; exit 1 on faults."""
    from audioflan_tasks.cli.store import verify as verify_store

    raise typer.Exit(verify_store(store, repair, jobs))


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
    processes: Annotated[int, typer.Option(min=1, help="How many work at once.")] = 1,
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
            name=name, seed=seed, times=times, split=split, processes=processes,
        )
    )  # fmt: skip


@app.command("score")
def score_command(
    answers: Annotated[Path, typer.Argument(help="Saved answers: JSON lines or a JSON array.")],
    task: Annotated[str, typer.Option(help="Task name or id.")],
    metric: Annotated[
        list[str] | None, typer.Option(help="A metric, repeatable; default the task's.")
    ] = None,
    normaliser: Annotated[str, typer.Option(help="Profile of text normalisation.")] = "",
    normalisers: Annotated[
        bool, typer.Option("--normalisers", help="Show all profiles side by side.")
    ] = False,
    answer_key: Annotated[str, typer.Option(help="Key of the model's answer.")] = "",
    reference_key: Annotated[str, typer.Option(help="Key of the right answer.")] = "",
    jobs: Annotated[int, typer.Option(min=1, help="Processes for costly metrics.")] = 1,
    weights: Annotated[
        list[str] | None, typer.Option(help="METRIC=FOLDER: the model of a metric, repeatable.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="File for what was read of each answer.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Score saved answers again, without the model."""
    from audioflan_tasks.cli.score import score_answers

    score_answers(
        answers, task, metric or (), normaliser, normalisers, answer_key, reference_key, jobs,
        weights or (), out, as_json,
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
