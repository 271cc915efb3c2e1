"""The map of the package: which folder imports which, checked against every import in it.

A room is a folder of `audioflan_tasks`, written from there on (`store.reader`), or one of the
single modules beside the folders (`errors`); `audioflan_tasks` is its `__init__`. `ARROWS`
lists the rooms from the lowest up, each with the rooms that it imports: only such as stand
before it in the list, or the folder around it and the folders inside. What an `__init__`
imports from its own folders is no arrow: it only gives their names a public place.

An import counts wherever it stands: at the top, in a function, under TYPE_CHECKING, by
`importlib.import_module`, or as the name of a module in a table from which it is loaded.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from graphlib import CycleError, TopologicalSorter

import pytest

from tests.sources import source_trees

PACKAGE = "audioflan_tasks"
# Folders that lie beside the package in the repository and inside it when installed.
OUTSIDE = ("metrics", "mixtures", "preprocessors")
# The end of a module's name that is put together at run time.
ANY = "*"

ARROWS: Mapping[str, str] = {
    # Words that all others use.
    "errors": "",
    "defaults": "",
    "seeds": "",
    "remote": "errors",
    "folders": "remote",
    "claimed_files": "errors",
    "npy_files": "",
    "processes": "",
    "shutdown": "",
    "whole_files": "errors",
    "quiet_start": "",
    "options": "errors",
    "arguments": "errors",
    "config": "errors remote options",
    "unpacked": "remote config",
    "plain_files": "remote unpacked",
    "runners": "errors processes",
    # The 80 tasks, records of them, and their audio.
    "catalogue": "errors",
    "vocabularies": "errors seeds catalogue",
    "records": "errors remote unpacked plain_files folders catalogue vocabularies",
    "audio": "errors remote plain_files folders runners records",
    # Codes and ids.
    "tokens": "errors claimed_files npy_files shutdown options",
    # From a record to the words and spans of an example.
    "preprocessors": "errors seeds plain_files options catalogue vocabularies records tokens",
    "preprocessors.simulate": "errors",
    "preprocessors.simulate.runs": (
        "errors seeds claimed_files plain_files runners whole_files catalogue records audio "
        "preprocessors preprocessors.simulate"
    ),
    # Corpora of others: recordings, the questions that follow, the release's layout.
    "recipes": (
        "errors seeds remote claimed_files plain_files runners whole_files catalogue vocabularies "
        "records audio preprocessors preprocessors.simulate recipes.makers recipes.importers "
        "recipes.corpora recipes.loaders"
    ),
    "recipes.corpora": "errors plain_files vocabularies records recipes",
    "recipes.makers": "seeds catalogue preprocessors.simulate.runs recipes",
    "recipes.importers": "errors unpacked plain_files catalogue vocabularies records audio recipes",
    "recipes.loaders": "errors vocabularies records recipes recipes.corpora recipes.importers",
    "recipes.benchmarks": (
        "errors plain_files catalogue vocabularies preprocessors recipes recipes.importers"
    ),
    # Tasks of others, which are text.
    "foreign": "errors plain_files options arguments catalogue records tokens preprocessors",
    # Audio by its id, and stores of codes and text ids.
    "clips": "errors plain_files folders records audio preprocessors.simulate",
    "store": "errors remote plain_files store.reader store.builder",
    "store.reader": (
        "errors seeds remote plain_files folders npy_files config catalogue records preprocessors "
        "store"
    ),
    "store.builder": (
        "errors remote plain_files folders config runners catalogue records tokens preprocessors "
        "clips store store.reader"
    ),
    "demo": "errors",
    "corpus": (
        "errors whole_files seeds remote plain_files folders npy_files options arguments config "
        "catalogue records audio tokens preprocessors foreign clips store demo"
    ),
    # The steps from a record to ids as seqio has them: above the corpus, which they read.
    "preprocessors.chain": (
        "errors shutdown options config catalogue records tokens preprocessors corpus"
    ),
    # Which task and row stands at which step.
    "mixtures": "errors catalogue mixtures.holdout mixtures.spec",
    "mixtures.plan": "errors seeds arguments catalogue",
    "mixtures.holdout": "errors arguments catalogue records",
    "mixtures.spec": (
        "errors plain_files arguments catalogue records foreign mixtures.plan mixtures.holdout"
    ),
    "mixtures.reporting": "errors catalogue foreign mixtures.holdout mixtures.spec",
    # Streams of examples and batches.
    "engine": (
        "errors options arguments config catalogue records tokens preprocessors foreign store "
        "corpus mixtures mixtures.plan mixtures.spec engine.assembly"
    ),
    "engine.assembly": ("errors catalogue tokens preprocessors store corpus mixtures.plan engine"),
    "engine.batching": (
        "errors seeds options arguments tokens preprocessors corpus mixtures mixtures.plan "
        "mixtures.spec engine engine.assembly"
    ),
    "engine.adapters": "errors arguments config corpus mixtures engine engine.batching",
    # Scores.
    "metrics": "errors plain_files runners catalogue vocabularies tokens metrics.parsing",
    "metrics.parsing": "catalogue vocabularies records preprocessors metrics",
    # Tasks and mixtures of seqio.
    "seqio_tasks": (
        "errors seeds shutdown quiet_start options arguments config catalogue tokens "
        "preprocessors foreign preprocessors.chain corpus mixtures mixtures.plan "
        "mixtures.holdout mixtures.spec engine engine.assembly engine.batching metrics"
    ),
    # Data sets of TFDS.
    "tfds_builder": (
        "errors plain_files folders options arguments config catalogue records audio tokens "
        "preprocessors.chain store corpus"
    ),
    # Measuring models.
    "evaluation": (
        "errors plain_files whole_files seeds options arguments defaults config catalogue records "
        "audio tokens preprocessors foreign corpus mixtures metrics evaluation.models "
        "evaluation.scoring evaluation.probes evaluation.reporting"
    ),
    "evaluation.scoring": "errors seeds catalogue records preprocessors metrics evaluation",
    "evaluation.models": (
        "errors plain_files options config catalogue records audio tokens corpus metrics evaluation"
    ),
    "evaluation.probes": (
        "seeds options catalogue records preprocessors corpus evaluation "
        "evaluation.scoring evaluation.models"
    ),
    "evaluation.reporting": "whole_files catalogue preprocessors metrics evaluation",
    "evaluation.leakage": (
        "errors remote plain_files runners options config catalogue records audio preprocessors "
        "corpus mixtures mixtures.holdout evaluation"
    ),
    # Rewrites of instructions by language models.
    "statistics": (
        "errors catalogue vocabularies records store corpus evaluation evaluation.reporting"
    ),
    "variation": (
        "errors whole_files options seeds plain_files catalogue records preprocessors "
        "metrics.parsing evaluation evaluation.models"
    ),
    # The package's own names, each loaded at its first use; and what registers with seqio.
    "_hook": "quiet_start seqio_tasks",
    PACKAGE: (
        "errors options config catalogue tokens foreign store corpus mixtures engine evaluation "
        "seqio_tasks _hook"
    ),
    "cli": (
        "errors plain_files whole_files remote folders arguments defaults config runners "
        "catalogue records audio tokens preprocessors preprocessors.simulate "
        "preprocessors.simulate.runs recipes recipes.corpora recipes.importers recipes.benchmarks "
        "clips store store.builder demo corpus mixtures mixtures.holdout engine metrics "
        "evaluation evaluation.models evaluation.probes evaluation.reporting evaluation.leakage "
        "statistics variation mixtures.spec audioflan_tasks cli.mix"
    ),
    "cli.mix": (
        "errors whole_files config preprocessors recipes corpus mixtures mixtures.spec "
        "mixtures.reporting engine audioflan_tasks cli"
    ),
}

# Libraries of TensorFlow, and the rooms that import them as they like.
LIBRARIES = ("tensorflow", "seqio", "tensorflow_datasets")
ROOMS = {"seqio_tasks": {*LIBRARIES}, "tfds_builder": {"tensorflow_datasets"}}

# Files of other rooms that import them, and only inside a function.
LAZY_SEQIO = {
    "tokens.vocabulary": {"tensorflow"},
    "mixtures.spec.mix": {"seqio"},
    "recipes.loaders.prepared_corpora": {"tensorflow_datasets"},
    "preprocessors.chain.element_map": {"tensorflow", "seqio"},
}


@cache
def modules() -> dict[str, str]:
    """Files of the package by module, as seen from it: `store.reader.rows`; the root is ""."""
    return {_module(file): file for file in source_trees()}


def _module(file: str) -> str:
    parts = file.removeprefix(f"{PACKAGE}/").removesuffix(".py").split("/")
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def is_init(module: str) -> bool:
    return modules()[module].endswith("/__init__.py")


def room_of(module: str) -> str:
    """The folder of a module; a module beside the folders is a room by itself."""
    if is_init(module) or "." not in module:
        return module or PACKAGE
    return module.rpartition(".")[0]


def module_of(name: str) -> str | None:
    """The module of the package that an absolute name is of, or lies in."""
    parts = name.split(".")
    if parts[0] != PACKAGE:
        return None
    while len(parts) > 1 and ".".join(parts[1:]) not in modules():
        parts.pop()
    return ".".join(parts[1:])


def imported_names(tree: ast.AST) -> Iterator[str]:
    """Absolute names that are imported anywhere in a file."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"line {node.lineno}: a relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and node.args:
            called = node.func.attr if isinstance(node.func, ast.Attribute) else None
            called = node.func.id if isinstance(node.func, ast.Name) else called
            if called in ("import_module", "__import__"):
                yield from _module_names([node.args[0]])
        elif isinstance(node, ast.Dict):
            yield from _module_names(node.values)
        elif isinstance(node, ast.Tuple | ast.List | ast.Set):
            yield from _module_names(node.elts)


def _module_names(nodes: list[ast.expr]) -> Iterator[str]:
    """Modules of the package among literals: "audioflan_tasks.x", "audioflan_tasks.x:name"."""
    for node in nodes:
        is_composed = isinstance(node, ast.JoinedStr)
        literal = node.values[0] if isinstance(node, ast.JoinedStr) and node.values else node
        if isinstance(literal, ast.Constant) and isinstance(literal.value, str):
            name = literal.value.partition(":")[0]
            if name.startswith(f"{PACKAGE}."):
                yield f"{name}{ANY}" if is_composed else name


@cache
def imports() -> dict[str, set[str]]:
    """The modules of the package that each of its modules imports."""
    targets_by_module: dict[str, set[str]] = {}
    for file, tree in source_trees().items():
        module, targets = _module(file), set()
        for name in imported_names(tree):
            target = module_of(name)
            # A module of the own folder that is chosen at run time is not known by its file.
            if target is not None and not (name.endswith(ANY) and target == room_of(module)):
                targets.add(target)
        targets_by_module[module] = targets - {module}
    return targets_by_module


def arrows() -> dict[str, dict[str, str]]:
    """Rooms that each room imports, with an example of the import."""
    examples: dict[str, dict[str, str]] = defaultdict(dict)
    for module, targets in imports().items():
        own = room_of(module)
        for target in sorted(targets):
            room = room_of(target)
            inside = is_init(module) and module and room.startswith(f"{own}.")
            if room != own and not inside:
                examples[own].setdefault(room, f"{modules()[module]}: {target}")
    return examples


def folder(room: str) -> str:
    return room.partition(".")[0]


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("import audioflan_tasks.store", ["audioflan_tasks.store"]),
        ("from audioflan_tasks import seeds", ["audioflan_tasks.seeds"]),
        ("def f():\n    import tensorflow as tf", ["tensorflow"]),
        ("if TYPE_CHECKING:\n    from seqio import Task", ["seqio.Task"]),
        ("m = importlib.import_module('audioflan_tasks.cli.app')", ["audioflan_tasks.cli.app"]),
        ("import_module(f'audioflan_tasks.metrics.{name}')", ["audioflan_tasks.metrics.*"]),
        ("HOMES = {'Corpus': 'audioflan_tasks.corpus'}", ["audioflan_tasks.corpus"]),
        ("F = ('x', 'audioflan_tasks.clips:read')", ["audioflan_tasks.clips"]),
        ("files('audioflan_tasks.tokens'); PACKAGES = ['audioflan_tasks']", []),
    ],
)
def test_an_import_is_seen_wherever_it_stands(code: str, names: list[str]) -> None:
    assert list(imported_names(ast.parse(code))) == names


@pytest.mark.slow
def test_every_folder_has_a_row_in_the_table() -> None:
    rooms = {room_of(module) for module in modules()}
    assert rooms == set(ARROWS), f"no row: {rooms - set(ARROWS)}, no folder: {set(ARROWS) - rooms}"
    assert len(modules()) > 200


@pytest.mark.slow
def test_rooms_import_what_the_table_says() -> None:
    actual = arrows()
    forbidden = [
        f"{where} (from {room}: not in its row)"
        for room in ARROWS
        for target, where in actual[room].items()
        if target not in ARROWS[room].split()
    ]
    assert not forbidden


@pytest.mark.slow
def test_the_table_says_nothing_that_is_not_so() -> None:
    actual = arrows()
    stale = [
        f"{room} -> {target}"
        for room, targets in ARROWS.items()
        for target in targets.split()
        if target not in actual[room]
    ]
    assert not stale


def test_the_table_goes_one_way() -> None:
    order = list(ARROWS)
    wrong = [
        f"{room} -> {target}"
        for room, targets in ARROWS.items()
        for target in targets.split()
        if folder(room) != folder(target) and order.index(target) > order.index(room)
    ]
    assert not wrong


@pytest.mark.slow
def test_no_file_imports_itself_in_a_circle() -> None:
    """Files that import each other, lazily or not, are one file that pretends to be two."""
    try:
        TopologicalSorter(imports()).prepare()
    except CycleError as error:
        circle = " <- ".join(error.args[1])
    else:
        circle = ""
    assert not circle


@pytest.mark.slow
def test_tensorflow_and_its_libraries_stay_in_their_rooms() -> None:
    wrong = []
    for file, tree in source_trees().items():
        module = _module(file)
        top = ast.Module([node for node in tree.body if not _is_function(node)], [])
        known = ROOMS.get(room_of(module), set[str]())
        lazily_known = known | LAZY_SEQIO.get(module, set())
        for names, allowed in ((imported_names(tree), lazily_known), (imported_names(top), known)):
            libraries = {name.split(".")[0] for name in names} & {*LIBRARIES}
            wrong += [f"{file}: {name}" for name in libraries - allowed]
    assert not wrong


def _is_function(node: ast.stmt) -> bool:
    return isinstance(node, ast.FunctionDef | ast.ClassDef)


@pytest.mark.slow
def test_the_outside_folders_are_not_imported_by_their_bare_names() -> None:
    wrong = [
        f"{file}: {name}"
        for file, tree in source_trees().items()
        for name in imported_names(tree)
        if name.split(".")[0] in OUTSIDE
    ]
    assert not wrong
