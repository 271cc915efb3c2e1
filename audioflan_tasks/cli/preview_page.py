"""Examples as a page to read and to listen to: one file, which needs nothing else."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.evaluation.reporting.html import whole_page
from audioflan_tasks.preprocessors.render import Segment

__all__ = ["HeardClip", "example_section", "preview_page"]

Samples = NDArray[np.float32]

_STYLE = """<style>
.text { white-space: pre-wrap; overflow-wrap: anywhere; margin: .3rem 0 }
.span { display: inline-grid; grid-template-columns: max-content 1fr; gap: .1rem .6rem;
  align-items: center; border-left: 3px solid var(--dot); padding: .2rem .8rem; margin: .3rem 0 }
.span audio { height: 2rem; width: min(22rem, 60vw) }
.span b { grid-column: 1 / 3; font-weight: 500; font-size: 13px; overflow-wrap: anywhere }
section { border-top: 1px solid var(--line); padding-bottom: .6rem }
</style>"""


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
    body = [_STYLE, f"<h1>{escape(title)}</h1>", f'<p class="soft">{escape(corpus)}</p>', *sections]
    return whole_page(title, body)


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
        parts.append(f'<div class="soft">{title}</div><div class="text">')
        parts += [
            escape(segment.value) if segment.kind == "text" else _players(span(segment.value))
            for segment in segments
        ]
        parts.append("</div>")
    return "".join([*parts, f'<p class="soft">{escape(ids)}</p></section>'])


def _players(span: HeardClip) -> str:
    seconds = len(span.original) / span.sample_rate
    head = f"{escape(span.audio_id)}: {seconds:.2f} s, {span.ids:,} ids"
    rows = "".join(
        f'<span class="soft">{name}</span>'
        f'<audio controls preload="metadata" src="{_source(sound)}"></audio>'
        for name, sound in (
            ("original", _flac(span.original, span.sample_rate)),
            ("as tokens", _flac(span.round_trip, span.sample_rate)),
        )
    )
    return f'<span class="span"><b>{head}</b>{rows}</span>'


def _source(data: bytes) -> str:
    return f"data:audio/flac;base64,{base64.b64encode(data).decode()}"


def _flac(samples: Samples, sample_rate: int) -> bytes:
    import soundfile

    buffer = io.BytesIO()
    clipped = np.clip(samples, -1.0, 1.0)
    soundfile.write(buffer, clipped, sample_rate, format="FLAC", subtype="PCM_16")
    return buffer.getvalue()
