"""A small release tree of real speech, cut out of the demo corpus, and stores made of it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from audioflan_tasks.demo import demo_root
from audioflan_tasks.records.spans import audio_ids
from audioflan_tasks.store import build_store, earlier
from audioflan_tasks.store.builder.lock import LOCK_FILE
from audioflan_tasks.store.sums import sealed
from tests.store.tokenizers import SMALL_UNITS

FOLDER = "01_Asterisk_EN"


def make_tree(to: Path, most: int = 5) -> Path:
    """A release tree with at most that many records a file, its audio and its recipes."""
    demo = demo_root()
    recipes = _recipes(demo)
    for file in sorted(demo.glob(f"metadata/**/{FOLDER}/jsonl/*.jsonl")):
        lines = [line for line in file.read_text("utf-8").splitlines() if _inside(line, recipes)]
        if lines:
            copy = to / file.relative_to(demo)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text("\n".join(lines[:most]) + "\n", "utf-8")
    for name in (f"audio_files/speech/{FOLDER}", "scp_files"):
        if (demo / name).is_dir():
            ignore = shutil.ignore_patterns("*.md", "LICENSE*")
            shutil.copytree(demo / name, to / name, ignore=ignore)
    (to / "simulated").mkdir()
    kept = map(json.dumps, recipes.values())
    (to / "simulated" / "speech.jsonl").write_text("\n".join(kept) + "\n", "utf-8")
    return to


def _recipes(demo: Path) -> dict[str, Any]:
    """Recipes that need nothing but clips of the folder, through all that they are made of."""
    lines = [
        json.loads(line)
        for file in sorted((demo / "simulated").glob("*.jsonl"))
        for line in file.read_text("utf-8").splitlines()
    ]
    every = {recipe["id"]: recipe for recipe in lines}
    clips = {f"{FOLDER}_{f.stem}" for f in (demo / "audio_files" / "speech" / FOLDER).iterdir()}

    def usable(one: str) -> bool:
        # Vocoders take half of the time of a build, and are audio like any other.
        is_cheap = one in every and every[one]["kind"] != "vocode"
        return one in clips or (is_cheap and all(map(usable, every[one]["inputs"])))

    return {one: recipe for one, recipe in every.items() if usable(one)}


def _ids(line: str) -> list[str]:
    record = json.loads(line)
    return [*audio_ids(record["input"]), *audio_ids(record["output"])]


def _inside(line: str, recipes: dict[str, Any]) -> bool:
    stems = {f.stem for f in (demo_root() / "audio_files" / "speech" / FOLDER).iterdir()}
    return all(
        one in recipes or one.removeprefix(f"{FOLDER}_") in stems for one in _ids(line)
    )  # fmt: skip


Markers = dict[Path, tuple[int, int]]


def edit_facts(store: Path, edit: Callable[[dict[str, Any]], object]) -> None:
    """Edits what `store.json` holds, and seals it as a build does."""
    path = store / "store.json"
    facts = json.loads(path.read_text("utf-8"))
    del facts["check"]
    edit(facts)
    path.write_bytes(sealed(json.dumps(facts).encode()))


def markers_of(store: Path) -> Markers:
    """Inode and time of each unit's marker: a unit that is written again has others.

    A time alone would not do, since files have that of the clock's last tick.
    """
    states = {path: path.stat() for path in store.rglob("*.done")}
    return {path: (state.st_ino, state.st_ctime_ns) for path, state in states.items()}


def written_since(store: Path, before: Markers) -> list[Path]:
    """Markers of the units that were written since `before`."""
    return sorted(path for path, state in markers_of(store).items() if before.get(path) != state)


def files_of(store: Path) -> dict[str, bytes]:
    """All files of a store but its lock."""
    found = {str(p.relative_to(store)): p for p in sorted(store.rglob("*")) if p.is_file()}
    return {name: p.read_bytes() for name, p in found.items() if name != LOCK_FILE}


@pytest.fixture(scope="session")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Not to be changed."""
    return make_tree(tmp_path_factory.mktemp("tree"))


@pytest.fixture(scope="session")
def built(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of the tree in small units; not to be changed."""
    out = tmp_path_factory.mktemp("built") / "store"
    build_store(tree, out, **SMALL_UNITS)
    return out


@pytest.fixture
def own_tree(tmp_path: Path) -> Iterator[Path]:
    """A tree of two records a file that the test may change."""
    yield make_tree(tmp_path / "tree", most=2)


@pytest.fixture(autouse=True)
def _replaced_stores_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests of builds compare all files with those of a fresh build."""
    monkeypatch.setattr(earlier, "KEPT_DAYS", 0.0)
