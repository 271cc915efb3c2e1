"""Settings are read where a user makes something, and nowhere below.

What is made keeps the options and the corpus of that moment, so that a change of the settings
does not reach what runs, and two of them work side by side.
"""

from __future__ import annotations

import ast

import pytest

from tests.sources import source_trees

NAMES = (
    "settings", "options_or_settings", "open_corpus", "local_root", "cache_folder",
    "unpacked_cache",
)  # fmt: skip

# Functions, classes and modules of the command line that a user calls: the edge.
EDGE = {
    "audioflan_tasks/corpus/corpus.py": {"Corpus.__init__", "open_corpus"},
    "audioflan_tasks/corpus/examples.py": {"render"},
    "audioflan_tasks/engine/adapters/workers.py": {"WorkerBatches.__init__"},
    "audioflan_tasks/engine/stream.py": {"Stream.__init__"},
    "audioflan_tasks/evaluation/leakage/report.py": {"audit"},
    "audioflan_tasks/evaluation/leakage/sides.py": {"side_of"},
    "audioflan_tasks/evaluation/models/tokens.py": {"TokenModel.__init__"},
    "audioflan_tasks/evaluation/questions.py": {"write_questions"},
    "audioflan_tasks/evaluation/folds.py": {"evaluate_folds"},
    "audioflan_tasks/evaluation/run.py": {"evaluate"},
    "audioflan_tasks/seqio_tasks/converters.py": {
        "PrefixLMConverter.__init__", "EncDecConverter.__init__",
    },
    "audioflan_tasks/seqio_tasks/foreign_task.py": {"MemberTask.__init__"},
    "audioflan_tasks/seqio_tasks/register.py": {"_add_tasks", "_opener"},
    "audioflan_tasks/seqio_tasks/task.py": {"AudioFlanTask.__init__", "make_task"},
    "audioflan_tasks/store/builder/build.py": {"build_store"},
    "audioflan_tasks/store/reader/info.py": {"store_info"},
    "audioflan_tasks/store/reader/joined.py": {"open_store"},
    "audioflan_tasks/tfds_builder/build.py": {"build_tfds"},
    "audioflan_tasks/tfds_builder/config.py": {
        "AudioFlanConfig.example_options", "AudioFlanConfig.open_corpus",
    },
    # Where a copy of a file lies is no option of what is made of it.
    "audioflan_tasks/unpacked.py": {"open_unpacked"},
    "preprocessors/chain/chain_run.py": {"corpus_for", "options_for"},
}  # fmt: skip


def _uses(tree: ast.Module) -> set[str]:
    """Functions, by class and name, that use one of the names; "" is the module itself."""
    places: set[str] = set()

    def walk(node: ast.AST, place: str) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.ImportFrom | ast.Import):
                continue
            if isinstance(child, ast.FunctionDef | ast.ClassDef):
                walk(child, f"{place}.{child.name}".lstrip("."))
                continue
            if isinstance(child, ast.Name) and child.id in NAMES:
                places.add(place)
            walk(child, place)

    walk(tree, "")
    return places


def _imports_settings(tree: ast.Module) -> bool:
    return any(
        isinstance(node, ast.ImportFrom)
        and any(alias.name in NAMES for alias in node.names)
        and node.module in ("audioflan_tasks", "audioflan_tasks.config", "audioflan_tasks.corpus",
                            "audioflan_tasks.corpus.corpus")
        for node in ast.walk(tree)
    )  # fmt: skip


@pytest.mark.slow
def test_settings_are_read_at_the_edge_only() -> None:
    found = {
        name: _uses(tree)
        for name, tree in source_trees().items()
        if (_imports_settings(tree) or name == "audioflan_tasks/corpus/corpus.py")
        and not name.startswith("audioflan_tasks/cli/")
        and name not in ("audioflan_tasks/__init__.py", "audioflan_tasks/corpus/__init__.py")
    }
    assert found == EDGE


def _attributes_set(tree: ast.Module) -> list[ast.Attribute]:
    """Attributes that are assigned to."""
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
    ]


@pytest.mark.slow
def test_nothing_sets_a_setting() -> None:
    wrong = [
        f"{name}:{node.lineno}"
        for name, tree in source_trees().items()
        for node in _attributes_set(tree)
        if isinstance(node.value, ast.Name) and node.value.id == "settings"
    ]
    assert not wrong
