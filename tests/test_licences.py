"""The licence expression covers what is shipped, and every licence has its text."""

from __future__ import annotations

import csv
import re
import tomllib
from pathlib import Path

from audioflan_tasks.demo import demo_root

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
IDS = set(PROJECT["license"].split(" AND "))

# SPDX ids of the licences as README.md names them for the folders of demo audio.
SPDX = {
    "CC BY 3.0": "CC-BY-3.0",
    "CC BY-SA 3.0": "CC-BY-SA-3.0",
    "CC0 1.0": "CC0-1.0",
    "Public domain": "LicenseRef-Public-Domain",
}


def test_every_id_of_the_expression_has_its_text() -> None:
    texts = {path.stem for path in (ROOT / "LICENSES").glob("*.txt")}
    assert texts | {"Apache-2.0"} == IDS  # that one is LICENSE
    for path in (ROOT / "LICENSES").glob("*.txt"):
        assert len(path.read_text(encoding="utf-8")) > 200, path.name


def test_every_folder_of_demo_audio_is_covered() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| (\d\d_\w+) \| \d+ \| ([^|]+) \|", readme, re.MULTILINE))
    assert set(rows) == {path.name for path in demo_root().glob("audio_files/*/*")}
    assert {SPDX[licence] for licence in rows.values()} <= IDS


def test_single_sounds_name_no_other_licence() -> None:
    named = set()
    for path in demo_root().glob("audio_files/*/*/SOURCE.tsv"):
        with path.open(encoding="utf-8", newline="") as handle:
            for row in csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE):
                named |= set(re.findall(r"License: (Creative Commons [^\"]+?\d\.\d)", row["title"]))
    assert named == {
        "Creative Commons Attribution 3.0",
        "Creative Commons Attribution-ShareAlike 3.0",
        "Creative Commons Zero 1.0",
    }


def test_the_weights_and_every_demo_folder_bring_licence_files() -> None:
    shipped = {path for glob in PROJECT["license-files"] for path in ROOT.glob(glob)}
    assert ROOT / "LICENSE" in shipped
    assert ROOT / "audioflan_tasks/tokens/data/README.md" in shipped
    for folder in demo_root().glob("audio_files/*/*"):
        assert {folder / "LICENSE", folder / "CREDITS.md"} <= shipped
