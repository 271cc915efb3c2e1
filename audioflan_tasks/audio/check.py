"""The report on a corpus with its audio: every id resolved, every file's header read once."""

from __future__ import annotations

import os
from collections.abc import Container, Mapping
from pathlib import Path

from audioflan_tasks.audio.load import TOLERANCE_S, AudioInfo, info
from audioflan_tasks.audio.resolve import AudioIndex, AudioLocation, simulated_ids
from audioflan_tasks.errors import AudioError, MissingAudioError, UnsafePathError
from audioflan_tasks.records import check as records_check
from audioflan_tasks.records.check import AudioFault, CorpusReport, Progress, Visit
from audioflan_tasks.records.instance import Instance
from audioflan_tasks.records.repairs import Ledger
from audioflan_tasks.records.settle import NO_SPLIT_NAMES
from audioflan_tasks.records.spans import Markers

__all__ = ["CorpusReport", "HeaderProbe", "check"]

_MOST_HEADERS = 500_000


class HeaderProbe:
    """Says what is wrong with the audio of an id. Samples are not decoded.

    `known_ids` have no files because they are made when needed; they are fine.
    """

    def __init__(self, index: AudioIndex, known_ids: Container[str] = ()) -> None:
        self.index = index
        self.known_ids = known_ids
        self._headers: dict[Path, AudioInfo | AudioFault] = {}

    def fault(self, audio_id: str, instance: Instance) -> AudioFault | None:
        """None where the audio is there and its header can be read."""
        if audio_id in self.known_ids:
            return None
        try:
            location = self.index.locate(audio_id, instance)
        except MissingAudioError as error:
            return AudioFault("missing", str(error))
        except UnsafePathError as error:
            return AudioFault("unsafe", str(error))
        header = self._header(location.path)
        if isinstance(header, AudioFault):
            return header
        return _outside(audio_id, location, header)

    def _header(self, path: Path) -> AudioInfo | AudioFault:
        header = self._headers.get(path)
        if header is None:
            if len(self._headers) >= _MOST_HEADERS:
                self._headers.clear()
            try:
                header = info(path)
            except AudioError as error:
                header = AudioFault("unreadable", str(error))
            self._headers[path] = header
        return header


def check(
    root: str | os.PathLike[str],
    *,
    audio: bool = True,
    known_ids: Container[str] | None = None,
    markers: Markers | None = None,
    progress: Progress | None = None,
    splits: Mapping[str, str] = NO_SPLIT_NAMES,
    skip_unknown: bool = False,
    visit: Visit | None = None,
) -> CorpusReport:
    """Reads every record and looks at every audio file below `root`, and reports.

    `known_ids` are ids without a file that are fine nevertheless; unset, those with a
    recipe in `root/simulated`. With `audio=False` only records and lists are read. `splits`
    says what unknown words for splits mean, such as {"trian": "train"}; with `skip_unknown`
    records of unknown tasks are no error. `visit` is called with each record.

    Raises:
      RecordError: there is nothing to read.
    """
    ledger = Ledger()
    index = AudioIndex(root, ledger=ledger)
    index.check_lists()
    fine = simulated_ids(index.root) if known_ids is None else known_ids
    # The lists are read again when ids are looked up, so what they hold is booked apart.
    probe = HeaderProbe(AudioIndex(root), fine).fault if audio else None
    return records_check.check(
        root, probe=probe, markers=markers, progress=progress, ledger=ledger, splits=splits,
        skip_unknown=skip_unknown, visit=visit,
    )  # fmt: skip


def _outside(audio_id: str, location: AudioLocation, header: AudioInfo) -> AudioFault | None:
    end = location.end if location.end is not None else location.start
    if location.start >= header.seconds or end > header.seconds + TOLERANCE_S:
        return AudioFault(
            "outside",
            f"audio id {audio_id!r}: {location.start} to {location.end} s is "
            f"outside {location.path}, which is {header.seconds:.2f} s long",
        )
    return None
