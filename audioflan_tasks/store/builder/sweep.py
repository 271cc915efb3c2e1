"""Removes what killed builds left, and units that no `store.json` names any more."""

from __future__ import annotations

import re
from pathlib import Path

from audioflan_tasks.store.earlier import earlier_units
from audioflan_tasks.store.files import TEMPORARY
from audioflan_tasks.store.schema import StoreFile, UnitName

__all__ = ["remove_temporary_files", "remove_unnamed_units"]

_KINDS = ("manifest", "clips", "codes", "refs", "texts")
# `STEM.DIGEST`, before the endings of its files.
_UNIT = re.compile(r"(.+\.[0-9a-f]{16})\.")


def remove_temporary_files(store: Path) -> None:
    """Removes files that a killed build was writing."""
    for leftover in store.rglob(f"{TEMPORARY}*"):
        leftover.unlink(missing_ok=True)


def remove_unnamed_units(store: Path, facts: StoreFile) -> None:
    """Removes the files of units that `store.json` does not name, nor one kept for readers.

    Codes of a tokenizer that it does not name at all stay: they are kept by content, and
    another build may want them.
    """
    units = set(facts.units) | earlier_units(store)
    code_folders = {codes.code_folder for codes in facts.codes.values()}
    folders = {path.parent for kind in _KINDS for path in (store / kind).rglob("*.done")}
    for folder in sorted(folders):
        name = folder.relative_to(store)
        if name.parts[0] == "codes" and name.parent.as_posix() not in code_folders:
            continue
        for path in folder.iterdir():
            unit = _UNIT.match(path.name)
            if unit is None or UnitName(name.as_posix(), unit[1]) not in units:
                path.unlink(missing_ok=True)
        if not any(folder.iterdir()):
            folder.rmdir()
