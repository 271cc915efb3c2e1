"""The cards of the corpora of Table 3: who made them, what they hold, who may use them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from audioflan_tasks import catalogue
from audioflan_tasks.errors import UnknownNameError

__all__ = ["CorpusCard", "CorpusLicence", "LicenceClass", "card", "cards"]

LicenceClass = Literal[
    "permissive", "share-alike", "per-item", "non-commercial", "no-derivatives", "request",
    "unknown", "third-party", "proprietary",
]  # fmt: skip


class CorpusLicence(BaseModel):
    """Licences of the parts of a corpus, as its pages call them; "" where there is no such part."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    audio: str = Field(min_length=1)
    annotations: str = ""
    text: str = ""


class CorpusCard(BaseModel):
    """What is known of a corpus before it is opened.

    `class_` is the widest use that the strictest part allows; `verified` says what was read in
    the corpus's own files or in the source of a loader, "" means that nothing was.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1)
    homepage: str = Field(pattern=r"^https?://")
    citation: str = Field(min_length=10)
    languages: tuple[str, ...] = ()
    hours: float | None = Field(default=None, gt=0)
    sample_rate: int | None = Field(default=None, ge=8000, description="in Hz, of most files")
    origin: str = Field(min_length=1, description="a record's `source`")
    licence: CorpusLicence
    class_: LicenceClass = Field(alias="class")
    access: Literal["open", "form", "agreement", "none"]
    loader: Literal["", "lhotse", "mirdata", "soundata", "tfds"] = Field(
        default="", description="a library that reads it too (--loader)"
    )
    verified: str = ""
    note: str = ""

    @property
    def tasks(self) -> tuple[str, ...]:
        """Ids of the tasks that the paper makes of it."""
        return tuple(row.id for row in catalogue.tasks() if self.name in row.corpora)


@cache
def cards() -> Mapping[str, CorpusCard]:
    """All cards, by the corpus's name in the catalogue."""
    file = Path(__file__).with_name("cards.toml")
    tables = tomllib.loads(file.read_text(encoding="utf-8"))
    return MappingProxyType(
        {name: CorpusCard(name=name, **table) for name, table in tables.items()}
    )


def card(name: str) -> CorpusCard:
    """The card of a corpus, by any spelling that the catalogue knows.

    Raises:
      UnknownNameError: there is none.
    """
    known_name = catalogue.corpus_of_prefix(name) or name
    if known_name not in cards():
        raise UnknownNameError("corpus", name, cards(), " (audioflan recipes)")
    return cards()[known_name]
