"""Finds the file of an audio id: .scp lists, then file stems, then the record's own path.

Every path is below the corpus root, also after links are followed. (In a hub cache,
whose snapshots are links into a `blobs` folder beside them, that folder counts too.)
Lists and folders are read when an id first needs them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from audioflan_tasks.errors import MissingAudioError, RecordError, UnsafePathError
from audioflan_tasks.folders import files_in, is_folder, subfolders, walk
from audioflan_tasks.plain_files import is_plain_file, open_plain_file
from audioflan_tasks.records.instance import Instance
from audioflan_tasks.records.repairs import Ledger, Problem, ProblemKind
from audioflan_tasks.records.scp import ScpTable, read_scp, safe_parts
from audioflan_tasks.records.settle import domain_name
from audioflan_tasks.remote import shown_root

__all__ = ["AUDIO_SUFFIXES", "AudioIndex", "AudioLocation", "simulated_ids"]

AUDIO_SUFFIXES = frozenset(
    {".wav", ".flac", ".ogg", ".opus", ".mp3", ".aiff", ".aif", ".au", ".sph", ".caf", ".w64"}
    | {".m4a", ".mp4", ".aac", ".wma"}
)
_MAX_IDS = 4_000_000


@dataclass(frozen=True, slots=True)
class AudioLocation:
    """A file and the part of it, in seconds, that an id means."""

    path: Path
    start: float = 0.0
    end: float | None = None


class AudioIndex:
    """Finds the files of audio ids below `root`.

    `also` names further folders that an `audio_path` may be in. Faults of the .scp
    lists are counted in `ledger`.
    """

    def __init__(
        self,
        root: str | os.PathLike[str],
        *,
        also: Sequence[str | os.PathLike[str]] = (),
        ledger: Ledger | None = None,
    ) -> None:
        self.root = Path(root) if is_folder(Path(root)) else Path(root).parent
        self.also = tuple(Path(path) for path in also)
        self.ledger = ledger if ledger is not None else Ledger()
        self._lists_of_dataset: dict[str, tuple[Path, ...]] = {}
        self._tables: dict[Path, ScpTable] = {}
        self._stems: dict[Path, dict[str, Path | None]] = {}

    def locate(self, audio_id: str, instance: Instance | None = None) -> AudioLocation:
        """The file of an id; `instance` is the record that names it, for its `audio_path`.

        Raises:
          MissingAudioError: no list, file name or path leads to a file.
          UnsafePathError: the path leaves the corpus, or is a command or an archive.
        """
        file = self._by_list(audio_id) or self._by_stem(audio_id)
        if file is not None:
            return AudioLocation(file)
        path = instance.path_of(audio_id) if instance is not None else ""
        if path and instance is not None:
            return AudioLocation(
                self._by_path(path, audio_id), instance.audio_start or 0.0, instance.audio_end
            )
        folder = self.dataset_of(audio_id)
        places = f"the list and the folder of {folder}" if folder else "lists and file names"
        raise MissingAudioError(
            f"audio id {audio_id!r}: no file; looked in {places} under {shown_root(self.root)} "
            "(is the audio downloaded?)"
        )

    def dataset_of(self, audio_id: str) -> str:
        """The longest name of a folder or list that begins the id, before a `_`; or ""."""
        end = audio_id.rfind("_")
        while end > 0:
            if audio_id[:end] in self._names:
                return audio_id[:end]
            end = audio_id.rfind("_", 0, end)
        return ""

    def check_lists(self) -> None:
        """Reads every .scp list, so that `ledger` tells what is wrong with them."""
        for path in self._lists:
            self._table(path)

    @cached_property
    def _lists(self) -> tuple[Path, ...]:
        folder = self.root / "scp_files"
        if is_folder(folder):
            files = (Path(parent, name) for parent, _, names in walk(folder) for name in names)
            return tuple(sorted(file for file in files if file.suffix == ".scp"))
        folders = [self.root, *subfolders(self.root)]
        return tuple(sorted(file for folder in folders for file in files_in(folder, ".scp")))

    @cached_property
    def _folders(self) -> tuple[Path, ...]:
        tops = subfolders(self.root / "audio_files")
        domains = [path for path in tops if domain_name(path.name)]
        inner = [path for top in domains for path in subfolders(top)]
        return (*inner, *(path for path in tops if path not in domains))

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(
            [path.stem for path in self._lists] + [path.name for path in self._folders]
        )

    @cached_property
    def _allowed(self) -> tuple[Path, ...]:
        roots = [path.resolve() for path in (self.root, *self.also)]
        snapshots = self.root.absolute().parent
        blobs = snapshots.parent / "blobs"
        if snapshots.name == "snapshots" and blobs.is_dir():
            roots.append(blobs.resolve())
        return tuple(roots)

    def _by_list(self, audio_id: str) -> Path | None:
        for path in self._lists_for(self.dataset_of(audio_id)):
            table = self._table(path)
            if audio_id in table.entries:
                for parts in table.candidates(audio_id):
                    file = self._file(self.root.joinpath(*parts), audio_id)
                    if file is not None:
                        return file
        return None

    def _lists_for(self, dataset: str) -> tuple[Path, ...]:
        lists = self._lists_of_dataset.get(dataset)
        if lists is None:
            named_lists = [path for path in self._lists if path.stem == dataset]
            # A list that is named after no dataset (wav.scp) may hold any id, and an id that
            # begins with no dataset's name may be in any list.
            other_lists = [p for p in self._lists if p.stem != dataset]
            lists = (
                *named_lists,
                *(p for p in other_lists if not dataset or not p.stem[:1].isdigit()),
            )
            self._lists_of_dataset[dataset] = lists
        return lists

    def _by_stem(self, audio_id: str) -> Path | None:
        if any(c in audio_id for c in "/\\\0") or audio_id in (".", ".."):
            raise UnsafePathError(
                f"audio id {audio_id!r} is in no .scp list and cannot be a file name; "
                "ids hold no slashes"
            )
        dataset = self.dataset_of(audio_id)
        if dataset:
            homes = [path for path in self._folders if path.name == dataset]
        else:
            homes = [*self._folders] or [self.root]
        for home in homes:
            stems = self._stems_of(home)
            for key in (audio_id.removeprefix(f"{dataset}_"), audio_id):
                if key in stems:
                    return self._only(stems[key], audio_id, home)
        return None

    def _only(self, path: Path | None, audio_id: str, home: Path) -> Path | None:
        if path is None:
            raise MissingAudioError(
                f"audio id {audio_id!r}: several files of that name under {home}; "
                "list the right one in a .scp file"
            )
        return self._file(path, audio_id)

    def _by_path(self, path: str, audio_id: str) -> Path:
        refusal: UnsafePathError | None = None
        for base in (self.root, *self.also):
            try:
                parts = _below(path, base, f"audio id {audio_id!r}: audio_path")
            except UnsafePathError as error:
                # It may still be a path below the next folder.
                refusal = refusal or error
                continue
            for place in (base.joinpath(*parts), base.joinpath("audio_files", *parts)):
                file = self._file(place, audio_id)
                if file is not None:
                    return file
        raise refusal or MissingAudioError(
            f"audio id {audio_id!r}: its audio_path {path!r} is no file under "
            f"{shown_root(self.root)} (is the audio downloaded?)"
        )

    def _file(self, path: Path, audio_id: str) -> Path | None:
        if not is_plain_file(path):
            return None
        real = path.resolve()
        if not any(real.is_relative_to(root) for root in self._allowed):
            raise UnsafePathError(
                f"audio id {audio_id!r}: {path} is a link that leaves the corpus ({real}); "
                "copy the file instead"
            )
        return path

    def _table(self, path: Path) -> ScpTable:
        table = self._tables.get(path)
        if table is None:
            name = path.relative_to(self.root).as_posix()
            domain = next(filter(None, map(domain_name, path.parent.parts[::-1])), "")
            table = self._read_list(path, name, domain)
            entries = sum(len(other.entries) for other in self._tables.values())
            if entries + len(table.entries) > _MAX_IDS:
                self._tables.clear()
            self._tables[path] = table
        return table

    def _read_list(self, path: Path, name: str, domain: str) -> ScpTable:
        """The list; an empty one where it cannot be opened."""
        try:
            return read_scp(path, name, domain, self.ledger)
        except RecordError as error:
            self.ledger.problem(Problem(name, ProblemKind.UNREADABLE, str(error)))
            return ScpTable(name, path.stem, domain)

    def _stems_of(self, home: Path) -> dict[str, Path | None]:
        stems = self._stems.get(home)
        if stems is None:
            if sum(map(len, self._stems.values())) > _MAX_IDS:
                self._stems.clear()
            stems = self._stems[home] = _stems(home)
        return stems


def simulated_ids(root: str | os.PathLike[str]) -> frozenset[str]:
    """Ids that a corpus makes from recipes (`ROOT/simulated/*.jsonl`) and keeps no files of."""
    return frozenset(_simulated(files_in(Path(root) / "simulated", ".jsonl")))


def _simulated(files: Iterable[Path]) -> Iterator[str]:
    for path in files:
        with open_plain_file(path) as lines:
            for line in lines:
                try:
                    value = json.loads(line)
                except (ValueError, RecursionError):
                    continue
                if isinstance(value, dict) and isinstance(value.get("id"), str):
                    yield value["id"]


def _below(path: str, base: Path, place: str) -> tuple[str, ...]:
    """Parts of a path relative to `base`; one of another machine is re-rooted."""
    plain = path.replace("\\", "/") if "/" not in path else path
    relative = plain.removeprefix(base.absolute().as_posix() + "/")
    start = relative.rfind("/audio_files/")
    if relative.startswith("/") and start >= 0:
        relative = relative[start + 1 :]
    return safe_parts(relative.removeprefix("./"), place)


def _stems(home: Path) -> dict[str, Path | None]:
    """Files below `home` by stem and by their path joined with `_`; None where ambiguous."""
    by_stem: dict[str, Path | None] = {}
    by_path: dict[str, Path] = {}
    for parent, folders, files in walk(home):
        folders.sort()
        for name in sorted(files):
            path = Path(parent, name)
            if path.suffix.lower() not in AUDIO_SUFFIXES:
                continue
            by_stem[path.stem] = None if path.stem in by_stem else path
            by_path["_".join(path.relative_to(home).with_suffix("").parts)] = path
    return {**by_path, **{k: p for k, p in by_stem.items() if p is not None or k not in by_path}}
