"""Runs the checks in turn and stops at the first that fails.

    check.py          ruff, names, mypy, and the tests but those marked `full`
    check.py --quick  ruff, names, and the tests marked neither `slow` nor `full`
    check.py --full   ruff, names, mypy, and every test, with the floor of coverage

The markers are explained in tests/conftest.py.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

RUFF = (("-m", "ruff", "check", "."), ("-m", "ruff", "format", "--check", "."))
NAMES = (("scripts/count_names.py",),)
MYPY = (("-m", "mypy"),)
# Two workers each finish what they hold; a worker that is done takes tests from another.
PYTEST = ("-m", "pytest", "-q", "-n", "auto", "--dist", "worksteal", "--durations", "15")
# Half as much time again: only the run that nobody waits for measures it.
COVERAGE = ("--cov", "--cov-report", "term:skip-covered")

QUICK = (*RUFF, *NAMES, (*PYTEST, "-m", "quick"))
DEFAULT = (*RUFF, *NAMES, *MYPY, PYTEST)
FULL = (*RUFF, *NAMES, *MYPY, (*PYTEST, *COVERAGE, "-m", "quick or slow or full"))


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status of the first failing check, else 0."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    extent = parser.add_mutually_exclusive_group()
    extent.add_argument("--quick", dest="checks", action="store_const", const=QUICK)
    extent.add_argument("--full", dest="checks", action="store_const", const=FULL)
    for check in parser.parse_args(arguments).checks or DEFAULT:
        print("$", *check, flush=True)
        status = subprocess.run([sys.executable, *check], cwd=ROOT, check=False).returncode
        if status:
            print(f"failed: {' '.join(check)}", file=sys.stderr)
            return status
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
