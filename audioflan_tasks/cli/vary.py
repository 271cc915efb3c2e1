"""`audioflan vary SELECTION --endpoint URL --model NAME --out FOLDER`."""

from __future__ import annotations

import datetime
import getpass
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice, repeat
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from audioflan_tasks import catalogue
from audioflan_tasks.catalogue import TaskRow
from audioflan_tasks.cli.progress import ProgressDisplay, progress_display
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.errors import SettingsError, UnknownNameError
from audioflan_tasks.evaluation.models.endpoint import server_url
from audioflan_tasks.mixtures.spec.select import select
from audioflan_tasks.preprocessors.templates import languages_of
from audioflan_tasks.variation.asking import JsonModel, ReplyLog
from audioflan_tasks.variation.attempts import RewriteSource
from audioflan_tasks.variation.judge import RewriteJudge
from audioflan_tasks.variation.meaning import check_embeddings
from audioflan_tasks.variation.pools import PoolPlan, PoolUnit
from audioflan_tasks.variation.prompts import PromptFile, read_prompts
from audioflan_tasks.variation.records import RecordBatch
from audioflan_tasks.variation.review import Terminal, review_queue
from audioflan_tasks.variation.run import QUEUE, RunReport, record_batches, vary_pools, vary_records

__all__ = ["VaryOptions", "review_run", "run_variation"]

_DRY = "http://dry-run.invalid"
# No variable of the environment has this name, so no key is sent.
_NO_KEY = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class VaryOptions:
    """The options of the command."""

    parts: tuple[str, ...]
    endpoint: str
    model: str
    seed_model: str
    judge_model: str
    judge_endpoint: str
    judge_key_env: str
    out: Path | None
    is_pool: bool
    languages: tuple[str, ...]
    count: int
    batch_size: int
    attempts: int
    prompt: Path | None
    embeddings: Path | None
    workers: int
    requests_per_minute: float | None
    timeout_s: float
    prices: str
    part: str
    limit: float | None
    split: str
    root: Path | None
    seed: int
    is_dry: bool


class _VaryProgress:
    """How many units are done (a pool, or a batch of records), and how many replies have come."""

    def __init__(self, display: ProgressDisplay) -> None:
        self.total: int | None = None
        self._display = display
        self._unit_count = self._reply_count = 0

    def set_units(self, count: int) -> None:
        """Shows the number of units that are done."""
        self._unit_count = count
        self._show()

    def set_replies(self, count: int) -> None:
        """Shows the number of replies: a unit takes many of them."""
        self._reply_count = count
        self._show()

    def _show(self) -> None:
        note = f"replies: {self._reply_count:,}"
        self._display.update("vary", self._unit_count, self.total, note)


def run_variation(options: VaryOptions) -> int:
    """Varies pools or records and prints what came of it; 0 if anything was accepted, else 1."""
    if not options.parts:
        raise SettingsError("which tasks? give SELECTION, such as speech or gender_recognition")
    rows = [catalogue.get(name) for name in select(options.parts)]
    prices = _pair(options.prices or "0,0", ",", "--prices", "IN,OUT, such as 0.5,1.5")
    if options.embeddings is not None:
        check_embeddings(options.embeddings)
    if options.is_dry:
        _print_prompts(options, rows)
        return 0
    out = _out(options.out)
    with progress_display() as display:
        progress = _VaryProgress(display)
        seeds, asker = _sources(options, out, progress.set_replies)
        if options.is_pool:
            units = _units(options, rows, seeds, asker)
            progress.total = len(units)
            report = vary_pools(units, out, (seeds, asker), options.workers, progress.set_units)
        else:
            batches = _batches(options, rows, asker)
            report = vary_records(batches, out, (asker,), options.workers, progress.set_units)
    _print_report(report, out, prices if options.prices else None)
    return 0 if report.total.accepted_count else 1


def review_run(out: Path | None, reviewer: str) -> int:
    """Asks for a decision on every rewrite of a run's queue; 0."""
    if out is None:
        raise SettingsError("which run? give --out FOLDER")
    if not (out / QUEUE).is_file():
        raise SettingsError(f"{out}: no {QUEUE}; expected the folder of a run of audioflan vary")
    terminal = Terminal(_typed_line, _show)
    count = review_queue(out, terminal, reviewer or getpass.getuser(), _date())
    print(f"\n{out}: {count} decided")
    return 0


def _show(line: str) -> None:
    """Prints a line; what a terminal has no room for goes on below its first word."""
    console = Console()
    if not console.is_terminal:
        print(line)
        return
    indent = len(line) - len(line.lstrip(" -+"))
    parts = Text(line[indent:]).wrap(console, max(console.width - indent, 1))
    for begin, part in zip(chain([line[:indent]], repeat(" " * indent)), parts, strict=False):
        print(begin + part.plain)


def _typed_line(prompt: str) -> str | None:
    try:
        return input(prompt)
    except EOFError:
        return None


def _out(out: Path | None) -> Path:
    if out is None:
        raise SettingsError("where to? give --out FOLDER")
    out.mkdir(parents=True, exist_ok=True)
    return out


def _sources(
    options: VaryOptions, out: Path, on_reply: Callable[[int], None]
) -> tuple[RewriteSource, RewriteSource]:
    """Who writes the seeds, and who writes all others; one judge for both, if any."""
    url = options.endpoint or os.environ.get("OPENAI_BASE_URL", "")
    if not url or not options.model:
        raise SettingsError(
            "which model? give --endpoint http://HOST:PORT/v1 (or OPENAI_BASE_URL) and --model NAME"
        )
    server_url(url, "--endpoint" if options.endpoint else "OPENAI_BASE_URL")
    prompts, log = read_prompts(options.prompt), ReplyLog(out / "replies.jsonl", _date, on_reply)
    if log.kept_count:
        print(
            f"{out}: {log.kept_count:,} replies of an earlier run are used again", file=sys.stderr
        )
    names = (options.seed_model, options.model)
    models = {name: _model(options, name, url, temperature=0.9) for name in names}
    judge = _judge(options, url, log, prompts)
    seeds, asker = (
        RewriteSource(models[name], log, prompts, options.attempts, judge) for name in names
    )
    return seeds, asker


def _model(options: VaryOptions, name: str, url: str, **more: Any) -> JsonModel:
    return JsonModel(
        name, url, max_tokens=4096, seed=options.seed,
        requests_per_minute=options.requests_per_minute, timeout_s=options.timeout_s, **more,
    )  # fmt: skip


def _judge(
    options: VaryOptions, url: str, log: ReplyLog, prompts: PromptFile
) -> RewriteJudge | None:
    name, own_url = options.judge_model, options.judge_endpoint
    if not name:
        if own_url or options.judge_key_env:
            option = "--judge-endpoint" if own_url else "--judge-key-env"
            raise SettingsError(f"{option}: which model judges? give --judge-model NAME")
        return None
    key: dict[str, str] = {}
    if own_url:
        server_url(own_url, "--judge-endpoint")
        if name in (options.model, options.seed_model):
            raise SettingsError(
                f"--judge-model {name}: at --judge-endpoint too there is a model of this name, and "
                "the log of replies tells models by name; serve one of them under another name"
            )
        # The key of one server is not for another one.
        key["api_key_env"] = options.judge_key_env or _NO_KEY
    elif options.judge_key_env:
        raise SettingsError("--judge-key-env: only a judge at --judge-endpoint has its own key")
    model = _model(options, name, own_url or url, temperature=0.0, **key)
    return RewriteJudge(model, log, prompts)


def _units(
    options: VaryOptions, rows: Sequence[TaskRow], seeds: RewriteSource, asker: RewriteSource
) -> list[PoolUnit]:
    plan = PoolPlan(
        count=options.count, batch=options.batch_size,
        seed=options.seed, embeddings=options.embeddings,
    )  # fmt: skip
    units = [
        PoolUnit(row, code, plan, seeds, asker)
        for row in rows
        for code in options.languages
        if code in languages_of(row.id, row.pool or None)
    ]
    if not units:
        raise UnknownNameError("language", ",".join(options.languages), ("en", "zh"))
    return units


def _batches(
    options: VaryOptions, rows: Sequence[TaskRow], asker: RewriteSource
) -> Iterator[RecordBatch]:
    corpus = Corpus(options.root) if options.root is not None else Corpus()
    number, total = (int(n) for n in _pair(options.part, "/", "--part", "I/N, such as 1/8"))
    if options.limit is not None and options.limit < 1:
        raise SettingsError(f"--limit {options.limit}: expected a number of records, 1 or more")
    if not 1 <= number <= total:
        raise SettingsError(f"--part {options.part}: expected I/N with I from 1 to N")

    def of_task(row: TaskRow) -> Iterator[RecordBatch]:
        instances = corpus.instances(row.id, options.split)
        limit = None if options.limit is None else int(options.limit)
        limited = islice((i for i in instances if i.instruction), limit)
        return record_batches(limited, row, asker, options.batch_size, (number - 1, total))

    return chain.from_iterable(map(of_task, rows))


def _print_prompts(options: VaryOptions, rows: Sequence[TaskRow]) -> None:
    prompts = read_prompts(options.prompt)
    log = ReplyLog(Path(os.devnull), _date)
    asker = RewriteSource(JsonModel("", _DRY), log, prompts)
    if options.is_pool:
        texts = [unit.first_prompt() for unit in _units(options, rows, asker, asker)]
    else:
        first_batches = {batch.row.id: batch for batch in _firsts(options, rows, asker)}
        texts = [batch.prompt() for batch in first_batches.values()]
    print("\n----\n".join(texts))


def _firsts(
    options: VaryOptions, rows: Sequence[TaskRow], asker: RewriteSource
) -> Iterator[RecordBatch]:
    for row in rows:
        yield from islice(_batches(options, [row], asker), 1)


def _print_report(report: RunReport, out: Path, prices: tuple[float, float] | None) -> None:
    total = report.total
    print(
        f"{out}: {total.accepted_count:,} accepted of {total.attempts:,} rewrites, "
        f"{total.queued_count:,} for a person (audioflan vary --review --out {out})"
    )
    for rule, count in total.rules.most_common():
        print(f"  {count:>6,} broke {rule}")
    for rule, count in total.overruled.most_common():
        print(f"  {count:>6,} accepted by the judge against {rule}")
    for model, (tokens_in, tokens_out) in report.tokens.items():
        print(f"  {model}: {tokens_in:,} tokens read, {tokens_out:,} written")
    if prices is not None:
        print(f"  cost: {report.cost(prices):.2f}")


def _pair(text: str, sign: str, option: str, form: str) -> tuple[float, float]:
    parts = text.split(sign)
    if len(parts) != 2 or not all(re.fullmatch(r"\d+(\.\d+)?", part.strip()) for part in parts):
        raise SettingsError(f"{option} {text!r}: expected {form}")
    return float(parts[0]), float(parts[1])


def _date() -> str:
    return datetime.datetime.now(datetime.UTC).date().isoformat()
