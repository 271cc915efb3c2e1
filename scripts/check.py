"""Runs every check in turn and stops at the first that fails: ruff, mypy, tests."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CHECKS = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    ("mypy",),
    ("pytest", "-q", "-n", "auto", "--cov", "--cov-report=term:skip-covered", "--durations=10"),
)


def main() -> int:
    """Exit status of the first failing check, else 0."""
    for check in CHECKS:
        print("$", *check, flush=True)
        status = subprocess.run([sys.executable, "-m", *check], cwd=ROOT, check=False).returncode
        if status:
            print(f"failed: {' '.join(check)}", file=sys.stderr)
            return status
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
