"""Writes a page to listen to tokenizers: each clip as it was and as each tokenizer gives it back.

    python scripts/listening_page.py OUT              # clips of the demo corpus
    python scripts/listening_page.py OUT --audio DIR  # your own files

OUT gets index.html and a WAV for every cell; open it in a browser. Codec 2 is on the page where
the extra `codec2` is installed. Nothing of it is kept in the repository.
"""

from __future__ import annotations

import argparse
import html
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.audio.load import info, load
from audioflan_tasks.audio.write import write
from audioflan_tasks.demo import demo_root
from audioflan_tasks.errors import MissingExtraError
from audioflan_tasks.tokens import AudioTokenizer, get_tokenizer

RATE, LONGEST_S = 16_000, 8.0
# Folder, how many clips, and whether the tokenizer was trained on sounds of that source.
CHOSEN = (
    ("speech/07_LibriVox", 3, "held out"),
    ("speech/01_Asterisk_EN", 3, "held out"),
    ("speech/02_Asterisk_FR", 1, "voice of the training"),
    ("music/41_Muldjord", 2, "band of the training"),
    ("music/42_OpsoundMusic", 2, "source of the training"),
    ("music/31_Rendered_Pieces", 2, "instruments of the training"),
    ("audio/62_SonicPi", 2, "half of the source trained"),
    ("audio/61_OpenSFX", 3, "half of the source trained"),
    ("audio/63_Minetest", 3, "held out"),
)
STYLE = (
    "body{font:16px sans-serif;margin:2em}td,th{padding:.3em .6em;text-align:left;"
    "border-bottom:1px solid #ccc}audio{width:15em}"
)


@dataclass(frozen=True, slots=True)
class Clip:
    """A sound, its name and what is said of it."""

    name: str
    note: str
    wave: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Column:
    """A tokenizer and its heading."""

    heading: str
    tokenizer: AudioTokenizer


def beginning(path: Path) -> NDArray[np.float32]:
    """The first seconds of a file."""
    return load(path, RATE, 0.0, min(LONGEST_S, info(path).seconds))


def demo_clips() -> Iterator[Clip]:
    """Clips of every domain; the first ones of each folder by name."""
    for folder, count, note in CHOSEN:
        home = demo_root() / "audio_files" / folder
        files = sorted(p for p in home.iterdir() if p.suffix in (".flac", ".opus"))
        for path in files[:count]:
            yield Clip(f"{folder}/{path.stem}", note, beginning(path))


def own_clips(folder: Path) -> Iterator[Clip]:
    """Files of a user's own folder."""
    for path in sorted(p for p in folder.rglob("*") if p.suffix.lower() in (".wav", ".flac")):
        yield Clip(path.relative_to(folder).as_posix(), "", beginning(path))


def columns() -> list[Column]:
    """The tokenizers of the page."""
    found = [
        Column(f"{k} codebooks, {k * 50} tokens/s", get_tokenizer("convrvq_16k", codebooks=k))
        for k in (4, 8, 12)
    ]
    try:
        found.append(Column("Codec 2, 3,200 bit/s", get_tokenizer("codec2")))
    except MissingExtraError as error:
        print(f"without Codec 2: {error}")
    return found


def decoded(tokenizer: AudioTokenizer, wave: NDArray[np.float32]) -> NDArray[np.float32]:
    """What the tokenizer makes of 16 kHz samples, at its own rate."""
    import soxr

    given = soxr.resample(wave, RATE, tokenizer.sample_rate)
    return tokenizer.decode(tokenizer.encode(np.asarray(given, np.float32)))


def page(clips: Sequence[Clip], shown: Sequence[Column], out: Path) -> str:
    """The page; its sounds are written to `out` on the way."""
    heads = "".join(
        f"<th>{html.escape(h)}</th>" for h in ("clip", "original", *(c.heading for c in shown))
    )
    rows = []
    for number, clip in enumerate(clips):
        cells = [f"<td>{html.escape(clip.name)}<br><small>{html.escape(clip.note)}</small></td>"]
        sounds = [(clip.wave, RATE)]
        sounds += [(decoded(c.tokenizer, clip.wave), c.tokenizer.sample_rate) for c in shown]
        for column, (wave, rate) in enumerate(sounds):
            name = f"{number:02d}_{column}.wav"
            write(out / name, wave, rate)
            cells.append(f'<td><audio controls preload="none" src="{name}"></audio></td>')
        rows.append(f"<tr>{''.join(cells)}</tr>")
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Tokenizers</title>'
        f"<style>{STYLE}</style><h1>What a tokenizer keeps</h1>"
        f"<p>16 kHz mono. Levels are as they come; start at a low volume.</p>"
        f"<table><tr>{heads}</tr>{''.join(rows)}</table></html>\n"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--audio", type=Path, default=None, help="a folder of WAV or FLAC files")
    options = parser.parse_args()
    clips = list(own_clips(options.audio) if options.audio else demo_clips())
    options.out.mkdir(parents=True, exist_ok=True)
    text = page(clips, columns(), options.out)
    (options.out / "index.html").write_text(text, encoding="utf-8")
    print(f"{options.out / 'index.html'}: {len(clips)} clips")


if __name__ == "__main__":
    main()
