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
from audioflan_tasks.recipes import Recording, TimedLabel, card, cards, known_corpus
from audioflan_tasks.recipes.corpora import READERS
from audioflan_tasks.recipes.corpora.music import MUSIC
from audioflan_tasks.recipes.makers import makers_of
from tests.kinds import first_of
from tests.recipes.corpora.files import clip, lines
from tests.recipes.corpora.music_facts import MUSIC_FACTS
from tests.recipes.corpora.speech_trees import textgrid
from tests.recipes.corpora.trees import TREES

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
        {
            "text": "我们走吧", "dialect": "Jiang-Huai", "gender": "female", "age": "41",
            "split": "validation",
        },
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
        "de_de_test_10",
        {
            "text": "de_de text 0!", "language": "German", "sentence": "5", "gender": "female",
            "translation": "en_us text 0!", "translation_language": "English",
        },
    ),
    "AISHELL-2": (
        "IC0001W0000",
        {"text": "打开A股行情", "split": "train", "speaker": "C0001", "gender": "female"},
    ),
    "aidatatang_200zh": (
        "T0055G0002S0001",
        {"text": "看看我的日程表ok1", "split": "validation", "speaker": "G0002"},
    ),
    "AliMeeting": (
        "R0002_M0002_0000",
        {
            "split": "test", "start": 0.0, "end": 1.0,
            "speaker_turns": ((0.0, 0.4, "SPK0093"), (0.3, 1.0, "SPK0094")),
        },
    ),
    "LibriMix": (
        "Libri2Mix_dev_14-208-0001_16-300-0001_s2",
        {
            "split": "validation", "speaker": "16", "sentence": "16-300-0001",
            "mixture": "Libri2Mix_dev_14-208-0001_16-300-0001",
            "audio": "Libri2Mix/wav16k/min/dev/s2/14-208-0001_16-300-0001.wav",
        },
    ),
    "DNS": (
        "test_set/synthetic/no_reverb/noisy/clnsp1_train_1_snr-5_tl-21_fileid_1",
        {"snr_db": -5.0, "split": "test"},
    ),
    "ASVspoof 2021": (
        "DF_E_2000011",
        {"is_fake": True, "vocoder": "traditional_vocoder", "speaker": "LA_0023"},
    ),
    "CVSS": (
        "common_voice_zh-CN_1",
        {"translation": 'He said "no" 1.', "language": "Chinese", "split": "validation"},
    ),
    "Genshin": (
        "中文 - Chinese/数据集 - Datasets/派蒙/vo_1",
        {"text": "旅行者，快来！", "language": "Chinese", "speaker": "派蒙"},
    ),
    "StarRail": (
        "0586907bf153a670",
        {"text": "你好。", "language": "Chinese", "speaker": "三月七"},
    ),
    "Hi-Fi TTS": (
        "9017_other/8345/light_02_0001",
        {"text": 'He said: "No 1"', "gender": "male", "split": "test", "speaker": "9017"},
    ),
    "Parallel Audiobook Corpus": (
        "emma_sbe_chp01_utt001",
        {"text": "Text 1 of emma, said he.", "gender": "female", "sentence": "emma_chp01_utt001"},
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
}  # fmt: skip
FACTS = {**FACTS, **MUSIC_FACTS}


AUDIO = (".wav", ".flac", ".mp3", ".au")
SPEECH = [name for name in READERS if name not in {reader.name for reader in MUSIC}]


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


@pytest.mark.slow
def test_it_becomes_a_corpus_with_the_tasks_of_the_paper(name: str, tmp_path: Path) -> None:
    TREES[name](tmp_path / "in")
    source = known_corpus(name, tmp_path / "in")
    counts = source.write(tmp_path / "out", audio="link")
    makers = [maker for task in source.default_tasks for maker in makers_of(task)]
    usable = [c for c in source.recordings() if any(maker.can_use(c) for maker in makers)]
    assert (counts.clips, counts.skip_count) == (len(usable), 0)
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


@pytest.mark.parametrize("name", first_of(*READERS))
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
    TREES[name](tmp_path / "above" / "unpacked")
    lines(tmp_path, "other/readme.txt", "no corpus")
    for folder, advice in (
        ("nowhere", "there is no such folder"),
        ("other", "is it unpacked there?"),
        ("above", f"give {tmp_path / 'above' / 'unpacked'}"),
    ):
        root = tmp_path / folder
        missing = READERS[name].missing(root)
        if not missing:
            continue  # The pattern begins with any folder.
        with pytest.raises(RecordError) as error:
            [*READERS[name].recordings(root)]
        assert str(error.value).startswith(f"{root}: no {name}; nothing matches ")
        assert all(pattern in str(error.value) for pattern in missing)
        assert str(error.value).endswith(f"; {advice} ({card(name).homepage})")


def test_a_half_unpacked_root_loses_no_more_than_what_is_not_there(
    name: str, tmp_path: Path
) -> None:
    TREES[name](tmp_path / "in")
    clips = list(READERS[name].recordings(tmp_path / "in"))
    for each in clips[1:]:
        if each.audio != clips[0].audio:
            (tmp_path / "in" / each.audio).unlink(missing_ok=True)
    try:
        counts = known_corpus(name, tmp_path / "in").write(tmp_path / "out")
    except RecordError as error:
        assert "nothing matches" in str(error) or "usable audio" in str(error)
    else:
        assert counts.clips <= sum(each.audio == clips[0].audio for each in clips)


@pytest.mark.parametrize("name", SPEECH)
def test_a_root_without_audio_is_refused(name: str, tmp_path: Path) -> None:
    TREES[name](tmp_path)
    for path in (path for path in tmp_path.rglob("*") if path.suffix in AUDIO):
        path.unlink()
    with pytest.raises(RecordError, match="nothing matches") as error:
        [*READERS[name].recordings(tmp_path)]
    assert card(name).homepage in str(error.value)


@pytest.mark.slow
def test_a_broken_list_gives_an_error_of_ours(name: str, tmp_path: Path) -> None:
    TREES[name](tmp_path)
    lists = [p for p in tmp_path.rglob("*") if p.is_file() and p.suffix not in AUDIO]
    for path in lists:
        data = path.read_bytes()
        for damage in (b"", data[: len(data) // 2], b"\xff\x00\x81", b"a\n{}\nb|c\n1\t2\n[]"):
            path.write_bytes(damage)
            try:
                sum(1 for _ in READERS[name].recordings(tmp_path))
            except RecordError as error:
                assert str(tmp_path) in str(error)
        path.write_bytes(data)


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
    with pytest.raises(RecordError, match=r"train\.tsv:2: 6 of 9 cells"):
        [*READERS["Common Voice"].recordings(tmp_path)]


def test_two_views_of_a_file_are_one_recording(tmp_path: Path) -> None:
    TREES["VocalSet"](tmp_path)
    shutil.copytree(tmp_path / "FULL" / "data_by_singer", tmp_path / "FULL" / "data_by_vowel")
    recordings: list[Recording] = [*READERS["VocalSet"].recordings(tmp_path)]
    assert len(recordings) == len({each.id for each in recordings}) == 6


def test_meetings_are_cut_into_windows_in_which_somebody_speaks(tmp_path: Path) -> None:
    tiers = (
        ("A_SPK1", ((0.0, 5.0, "一"), (28.0, 33.5, "二"), (95.0, 95.4, "三"))),
        ("B_SPK2", ((29.0, 61.0, "四"),)),
    )
    folder = "Train_Ali_far"
    lines(tmp_path, f"{folder}/textgrid_dir/R1_M1.TextGrid", textgrid(*tiers, end=100.0))
    lines(tmp_path, f"{folder}/audio_dir/R1_M1_MS001.wav", "read by nobody here")
    clips = [*READERS["AliMeeting"].recordings(tmp_path)]
    assert [(c.start, c.end) for c in clips] == [(0, 30), (30, 60), (60, 90), (90, 95.4)]
    assert [[*c.speaker_turns] for c in clips[:3]] == [
        [TimedLabel(0, 5, "SPK1"), TimedLabel(28, 30, "SPK1"), TimedLabel(29, 30, "SPK2")],
        [TimedLabel(0, 3.5, "SPK1"), TimedLabel(0, 30, "SPK2")],
        [TimedLabel(0, 1, "SPK2")],
    ]


def test_voices_of_a_mixture_are_enrolled_by_other_utterances(tmp_path: Path) -> None:
    TREES["LibriMix"](tmp_path / "in")
    known_corpus("LibriMix", tmp_path / "in").write(tmp_path / "out", audio="link")
    instances = [*Corpus(tmp_path / "out").instances("speaker_extraction", "train")]
    # Two mixtures of the same two speakers.
    assert len(instances) == 4
    for instance in instances:
        mixture, enrolment = instance.audio_ids[:2]
        assert instance.output.startswith(f"<|SOA|>{mixture}_s")
        assert not enrolment.startswith(mixture)
        assert enrolment.rpartition("_")[2] == instance.output[:-7].rpartition("_")[2]


def test_what_no_task_can_use_is_left_where_it_is(tmp_path: Path) -> None:
    clip(tmp_path, "in/clean/book_00000_chp_0009_reader_06709_0.wav")
    with pytest.raises(RecordError, match="no recording has the facts that emotion_recog"):
        known_corpus("DNS", tmp_path / "in").write(tmp_path / "out", ["emotion_recognition"])
    assert not [*(tmp_path / "out").rglob("*.wav")]
