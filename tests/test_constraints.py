"""constraints.txt has a release for everything that the scripts install, within its bounds."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_every_requirement_has_a_tested_release() -> None:
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+", line) for line in lines)
    releases = {canonicalize_name(name): v for name, v in (line.split("==") for line in lines)}
    for requirement in _requirements():
        release = releases[canonicalize_name(requirement.name)]
        assert release in requirement.specifier, requirement


def test_the_environment_of_caches_has_releases_of_its_own() -> None:
    text = (ROOT / "scripts" / "cache_constraints.txt").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    releases = {canonicalize_name(name): v for name, v in (line.split("==") for line in lines)}
    assert list(releases) == sorted(releases)
    for requirement in map(Requirement, PROJECT["optional-dependencies"]["cache"]):
        assert releases[canonicalize_name(requirement.name)] in requirement.specifier
    # Those of the package itself are within its bounds too.
    for requirement in map(Requirement, PROJECT["dependencies"]):
        release = releases.get(canonicalize_name(requirement.name))
        assert release is None or release in requirement.specifier, requirement


def _requirements() -> Iterator[Requirement]:
    """Those of the package and of its `dev` extra, with the extras that it names."""
    yield from map(Requirement, PROJECT["dependencies"])
    extras = ["dev"]
    for extra in extras:
        for requirement in map(Requirement, PROJECT["optional-dependencies"][extra]):
            if requirement.name == PROJECT["name"]:
                extras += sorted(requirement.extras)
            else:
                yield requirement
