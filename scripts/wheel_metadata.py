"""Checks the metadata of the installed package against the checkout: version, licences, texts.

python scripts/wheel_metadata.py    # with the interpreter of the environment to check
"""

from __future__ import annotations

import re
import sys
import tomllib
from importlib.metadata import distribution
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def faults() -> list[str]:
    """What the metadata of the installed package gets wrong."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wheel = distribution("audioflan_tasks")
    source = (ROOT / "audioflan_tasks" / "__init__.py").read_text(encoding="utf-8")
    version = re.search(r'^__version__ = "(.+)"$', source, re.MULTILINE)
    expected = {"Version": version and version[1], "License-Expression": project["license"]}
    wrong = [
        f"{key} is {wheel.metadata[key]!r}, expected {value!r}"
        for key, value in expected.items()
        if wheel.metadata[key] != value
    ]
    texts = {
        path.relative_to(ROOT).as_posix()
        for pattern in project["license-files"]
        for path in ROOT.glob(pattern)
    }
    listed = set(wheel.metadata.get_all("License-File") or ())
    shipped = {str(path).partition("/licenses/")[2] for path in wheel.files or ()}
    wrong += [f"{text} is no License-File" for text in sorted(texts - listed)]
    wrong += [f"{text} is not in dist-info/licenses" for text in sorted(texts - shipped)]
    return wrong


if __name__ == "__main__":
    problems = faults()
    print("\n".join(problems) or "metadata of the wheel: version and licences as declared")
    sys.exit(bool(problems))
