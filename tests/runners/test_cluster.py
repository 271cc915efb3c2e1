"""A cluster builds the same store, whatever becomes of its workers. Two real processes each.

The engines are extras: `scripts/check_clusters.sh` sets up an environment that has them.
"""

from __future__ import annotations

import os
import signal
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from audioflan_tasks import Corpus
from audioflan_tasks.audio.check import check
from audioflan_tasks.errors import StoreError
from audioflan_tasks.runners import Runner, WorkerDiedError, open_runner
from audioflan_tasks.store import build_store
from tests.store.conftest import files_of, make_tree
from tests.store.tokenizers import CHEAP_UNITS

pytestmark = pytest.mark.slow

PACKAGES = {"dask": "distributed", "ray": "ray"}


@pytest.fixture(scope="module", params=["dask", "ray"])
def runner(request: pytest.FixtureRequest) -> Iterator[Runner]:
    """Two processes of an engine."""
    pytest.importorskip(PACKAGES[request.param])
    with open_runner(request.param, workers=2) as runner:
        yield runner


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tree(tmp_path_factory.mktemp("tree"), most=3)


@pytest.fixture(scope="module")
def victim(tree: Path) -> int:
    """Checksum of the samples of one clip that the records use."""
    corpus = Corpus(tree)
    ids = sorted({a for i in corpus.instances() for a in i.audio_ids} - set(corpus.recipes))
    return zlib.crc32(corpus.audio(ids[3], 8000).tobytes())


def pid_of(number: int) -> int:
    return os.getpid()


def die_of(number: int) -> int:
    if number == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def fail_of(number: int) -> int:
    if number == 2:
        raise StoreError(f"unit {number} is full")
    return number


def test_units_run_in_other_processes(runner: Runner) -> None:
    pids: dict[int, int] = {}
    runner.run(pid_of, [(n,) for n in range(12)], pids.__setitem__)
    assert sorted(pids) == list(range(12))
    assert os.getpid() not in pids.values()


def test_a_unit_that_kills_its_workers_is_named_and_the_others_are_done(runner: Runner) -> None:
    results: dict[int, int] = {}
    with pytest.raises(WorkerDiedError) as caught:
        runner.run(die_of, [(n,) for n in (1, 2, 3)], results.__setitem__, one_by_one=True)
    assert caught.value.units == [1]
    assert results.get(0) == 1


def test_an_error_of_a_unit_is_ours(runner: Runner) -> None:
    with pytest.raises(StoreError, match="unit 2 is full"):
        runner.run(fail_of, [(n,) for n in range(4)], lambda number, result: None)


def test_a_check_has_the_same_report(runner: Runner, tree: Path) -> None:
    assert check(tree, runner=runner).as_dict() == check(tree).as_dict()


@pytest.mark.parametrize("poison", ["die once", "die"])
def test_the_same_store_though_a_worker_is_killed(
    runner: Runner, tree: Path, victim: int, tmp_path: Path, poison: str
) -> None:
    flag = tmp_path / "died"
    options = {"poison": poison, "victim": victim, "flag": str(flag)}
    more: dict[str, Any] = CHEAP_UNITS | {"options": options, "policy": "skip"}
    summary = build_store(tree, tmp_path / "store", runner=runner, **more)
    # The local pool does not meet the flag's clip again, and gives the poison one up.
    assert flag.exists() == (poison == "die once")
    whole = build_store(tree, tmp_path / "whole", workers=2, **more)
    assert summary.unreadable == whole.unreadable == (poison == "die")
    assert files_of(tmp_path / "store") == files_of(tmp_path / "whole")
