"""Runs the checks in turn and stops at the first that fails.

    check.py          ruff, mypy, and the tests but those marked `full`, with coverage
    check.py --quick  ruff, and the tests marked neither `slow` nor `full`
    check.py --full   ruff, mypy, and every test, with coverage

The markers are explained in tests/conftest.py.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

RUFF = (("ruff", "check", "."), ("ruff", "format", "--check", "."))
MYPY = (("mypy",),)
# Two workers each finish what they hold; a worker that is done takes tests from another.
PYTEST = ("pytest", "-q", "-n", "auto", "--dist", "worksteal", "--durations", "15")
COVERAGE = ("--cov", "--cov-report", "term:skip-covered")

QUICK = (*RUFF, (*PYTEST, "-m", "quick"))
DEFAULT = (*RUFF, *MYPY, (*PYTEST, *COVERAGE))
FULL = (*RUFF, *MYPY, (*PYTEST, *COVERAGE, "-m", "quick or slow or full"))


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status of the first failing check, else 0."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    extent = parser.add_mutually_exclusive_group()
    extent.add_argument("--quick", dest="checks", action="store_const", const=QUICK)
    extent.add_argument("--full", dest="checks", action="store_const", const=FULL)
    for check in parser.parse_args(arguments).checks or DEFAULT:
        print("$", *check, flush=True)
        status = subprocess.run([sys.executable, "-m", *check], cwd=ROOT, check=False).returncode
        if status:
            print(f"failed: {' '.join(check)}", file=sys.stderr)
            return status
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
