"""Commands about the words of instructions: vary them, measure how varied they are."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from audioflan_tasks.cli.options import Json, Limit, Root, Seed, Split, Workers
from audioflan_tasks.cli.root import command

Embeddings = Annotated[
    Path | None,
    typer.Option(
        metavar="FOLDER", help="A model of model2vec, by which near copies in meaning are told."
    ),
]


class Level(StrEnum):
    """What is rewritten: the pools of tasks, or single records."""

    POOL = "pool"
    RECORDS = "records"


@command(
    "vary",
    example="audioflan vary speech --endpoint http://HOST:8000/v1 --model NAME -o run",
)
def vary(
    selection: Annotated[
        list[str] | None,
        typer.Argument(metavar="SELECTION", help="Tasks, groups of tasks, or field:value."),
    ] = None,
    endpoint: Annotated[
        str,
        typer.Option(metavar="URL", help="Server with OpenAI's API; without it OPENAI_BASE_URL."),
    ] = "",
    model: Annotated[
        str, typer.Option("--model", "-m", metavar="NAME", help="Model that writes variations.")
    ] = "",
    seed_model: Annotated[
        str,
        typer.Option(metavar="NAME", help="Model of the five seeds; without it the same model."),
    ] = "",
    judge_model: Annotated[
        str,
        typer.Option(
            metavar="NAME", help="Model that decides whether rewrites ask the same."
        ),
    ] = "",
    judge_endpoint: Annotated[
        str, typer.Option(metavar="URL", help="Server of the judge; without it that of --endpoint.")
    ] = "",
    judge_key_env: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="Environment variable with the key for --judge-endpoint; without it none is sent.",
        ),
    ] = "",
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", metavar="FOLDER",
            help="Where to write the run; an unfinished one is continued.",
        ),
    ] = None,
    level: Annotated[
        Level, typer.Option(help="What is rewritten: pools of tasks, or single records.")
    ] = Level.POOL,
    languages: Annotated[
        str, typer.Option(metavar="CODE,...", help="Languages of the pools: en, zh or both.")
    ] = "en",
    count: Annotated[
        int,
        typer.Option("--count", "-n", metavar="N", min=1, help="How many new instructions a task."),
    ] = 20,
    batch_size: Annotated[
        int,
        typer.Option(
            "--batch-size", "-b", metavar="N", min=1, help="Batch size: rewrites of one request."
        ),
    ] = 5,
    attempts: Annotated[
        int,
        typer.Option(metavar="N", min=1, help="Requests for a rewrite until a person is asked."),
    ] = 3,
    prompt: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Your own prompts, a TOML file.")
    ] = None,
    embeddings: Embeddings = None,
    workers: Workers = 1,
    requests_per_minute: Annotated[
        float | None, typer.Option(metavar="N", help="Most requests a minute to one model.")
    ] = None,
    timeout: Annotated[
        float,
        typer.Option(
            metavar="SECONDS", min=1, help="Time limit of a request; a slow server needs more."
        ),
    ] = 120.0,
    prices: Annotated[
        str,
        typer.Option(
            metavar="IN,OUT", help="Prices of a million tokens read and written, for the cost."
        ),
    ] = "",
    part: Annotated[
        str, typer.Option(metavar="I/N", help="Of the records only every N-th batch, from 1.")
    ] = "1/1",
    limit: Limit = None,
    split: Split = "train",
    root: Root = None,
    seed: Seed = 0,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print the first prompt of each task, ask nothing.")
    ] = False,
    review: Annotated[
        bool, typer.Option("--review", help="Decide on the rewrites that broke a rule.")
    ] = False,
    reviewer: Annotated[
        str, typer.Option(metavar="NAME", help="Name of who decides; without it the login name.")
    ] = "",
) -> None:  # fmt: skip
    """Have a model rewrite instructions, and check its rewrites."""
    from audioflan_tasks.cli.vary import VaryOptions, review_run, run_variation

    if review:
        raise typer.Exit(review_run(out, reviewer))
    raise typer.Exit(
        run_variation(
            VaryOptions(
                parts=tuple(selection or ()), endpoint=endpoint, model=model,
                seed_model=seed_model or model, judge_model=judge_model,
                judge_endpoint=judge_endpoint, judge_key_env=judge_key_env, out=out,
                is_pool=level is Level.POOL,
                languages=tuple(filter(None, (code.strip() for code in languages.split(",")))),
                count=count, batch_size=batch_size, attempts=attempts, prompt=prompt,
                embeddings=embeddings, workers=workers, timeout_s=timeout,
                requests_per_minute=requests_per_minute, prices=prices, part=part,
                limit=limit, split=split, root=root, seed=seed, is_dry=dry_run,
            )
        )
    )  # fmt: skip


@command("diversity", example="audioflan diversity pools varied --out diversity")
def diversity(
    pools: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="POOL",
            help="Folders of pools or runs of vary, pools for those of the package, or paper.",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", metavar="FOLDER", help="Where to write diversity.json, .md and .svg."
        ),
    ] = None,
    by_task: Annotated[bool, typer.Option("--by-task", help="A row for each task.")] = False,
    fidelity: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Judgements of a sample, lines of JSON, beside those of the rules.",
        ),
    ] = None,
    embeddings: Embeddings = None,
    as_json: Json = False,
) -> None:  # fmt: skip
    """Measure how varied pools are, side by side, and how faithful."""
    from audioflan_tasks.cli.diversity import print_diversity

    print_diversity(pools or ["pools", "paper"], out, by_task, fidelity, embeddings, as_json)
