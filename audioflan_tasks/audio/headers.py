"""What the headers of a corpus's audio files say. Samples are not decoded."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from pathlib import Path

from audioflan_tasks.audio.load import TOLERANCE_S, AudioInfo, info
from audioflan_tasks.audio.resolve import AudioIndex, AudioLocation
from audioflan_tasks.errors import AudioError, MissingAudioError, UnsafePathError
from audioflan_tasks.records.check import AudioFault
from audioflan_tasks.records.instance import Instance

__all__ = ["HeaderProbe"]

_MOST_HEADERS = 500_000


class HeaderProbe:
    """Says what is wrong with the audio of an id.

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
        location = self._location(audio_id, instance)
        if isinstance(location, AudioFault):
            return location
        header = self.header(location.path)
        return header if isinstance(header, AudioFault) else _outside(audio_id, location, header)

    def paths(self, instance: Instance) -> Iterator[Path]:
        """The files whose headers `fault` would read for a record."""
        for audio_id in instance.audio_ids:
            location = self._location(audio_id, instance)
            if audio_id not in self.known_ids and isinstance(location, AudioLocation):
                yield location.path

    def header(self, path: Path) -> AudioInfo | AudioFault:
        """The header of a file, which is read once."""
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

    def refuse(self, paths: Iterable[Path], reason: str) -> None:
        """Notes files as unreadable, so that they are not opened."""
        for path in paths:
            self._headers[path] = AudioFault("unreadable", f"{path}: {reason}")

    def _location(self, audio_id: str, instance: Instance) -> AudioLocation | AudioFault:
        try:
            return self.index.locate(audio_id, instance)
        except MissingAudioError as error:
            return AudioFault("missing", str(error))
        except UnsafePathError as error:
            return AudioFault("unsafe", str(error))


def _outside(audio_id: str, location: AudioLocation, header: AudioInfo) -> AudioFault | None:
    end = location.end if location.end is not None else location.start
    if location.start >= header.seconds or end > header.seconds + TOLERANCE_S:
        return AudioFault(
            "outside",
            f"audio id {audio_id!r}: {location.start} to {location.end} s is "
            f"outside {location.path}, which is {header.seconds:.2f} s long",
        )
    return None
