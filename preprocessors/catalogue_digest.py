"""Digests of what the words around a task's records depend on: its row, its pools, the tables."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import msgspec

from audioflan_tasks.catalogue import TaskRow
from audioflan_tasks.preprocessors.plain_question import rules_digest
from audioflan_tasks.preprocessors.plain_words import words_digest
from audioflan_tasks.preprocessors.question import pool_wordings
from audioflan_tasks.preprocessors.templates import pool_texts
from audioflan_tasks.vocabularies import all_vocabularies_digest, equal_values, vocabularies_digest

__all__ = ["catalogue_digest", "file_digest"]


@lru_cache(maxsize=1024)
def catalogue_digest(row: TaskRow | None) -> str:
    """A digest that changes when the `PromptFacts` of a task's records could; "" without a row."""
    if row is None:
        return ""
    tables = {
        "vocabularies": vocabularies_digest(row.id),
        "words": [words_digest(), rules_digest(), sorted(pool_wordings(row))],
    }
    return _digest(_columns(row) | tables)


@lru_cache(maxsize=1024)
def file_digest(row: TaskRow | None) -> str:
    """A digest of the same with files as they are, not parsed; "" without a row.

    `catalogue_digest` is the same as long as this is, and costs some ten times as much. A comment
    in a file changes this one alone, and so does a changed module of `preprocessors`, which may
    read the same file in another way.
    """
    if row is None:
        return ""
    files = [all_vocabularies_digest(), words_digest(), rules_digest(), pool_texts(row.id)]
    return _digest(_columns(row) | {"code": _code_digest(), "files": files})


def _columns(row: TaskRow) -> dict[str, Any]:
    kind = row.answer_kind
    return {
        "inputs": [[piece.name, piece.kind] for piece in row.inputs],
        "answer": [row.answer, kind.is_audio, kind.lists_options, kind.choices],
        "row": [row.id, row.domain, row.writes, row.slots, row.labels],
        "question": [row.question, row.answer_patterns or kind.patterns],
        "values": equal_values(row.id),
    }


def _digest(facts: Mapping[str, Any]) -> str:
    return hashlib.sha256(msgspec.json.encode(facts)).hexdigest()[:16]


@cache
def _code_digest() -> str:
    # Those that read pools; what lies in folders below makes audio and chains of them.
    modules = sorted(Path(__file__).parent.glob("*.py"))
    return hashlib.sha256(b"".join(module.read_bytes() for module in modules)).hexdigest()[:16]
