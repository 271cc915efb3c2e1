"""Mixtures as TOML files.

    weight_by = "seconds"
    [[group]]
    name = "music"
    weight = 2
    select = ["music"]
    policy = "temperature"
    [[group]]
    name = "rest"
    weight = 1
    use = "rest.toml"

    [text_tasks]
    my_text = "text.jsonl"

The keys are the arguments of `audioflan_tasks.mixture`; `parts` is written `select`. A group
may hold groups, or `use` another file or a standard mixture. `text_tasks` makes tasks of JSON
lines (`audioflan_tasks.text_task`).
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from audioflan_tasks import catalogue
from audioflan_tasks.errors import (
    AudioFlanError,
    MixtureError,
    UnknownNameError,
    nearest,
    reason_of,
)
from audioflan_tasks.foreign import find, text_task
from audioflan_tasks.mixtures.spec.builder import build_mixture, cap_of
from audioflan_tasks.mixtures.spec.lock import read_lock
from audioflan_tasks.mixtures.spec.mix import Mix
from audioflan_tasks.mixtures.spec.select import part_names
from audioflan_tasks.mixtures.spec.standard import standard_mixtures
from audioflan_tasks.plain_files import read_plain_text, toml_content

__all__ = ["mixture_named", "read_toml"]

_INNER = {
    "select", "exclude", "policy", "weights", "points", "shape", "tags", "group", "use",
}  # fmt: skip
_OUTER = _INNER | {
    "rows", "licence", "weight_by", "max_epochs", "steps", "hold_out", "allow_held_out",
    "text_tasks",
}  # fmt: skip


def mixture_named(name: str | os.PathLike[str]) -> Mix:
    """A standard mixture by name, a task alone, a group of tasks ("music", "Speech Enhancement"),
    or a mixture from a .toml or .lock.json file.

    Raises:
      UnknownNameError: no such name; with the nearest ones.
      MixtureError: a file that is no mixture.
    """
    if str(name).endswith(".toml"):
        return read_toml(name)
    if str(name).endswith(".lock.json"):
        return read_lock(name)
    rows = {row.name: row for row in standard_mixtures()}
    if str(name) in rows:
        return rows[str(name)].mix
    if find(str(name)) is not None:
        return build_mixture(weights={str(name): 1.0})
    # Speech Caption is a major task and its only minor one: the task is meant.
    is_task = str(name) in {key for row in catalogue.tasks() for key in (row.name, row.id)}
    try:
        return build_mixture(f"task:{name}" if is_task else str(name))
    except UnknownNameError:
        hint = " (list them: audioflan tasks --mixtures; or the path of a .toml file)"
        raise UnknownNameError("mixture or task", str(name), {*rows, *part_names()}, hint) from None


def read_toml(path: str | os.PathLike[str]) -> Mix:
    """The mixture of a TOML file.

    Raises:
      MixtureError: not readable, not TOML, an unknown key, or files that use each other in a
        circle; with file and key.
    """
    return _read(Path(path), ())


def _read(path: Path, users: tuple[Path, ...]) -> Mix:
    real = Path(os.path.realpath(path))
    if real in users:
        circle = " -> ".join(p.name for p in (*users[users.index(real) :], real))
        raise MixtureError(f"{path}: mixtures use each other in a circle: {circle}")
    try:
        content = toml_content(read_plain_text(path))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise MixtureError(f"{path}: not a readable TOML file: {reason_of(error)}") from error
    return _build(content, str(path), path, (*users, real), _OUTER)


def _build(
    content: Mapping[str, Any], place: str, path: Path, users: tuple[Path, ...], keys: set[str]
) -> Mix:
    for key in content:
        if key not in keys:
            raise MixtureError(f"{place}: unknown key {key!r}{nearest(key, keys)}")
    options = dict(content)
    other_file, groups = options.pop("use", None), options.pop("group", None)
    text_tasks, parts = options.pop("text_tasks", {}), options.pop("select", [])
    parts = [parts] if isinstance(parts, str) else parts
    try:
        for name, files in text_tasks.items():
            text_task(name, _beside(path, files))
        if other_file is not None:
            return _use(str(other_file), options, parts, groups, path, users)
        if groups is not None:
            options |= _weights_of(groups, place, options)
            inner = {
                str(g["name"]): _build(
                    {k: v for k, v in g.items() if k not in ("name", "weight")},
                    f"{place}: group {g['name']}", path, users, _INNER,
                )
                for g in groups
            }  # fmt: skip
            return build_mixture(*parts, groups=inner, **options)
        return build_mixture(*parts, **options)
    except AudioFlanError as error:
        if str(error).startswith(str(path)):
            raise
        raise MixtureError(f"{place}: {error}") from error
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise MixtureError(f"{place}: a value of the wrong kind: {error}") from error


def _beside(path: Path, files: str | Mapping[str, str]) -> Path | dict[str, Path]:
    """Files of a text task, whose paths are meant from the folder of the TOML file."""
    if isinstance(files, Mapping):
        return {split: path.parent / file for split, file in files.items()}
    return path.parent / files


def _use(
    name: str,
    options: Mapping[str, Any],
    parts: list[str],
    groups: object,
    path: Path,
    users: tuple[Path, ...],
) -> Mix:
    if parts or groups or set(options) - {"tags", "max_epochs", "steps"}:
        raise MixtureError("use stands alone, but for tags, max_epochs and steps")
    target = _read(path.parent / name, users) if name.endswith(".toml") else mixture_named(name)
    tags = {**target.root.tags, **options.get("tags", {})}
    root = type(target.root)(target.root.name, target.root.members, target.root.weights, tags)
    cap = cap_of(options.get("max_epochs"), options.get("steps")) or target.cap
    return Mix(root, target.weight_by, cap, target.rows, target.hold_out)


def _weights_of(
    groups: object, place: str, options: Mapping[str, Any]
) -> dict[str, dict[str, float]]:
    if not isinstance(groups, list) or not all(
        isinstance(g, Mapping) and g.get("name") for g in groups
    ):
        raise MixtureError(f"{place}: every [[group]] needs a name")
    names = [g["name"] for g in groups]
    if len(set(names)) < len(names):
        raise MixtureError(f"{place}: two groups have the same name among {', '.join(names)}")
    with_weight = [g for g in groups if "weight" in g]
    if not with_weight:
        return {}
    if len(with_weight) < len(groups) or {"weights", "points", "policy"} & set(options):
        raise MixtureError(
            f"{place}: give a weight to every group or to none, and no other weights beside them"
        )
    return {"weights": {g["name"]: g["weight"] for g in groups}}
