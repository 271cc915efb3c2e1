"""Other libraries' readers, and ours beside them: the same facts, but for the differences named."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from audioflan_tasks.corpus import Corpus
from audioflan_tasks.errors import (
    MissingExtraError,
    RecordError,
    SettingsError,
    UnknownNameError,
)
from audioflan_tasks.recipes import Recording, cards, known_corpus
from audioflan_tasks.recipes.corpora import READERS, CorpusReader
from audioflan_tasks.recipes.loaders import LOADERS, loader_reader
from tests.recipes.corpora.files import lines
from tests.recipes.corpora.speech_trees import textgrid
from tests.recipes.corpora.trees import TREES

PAIRS = [(library, corpus) for library in LOADERS for corpus in LOADERS[library]]
# What a library does not tell of some clips, or of any.
ABSENT: Mapping[str, set[str]] = {
    "AISHELL-1": {"gender"},
    "AISHELL-2": {"gender"},
    "AISHELL-3": {"phones", "phone_set"},
    "FLEURS": {"translation", "translation_language"},
    "Fluent Speech Commands": {"speaker", "gender"},
    "Hi-Fi TTS": {"piece"},
    "KeSpeech": {"gender", "age", "style"},
    "LibriTTS-R": {"piece"},
    "LJSpeech": {"speaker", "piece"},
    "MLS": {"piece"},
    "MTG-Jamendo": {"genres", "instruments"},
}
# What it tells in another way: ours as the library has it.
CHANGED: Mapping[tuple[str, str], Callable[[Any], Any]] = {
    ("AISHELL-2", "text"): str.upper,
    ("aidatatang_200zh", "text"): str.upper,
    ("CompMusic", "caption"): lambda text: re.sub(r" The kalai of this .*\.", "", text),
    ("Hi-Fi TTS", "speaker"): {"92": "Cori Samuel", "9017": "John Van Stan"}.get,
    ("MTG-Jamendo", "tags"): lambda tags: tuple(tag for tag in tags if tag in ("calm", "dark")),
}
# Clips without a transcript.
LEFT_OUT = {"VCTK": {"p225_003"}}
NOT_COMPARED = {"place", "data", "seconds"}


def _alimeeting(root: Path) -> None:
    """Its tree with the eight channels of the far microphones, and turns that are in order."""
    TREES["AliMeeting"](root)
    for audio in root.rglob("*.wav"):
        samples, rate = soundfile.read(audio)
        soundfile.write(audio, np.tile(samples[:, None], 8), rate)
        grid = textgrid(
            ("R0001_M0001_F_SPK0093", ((0.0, 0.4, "你好"), (0.4, 1.0, ""))),
            ("M_SPK0094", ((0.3, 0.7, "一"), (0.8, 1.0, "二"))), end=1.0,
        )  # fmt: skip
        name = audio.stem.rpartition("_")[0]
        lines(audio.parents[1], f"textgrid_dir/{name}.TextGrid", grid)


def _compmusic(root: Path) -> None:
    """Its tree with a workbook as Office writes it, with all columns."""
    openpyxl = pytest.importorskip("openpyxl")
    TREES["CompMusic"](root)
    book = openpyxl.Workbook()
    book.active.title = "Carnatic"
    names = ("UID", "MBID", "Name", "Artist", "Release", "Lead Instrument Code", "Taala", "Raaga",
             "Kalai", "Edupu", "Start", "End", "Beats", "Samas")  # fmt: skip
    book.active.append(names)
    book.active.append(
        (10003, "5769", "Visvanatham", "Singer", "Album", "V", "khandaChapu", "atana", 1, 0, 0,
         120, 240, 30)
    )  # fmt: skip
    book.save(root / "CMR_full_dataset_1.0" / "CMRfullDataset.xlsx")


def _nsynth(root: Path) -> None:
    """What TFDS prepares of the tree: its own features, in its own files."""
    tfds = pytest.importorskip("tensorflow_datasets")
    TREES["NSynth"](root / "raw")
    clips = [*READERS["NSynth"].recordings(root / "raw")]
    features = tfds.features.FeaturesDict({
        "id": np.str_,
        "audio": tfds.features.Audio(shape=(16_000,), dtype=np.float32, sample_rate=16_000),
        "pitch": tfds.features.ClassLabel(num_classes=128),
        "instrument": {
            "label": tfds.features.ClassLabel(names=sorted({clip.piece for clip in clips})),
            "family": tfds.features.ClassLabel(names=["guitar", "synth_lead"]),
        },
    })  # fmt: skip
    folder = root / "nsynth" / "full" / "2.3.3"
    identity = tfds.core.dataset_info.DatasetIdentity(
        name="nsynth", version=tfds.core.Version("2.3.3"), data_dir=str(folder),
        module_name="tests", config_name="full",
    )  # fmt: skip
    folder.mkdir(parents=True)
    writer = tfds.core.SequentialWriter(
        tfds.core.DatasetInfo(builder=identity, features=features), max_examples_per_shard=2
    )
    parts = {"train": "train", "validation": "valid", "test": "test"}
    writer.initialize_splits([*parts.values()])
    for clip in clips:
        samples, _ = soundfile.read(root / "raw" / clip.audio, dtype="float32")
        note = {
            "id": clip.id, "audio": samples, "pitch": int(clip.note),
            "instrument": {
                "label": clip.piece, "family": clip.instruments[0].replace(" ", "_"),
            },
        }  # fmt: skip
        writer.add_examples({parts[str(clip.split)]: [note]})
    writer.close_all()


OWN_TREES: Mapping[str, Callable[[Path], None]] = {
    "AliMeeting": _alimeeting, "CompMusic": _compmusic, "NSynth": _nsynth,
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("library", "corpus"), PAIRS)
def test_they_tell_what_our_own_reader_tells(library: str, corpus: str, tmp_path: Path) -> None:
    reader = loader(library, corpus)
    OWN_TREES.get(corpus, TREES[corpus])(tmp_path)
    own_root = tmp_path / "raw" if library == "tfds" else tmp_path
    ours = {each.id: each for each in READERS[corpus].recordings(own_root)}
    theirs = {each.id: each for each in reader.recordings(tmp_path)}
    assert ours.keys() - theirs.keys() == LEFT_OUT.get(corpus, set())
    assert theirs.keys() <= ours.keys()
    absent = ABSENT.get(corpus, set())
    not_compared = NOT_COMPARED | ({"audio"} if library == "tfds" else set())
    for name, clip in theirs.items():
        for fact in {each.name for each in fields(Recording)} - not_compared:
            value = CHANGED.get((corpus, fact), lambda value: value)(getattr(ours[name], fact))
            other = getattr(clip, fact)
            assert other == value or (fact in absent and not other), (name, fact)
        if clip.data is not None:
            own_file = own_root / ours[name].audio
            assert np.array_equal(pcm(io.BytesIO(clip.data)), pcm(own_file))
    for fact in absent:
        assert any(getattr(theirs[name], fact) != getattr(ours[name], fact) for name in theirs)


def pcm(file: Path | io.BytesIO) -> NDArray[np.int16]:
    samples: NDArray[np.int16] = soundfile.read(file, dtype="int16")[0]
    return samples


def loader(library: str, corpus: str) -> CorpusReader:
    try:
        return loader_reader(corpus, library)
    except MissingExtraError as error:
        pytest.skip(str(error))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("library", "corpus"),
    [("lhotse", "LJSpeech"), ("mirdata", "GiantSteps Key"), ("tfds", "NSynth")],
)
def test_they_become_corpora(library: str, corpus: str, tmp_path: Path) -> None:
    loader(library, corpus)
    OWN_TREES.get(corpus, TREES[corpus])(tmp_path / "in")
    counts = known_corpus(corpus, tmp_path / "in", loader=library).write(tmp_path / "out")
    own = known_corpus(corpus, tmp_path / "in" / ("raw" if library == "tfds" else ""))
    own_counts = own.write(tmp_path / "own")
    assert (counts.clips, counts.records.total()) == (
        own_counts.clips,
        own_counts.records.total(),
    )
    (task, split), count = next(iter(counts.records.items()))
    instances = [*Corpus(tmp_path / "out").instances(task, split)]
    assert len(instances) == count
    samples = Corpus(tmp_path / "out").audio(instances[0].audio_ids[0], 16_000, instances[0])
    assert len(samples) == 16_000


def test_cards_say_which_library_reads_a_corpus() -> None:
    assert {name: card.loader for name, card in cards().items() if card.loader} == {
        corpus: library for library, corpus in PAIRS
    }


def test_what_cannot_be_loaded_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UnknownNameError, match=r"lhotze.*did you mean lhotse"):
        known_corpus("LJSpeech", tmp_path, loader="lhotze")
    with pytest.raises(SettingsError, match="ESD: lhotse does not read it; it reads AISHELL-1"):
        known_corpus("ESD", tmp_path, loader="lhotse")
    monkeypatch.setattr("audioflan_tasks.recipes.loaders.find_spec", lambda _: None)
    with pytest.raises(MissingExtraError, match=r"pip install 'audioflan_tasks\[recipes\]'"):
        known_corpus("LJSpeech", tmp_path, loader="lhotse")
    with pytest.raises(RecordError, match=r"no LJSpeech; nothing matches metadata\.csv"):
        [*LOADERS["lhotse"]["LJSpeech"].recordings(tmp_path)]


@pytest.mark.slow
def test_a_recipe_that_stops_is_an_error_of_ours(tmp_path: Path) -> None:
    pytest.importorskip("lhotse")
    TREES["MLS"](tmp_path)
    (tmp_path / "mls_german" / "dev" / "transcripts.txt").unlink()
    with pytest.raises(RecordError, match=r"lhotse's recipe mls stopped .*dev/transcripts\.txt"):
        [*loader_reader("MLS", "lhotse").recordings(tmp_path)]


@pytest.mark.slow
def test_a_module_that_stops_is_an_error_of_ours(tmp_path: Path) -> None:
    pytest.importorskip("mirdata")
    TREES["MTG-Jamendo"](tmp_path)
    (tmp_path / "data" / "splits" / "split-4" / "autotagging_moodtheme-test.tsv").unlink()
    with pytest.raises(RecordError, match=r"mirdata's module mtg_jamendo.* stopped .*mood"):
        [*loader_reader("MTG-Jamendo", "mirdata").recordings(tmp_path)]
