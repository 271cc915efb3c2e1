"""A cache of its own for every test, and small tools."""

from __future__ import annotations

from pathlib import Path

import pytest

from audioflan_tasks.config import settings
from audioflan_tasks.corpus import Corpus


@pytest.fixture(autouse=True)
def _cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    folder: Path = tmp_path_factory.getbasetemp() / "evaluation-cache"
    monkeypatch.setattr(settings, "cache_dir", folder)


@pytest.fixture(scope="session")
def corpus() -> Corpus:
    """The bundled corpus, opened once."""
    return Corpus()
