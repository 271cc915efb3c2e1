"""Public benchmarks as their own pages describe them, over real audio of the demo corpus."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet as parquet

from audioflan_tasks.demo import demo_root

CLIPS = sorted((demo_root() / "audio_files" / "speech" / "01_Asterisk_EN").rglob("*.flac"))[:4]


def _clip(folder: Path, name: str, number: int = 0) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(CLIPS[number], folder / name)


def _json(file: Path, value: Any) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(value), encoding="utf-8")


def _lines(file: Path, *rows: Any) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def _table(file: Path, *rows: Any) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    parquet.write_table(pyarrow.Table.from_pylist(list(rows)), file)


def _sound(number: int) -> dict[str, Any]:
    return {"bytes": CLIPS[number].read_bytes(), "path": "clip.flac"}


def mmau(root: Path) -> None:
    common = {"dataset": "d", "task": "music", "split": "test-mini", "difficulty": "easy"}
    items = [
        ("m1", "Which tool?", ["Saw", "Drill"], "Saw", "Sound-Based Event Recognition"),
        ("m2", "Which?", ["Violin, solo", "Oboe", "Oboe"], "Violin, solo", "Instrumentation"),
        ("m3", "Which?", ["Oboe", "Horn"], "Lute", "Instrumentation"),
        ("m4", "Which?", ["Oboe", "Horn"], "", "Instrumentation"),
        ("m5", "How many?", ["1", "2"], "2", "Counting"),
    ]
    for name, *_ in items:
        _clip(root / "test-mini-audios", f"{name}.flac")
    _json(
        root / "mmau-test-mini.json",
        [
            {"id": name, "audio_id": f"./test-mini-audios/{name}.flac", "question": question,
             "choices": choices, "answer": answer, "sub-category": kind, "category": ["Reasoning"],
             **common}
            for name, question, choices, answer, kind in items
        ],
    )  # fmt: skip


def mmau_copy(root: Path) -> None:
    """A copy on the hub: options in one text, the answer with its letter."""
    _table(
        root / "data" / "test-00000-of-00001.parquet",
        {"context": _sound(0), "instruction": "Which?", "choices": "(A) Oboe (B) Horn",
         "answer": "(B) Horn", "sub_category": "Instrumentation"},
    )  # fmt: skip


def mmsu(root: Path) -> None:
    _table(
        root / "data" / "train-00000-of-00001.parquet",
        {"id": "g1", "audio": _sound(0), "question": "Who speaks?", "choice_a": "male",
         "choice_b": "female", "choice_c": None, "answer_gt": "female",
         "task_name": "gender_prediction"},
        {"id": "g2", "audio": _sound(1), "question": "Who speaks?", "choice_a": "male",
         "choice_b": "female", "choice_c": None, "answer_gt": "male",
         "task_name": "gender_prediction"},
    )  # fmt: skip


def air_bench(root: Path) -> None:
    folder = root / "Foundation"
    _clip(folder / "Speaker_Gender_Recognition_cv", "a.wav")
    _clip(folder / "Audio_Grounding_ag", "b.flac", 1)
    _json(
        folder / "Foundation_meta.json",
        [
            {"uniq_id": 7, "path": "a.wav", "question": "Who?", "choice_a": "male",
             "choice_b": "female", "answer_gt": "male", "task_name": "Speaker_Gender_Recognition",
             "dataset_name": "cv"},
            # Its file has another ending than the list says.
            {"uniq_id": 8, "path": "b.wav", "question": "When does a dog bark?",
             "choice_a": "0.50-1.00 dog", "choice_b": "1.00-1.50 dog",
             "answer_gt": "0.50-1.00 dog", "task_name": "Audio_Grounding", "dataset_name": "ag"},
        ],
    )  # fmt: skip


def audiobench(root: Path) -> None:
    sets: dict[str, dict[str, Any]] = {
        "iemocap_gender_test": {"answer": {"text": "female"}, "instruction": {"text": "Who?"}},
        # Its script draws a question.
        "librispeech_test_clean": {"answer": "agent logged off"},
        "audiocaps_qa_test": {"instruction": "What barks?", "answer": "a dog"},
    }
    for number, (name, item) in enumerate(sets.items()):
        sound = {"audio": _sound(number)} if number == 0 else _sound(number)
        _table(root / name / "data" / "test-0000.parquet", {"context": sound, **item})


def dynamic_superb(root: Path) -> None:
    _table(
        root / "EmotionRecognition_Mine" / "data" / "test-00000-of-00001.parquet",
        {"file": "u7", "audio": _sound(0), "label": "sad",
         "instruction": "Name the emotion. The answer could be happy, angry, or sad."},
    )  # fmt: skip
    _table(
        root / "SpeakerVerification_Mine" / "data" / "test-00000-of-00001.parquet",
        {"file": "u8", "audio": _sound(0), "audio2": _sound(1), "label": "no",
         "instruction": "Are they of one speaker? The answer could be yes or no."},
    )  # fmt: skip


def cmi_bench(root: Path) -> None:
    _clip(root / "data" / "nsynth", "x.flac")
    common = {"uuid": "", "split": ["test"], "domain": "music", "source": [], "other": None,
              "input": "<|SOA|>x<|EOA|>", "audio_path": ["data/nsynth/x.flac"]}  # fmt: skip
    _lines(
        root / "data" / "CMI_NSynth_pitch.jsonl",
        {"instruction": "Which MIDI pitch?", "output": 60, "audio_start": 0.0, "audio_end": -1,
         "task_type": {"major": ["m"], "minor": ["pitch_classification"]}, **common},
        {"instruction": "Which MIDI pitch?", "output": 61, "audio_start": 0.1, "audio_end": 0.4,
         "task_type": {"major": ["m"], "minor": ["pitch_classification"]}, **common},
    )  # fmt: skip


def ultraeval(root: Path) -> None:
    _clip(root / "audio", "a.wav")
    # The question stands in a registry of its own.
    _lines(root / "tedlium-3.jsonl", {"WavPath": "audio/a.wav", "Transcript": "hello there"})


def any_table(root: Path) -> None:
    _clip(root, "a.wav")
    _lines(
        root / "items.jsonl",
        {"audio": "a.wav", "instruction": "Woman or man?", "label": "woman", "task": "who",
         "options": ["woman", "man"]},
    )  # fmt: skip


# Writers by benchmark; the usable records by task.
TREES: Mapping[str, tuple[str, Callable[[Path], None], Mapping[str, int]]] = {
    "mmau": ("mmau", mmau, {"sound_event_recognition": 1, "instrument_classification": 1}),
    "mmau copy": ("mmau", mmau_copy, {"instrument_classification": 1}),
    "mmsu": ("mmsu", mmsu, {"gender_recognition": 2}),
    "air-bench": ("air-bench", air_bench, {"gender_recognition": 1, "sound_event_detection": 1}),
    "audiobench": (
        "audiobench", audiobench, {"gender_recognition": 1, "automatic_speech_recognition": 1},
    ),
    "dynamic-superb": (
        "dynamic-superb", dynamic_superb, {"emotion_recognition": 1, "speaker_verification": 1},
    ),
    "cmi-bench": ("cmi-bench", cmi_bench, {"pitch_classification": 2}),
    "ultraeval-audio": ("ultraeval-audio", ultraeval, {"automatic_speech_recognition": 1}),
    "any": ("any", any_table, {"gender_recognition": 1}),
}  # fmt: skip
