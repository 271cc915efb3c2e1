"""The kinds of records, as CONTRIBUTING.md says which is for what, in every class of the package.

Read from the sources, so that a class counts wherever it is defined, also in a function.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from functools import cache

import pytest

from tests.sources import source_trees

# All of the package is parsed first.
pytestmark = pytest.mark.slow

# NamedTuples with more fields than are unpacked at once, each with the reason.
WIDE: Mapping[str, str] = {
    "mixtures.plan.plan.Draws": "columns of one length, filled, cut and joined as a tuple",
    "records.spans.AudioSpan": "one a span of every record: with a dataclass 10 % slower",
    "vocabularies.words.Token": "one a word of every answer: with a dataclass 15 % slower",
}
MOST_FIELDS = 3

# Dataclasses that change, each with the reason.
COUNTERS: Mapping[str, str] = {
    "records.repairs.Ledger": "counts what is read, line by line",
    "records.check.CorpusReport": "counts over a corpus, file by file",
    "variation.attempts.Tally": "counts rewrites, attempt by attempt",
    "variation.run.RunReport": "counts over a run, task by task",
    "variation.pools.PoolOutcome": "gathers what is accepted, request by request",
    "variation.records.RecordOutcome": "gathers what is accepted, record by record",
    "recipes.corpus_writer.CorpusCounts": "counts what is written, clip by clip",
    "recipes.benchmarks.corpus.Survey": "counts items, one by one",
    "statistics.counts.InstanceCounts": "counts instances, record by record or group by group",
    "vocabularies.clauses.Clause": "takes over from the clauses before it, one after the other",
}


@cache
def class_definitions() -> Mapping[str, ast.ClassDef]:
    """Every class of the package by module and name, as seen from the package."""
    classes = {}
    for file, tree in source_trees().items():
        module = file.removeprefix("audioflan_tasks/").removesuffix(".py").replace("/", ".")
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                classes[f"{module}.{node.name}"] = node
    return classes


def class_of(source: str) -> ast.ClassDef:
    """The class that a source defines."""
    (node,) = ast.parse(source).body
    assert isinstance(node, ast.ClassDef)
    return node


def base_names(node: ast.ClassDef) -> set[str]:
    """Names of the bases, without modules and type arguments."""
    return {ast.unparse(base).split("[")[0].rpartition(".")[2] for base in node.bases}


def keywords(call: ast.Call | ast.ClassDef) -> dict[str, str]:
    """Keywords of a call or a class, as source."""
    return {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords if keyword.arg}


def dataclass_options(node: ast.ClassDef) -> dict[str, str] | None:
    """Options of the `dataclass` decorator; None where there is none."""
    for decorator in node.decorator_list:
        name = decorator.func if isinstance(decorator, ast.Call) else decorator
        if ast.unparse(name).rpartition(".")[2] == "dataclass":
            return keywords(decorator) if isinstance(decorator, ast.Call) else {}
    return None


def has_cached_property(node: ast.ClassDef) -> bool:
    """Whether the class keeps a computed value on the object, which needs a `__dict__`."""
    methods = [method for method in node.body if isinstance(method, ast.FunctionDef)]
    decorators = [ast.unparse(d) for method in methods for d in method.decorator_list]
    return any(decorator.rpartition(".")[2] == "cached_property" for decorator in decorators)


def is_wide(node: ast.ClassDef) -> bool:
    """Whether it is a NamedTuple of more fields than are unpacked at once."""
    count = sum(isinstance(statement, ast.AnnAssign) for statement in node.body)
    return "NamedTuple" in base_names(node) and count > MOST_FIELDS


def changes(node: ast.ClassDef) -> bool:
    """Whether it is a dataclass whose fields can be set."""
    options = dataclass_options(node)
    return options is not None and options.get("frozen") != "True"


def lacks_slots(node: ast.ClassDef) -> bool:
    """Whether it is a dataclass without slots."""
    options = dataclass_options(node)
    return options is not None and options.get("slots") != "True"


def is_open_struct(node: ast.ClassDef) -> bool:
    """Whether it is a Struct whose fields can be set; `frozen` is inherited."""
    frozen = keywords(node).get("frozen")
    if "Struct" in base_names(node):
        return frozen != "True"
    return frozen not in (None, "True")


def is_callable(node: ast.ClassDef) -> bool:
    """Whether its objects can be called; a Protocol describes a function."""
    names = {method.name for method in node.body if isinstance(method, ast.FunctionDef)}
    return "__call__" in names and "Protocol" not in base_names(node)


def classes_that_need_dict() -> Iterator[str]:
    """Names of classes with cached properties, and of those derived from them."""
    names = {node.name for node in class_definitions().values() if has_cached_property(node)}
    for node in class_definitions().values():
        if node.name in names or base_names(node) & names:
            yield node.name


@pytest.mark.slow
def test_named_tuples_are_unpacked_at_once() -> None:
    wide = {name for name, node in class_definitions().items() if is_wide(node)}
    assert wide == set(WIDE)


@pytest.mark.slow
def test_dataclasses_are_frozen() -> None:
    open_ones = {name for name, node in class_definitions().items() if changes(node)}
    assert open_ones == set(COUNTERS)


@pytest.mark.slow
def test_dataclasses_have_slots_where_nothing_is_cached_on_them() -> None:
    need_dict = set(classes_that_need_dict())
    slotless = {name for name, node in class_definitions().items() if lacks_slots(node)}
    assert {name for name in slotless if name.rpartition(".")[2] not in need_dict} == set()


def test_structs_are_frozen() -> None:
    classes = class_definitions()
    assert sum("Struct" in base_names(node) for node in classes.values()) > 10
    assert {name for name, node in classes.items() if is_open_struct(node)} == set()


def test_objects_have_named_methods() -> None:
    assert {name for name, node in class_definitions().items() if is_callable(node)} == set()


def test_exceptions_have_reasons() -> None:
    assert all(len(reason) > 10 for reason in (*WIDE.values(), *COUNTERS.values()))


@pytest.mark.parametrize(
    ("rule", "breaking", "keeping"),
    [
        (
            is_wide,
            "class P(typing.NamedTuple):\n a: int\n b: int\n c: int\n d: int = 0",
            "class P(NamedTuple):\n a: int\n b: int\n c: int",
        ),
        (changes, "@dataclass\nclass P: pass", "@dataclass(frozen=True)\nclass P: pass"),
        (changes, "@dataclasses.dataclass(slots=True)\nclass P: pass", "class P: pass"),
        (
            lacks_slots,
            "@dataclass(frozen=True)\nclass P: pass",
            "@dataclass(frozen=True, slots=True)\nclass P: pass",
        ),
        (is_open_struct, "class P(msgspec.Struct): pass", "class P(Struct, frozen=True): pass"),
        (is_open_struct, "class P(Base, frozen=False): pass", "class P(Base, kw_only=True): pass"),
        (
            is_callable,
            "class P:\n def __call__(self): pass",
            "class P(Protocol):\n def __call__(self): pass",
        ),
        (
            has_cached_property,
            "class P:\n @functools.cached_property\n def a(self): pass",
            "class P:\n @property\n def a(self): pass",
        ),
    ],
)  # fmt: skip
def test_the_rules_see_what_breaks_them(
    rule: Callable[[ast.ClassDef], bool], breaking: str, keeping: str
) -> None:
    assert [rule(class_of(source)) for source in (breaking, keeping)] == [True, False]
