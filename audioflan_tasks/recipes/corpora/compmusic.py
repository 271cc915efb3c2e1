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
    CorpusReader,
    below,
    first_line,
    lines_of,
    read_json,
)
from audioflan_tasks.recipes.corpora.workbook import workbook_rows
from audioflan_tasks.recipes.recording import Recording

__all__ = ["COMPMUSIC"]

# The code of the voice; the codes of other lead instruments are not described.
_LEADS = {"V": "vocal"}
_TRADITIONS = {"raaga": "Carnatic", "raags": "Hindustani"}


def _read(root: Path) -> Iterator[Recording]:
    yield from _saraga(root)
    yield from _carnatic_rhythm(root)


def _saraga(root: Path) -> Iterator[Recording]:
    for file in sorted(root.glob("**/saraga*/**/*.json")):
        audio = [file.with_name(f"{file.stem}{suffix}") for suffix in (".mp3.mp3", ".mp3")]
        path = next((path for path in audio if path.is_file()), None)
        facts: Any = read_json(file)
        tradition = next((_TRADITIONS[key] for key in _TRADITIONS if key in facts), "")
        if path is None or not tradition:
            continue
        players = facts.get("artists") or []
        instruments = [_name(player.get("instrument")) for player in players]
        leads = [_name(player.get("instrument")) for player in players if player.get("lead")]
        lead = leads[0].lower() if leads else ""
        raga = _first(facts, "raaga", "raags")
        yield Recording(
            id=f"{file.parent.parent.name}_{file.stem}", audio=below(root, path), place=str(file),
            domain="music", piece=file.stem,
            instruments=tuple(sorted(set(filter(None, instruments)))),
            artist=_first(facts, "album_artists") or file.parent.parent.name,
            caption=art_music_caption(
                tradition, raga=raga, tala=_first(facts, "taala", "taals"), lead=lead,
                accompaniment=[name for name in instruments if name and name.lower() != lead],
                form=_first(facts, "form", "forms"),
            ),
        )  # fmt: skip


def _first(facts: Mapping[str, Any], *keys: str) -> str:
    """The name of the first member of the list that there is."""
    members = next((facts[key] for key in keys if facts.get(key)), [{}])
    return _name(members[0])


def _name(facts: Mapping[str, Any] | None) -> str:
    return str((facts or {}).get("common_name") or (facts or {}).get("name") or "")


def _carnatic_rhythm(root: Path) -> Iterator[Recording]:
    """Both releases: `CMR_full_dataset_1.0` and its excerpts, `CMR_subset_1.0`."""
    for workbook in sorted(root.glob("**/CMR*/CMR*.xlsx")):
        base = workbook.parent
        files = {path.name.split("_")[1]: path for path in base.glob("audio/*_*_*.*")}
        for row in workbook_rows(workbook, "uid", "raaga", "taala"):
            path = files.get(row["uid"].split(".")[0])
            if path is None:
                continue
            labels = base / "annotations"
            yield Recording(
                id=f"{base.name}_{path.stem}", audio=below(root, path),
                place=f"{workbook}: {row['uid']}", domain="music", piece=path.stem,
                artist=row.get("artist", ""), beats=_beats(labels / "beats" / f"{path.stem}.beats"),
                caption=art_music_caption(
                    "Carnatic", raga=row["raaga"], tala=row["taala"], kalai=row.get("kalai", ""),
                    meter=first_line(labels / "meter" / f"{path.stem}.meter").split(",")[0],
                    lead=_LEADS.get(_lead_code(row), ""), accompaniment=("Mridangam",),
                ),
            )  # fmt: skip


def _lead_code(row: Mapping[str, str]) -> str:
    return next((value.strip() for name, value in row.items() if "lead" in name), "")


def _beats(path: Path) -> tuple[float, ...]:
    """Times of lines `SECONDS,POSITION`; a file of -1 has none."""
    lines = lines_of(path) if path.is_file() else ()
    times = [float(line.split(",")[0]) for _, line in lines]
    return tuple(time for time in times if time >= 0)


COMPMUSIC = CorpusReader(
    name="CompMusic",
    expects=("**/saraga*/**/*.json or **/CMR*/CMR*.xlsx",),
    read=_read,
)
