"""Nothing that is held out gets into training, whichever way: seen from all that is trained on."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import audioflan_tasks as af
from audioflan_tasks import catalogue
from audioflan_tasks.config import settings
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.corpus.chats import ChatMaker, dialogues
from audioflan_tasks.corpus.examples import ExampleMaker
from audioflan_tasks.corpus.shots import Shots, exemplars
from audioflan_tasks.engine.rows import filter_of, rows_of
from audioflan_tasks.engine.stream import Stream
from audioflan_tasks.errors import MixtureError, SettingsError
from audioflan_tasks.mixtures import Mix, mixture_named
from audioflan_tasks.mixtures.spec.lock import lock, read_lock
from audioflan_tasks.mixtures.splits import Split
from audioflan_tasks.options import ExampleOptions
from audioflan_tasks.records import Instance
from tests.release_tree import write_tree

I64 = NDArray[np.int64]

# Facts of records by which they are held out, worked out here without the package's filters.
FACTS: dict[str, Callable[[Instance], set[str]]] = {
    "corpora": lambda i: {i.corpus} - {""},
    "origins": lambda i: set(i.source),
    "languages": lambda i: {
        str(name)
        for name in (i.other.get("language"), i.other.get("slots", {}).get("target_language"))
        if name
    },
    "speakers": lambda i: {str(name) for name in i.other.get("speaker", ())},
}


class RememberingCorpus(Corpus):
    """A corpus whose records are read once, some of which say `unseen: true`."""

    unseen_uuids: frozenset[str] = frozenset()

    @cached_property
    def records(self) -> dict[tuple[str, str], list[Instance]]:
        return {
            pair: [self.rows.instance(*pair, row) for row in range(self.rows.size(*pair))]
            for pair in self.rows.pairs()
        }

    def instance(self, task: str, split: str, row: int) -> Instance:
        record = self.records[task.removeprefix("audioflan_"), split][row]
        return record.replace(unseen=True) if record.uuid in self.unseen_uuids else record

    def instances(self, task: str | None = None, split: str | None = None) -> Iterator[Instance]:
        for (name, part), rows in self.records.items():
            if task in (None, name) and split in (None, part):
                yield from (self.instance(name, part, row) for row in range(len(rows)))

    def base_clips(self, instance: Instance) -> frozenset[str]:
        return frozenset().union(*map(self._base_clips, instance.audio_ids))

    @cached_property
    def _base_clips(self) -> Callable[[str], frozenset[str]]:
        return cache(lambda audio_id: self.clip_reader.base_clips((audio_id,)))

    def unseen_rows(self, task: str, split: str) -> I64:
        rows = self.records.get((task.removeprefix("audioflan_"), split), [])
        return np.array([n for n, i in enumerate(rows) if i.uuid in self.unseen_uuids], np.int64)


def sentences(instance: Instance) -> set[str]:
    """Transcripts and captions of a record, and texts that it reads, of four words or more."""
    row = catalogue.get(instance.task)
    texts = [instance.output] if row.answer in ("transcript", "caption") else []
    texts += [p.value for p in instance.input_pieces if p.kind == "text" and "text" in row.reads]
    return {text for text in texts if len(text.split()) >= 4}


@dataclass
class Trained:
    """Records that a mixture trains on, by the way in which they come in."""

    mix: Mix
    corpus: Corpus

    def records(self) -> Iterator[tuple[str, Instance]]:
        training = filter_of(self.mix, self.corpus)
        rows = rows_of(self.mix, self.corpus, "train", ExampleOptions())
        sizes = rows.sizes
        for task in self.mix.tasks:
            for row in range(sizes.get(task, 0)):
                record = rows.instance(task, row)
                yield "rows", record
                if catalogue.get(task).swaps and row < 4:
                    yield "swaps", self._maker.question(record, 1).instance
                if row % 20 == 0:
                    yield from (("shots", one) for one in self._exemplars(record))
        for split in ("train", "validation", "test"):
            groups = dialogues(
                self.corpus, split, 3, seed=1, tasks=set(self.mix.tasks), training=training
            )
            yield from (("dialogues", record) for group in groups for record in group)

    @cached_property
    def _maker(self) -> ExampleMaker:
        options = settings.example_options().replace(inversion=1.0)
        return ExampleMaker(self.corpus, options, training=filter_of(self.mix, self.corpus))

    def _exemplars(self, record: Instance) -> list[Instance]:
        training = filter_of(self.mix, self.corpus)
        return exemplars(self.corpus, record, Shots(2, 10**6), 1, 0, lambda exemplar: 1, training)


def hold_out_of(corpus: Corpus, draw: random.Random) -> tuple[Split, dict[str, list[str]]]:
    """A random hold-out of what the corpus has, with its arguments."""
    records = list(corpus.instances())
    tasks = sorted({i.task for i in records})
    pools = {
        "tasks": tasks,
        "majors": sorted({catalogue.get(t).major for t in tasks}),
        "families": sorted({catalogue.get(t).family for t in tasks}),
        **{name: sorted(set().union(*map(facts, records))) for name, facts in FACTS.items()},
    }
    names = draw.sample([name for name in pools if pools[name]], draw.randint(1, 3))
    arguments = {name: draw.sample(pools[name], min(len(pools[name]), 2)) for name in names}
    width = draw.choice(("task", "family", "major"))
    return af.hold_out(**arguments, width=width), arguments  # type: ignore[arg-type]


def mixtures_of(made: Split, corpus: Corpus, draw: random.Random) -> Iterator[Mix]:
    """Mixtures of a split, made in several ways."""
    have = [task for task in made.train.tasks if corpus.size(task, "train")]
    some = draw.sample(have, min(len(have), 6))
    yield made.train
    yield made.training(weights=dict.fromkeys(some, 1.0))
    yield af.mixture(
        groups={"a": made.training(*some[:3]), "b": af.mixture(*some[3:] or some[-1:])}
        if len(some) > 3 else {"a": made.training(*some)},
        points=None,
    )  # fmt: skip


def check(made: Split, arguments: dict[str, list[str]], corpus: Corpus, mix: Mix) -> int:
    def is_listed(record: Instance) -> bool:
        return record.unseen or any(
            not facts(record).isdisjoint(arguments.get(name, ())) for name, facts in FACTS.items()
        )

    held = [record for record in corpus.instances() if is_listed(record)]
    clips = {clip for record in held for clip in corpus.base_clips(record)}
    texts = {text for record in held for text in sentences(record)}
    count = 0
    for way, record in Trained(mix, corpus).records():
        count += 1
        where = f"{way}: {record.uuid} of {record.where}, held out: {arguments}"
        assert not is_listed(record), where
        assert f"audioflan_{record.task}" not in made.hold_out.refused, where
        assert corpus.base_clips(record).isdisjoint(clips), where
        assert sentences(record).isdisjoint(texts), where
    return count


@pytest.fixture(scope="module")
def demo() -> RememberingCorpus:
    return RememberingCorpus()


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> RememberingCorpus:
    """A release tree whose records have languages and speakers that cross its corpora."""
    root = tmp_path_factory.mktemp("tree")
    write_tree(root)
    draw = random.Random(5)
    for file in sorted((root / "metadata").rglob("*.jsonl")):
        lines = []
        for line in file.read_text(encoding="utf-8").splitlines():
            record = json.loads(line)
            record["other"] = {
                "language": draw.choice(["English", "Chinese", "fr", "Klingon"]),
                "speaker": [f"s{draw.randrange(12)}"],
            }
            record["source"] = [draw.choice(["studio", "youtube"])]
            lines.append(json.dumps(record, ensure_ascii=False) + "\n")
        file.write_text("".join(lines), encoding="utf-8")
    return RememberingCorpus(root)


def some_unseen(corpus: RememberingCorpus, draw: random.Random) -> frozenset[str]:
    uuids = sorted(i.uuid for rows in corpus.records.values() for i in rows)
    return frozenset(draw.sample(uuids, draw.choice((0, 5))))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "seed"),
    [
        *(("generated", seed) for seed in range(3)),
        *(pytest.param("demo", seed, marks=pytest.mark.full) for seed in range(3)),
        *(pytest.param(name, seed, marks=pytest.mark.full)
          for name in ("demo", "generated") for seed in range(3, 40)),
    ],
)  # fmt: skip
def test_nothing_held_out_is_trained_on_by_any_way(
    name: str, seed: int, request: pytest.FixtureRequest
) -> None:
    shared: RememberingCorpus = request.getfixturevalue(name)
    draw = random.Random(seed)
    corpus = RememberingCorpus(None if shared.is_demo else shared.root)
    for fact in ("rows", "records", "_base_clips", "clip_reader"):
        corpus.__dict__[fact] = getattr(shared, fact)
    corpus.unseen_uuids = some_unseen(shared, draw)
    made, arguments = hold_out_of(corpus, draw)
    try:
        mixes = list(mixtures_of(made, corpus, draw))
        counts = [check(made, arguments, corpus, mix) for mix in mixes]
    except MixtureError as error:
        assert "no record of split" in str(error)  # all of it is held out
        return
    assert counts[0] > 0


@pytest.mark.slow
def test_exemplars_dialogues_and_chats_of_a_split_hold_nothing_back(
    demo: RememberingCorpus, quick_tokens: None
) -> None:
    """The attack: French held out, two exemplars before each question."""
    made = af.hold_out(languages=["French"])
    options = settings.example_options().replace(shots=2)
    stream = Stream(made.train, demo, seed=1, options=options)
    french = {i.uuid for i in demo.instances() if i.other.get("language") == "French"}
    examples = [e.example for e in stream.examples(np.arange(20, dtype=np.int64))]
    shots = {uuid for e in examples if e is not None for uuid in e.shots}
    assert len(shots) > 10 and not french & shots
    assert not french & {e.provenance["uuid"] for e in examples if e is not None}

    training = filter_of(made.train, demo)
    groups = list(dialogues(demo, "train", 3, seed=1, training=training))
    assert groups and not french & {record.uuid for group in groups for record in group}
    assert french & {r.uuid for group in dialogues(demo, "train", 3, seed=1) for r in group}
    maker = ChatMaker(demo, options, training=training)
    chat = maker.chat(groups[0], 1)
    assert chat is not None
    record = next(i for i in demo.instances(split="train") if i.uuid in french)
    with pytest.raises(SettingsError, match="is held out or filtered out of training"):
        maker.chat([record], 1)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"languages": ["Klingon"]}, "language 'Klingon'.*there are: English, French"),
        ({"corpora": ["LibriTTS-R"]}, "corpus 'LibriTTS-R'.*there are: AsteriskEN"),
        ({"speakers": ["p225"]}, "speaker 'p225'.*there are: Allison"),
        ({"speakers": ["Muldjord/Allison"]}, "speaker 'Muldjord/Allison'"),
        ({"origins": ["youtube"]}, "origin 'youtube'"),
    ],
)
def test_a_hold_out_of_nothing_is_an_error_with_what_there_is(
    demo: RememberingCorpus, arguments: dict[str, Any], words: str
) -> None:
    made = af.hold_out(**arguments)
    with pytest.raises(MixtureError, match=f"no record has the {words}"):
        filter_of(made.training("music"), demo)


@pytest.mark.slow
def test_so_it_is_wherever_a_corpus_is_read(demo: RememberingCorpus) -> None:
    made = af.hold_out(languages=["Klingon"])
    for use in (
        lambda: rows_of(made.train, demo, "train", ExampleOptions()),
        lambda: af.evaluate(lambda prompt: None, made, "unused", corpus=demo),
        lambda: af.audit(made, made, corpus=demo, listen=False),
    ):
        with pytest.raises(MixtureError, match="no record has the language 'Klingon'"):
            use()


@pytest.mark.slow
def test_a_revision_takes_no_hold_out_back(demo: RememberingCorpus) -> None:
    made = af.hold_out(tasks=["key_detection"])
    state = Stream(made.training("music", exclude=["family:key and harmony"]), demo, seed=1).state(
        40
    )
    other = Stream(made.training("pitch_classification"), demo, seed=1)
    assert other.load(state, revise=True) == 40
    loose = Stream(af.mixture("pitch_classification", "key_detection"), demo, seed=1)
    with pytest.raises(MixtureError, match=r"holds out what this one does not: .*key_detection"):
        loose.load(state, revise=True)
    named = made.training("pitch_classification", "key_detection", allow_held_out=["key_detection"])
    assert Stream(named, demo, seed=1).load(state, revise=True) == 40
    assert "key_detection" in str(state["hold_out"])
    with pytest.raises(MixtureError, match=r"does not: .*chord_estimation"):
        Stream(af.mixture("pitch_classification"), demo, seed=1).load(state, revise=True)


@pytest.mark.slow
def test_no_record_is_swapped_into_a_held_out_task(
    demo: RememberingCorpus, quick_tokens: None
) -> None:
    """Phones are of the family of recognition, which synthesis would be swapped into."""
    made, plain = af.hold_out(tasks=["phonetic_recognition"]), af.mixture("text_to_speech")
    assert "audioflan_text_to_speech" in made.train.tasks
    record = next(demo.instances("text_to_speech", "train"))
    options = settings.example_options().replace(inversion=1.0)
    tasks = [
        ExampleMaker(demo, options, training=filter_of(mix, demo)).question(record, 1).instance.task
        for mix in (plain, made.training("text_to_speech"))
    ]
    assert tasks == ["automatic_speech_recognition", "text_to_speech"]


@pytest.mark.slow
def test_schedules_and_lock_files_hold_out_the_same(
    demo: RememberingCorpus, tmp_path: Path
) -> None:
    made = af.hold_out(languages=["fr"], tasks=["key_detection"])
    points = [[0, {"denoising": 1, "key_detection": 0}], [9, {"denoising": 1, "key_detection": 1}]]
    with pytest.raises(MixtureError, match="held out for evaluation"):
        made.training("denoising", "key_detection", points=points)
    mix = made.training("text_to_speech", "denoising", points=[[0, "equal"], [9, "size"]])
    stream = Stream(mix, demo, seed=1)
    text = lock(mix, stream.resolved, split="train", sources=stream._sources().text, version="0")
    (tmp_path / "mix.lock.json").write_text(text)
    locked = read_lock(tmp_path / "mix.lock.json")
    assert locked.hold_out == mix.hold_out
    assert Stream(locked, demo, seed=1).rows.sizes == stream.rows.sizes


def test_records_that_say_unseen_are_in_no_stream_of_any_split(
    demo: RememberingCorpus, tmp_path: Path
) -> None:
    record = {
        "instruction": "?", "input": "<|SOA|>c{}<|EOA|>", "output": "C major", "uuid": "u{}",
        "task_type": {"minor": ["Key Detection"], "major": [], "U/G": [], "unseen": False},
    }  # fmt: skip
    lines = []
    for number in range(12):
        line = json.loads(json.dumps(record).replace("{}", str(number)))
        line["split"] = [("train", "test")[number % 2]]
        line["task_type"]["unseen"] = number in (4, 7)
        # A record that shares the clip of an unseen one is not trained on either.
        line["input"] = line["input"].replace("c8<", "c7<")
        lines.append(json.dumps(line) + "\n")
    (tmp_path / "a.jsonl").write_text("".join(lines))
    corpus = Corpus(tmp_path / "a.jsonl")
    assert corpus.unseen_rows("key_detection", "train").tolist() == [2]
    for split, uuids in (("train", "u0 u2 u6 u10"), ("test", "u1 u3 u5 u9 u11")):
        rows = rows_of(mixture_named("key_detection"), corpus, split, ExampleOptions())
        size = rows.sizes["audioflan_key_detection"]
        found = [rows.instance("audioflan_key_detection", row).uuid for row in range(size)]
        assert found == uuids.split()
    asked = af.mixture("key_detection", rows={"unseen": "true"})
    assert rows_of(asked, corpus, "test", ExampleOptions()).sizes["audioflan_key_detection"] == 1
