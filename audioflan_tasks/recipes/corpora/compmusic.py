"""CompMusic: Saraga (Carnatic and Hindustani) and the Carnatic rhythm corpus.

Captions are put together from what the corpora know of a piece, as the paper's example is. The
other parts of CompMusic are not read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from audioflan_tasks.recipes.corpora.captions import art_music_caption
from audioflan_tasks.recipes.corpora.reader import (
    ANY_AUDIO,
    CorpusReader,
    below,
    first_line,
    lines_of,
    read_json,
    reading,
)
from audioflan_tasks.recipes.corpora.workbook import workbook_rows
from audioflan_tasks.recipes.recording import Recording

__all__ = ["COMPMUSIC", "carnatic_recording", "saraga_recordings"]

# The code of the voice; the codes of other lead instruments are not described.
_LEADS = {"V": "vocal"}
_TRADITIONS = {"raaga": "Carnatic", "raags": "Hindustani"}


def _read(root: Path) -> Iterator[Recording]:
    yield from _saraga(root)
    yield from _carnatic_rhythm(root)


def _saraga(root: Path) -> Iterator[Recording]:
    for file in sorted(root.glob("**/saraga*/**/*.json")):
        audio = (file.with_name(f"{file.stem}{suffix}") for suffix in (".mp3.mp3", ".mp3"))
        path = next((path for path in audio if path.is_file()), None)
        if path is not None:
            with reading(file):
                yield from saraga_recordings(file, below(root, path), read_json(file))


def saraga_recordings(file: Path, audio: str, facts: Mapping[str, Any]) -> Iterator[Recording]:
    """A piece by the facts of its file; none where these name no tradition that is known."""
    tradition = next((name for key, name in _TRADITIONS.items() if key in facts), "")
    players = facts.get("artists") or []
    instruments = [_name(player.get("instrument")) for player in players]
    lead = next((_name(each.get("instrument")) for each in players if each.get("lead")), "")
    concert = file.parent.parent.name
    if tradition:
        yield Recording(
            id=f"{concert}_{file.stem}", audio=audio, place=str(file),
            domain="music", piece=file.stem, artist=_first(facts, "album_artists") or concert,
            instruments=tuple(sorted(set(filter(None, instruments)))),
            caption=art_music_caption(
                tradition, raga=_first(facts, "raaga", "raags"),
                tala=_first(facts, "taala", "taals"), lead=lead.lower(),
                accompaniment=[name for name in instruments if name not in ("", lead)],
                form=_first(facts, "form", "forms"),
            ),
        )  # fmt: skip


def _first(facts: Mapping[str, Any], *keys: str) -> str:
    """The name of the first member of the list that there is."""
    members = next((facts[key] for key in keys if facts.get(key)), None)
    return _name(members[0]) if members else ""


def _name(facts: Mapping[str, Any] | None) -> str:
    return str((facts or {}).get("common_name") or (facts or {}).get("name") or "")


def _carnatic_rhythm(root: Path) -> Iterator[Recording]:
    """Both releases: `CMR_full_dataset_1.0` and its excerpts, `CMR_subset_1.0`."""
    for workbook in sorted(root.glob("**/CMR*/CMR*.xlsx")):
        # `01_10003_1-04_Shri_Visvanatham.wav` is the recording of the second number.
        files = {path.name.split("_")[1]: path for path in workbook.parent.glob("audio/*_*_*.*")}
        for row in workbook_rows(workbook, "uid", "raaga", "taala"):
            path = files.get(row["uid"].split(".")[0])
            if path is not None:
                yield _carnatic_excerpt(root, path, row)


def _carnatic_excerpt(root: Path, audio: Path, row: Mapping[str, str]) -> Recording:
    labels = audio.parent.parent / "annotations"
    return carnatic_recording(
        audio,
        below(root, audio),
        f"{labels.parent}: {row['uid']}",
        artist=row.get("artist", ""),
        raga=row["raaga"],
        tala=row["taala"],
        kalai=row.get("kalai", ""),
        meter=first_line(labels / "meter" / f"{audio.stem}.meter").split(",")[0],
        lead_code=_lead_code(row),
        beats=_beats(labels / "beats" / f"{audio.stem}.beats"),
    )


def carnatic_recording(
    file: Path,
    audio: str,
    place: str,
    *,
    artist: str,
    raga: str,
    tala: str,
    meter: str,
    lead_code: str,
    beats: tuple[float, ...],
    kalai: str = "",
) -> Recording:
    """A recording of the rhythm corpus, whose folder tells the two releases apart."""
    return Recording(
        id=f"{file.parent.parent.name}_{file.stem}", audio=audio, place=place, domain="music",
        piece=file.stem, artist=artist, beats=beats,
        caption=art_music_caption(
            "Carnatic", raga=raga, tala=tala, kalai=kalai, meter=meter,
            lead=_LEADS.get(lead_code, ""), accompaniment=("Mridangam",),
        ),
    )  # fmt: skip


def _lead_code(row: Mapping[str, str]) -> str:
    return next((value.strip() for name, value in row.items() if "lead" in name), "")


def _beats(path: Path) -> tuple[float, ...]:
    """Times of lines `SECONDS,POSITION`; a file of -1 has none."""
    lines = lines_of(path) if path.is_file() else ()
    with reading(path):
        times = [float(line.split(",")[0]) for _, line in lines]
        return tuple(time for time in times if time >= 0)


COMPMUSIC = CorpusReader(
    name="CompMusic",
    expects=("**/saraga*/**/*.json or **/CMR*/CMR*.xlsx", ANY_AUDIO),
    read=_read,
)
