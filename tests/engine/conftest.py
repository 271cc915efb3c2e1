"""The engine is tested with a tokenizer that costs nothing."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _quick(quick_tokens: None) -> None:
    """For every test of this folder."""
