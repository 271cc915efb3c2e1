"""Pages name what is there: rooms, paths and other pages."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


def test_every_room_is_in_the_table() -> None:
    page = (DOCS / "architecture.md").read_text(encoding="utf-8")
    cells = re.findall(r"^\| (`.+?`) \|", page, re.MULTILINE)
    rooms = {name for cell in cells for name in re.findall(r"`(\w+)`", cell)}
    home = ROOT / "audioflan_tasks"
    folders = {path.parent.name for path in home.glob("*/__init__.py")}
    modules = {path.stem for path in home.glob("*.py") if not path.stem.startswith("_")}
    assert folders | modules <= rooms


def test_the_index_lists_every_page() -> None:
    index = (DOCS / "README.md").read_text(encoding="utf-8")
    linked = set(re.findall(r"\]\(([^)#]+\.md)", index))
    pages = {str(path.relative_to(DOCS)) for path in DOCS.rglob("*.md")} - {"README.md"}
    assert linked >= pages


def test_links_between_pages_lead_somewhere() -> None:
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *DOCS.rglob("*.md")]
    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in pages
        for target in re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8"))
        if "://" not in target and not (page.parent / target).exists()
    ]
    assert broken == []


def test_paths_that_pages_name_exist() -> None:
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *DOCS.rglob("*.md")]
    homes = (ROOT, ROOT / "audioflan_tasks", ROOT / "preprocessors")
    missing = [
        f"{page.relative_to(ROOT)}: {name}"
        for page in pages
        for name in re.findall(
            r"`([\w./-]+/[\w-]+\.(?:py|toml|sh|txt|md))`", page.read_text("utf-8")
        )
        if not any((home / name).exists() for home in homes)
    ]
    assert missing == []
