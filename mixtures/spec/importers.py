"""Mixture files of other projects, where their meaning carries over.

A source of such a file becomes the task that its tag `task` (or `audioflan_task`) names,
else its own name or the stem of its path, resolved as in records (`catalogue.resolve`).
Tasks, their nesting, weights and tags carry over; paths, shards and decoding options do not,
and rows come from the corpus of the settings.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

from audioflan_tasks import catalogue
from audioflan_tasks.errors import (
    MissingExtraError,
    MixtureError,
    UnknownNameError,
    reason_of,
)
from audioflan_tasks.mixtures.plan.plan import Stop
from audioflan_tasks.mixtures.spec.mix import Mix
from audioflan_tasks.mixtures.spec.policies import Policy, explicit
from audioflan_tasks.mixtures.spec.schedule import schedule
from audioflan_tasks.mixtures.spec.tree import Group, Leaf
from audioflan_tasks.plain_files import read_plain_text

__all__ = ["FORMATS", "ImportedMix", "import_mixture"]

_TAGS = ("audioflan_task", "task")


@dataclass(frozen=True, slots=True)
class ImportedMix:
    """A mixture, how its stream ends if the file says so, and notes on what was dropped."""

    mix: Mix
    stop: Stop | None
    notes: tuple[str, ...]


def import_mixture(
    path: str | os.PathLike[str], format: str, *, batch_size: int | None = None
) -> ImportedMix:
    """Reads a JSON or YAML file of `nemo`, `energon`, `levanter` or `llamafactory`.

    Args:
      batch_size: for Levanter, whose steps count batches while ours count examples.

    Raises:
      UnknownNameError: another format.
      MixtureError: the file has something that has no equivalent here; names the place.
      MissingExtraError: YAML, and PyYAML is not installed.
    """
    if format not in FORMATS:
        raise UnknownNameError("format of mixture files", format, FORMATS)
    source = Path(path)
    try:
        return FORMATS[format](_read(source), batch_size)
    except (UnknownNameError, MixtureError) as error:
        raise MixtureError(f"{path}: {error}") from error
    except (TypeError, KeyError, ValueError, AttributeError) as error:
        raise MixtureError(f"{path}: not a {format} mixture file: {error!r}") from error


def _read(path: Path) -> Any:
    try:
        text = read_plain_text(path)
    except (OSError, UnicodeDecodeError) as error:
        raise MixtureError(f"cannot be read: {reason_of(error)}") from error
    if path.suffix == ".json":
        return json.loads(text)
    try:
        import yaml
    except ImportError:
        raise MissingExtraError("pyyaml", "yaml", "reading a YAML mixture file") from None
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise MixtureError(f"not YAML: {error}") from error


def _nemo(content: Any, batch_size: int | None) -> ImportedMix:
    """`input_cfg`: groups and sources with weight and tags; `reweight_temperature` is w^tau."""
    taus = content.get("reweight_temperature", 1.0) if isinstance(content, Mapping) else 1.0
    taus = list(taus) if isinstance(taus, list) else [taus]
    entries = content["input_cfg"] if isinstance(content, Mapping) else content
    notes = ["paths, shards and audio options are left behind: rows come from the corpus"]

    def group_of(name: str, entries: list[Any], depth: int, tags: Mapping[str, str]) -> Group:
        tau = float(taus[min(depth, len(taus) - 1)])
        members: list[Group | Leaf] = []
        weights: dict[str, float] = {}
        for number, entry in enumerate(entries):
            entry_tags = {str(k): str(v) for k, v in dict(entry.get("tags") or {}).items()}
            if entry.get("type") == "group":
                label = str(entry.get("name", f"{name or 'group'}.{number}"))
                members.append(group_of(label, entry["input_cfg"], depth + 1, entry_tags))
            else:
                members.append(Leaf(_task_of(entry, entry_tags), entry_tags))
            if "weight" not in entry:
                raise MixtureError(
                    f"input_cfg entry {number} of {name or 'the file'} has no weight; NeMo then "
                    "weighs by hours, which the file does not say: write the weights out"
                )
            weights[members[-1].key] = float(entry["weight"]) ** tau
        return Group(name, tuple(members), explicit(weights), tags)

    if any(tau != 1.0 for tau in taus):
        notes.append("reweight_temperature tau is our temperature 1/tau; weights are written out")
    return ImportedMix(Mix(group_of("", list(entries), 0, {})), None, tuple(notes))


def _energon(content: Any, batch_size: int | None) -> ImportedMix:
    """A metadataset's `blend` by weight, or `blend_epochized` by repetitions of each source."""
    splits = content.get("splits", {})
    part = splits.get("train", next(iter(splits.values()), None)) if splits else content
    notes = ["paths are left behind: rows come from the corpus"]
    if "blend" in part:
        entries, amount = part["blend"], "weight"
    elif "blend_epochized" in part:
        entries, amount = part["blend_epochized"], "repetitions"
        notes.append("repetitions r become the rate r * n, one run through which ends by epochs")
    else:
        raise MixtureError("no blend or blend_epochized; a join of sources has no meaning here")
    members, values = [], {}
    for entry in entries:
        tags = {str(k): str(v) for k, v in dict(entry.get("subflavors") or {}).items()}
        leaf = Leaf(_task_of(entry, tags), tags)
        members.append(leaf)
        values[leaf.task] = float(entry[amount])
    rule = explicit(values)
    if amount == "repetitions":
        rule = _repetition_policy(values)
    return ImportedMix(Mix(Group("", tuple(members), rule)), None, tuple(notes))


def _repetition_policy(factors: Mapping[str, float]) -> Policy:
    listing = explicit(factors).name.removeprefix("explicit")
    return Policy(f"repeated{listing}", "rate r * n", partial(_scale_amounts, dict(factors)))


def _scale_amounts(
    factors: Mapping[str, float], amounts: Mapping[str, float]
) -> Mapping[str, float]:
    return {name: factors.get(name, 0.0) * n for name, n in amounts.items()}


def _levanter(content: Any, batch_size: int | None) -> ImportedMix:
    """`train_weights`: {a: 0.5}, or [[0, {...}], [1000, {...}]] with steps in batches."""
    weights = content
    if isinstance(content, Mapping):
        weights = content.get("data", content).get("train_weights", content)
    if isinstance(weights, Mapping):
        weights_by_task = {
            _task_of({"name": k}, {}): float(w) for k, w in weights.items() if float(w)
        }
        root = Group("", tuple(map(Leaf, weights_by_task)), explicit(weights_by_task))
        return ImportedMix(Mix(root), None, ())
    if batch_size is None:
        raise MixtureError("Levanter's stages count batches; say how large: batch_size=…")
    points = [
        (int(step) * batch_size, {_task_of({"name": k}, {}): float(w) for k, w in stage.items()})
        for step, stage in weights
    ]
    tasks = dict.fromkeys(task for _, stage in points for task, w in stage.items() if w)
    points = [(step, {t: stage.get(t, 0.0) for t in tasks}) for step, stage in points]
    root = Group("", tuple(map(Leaf, tasks)), schedule(points))
    return ImportedMix(Mix(root), None, (f"steps of {batch_size} examples",))


def _llamafactory(content: Any, batch_size: int | None) -> ImportedMix:
    """`dataset` and `interleave_probs`, two lists with commas, and `mix_strategy`."""
    names = _list_of(content["dataset"])
    strategy = str(content.get("mix_strategy", "concat"))
    ends: dict[str, Stop] = {
        "interleave_under": "first_exhausted",
        "interleave_over": "all_exhausted",
    }
    if strategy == "concat":
        raise MixtureError(
            "mix_strategy concat appends whole datasets; use policy size with num_epochs=1"
        )
    if strategy not in ends:
        raise UnknownNameError("mix_strategy", strategy, ends)
    probs = [float(p) for p in _list_of(content.get("interleave_probs") or [1.0] * len(names))]
    if len(probs) != len(names):
        raise MixtureError(f"{len(names)} datasets but {len(probs)} interleave_probs")
    tasks = [_task_of({"name": name}, {}) for name in names]
    root = Group("", tuple(map(Leaf, tasks)), explicit(dict(zip(tasks, probs, strict=True))))
    return ImportedMix(Mix(root), ends[strategy], (f"{strategy} is stop={ends[strategy]!r}",))


def _list_of(value: Any) -> list[Any]:
    return [v.strip() for v in value.split(",")] if isinstance(value, str) else list(value)


def _task_of(entry: Mapping[str, Any], tags: Mapping[str, str]) -> str:
    """The task that a source is, by tag, name or path."""
    names = [tags[t] for t in _TAGS if t in tags]
    names += [str(entry[k]) for k in (*_TAGS, "name", "dataset") if entry.get(k)]
    paths = [v for k, v in entry.items() if k.endswith(("path", "filepath")) and v]
    names += [PurePosixPath(str(p if isinstance(p, str) else p[0])).stem for p in paths]
    for name in names:
        row = catalogue.resolve(name)
        if row is not None:
            return row.name
    task_ids = {row.id for row in catalogue.tasks()}
    if not names:
        raise MixtureError(f"a source without tag, name or path: {dict(entry)!r}")
    raise UnknownNameError("task", names[0], task_ids, " (give the source a tag task: NAME)")


FORMATS: Mapping[str, Callable[[Any, int | None], ImportedMix]] = {
    "nemo": _nemo,
    "energon": _energon,
    "levanter": _levanter,
    "llamafactory": _llamafactory,
}
