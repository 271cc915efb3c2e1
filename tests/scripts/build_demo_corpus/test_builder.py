"""The corpus builder: what it refuses, that bytes repeat, and how it names differences."""

from __future__ import annotations

import importlib
import importlib.util
import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import soundfile

SCRIPTS = Path(__file__).parents[3] / "scripts" / "build_demo_corpus"
RATE = 16000
# A package of a test: nothing is fetched.
SOURCE = ("package", "1.0", "member.wav", "0" * 64, "title", "author")


@pytest.fixture
def common(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The builder's module; its folder leaves the path again, as its names are plain."""
    monkeypatch.syspath_prepend(str(SCRIPTS))
    yield importlib.import_module("common")
    for name in ("common", "encode"):
        sys.modules.pop(name, None)


@pytest.fixture
def main(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The command's module under a name of its own."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    spec = importlib.util.spec_from_file_location("builder_main", SCRIPTS / "__main__.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def tone(seconds: float = 0.5, hertz: float = 440.0, rate: int = RATE) -> np.ndarray:
    time = np.arange(round(seconds * rate)) / rate
    return (0.5 * np.sin(2 * np.pi * hertz * time)).astype(np.float32)


def builder_of(common: ModuleType, out: Path) -> Any:
    builder = common.Builder("audio", out)
    builder.folder("61_Tones", "CC0 1.0", "licence", "credits")
    for split in common.SPLITS:
        builder.clip("61_Tones", split, tone(), RATE, split, common.Source(*SOURCE))
    return builder


def ask(common: ModuleType, builder: Any, split: str, audio_id: str) -> None:
    builder.record(
        "sound_event_recognition", split, "What is this?", [common.span(audio_id)], "tone",
        grade="S", source="test",
    )  # fmt: skip


def test_a_record_of_another_splits_clip_is_refused(common: ModuleType, tmp_path: Path) -> None:
    builder = builder_of(common, tmp_path)
    with pytest.raises(ValueError, match=r"sound_event_recognition test: .*61_Tones_train"):
        ask(common, builder, "test", "61_Tones_train")
    ask(common, builder, "train", "61_Tones_train")
    assert len(builder.records) == 1


def test_the_split_is_traced_through_simulations(common: ModuleType, tmp_path: Path) -> None:
    builder = builder_of(common, tmp_path)
    mixed, _ = builder.simulated(
        "61_Tones_sim_mix", "mix", ["61_Tones_train", "61_Tones_dev"], {"levels_db": [0.0, -3.0]}
    )
    louder, _ = builder.simulated("61_Tones_sim_loud", "gain", [mixed], {"gain_db": 1.0})
    assert builder.roots(louder) == {"61_Tones_train", "61_Tones_dev"}
    with pytest.raises(ValueError, match="61_Tones_dev"):
        ask(common, builder, "train", louder)


@pytest.mark.parametrize("stem", ["with space", "a/b", "ümlaut", "<|EOA|>"])
def test_unsafe_ids_are_refused(common: ModuleType, tmp_path: Path, stem: str) -> None:
    builder = builder_of(common, tmp_path)
    with pytest.raises(ValueError, match="unsafe or repeated"):
        builder.clip("61_Tones", stem, tone(), RATE, "train", common.Source(*SOURCE))


def test_repeated_ids_and_recipes_are_refused(common: ModuleType, tmp_path: Path) -> None:
    builder = builder_of(common, tmp_path)
    with pytest.raises(ValueError, match="unsafe or repeated audio id '61_Tones_dev'"):
        builder.clip("61_Tones", "dev", tone(), RATE, "dev", common.Source(*SOURCE))
    once = builder.simulated("61_Tones_sim_x", "gain", ["61_Tones_dev"], {"gain_db": -1.0})
    again = builder.simulated("61_Tones_sim_x", "gain", ["61_Tones_dev"], {"gain_db": -1.0})
    assert once == again
    with pytest.raises(ValueError, match="two recipes"):
        builder.simulated("61_Tones_sim_x", "gain", ["61_Tones_dev"], {"gain_db": -2.0})
    with pytest.raises(ValueError, match="two recipes"):
        builder.simulated("61_Tones_sim_x", "gain", ["61_Tones_dev"], {"gain_db": -1.0}, 8000)


@pytest.mark.parametrize(
    "samples", [np.zeros(0, np.float32), np.full(9, np.nan, np.float32), np.zeros((9, 2))]
)
def test_clips_that_are_no_mono_sound_are_refused(
    common: ModuleType, tmp_path: Path, samples: np.ndarray
) -> None:
    builder = builder_of(common, tmp_path)
    with pytest.raises(ValueError, match="mono, finite and not empty"):
        builder.clip("61_Tones", "bad", samples, RATE, "train", common.Source(*SOURCE))


def test_a_record_without_audio_is_refused(common: ModuleType, tmp_path: Path) -> None:
    builder = builder_of(common, tmp_path)
    with pytest.raises(ValueError, match="without audio"):
        builder.record(
            "audio_caption", "train", "Describe.", ["no span"], "text", grade="R", source="x"
        )


def test_tasks_below_the_floor_are_named(common: ModuleType, tmp_path: Path) -> None:
    builder = builder_of(common, tmp_path)
    ask(common, builder, "test", "61_Tones_test")
    with pytest.raises(ValueError) as error:
        builder.finish()
    lines = str(error.value).splitlines()
    assert "sound_event_recognition test: 1 < 4" in lines
    assert "sound_event_recognition train: 0 < 12" in lines
    assert not (tmp_path / "metadata").exists()


def test_finish_writes_only_recipes_that_records_need(
    common: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(common, "FLOOR", dict.fromkeys(common.SPLITS, 0))
    builder = builder_of(common, tmp_path)
    for name in ("used", "unused"):
        builder.simulated(f"61_Tones_sim_{name}", "gain", ["61_Tones_dev"], {"gain_db": -1.0})
    builder.simulated("61_Tones_sim_top", "gain", ["61_Tones_sim_used"], {"gain_db": -1.0})
    ask(common, builder, "dev", "61_Tones_sim_top")
    builder.finish()
    recipes = (tmp_path / "simulated" / "audio.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(r)["id"] for r in recipes] == ["61_Tones_sim_top", "61_Tones_sim_used"]
    (path,) = (tmp_path / "metadata").rglob("*.jsonl")
    assert path.relative_to(tmp_path).parts == (
        "metadata", "audio", "understanding", "train_dev", "61_Tones", "jsonl",
        "sound_event_recognition.jsonl",
    )  # fmt: skip
    scp = (tmp_path / "scp_files" / "audio" / "61_Tones.scp").read_text("utf-8").split("\n")
    assert scp[0] == "61_Tones_dev audio_files/audio/61_Tones/dev.flac"
    header, *rows = (
        (tmp_path / "audio_files/audio/61_Tones/SOURCE.tsv").read_text("utf-8").splitlines()
    )
    assert len(rows) == 3 and all(len(r.split("\t")) == len(header.split("\t")) for r in rows)


@pytest.mark.parametrize("rate", [8000, 16000, 24000])
def test_opus_bytes_repeat_and_still_decode(common: ModuleType, tmp_path: Path, rate: int) -> None:
    files = []
    for turn in ("one", "two"):
        builder = builder_of(common, tmp_path / turn)
        builder.clip(
            "61_Tones", "opus", tone(1.0, rate=rate), rate, "train", common.Source(*SOURCE),
            codec="opus",
        )  # fmt: skip
        files.append((tmp_path / turn / "audio_files/audio/61_Tones/opus.opus").read_bytes())
    assert files[0] == files[1]
    back, found = soundfile.read(io.BytesIO(files[0]))
    assert (found, len(back)) == (rate, rate)
    spectrum = np.abs(np.fft.rfft(back))
    # One second of sound: the bin number is the frequency.
    assert abs(int(np.argmax(spectrum)) - 440) <= 1
    # The codec keeps a tone's level; 1 dB is far below the effect of any lost page.
    assert 20 * np.log10(np.sqrt(2) * back[rate // 4 :].std() / 0.5) == pytest.approx(0, abs=1)


def test_ogg_pages_have_one_serial_and_a_true_checksum(common: ModuleType) -> None:
    data = common.encoded(tone(2.0), RATE, "opus")
    at = pages = 0
    while at < len(data):
        count = data[at + 26]
        size = 27 + count + sum(data[at + 27 : at + 27 + count])
        page = bytearray(data[at : at + size])
        assert page[:4] == b"OggS" and page[14:18] == b"\1\0\0\0"
        said = int.from_bytes(page[22:26], "little")
        page[22:26] = bytes(4)
        # Bit by bit and independent of the builder's table: polynomial of RFC 3533, section 6.
        crc = 0
        for byte in page:
            crc ^= byte << 24
            for _ in range(8):
                crc = (crc << 1 ^ 0x04C11DB7 if crc & 0x80000000 else crc << 1) & 0xFFFFFFFF
        assert crc == said
        at, pages = at + size, pages + 1
    assert at == len(data) and pages >= 3


def test_flac_keeps_16_bit_samples(common: ModuleType, tmp_path: Path) -> None:
    builder = builder_of(common, tmp_path)
    path = tmp_path / "audio_files/audio/61_Tones/train.flac"
    back, rate = soundfile.read(path, dtype="float32")
    assert rate == RATE and np.abs(back - tone()).max() <= 0.51 / 32768
    assert np.array_equal(builder.samples("61_Tones_train", RATE), back)


def test_compare_names_what_differs(main: ModuleType, tmp_path: Path) -> None:
    made, kept = tmp_path / "made", tmp_path / "kept"
    for root in (made, kept):
        for name in ("audio_files/audio/61_T/a.flac", "metadata/audio/m.jsonl",
                     "scp_files/audio/61_T.scp", "simulated/audio.jsonl",
                     "metadata/music/other.jsonl"):  # fmt: skip
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text("same", encoding="utf-8")
    assert main.compare(made, kept, ["audio"]) == []
    (made / "audio_files/audio/61_T/a.flac").write_text("othr", encoding="utf-8")
    (made / "metadata/audio/new.jsonl").write_text("", encoding="utf-8")
    (kept / "scp_files/audio/62_T.scp").write_text("", encoding="utf-8")
    (kept / "simulated/audio.jsonl").unlink()
    # Another domain's difference is not asked for.
    (made / "metadata/music/other.jsonl").write_text("x", encoding="utf-8")
    assert main.compare(made, kept, ["audio"]) == [
        "differs: audio_files/audio/61_T/a.flac",
        "only built: metadata/audio/new.jsonl",
        "only built: simulated/audio.jsonl",
        "only kept: scp_files/audio/62_T.scp",
    ]
