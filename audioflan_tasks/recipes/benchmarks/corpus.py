"""A public benchmark as a corpus of held-out records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from audioflan_tasks import catalogue
from audioflan_tasks.errors import RecordError
from audioflan_tasks.preprocessors.options import written_parts
from audioflan_tasks.recipes.benchmarks.items import BenchmarkItem, items_of
from audioflan_tasks.recipes.benchmarks.suites import Suite, suite
from audioflan_tasks.recipes.draft import Draft
from audioflan_tasks.recipes.recording import Recording
from audioflan_tasks.recipes.source import SourceCorpus

__all__ = ["Survey", "benchmark_corpus", "survey_of"]

_NO_TASK = "no task asks this"


@dataclass(slots=True)
class Survey:
    """Counts of items by kind: `usable` ones, and those `left_out`, with the reason."""

    usable: Counter[str] = field(default_factory=Counter)
    left_out: Counter[tuple[str, str]] = field(default_factory=Counter)


def survey_of(named_suite: Suite, path: Path) -> Survey:
    """What a benchmark's files hold, and what of it becomes records."""
    survey = Survey()
    for item in items_of(named_suite, path):
        reason = _objection(item, named_suite.task_of(item.kind))
        if reason:
            survey.left_out[item.kind, reason] += 1
        else:
            survey.usable[item.kind] += 1
    return survey


def benchmark_corpus(
    name: str, path: Path, *, tasks: Mapping[str, str] | None = None
) -> SourceCorpus:
    """The items of a benchmark that ask one of the tasks, as unseen test records.

    Args:
      name: one of `suites()`, or `any` for other tables.
      path: its folder or file.
      tasks: kind of item to task, where the suite has none or another one; "" leaves items out.

    Raises:
      UnknownNameError: no such benchmark or task.
    """
    named_suite = suite(name).with_tasks(tasks or {})
    return SourceCorpus(
        folder=f"95_{name}",
        audio_root=path if path.is_dir() else path.parent,
        recordings=partial(_recordings, named_suite, path),
        questions=partial(_questions, named_suite, path),
    )


def _objection(item: BenchmarkItem, task: str) -> str:
    """Why an item cannot be a record of a task; "" where it can."""
    if not task:
        return _NO_TASK
    if not item.answer:
        return "no gold answer"
    if item.options and item.answer not in item.options:
        return "the gold answer is none of the options"
    row = catalogue.get(task)
    if row.slots and not item.question:
        return f"it has no question, which would say the {' and the '.join(row.slots)}"
    if row.reads != ("audio",) * len(item.clips) or "text" not in row.writes:
        clips = "clip" if len(item.clips) == 1 else "clips"
        return f"{row.id} does not answer {len(item.clips)} {clips} with text"
    return ""


def _usable(named_suite: Suite, path: Path) -> Iterator[tuple[BenchmarkItem, str]]:
    """Items with their tasks.

    Raises:
      RecordError: there is none.
    """
    count = 0
    for item in items_of(named_suite, path):
        task = named_suite.task_of(item.kind)
        if not _objection(item, task):
            count += 1
            yield item, task
    if not count:
        raise RecordError(
            f"{path}: no item of it asks one of the tasks (audioflan benchmark {named_suite.name} "
            f"{path} lists its kinds; --map KIND=TASK)"
        )


def _recordings(named_suite: Suite, path: Path) -> Iterator[Recording]:
    """The clips of the items, each once."""
    ids: set[str] = set()
    for item, task in _usable(named_suite, path):
        for clip in item.clips:
            if clip.id not in ids:
                ids.add(clip.id)
                yield replace(clip, domain=catalogue.get(task).domain)


def _questions(
    named_suite: Suite, path: Path, tasks: Sequence[str]
) -> Callable[[Iterable[Recording]], Iterator[Draft]]:
    return partial(_drafts, named_suite, path, tasks)


def _drafts(
    named_suite: Suite, path: Path, tasks: Sequence[str], clips: Iterable[Recording]
) -> Iterator[Draft]:
    """Items as questions, those whose clips are all among `clips`."""
    by_id = {clip.id: clip for clip in clips}
    for item, task in _usable(named_suite, path):
        values = tuple(by_id[clip.id] for clip in item.clips if clip.id in by_id)
        if len(values) == len(item.clips) and (not tasks or task in tasks):
            yield Draft(
                task=task, values=values, answer=item.answer, options=item.options,
                instruction=_shown(named_suite, item), variant=item.name, unseen=True,
                other={
                    "benchmark": named_suite.name, "benchmark_kind": item.kind,
                    "benchmark_id": item.id,
                    "benchmark_by_rule": named_suite.scores(item.kind),
                },
            )  # fmt: skip


def _shown(named_suite: Suite, item: BenchmarkItem) -> str:
    """The question as the benchmark's own prompts put it: options follow, if it lists none.

    "" where it has none: then the task's pool asks.
    """
    if not item.question or all(option in item.question for option in item.options):
        return item.question
    style = "lettered_lines" if named_suite.letters else "dashes"
    return item.question + "".join(written_parts(item.options, style))
