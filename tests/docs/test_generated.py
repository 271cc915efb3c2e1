"""Pages and tables that scripts write are what the scripts would write now.

docs/metrics.md, pools.md and examples.md have their own tests beside what they show.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parents[2] / "scripts"


@pytest.mark.slow
@pytest.mark.parametrize(
    "script",
    [
        "room_table.py",
        "policy_table.py",
        "demo_table.py",
        "label_table.py",
        "answer_table.py",
        "family_table.py",
    ],
)
def test_the_page_is_up_to_date(script: str) -> None:
    done = subprocess.run(
        [sys.executable, str(SCRIPTS / script), "--check"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
