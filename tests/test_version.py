"""The version stands in one place, and what repeats it says the same."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import audioflan_tasks

ROOT = Path(__file__).parents[1]


def test_pyproject_takes_the_version_from_the_package() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    project = tomllib.loads(text)
    assert "version" not in project["project"]
    assert project["tool"]["setuptools"]["dynamic"]["version"] == {
        "attr": "audioflan_tasks.__version__"
    }


def test_the_citation_has_the_version_of_the_package() -> None:
    text = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert re.findall(r"^version: (.+)$", text, re.MULTILINE) == [audioflan_tasks.__version__]
