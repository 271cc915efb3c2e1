"""What the ids of a stream depend on beside its records and options, as short fingerprints."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import lru_cache

from audioflan_tasks import catalogue
from audioflan_tasks.errors import MixtureError
from audioflan_tasks.foreign import is_foreign
from audioflan_tasks.mixtures.plan.state import Sources, differing, what_changed
from audioflan_tasks.options import ExampleOptions
from audioflan_tasks.preprocessors.catalogue_digest import catalogue_digest
from audioflan_tasks.preprocessors.compiled_pool import checked_languages, compiled_pool
from audioflan_tasks.tokens import tokenizer_of, vocabulary_of

__all__ = ["check_origin", "id_fingerprints", "prompt_digest"]


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


def check_origin(
    origin_facts: Mapping[str, str], own_facts: Mapping[str, str], tasks: Sequence[str]
) -> None:
    """Compares what a stream is made with in the process that it comes from and in this one.

    Raises:
      MixtureError: they differ; says in what.
    """
    origin_sources = Sources.read(origin_facts["records"])
    changes = what_changed(origin_sources, Sources.read(own_facts["records"]), tasks)
    changes += differing({**origin_facts, "records": ""}, {**own_facts, "records": ""})
    if changes:
        raise MixtureError(
            "this stream comes from a process that makes other examples of it: "
            f"{'; '.join(changes)}. Register tokenizers and tasks where a module is imported, "
            "not under `if __name__`, and leave records as they are"
        )
