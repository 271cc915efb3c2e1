"""The bundled corpus, opened once."""

from __future__ import annotations

import pytest

from audioflan_tasks.corpus import Corpus


@pytest.fixture(scope="session")
def corpus() -> Corpus:
    """Shared: records and clips that were read stay in memory."""
    return Corpus()
