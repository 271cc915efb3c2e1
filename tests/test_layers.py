"""A folder imports only from those before it; TensorFlow and seqio stay in one folder."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).parents[1]
ORDER = (
    "errors", "seeds", "shutdown", "config", "catalogue", "records", "audio", "tokens",
    "preprocessors", "clips", "store", "demo", "corpus", "mixtures", "engine", "metrics",
    "seqio_tasks", "evaluation", "cli",
)  # fmt: skip


def _files() -> list[tuple[str, Path]]:
    found = []
    for layer in ORDER:
        for home in (ROOT / layer, ROOT / "audioflan_tasks" / layer):
            if home.is_dir() and not home.is_symlink():
                found += [(layer, f) for f in sorted(home.rglob("*.py"))]
        single = ROOT / "audioflan_tasks" / f"{layer}.py"
        found += [(layer, single)] if single.exists() else []
    return found


def _imported(tree: ast.AST) -> list[tuple[str, int]]:
    names = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [(alias.name, node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.append((node.module, node.lineno))
            names += [(f"{node.module}.{alias.name}", node.lineno) for alias in node.names]
    return names


def test_every_folder_is_in_the_order() -> None:
    have = {p.name for p in (ROOT / "audioflan_tasks").iterdir() if p.is_dir()} - {"__pycache__"}
    assert have <= set(ORDER)
    assert len(_files()) > 30


def test_imports_go_one_way() -> None:
    wrong = []
    for layer, file in _files():
        for name, line in _imported(ast.parse(file.read_text(encoding="utf-8"))):
            parts = name.split(".")
            if parts[0] == "audioflan_tasks" and len(parts) > 1 and parts[1] in ORDER:
                if ORDER.index(parts[1]) > ORDER.index(layer):
                    wrong.append(f"{file.relative_to(ROOT)}:{line} imports {name}")
            elif parts[0] in ("mixtures", "preprocessors", "metrics"):
                wrong.append(f"{file.relative_to(ROOT)}:{line} imports {name} by its bare name")
    assert not wrong


def test_tensorflow_stays_in_seqio_tasks() -> None:
    wrong = []
    for layer, file in _files():
        tree = ast.parse(file.read_text(encoding="utf-8"))
        top = [n for n in tree.body if isinstance(n, ast.Import | ast.ImportFrom)]
        for name, line in _imported(ast.Module(body=list(top), type_ignores=[])):
            if name.split(".")[0] in ("tensorflow", "seqio") and layer != "seqio_tasks":
                wrong.append(f"{file.relative_to(ROOT)}:{line}")
    assert not wrong
