"""A server in memory, and no waiting between tries."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fsspec.implementations.memory import MemoryFileSystem

from audioflan_tasks.remote import servers
from tests.memory_server import memory_server


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(servers, "PAUSES_S", (0.0,) * 4)


@pytest.fixture
def bucket() -> Iterator[MemoryFileSystem]:
    """An empty server in memory, `memory://`."""
    with memory_server() as server:
        yield server
