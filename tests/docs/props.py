"""What a page takes for given: a corpus, folders of audio, answers, ids, a server with a model.

A block names what it needs behind its language: ```` ```bash given: corpus, speech ````.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

import audioflan_tasks as af
from audioflan_tasks.audio.write import write
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.demo import demo_root
from tests.evaluation.server import serving

__all__ = ["PROPS", "Stage"]

_TASKS = ("key_detection", "automatic_speech_recognition", "denoising", "text_to_speech")
_RECORDS = 4  # of each task and split
_SUFFIXES = (".flac", ".ogg", ".opus", ".wav")


class Stage:
    """The folder in which a page runs, and what has to be ended when it is through."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, exits: ExitStack) -> None:
        self.folder, self.monkeypatch, self.exits = folder, monkeypatch, exits
        self._props: set[str] = set()

    def place(self, name: str) -> None:
        """Makes one of `PROPS`, unless a block before had it made."""
        if name not in self._props:
            self._props.add(name)
            PROPS[name](self)


def _corpus(stage: Stage) -> None:
    """Records of four tasks, with their audio, as a folder of JSONL and WAV."""
    demo, folder = Corpus(demo_root()), stage.folder / "corpus"
    folder.mkdir()
    with (folder / "records.jsonl").open("w", encoding="utf-8") as file:
        for task in _TASKS:
            for split in ("train", "test"):
                for row in range(_RECORDS):
                    instance = demo.instance(f"audioflan_{task}", split, row)
                    record = instance.record()
                    for audio_id in instance.audio_ids:
                        path = folder / "audio_files" / f"{audio_id}.wav"
                        write(path, demo.audio(audio_id, 16_000, instance), 16_000)
                    file.write(json.dumps(record, ensure_ascii=False) + "\n")


def _sounds(folder: str, pattern: str) -> Callable[[Stage], None]:
    def place(stage: Stage) -> None:
        (stage.folder / folder).mkdir()
        files = sorted(f for f in demo_root().glob(pattern) if f.suffix in _SUFFIXES)
        for file in islice(files, 3):
            shutil.copy(file, stage.folder / folder)

    return place


def _wavs(stage: Stage) -> None:
    """Twenty WAV files with what is said in them, as a table."""
    demo, folder = Corpus(demo_root()), stage.folder / "wavs"
    lines = ["file,text"]
    for row in range(20):
        instance = demo.instance("audioflan_automatic_speech_recognition", "train", row)
        name = f"{row:02d}.wav"
        write(folder / name, demo.audio(instance.audio_ids[0], 16_000, instance), 16_000)
        lines.append(f'{name},"{instance.output}"')
    (folder / "transcripts.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _mmsu(stage: Stage) -> None:
    """Items of a benchmark with options, and their clips."""
    demo, folder = Corpus(demo_root()), stage.folder / "MMSU"
    lines = []
    for row in range(4):
        instance = demo.instance("audioflan_gender_recognition", "test", row)
        write(folder / f"{row}.wav", demo.audio(instance.audio_ids[0], 16_000, instance), 16_000)
        item = {"id": f"g{row}", "question": "Who speaks?", "choice_a": "female",
                "choice_b": "male", "answer_gt": instance.output.lower(),
                "task_name": "gender_prediction", "audio_path": f"{row}.wav"}  # fmt: skip
        lines.append(json.dumps(item) + "\n")
    (folder / "items.jsonl").write_text("".join(lines), encoding="utf-8")


def _text(stage: Stage) -> None:
    """Lines of text only, as instruction sets have them."""
    line = {"instruction": "Name the capital.", "input": "France", "output": "Paris"}
    text = "".join(json.dumps(line) + "\n" for _ in range(4))
    (stage.folder / "text.jsonl").write_text(text, encoding="utf-8")


def _answers(stage: Stage) -> None:
    """Answers to the test questions of key_detection, as a model writes them."""
    demo = Corpus(demo_root())
    lines = (
        {"reference": demo.instance("audioflan_key_detection", "test", row).output,
         "prediction": "I think it is C major."}
        for row in range(8)
    )  # fmt: skip
    text = "".join(json.dumps(line) + "\n" for line in lines)
    (stage.folder / "answers.jsonl").write_text(text, encoding="utf-8")


def _ids(stage: Stage) -> None:
    """The target ids of an example whose answer is audio."""
    batch = next(af.batches("denoising", batch_size=1, seed=1))
    np.save(stage.folder / "ids.npy", batch["targets"][0])


def _server(stage: Stage) -> None:
    """A chat server whose model hears something, but not keys, at OPENAI_BASE_URL."""

    def answer(text: str, sounds: list[np.ndarray]) -> str:
        peak = int(np.argmax(np.abs(sounds[0]))) if sounds else 0
        return f"{'CDEFGAB'[peak % 7]} major"

    server = stage.exits.enter_context(serving(answer))
    stage.monkeypatch.setenv("OPENAI_BASE_URL", server.url)


PROPS: Mapping[str, Callable[[Stage], None]] = {
    "corpus": _corpus,
    "speech": _sounds("speech", "audio_files/*/01_Asterisk_EN/*"),
    "noise": _sounds("noise", "audio_files/*/08_OpenSFX_Noise/*"),
    "events": _sounds("events", "audio_files/*/61_OpenSFX/*"),
    "answers.jsonl": _answers,
    "ids.npy": _ids,
    "OPENAI_BASE_URL": _server,
    "text.jsonl": _text,
    "wavs": _wavs,
    "MMSU": _mmsu,
}
