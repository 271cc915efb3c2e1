"""Who is heard is apart in training and test, but for those who are to be named."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

from audioflan_tasks.corpus import Corpus
from audioflan_tasks.recipes import Recording, SourceCorpus
from audioflan_tasks.recipes.splits import split_within, with_splits
from tests.recipes.corpora.files import clip


def recordings(speakers: int, takes: int) -> list[Recording]:
    return [
        Recording(id=f"s{speaker}_{take}", audio="a.wav", speaker=f"s{speaker}", gender="female")
        for speaker in range(speakers)
        for take in range(takes)
    ]


def speakers_of(clips: Iterable[Recording]) -> Mapping[str, set[str]]:
    speakers: Mapping[str, set[str]] = defaultdict(set)
    for each in clips:
        speakers[each.split or ""].add(each.speaker)
    return speakers


def test_speakers_are_apart_unless_they_are_asked_for() -> None:
    clips = list(with_splits(recordings(60, 30)))
    apart = speakers_of(clips)
    assert len(apart["train"]) + len(apart["validation"]) + len(apart["test"]) == 60
    assert apart["test"]
    shared = split_within(clips, "speaker")
    together = speakers_of(shared)
    assert together["test"] | together["validation"] <= together["train"]
    assert len(together["test"]) > 30
    assert 0.03 < sum(each.split == "test" for each in shared) / len(shared) < 0.07


def test_each_speaker_is_in_training_however_few_recordings_there_are() -> None:
    shared = split_within(list(with_splits(recordings(200, 1))), "speaker")
    assert {each.split for each in shared} == {"train"}


def test_a_split_that_shares_its_speakers_is_kept() -> None:
    clips = [
        Recording(id=f"{name}{n}", audio="a.wav", speaker=name, split="test" if n else "train")
        for name in ("ann", "bob")
        for n in range(2)
    ]
    assert split_within(clips, "speaker") == clips
    # Of which one has a speaker of its own, is not.
    clips.append(Recording(id="eve", audio="a.wav", speaker="eve", split="test"))
    assert {each.split for each in split_within(clips, "speaker") if each.speaker == "eve"} == {
        "train"
    }


def test_a_corpus_that_grows_moves_no_recording_of_a_speaker_with_several() -> None:
    few = {each.id: each.split for each in split_within(recordings(10, 20), "speaker")}
    more = {each.id: each.split for each in split_within(recordings(20, 40), "speaker")}
    assert {name: more[name] for name in few} == few
    assert few != {each.id: each.split for each in split_within(recordings(10, 20), "speaker", 1)}


def test_both_rules_in_one_corpus(tmp_path: Path) -> None:
    clip(tmp_path, "in/a.wav")
    source = SourceCorpus(
        folder="90_Mine",
        audio_root=tmp_path / "in",
        recordings=lambda: with_splits(recordings(40, 5)),
    )
    tasks = ("speaker_identification", "gender_recognition")
    source.write(tmp_path / "out", tasks, audio="link")
    corpus = Corpus(tmp_path / "out")
    for task, is_shared in zip(tasks, (True, False), strict=True):
        train, test = (
            {instance.other["speaker"][0] for instance in corpus.instances(task, split)}
            for split in ("train", "test")
        )
        assert test
        assert test <= train if is_shared else not test & train
