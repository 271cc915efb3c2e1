"""Writes recordings as a corpus in the release's layout: audio, lists, metadata, a report."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import TextIO

from audioflan_tasks import catalogue
from audioflan_tasks.catalogue import Domain
from audioflan_tasks.errors import AudioError, RecordError, SettingsError
from audioflan_tasks.recipes.audio_files import AudioFiles, AudioPlace
from audioflan_tasks.recipes.draft import Draft, instance_of
from audioflan_tasks.recipes.makers import MAKERS, Maker, makers_of
from audioflan_tasks.recipes.makers.maker import labels_of
from audioflan_tasks.recipes.recipe_list import RecipeList
from audioflan_tasks.recipes.recording import PEOPLE, Recording, audio_key
from audioflan_tasks.recipes.splits import split_within
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

    `unused` recordings have no fact that a task needs, `skip_count` no usable audio; the audio of
    `lost_questions` questions cannot be simulated. `reasons` has some of the errors.
    `empty_tasks` are those of which no record came of any clip.
    """

    clips: int = 0
    unused: int = 0
    skip_count: int = 0
    lost_questions: int = 0
    reasons: list[str] = field(default_factory=list)
    records: Counter[tuple[str, Split]] = field(default_factory=Counter)
    empty_tasks: tuple[str, ...] = ()


def served_tasks(recordings: Iterable[Recording]) -> Mapping[str, int]:
    """The tasks that have a recording with all their facts, and for how many recordings.

    Tasks that compare two recordings are named if two recordings have the facts, tasks that ask
    for a label of the corpus if it has two: where all have one speaker, nobody has to listen.
    Tasks that need no fact at all, such as denoising, are not named: any audio serves them.
    """
    makers = [maker for maker in MAKERS if maker.needs]
    counts, labels = Counter[str](), defaultdict[str, set[object]](set)
    for recording in recordings:
        for maker in makers:
            if maker.can_ask(recording):
                counts[maker.task] += 1
                if maker.label and len(labels[maker.task]) < _ENOUGH:
                    labels[maker.task].add(getattr(recording, maker.label))
    return {
        maker.task: counts[maker.task]
        for maker in sorted(makers, key=lambda maker: maker.task)
        if counts[maker.task] and _is_question(maker, counts[maker.task], labels[maker.task])
    }


def _is_question(maker: Maker, count: int, labels: set[object]) -> bool:
    if maker.label and not catalogue.get(maker.task).labels:
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
    seed: int = 0,
) -> CorpusCounts:
    """Audio first, then a file of records for each task and split; each appears when whole.

    Audio of recordings that no task can use is left where it is.

    Args:
      recordings: gives them anew, each with a split; they are read twice.
      files: where their audio goes; what is there is kept.
      out: root of the new corpus.
      name: its folder's name, such as `13_LibriTTS-R`.
      tasks: ids of the tasks to make.
      progress: called with the number of recordings whose audio is done.
      drafts: makes questions that the importer has ready instead of those of `tasks`.
      seed: of splits within speakers and artists.

    Raises:
      SettingsError: no maker knows a task.
      RecordError: two recordings have one id, or nothing is left.
    """
    makers = [maker for task in tasks for maker in _makers(task)]
    counts = CorpusCounts()

    def needed() -> Iterator[Recording]:
        counts.unused = 0
        for recording in recordings():
            if drafts is not None or any(maker.can_use(recording) for maker in makers):
                yield recording
            else:
                counts.unused += 1

    places = _put_audio(needed, files, out, name, counts, progress)
    clips = [
        # Without its bytes, and with its length.
        replace(clip, data=None, seconds=places[clip.id].seconds)
        for clip in needed()
        if clip.id in places
    ]
    if not clips:
        raise RecordError(_nothing_left(counts, tasks))
    questions = drafts(clips) if drafts is not None else _questions(clips, makers, seed)
    with WholeFiles() as whole:
        paths = {clip: out / place.path for clip, place in places.items()}
        recipes = RecipeList(name, paths, lambda: whole.open(out / "simulated" / f"{name}.jsonl"))
        for draft, split in _in_splits(questions):
            failure = recipes.put(draft)
            if failure:
                _note_loss(counts, draft, failure, whole.open(out / f"lost_{name}.tsv"))
                continue
            instance = instance_of(draft, name, split)
            path = _metadata(out, draft.task, split, name)
            whole.open(path).write(json.dumps(instance.record(), ensure_ascii=False) + "\n")
            counts.records[draft.task, split] += 1
    tasks_with_records = {task for task, _ in counts.records}
    counts.empty_tasks = tuple(task for task in tasks if task not in tasks_with_records)
    return counts


def _nothing_left(counts: CorpusCounts, tasks: Sequence[str]) -> str:
    if counts.skip_count:
        return f"no recording with usable audio; the first: {counts.reasons[0]}"
    return f"no recording has the facts that {' or '.join(tasks) or 'a question'} needs"


def _makers(task: str) -> tuple[Maker, ...]:
    row = catalogue.get(task)
    makers = makers_of(row.id)
    if not makers:
        raise SettingsError(f"{row.id}: no question of this task follows from facts of recordings")
    return makers


def _note_loss(counts: CorpusCounts, draft: Draft, failure: str, file: TextIO) -> None:
    counts.lost_questions += 1
    counts.reasons += [failure][: _MOST_REASONS - len(counts.reasons)]
    names = ", ".join(recording.id for recording in draft.recordings)
    file.write(f"{draft.task}\t{names}\t{failure}\n")


def _put_audio(
    recordings: Recordings,
    files: AudioFiles,
    out: Path,
    name: str,
    counts: CorpusCounts,
    progress: Progress | None,
) -> Mapping[str, AudioPlace]:
    """Files of the recordings whose audio is there, by id; the lists that name them are written."""
    ids: dict[str, str] = {}
    places: dict[str, AudioPlace] = {}
    with WholeFiles() as whole:
        skip_list = whole.open(out / f"skipped_{name}.tsv")
        for number, recording in enumerate(recordings(), 1):
            key = audio_key(name, recording.id)
            if key in ids:
                raise RecordError(
                    f"{recording.place or recording.id}: the audio id {key} is that of "
                    f"{ids[key]} too; remove one of them, or give a column of ids that differ"
                )
            ids[key] = recording.place or recording.id
            try:
                place = files.put(recording)
            except AudioError as error:
                counts.skip_count += 1
                counts.reasons += [str(error)][: _MOST_REASONS - len(counts.reasons)]
                reason = " ".join(str(error).split())
                skip_list.write(f"{recording.place or recording.id}\t{reason}\n")
                continue
            whole.open(_list(out, recording.domain, name)).write(f"{key}\t{place.path}\n")
            places[recording.id] = place
            counts.clips += 1
            if progress is not None:
                progress(number)
    return places


def _questions(
    recordings: Sequence[Recording], makers: Sequence[Maker], seed: int
) -> Iterator[Draft]:
    labels = labels_of(recordings, sorted({maker.label for maker in makers if maker.label}))
    for maker in makers:
        usable = [clip for clip in recordings if maker.can_use(clip)]
        if maker.label in PEOPLE:
            usable = split_within(usable, maker.label, seed)
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


@lru_cache
def _metadata(out: Path, task: str, split: Split, name: str) -> Path:
    row = catalogue.get(task)
    part = "test" if split == "test" else "train_dev"
    folder = out / "metadata" / row.domain / row.paper_category / part / name / "jsonl"
    return folder / f"{row.id}.jsonl"


@lru_cache
def _list(out: Path, domain: Domain, name: str) -> Path:
    return out / "scp_files" / domain / f"{name}.scp"
