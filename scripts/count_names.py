"""Counts names that say nothing: participles and pointers in place of things.

A variable is named by a thing (`rows`, `offsets`); a participle (`found`, `padded`) or a pointer
(`one`, `at`, `here`) is only a part of such a name (`kept_rows`). Counted are the names that a
file stores: targets of assignments, of `for`, `with`, `except`, `import … as`, walrus and
comprehensions, parameters other than `self`, and attributes that are set. Underscores at the
ends do not matter; what Python itself calls special (`__all__`) is left out.

    python scripts/count_names.py                  a row for each room; fails above 2 %
    python scripts/count_names.py --list mixtures  the names of one room, with their lines
    python scripts/count_names.py --folder PATH    another package, for comparison

Classes have two rules: none is called by a participle alone (`Found`), and no two have one
name, with or without underscores. Functions are not counted, as many a verb looks like a
participle (`read`).

For comparison: httpx 0.28.1 has 1.3 %, click 1.6 %, pydantic 1.6 %, seqio 0.0.20 2.0 %.
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("audioflan_tasks", "mixtures", "preprocessors", "metrics")

# Participles that do not end in "ed" and are not a noun or a plain verb as well (`split`, `cut`).
_PARTICIPLES = """
    begun bent bought bound broken brought built caught chosen dealt done drawn driven fallen
    forgotten fought found frozen given gone gotten grown heard held kept known laid lain left
    lost made meant met paid read said seen sent shown shut sold sought spent spoken stood stuck
    sunk taken taught thought thrown told torn understood unknown woven written
"""
# Words in "ed" that are no participles; `unused` is what Python programmers call such a thing.
_NO_PARTICIPLES = "bed breed embed exceed feed need proceed red seed shed speed unused"
# Pronouns, prepositions and adverbs, which point at a thing that they do not name.
_POINTERS = """
    above after again ahead alike alone also among anything apart around aside at away back
    before below beside between beyond both by each either ever every everything few fewer here
    how inside into it its itself less many mine more most near neither never nothing now of off
    on one others ours outside over own rest same since some something such that theirs them
    then there these they thing things this those to together under upon what where which who
    whom whose why within without
"""
PARTICIPLES = frozenset(_PARTICIPLES.split())
NO_PARTICIPLES = frozenset(_NO_PARTICIPLES.split())
POINTERS = frozenset(_POINTERS.split())


def is_participle(name: str) -> bool:
    """Whether a name is a participle and nothing else."""
    word = name.strip("_").lower()
    return word in PARTICIPLES or (
        re.fullmatch("[a-z]{2,}ed", word) is not None and word not in NO_PARTICIPLES
    )


def is_empty_name(name: str) -> bool:
    """Whether a name is a participle or a pointer and nothing else."""
    return is_participle(name) or name.strip("_").lower() in POINTERS


def stored_names(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Names that a file stores, each with its line."""
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                yield name, node.lineno
            case ast.arg(arg=name) if name not in ("self", "cls"):
                yield name, node.lineno
            case ast.ExceptHandler(name=str(name)) | ast.alias(asname=str(name)):
                yield name, node.lineno
            case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                yield name, node.lineno


@dataclass
class Room:
    """What the files of one folder store: how many names, and the empty ones with their places."""

    total: int = 0
    empty: list[tuple[str, str]] = field(default_factory=list)

    @property
    def percent(self) -> float:
        """Share of the empty names in percent."""
        return 100 * len(self.empty) / self.total if self.total else 0.0

    def add(self, tree: ast.AST, place: str) -> None:
        """Counts the names of one file."""
        for name, line in stored_names(tree):
            if not re.fullmatch("__.+__", name):
                self.total += 1
                if is_empty_name(name):
                    self.empty.append((name, f"{place}:{line}"))


def files_of(folder: Path) -> Iterator[Path]:
    """Python files under a folder, each once where folders are linked."""
    for path in sorted(folder.rglob("*.py")):
        if path.resolve() == path and "demo/corpus/" not in path.as_posix():
            yield path


def room_of(path: Path, folder: Path) -> str:
    """The first folder inside the package, or the package for the files beside it."""
    parts = path.relative_to(folder).parts
    return parts[0] if len(parts) > 1 and folder.name == FOLDERS[0] else folder.name


def class_faults(trees: dict[str, ast.AST]) -> list[str]:
    """Sentences on classes that break a rule."""
    places: dict[str, list[str]] = defaultdict(list)
    for place, tree in trees.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                places[node.name.strip("_")].append(f"{place}:{node.lineno}")
    called = [
        f"class {name} is called by a participle: {lines[0]}"
        for name, lines in places.items()
        if re.fullmatch("[A-Z][a-z]+", name) and is_participle(name)
    ]
    duplicates = [
        f"{len(lines)} classes are called {name}: {', '.join(lines)}"
        for name, lines in places.items()
        if len(lines) > 1
    ]
    return sorted(called) + sorted(duplicates)


def table(rooms: dict[str, Room]) -> str:
    """One line a room: names, empty ones, their share, and the most frequent of them."""
    lines = [f"{'room':20} {'names':>6} {'empty':>6} {'share':>7}  most frequent"]
    for name, room in sorted(rooms.items(), key=lambda item: -item[1].percent):
        frequent = Counter(word for word, _ in room.empty).most_common(6)
        words = ", ".join(f"{word} {count}" for word, count in frequent)
        lines.append(f"{name:20} {room.total:6} {len(room.empty):6} {room.percent:6.2f} %  {words}")
    return "\n".join(lines)


def main() -> int:
    """Exit status: 1 if a room is above the limit or a class breaks a rule, else 0."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--max", type=float, default=2.0, help="percent that a room may have")
    parser.add_argument("--list", metavar="ROOM", help="show the names of one room")
    parser.add_argument("--folder", type=Path, help="count this package instead of the project")
    options = parser.parse_args()
    folders = [options.folder.resolve()] if options.folder else [ROOT / name for name in FOLDERS]
    rooms: dict[str, Room] = defaultdict(Room)
    trees: dict[str, ast.AST] = {}
    for folder in folders:
        for path in files_of(folder):
            place = path.relative_to(folder.parent).as_posix()
            trees[place] = ast.parse(path.read_text(encoding="utf-8"))
            rooms[room_of(path, folder)].add(trees[place], place)
    print(table(rooms))
    if options.list:
        print(*(f"{place}: {name}" for name, place in rooms[options.list].empty), sep="\n")
    faults = class_faults(trees)
    faults += [
        f"{name}: {room.percent:.2f} % of the names say nothing; see --list {name}"
        for name, room in rooms.items()
        if room.percent > options.max
    ]
    print(*faults, sep="\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
