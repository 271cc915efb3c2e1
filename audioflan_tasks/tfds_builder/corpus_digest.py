"""Whether a corpus is what it was: one digest of all that records and audio are read from."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import msgspec

from audioflan_tasks.audio.resolve import AUDIO_SUFFIXES
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.folders import walk
from audioflan_tasks.plain_files import file_state, is_plain_file, open_plain_file
from audioflan_tasks.store.layout import digest_of

__all__ = ["CorpusDigest", "corpus_digest", "corpus_stamp"]

# Records, recipes, lists of audio, and audio: nothing else of a corpus is read.
_SUFFIXES = AUDIO_SUFFIXES | {".jsonl", ".json", ".scp"}


class CorpusDigest(msgspec.Struct, frozen=True):
    """What a data set was built from.

    `stamp` is of names, sizes and times of change, and cheap; `content` of every byte. The same
    stamp means the same content; another stamp need not mean another one.
    """

    root: str
    stamp: str
    content: str


class _CorpusFile(NamedTuple):
    name: str
    path: Path


def corpus_stamp(corpus: Corpus) -> str:
    """The stamp of a corpus. Of a tree no file is opened; a store knows its own."""
    if corpus.stores:
        return digest_of(store.fingerprint for store in corpus.stores)
    return digest_of(map(_stat_line, _files(corpus.root)))


def corpus_digest(corpus: Corpus) -> CorpusDigest:
    """The digest of a corpus. Of a tree every file is read; a store knows its own."""
    stamp = corpus_stamp(corpus)
    content = stamp if corpus.stores else _content(corpus.root, stamp)
    return CorpusDigest(corpus.address, stamp, content)


@lru_cache(maxsize=8)
def _content(root: Path, stamp: str) -> str:
    """The digest of all bytes, made once for each stamp."""
    return digest_of(map(_content_line, _files(root)))


def _files(root: Path) -> Iterator[_CorpusFile]:
    """The files of a corpus, folder by folder, so that no list of them all is kept."""
    if is_plain_file(root):
        yield _CorpusFile(root.name, root)
        return
    for parent, folders, names in walk(root):
        folders.sort()
        for name in sorted(names):
            path = Path(parent, name)
            if path.suffix.lower() in _SUFFIXES:
                yield _CorpusFile(path.relative_to(root).as_posix(), path)


def _stat_line(file: _CorpusFile) -> str:
    try:
        state = file_state(file.path)
    except OSError as error:
        return _unreadable_line(file, error)
    return f"{file.name}\0{state.size}\0{state.changed_ns}"


def _content_line(file: _CorpusFile) -> str:
    try:
        with open_plain_file(file.path) as handle:
            return f"{file.name}\0{hashlib.file_digest(handle, 'sha256').hexdigest()}"
    except OSError as error:
        return _unreadable_line(file, error)


def _unreadable_line(file: _CorpusFile, error: OSError) -> str:
    """Of a file that nobody can read, as a broken link: who needs it says or counts that."""
    return f"{file.name}\0{error.errno}"
