"""Writes recordings as a corpus in the release's layout: audio, lists, metadata, attribution."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from pathlib import Path
from typing import TextIO

from audioflan_tasks import catalogue
from audioflan_tasks.catalogue import Domain
from audioflan_tasks.errors import AudioError, RecordError, SettingsError
from audioflan_tasks.recipes.attribution import attribution
from audioflan_tasks.recipes.audio_files import AudioFiles, AudioPlace
from audioflan_tasks.recipes.draft import Draft, instance_of
from audioflan_tasks.recipes.makers import MAKERS, Maker, makers_of
from audioflan_tasks.recipes.makers.maker import labels_of
from audioflan_tasks.recipes.recipe_list import RecipeList
from audioflan_tasks.recipes.recording import PEOPLE, Recording, audio_key
from audioflan_tasks.recipes.splits import split_within
from audioflan_tasks.records.instance import Split
from audioflan_tasks.runners import Runner, map_stream
from audioflan_tasks.whole_files import WholeFiles

__all__ = ["CorpusCounts", "Recordings", "served_tasks", "write_corpus"]

# Gives the recordings anew each time it is called: they are read more than once.
Recordings = Callable[[], Iterable[Recording]]
# Called with a stage of the work and how many clips of it are done.
Progress = Callable[[str, int], None]
_MOST_REASONS = 5
# Recordings whose audio is written by one unit of work.
_PER_UNIT = 8
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
    runner: Runner,
    *,
    progress: Progress | None = None,
    drafts: Callable[[Iterable[Recording]], Iterator[Draft]] | None = None,
    seed: int = 0,
) -> CorpusCounts:
    """Audio first, then a file of records for each task and split; each appears when whole.

    Audio of recordings that no task can use is left where it is. What is written does not depend
    on the runner, nor on how often the work was broken off.

    Args:
      recordings: gives them anew, each with a split; they are read twice.
      files: where their audio goes; what is there is kept.
      out: root of the new corpus.
      name: its folder's name, such as `13_LibriTTS-R`.
      tasks: ids of the tasks to make.
      runner: writes the audio, and makes each simulated clip once.
      progress: called with `audio` or `simulations`, and how many clips of it are done.
      drafts: makes questions that the importer has ready instead of those of `tasks`.
      seed: of splits within speakers and artists.

    Raises:
      SettingsError: no maker knows a task.
      RecordError: two recordings have one id, or nothing is left.
      RunnerError: worker processes go on dying.
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

    places = _put_audio(needed, files, out, name, counts, runner, _counter("audio", progress))
    clips = [
        # Without its bytes, and with its length.
        replace(clip, data=None, seconds=places[clip.id].seconds)
        for clip in needed()
        if clip.id in places
    ]
    if not clips:
        raise RecordError(_nothing_left(counts, tasks))
    questions = drafts(clips) if drafts is not None else _questions(clips, makers, seed)
    licences = Counter[tuple[str, str]]()
    with WholeFiles() as whole:
        paths = {clip: out.absolute() / place.path for clip, place in places.items()}
        recipes = RecipeList(
            name, paths, lambda: whole.open(out / "simulated" / f"{name}.jsonl"), runner,
            _counter("simulations", progress),
        )  # fmt: skip
        for draft, failure in recipes.checked(questions):
            if failure:
                _note_loss(counts, draft, failure, whole.open(out / f"lost_{name}.tsv"))
                continue
            split = _split_of(draft)
            instance = instance_of(draft, name, split)
            path = _metadata(out, draft.task, split, name)
            whole.open(path).write(json.dumps(instance.record(), ensure_ascii=False) + "\n")
            counts.records[draft.task, split] += 1
            licences[catalogue.corpus_of_folder(name), instance.licence] += 1
        whole.open(out / f"attribution_{name}.md").write(attribution(licences))
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
    runner: Runner,
    advance: Callable[[int], None],
) -> Mapping[str, AudioPlace]:
    """Files of the recordings whose audio is there, by id; the lists that name them are written."""
    places: dict[str, AudioPlace] = {}
    unique_recordings = _with_own_keys(recordings(), name)
    with WholeFiles() as whole:
        skip_list = whole.open(out / f"skipped_{name}.tsv")
        for recording, place in map_stream(
            runner, partial(_put, files), unique_recordings, per_unit=_PER_UNIT, advance=advance,
            death_result=_fatal,
        ):  # fmt: skip
            if isinstance(place, str):
                counts.skip_count += 1
                counts.reasons += [place][: _MOST_REASONS - len(counts.reasons)]
                reason = " ".join(place.split())
                skip_list.write(f"{recording.place or recording.id}\t{reason}\n")
                continue
            key = audio_key(name, recording.id)
            whole.open(_list(out, recording.domain, name)).write(f"{key}\t{place.path}\n")
            places[recording.id] = place
            counts.clips += 1
    return places


def _put(files: AudioFiles, recording: Recording) -> AudioPlace | str:
    """Where the audio of a recording is, or why there is none."""
    try:
        return files.put(recording)
    except AudioError as error:
        return str(error)


def _fatal(recording: Recording) -> str:
    return f"{recording.place or recording.id}: its audio ends the process that reads it"


def _with_own_keys(recordings: Iterable[Recording], name: str) -> Iterator[Recording]:
    """The recordings; an error where two have one audio id."""
    places: dict[str, str] = {}
    for recording in recordings:
        key, place = audio_key(name, recording.id), recording.place or recording.id
        if key in places:
            raise RecordError(
                f"{place}: the audio id {key} is that of {places[key]} too; remove one of them, "
                "or give a column of ids that differ"
            )
        places[key] = place
        yield recording


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


def _split_of(draft: Draft) -> Split:
    (split,) = {clip.split for clip in draft.recordings}
    return split or "train"


def _counter(stage: str, progress: Progress | None) -> Callable[[int], None]:
    """Sums counts of a stage, and calls `progress` with the sum."""
    total = 0

    def add(count: int) -> None:
        nonlocal total
        total += count
        if progress is not None:
            progress(stage, total)

    return add


@lru_cache
def _metadata(out: Path, task: str, split: Split, name: str) -> Path:
    row = catalogue.get(task)
    part = "test" if split == "test" else "train_dev"
    folder = out / "metadata" / row.domain / row.paper_category / part / name / "jsonl"
    return folder / f"{row.id}.jsonl"


@lru_cache
def _list(out: Path, domain: Domain, name: str) -> Path:
    return out / "scp_files" / domain / f"{name}.scp"
