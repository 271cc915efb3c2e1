"""Captions of corpora that have none, put together from what their metadata say."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["art_music_caption", "enumerated", "loop_caption"]


def loop_caption(
    genres: Sequence[str], instruments: Sequence[str], tempo_bpm: float | None, key: str
) -> str:
    """`A hip hop loop with bass and percussion at 90 bpm in A minor.`"""
    style = f"{enumerated(genres)} " if genres else ""
    return "".join(
        (
            f"{_article(style or 'loop')} {style}loop",
            f" with {enumerated(instruments)}" if instruments else "",
            f" at {tempo_bpm:g} bpm" if tempo_bpm else "",
            f" in {key}" if key else "",
            ".",
        )
    )


def art_music_caption(
    tradition: str,
    *,
    raga: str = "",
    meter: str = "",
    tala: str = "",
    lead: str = "",
    accompaniment: Sequence[str] = (),
    form: str = "",
    kalai: str = "",
) -> str:
    """A piece of Indian art music in a few sentences, as the paper's example of one has them."""
    rhythm = [
        f"follows the {meter} meter" if meter else "",
        f"is composed in the {tala} taala" if tala else "",
    ]
    beside = f", accompanied by {enumerated(accompaniment)}" if accompaniment else ""
    sentences = [
        f"This is a {tradition} music piece" + (f" set in the {raga} raga" if raga else ""),
        f"It {' and '.join(filter(None, rhythm))}" if any(rhythm) else "",
        f"The lead instrument featured in this performance is {lead}{beside}" if lead else "",
        f"Its form is {form}" if form else "",
        f"The kalai of this composition is {kalai}" if kalai else "",
    ]
    return f"{'. '.join(filter(None, sentences))}."


def enumerated(names: Sequence[str]) -> str:
    """`bass, chords and vocals`."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def _article(word: str) -> str:
    return "An" if word[0] in "aeiou" else "A"
