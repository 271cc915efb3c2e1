"""What the ids of a stream depend on beside its records and options, as short fingerprints."""

from __future__ import annotations

import hashlib
from functools import lru_cache

from audioflan_tasks import catalogue
from audioflan_tasks.foreign import is_foreign
from audioflan_tasks.options import ExampleOptions
from audioflan_tasks.preprocessors.catalogue_digest import catalogue_digest
from audioflan_tasks.preprocessors.compiled_pool import checked_languages, compiled_pool
from audioflan_tasks.tokens import tokenizer_of, vocabulary_of

__all__ = ["id_fingerprints", "prompt_digest"]


def id_fingerprints(options: ExampleOptions) -> dict[str, str]:
    """What audio and texts become ids with; both models are loaded for it."""
    return {
        "tokenizer_fingerprint": tokenizer_of(options).fingerprint,
        "text_fingerprint": vocabulary_of(options).text_fingerprint,
    }


@lru_cache(maxsize=64)
def prompt_digest(tasks: tuple[str, ...], languages: tuple[str, ...]) -> str:
    """A digest that changes with the pools and the catalogue's rows of tasks."""
    digest = hashlib.sha256()
    for task in tasks:
        if is_foreign(task):
            # It brings its own words: its rows' fingerprint holds them.
            continue
        row = catalogue.get(task)
        pools = compiled_pool(row, checked_languages(languages))
        digest.update(f"{catalogue_digest(row)}\x1f{pools!r}\x1e".encode())
    return digest.hexdigest()[:8]
