"""What the count of names sees, on a package written by hand."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "count_names.py"

# 14 names, of which 7 say nothing: found, of, at, _made, told, one, others.
CODE = """
import numpy as np

__all__ = ["f"]


def f(self, rows, *, of=1):
    found = kept_rows = [x for x, at in rows]
    self._made = 2
    for name, value in rows:
        with open(name) as told:
            if one := value:
                pass
    self.seed, others = 1, 2
    return found


class Rows: ...
"""


def count(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(SCRIPT), "--folder", str(folder), *options],
        capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.fixture
def package(tmp_path: Path) -> Path:
    folder = tmp_path / "package"
    folder.mkdir()
    (folder / "code.py").write_text(CODE)
    return folder


def test_empty_names_are_counted_and_listed(package: Path) -> None:
    result = count(package, "--list", "package")
    assert result.stdout.splitlines()[1].split()[:5] == ["package", "14", "7", "50.00", "%"]
    listed = sorted(line.split()[-1] for line in result.stdout.splitlines() if "code.py:" in line)
    assert listed == ["_made", "at", "found", "of", "one", "others", "told"]
    assert result.returncode == 1
    assert "50.00 % of the names say nothing" in result.stdout
    assert count(package, "--max", "50").returncode == 0


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("class Found: ...", "class Found is called by a participle: package/more.py:1"),
        ("class _Padded: ...", "class Padded is called by a participle"),
        ("class _Rows: ...", "2 classes are called Rows: package/code.py:"),
        ("class Seed: ...", ""),
        ("class PaddedBatch: ...", ""),
    ],
)
def test_classes_have_two_rules(package: Path, code: str, message: str) -> None:
    (package / "more.py").write_text(code)
    result = count(package, "--max", "50")
    assert (message in result.stdout, result.returncode) == (True, int(bool(message)))
