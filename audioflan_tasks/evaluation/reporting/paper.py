"""What a paper should say of a run, filled in: paper.md (docs/protocol.md says why)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from audioflan_tasks.catalogue import PREFIX
from audioflan_tasks.evaluation.reporting.formatting import findings, number
from audioflan_tasks.evaluation.reporting.markdown import table
from audioflan_tasks.evaluation.results import Macro, Results, TaskResult

__all__ = ["TEMPLATE_DRAWS", "AuditDigest", "paper"]

# Variations that ask with another template; with the run itself three draws.
TEMPLATE_DRAWS = ("paraphrase", "paraphrase_2")
_OPEN = "**to be stated**"
_LIMITS = (
    "The intervals are about other examples of these tasks, not about other tasks, templates, "
    "training runs or decodings, and take chance as known.",
    "A score of 0 is that of the best model that does not listen; worse ones are 0 too. With few "
    "questions that model may be lucky, which lowers the score.",
    "The audit finds what it can compare; data that is not named in it was not compared.",
    "Tasks of grade W (labels without meaning) are in no mean.",
)


class AuditDigest(msgspec.Struct, frozen=True, kw_only=True):
    """What an audit of the training data found: records of the evaluation by kind of leak.

    `width` is that of what the training mixture holds out; "" if it holds out nothing. `limits`
    are lines on what could not be compared.
    """

    train: str
    evaluation: str
    counts: dict[str, int]
    allowed: list[str]
    sha256: str
    width: str = ""
    limits: Sequence[str] = ()

    @classmethod
    def of(
        cls,
        train: str,
        evaluation: str,
        counts: Mapping[str, int],
        allowed: Sequence[str],
        width: str = "",
        limits: Sequence[str] = (),
    ) -> AuditDigest:
        """The digest, with a hash of all it says."""
        content = msgspec.json.encode([train, evaluation, dict(counts), list(allowed)])
        digest = hashlib.sha256(content).hexdigest()[:16]
        return cls(train=train, evaluation=evaluation, counts=dict(counts), allowed=list(allowed),
                   sha256=digest, width=width, limits=limits)  # fmt: skip


def paper(results: Results, audit: AuditDigest | None = None) -> str:
    """The section of a paper as Markdown."""
    parts = [f"# {results.model}: evaluation on {results.mixture}", ""]
    for title, lines in (
        ("Setup", _setup(results, audit)), ("Scores", _scores(results)), ("Audit", _audit(audit)),
        ("Findings", findings(results)), ("Limits", _LIMITS),
    ):  # fmt: skip
        parts += [f"## {title}", "", *(f"- {line}" for line in lines), ""]
    parts += ["## Tasks", "", table(_COLUMNS, [_row(t) for t in results.tasks]), ""]
    return "\n".join(parts)


def _setup(results: Results, audit: AuditDigest | None) -> Iterator[str]:
    config = results.config
    width = (audit.width if audit is not None else "") or _OPEN
    settings = ", ".join(f"{k}={v}" for k, v in results.settings.items())
    yield f"model and decoding: {results.model}, {settings or _OPEN}"
    yield f"held out: {results.mixture}; width (task, family or major): {width}"
    yield f"records: hash {results.mixture_hash}, split {config.get('split')}, {_limit(results)}"
    yield f"examples in the prompt: {config.get('num_fewshot')}; seed {config.get('seed')}"
    draws = 1 + sum(_has_draw(results, name) for name in TEMPLATE_DRAWS)
    yield f"templates: {draws} draw{'s' if draws > 1 else ''} for each question"
    yield f"software: {', '.join(f'{k} {v}' for k, v in results.versions.items())}"


def _limit(results: Results) -> str:
    limit = results.config.get("limit")
    return "all of them" if limit is None else f"limited to {limit} of a task"


def _has_draw(results: Results, name: str) -> bool:
    return any(name in task.robustness for task in results.tasks)


def _scores(results: Results) -> Iterator[str]:
    for macro in results.macros:
        if macro.group in ("all", "worst case", "domain", "category"):
            span = _span(macro.value, macro.low, macro.high)
            yield f"{_title(macro)}: {span}, {macro.tasks} tasks"
    left_out = [*(t.task for t in results.tasks if not t.headline), *results.left_out]
    names = ", ".join(name.removeprefix(PREFIX) for name in left_out)
    yield f"in no mean: {names or 'none'}"


def _title(macro: Macro) -> str:
    titles = {"all": "headline", "worst case": "worst case, failed tasks as 0"}
    return titles.get(macro.group, macro.name)


def _span(value: float | None, low: float | None, high: float | None) -> str:
    return f"{number(value)} ({number(low)} to {number(high)})" if value is not None else ""


def _audit(audit: AuditDigest | None) -> Iterator[str]:
    if audit is None:
        yield f"not audited: give the training data (--trained-on); {_OPEN}"
        return
    yield f"{audit.train} against {audit.evaluation}, digest {audit.sha256}"
    shared = ", ".join(f"{kind} {count}" for kind, count in audit.counts.items() if count)
    yield f"records of the evaluation that training has: {shared or 'none of any kind'}"
    if audit.allowed:
        yield f"accepted: {', '.join(audit.allowed)}"
    yield from audit.limits


_COLUMNS = ("task", "metric", "n", "value (95 %)", "chance", "0-100 (95 %)", "templates",
            "detectable", "unparsed")  # fmt: skip


def _row(task: TaskResult) -> tuple[str, ...]:
    name, first = task.task.removeprefix(PREFIX), task.primary
    if first is None:
        return (name, f"failed: {task.reason[:90]}", *[""] * (len(_COLUMNS) - 2))
    return (
        name, first.name, str(task.answered), _span(first.value, first.low, first.high),
        f"{number(task.chance)} ({task.chance_by})",
        _span(task.normalised, task.normalised_low, task.normalised_high), _templates(task),
        number(task.least_detectable), f"{100 * task.unparsed:.0f} %",
    )  # fmt: skip


def _templates(task: TaskResult) -> str:
    """The lowest and highest score over the draws of templates."""
    draws = [task.robustness[name]["normalised"] for name in TEMPLATE_DRAWS
             if name in task.robustness]  # fmt: skip
    scores = [score for score in (*draws, task.normalised) if score is not None]
    return f"{number(min(scores))} to {number(max(scores))}" if draws and scores else ""
