"""A disk that is full ends a command in a line that names the file; what was there stays."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.audio_faults import whole_files
from tests.cli.conftest import End
from tests.conftest import SmallDisk
from tests.record_faults import good_lines, write_corpus

ROOM = 3000
# What each writes is more than that.
COMMANDS = {
    "score": ("score", "ANSWERS", "--task", "key_detection", "--out", "OUT/x.jsonl"),
    "stats": ("stats", "CORPUS", "--html", "OUT/x.html"),
    "questions": (
        "questions", "gender_recognition", "--root", "LOUD", "--split", "train",
        "--out", "OUT/x.jsonl",
    ),
    "import": (
        "import", "csv", "CLIPS", "--out", "OUT", "--language", "English",
        "--tasks", "automatic_speech_recognition",
    ),
    "evaluate": (
        "evaluate", "random", "gender_recognition", "--root", "CORPUS", "--split", "train",
        "--baselines", "", "--proof-of-hearing", "0", "--out", "OUT",
    ),
}  # fmt: skip


@pytest.fixture
def inputs(tmp_path: Path) -> dict[str, Path]:
    """What the commands read, by the words for it above."""
    answer = json.dumps({"response": "C major", "reference": "C major"})
    (tmp_path / "answers.jsonl").write_text(f"{answer}\n" * 100)
    (tmp_path / "clips").mkdir()
    (tmp_path / "clips" / "a.wav").write_bytes(whole_files()["WAV_PCM_16.wav"])
    (tmp_path / "clips" / "t.csv").write_text("file,text\na.wav,words\n")
    loud = write_corpus(tmp_path / "loud", good_lines(24))
    for clip in loud.glob("*.wav"):
        clip.write_bytes(whole_files()["WAV_PCM_16.wav"])
    return {
        "ANSWERS": tmp_path / "answers.jsonl", "CLIPS": tmp_path / "clips", "LOUD": loud,
        "CORPUS": write_corpus(tmp_path / "corpus", good_lines(60)), "OUT": tmp_path / "out",
    }  # fmt: skip


def in_words(word: str, places: dict[str, Path]) -> str:
    head, _, tail = word.partition("/")
    return str(places[head] / tail) if head in places else word


@pytest.mark.slow
@pytest.mark.parametrize("name", COMMANDS)
def test_the_file_is_named(
    end: End, inputs: dict[str, Path], small_disk: SmallDisk, name: str
) -> None:
    (out := inputs["OUT"]).mkdir()
    (out / "x.html").write_text("before")
    words = [in_words(word, inputs) for word in COMMANDS[name]]
    with small_disk(ROOM):
        status, printed, errors = end(*words)
    assert status == 2 and "wrote" not in printed
    last = errors.splitlines()[-1]
    assert last.startswith(f"audioflan: {out}") and last.endswith("written (File too large)")
    assert (out / "x.html").read_text() == "before"
    assert not [path for path in out.rglob("*") if path.suffix in (".part", ".tmp")]
