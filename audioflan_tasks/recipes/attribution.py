"""Whom to name for the data that is used: corpora, licences, citations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby

from audioflan_tasks.recipes.cards import CorpusCard, cards

__all__ = ["attribution"]

_HEAD = """# Attribution

Corpora of these records, with the licences that the records name and what the corpora's cards say.
It is no legal advice: read each corpus's own licence.
"""


def attribution(records: Mapping[tuple[str, str], int]) -> str:
    """A page in Markdown, from numbers of records by corpus and licence ("" where not known)."""
    by_corpus = groupby(sorted(records), lambda key: key[0])
    sections = [
        "\n".join(_section(corpus, {licence: records[corpus, licence] for _, licence in keys}))
        for corpus, keys in by_corpus
    ]
    return "\n\n".join([_HEAD.rstrip(), *sections]) + "\n"


def _section(corpus: str, licences: Mapping[str, int]) -> Iterator[str]:
    yield f"## {corpus or 'Corpus not known'}"
    yield ""
    for licence, count in licences.items():
        yield f"- {count:,} records: {licence or 'no licence named'}"
    if corpus in cards():
        yield from _facts(cards()[corpus])


def _facts(card: CorpusCard) -> Iterator[str]:
    licence = card.licence
    parts = {"audio": licence.audio, "annotations": licence.annotations, "text": licence.text}
    yield f"- licences: {', '.join(f'{part} {name}' for part, name in parts.items() if name)}"
    yield f"- {card.citation}"
    yield f"- {card.homepage}"
