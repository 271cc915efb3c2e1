"""`audioflan score ANSWERS --task TASK`."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

from audioflan_tasks import catalogue
from audioflan_tasks.catalogue import TaskRow
from audioflan_tasks.cli.output import print_table
from audioflan_tasks.errors import SettingsError
from audioflan_tasks.metrics import PROFILES, Score, metric, score
from audioflan_tasks.metrics.answer_files import SavedAnswers, read_answer_file
from audioflan_tasks.metrics.label_files import read_aliases_file, read_options_file
from audioflan_tasks.runners import Runner
from audioflan_tasks.whole_files import write_whole

__all__ = ["score_answers"]


def score_answers(
    path: Path,
    task: str,
    metrics: Sequence[str],
    normaliser: str,
    all_normalisers: bool,
    answer_key: str,
    reference_key: str,
    gold: Path | None,
    runner: AbstractContextManager[Runner],
    weights: Sequence[str],
    options: Path | None,
    aliases: Path | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Prints scores, counts by status and what they were computed with."""
    row = catalogue.get(task)
    saved_answers = read_answer_file(path, row, answer_key, reference_key, gold)
    if options is not None:
        saved_answers = replace(saved_answers, options=read_options_file(options))
    other_names = {} if aliases is None else read_aliases_file(aliases)
    folders = dict(_weight(text) for text in weights)
    with runner as metric_runner:
        result = _scored(
            row, saved_answers, saved_answers.answers, metrics, normaliser, metric_runner, folders,
            other_names,
        )  # fmt: skip
    constant = _constant_scores(row, saved_answers, metrics, normaliser, other_names)
    profiles = _profiles(row, saved_answers, metrics, other_names) if all_normalisers else {}
    if out is not None:
        write_whole(out, "".join(_lines(saved_answers, result)))
    if as_json:
        print(
            json.dumps(
                _as_dict(row, saved_answers, result, constant, profiles),
                indent=2,
                ensure_ascii=False,
            )
        )
        return
    header = ("metric", "value", "same answer always") if constant else ("metric", "value")
    rows = [
        (k, _number(v), *([_number(constant.get(k))] if constant else []))
        for k, v in result.items()
    ]
    print_table(header, rows)
    if profiles:
        names = [n for n in result if not n.endswith("_unparsed")]
        print_table(
            ("normaliser", *names),
            [(p, *(_number(values.get(n)) for n in names)) for p, values in profiles.items()],
        )
    print_table(("status", "answers"), [(s, str(n)) for s, n in result.statuses.items()])
    print_table(("fact", "value"), [*saved_answers.keys.items(), *result.facts.items()])


def _scored(
    row: TaskRow,
    saved_answers: SavedAnswers,
    answers: Sequence[object],
    metrics: Sequence[str],
    normaliser: str,
    runner: Runner | None = None,
    weights: Mapping[str, Path] | None = None,
    aliases: Mapping[str, str] | None = None,
) -> Score:
    return score(
        row, saved_answers.references, answers,
        options=saved_answers.options, prompts=saved_answers.prompts,
        scores=saved_answers.scores, languages=saved_answers.languages, metrics=metrics,
        normaliser=normaliser, runner=runner, progress=True, texts=saved_answers.texts,
        weights=weights, aliases=aliases or {},
    )  # fmt: skip


def _constant_scores(
    row: TaskRow,
    saved_answers: SavedAnswers,
    metrics: Sequence[str],
    normaliser: str,
    aliases: Mapping[str, str],
) -> Mapping[str, float]:
    """What the most common reference would score as the answer to everything; {} for audio."""
    if row.answer_kind.is_audio or any(isinstance(r, list) for r in saved_answers.references):
        return {}
    common = Counter(saved_answers.references).most_common(1)[0][0]
    bare = SavedAnswers(
        saved_answers.references,
        (),
        saved_answers.options,
        (),
        saved_answers.languages,
        None,
        (),
        {},
    )
    usable_metrics = [m for m in metrics or row.metrics if not metric(m).needs]
    return _scored(
        row, bare, [common] * len(saved_answers.references), usable_metrics, normaliser,
        aliases=aliases,
    )  # fmt: skip


def _profiles(
    row: TaskRow,
    saved_answers: SavedAnswers,
    metrics: Sequence[str],
    aliases: Mapping[str, str],
) -> dict[str, Mapping[str, float]]:
    """Scores under every profile of text normalisation."""
    return {
        name: _scored(row, saved_answers, saved_answers.answers, metrics, name, aliases=aliases)
        for name in PROFILES
    }


def _weight(text: str) -> tuple[str, Path]:
    name, _, folder = text.partition("=")
    if not folder:
        raise SettingsError(
            f"--metric-weights {text!r}: expected METRIC=FOLDER, such as fad=models/clap"
        )
    return metric(name).name, Path(folder)


def _number(value: float | None) -> str:
    return "" if value is None or math.isnan(value) else f"{value:.4f}"


def _as_dict(
    row: TaskRow,
    saved_answers: SavedAnswers,
    result: Score,
    constant: Mapping[str, float],
    profiles: Mapping[str, Mapping[str, float]],
) -> dict[str, object]:
    return {
        "task": row.name,
        "scores": dict(result),
        "same_answer_always": dict(constant),
        "statuses": dict(result.statuses),
        "normalisers": {name: dict(values) for name, values in profiles.items()},
        "keys": dict(saved_answers.keys),
        "facts": dict(result.facts),
    }


def _lines(saved_answers: SavedAnswers, result: Score) -> Iterator[str]:
    """A line for each answer with what was read of it."""
    for answer, reference, parse in zip(
        saved_answers.answers, saved_answers.references, result.parsed, strict=True
    ):
        line = {
            "answer": answer if isinstance(answer, str) else None,
            "reference": reference if isinstance(reference, str | list) else None,
            "value": None if parse.value is None else str(parse.value),
            "status": str(parse.status),
            "reasoning": parse.reasoning,
        }
        yield json.dumps(line, ensure_ascii=False) + "\n"
