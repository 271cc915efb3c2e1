"""A second family of tasks beside the first: another corpus, tokenizer, vocabulary, language."""

from __future__ import annotations

import itertools
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import seqio
from numpy.typing import NDArray

import audioflan_tasks as af
from audioflan_tasks.catalogue import PREFIX
from audioflan_tasks.errors import SettingsError
from audioflan_tasks.seqio_tasks import register as registration
from audioflan_tasks.seqio_tasks.mixture import AudioFlanMixture
from audioflan_tasks.tokens import registry
from tests.conftest import Loudness

CLIP = Path(__file__).parents[1] / "data" / "librivox_0870.flac"
ASR = "automatic_speech_recognition"


class Turned(Loudness):
    """The codes of `Loudness` in the other order, of other codebooks."""

    name, fingerprint = "turned", "turned-v1"
    codebook_sizes = (64, 80)

    def encode(self, waveform: NDArray[np.float32]) -> NDArray[np.uint16]:
        return super().encode(waveform)[:, ::-1]


@pytest.fixture(autouse=True)
def _quick(quick_tokens: None) -> None:
    """For every test of this file."""
    if "turned" not in registry.tokenizer_names():
        registry.register_tokenizer("turned", Turned)


def corpus_of(folder: Path, uuids: str) -> af.Corpus:
    """A folder of JSONL with one clip and a record for each letter."""
    folder.mkdir(exist_ok=True)
    shutil.copy(CLIP, folder / "reading.flac")
    record: dict[str, Any] = {
        "instruction": "Write down the words.", "input": "<|SOA|>reading<|EOA|>", "output": "yes",
        "domain": "speech", "split": ["train"], "audio_path": "reading.flac",
        "task_type": {"minor": ["Automatic Speech Recognition"]},
    }  # fmt: skip
    lines = [json.dumps({**record, "uuid": letter}) for letter in uuids]
    (folder / "asr.jsonl").write_text("\n".join(lines) + "\n")
    return af.Corpus(folder)


@pytest.fixture
def clean_registry(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What a test registers goes with it."""
    for providers in (seqio.TaskRegistry, seqio.MixtureRegistry):
        monkeypatch.setattr(providers, "_REGISTRY", dict(providers._REGISTRY))
    monkeypatch.setattr(registration, "_families", dict(registration._families))
    yield


@pytest.mark.slow
@pytest.mark.usefixtures("clean_registry")
def test_two_families_take_turns_in_one_process(tmp_path: Path) -> None:
    corpus = corpus_of(tmp_path / "mine", "abcd")
    options = af.ExampleOptions(tokenizer="turned", text="bytes", languages="zh")
    names = af.register("mine_", corpus=corpus, options=options)
    ours = [name for name in seqio.TaskRegistry.names() if name.startswith(PREFIX)]
    mixtures = [
        name
        for name, provider in seqio.MixtureRegistry._REGISTRY.items()
        if name.startswith(PREFIX) and isinstance(provider, AudioFlanMixture)
    ]
    assert {*names} >= {"mine_" + name.removeprefix(PREFIX) for name in (*ours, "audioflan_all")}
    assert len(names) <= len(ours) + len(mixtures)
    mine, first = (seqio.get_mixture_or_task(prefix + ASR) for prefix in ("mine_", PREFIX))
    assert mine.preprocessors != first.preprocessors
    assert str(mine.preprocessors) == str(first.preprocessors)
    runs = [
        iter(task.get_dataset(split="train", seed=4, num_epochs=None, engine=engine)
             .as_numpy_iterator())
        for task, engine in ((mine, None), (first, None), (mine, "seqio"), (first, "seqio"))
    ]  # fmt: skip
    for examples in itertools.islice(zip(*runs, strict=True), 6):
        one, other, one_written, other_written = examples
        assert one["uuid"] in (b"a", b"b", b"c", b"d")
        assert other["uuid"] not in (b"a", b"b", b"c", b"d")
        assert b"/zh/" in one["template"]
        assert b"/zh/" not in other["template"]
        for written, example in ((one_written, one), (other_written, other)):
            assert np.array_equal(written["inputs"], example["inputs"])
        assert one["task"] == other["task"] == f"audioflan_{ASR}".encode()
    vocabularies = [task.output_features["inputs"].vocabulary for task in (mine, first)]
    assert vocabularies[0] != vocabularies[1]


@pytest.mark.slow
@pytest.mark.usefixtures("clean_registry")
def test_a_family_has_mixtures_of_its_own(tmp_path: Path) -> None:
    corpus = corpus_of(tmp_path / "mine", "abc")
    af.register("mine_", corpus=corpus)
    mixed = seqio.get_mixture_or_task("mine_speech")
    assert {task.name.removeprefix("mine_") for task in mixed.tasks} >= {ASR, "denoising"}
    (epoch,) = [list(mixed.get_dataset(num_epochs=1, seed=2).as_numpy_iterator())]
    assert sorted(example["uuid"] for example in epoch) == [b"a", b"b", b"c"]
    two = af.mixture(weights={ASR: 1, "denoising": 1}).register("mine_two", prefix="mine_")
    (example,) = two.get_dataset(seed=1).take(1).as_numpy_iterator()
    assert example["uuid"] in (b"a", b"b", b"c")
    assert two.rates("train")[f"mine_{ASR}"] > 0
    with pytest.raises(SettingsError, match=r"no family of tasks has it; there are .*mine_"):
        af.mixture("music").register("x", prefix="yours_")
    with pytest.raises(KeyError, match="did you mean mine_speech"):
        seqio.get_mixture_or_task("mine_speeches")


@pytest.mark.usefixtures("clean_registry")
def test_a_family_is_registered_once(tmp_path: Path) -> None:
    corpus = corpus_of(tmp_path / "mine", "a")
    assert af.register("mine_", corpus=corpus)
    assert af.register("mine_", corpus=corpus) == ()
    with pytest.raises(SettingsError, match="another corpus or options"):
        af.register("mine_", corpus=corpus_of(tmp_path / "other", "a"))
    for wrong in ("mine", "", "2_", "mi ne_", 3):
        with pytest.raises(SettingsError, match="such as 'mine_'"):
            af.register(wrong)  # type: ignore[arg-type]
    seqio.TaskRegistry.add_provider(
        "his_denoising",
        seqio.get_mixture_or_task("mine_denoising").replace(name="his_denoising"),
    )
    with pytest.raises(SettingsError, match="'his_denoising' is registered already"):
        af.register("his_", corpus=corpus)
