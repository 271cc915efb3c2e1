"""Commands of evaluation: ask a model, score answers, look for leaks, compare runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from audioflan_tasks.cli.root import Root, Seed, app


@app.command("evaluate")
def evaluate_command(
    model: Annotated[
        str,
        typer.Argument(
            help="openai:NAME, hf:WEIGHTS, python:MODULE:FUNCTION, tokens:MODULE:FUNCTION, "
            "answers:FILE.jsonl, nearest, or a baseline: random, majority, copy, roundtrip, oracle."
        ),
    ],
    mixture: Annotated[
        str, typer.Argument(help="Mixture, task, group of tasks, or fold:N of the default suite.")
    ] = "audioflan_unseen",
    out: Annotated[
        Path, typer.Option("--out", "--output_path", "-o", help="Folder of the run; resumed.")
    ] = Path("results"),
    model_args: Annotated[str, typer.Option("--model_args", help="name=value,...")] = "",
    tasks: Annotated[str, typer.Option("--tasks", help="Only these of the mixture.")] = "",
    limit: Annotated[
        float | None, typer.Option("--limit", "-L", help="Questions per task; below 1 a share.")
    ] = None,
    batch_size: Annotated[int, typer.Option("--batch_size", "-b", min=1)] = 1,
    workers: Annotated[int, typer.Option("--workers", min=1, help="Batches at a time.")] = 1,
    num_fewshot: Annotated[
        int, typer.Option("--num_fewshot", "-f", min=0, max=16, help="Solved examples first.")
    ] = 0,
    split: Annotated[str, typer.Option(help="train, validation or test.")] = "test",
    seed: Seed = 0,
    root: Root = None,
    baselines: Annotated[
        str, typer.Option(help="random, majority, copy, roundtrip, blind, shuffled, oracle.")
    ] = "random,majority,copy,blind",
    robustness: Annotated[str, typer.Option(help="options, paraphrase, level, noise.")] = "",
    proof_of_hearing: Annotated[
        int, typer.Option("--proof_of_hearing", min=0, help="Questions for it; 0: none.")
    ] = 16,
    yes_no_probes: Annotated[
        int, typer.Option("--yes_no_probes", min=0, help="Pairs per subject; 0: none.")
    ] = 0,
    judge: Annotated[str, typer.Option(help="openai:NAME for a second opinion.")] = "",
    judge_args: Annotated[str, typer.Option("--judge_args", help="name=value,...")] = "",
    bootstrap_iters: Annotated[int, typer.Option("--bootstrap_iters", min=30)] = 1000,
    log_samples: Annotated[
        bool, typer.Option("--log_samples/--no_log_samples", help="Keep every question.")
    ] = True,
) -> None:
    """Ask a model every question of a mixture and report its scores; exit 1 if a task failed."""
    from audioflan_tasks.cli.evaluate import run

    raise typer.Exit(
        run(
            model, mixture, out, model_args, judge, judge_args, root,
            tasks=tasks, limit=limit, batch_size=batch_size, workers=workers,
            num_fewshot=num_fewshot, split=split, seed=seed, baselines=baselines,
            robustness=robustness, proof_of_hearing=proof_of_hearing,
            yes_no_probes=yes_no_probes, bootstrap_iters=bootstrap_iters,
            log_samples=log_samples,
        )
    )  # fmt: skip


@app.command("audit")
def audit_command(
    train: Annotated[str, typer.Argument(help="Corpus root, JSONL, mixture or task, or X@SPLIT.")],
    measured: Annotated[str, typer.Argument(metavar="EVAL", help="Likewise; default @test.")],
    root: Root = None,
    allow: Annotated[
        str, typer.Option(help="Kinds of leak that do not count, such as 'person,instruction'.")
    ] = "",
    listen: Annotated[
        bool, typer.Option("--listen/--no_listen", help="Compare audio, not only its ids.")
    ] = True,
    workers: Annotated[int, typer.Option("--workers", min=1, help="Processes for audio.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Find what an evaluation shares with its training data; exit 1 if anything does."""
    from audioflan_tasks.cli.audit import print_audit

    raise typer.Exit(print_audit(train, measured, root, allow, listen, workers, as_json))


@app.command("compare")
def compare_command(
    runs: Annotated[list[Path], typer.Argument(help="Folders of runs; the first is the base.")],
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder for comparison.json, .md and .html.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of resamples.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Compare runs example by example: gains, intervals, p-values, and a plot."""
    from audioflan_tasks.cli.compare import print_comparison

    print_comparison(runs, out, seed, as_json)


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
    workers: Annotated[int, typer.Option(min=1, help="Processes for costly metrics.")] = 1,
    weights: Annotated[
        list[str] | None, typer.Option(help="METRIC=FOLDER: the model of a metric, repeatable.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="File for what was read of each answer.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Score saved answers again, without the model."""
    from audioflan_tasks.cli.score import score_answers

    score_answers(
        answers, task, metric or (), normaliser, normalisers, answer_key, reference_key, workers,
        weights or (), out, as_json,
    )  # fmt: skip
