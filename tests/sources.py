"""The package's source, parsed once in a process for all tests that read it."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from functools import cache
from pathlib import Path

__all__ = ["ROOT", "source_trees"]

ROOT = Path(__file__).parents[1]
_PACKAGE = ROOT / "audioflan_tasks"
# Folders that lie beside the package in the repository and inside it when installed.
_OUTSIDE = ("metrics", "mixtures", "preprocessors")


@cache
def source_trees() -> Mapping[str, ast.Module]:
    """Every module of the package by its file in the repository, `audioflan_tasks/seeds.py`.

    The links inside the package to the folders beside it are not followed.
    """
    files = [file for file in _PACKAGE.rglob("*.py") if not _is_outside(file)]
    files += [file for folder in _OUTSIDE for file in (ROOT / folder).rglob("*.py")]
    return {
        file.relative_to(ROOT).as_posix(): ast.parse(file.read_text(encoding="utf-8"))
        for file in sorted(files)
    }


def _is_outside(file: Path) -> bool:
    return file.relative_to(_PACKAGE).parts[0] in _OUTSIDE
