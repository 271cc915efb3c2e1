"""Answers to questions of public benchmarks, scored by the benchmarks' own rules.

They stand beside our scores and are never mixed with them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from audioflan_tasks.evaluation.answers import Answer, Reply
from audioflan_tasks.evaluation.prompt import Prompt, reference_of
from audioflan_tasks.evaluation.results import BenchmarkResult
from audioflan_tasks.metrics.benchmark_rules import BENCHMARKS, BenchmarkRule
from audioflan_tasks.preprocessors.render import KEEP

__all__ = ["benchmark_results"]


def benchmark_results(
    prompts: Sequence[Prompt], replies: Sequence[Reply | None]
) -> dict[str, BenchmarkResult]:
    """By benchmark, the score of the answers to its questions; {} where there are none of any.

    Only questions that the rule is for count, in the benchmark's own words: letters and options are
    others elsewhere.
    """
    answered_questions = defaultdict(list)
    for prompt, reply in zip(prompts, replies, strict=True):
        name = prompt.instance.benchmark
        if name in BENCHMARKS and isinstance(reply, Answer):
            answered_questions[name].append((prompt, reply.text))
    return {
        name: _result(BENCHMARKS[name], pairs) for name, pairs in sorted(answered_questions.items())
    }


def _result(rule: BenchmarkRule, pairs: Sequence[tuple[Prompt, str]]) -> BenchmarkResult:
    golds = [reference_of(prompt.instance, prompt.row) for prompt, _ in pairs]
    classes = tuple(dict.fromkeys(golds))
    verdicts = [
        rule.is_right(text, gold, prompt.instance.options or classes)
        for (prompt, text), gold in zip(pairs, golds, strict=True)
        if rule.is_right is not None and _is_scored(prompt)
    ]
    counted_verdicts = [verdict for verdict in verdicts if verdict is not None]
    return BenchmarkResult(
        rule=rule.words,
        value=sum(counted_verdicts) / len(counted_verdicts) if counted_verdicts else None,
        questions=len(pairs),
        counted=len(counted_verdicts),
        faults=list(rule.faults),
    )


def _is_scored(prompt: Prompt) -> bool:
    is_for_it = prompt.instance.other.get("benchmark_by_rule") is True
    return is_for_it and prompt.template == KEEP
