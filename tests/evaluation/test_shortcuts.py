"""Guessers who see one fact: planted shortcuts are found, and nothing else is."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from audioflan_tasks.audio.write import write
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.evaluation.shortcuts import shortcuts
from audioflan_tasks.recipes import Recording, SourceCorpus

COUNT = 120


def corpus_of(root: Path, *, loud: bool = False, told: bool = False) -> Corpus:
    """Genders by chance; if `loud` women are louder, if `told` their accent tells them."""
    draw = random.Random(5)
    recordings = []
    for number in range(COUNT):
        gender = draw.choice(("female", "male"))
        level = 0.2 if loud and gender == "female" else draw.choice((0.1, 0.11, 0.12))
        samples = np.random.default_rng(number).normal(0, level, 1600).astype(np.float32)
        write(root / f"c{number}.wav", samples, 16_000)
        accent = gender if told else draw.choice(("Scottish", "Welsh"))
        recordings.append(
            Recording(
                id=f"c{number}", audio=f"c{number}.wav", gender=gender, accent=accent,
                language=draw.choice(("English", "French")), split=draw.choice(("train", "test")),
            )
        )  # fmt: skip
    source = SourceCorpus(folder="90_Mine", audio_root=root, recordings=lambda: recordings)
    source.write(root / "corpus", ["gender_recognition", "accent_recognition"], audio="link")
    return Corpus(root / "corpus")


@pytest.mark.slow
def test_what_is_planted_is_found(tmp_path: Path) -> None:
    corpus = corpus_of(tmp_path, loud=True, told=True)
    found = {
        each.fact: each.accuracy
        for each in shortcuts(corpus, ["gender_recognition"])
        if each.tells
    }  # fmt: skip
    assert set(found) == {"level", "answer of accent_recognition"}
    assert found["answer of accent_recognition"] == 1.0
    assert found["level"] > 0.9


@pytest.mark.slow
def test_chance_is_no_shortcut(tmp_path: Path) -> None:
    results = [*shortcuts(corpus_of(tmp_path))]
    assert {each.task for each in results} == {"gender_recognition", "accent_recognition"}
    assert not [each for each in results if each.tells]
    for each in results:
        assert each.records == COUNT
        assert 0.3 < each.low <= each.high < 0.7
        assert each.accuracy == pytest.approx(0.5, abs=0.16)


@pytest.mark.slow
def test_without_listening_no_audio_is_read(tmp_path: Path) -> None:
    corpus = corpus_of(tmp_path)
    for path in tmp_path.rglob("*.wav"):
        path.unlink()
    facts = {each.fact for each in shortcuts(corpus, listen=False)}
    assert facts.isdisjoint({"length", "level"})
    # Nothing is said of facts in which records do not differ.
    assert {"language", "clips", "question"} <= facts
    assert facts.isdisjoint({"corpus", "speaker"})
