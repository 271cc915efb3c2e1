"""The audio that a run is made from: files below folders, and what each is called."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from audioflan_tasks.errors import SettingsError, reason_of
from audioflan_tasks.plain_files import read_plain_text

__all__ = ["Sound", "read_labels", "sounds"]

# What libsndfile reads, and what people have instead: that is then skipped with its reason.
_AUDIO = re.compile(
    r"\.(wav|flac|ogg|opus|oga|mp3|aiff?|au|w64|rf64|caf|sph|m4a|mp4|aac|wma|webm|amr)", re.I
)


@dataclass(frozen=True, slots=True)
class Sound:
    """A file, its name below the folder that was given, and its label."""

    path: str
    name: str
    label: str


def sounds(
    places: Iterable[str | os.PathLike[str]],
    *,
    without: str | os.PathLike[str] | None = None,
    labels: Mapping[str, str] | None = None,
) -> tuple[Sound, ...]:
    """The audio files of files and folders, sorted by name, each once.

    Pipes, devices and broken links with such names are among them: a run skips and counts them.

    A label is the one in `labels` (by name below the folder, or by file name), else the name
    of the folder the file lies in, else its own without a number at the end. `without` is
    a folder that is passed over, such as that of the results.

    Raises:
      SettingsError: there is no such file or folder, or a folder holds no audio.
    """
    passed = None if without is None else Path(without).resolve()
    files: dict[str, Sound] = {}
    for place in map(Path, places):
        previous_count = len(files)
        for path, name in _files(place):
            real = os.path.realpath(path)
            if passed is None or not Path(real).is_relative_to(passed):
                files.setdefault(real, Sound(str(path), name, _label(name, labels or {})))
        if place.is_dir() and len(files) == previous_count:
            raise SettingsError(f"{place}: no audio below it; expected .wav, .flac, .ogg, .mp3 …")
    return tuple(sorted(files.values(), key=lambda sound: (sound.name, sound.path)))


def read_labels(path: Path) -> dict[str, str]:
    """Labels by name from lines `NAME<tab>LABEL`.

    Raises:
      SettingsError: it cannot be read, or a line has not two fields; with file:line.
    """
    labels = {}
    try:
        lines = read_plain_text(path, "utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: cannot be read as UTF-8 text: {reason_of(error)}") from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        name, tab, label = line.partition("\t")
        if not tab or not _clean(label):
            raise SettingsError(f"{path}:{number}: expected a file's name, a tab and its label")
        labels[name.strip()] = _clean(label)
    return labels


def _files(place: Path) -> Iterator[tuple[Path, str]]:
    if place.is_dir():
        for path in sorted(place.rglob("*")):
            hidden = any(part.startswith(".") for part in path.relative_to(place).parts)
            if _AUDIO.fullmatch(path.suffix) and not hidden and not path.is_dir():
                yield path, _printable(path.relative_to(place).as_posix())
    elif os.path.lexists(place):
        yield place, _printable(place.name)
    else:
        raise SettingsError(f"{place}: no such file or folder")


def _printable(name: str) -> str:
    """A name of a file, also where that is not UTF-8."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _label(name: str, labels: Mapping[str, str]) -> str:
    parts: Sequence[str] = name.split("/")
    label = labels.get(name) or labels.get(parts[-1])
    if label:
        return label
    if len(parts) > 1:
        return _clean(parts[-2]) or "sound"
    stem = re.sub(r"[\W_]*\d*$", "", parts[-1].rpartition(".")[0] or parts[-1])
    return _clean(stem) or "sound"


def _clean(text: str) -> str:
    """One line without the marks that separate labels in answers."""
    return re.sub(r"[\s_,;|<>]+", " ", text).strip()
