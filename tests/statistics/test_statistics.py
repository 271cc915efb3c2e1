"""Counts of section 3, against counts by hand and by another way."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from audioflan_tasks import catalogue
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.demo import demo_root
from audioflan_tasks.errors import UnknownNameError
from audioflan_tasks.statistics import InstanceCounts, count_corpus, statistics_of
from audioflan_tasks.statistics.page import page
from audioflan_tasks.statistics.paper import PAPER_PARTS
from audioflan_tasks.statistics.sounds import attributes_heard
from audioflan_tasks.store import build_store


def record(task: str, output: str, number: int) -> dict[str, object]:
    row = catalogue.get(task)
    return {"instruction": "?", "input": f"<|SOA|>c{number}<|EOA|>", "output": output,
            "uuid": f"{task}{number}", "split": ["train" if number else "test"],
            "task_type": {"major": [row.major], "minor": [row.minor], "U/G": [row.paper_category],
                          "unseen": False}, "domain": row.domain, "source": [], "other": None,
            }  # fmt: skip


RECORDS = {
    "13_LibriTTS-R": [("gender_recognition", "female"), ("gender_recognition", "male"),
                      ("text_to_speech", "<|SOA|>s<|EOA|>")],
    "08_m4singer": [("singing_voice_synthesis", "<|SOA|>v<|EOA|>")],
    "177_TAU_Urban_Acoustic_Scenes_2022": [("acoustic_scene_classification", "park")],
    "03_AudioSet": [("sound_event_recognition", "Giggle, Bark"),
                    ("sound_event_recognition", "Violin, fiddle"),
                    ("sound_event_detection", "0.1-0.5 Male speech, man speaking; 1.0-1.2 Horse")],
}  # fmt: skip


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("tree")
    for corpus, tasks in RECORDS.items():
        for number, (task, output) in enumerate(tasks):
            row = catalogue.get(task)
            folder = root / "metadata" / row.domain / row.paper_category / corpus / "jsonl"
            folder.mkdir(parents=True, exist_ok=True)
            with (folder / f"{task}.jsonl").open("a", encoding="utf-8") as lines:
                lines.write(json.dumps(record(task, output, number)) + "\n")
    return root


def test_counts_by_hand(tree: Path) -> None:
    counts = count_corpus(Corpus(tree))
    statistics = statistics_of(counts, "tree")
    assert statistics.instances == 8
    assert statistics.datasets == {
        "LibriTTS-R": 3, "AudioSet": 3, "M4Singer": 1, "TAU Urban Acoustic Scenes": 1,
    }  # fmt: skip
    majors = {line.name: line for line in statistics.majors if line.modality}
    assert majors["Audio Event Recognition"].instances == 4
    assert (majors["Audio Event Recognition"].minors, majors["Global MIR"].minors) == (3, 0)
    assert majors["Speech Generation"].modality == "(audio, text)/audio"
    totals = {line.domain: line for line in statistics.majors if line.name == "Total"}
    assert {d: line.instances for d, line in totals.items()} == {
        "speech": 3, "music": 1, "audio": 4, "": 8,
    }  # fmt: skip
    assert totals[""].paper_share == pytest.approx(1.0)
    parts = {(p.category, p.domain): p for p in statistics.parts}
    audio = parts["understanding", "audio"]
    assert (audio.majors, audio.minors, audio.datasets, audio.instances) == (1, 3, 2, 4)
    assert (parts["generation", ""].datasets, parts["generation", ""].instances) == (2, 2)
    assert (parts["", ""].datasets, parts["", ""].minors) == (4, 6)
    (understanding, generation) = statistics.tree.children
    assert (understanding.instances, generation.instances) == (6, 2)
    assert [child.name for child in generation.children] == ["speech", "music"]


def test_a_split_that_is_none_is_no_empty_table(tree: Path) -> None:
    with pytest.raises(UnknownNameError, match="no split named 'dev'"):
        count_corpus(Corpus(tree), "dev")


def test_attributes_are_counted_for_each_instance(tree: Path) -> None:
    statistics = statistics_of(count_corpus(Corpus(tree)), "tree")
    audio = {a.name: a for a in statistics.attributes if a.domain == "audio"}
    # Three events (one of them also of things), a scene; in them a giggle, a bark, a violin, a
    # man who speaks and a horse.
    assert {name: a.occurrences for name, a in audio.items()} == {
        "event": 3, "object": 2, "scene": 1, "human": 1, "animal": 2, "music": 1, "speech": 1,
        "others": 6,
    }  # fmt: skip
    assert {name for name, a in audio.items() if a.part_of} == {
        "object", "human", "animal", "music",
    }  # fmt: skip
    whole = sum(a.share for a in audio.values() if not a.part_of)
    assert whole == pytest.approx(100)


def test_sounds_of_each_part_of_the_ontology() -> None:
    row = catalogue.get("sound_event_recognition")
    kinds = {
        "Conversation": "speech", "Laughter": "human", "Children playing": "human",
        "Cat": "animal", "Insect": "animal", "Piano": "music", "Scary music": "music",
        "Rain": "nature", "Crackle": "nature", "Car": "object", "Typing": "object",
        "Sine wave": "other sounds", "Outside, rural or natural": "scene", "Echo": "other sounds",
        "a thing of no list": "other sounds",
    }  # fmt: skip
    assert {name: attributes_heard(row, name) for name in kinds} == {
        name: frozenset((kind,)) for name, kind in kinds.items()
    }
    assert attributes_heard(catalogue.get("audio_caption"), "A cat.") == frozenset()


@pytest.mark.slow
def test_a_store_has_the_counts_of_its_tree(tree: Path, tmp_path: Path) -> None:
    build_store(tree, tmp_path / "store", tokenizer=None, text=None)
    store = Corpus(tmp_path / "store")
    for split in ("", "train", "test"):
        assert count_corpus(store, split) == count_corpus(Corpus(tree), split)
    assert count_corpus(store, "test").by_task.total() == 4


@pytest.mark.slow
def test_the_demo_corpus_has_all_tasks() -> None:
    statistics = statistics_of(count_corpus(Corpus(demo_root())), "demo")
    parts = {(p.category, p.domain): p for p in statistics.parts}
    for key, paper in PAPER_PARTS.items():
        assert (parts[key].majors, parts[key].minors) == (paper.majors, paper.minors), key
    records = Counter(i.domain for i in Corpus(demo_root()).instances())
    totals = {line.domain: line for line in statistics.majors if line.name == "Total"}
    assert all(totals[domain].instances == n for domain, n in records.items())
    html = page(statistics)
    for words in ("Figure 2", "Voice Activity Detection", "m-paper", "gender"):
        assert words in html


def test_draws_of_a_mixture_scale_the_counts() -> None:
    counts = InstanceCounts(
        Counter({("a", "x"): 30, ("a", "y"): 10, ("b", "x"): 5}), Counter({("a", "human"): 20})
    )
    drawn = counts.scaled({"a": 4})
    assert drawn == InstanceCounts(
        Counter({("a", "x"): 3, ("a", "y"): 1}), Counter({("a", "human"): 2})
    )
