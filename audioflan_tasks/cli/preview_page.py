"""Examples as a page to read and to listen to: one file, which needs nothing else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.audio.flac import flac
from audioflan_tasks.evaluation.reporting.html import whole_page
from audioflan_tasks.evaluation.reporting.players import (
    PLAYER_STYLE,
    clip_box,
    player,
    text_with_clips,
)
from audioflan_tasks.preprocessors.render import Segment

__all__ = ["HeardClip", "example_section", "preview_page"]

Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class HeardClip:
    """A clip of an example: its samples [n], and what the tokenizer keeps of them."""

    audio_id: str
    original: Samples
    round_trip: Samples
    sample_rate: int
    ids: int


def preview_page(title: str, corpus: str, sections: Sequence[str]) -> str:
    """The page of the examples of a mixture."""
    head = [PLAYER_STYLE, f"<h1>{escape(title)}</h1>", f'<p class="soft">{escape(corpus)}</p>']
    return whole_page(title, [*head, *sections])


def example_section(
    heading: str,
    inputs: Sequence[Segment],
    targets: Sequence[Segment],
    span: Callable[[str], HeardClip],
    ids: str,
) -> str:
    """One example: what the model reads, and what it should answer, every clip with players."""
    parts = [f"<section><h2>{escape(heading)}</h2>"]
    for title, segments in (("inputs", inputs), ("targets", targets)):
        parts.append(f'<div class="soft">{title}</div>')
        parts.append(text_with_clips(segments, lambda audio_id: _players(span(audio_id))))
    return "".join([*parts, f'<p class="soft">{escape(ids)}</p></section>'])


def _players(span: HeardClip) -> str:
    seconds = len(span.original) / span.sample_rate
    head = f"{span.audio_id}: {seconds:.2f} s, {span.ids:,} ids"
    sounds = (("original", span.original), ("as tokens", span.round_trip))
    return clip_box(
        head,
        [
            f'<span class="soft">{name}</span>{player(flac(sound, span.sample_rate))}'
            for name, sound in sounds
        ],
    )
