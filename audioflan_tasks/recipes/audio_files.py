"""Audio of recordings below the root of a new corpus: copied, linked, cut or as FLAC."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path, PurePosixPath
from typing import Literal, get_args

from audioflan_tasks.audio.load import info, load
from audioflan_tasks.audio.write import write
from audioflan_tasks.errors import AudioError, MissingAudioError, SettingsError, UnsafePathError
from audioflan_tasks.plain_files import is_plain_file
from audioflan_tasks.recipes.recording import Recording, audio_key

__all__ = ["AudioFiles", "AudioMode", "checked_mode"]

AudioMode = Literal["copy", "link", "flac"]
_MOST_SUFFIX = 6


def checked_mode(mode: str) -> AudioMode:
    """The mode.

    Raises:
      SettingsError: it is none.
    """
    if mode not in get_args(AudioMode):
        raise SettingsError(f"audio {mode!r}: expected one of {', '.join(get_args(AudioMode))}")
    return mode  # type: ignore[return-value]


class AudioFiles:
    """Puts the audio of recordings below `out`, and knows where it is.

    Files that are there already are kept, so a run that was broken off goes on. A part of a file
    is cut and written as FLAC in every mode, as lists of the release name whole files.

    Args:
      source: the folder that paths of recordings begin in.
      out: the root of the new corpus.
      name: folder of the corpus in it, such as `13_LibriTTS-R`.
      mode: `copy`, `link` (a hard link: no space, same disk) or `flac` (16-bit, mono).
      sample_rate: of FLAC files; None keeps that of each file.
    """

    def __init__(
        self, source: Path, out: Path, name: str, mode: AudioMode, sample_rate: int | None = None
    ) -> None:
        self._source, self._out, self._name = source.resolve(), out, name
        self._mode, self._sample_rate = mode, sample_rate

    def put(self, recording: Recording) -> PurePosixPath:
        """Writes the file if it is not there; its path below the root.

        Raises:
          MissingAudioError: there is no such file.
          UnsafePathError: the path leaves the folder.
          AudioError: it is no audio that can be read, or the part is outside it.
        """
        is_cut = recording.start > 0 or recording.end is not None
        suffix = Path(recording.audio).suffix.lower()[:_MOST_SUFFIX]
        as_flac = is_cut or self._mode == "flac"
        path = self._path(recording, ".flac" if as_flac else suffix)
        target = self._out / path
        if target.exists():
            return path
        target.parent.mkdir(parents=True, exist_ok=True)
        if recording.data is not None:
            with tempfile.NamedTemporaryFile(dir=target.parent, suffix=suffix) as file:
                file.write(recording.data)
                file.flush()
                self._transfer(Path(file.name), target, recording, as_flac, as_link=False)
        else:
            source = self._file(recording)
            self._transfer(source, target, recording, as_flac, as_link=self._mode == "link")
        return path

    def _transfer(
        self, source: Path, target: Path, recording: Recording, as_flac: bool, as_link: bool
    ) -> None:
        if as_flac:
            rate = self._sample_rate or info(source).sample_rate
            write(target, load(source, rate, recording.start, recording.end), rate)
            return
        # What is no audio is found now, not when a model is trained.
        info(source)
        temporary = target.with_name(f".{target.name}.part")
        temporary.unlink(missing_ok=True)
        try:
            if as_link:
                os.link(source, temporary)
            else:
                shutil.copyfile(source, temporary)
            temporary.replace(target)
        except OSError as error:
            temporary.unlink(missing_ok=True)
            hint = "; --audio copy needs no link" if as_link else ""
            raise AudioError(f"{target}: cannot be written ({error.strerror}){hint}") from error

    def _file(self, recording: Recording) -> Path:
        path = self._source / recording.audio
        # Manifests of Kaldi and NeMo hold absolute paths; others stay below the folder.
        if not Path(recording.audio).is_absolute() and not path.resolve().is_relative_to(
            self._source
        ):
            raise UnsafePathError(f"{recording.audio}: leaves the folder {self._source}")
        if not is_plain_file(path):
            raise MissingAudioError(f"{path}: no such file (--audio-root FOLDER?)")
        return path

    def _path(self, recording: Recording, suffix: str) -> PurePosixPath:
        audio_id = audio_key(self._name, recording)
        stem = audio_id.removeprefix(f"{self._name}_")
        # At most some thousand files a folder, by a number that a growing corpus does not change.
        shard = f"{int.from_bytes(stem.encode()[-2:], 'big') % 256:03d}"
        return PurePosixPath("audio_files", recording.domain, self._name, shard, f"{stem}{suffix}")
