"""A sample of a file's records, and the vocabularies that their labels are of.

The sample is spread over the file, since files are often sorted by label. It depends on the file
alone, so that records read in any order, in any process, have the same vocabulary.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

from audioflan_tasks import catalogue, vocabularies
from audioflan_tasks.plain_files import FileState, file_state, open_plain_file
from audioflan_tasks.records.arrays import BOM, elements, holds_array
from audioflan_tasks.records.instance import Instance
from audioflan_tasks.records.parse import LineParser
from audioflan_tasks.records.settle import Hints, SplitNames
from audioflan_tasks.records.spans import Markers

__all__ = ["file_vocabularies"]

_WHOLE = 256 * 2**10
_WINDOWS = 64
_LINES = 8
_LONGEST = 2**20
# One label is in too many lists.
_LEAST_LABELS = 2


def file_vocabularies(
    path: Path, hints: Hints, splits: SplitNames, markers: Markers | None
) -> Mapping[str, str]:
    """The vocabulary of each task of a file whose corpus names none, by task id.

    Only where there are several labels, and 95 % of the sample's are of one
    (`vocabularies.infer`).
    """
    try:
        state = file_state(path)
    except OSError:
        return {}
    pairs = tuple(sorted(splits.items()))
    return _inferred(path, state, hints, pairs, markers)


@lru_cache(maxsize=4096)
def _inferred(
    path: Path,
    state: FileState,
    hints: Hints,
    splits: tuple[tuple[str, str], ...],
    markers: Markers | None,
) -> Mapping[str, str]:
    """The same, as long as the file has this state."""
    parser = LineParser(path.name, hints, markers=markers, splits=dict(splits))
    labels: defaultdict[str, list[str]] = defaultdict(list)
    for instance in _sample(path, parser):
        if _has_labels(instance):
            labels[instance.task].append(instance.output)
    inferred = {
        task: vocabularies.infer(task, outputs)
        for task, outputs in labels.items()
        if len(set(outputs)) >= _LEAST_LABELS
    }
    return {task: vocabulary.name for task, vocabulary in inferred.items() if vocabulary}


def _has_labels(instance: Instance) -> bool:
    """Whether the output is a label, or several, of a vocabulary that is still to be found."""
    if not instance.task or instance.vocabulary:
        return False
    return catalogue.get(instance.task).answer_kind.names in ("one", "list")


def _sample(path: Path, parser: LineParser) -> Iterator[Instance]:
    with open_plain_file(path) as handle:
        lines = _spread(handle.read()) if holds_array(handle) else _lines(handle)
        for line in lines:
            instance = parser.parse(line, 0)
            if instance is not None:
                yield instance


def _spread(data: bytes) -> list[bytes]:
    """Elements of a JSON array, spread over it; none of what is no array."""
    values = [value for _, value in elements(data) or ()]
    return values[:: max(1, len(values) // (_WINDOWS * _LINES))]


def _lines(handle: BinaryIO) -> Iterator[bytes]:
    """All lines of a small file, else some in each of many places."""
    size = handle.seek(0, os.SEEK_END)
    handle.seek(0)
    if size <= _WHOLE:
        yield from handle.read().removeprefix(BOM).split(b"\n")
        return
    for window in range(_WINDOWS):
        handle.seek(window * size // _WINDOWS)
        if window:
            handle.readline(_LONGEST)
        for _ in range(_LINES):
            yield handle.readline(_LONGEST)
