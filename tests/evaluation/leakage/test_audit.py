"""A leak of each kind is found where it was planted, and a clean pair is not flagged."""

from __future__ import annotations

import itertools
import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import Levenshtein

from audioflan_tasks import audit, hold_out
from audioflan_tasks.audio.load import load
from audioflan_tasks.cli import main
from audioflan_tasks.config import settings
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.demo import demo_root
from audioflan_tasks.errors import EvaluationError, UnknownNameError
from audioflan_tasks.evaluation.leakage import KINDS, NOT_FOUND, Audit
from audioflan_tasks.evaluation.leakage.fingerprint import RATE, landmarks, matches
from audioflan_tasks.evaluation.leakage.joins import Keys, key_overlap
from audioflan_tasks.evaluation.leakage.texts import near_pairs, shingles, short_pairs
from audioflan_tasks.records.prose import words

CLIPS = sorted((demo_root() / "audio_files" / "speech" / "04_Asterisk_IT").glob("*.opus"))[:4]
SOUNDS = sorted((demo_root() / "audio_files" / "audio" / "61_OpenSFX").glob("osfx*.opus"))[:2]
TEXTS = (
    "The harbour was quiet before the first boats came in",
    "Please turn the music down while I am on the phone",
    "Nobody remembered where the old key had been hidden",
    "She painted the fence green and the gate bright yellow",
)


def record(number: int, task: str, clip: Path, text: str, **other: Any) -> dict[str, Any]:
    return {
        "instruction": other.pop("instruction", f"Do the thing number {number}, please."),
        "input": f"<|SOA|>{clip.stem}<|EOA|>", "output": text, "uuid": f"u{number}",
        "split": ["train"], "domain": "speech", "source": ["studio"], "other": other,
        "task_type": {"minor": [task], "major": [], "U/G": [], "unseen": False},
        "audio_path": [clip.name],
    }  # fmt: skip


def corpus_of(folder: Path, records: list[dict[str, Any]], clips: list[Path]) -> Path:
    folder.mkdir(parents=True)
    for clip in clips:
        shutil.copy(clip, folder / clip.name)
    (folder / "records.jsonl").write_text("".join(json.dumps(r) + "\n" for r in records))
    return folder


@pytest.fixture
def train(tmp_path: Path) -> Path:
    made = [
        record(n, "Automatic Speech Recognition", CLIPS[n], TEXTS[n], speaker=f"anna {n}")
        for n in (0, 1)
    ]
    return corpus_of(tmp_path / "train", made, CLIPS[:2])


def plant(tmp_path: Path, made: dict[str, Any], clips: list[Path]) -> Path:
    clean = record(8, "Emotion Recognition", CLIPS[3], "happy", speaker="carla")
    return corpus_of(tmp_path / "eval", [clean, {**made, "uuid": "planted"}], [CLIPS[3], *clips])


def flagged(found: Audit) -> dict[str, int]:
    return {leak.kind: leak.eval for leak in found.leaks if leak.eval}


def test_a_clean_pair_is_not_flagged(train: Path, tmp_path: Path) -> None:
    made = record(9, "Emotion Recognition", CLIPS[2], "angry", speaker="berta")
    found = audit(train, plant(tmp_path, made, [CLIPS[2]]))
    assert found.clean and not flagged(found)
    assert (found.train_records, found.eval_records, found.clips) == (2, 2, 4)
    assert found.not_heard == 0


def test_planted_audio_id(train: Path, tmp_path: Path) -> None:
    made = record(9, "Emotion Recognition", CLIPS[0], "angry", speaker="berta")
    found = audit(train, plant(tmp_path, made, [CLIPS[0]]), listen=False)
    # The id of a record with a path is made of its path; the same path gives the same id.
    assert flagged(found) == {"audio id": 1}
    assert "u0 ~ emotion_recognition:planted" in found.leak("audio id").examples[0]


def test_planted_content_under_another_name(train: Path, tmp_path: Path) -> None:
    copy = tmp_path / "renamed.opus"
    shutil.copy(CLIPS[1], copy)
    made = record(9, "Emotion Recognition", copy, "angry", speaker="berta")
    assert flagged(audit(train, plant(tmp_path, made, [copy]))) == {"audio content": 1}


def reencoded(samples: np.ndarray, folder: Path) -> Path:
    path = folder / "other.mp3"
    soundfile.write(path, samples, 16000, format="MP3")
    return path


CHANGES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "mp3": lambda x: x,
    "trimmed": lambda x: x[1777:-2500],
    "quieter": lambda x: 0.3 * x,
}


@pytest.mark.parametrize("change", CHANGES)
def test_planted_recording(change: str, train: Path, tmp_path: Path) -> None:
    path = reencoded(CHANGES[change](load(CLIPS[1], 16000)), tmp_path)
    made = record(9, "Emotion Recognition", path, "angry", speaker="berta")
    found = audit(train, plant(tmp_path, made, [path]))
    assert flagged(found) == {"recording": 1}
    assert "landmarks" in found.leak("recording").examples[0]


@pytest.mark.slow
def test_planted_text_near_text_and_person(train: Path, tmp_path: Path) -> None:
    same = record(9, "Speech Caption", CLIPS[2], TEXTS[0].upper() + "!", speaker="berta")
    found = audit(train, plant(tmp_path, same, [CLIPS[2]]))
    assert flagged(found) == {"text": 1}
    shutil.rmtree(tmp_path / "eval")
    near = record(9, "Speech Caption", CLIPS[2], TEXTS[0].replace("first", "last"), speaker="b")
    found = audit(train, plant(tmp_path, near, [CLIPS[2]]))
    assert flagged(found) == {"near text": 1}
    shutil.rmtree(tmp_path / "eval")
    person = record(9, "Emotion Recognition", CLIPS[2], "angry", speaker=["berta", "Anna 1"])
    found = audit(train, plant(tmp_path, person, [CLIPS[2]]))
    assert flagged(found) == {"person": 1}
    assert audit(train, tmp_path / "eval", allow=["person"]).clean


@pytest.mark.slow
def test_planted_instruction_inverse_and_twin(train: Path, tmp_path: Path) -> None:
    made = record(9, "Emotion Recognition", CLIPS[2], "angry", speaker="berta",
                  instruction="do the thing number 1,  please")  # fmt: skip
    assert flagged(audit(train, plant(tmp_path, made, [CLIPS[2]]))) == {"instruction": 1}
    shutil.rmtree(tmp_path / "eval")
    inverse = record(9, "Text to Speech", CLIPS[2], f"<|SOA|>{CLIPS[2].stem}<|EOA|>", speaker="b")
    inverse["input"] = "Quite another sentence about nothing at all"
    found = audit(train, plant(tmp_path, inverse, [CLIPS[2]]))
    assert flagged(found) == {"linked task": 1}
    assert found.leak("linked task").examples == ["automatic_speech_recognition ~ text_to_speech"]
    shutil.rmtree(tmp_path / "eval")
    twin = record(9, "Dialect Automatic Speech Recognition", CLIPS[2], TEXTS[2], speaker="b")
    assert flagged(audit(train, plant(tmp_path, twin, [CLIPS[2]]))) == {"linked task": 1}


@pytest.mark.slow
def test_held_out_tasks_have_no_inverse_or_twin_in_training(corpus: Corpus) -> None:
    made = hold_out()
    found = audit(made, made, corpus=corpus, listen=False)
    assert (
        found.leak("linked task").eval == found.leak("family").eval == 0
        and found.leak("instruction").keys == 0
    )
    assert found.eval_records == sum(corpus.size(t, "test") for t in made.eval.tasks)


@pytest.mark.slow
def test_training_on_the_measured_task_is_the_first_finding(corpus: Corpus) -> None:
    def findings(train: str, evaluation: str) -> dict[str, int]:
        found = audit(train, evaluation, corpus=corpus, listen=False)
        assert list(KINDS) == [leak.kind for leak in found.leaks]
        return {leak.kind: leak.keys for leak in found.leaks[:4] if leak.eval}

    assert findings("key_detection", "key_detection") == {"same task": 1}
    assert findings("key_comparison", "key_detection") == {"linked task": 1}
    assert findings("denoising", "declipping") == {"family": 1}
    assert findings("genre_classification", "key_detection") == {"major task": 1}
    # All five sisters of unseen tasks that a reviewer named.
    for train, measured in (
        ("dereverberation", "declipping"), ("pitch_classification", "beat_level_pitch_estimation"),
        ("sound_event_detection", "sound_event_understanding"),
        ("audio_continuation", "audio_inpainting"), ("vocoder_type_classification",
                                                     "deepfake_audio_detection"),
    ):  # fmt: skip
        assert findings(train, measured) == {"family": 1}


@pytest.mark.slow
def test_the_training_side_is_audited_as_it_is_trained(corpus: Corpus, tmp_path: Path) -> None:
    """With exemplars of the train split, and as the tasks to which records are swapped."""
    plain = settings.example_options()
    measured = "automatic_speech_recognition@train"
    for options, same in ((plain, False), (plain.replace(inversion=0.5), True)):
        found = audit("text_to_speech", measured, corpus=corpus, listen=False, options=options)
        assert bool(found.leak("same task").eval) == same
    lines = [
        {**record(n, "Emotion Recognition", CLIPS[n], "happy"), "split": [split]}
        for n, split in enumerate(("train", "test"))
    ]
    small = Corpus(corpus_of(tmp_path / "two", lines, CLIPS[:2]))
    for options in (plain, plain.replace(shots=2)):
        found = audit(
            "emotion_recognition@test", "emotion_recognition@train", corpus=small, listen=False,
            options=options,
        )  # fmt: skip
        assert found.leak("audio id").eval == (1 if options.shots else 0)


def test_short_texts_that_differ_in_one_word_are_found() -> None:
    train = ["please enter your password", "the dog barks", "press one now to go on at once", "go"]
    changed = {
        "please enter your code": 0, "please enter password": 0, "please do enter your password": 0,
        "the cat barks": 1, "press two now to go on at once": 2, "dog barks": None,
        "your password please": None, "the cat sleeps": None, "no": None,
        "enter your password now": None,
    }  # fmt: skip
    pairs = {p.eval: p.train for p in short_pairs(train, list(changed))}
    assert [pairs.get(n) for n in range(len(changed))] == list(changed.values())


# Each with one word changed, and with two: scripts that do not space words.
UNSPACED = (
    ("我喜欢你", "我讨厌你", "他讨厌你"),
    ("请输入您的密码", "请输入您的号码", "请告诉我号码"),
    ("请打开客厅的空调", "请打开客厅的电视机", "请关上卧室的空调"),
    ("今天天气很好我们去公园吧", "今天天气很好我们去图书馆吧", "昨天天气很好我们去图书馆了"),
    ("コーヒーを飲みたいです", "ジュースを飲みたいです", "ジュースを買いたいです"),
    ("打开wifi开关", "关闭wifi开关", "关闭wifi设置"),
)


@pytest.mark.parametrize("texts", UNSPACED)
def test_a_word_of_a_script_without_blanks_is_some_characters(texts: tuple[str, ...]) -> None:
    text, near, far = (" ".join(words(each)) for each in texts)
    (pair,) = short_pairs([far, text], [near])
    assert pair.train == (0 if list(short_pairs([far], [near])) else 1)
    assert list(short_pairs([text], [near])) and not list(short_pairs([text], [far]))


@pytest.mark.slow
@given(st.text("天地人水火", min_size=6, max_size=24), st.text("风", min_size=1, max_size=2),
       st.data())  # fmt: skip
def test_short_pairs_find_one_changed_stretch(text: str, word: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 2))
    changed = text[:start] + word + text[start + data.draw(st.integers(0, 2)) :]
    (pair,) = short_pairs([" ".join(text)], [" ".join(changed)])
    assert (pair.train, pair.eval) == (0, 0) and 0 < pair.overlap < 1


@pytest.mark.slow
@given(st.lists(st.sampled_from("abc"), min_size=3, max_size=8),
       st.lists(st.sampled_from("abc"), min_size=3, max_size=8))  # fmt: skip
def test_short_pairs_are_those_of_one_edit(one: list[str], other: list[str]) -> None:
    found = bool(list(short_pairs([" ".join(one)], [" ".join(other)])))
    assert found == (Levenshtein.distance(one, other) <= 1)


def test_mixtures_of_the_same_clip_share_it(corpus: Corpus) -> None:
    """Simulated audio is traced to the clips that it is made of."""
    found = audit("denoising@test", "declipping@test", corpus=corpus, listen=False)
    assert found.leak("audio id").eval == corpus.size("declipping", "test")


@pytest.mark.slow
def test_command_line(
    train: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = record(9, "Emotion Recognition", CLIPS[0], "angry", speaker="berta")
    planted = plant(tmp_path, made, [CLIPS[0]])

    def run(*arguments: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["audioflan", "audit", *arguments])
        with pytest.raises(SystemExit) as caught:
            main()
        return int(caught.value.code or 0), capsys.readouterr().out

    status, text = run(str(train), str(planted))
    assert status == 1 and "LEAK" in text and "not clean" in text
    assert "4 clips heard, 0 of them with too few peaks" in text and "not found: copies" in text
    status, text = run(str(train), str(planted), "--allow", "audio id,audio content", "--json")
    found = json.loads(text)
    assert status == 0 and {leak["kind"] for leak in found["leaks"]} == set(KINDS)
    assert found["not_found"] == list(NOT_FOUND) and found["not_compared"] == 0


def test_errors(train: Path, tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="did you mean recording"):
        audit(train, train, allow=["recordin"])
    with pytest.raises(EvaluationError, match="@tset"):
        audit(train, f"{train}@tset")
    with pytest.raises(EvaluationError, match="no records"):
        audit(train, f"{train}@test")


def test_fingerprints_of_different_recordings_do_not_match() -> None:
    made = [landmarks(load(path, RATE)) for path in (*CLIPS, *SOUNDS)]
    assert all(len(one.hashes) > 20 for one in made)
    assert not list(matches(made[:3], made[3:]))
    assert not len(landmarks(np.zeros(RATE)).hashes)
    assert not len(landmarks(np.ones(10)).hashes)


@given(st.lists(st.integers(0, 50), max_size=40), st.lists(st.integers(0, 50), max_size=40))
def test_joins_equal_sets(one: list[int], other: list[int]) -> None:
    left, right = Keys(), Keys()
    for owner, key in enumerate(one):
        left.add(key, owner)
    for owner, key in enumerate(other):
        right.add(key, owner)
    found, both = key_overlap(left, right), set(one) & set(other)
    assert found.keys == len(both)
    assert found.train == sum(key in both for key in one)
    assert found.eval == sum(key in both for key in other)
    assert all(one[t] == other[e] for t, e in found.examples)


def test_near_pairs_equal_comparing_every_pair() -> None:
    draw = np.random.default_rng(3)
    known = [f"word{n}" for n in range(60)]
    one = [[known[i] for i in draw.integers(0, 60, draw.integers(4, 14))] for _ in range(150)]
    other = [
        [*text[:-1], known[int(draw.integers(0, 60))]] if at % 2 else text[::-1]
        for at, text in enumerate(one)
    ]

    def grams(text: list[str]) -> set[Any]:
        return {*text, *itertools.pairwise(text)}

    expected = {
        at
        for at, text in enumerate(other)
        if max(len(grams(text) & grams(o)) / len(grams(text) | grams(o)) for o in one) >= 0.7
    }
    found = {pair.eval for pair in near_pairs(shingles(one), shingles(other))}
    assert found <= expected
    assert len(found) >= 0.93 * len(expected) > 20


def test_words() -> None:
    assert words("Don't STOP, ２ times!") == ["don't", "stop", "2", "times"]
    assert words("我爱音乐") == ["我", "爱", "音", "乐"]
