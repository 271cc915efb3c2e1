"""A test lies where what it tests lies: folders of tests mirror those of the package."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[1]
TESTS = ROOT / "tests"

# Mirrored beside the package, at the top of the repository.
BESIDE = ("benchmarks", "docs", "examples", "scripts")


def mirrored(folder: Path) -> Path:
    """Where the files lie that the tests of a folder are about."""
    inside = folder.relative_to(TESTS)
    beside = inside.parts[0] in BESIDE if inside.parts else False
    return (ROOT if beside else ROOT / "audioflan_tasks") / inside


def test_each_test_lies_in_a_folder_that_mirrors_one_of_the_package() -> None:
    folders = {file.parent for file in TESTS.rglob("test_*.py")}
    assert len(folders) > 20
    assert sorted(str(folder) for folder in folders if not mirrored(folder).is_dir()) == []
