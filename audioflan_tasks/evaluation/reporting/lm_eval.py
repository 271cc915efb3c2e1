"""The results in the layout of lm-evaluation-harness, for tools that read it.

The keys are those of lm-evaluation-harness (`results`, `groups`, `group_subtasks`, `configs`,
`versions`, `n-shot`, `higher_is_better`, `n-samples`, `config`). Metric names end in `,none`,
which stands for "no filter". Checked against lm-evaluation-harness 0.4.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

from audioflan_tasks.catalogue import PREFIX, snake
from audioflan_tasks.evaluation.results import Results, TaskResult, write_json

__all__ = ["harness", "write_harness"]


def write_harness(folder: Path, results: Results) -> Path:
    """Writes lm_eval/results_<date>.json and returns its path."""
    stamp = results.started.replace(":", "-").replace("+00-00", "")
    path = folder / "lm_eval" / f"results_{stamp}.json"
    write_json(path, harness(results))
    return path


def harness(results: Results) -> dict[str, Any]:
    """The results as the JSON values of lm-evaluation-harness."""
    scored_tasks = [t for t in results.tasks if t.metrics]
    groups: dict[str, list[str]] = defaultdict(list)
    for task in scored_tasks:
        for name in (f"{PREFIX}{task.domain}", f"{PREFIX}major_{snake(task.major)}"):
            groups[name].append(task.task)
    config = results.config
    return {
        "results": {t.task: _values(t) for t in scored_tasks},
        "groups": {
            f"{PREFIX}{m.name if m.group != 'major' else 'major_' + snake(m.name)}": {
                "alias": m.name, "normalised,none": m.value,
                "normalised_stderr,none": (m.high - m.low) / 3.92,
            }
            for m in results.macros
        },
        "group_subtasks": dict(groups),
        "configs": {
            t.task: {
                "task": t.task, "test_split": config.get("split"), "doc_to_text": t.prompt,
                "num_fewshot": config.get("num_fewshot"), "output_type": "generate_until",
                "metric_list": [
                    {"metric": m.name, "higher_is_better": m.better == "higher"} for m in t.metrics
                ],
                "generation_kwargs": results.settings, "metadata": {"version": 1.0},
            }
            for t in scored_tasks
        },
        "versions": {t.task: 1.0 for t in scored_tasks},
        "n-shot": {t.task: config.get("num_fewshot") for t in scored_tasks},
        "higher_is_better": {
            t.task: {m.name: m.better == "higher" for m in t.metrics} for t in scored_tasks
        },
        "n-samples": {
            t.task: {"original": t.examples, "effective": t.answered} for t in scored_tasks
        },
        "config": {
            "model": results.model, "model_args": results.settings,
            "batch_size": config.get("batch_size"), "limit": config.get("limit"),
            "bootstrap_iters": 0, "random_seed": config.get("seed"),
            "numpy_seed": config.get("seed"), "fewshot_seed": config.get("seed"),
        },
        "date": results.started,
        "task_hashes": {},
        "mixture_hash": results.mixture_hash,
        "model_name": results.model,
        "total_evaluation_time_seconds": str(results.seconds),
    }  # fmt: skip


def _values(task: TaskResult) -> dict[str, Any]:
    values: dict[str, Any] = {"alias": task.task.removeprefix(PREFIX)}
    for m in task.metrics:
        values |= {f"{m.name},none": m.value, f"{m.name}_stderr,none": m.stderr}
    if task.normalised is not None:
        values["normalised,none"] = task.normalised
    return {**values, "unparsed,none": task.unparsed}
