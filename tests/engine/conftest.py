"""One cache of codes for all tests of the engine: clips are encoded once."""

from __future__ import annotations

import pytest

from audioflan_tasks.config import settings


@pytest.fixture(autouse=True, scope="session")
def _cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    settings.cache_dir = tmp_path_factory.mktemp("codes")
