"""Texts with audio in them as HTML: every clip is a player that needs no other file."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from html import escape

from audioflan_tasks.preprocessors.render import Segment

__all__ = ["PLAYER_STYLE", "clip_box", "player", "text_with_clips"]

PLAYER_STYLE = """<style>
.text { white-space: pre-wrap; overflow-wrap: anywhere; margin: .3rem 0 }
.span { display: inline-grid; grid-template-columns: max-content 1fr; gap: .1rem .6rem;
  align-items: center; border-left: 3px solid var(--dot); padding: .2rem .8rem; margin: .3rem 0 }
.span audio { height: 2rem; width: min(22rem, 60vw) }
.span b { grid-column: 1 / 3; font-weight: 500; font-size: 13px; overflow-wrap: anywhere }
section { border-top: 1px solid var(--line); padding-bottom: .6rem }
</style>"""


def text_with_clips(segments: Sequence[Segment], box: Callable[[str], str]) -> str:
    """Segments in their order; `box` is the HTML of an audio id."""
    parts = (escape(s.value) if s.kind == "text" else box(s.value) for s in segments)
    return f'<div class="text">{"".join(parts)}</div>'


def clip_box(heading: str, cells: Sequence[str]) -> str:
    """A clip: its heading, and under it cells of HTML."""
    return f'<span class="span"><b>{escape(heading)}</b>{"".join(cells)}</span>'


def player(flac: bytes) -> str:
    """A player of the bytes of a FLAC file; nothing is decoded before it is started."""
    source = f"data:audio/flac;base64,{base64.b64encode(flac).decode()}"
    return f'<audio controls preload="none" src="{source}"></audio>'
