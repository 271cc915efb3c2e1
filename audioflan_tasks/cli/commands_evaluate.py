"""Commands of evaluation: ask a model, score answers, look for leaks, compare runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from audioflan_tasks.cli.options import (
    FewShot,
    Json,
    Limit,
    MeasuredTasks,
    Report,
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
from audioflan_tasks.defaults import DEFAULT_BASELINES

_MEASURED = (
    "Mixture or task by name, a group of tasks, fold:N of the default suite, or a .toml file."
)


@command(
    "evaluate",
    example="audioflan evaluate openai:MODEL audioflan_unseen --out runs/a --workers 8",
    continues=True,
)
def evaluate(
    model: Annotated[
        str,
        typer.Argument(
            metavar="MODEL",
            help="openai:NAME, hf:WEIGHTS, python:MODULE:FUNCTION, tokens:MODULE:FUNCTION, "
            "answers:FILE.jsonl, nearest, or a baseline such as random, majority, copy, silence, "
            "roundtrip or oracle.",
        ),
    ] = "",
    mixture: Annotated[
        str,
        typer.Argument(
            metavar="MIXTURE", help=f"{_MEASURED} Without it audioflan_unseen."
        ),
    ] = "",
    model_option: Annotated[
        str, typer.Option("--model", "-m", metavar="MODEL", help="MODEL as an option.")
    ] = "",
    tasks: MeasuredTasks = "",
    folds: Annotated[
        str,
        typer.Option(
            "--folds", metavar="WIDTH,...",
            help="Measure every task once: a run for each cluster of width task, family or major "
            "(or all widths). {fold} and {width} in MODEL name the fold's own model.",
        ),
    ] = "",
    out: Annotated[
        Path,
        out_folder("Where to write the run; an unfinished one is continued."),
    ] = Path("results"),
    model_args: Annotated[
        str,
        typer.Option(
            "--model-args", "-a", metavar="NAME=VALUE,...", help="Arguments of the model."
        ),
    ] = "",
    limit: Limit = None,
    batch_size: Annotated[
        int,
        typer.Option(
            "--batch-size", "-b", metavar="N", min=1, help="Batch size: questions of one call."
        ),
    ] = 1,
    workers: Workers = 1,
    num_fewshot: FewShot = 0,
    split: Split = "test",
    seed: Seed = 0,
    root: Root = None,
    baselines: Annotated[
        str,
        typer.Option(
            "--baselines", metavar="NAME,...",
            help="Baselines beside the model: random, majority, copy, roundtrip, blind, "
            "shuffled, oracle.",
        ),
    ] = ",".join(DEFAULT_BASELINES),
    robustness: Annotated[
        str,
        typer.Option(
            "--robustness", metavar="NAME,...",
            help="Ask again with other options, paraphrase, paraphrase_2, level or noise.",
        ),
    ] = "",
    metrics: Annotated[
        str,
        typer.Option(
            metavar="NAME,...", help="Further metrics, for the tasks whose answers they read."
        ),
    ] = "",
    proof_of_hearing: Annotated[
        int,
        typer.Option(
            "--proof-of-hearing", metavar="N", min=0,
            help="Questions also asked without audio, to prove that answers need it; 0: none.",
        ),
    ] = 16,
    yes_no_probes: Annotated[
        int,
        typer.Option(
            "--yes-no-probes", metavar="N", min=0,
            help="Pairs of yes/no questions per subject, to measure yes-bias; 0: none.",
        ),
    ] = 0,
    judge: Annotated[
        str, typer.Option("--judge", metavar="MODEL", help="openai:NAME for a second opinion.")
    ] = "",
    judge_args: Annotated[
        str, typer.Option("--judge-args", metavar="NAME=VALUE,...", help="Arguments of the judge.")
    ] = "",
    report: Annotated[
        Report,
        typer.Option(
            "--report",
            help="paper: what a paper should say, in paper.md, with three draws of templates.",
        ),
    ] = Report.STANDARD,
    trained_on: Annotated[
        str,
        typer.Option(
            "--trained-on", metavar="TRAIN",
            help="Training data that paper.md audits, as of `audioflan audit`.",
        ),
    ] = "",
    log_samples: Annotated[
        bool,
        typer.Option("--log-samples/--no-log-samples", help="Keep every question with its answer."),
    ] = True,
) -> None:  # fmt: skip
    """Ask a model a mixture's questions, and score it.

    Exit status 1 if a task failed. Options of lm-evaluation-harness work as spelled there
    (--model_args, --output_path).
    """
    from audioflan_tasks.cli.evaluate import measured_names, run

    model, mixture, tasks = measured_names([model_option, model, mixture], tasks, folds)
    raise typer.Exit(
        run(
            model, mixture, out, model_args, judge, judge_args, root, report, trained_on,
            folds=folds,
            tasks=tasks, limit=limit, batch_size=batch_size, workers=workers,
            num_fewshot=num_fewshot, split=split, seed=seed, baselines=baselines,
            robustness=robustness, metrics=metrics, proof_of_hearing=proof_of_hearing,
            yes_no_probes=yes_no_probes, log_samples=log_samples,
        )
    )  # fmt: skip


@command(
    "questions", example="audioflan questions audioflan_unseen --out questions.jsonl --limit 20"
)
def questions(
    mixture: Annotated[str, typer.Argument(metavar="MIXTURE", help=_MEASURED)],
    out: Annotated[
        Path,
        out_file("--out", "-o", about="Where to write the questions; audio goes beside it."),
    ],
    tasks: MeasuredTasks = "",
    limit: Limit = None,
    num_fewshot: FewShot = 0,
    split: Split = "test",
    seed: Seed = 0,
    sample_rate: Annotated[
        int, typer.Option(metavar="HZ", min=8000, help="Sample rate of the audio files.")
    ] = 16_000,
    root: Root = None,
) -> None:  # fmt: skip
    """Write the questions to a file, for a model elsewhere.

    Its answers are scored by: audioflan evaluate answers:FILE MIXTURE
    """
    from audioflan_tasks.cli.questions import write_question_file

    write_question_file(mixture, out, tasks, limit, num_fewshot, split, seed, sample_rate, root)


@command("audit", example="audioflan audit audioflan_seen audioflan_unseen --allow instruction")
def audit(
    train: Annotated[
        str,
        typer.Argument(metavar="TRAIN", help="Corpus root, JSONL, mixture or task, or any @SPLIT."),
    ],
    evaluation: Annotated[
        str, typer.Argument(metavar="EVAL", help="The same; without @SPLIT its test split.")
    ] = "",
    root: Root = None,
    shortcuts: Annotated[
        bool,
        typer.Option(
            "--shortcuts",
            help="Of one corpus: what a guesser gets who sees one fact and never listens.",
        ),
    ] = False,
    allow: Annotated[
        str,
        typer.Option(
            "--allow", metavar="KIND,...",
            help="Kinds of leak that do not count, such as person,instruction.",
        ),
    ] = "",
    listen: Annotated[
        bool, typer.Option("--listen/--no-listen", help="Compare audio, not only its ids.")
    ] = True,
    workers: Workers = 1,
    runner: RunnerOption = RunnerKind.LOCAL,
    address: RunnerAddress = "",
    as_json: Json = False,
) -> None:  # fmt: skip
    """Find what an evaluation shares with its training data.

    Exit status 1 if it shares anything that --allow does not name. With --shortcuts: what gives
    answers of one corpus away.
    """
    from audioflan_tasks.cli.audit import print_audit, print_shortcuts
    from audioflan_tasks.runners import open_runner

    if shortcuts:
        print_shortcuts(train, listen, as_json)
        return
    if not evaluation:
        raise typer.BadParameter("give EVAL beside TRAIN, or --shortcuts and one corpus")
    clip_runner = open_runner(runner.value, workers=workers, address=address)
    raise typer.Exit(print_audit(train, evaluation, root, allow, listen, clip_runner, as_json))


@command("compare", example="audioflan compare runs/a runs/b --out runs/a-b")
def compare(
    runs: Annotated[
        list[Path],
        typer.Argument(metavar="RUN", help="Folders of runs; the first is the base."),
    ],
    out: Annotated[
        Path | None,
        out_folder("Where to write comparison.json, .md and .html."),
    ] = None,
    seed: Seed = 0,
    as_json: Json = False,
) -> None:  # fmt: skip
    """Compare runs example by example, with intervals and p-values."""
    from audioflan_tasks.cli.compare import print_comparison

    print_comparison(runs, out, seed, as_json)


@command("score", example="audioflan score answers.jsonl --task key_detection")
def score(
    answers: Annotated[
        Path,
        typer.Argument(
            metavar="ANSWERS",
            help="Saved answers: JSON lines, a JSON array, or one under a key such as samples.",
        ),
    ],
    task: Annotated[str, typer.Option(metavar="TASK", help="Name or id of a task.")],
    metric: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="A metric (repeatable); without it the task's."),
    ] = None,
    normaliser: Annotated[
        str, typer.Option(metavar="NAME", help="Profile of text normalisation.")
    ] = "",
    all_normalisers: Annotated[
        bool, typer.Option("--all-normalisers", help="Show all profiles side by side.")
    ] = False,
    answer_key: Annotated[str, typer.Option(metavar="KEY", help="Key of the model's answer.")] = "",
    reference_key: Annotated[
        str, typer.Option(metavar="KEY", help="Key of the right answer.")
    ] = "",
    gold: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="The right answers, if in another file; unanswered ones count."
        ),
    ] = None,
    workers: Workers = 1,
    runner: RunnerOption = RunnerKind.LOCAL,
    address: RunnerAddress = "",
    metric_weights: Annotated[
        list[str] | None,
        typer.Option(metavar="METRIC=FOLDER", help="The model of a metric (repeatable)."),
    ] = None,
    options: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The labels to choose from: one a line, or a JSON list."),
    ] = None,
    aliases: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Other names of labels: lines 'cello = string', or a JSON object."
        ),
    ] = None,
    out: Annotated[
        Path | None,
        out_file("--out", "-o", about="Where to write what was read of each answer."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Score saved answers again, without the model."""
    from audioflan_tasks.cli.score import score_answers
    from audioflan_tasks.runners import open_runner

    score_answers(
        answers, task, metric or (), normaliser, all_normalisers, answer_key, reference_key,
        gold, open_runner(runner.value, workers=workers, address=address), metric_weights or (),
        options, aliases, out, as_json,
    )  # fmt: skip
