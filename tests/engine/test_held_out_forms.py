"""What is held out is in no form of batches, and a hold-out that cannot be is an error in one line.

Seen from the ids: the words of every example are decoded and looked through.
"""

from __future__ import annotations

import json
import pickle
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import seqio

import audioflan_tasks as af
from audioflan_tasks.config import settings
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.engine import Stream, batches
from audioflan_tasks.engine.adapters.grain_source import StepSource
from audioflan_tasks.engine.rows import filter_of
from audioflan_tasks.errors import AudioFlanError, MixtureError, SettingsError
from audioflan_tasks.foreign import registry as foreign_registry
from audioflan_tasks.mixtures import Mix, mixture
from audioflan_tasks.seqio_tasks import register as registration
from audioflan_tasks.seqio_tasks.mixture import AudioFlanMixture
from audioflan_tasks.store import build_store
from audioflan_tasks.tokens import vocabulary_of

CLIP = Path(__file__).parents[1] / "data" / "librivox_0870.flac"
NUMBERS = (
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve",
)  # fmt: skip
TASKS = ("automatic_speech_recognition", "text_to_speech")
# Of twelve sentences the ones that must not be seen: French, said to be unseen, or both.
FRENCH, FLAGGED = range(1, 12, 2), (4, 5)
HELD = {*FRENCH, *FLAGGED}


def sentence(number: int) -> str:
    return f"this is sentence {NUMBERS[number]} indeed"


def write_corpus(folder: Path, numbers: range = range(12)) -> Path:
    """Sentences that are recognised and spoken, each with a clip of its own."""
    folder.mkdir(exist_ok=True)
    lines = []
    for number in numbers:
        clip, text = f"<|SOA|>clip{number}<|EOA|>", sentence(number)
        shutil.copy(CLIP, folder / f"clip{number}.flac")
        for task, source, answer in zip(TASKS, (clip, text), (text, clip), strict=True):
            name = task.replace("_", " ").title().replace(" To ", " to ")
            lines.append({
                "instruction": "Do it.", "input": source, "output": answer,
                "uuid": f"{task}-{number}", "split": ["train"], "domain": "speech",
                "audio_path": f"clip{number}.flac",
                "task_type": {"minor": [name], "unseen": number in FLAGGED},
                "other": {"language": "French" if number in FRENCH else "English",
                          "speaker": [f"p{number % 3}"]},
            })  # fmt: skip
    text = "".join(json.dumps(line) + "\n" for line in lines)
    (folder / "records.jsonl").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_corpus(tmp_path_factory.mktemp("tree") / "corpus")


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two stores, each with a half of the sentences, of which the second repeats the first's."""
    folder = tmp_path_factory.mktemp("stores")
    paths = []
    for name, numbers in (("a", range(7)), ("b", range(3, 12))):
        build_store(write_corpus(folder / f"{name}_tree", numbers), folder / name, tokenizer=None)
        paths.append(folder / name)
    return paths


def words_of(ids: Any) -> str:
    vocabulary = vocabulary_of(settings.example_options())
    return " ".join(vocabulary.decode([i for i in np.ravel(ids).tolist() if i >= 0]).split())


def seen_in(texts: Iterator[str]) -> set[int]:
    """Numbers of the sentences that stand in texts."""
    pattern = re.compile(rf"this is sentence ({'|'.join(NUMBERS)})\b")
    return {NUMBERS.index(word) for text in texts for word in pattern.findall(text)}


def of_stream(stream: Stream) -> Iterator[str]:
    for made in stream.examples(np.arange(stream.total or 48)):
        if made.example is not None:
            yield words_of(made.example.inputs) + " " + words_of(made.example.targets)


def of_batches(mix: Mix, corpus: Corpus, **arguments: Any) -> Iterator[str]:
    for batch in batches(mix, corpus=corpus, batch_size=4, seed=1, num_epochs=1, **arguments):
        for name, array in batch.items():
            if name in ("inputs", "targets", "input_ids"):
                yield from map(words_of, array)


def of_seqio(mix: Mix, corpus: Corpus) -> Iterator[str]:
    """The mixture of a family with a prefix of its own, as tf.data."""
    af.register("doors_", corpus=corpus)
    made: AudioFlanMixture = mix.register(f"doors_{mix.fingerprint}", prefix="doors_")
    for example in made.get_dataset(split="train", seed=1, num_epochs=1).as_numpy_iterator():
        yield words_of(example["inputs"]) + " " + words_of(example["targets"])


def of_steps(mix: Mix, corpus: Corpus) -> Iterator[str]:
    """Grain's source, which other processes get as a pickle."""
    source = pickle.loads(pickle.dumps(StepSource(Stream(mix, corpus, seed=1, epochs=1))))
    for number in range(len(source)):
        example = source[number]
        if example is not None:
            yield words_of(example["inputs"]) + " " + words_of(example["targets"])


FORMS: dict[str, Callable[[Mix, Corpus], Iterator[str]]] = {
    "stream": lambda mix, corpus: of_stream(Stream(mix, corpus, seed=1, epochs=1)),
    "shots": lambda mix, corpus: of_stream(
        Stream(mix, corpus, seed=1, epochs=1,
               options=settings.example_options().replace(shots=3, inversion=0.5))
    ),
    "padded": of_batches,
    "packed": lambda mix, corpus: of_batches(mix, corpus, form="packed", pack_length=2000),
    "seqio": of_seqio,
    "steps": of_steps,
}  # fmt: skip


@pytest.fixture(autouse=True)
def _own_registries(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test registers goes with it."""
    for providers in (seqio.TaskRegistry, seqio.MixtureRegistry):
        monkeypatch.setattr(providers, "_REGISTRY", dict(providers._REGISTRY))
    monkeypatch.setattr(registration, "_families", dict(registration._families))
    monkeypatch.setattr(foreign_registry, "_text_tasks", {})


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
def test_no_form_of_batches_has_what_is_held_out(form: str, tree: Path) -> None:
    corpus = Corpus(tree)
    plain, held = mixture(*TASKS), af.hold_out(languages=["fr"]).training(*TASKS)
    plain_numbers, numbers = (seen_in(FORMS[form](mix, corpus)) for mix in (plain, held))
    assert set(FRENCH) & plain_numbers and not set(FLAGGED) & plain_numbers
    assert numbers and not numbers & HELD


@pytest.mark.slow
def test_nor_have_joined_stores_and_their_batches(stores: list[Path]) -> None:
    corpus = Corpus(stores)
    held = af.hold_out(languages=["fr"]).training(*TASKS)
    assert seen_in(FORMS["stream"](held, corpus)) == set(range(12)) - HELD
    assert seen_in(FORMS["padded"](held, corpus)) == set(range(12)) - HELD
    assert seen_in(FORMS["padded"](mixture(*TASKS), corpus)) == set(range(12)) - set(FLAGGED)


def test_a_text_task_says_no_held_out_sentence(tree: Path, tmp_path: Path) -> None:
    lines = [
        {"instruction": "Say it.", "output": sentence(number).upper() + "!"} for number in range(12)
    ]
    lines += [{"input": sentence(1), "output": "yes"}, {"output": "quite another sentence here"}]
    file = tmp_path / "text.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    af.text_task("words", file)
    mix = af.hold_out(languages=["fr"]).training(weights={"words": 1.0, TASKS[1]: 1.0})
    stream = Stream(mix, Corpus(tree), seed=1, epochs=1)
    texts = [text.lower() for text in of_stream(stream)]
    assert seen_in(iter(texts)) == set(range(12)) - HELD
    assert any("quite another" in text for text in texts)
    assert stream.maker.skipped["held out"] == len(HELD) + 1


def test_groups_of_a_mixture_file_hold_out_of_all_of_it(tree: Path, tmp_path: Path) -> None:
    (tmp_path / "inner.toml").write_text(
        f'select = ["{TASKS[0]}"]\nhold_out = {{ languages = ["fra"], speakers = ["p0"] }}\n'
    )
    outer = tmp_path / "outer.toml"
    outer.write_text(
        '[[group]]\nname = "a"\nuse = "inner.toml"\n'
        f'[[group]]\nname = "b"\nselect = ["{TASKS[1]}"]\n'
    )
    mix = mixture.from_toml(outer)
    of_p0 = set(range(0, 12, 3))
    corpus = Corpus(tree)
    assert seen_in(FORMS["stream"](mix, corpus)) == set(range(12)) - HELD - of_p0
    (tmp_path / "inner.toml").write_text(
        f'select = ["{TASKS[0]}"]\nhold_out = {{ tasks = ["voice_conversion"] }}\n'
        f'allow_held_out = ["{TASKS[0]}"]\n'
    )
    with pytest.raises(MixtureError, match=r"held out for evaluation.*text_to_speech"):
        mixture.from_toml(outer)


@pytest.mark.slow
def test_a_translation_is_of_both_its_languages() -> None:
    demo = Corpus()
    records = [i for i in demo.instances() if "target_language" in i.other.get("slots", {})]
    into_french = [i for i in records if i.other["slots"]["target_language"] == "French"]
    others = [i for i in records if "French" not in (i.language, *i.other["slots"].values())]
    made = af.hold_out(languages=["Français"])
    training = filter_of(made.train, demo)
    assert into_french and not any(map(training.keeps, into_french))
    assert all(map(made.hold_out.for_evaluation, into_french))
    assert others and any(map(training.keeps, others))


@pytest.mark.parametrize(
    "languages", [["FR"], ["fra"], ["fre"], ["French"], ["français"], ["fr-CA"]]
)
def test_a_language_has_many_names(languages: list[str], tree: Path) -> None:
    mix = af.hold_out(languages=languages).training(*TASKS)
    assert filter_of(mix, Corpus(tree)).held_out.keeps(Corpus(tree).instance(TASKS[0], "train", 1))


def test_a_revision_takes_no_held_out_record_back(tree: Path) -> None:
    corpus = Corpus(tree)
    state = Stream(af.hold_out(languages=["fr"]).training(*TASKS), corpus, seed=1).state(4)
    for loose in (mixture(*TASKS), af.hold_out(speakers=["p1"]).training(*TASKS)):
        with pytest.raises(MixtureError, match="records changed"):
            Stream(loose, corpus, seed=1).load(state, revise=True)


@pytest.mark.slow
def test_seqios_own_sampler_swaps_nothing_into_a_held_out_task(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    af.register("doors_", corpus=Corpus(tree))
    held = af.hold_out(tasks=["phonetic_recognition"]).training("text_to_speech")
    made: AudioFlanMixture = held.register("doors_swaps", prefix="doors_")
    next(iter(made.get_dataset(split="train", seed=1, engine="seqio")))
    monkeypatch.setattr(settings, "inversion", 1.0)
    with pytest.raises(SettingsError, match="set inversion to 0"):
        made.get_dataset(split="train", seed=1, engine="seqio")
    example = next(made.get_dataset(split="train", seed=1).as_numpy_iterator())
    assert example["task"] == b"audioflan_text_to_speech"


def _reading(corpus: Corpus, **arguments: Any) -> Stream:
    return Stream(af.hold_out(**arguments).training(*TASKS), corpus, seed=1)


IMPOSSIBLE: dict[str, tuple[str, Callable[[Corpus], Any]]] = {
    "no such language": ("language 'Klingon'", lambda c: _reading(c, languages=["Klingon"])),
    "no such speaker": ("speaker 'p9'", lambda c: _reading(c, speakers=["p9"])),
    "a speaker of another corpus": ("'VCTK/p1'", lambda c: _reading(c, speakers=["VCTK/p1"])),
    "no such corpus": ("corpus 'VCTK'", lambda c: _reading(c, corpora=["VCTK"])),
    "no such origin": ("origin 'youtube'", lambda c: _reading(c, origins=["youtube"])),
    "a number": ("is no name", lambda c: af.hold_out(speakers=[1])),  # type: ignore[list-item]
    "empty lists": ("name nothing", lambda c: af.hold_out(tasks=[], languages=[])),
    "no such family": ("did you mean pitch", lambda c: af.hold_out(families=["pich"])),
    "all of a task": (
        "no record of split", lambda c: _reading(c, languages=["fr"], speakers=["p0", "p1", "p2"])
    ),
    "unseen records asked for": (
        "unseen: true", lambda c: af.hold_out(languages=["fr"]).training(rows={"unseen": "true"})
    ),
    "held-out records asked for": (
        "no record of split",
        lambda c: Stream(
            af.hold_out(languages=["fr"]).training(*TASKS, rows={"language": "French"}), c, seed=1
        ),
    ),
    "a held-out task by its weight": (
        "held out for evaluation",
        lambda c: af.hold_out(tasks=[TASKS[0]]).training(weights={TASKS[1]: 1.0}),
    ),
    "a split as a name": ("hold_out='fold:1'", lambda c: mixture(*TASKS, hold_out="fold:1")),
}  # fmt: skip


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_what_cannot_be_is_an_error_in_one_line(name: str, tree: Path) -> None:
    words, ask = IMPOSSIBLE[name]
    with pytest.raises(AudioFlanError, match=re.escape(words)) as raised:
        ask(Corpus(tree))
    assert "\n" not in str(raised.value)
