"""Audio of recordings below the root of a new corpus: copied, linked, cut or as FLAC."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from pathlib import Path, PurePosixPath
from typing import Literal, NamedTuple, get_args

from audioflan_tasks.audio.load import AudioInfo, info, load
from audioflan_tasks.audio.resolve import AUDIO_SUFFIXES
from audioflan_tasks.audio.write import remove_leftovers, write
from audioflan_tasks.errors import (
    FileWriteError,
    MissingAudioError,
    SettingsError,
    UnsafePathError,
)
from audioflan_tasks.plain_files import is_plain_file
from audioflan_tasks.recipes.recording import Recording, audio_key
from audioflan_tasks.remote import is_address
from audioflan_tasks.whole_files import naming_file

__all__ = ["AudioFiles", "AudioMode", "AudioPlace", "checked_mode"]

AudioMode = Literal["copy", "link", "flac"]
_SUFFIX = re.compile(r"\.[a-z0-9]{1,5}")


class AudioPlace(NamedTuple):
    """Path of a file below the root, with `/`, and its length."""

    path: str
    seconds: float


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
      path_hint: what to do about a file that is not there.
    """

    def __init__(
        self,
        source: Path,
        out: Path,
        name: str,
        mode: AudioMode,
        sample_rate: int | None = None,
        path_hint: str = "",
    ) -> None:
        # Workers on other machines have another current folder.
        self._source, self._out, self._name = source.resolve(), out.absolute(), name
        self._mode, self._sample_rate, self._path_hint = mode, sample_rate, path_hint
        self._folders: dict[str, Path] = {}
        self._safe_folders: set[str] = set()

    def put(self, recording: Recording) -> AudioPlace:
        """Writes the file if it is not there; where it is, and how long.

        Raises:
          MissingAudioError: there is no such file.
          UnsafePathError: the path leaves the folder.
          AudioError: it is no audio that can be read, or the part is outside it.
        """
        is_cut = recording.start > 0 or recording.end is not None
        suffix = PurePosixPath(recording.audio).suffix.lower()
        suffix = suffix if _SUFFIX.fullmatch(suffix) else ""
        as_flac = is_cut or self._mode == "flac"
        stem = audio_key(self._name, recording.id).removeprefix(f"{self._name}_")
        # At most some thousand files a folder, by a number that a growing corpus does not change;
        # of a prime, so that both of the last characters count.
        shard = int.from_bytes(stem.encode()[-2:], "big") % 251
        folder = f"audio_files/{recording.domain}/{self._name}/{shard:03d}"
        name = f"{stem}{'.flac' if as_flac else suffix}"
        target = self._folder(folder) / name
        if target.exists():
            header = info(target)
        else:
            header = self._write(recording, target, suffix, as_flac)
        return AudioPlace(f"{folder}/{name}", header.seconds)

    def remove_leftovers(self) -> None:
        """Removes what a killed run was writing."""
        for folder in (self._out / "audio_files").glob(f"*/{self._name}"):
            remove_leftovers(folder)

    def _folder(self, folder: str) -> Path:
        if folder not in self._folders:
            self._folders[folder] = self._out / folder
            self._folders[folder].mkdir(parents=True, exist_ok=True)
        return self._folders[folder]

    def _write(self, recording: Recording, target: Path, suffix: str, as_flac: bool) -> AudioInfo:
        if recording.data is None:
            source = self._file(recording)
            return self._transfer(source, target, recording, as_flac, as_link=self._mode == "link")
        # Not in the corpus: a killed process leaves it.
        with naming_file(target), tempfile.NamedTemporaryFile(suffix=suffix) as file:
            file.write(recording.data)
            file.flush()
            return self._transfer(Path(file.name), target, recording, as_flac, as_link=False)

    def _transfer(
        self, source: Path, target: Path, recording: Recording, as_flac: bool, as_link: bool
    ) -> AudioInfo:
        # What is no audio is found now, not when a model is trained.
        header = info(source)
        if as_flac:
            rate = self._sample_rate or header.sample_rate
            write(target, load(source, rate, recording.start, recording.end), rate)
            return info(target)
        try:
            if as_link:
                os.link(source, target)
            else:
                _copy_whole(source, target)
        except FileNotFoundError as error:
            raise MissingAudioError(f"{source}: is gone") from error
        except OSError as error:
            hint = "; --audio copy needs no link" if as_link else ""
            raise FileWriteError(f"{target}: cannot be written ({error.strerror}){hint}") from error
        return header

    def _file(self, recording: Recording) -> Path:
        path = self._source / recording.audio
        # Manifests of Kaldi and NeMo hold absolute paths; others stay below the folder.
        if not is_plain_file(path):
            raise MissingAudioError(
                f"{path}: no such file{_hint(recording.audio, path) or self._path_hint}"
            )
        if not recording.audio.startswith("/") and not self._is_inside(recording.audio, path):
            raise UnsafePathError(f"{recording.audio}: leaves the folder {self._source}")
        return path

    def _is_inside(self, audio: str, path: Path) -> bool:
        """Whether no link and no `..` leads out; a folder is looked at once for all its files."""
        folder = audio.rpartition("/")[0]
        if folder not in self._safe_folders:
            if not path.parent.resolve().is_relative_to(self._source):
                return False
            self._safe_folders.add(folder)
        return not path.is_symlink() or path.resolve().is_relative_to(self._source)


def _hint(name: str, path: Path) -> str:
    """What is wrong with the name of a file that is not there, where that can be seen."""
    if is_address(name):
        return "; it is an address, and nothing is fetched: copy the audio here and write its path"
    if "\\" in name:
        return "; it has the \\ of Windows: write paths with /"
    names = (f"{path.name}{suffix}" for suffix in sorted(AUDIO_SUFFIXES))
    whole_name = next((each for each in names if is_plain_file(path.with_name(each))), "")
    return f"; there is {whole_name}: write names with their endings" if whole_name else ""


def _copy_whole(source: Path, target: Path) -> None:
    temporary = target.with_name(f".{target.name}.part")
    try:
        shutil.copyfile(source, temporary)
        temporary.replace(target)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
