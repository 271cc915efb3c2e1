"""Which files of a source corpus Audio-FLAN's audio ids may mean.

The release does not say how ids are made. The one that is known (`13_LibriTTS-R_260_123288_000009`
`_000000`) is a folder's name and the corpus's own name of the utterance. What follows from it is a
proposal and nothing more: whoever has both should compare the audio.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from audioflan_tasks import catalogue
from audioflan_tasks.errors import RecordError
from audioflan_tasks.recipes.recording import Recording
from audioflan_tasks.recipes.source import known_corpus

__all__ = ["RULES", "FileProposal", "proposals"]

RULES: Mapping[str, str] = {
    "id": "the folder's name, then the id that the corpus's reader gives the clip",
    "stem": "the folder's name, then the name of the file",
    "path": "the folder's name, then the path of the file",
    "several": "more than one file has the name",
    "": "no file has the name",
}
_NUMBER = re.compile(r"\A\d{2,}_")
_SEPARATORS = re.compile(r"[^a-z0-9]+")


class FileProposal(NamedTuple):
    """An audio id, the file it may mean ("" for none), and the rule (`RULES`) that says so."""

    audio_id: str
    path: str
    rule: str


def proposals(audio_ids: Iterable[str], corpus: str, root: Path) -> Iterator[FileProposal]:
    """A proposal for each id of a corpus (those of others are left out), in their order.

    Raises:
      UnknownNameError: no such corpus.
      SettingsError: there is no reader for it.
      RecordError: `root` is not the corpus's folder, or no id is of the corpus.
    """
    recordings = known_corpus(corpus, root).recordings
    name = catalogue.corpus_of_prefix(corpus) or corpus
    files = _files_by_rule(recordings())
    count = 0
    own_ids = (each for each in audio_ids if catalogue.corpus_of_prefix(each) == name)
    for audio_id in dict.fromkeys(own_ids):
        count += 1
        yield _proposal(audio_id, files)
    if not count:
        raise RecordError(f"no audio id is of {name}; those of it begin with NN_{name}_")


def _files_by_rule(recordings: Iterable[Recording]) -> Mapping[str, Mapping[str, set[str]]]:
    """Paths by rule, and by the name that the rule gives them."""
    files: dict[str, defaultdict[str, set[str]]] = {
        rule: defaultdict(set) for rule in ("id", "stem", "path")
    }
    for recording in recordings:
        path = PurePosixPath(recording.audio)
        names = {"id": recording.id, "stem": path.stem, "path": str(path.with_suffix(""))}
        for rule, file_name in names.items():
            files[rule][_key(file_name)].add(recording.audio)
    return files


def _proposal(audio_id: str, files: Mapping[str, Mapping[str, set[str]]]) -> FileProposal:
    rest = _key(_NUMBER.sub("", audio_id))
    # Where the folder's name ends is not known: the longest name of a file counts.
    names = [rest[place:] for place in _starts(rest)]
    for rule, by_name in files.items():
        paths = next((by_name[name] for name in names if name in by_name), set())
        if len(paths) == 1:
            return FileProposal(audio_id, next(iter(paths)), rule)
        if paths:
            return FileProposal(audio_id, "", "several")
    return FileProposal(audio_id, "", "")


def _starts(key: str) -> Iterator[int]:
    """Where a name may begin behind the folder's: after each separator."""
    return (place + 1 for place, character in enumerate(key) if character == "_")


def _key(name: str) -> str:
    return _SEPARATORS.sub("_", name.lower()).strip("_")
