"""Runs `nearest` and all baselines over the folds of width `family` on the bundled corpus, and
writes the table of docs/evaluation.md: `python scripts/fold_table.py [--out FOLDER]`.

It runs the command that the page names. With a folder the run is kept and resumed.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from generated_page import between

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "docs" / "evaluation.md"
COMMAND = (
    "evaluate nearest --folds family --proof-of-hearing 0 "
    "--baselines random,majority,copy,blind,shuffled"
)


def main() -> int:
    """Runs the folds, and writes their table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, help="folder of the run; a temporary one if not given")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        out = options.out or Path(scratch)
        audioflan = [sys.executable, "-m", "audioflan_tasks.cli", *COMMAND.split()]
        subprocess.run([*audioflan, "--out", str(out)], cwd=ROOT, check=True)
        page = (out / "folds.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines(keepends=True) if line.startswith("|")]
    text = between("folds", "".join(rows), TARGET.read_text(encoding="utf-8"))
    TARGET.write_text(text, encoding="utf-8")
    print(f"wrote {TARGET}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
