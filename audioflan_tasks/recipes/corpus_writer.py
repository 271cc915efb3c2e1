"""Writes recordings as a corpus in the release's layout: audio, lists, metadata, a report."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from audioflan_tasks import catalogue
from audioflan_tasks.catalogue import Domain
from audioflan_tasks.errors import AudioError, RecordError, SettingsError
from audioflan_tasks.recipes.audio_files import AudioFiles
from audioflan_tasks.recipes.draft import Draft, instance_of
from audioflan_tasks.recipes.makers import MAKERS, Maker
from audioflan_tasks.recipes.makers.maker import labels_of
from audioflan_tasks.recipes.recording import Recording, audio_key
from audioflan_tasks.records.instance import Split
from audioflan_tasks.whole_files import WholeFiles

__all__ = ["CorpusCounts", "Recordings", "served_tasks", "write_corpus"]

# Gives the recordings anew each time it is called: they are read more than once.
Recordings = Callable[[], Iterable[Recording]]
Progress = Callable[[int], None]
_MOST_REASONS = 5
# Labels or recordings without which there is nothing to tell apart.
_ENOUGH = 2


@dataclass(slots=True)
class CorpusCounts:
    """What was written.

    `skip_count` recordings have no usable audio; `reasons` has some of their errors.
    """

    clips: int = 0
    skip_count: int = 0
    reasons: list[str] = field(default_factory=list)
    records: Counter[tuple[str, Split]] = field(default_factory=Counter)


def served_tasks(recordings: Iterable[Recording]) -> Mapping[str, int]:
    """The tasks that have a recording with all their facts, and for how many recordings.

    Tasks that compare two recordings are named if two recordings have the facts, tasks that ask
    for a label of the corpus if it has two: where all have one speaker, nobody has to listen.
    """
    counts, labels = Counter[str](), defaultdict[str, set[object]](set)
    for recording in recordings:
        for task, maker in MAKERS.items():
            if maker.can_use(recording):
                counts[task] += 1
                if maker.label and len(labels[task]) < _ENOUGH:
                    labels[task].add(getattr(recording, maker.label))
    return {task: n for task, n in sorted(counts.items()) if _is_question(task, n, labels[task])}


def _is_question(task: str, count: int, labels: set[object]) -> bool:
    maker = MAKERS[task]
    if maker.label and not catalogue.get(task).labels:
        return len(labels) >= _ENOUGH
    return count >= _ENOUGH or maker.from_all is None


def write_corpus(
    recordings: Recordings,
    files: AudioFiles,
    out: Path,
    name: str,
    tasks: Sequence[str],
    progress: Progress | None = None,
    drafts: Callable[[Iterable[Recording]], Iterator[Draft]] | None = None,
) -> CorpusCounts:
    """Audio first, then a file of records for each task and split; each appears when whole.

    Args:
      recordings: gives them anew, each with a split; they are read twice.
      files: where their audio goes; what is there is kept.
      out: root of the new corpus.
      name: its folder's name, such as `13_LibriTTS-R`.
      tasks: ids of the tasks to make.
      progress: called with the number of recordings whose audio is done.
      drafts: makes questions that the importer has ready instead of those of `tasks`.

    Raises:
      SettingsError: no maker knows a task.
      RecordError: two recordings have one id, or nothing is left.
    """
    makers = [_maker(task) for task in tasks]
    counts = CorpusCounts()
    usable = _put_audio(recordings, files, out, name, counts, progress)
    clips = [clip for clip in map(_light, recordings()) if clip.id in usable]
    if not clips:
        reason = f"; the first: {counts.reasons[0]}" if counts.reasons else ""
        raise RecordError(f"no recording with usable audio{reason}")
    questions = drafts(clips) if drafts is not None else _questions(clips, makers)
    with WholeFiles() as whole:
        for draft, split in _in_splits(questions):
            instance = instance_of(draft, name, split)
            path = out / _metadata(draft.task, split, name)
            whole.open(path).write(json.dumps(instance.record(), ensure_ascii=False) + "\n")
            counts.records[draft.task, split] += 1
    return counts


def _maker(task: str) -> Maker:
    row = catalogue.get(task)
    if row.id not in MAKERS:
        raise SettingsError(
            f"{row.id}: its clips are made by processing; write the corpus with other tasks, then "
            "audioflan simulate (--list shows its presets) makes it from the corpus's audio"
        )
    return MAKERS[row.id]


def _put_audio(
    recordings: Recordings,
    files: AudioFiles,
    out: Path,
    name: str,
    counts: CorpusCounts,
    progress: Progress | None,
) -> set[str]:
    """Ids of the recordings whose audio is there, with the lists that name it."""
    ids: dict[str, str] = {}
    usable: set[str] = set()
    with WholeFiles() as whole:
        skip_list = whole.open(out / f"skipped_{name}.tsv")
        for number, recording in enumerate(recordings(), 1):
            key = audio_key(name, recording)
            if key in ids:
                raise RecordError(
                    f"{recording.place or recording.id}: the audio id {key} is that of "
                    f"{ids[key]} too; give a column of ids that differ"
                )
            ids[key] = recording.place or recording.id
            try:
                path = files.put(recording)
            except AudioError as error:
                counts.skip_count += 1
                counts.reasons += [str(error)][: _MOST_REASONS - len(counts.reasons)]
                reason = " ".join(str(error).split())
                skip_list.write(f"{recording.place or recording.id}\t{reason}\n")
                continue
            whole.open(out / _list(recording.domain, name)).write(f"{key}\t{path}\n")
            usable.add(recording.id)
            counts.clips += 1
            if progress is not None:
                progress(number)
    return usable


def _light(recording: Recording) -> Recording:
    return recording if recording.data is None else replace(recording, data=None)


def _questions(recordings: Sequence[Recording], makers: Sequence[Maker]) -> Iterator[Draft]:
    labels = labels_of(recordings, sorted({maker.label for maker in makers if maker.label}))
    for maker in makers:
        usable = [clip for clip in recordings if maker.can_use(clip)]
        if maker.from_one is not None:
            for recording in usable:
                yield from maker.from_one(recording, labels)
        if maker.from_all is not None:
            # Those of each split apart: a question with clips of two splits would be in both.
            for split in dict.fromkeys(clip.split for clip in usable):
                yield from maker.from_all([clip for clip in usable if clip.split == split])


def _in_splits(drafts: Iterable[Draft]) -> Iterator[tuple[Draft, Split]]:
    for draft in drafts:
        (split,) = {clip.split for clip in draft.recordings}
        yield draft, split or "train"


def _metadata(task: str, split: Split, name: str) -> PurePosixPath:
    row = catalogue.get(task)
    part = "test" if split == "test" else "train_dev"
    folder = PurePosixPath("metadata", row.domain, row.paper_category, part, name, "jsonl")
    return folder / f"{row.id}.jsonl"


def _list(domain: Domain, name: str) -> PurePosixPath:
    return PurePosixPath("scp_files", domain, f"{name}.scp")
