"""Examples of rows: put together from a store's ids where it has them, else of the records.

Both ways give the same ids. The first reads no record: rows that are asked alike share
their words (`preprocessors.outline`), and what differs lies in mapped files.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from audioflan_tasks import catalogue
from audioflan_tasks.config import settings
from audioflan_tasks.corpus.examples import ExampleMaker, Facts, provenance
from audioflan_tasks.engine.casts import Cast
from audioflan_tasks.engine.draft import Draft
from audioflan_tasks.engine.source import Rows
from audioflan_tasks.errors import MissingAudioError
from audioflan_tasks.mixtures.bijection import mixed
from audioflan_tasks.preprocessors.asks import languages_asked
from audioflan_tasks.preprocessors.outline import Outline, outlined
from audioflan_tasks.preprocessors.render import draw_salt
from audioflan_tasks.records.spans import audio_ids, pieces
from audioflan_tasks.store import ShardReader

__all__ = ["RowMaker"]

# Ids of inputs and of targets where no limit is set.
_NO_LIMIT = 2**62
# Casts and outlines of shards that are remembered, some 50 MB. Where every record brings facts
# or options of its own no number would be enough: all are forgotten then, and made anew.
_CASTS, _OUTLINES = 2**12, 2**17

Place = tuple[str, int, int]
Key = tuple[Outline, tuple[int, ...]]


class RowMaker:
    """Makes drafts of rows; settings are those of the moment when it is built."""

    def __init__(self, rows: Rows, maker: ExampleMaker, seed: int) -> None:
        self._rows, self._maker, self._seed = rows, maker, seed
        limits = maker.lengths
        self._limits = (limits.get("inputs", _NO_LIMIT), limits.get("targets", _NO_LIMIT))
        self._languages = languages_asked(settings.languages)
        self._store = rows.store if _is_whole(rows, maker) else None
        self._known: dict[tuple[ShardReader, int], Cast | None] = {}
        self._casts: dict[Key, Cast] = {}

    def __call__(self, places: Sequence[Place]) -> list[Draft | None]:
        """Drafts of rows given as (task name, epoch, row); None where one is skipped.

        Raises:
          MissingAudioError: audio is missing and the settings do not say to skip.
        """
        store = self._store
        if store is None:
            return [self._read(*place) for place in places]
        split, at = self._rows.split, self._rows.at
        found = [store.place(task, split, at(task, row)) for task, _, row in places]
        keys = np.array([shard.keys[n] for shard, n in found], np.uint64)
        salts = np.array([draw_salt(self._seed, epoch) for _, epoch, _ in places], np.uint64)
        draws = mixed(keys ^ salts).tolist()
        return [
            self._poured(place, shard, n, draw)
            for place, (shard, n), draw in zip(places, found, draws, strict=True)
        ]

    def _poured(self, place: Place, shard: ShardReader, at: int, draw: int) -> Draft | None:
        outline = (shard, shard.outlines[at])
        cast = self._known.get(outline)
        if cast is None:
            if outline not in self._known:
                cast = self._cast(shard, at) if outline[1] >= 0 else None
                self._known[outline] = cast
            if cast is None:
                return self._read(*place)
        try:
            poured = cast.pour(shard, at, draw, self._limits)
        except MissingAudioError:
            # Kept without codes: perhaps the audio can be had now.
            return self._read(*place)
        if poured is None:
            self._maker.skipped["too long"] += 1
            return None
        inputs, targets, template = poured
        return Draft(inputs, targets, partial(_told, place[0], shard, at, template))

    def _cast(self, shard: ShardReader, at: int) -> Cast | None:
        """What all rows with this row's outline are made with; None if nothing of the kind."""
        if len(self._casts) >= _CASTS or len(self._known) >= _OUTLINES:
            self._casts, self._known = {}, {}
        instance = shard.instance(at)
        found = outlined(instance, catalogue.get(instance.task), self._languages)
        if found is None or found.order is None:
            return None
        key = (found.outline, found.order)
        cast = self._casts.get(key)
        if cast is None:
            cast = self._casts[key] = Cast(*key, self._maker.vocabulary)
        return cast

    def _read(self, task: str, epoch: int, row: int) -> Draft | None:
        """The same through the record."""
        example = self._maker(self._rows.instance(task, row), self._seed, epoch)
        return None if example is None else Draft.of(example)


def _told(task: str, shard: ShardReader, at: int, template: str) -> Facts:
    found = shard.rows.brief(at)
    heard = dict.fromkeys((*audio_ids(found.input), *audio_ids(found.output)))
    # A record with an outline has one value as its answer.
    answer = pieces(found.output)[0].value
    told = provenance(catalogue.get(task), found.uuid, template, str(found.other.get("grade", "")))
    return Facts(answer, tuple(heard), (), told)


def _is_whole(rows: Rows, maker: ExampleMaker) -> bool:
    """Whether a store has all that examples need, and the settings ask for nothing more."""
    store = rows.store
    plain = settings.instructions == "pool" and not settings.shots and not settings.inversion
    return (
        store is not None
        and plain
        and store.tokenizer == maker.tokenizer.fingerprint
        and tuple(store.codebook_sizes) == maker.vocabulary.codebook_sizes
        and store.text == maker.vocabulary.text_fingerprint
    )
