"""Metrics by name: of this package, of the user, and of other packages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from audioflan_tasks.errors import MetricInputError, UnknownNameError
from audioflan_tasks.metrics.batch import Batch
from audioflan_tasks.metrics.facts import METRICS
from audioflan_tasks.metrics.metric_info import MetricInfo

__all__ = ["ENTRY_POINTS", "metric", "metric_names", "metrics_in_use", "register_metric"]

ENTRY_POINTS = "audioflan_tasks.metrics"

BatchFunction = Callable[[Batch], Mapping[str, float]]

_user_metrics: dict[str, MetricInfo] = {}


def register_metric(name: str, **facts: Any) -> Callable[[BatchFunction], BatchFunction]:
    """Registers a user's own metric in this process; `facts` are the fields of its `MetricInfo`.

    A decorator of a function from a `Batch` to `{name: value, …}`. Packages can declare an entry
    point in the group `audioflan_tasks.metrics` instead, whose name is the metric's and whose
    object is the decorated function, its module, or a `MetricInfo`.

    Raises:
      MetricInputError: the name is taken, or the fact sheet lacks a field or contradicts itself.
    """

    def register(function: BatchFunction) -> BatchFunction:
        try:
            info = MetricInfo(name=name, call=function, **facts)
        except TypeError as error:
            raise MetricInputError(f"metric {name!r}: {error}; see MetricInfo") from None
        if name in METRICS or _user_metrics.get(name, info).call is not function:
            raise MetricInputError(f"a metric named {name!r} exists already; choose another name")
        _user_metrics[name] = info
        return function

    return register


def metric_names() -> tuple[str, ...]:
    """Names that `metric` takes."""
    return tuple(dict.fromkeys((*METRICS, *_user_metrics, *(e.name for e in _entries()))))


def metrics_in_use() -> tuple[MetricInfo, ...]:
    """The metrics of this package and those that are registered so far."""
    return (*METRICS.values(), *_user_metrics.values())


def metric(name: str) -> MetricInfo:
    """The metric of that name.

    Raises:
      UnknownNameError: with the nearest names.
      MetricInputError: an entry point brings something else.
    """
    info = METRICS.get(name) or _user_metrics.get(name)
    if info is not None:
        return info
    entry = next((e for e in _entries() if e.name == name), None)
    if entry is None:
        hint = " (list them: audioflan_tasks.metrics.metric_names(), or docs/metrics.md)"
        raise UnknownNameError("metric", name, metric_names(), hint)
    return _loaded(entry)


def _entries() -> tuple[EntryPoint, ...]:
    return tuple(entry_points(group=ENTRY_POINTS))


def _loaded(entry: EntryPoint) -> MetricInfo:
    """The metric of an entry point: the object itself, or what its module registers."""
    value = entry.load()
    info = value if isinstance(value, MetricInfo) else _user_metrics.get(entry.name)
    if info is None or info.name != entry.name:
        raise MetricInputError(
            f"entry point {entry.name!r} ({entry.value}): expected a MetricInfo of that name, or "
            "a function under @register_metric"
        )
    return _user_metrics.setdefault(entry.name, info)
