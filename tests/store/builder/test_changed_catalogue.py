"""A store that is built again after the catalogue has changed is the one that is built anew."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from audioflan_tasks.catalogue import InputPiece, Major
from audioflan_tasks.preprocessors.catalogue_digest import file_digest
from audioflan_tasks.store import Store, build_store, diff_stores
from tests.engine.assembly.changed_rows import as_caption, install, write_corpus

CHANGES: list[dict[str, Any]] = [
    {"group": Major("Beasts", "audio", "understanding", 0)},
    {"group": Major("Animals", "audio", "generation", 0)},
    {"answer": "label", "labels": ("dog", "cat")},
    {"answer_nouns": ("beast",)},
    {"inputs": (InputPiece("sentence", "text"),)},
]


def contents(path: Path) -> list[Any]:
    store = Store(path)
    return [
        store.instance(task, split, row)
        for task, split in store.pairs()
        for row in range(store.size(task, split))
    ]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: next(iter(change)))
def test_what_depends_on_the_catalogue_is_built_again(
    change: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, row = write_corpus(tmp_path), as_caption(tmp_path)
    store, anew = tmp_path / "store", tmp_path / "anew"
    install(row, monkeypatch)
    build_store(root, store, tokenizer=None)
    first = contents(store)
    install(row.model_copy(update=change), monkeypatch)
    build_store(root, store, tokenizer=None)
    build_store(root, anew, tokenizer=None)
    assert diff_stores(store, anew) == []
    assert contents(store) == contents(anew)
    (texts,) = Store(store).facts.texts.values()
    assert texts.files == {row.id: file_digest(row.model_copy(update=change))}
    if "group" in change and change["group"].name != "Animals":
        assert contents(store) != first
        assert contents(store)[0].major == "Beasts"
