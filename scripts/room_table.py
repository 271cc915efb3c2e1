"""Writes the imports column of the table of rooms in docs/architecture.md.

It sums up `ARROWS` of tests/test_layers.py, the imports that are allowed, by top folder; a folder
inside one that has a row of its own counts by itself. With `--check` nothing is written, and the
exit status is 1 if the page is not up to date.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

from generated_page import write_or_check

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "docs" / "architecture.md"
LAYERS = ROOT / "tests" / "test_layers.py"

# The package's own `__init__` loads names lazily and stands outside the order.
PACKAGE = "audioflan_tasks"


def main() -> int:
    """Writes the column, or says whether it is up to date."""
    before = TARGET.read_text(encoding="utf-8")
    head, mark, rest = before.partition("| room | holds")
    table, blank, tail = rest.partition("\n\n")
    own_rows = set(re.findall(r"^\| `(\w+\.\w+)` \|", table, re.MULTILINE))
    allowed = allowed_imports(own_rows)
    lines = [_line(line, allowed) for line in table.splitlines()]
    after = head + mark + "\n".join(lines) + blank + tail
    return write_or_check(TARGET, after)


def allowed_imports(own_rows: set[str]) -> dict[str, set[str]]:
    """The rooms that each room may import, lowest first; `own_rows` are inside others."""

    def row_of(room: str) -> str:
        return room if room in own_rows else room.partition(".")[0]

    tree = ast.parse(LAYERS.read_text(encoding="utf-8"))
    (arrows,) = (
        node.value
        for node in tree.body
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "ARROWS"
    )
    if not isinstance(arrows, ast.Dict):
        raise SystemExit(f"{LAYERS.name}: ARROWS is no dict")
    allowed: dict[str, set[str]] = {}
    for key, value in zip(arrows.keys, arrows.values, strict=True):
        room = key.value if isinstance(key, ast.Constant) else PACKAGE
        imports = {row_of(name) for name in ast.literal_eval(value).split()}
        allowed.setdefault(row_of(str(room)), set()).update(imports)
    return allowed


def _line(line: str, allowed: dict[str, set[str]]) -> str:
    """A row of the table with its last cell as it should be."""
    row = re.fullmatch(r"\| (`.+?`) \| (.*) \| [^|]* \|", line)
    if row is None:
        return line
    rooms = re.findall(r"`([\w.]+)`", row[1])
    imports = set().union(*(allowed.get(room, set()) for room in rooms)) - {PACKAGE}
    inner = set(rooms) if len(rooms) == 1 else set()
    names = ", ".join(f"`{room}`" for room in allowed if room in imports - inner)
    return f"| {row[1]} | {row[2]} | {names} |"


if __name__ == "__main__":
    raise SystemExit(main())
