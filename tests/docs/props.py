"""What a page takes for given: a corpus, folders of audio, answers, ids, a server with a model.

A block names what it needs behind its language: ```` ```bash given: corpus, speech ````.
"""

from __future__ import annotations

import gzip
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
_FEW = 4  # clips of a corpus in a format of others
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


def _transcripts(folder: Path, count: int) -> dict[str, str]:
    """Writes WAV files; what is said in each, by its name."""
    demo, texts = Corpus(demo_root()), {}
    for row in range(count):
        instance = demo.instance("audioflan_automatic_speech_recognition", "train", row)
        name = f"{row:02d}.wav"
        write(folder / name, demo.audio(instance.audio_ids[0], 16_000, instance), 16_000)
        texts[name] = instance.output
    return texts


def _table(folder_name: str, file_name: str, head: str, count: int) -> Callable[[Stage], None]:
    """A table of WAV files and what is said in them."""

    def place(stage: Stage) -> None:
        folder = stage.folder / folder_name
        rows = [f'{name},"{text}"\n' for name, text in _transcripts(folder, count).items()]
        (folder / file_name).write_text("".join([head, *rows]), encoding="utf-8")

    return place


def _kaldi(stage: Stage) -> None:
    """A data folder of Kaldi, with paths from the folder around it."""
    folder = stage.folder / "kaldi"
    texts = _transcripts(folder / "wav", _FEW)
    lists = {
        "wav.scp": [f"utt{n} wav/{name}\n" for n, name in enumerate(texts)],
        "text": [f"utt{n} {text}\n" for n, text in enumerate(texts.values())],
        "utt2spk": [f"utt{n} speaker{n % 2}\n" for n in range(_FEW)],
    }
    for name, lines in lists.items():
        (folder / name).write_text("".join(lines), encoding="utf-8")


def _json_lines(folder: str, file: str, row: Callable[[str, str], object]) -> Callable[..., None]:
    """WAV files with a line of JSON for each, which `row` makes of its name and its text."""

    def place(stage: Stage) -> None:
        texts = _transcripts(stage.folder / folder, _FEW)
        lines = "".join(json.dumps(row(*item)) + "\n" for item in texts.items())
        data = lines.encode()
        path = stage.folder / folder / file
        path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)

    return place


def _cut(name: str, text: str) -> object:
    """A cut as lhotse writes it."""
    seconds = 1.0
    source = {"type": "file", "channels": [0], "source": name}
    recording = {"id": f"rec-{name}", "sources": [source], "sampling_rate": 16000,
                 "num_samples": 16000, "duration": seconds}  # fmt: skip
    supervision = {"id": f"sup-{name}", "recording_id": f"rec-{name}", "start": 0.0,
                   "duration": seconds, "channel": 0, "text": text}  # fmt: skip
    return {"id": f"cut-{name}", "start": 0.0, "duration": seconds, "channel": 0,
            "supervisions": [supervision], "recording": recording, "type": "MonoCut"}  # fmt: skip


def _chat(name: str, text: str) -> object:
    """A conversation as ms-swift has it."""
    question = {"role": "user", "content": "<audio>What is said?"}
    return {"messages": [question, {"role": "assistant", "content": text}], "audios": [name]}


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
    "wavs": _table("wavs", "transcripts.csv", "file,text\n", 20),
    "hub": _table("hub", "metadata.csv", "file_name,transcription\n", _FEW),
    "kaldi": _kaldi,
    "cuts": _json_lines("cuts", "cuts.jsonl.gz", _cut),
    "chats": _json_lines("chats", "chats.jsonl", _chat),
    "MMSU": _mmsu,
}
