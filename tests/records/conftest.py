"""Hypothesis without time limits, and with its files outside the repository."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis.configuration import set_hypothesis_home_dir

set_hypothesis_home_dir(Path(tempfile.gettempdir()) / "audioflan_tasks_hypothesis")
settings.register_profile("records", deadline=None, database=None)
settings.load_profile("records")
