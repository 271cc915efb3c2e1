"""Runners by name, and what is said of those that cannot be had."""

from __future__ import annotations

import sys

import pytest

from audioflan_tasks.errors import MissingExtraError, RunnerError, SettingsError, UnknownNameError
from audioflan_tasks.runners import RunnerName, open_runner


def test_wrong_arguments_are_named() -> None:
    with pytest.raises(UnknownNameError, match=r"no runner named 'dusk'; did you mean dask\?"):
        open_runner("dusk")  # type: ignore[arg-type]
    with pytest.raises(SettingsError, match="workers 0: expected at least 1"):
        open_runner(workers=0)
    with pytest.raises(SettingsError, match="address tcp://a:1: expected with --runner dask"):
        open_runner(address="tcp://a:1")


@pytest.mark.parametrize(("name", "package"), [("dask", "distributed"), ("ray", "ray")])
def test_a_missing_engine_is_named_with_its_extra(
    name: RunnerName, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with (
        pytest.raises(MissingExtraError, match=rf"needs the package '{package}'.*\[{name}\]"),
        open_runner(name),
    ):
        pass


def test_a_scheduler_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    dask = pytest.importorskip("dask")
    pytest.importorskip("distributed")
    with (
        dask.config.set({"distributed.comm.timeouts.connect": "0.2s"}),
        pytest.raises(RunnerError, match=r"tcp://127\.0\.0\.1:1: no Dask scheduler answers"),
        open_runner("dask", address="tcp://127.0.0.1:1"),
    ):
        pass
