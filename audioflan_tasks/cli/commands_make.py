"""Commands that make data: simulation over folders of audio, and corpora in other formats."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from audioflan_tasks.cli.options import (
    Root,
    RunnerAddress,
    RunnerKind,
    RunnerOption,
    Seed,
    Split,
    Workers,
    out_file,
    out_folder,
)
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
        out_folder("Where to write: the root of a corpus, new or begun."),
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
    runner: RunnerOption = RunnerKind.LOCAL,
    address: RunnerAddress = "",
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
            runner=runner.value, address=address,
        )
    )  # fmt: skip


_OUT = out_folder("Where to write: the root of a corpus; without it tasks are listed.")
_ONLY_TASKS = typer.Option(
    "--tasks", "-t", metavar="NAME,...", help="Only these tasks; else all that it serves."
)
_AUDIO = typer.Option(metavar="HOW", help="copy, link (hard links) or flac.")
_RATE = typer.Option(metavar="HZ", min=1000, help="Sample rate of FLAC files.")


@command("recipes", example="audioflan recipes LJSpeech")
def recipes(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A corpus, for its card.")] = "",
    licence: Annotated[
        str,
        typer.Option(
            metavar="CLASS",
            help="Only those of this class: permissive, share-alike, per-item, non-commercial, ...",
        ),
    ] = "",
) -> None:
    """List the corpora of the paper, or print a card."""
    from audioflan_tasks.cli.importing import list_cards

    list_cards(name, licence)


@command("recipe", example="audioflan recipe LJSpeech LJSpeech-1.1 --out corpus", continues=True)
def recipe(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="A corpus; audioflan recipes lists them.")
    ],
    root: Annotated[
        Path, typer.Argument(metavar="ROOT", help="Root of the corpus, as it unpacks.")
    ],
    out: Annotated[Path | None, _OUT] = None,
    tasks: Annotated[str, _ONLY_TASKS] = "",
    audio: Annotated[str, _AUDIO] = "copy",
    sample_rate: Annotated[int | None, _RATE] = None,
    loader: Annotated[
        str,
        typer.Option(
            metavar="LIBRARY",
            help="lhotse, mirdata, soundata or tfds instead of our own reader; see the card.",
        ),
    ] = "",
    seed: Seed = 0,
    workers: Workers = 1,
    runner: RunnerOption = RunnerKind.LOCAL,
    address: RunnerAddress = "",
) -> None:  # fmt: skip
    """Make the tasks of a corpus of the paper."""
    from audioflan_tasks.cli.importing import known_folder
    from audioflan_tasks.runners import open_runner

    known_folder(
        name, root, out, tasks=tasks, audio=audio, sample_rate=sample_rate, seed=seed,
        loader=loader, runner=open_runner(runner.value, workers=workers, address=address),
    )  # fmt: skip


@command(
    "import", example="audioflan import csv clips/table.csv --out corpus --language English",
    continues=True,
)  # fmt: skip
def import_corpus(
    format: Annotated[  # the word that users look for
        str,
        typer.Argument(
            metavar="FORMAT",
            help="csv, jsonl (NeMo), parquet, huggingface, kaldi, lhotse, webdataset, chat; auto.",
        ),
    ],
    path: Annotated[Path, typer.Argument(metavar="PATH", help="The file or folder.")],
    out: Annotated[Path | None, _OUT] = None,
    tasks: Annotated[str, _ONLY_TASKS] = "",
    columns: Annotated[
        list[str] | None,
        typer.Option("--column", metavar="FACT=NAME", help="What a column is (repeatable)."),
    ] = None,
    language: Annotated[str, typer.Option(metavar="NAME", help="Of all clips.")] = "",
    content: Annotated[
        str, typer.Option(metavar="NAME", help="What is heard: speech, music or audio.")
    ] = "speech",
    name: Annotated[
        str, typer.Option(metavar="NN_NAME", help="Name of the corpus's folder.")
    ] = "",
    audio: Annotated[str, _AUDIO] = "copy",
    sample_rate: Annotated[int | None, _RATE] = None,
    audio_root: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Where paths of audio begin.")
    ] = None,
    seed: Seed = 0,
    workers: Workers = 1,
    runner: RunnerOption = RunnerKind.LOCAL,
    address: RunnerAddress = "",
) -> None:  # fmt: skip
    """Make a corpus of audio and labels in another format."""
    from audioflan_tasks.cli.importing import import_folder
    from audioflan_tasks.runners import open_runner

    import_folder(
        format, path, out, tasks=tasks, columns=columns or [], language=language,
        domain=content, name=name, audio=audio, sample_rate=sample_rate, audio_root=audio_root,
        seed=seed, runner=open_runner(runner.value, workers=workers, address=address),
    )  # fmt: skip


@command("benchmark", example="audioflan benchmark mmau MMAU/ --out held_out", continues=True)
def benchmark(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="A benchmark; without it they are listed.")
    ] = "",
    path: Annotated[
        Path, typer.Argument(metavar="PATH", help="The folder, or a file with its items.")
    ] = Path(),
    out: Annotated[Path | None, _OUT] = None,
    task_map: Annotated[
        list[str] | None,
        typer.Option(
            "--map", metavar="KIND=TASK", help="What a kind of items asks (repeatable); * fits all."
        ),
    ] = None,
    tasks: Annotated[str, _ONLY_TASKS] = "",
    audio: Annotated[str, _AUDIO] = "copy",
    sample_rate: Annotated[int | None, _RATE] = None,
    workers: Workers = 1,
    runner: RunnerOption = RunnerKind.LOCAL,
    address: RunnerAddress = "",
) -> None:  # fmt: skip
    """Make held-out records of a public benchmark."""
    from audioflan_tasks.cli.benchmark import import_benchmark, list_benchmarks
    from audioflan_tasks.runners import open_runner

    if name:
        import_benchmark(
            name, path, out, task_map=task_map or [], tasks=tasks, audio=audio,
            sample_rate=sample_rate,
            runner=open_runner(runner.value, workers=workers, address=address),
        )  # fmt: skip
    else:
        list_benchmarks()


@command("ids", example="audioflan ids LibriTTS-R LibriTTS_R/ --root audioflan --out ids.tsv")
def ids(
    corpus: Annotated[str, typer.Argument(metavar="CORPUS", help="A corpus of the paper.")],
    source_root: Annotated[
        Path, typer.Argument(metavar="SOURCE", help="Root of the corpus, as it unpacks.")
    ],
    out: Annotated[Path, out_file("--out", "-o", about="Where to write.")] = Path("ids.tsv"),
    root: Root = None,
) -> None:
    """Propose source files for Audio-FLAN's audio ids, by their names."""
    from audioflan_tasks.cli.ids import write_proposals

    write_proposals(corpus, source_root, out, root)
