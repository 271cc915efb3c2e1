"""Every reader: its facts, its tasks, a corpus that the package reads, and roots that are wrong."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from audioflan_tasks import catalogue
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.errors import RecordError, SettingsError, UnknownNameError
from audioflan_tasks.recipes import Recording, card, cards, known_corpus
from audioflan_tasks.recipes.corpora import READERS
from tests.recipes.corpora.music_trees import MUSIC_FACTS, MUSIC_TREES
from tests.recipes.corpora.trees import TREES as SPEECH_TREES

# By hand, from the descriptions of the corpora: facts of one recording of each tree.
FACTS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "LJSpeech": ("LJ001-0002", {"text": "Chapter two", "piece": "LJ001", "gender": "female"}),
    "VCTK": (
        "p227_002",
        {"text": "Please call Stella 002.", "age": "38", "gender": "female", "accent": "English"},
    ),
    "LibriTTS-R": (
        "14_208_000001_000002",
        {"split": "train", "speaker": "14", "gender": "female", "snr_db": 19.5},
    ),
    "Fluent Speech Commands": (
        "train1/0a1",
        {"text": "Louder, please", "intent": "increase volume", "gender": "male"},
    ),
    "EmoV-DB": (
        "bea_amused_1-15_0001",
        {"text": "Author of the danger trail.", "emotion": "amused", "gender": "female"},
    ),
    "AISHELL-1": (
        "BAC009S0724W0122",
        {"text": "今天天气很好1", "split": "validation", "gender": "male", "speaker": "S0724"},
    ),
    "AISHELL-3": (
        "SSB00090001",
        {"text": "广州女", "phones": "guang3 zhou1 nv3", "split": "test", "gender": "male"},
    ),
    "ESD": (
        "0001_000352",
        {"text": "打远一看1", "emotion": "angry", "language": "Chinese", "sentence": "zh1"},
    ),
    "KeSpeech": (
        "1000002_utt",
        {"text": "我们走吧", "dialect": "Jiang-Huai", "gender": "female", "age": "41"},
    ),
    "Common Voice": (
        "common_voice_de_1",
        {"text": 'Sie sagte: "Nein', "age": "forties", "language": "German", "gender": "female"},
    ),
    "MLS": (
        "253_77_000001",
        {"text": "guten tag 1", "language": "German", "gender": "female", "split": "test"},
    ),
    "FLEURS": (
        "en_us_test_10",
        {"text": "Text 0!", "language": "English", "sentence": "5", "gender": "male"},
    ),
    "NSynth": (
        "synth_lead_acoustic_101-061-100",
        {"instruments": ("synth lead",), "note": "61"},
    ),
    "VocalSet": (
        "male2_scales_m1_scales_vocal_fry_a",
        {"vocal_technique": "vocal fry", "artist": "male2"},
    ),
    "JazzNet": ("C#-1-dorian-scale-0", {"scale": "dorian", "split": "validation"}),
    "Opencpop": (
        "2044000002",
        {
            "lyrics": "感受",
            "piece": "2044",
            "score": "C4 0.20 g | C4 0.30 an | D4 0.20 sh | D4 0.40 ou",
        },
    ),
    "M4Singer": ("Tenor-3_美错_0002", {"artist": "Tenor-3", "piece": "美错", "lyrics": "歌词2"}),
}
FACTS = {**FACTS, **MUSIC_FACTS}
TREES = {**SPEECH_TREES, **MUSIC_TREES}


@pytest.fixture(params=READERS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_facts_are_those_of_the_files(name: str, tmp_path: Path) -> None:
    TREES[name](tmp_path)
    recordings = {each.id: each for each in READERS[name].recordings(tmp_path)}
    clip, facts = FACTS[name]
    assert {fact: getattr(recordings[clip], fact) for fact in facts} == facts
    if card(name).class_ != "per-item":
        assert {each.licence for each in recordings.values()} == {card(name).licence.audio}


def test_it_becomes_a_corpus_with_the_tasks_of_the_paper(name: str, tmp_path: Path) -> None:
    TREES[name](tmp_path / "in")
    source = known_corpus(name, tmp_path / "in")
    counts = source.write(tmp_path / "out", audio="link")
    assert counts.skip_count == 0
    assert counts.clips == sum(1 for _ in source.recordings())
    tasks = {task for task, _ in counts.records}
    assert tasks <= set(card(name).tasks)
    assert tasks
    corpus = Corpus(tmp_path / "out")
    for (task, split), count in counts.records.items():
        instances = [*corpus.instances(task, split)]
        assert len(instances) == count
        assert {instance.corpus for instance in instances} == {name}
        for audio_id in instances[0].audio_ids:
            samples = corpus.audio(audio_id, 16_000, instances[0])
            assert len(samples) == 16_000 or audio_id in corpus.recipes
            assert len(samples) > 1_000


def test_a_second_run_keeps_the_audio_and_gives_the_same_records(name: str, tmp_path: Path) -> None:
    TREES[name](tmp_path / "in")

    def files() -> dict[str, tuple[int, bytes]]:
        paths = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
        return {str(path): (path.stat().st_ino, path.read_bytes()) for path in paths}

    known_corpus(name, tmp_path / "in").write(tmp_path / "out")
    before = files()
    # As after a run that was broken off: one clip is not there yet.
    lost = next(path for path in before if "audio_files" in path)
    Path(lost).unlink()
    known_corpus(name, tmp_path / "in").write(tmp_path / "out")
    after = files()
    assert {path: data for path, (_, data) in after.items()} == {
        path: data for path, (_, data) in before.items()
    }
    audio = {path for path in before if "audio_files" in path} - {lost}
    assert {path: after[path][0] for path in audio} == {path: before[path][0] for path in audio}


def test_a_wrong_root_says_what_is_expected(name: str, tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="nothing matches") as error:
        [*READERS[name].recordings(tmp_path)]
    assert READERS[name].expects[0] in str(error.value)
    assert card(name).homepage in str(error.value)


def test_a_half_unpacked_root_loses_no_more_than_what_is_not_there(
    name: str, tmp_path: Path
) -> None:
    TREES[name](tmp_path / "in")
    clips = list(READERS[name].recordings(tmp_path / "in"))
    for clip in clips[1:]:
        if clip.audio != clips[0].audio:
            (tmp_path / "in" / clip.audio).unlink(missing_ok=True)
    try:
        counts = known_corpus(name, tmp_path / "in").write(tmp_path / "out")
    except RecordError as error:
        assert "nothing matches" in str(error)
    else:
        assert counts.clips == 1


def test_every_corpus_of_the_paper_has_a_card() -> None:
    paper = {name for row in catalogue.tasks() for name in row.corpora}
    assert set(cards()) == paper
    assert len(cards()) == 51
    assert set(READERS) <= set(cards())
    assert set(FACTS) == set(TREES) == set(READERS)


def test_names_are_found_in_any_spelling_and_refused_with_the_nearest() -> None:
    assert card("aishell3").name == "AISHELL-3"
    assert card("fsc").name == "Fluent Speech Commands"
    with pytest.raises(UnknownNameError, match="did you mean LJSpeech"):
        card("LJSpech")
    with pytest.raises(SettingsError, match="HQ-Conversations: there is no reader"):
        known_corpus("HQ-Conversations", Path("x"))


def test_a_line_cut_short_says_where(tmp_path: Path) -> None:
    TREES["Common Voice"](tmp_path)
    table = tmp_path / "de" / "train.tsv"
    table.write_text(table.read_text("utf-8").rsplit("\t", 3)[0], "utf-8")
    with pytest.raises(RecordError, match=r"train\.tsv:2: 5 of 8 cells"):
        [*READERS["Common Voice"].recordings(tmp_path)]


def test_two_views_of_a_file_are_one_recording(tmp_path: Path) -> None:
    TREES["VocalSet"](tmp_path)
    shutil.copytree(tmp_path / "FULL" / "data_by_singer", tmp_path / "FULL" / "data_by_vowel")
    recordings: list[Recording] = [*READERS["VocalSet"].recordings(tmp_path)]
    assert len(recordings) == len({each.id for each in recordings}) == 6
