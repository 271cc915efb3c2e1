"""Pages of docs/ that scripts write, whole or between two marks."""

from __future__ import annotations

import sys
from pathlib import Path

__all__ = ["between", "write_or_check"]


def between(name: str, table: str, page: str) -> str:
    """The page with another table between `<!-- NAME: begin -->` and `<!-- NAME: end -->`."""
    begin, end = f"<!-- {name}: begin -->\n", f"<!-- {name}: end -->"
    if not 0 <= page.find(begin) < page.find(end):
        raise SystemExit(f"the page has no marks {begin.strip()} and {end}")
    return page[: page.find(begin)] + begin + table + page[page.find(end) :]


def write_or_check(target: Path, page: str) -> int:
    """Writes a page; with `--check` only says whether it is up to date, by its exit status."""
    if "--check" not in sys.argv[1:]:
        target.write_text(page, encoding="utf-8")
        return 0
    if target.read_text(encoding="utf-8") == page:
        return 0
    print(f"{target.name} is not up to date; run scripts/{Path(sys.argv[0]).name}")
    return 1
