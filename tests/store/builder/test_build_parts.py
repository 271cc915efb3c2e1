"""Parts of a build, each a process of its own, make the store that one build makes."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from audioflan_tasks.errors import StoreError
from audioflan_tasks.runners import BuildPart
from audioflan_tasks.store import build_store
from audioflan_tasks.store.builder.lock import locked
from tests.store.conftest import files_of
from tests.store.tokenizers import CHEAP_UNITS

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]


def start(tree: Path, out: Path, part: str, last: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.store.killed_part"]
    return subprocess.Popen([*command, str(tree), str(out), part, str(last)], cwd=ROOT)


@pytest.mark.full
def test_parts_at_once_give_the_same_bytes_though_one_is_killed(
    own_tree: Path, tmp_path: Path
) -> None:
    out = tmp_path / "store"
    assert start(own_tree, out, "2/3", 7).wait() == -signal.SIGKILL
    parts = [start(own_tree, out, f"{number}/3", 0) for number in (1, 3)]
    assert [part.wait() for part in parts] == [0, 0]
    build_store(own_tree, tmp_path / "whole", **CHEAP_UNITS)
    whole = files_of(tmp_path / "whole")
    built = files_of(out)
    assert {name: built.get(name) for name in whole} == whole
    # What the killed part was writing goes with the next whole build.
    build_store(own_tree, out, **CHEAP_UNITS)
    assert files_of(out) == whole


def test_a_part_alone_builds_all(own_tree: Path, tmp_path: Path) -> None:
    out = tmp_path / "store"
    summary = build_store(own_tree, out, part=BuildPart(2, 5), **CHEAP_UNITS)
    assert summary == build_store(own_tree, out, **CHEAP_UNITS)


def test_a_whole_build_waits_for_no_part(own_tree: Path, tmp_path: Path) -> None:
    out = tmp_path / "store"
    with (
        locked(out, is_part=True),
        locked(out, is_part=True),
        pytest.raises(
            StoreError,
            match=r"another build is writing it \(parts of a build, or one that begins or ends\)",
        ),
    ):
        build_store(own_tree, out, **CHEAP_UNITS)
    with locked(out), pytest.raises(StoreError, match=r"another build is writing it \(process "):
        build_store(own_tree, out, part=BuildPart(1, 2), **CHEAP_UNITS)
