"""Public benchmarks become held-out records, and are evaluated with their own rules beside ours."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audioflan_tasks import catalogue
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.errors import RecordError, UnknownNameError
from audioflan_tasks.evaluation import Prompt, evaluate
from audioflan_tasks.metrics.benchmark_rules import BENCHMARKS
from audioflan_tasks.options import ExampleOptions
from audioflan_tasks.recipes.benchmarks import benchmark_corpus, suite, suites, survey_of
from audioflan_tasks.records import Instance
from tests.kinds import first_of
from tests.recipes.benchmarks.trees import TREES

# What the kinds of the table of no benchmark ask.
OWN = {"who": "gender_recognition"}


def written(name: str, tmp_path: Path) -> Corpus:
    suite_name, write, _ = TREES[name]
    (tmp_path / "in").mkdir(parents=True)
    write(tmp_path / "in")
    benchmark_corpus(suite_name, tmp_path / "in", tasks=OWN).write(tmp_path / "out")
    return Corpus(tmp_path / "out")


def records(corpus: Corpus, task: str) -> list[Instance]:
    return list(corpus.instances(task, "test"))


def test_every_suite_has_a_rule_and_tasks_of_the_catalogue() -> None:
    assert {name for name, _, _ in TREES.values()} == {*suites()} == {*BENCHMARKS}
    ids = {row.id for row in catalogue.tasks()} | {""}
    for each in suites().values():
        assert set(each.tasks.values()) <= ids, each.name
        # What is near names a kind that has a task.
        assert all(each.task_of(kind.rstrip("*")) for kind in each.near), each.name


@pytest.mark.parametrize("name", TREES)
def test_every_format_becomes_unseen_records(name: str, tmp_path: Path) -> None:
    corpus = written(name, tmp_path)
    sizes = {task.removeprefix("audioflan_"): n for task, n in corpus.sizes("test").items()}
    assert sizes == TREES[name][2]
    for task, size in sizes.items():
        assert len(corpus.unseen_rows(task, "test")) == size
        for instance in records(corpus, task):
            assert instance.benchmark == TREES[name][0]
            assert all(len(corpus.audio(i, 16_000, instance)) for i in instance.audio_ids)
    # A second time the same records come, from the audio that is there.
    again = benchmark_corpus(TREES[name][0], tmp_path / "in", tasks=OWN).write(tmp_path / "out")
    assert again.records.total() == sum(sizes.values())


def test_items_keep_their_words_options_and_times(tmp_path: Path) -> None:
    (violin,) = records(written("mmau", tmp_path / "1"), "instrument_classification")
    assert violin.instruction == "Which?\n(A) Violin, solo\n(B) Oboe"
    assert (violin.output, violin.options) == ("Violin, solo", ("Violin, solo", "Oboe"))
    assert violin.other["benchmark_id"] == "m2"
    (horn,) = records(written("mmau copy", tmp_path / "2"), "instrument_classification")
    assert (horn.output, horn.options) == ("Horn", ("Oboe", "Horn"))
    superb = written("dynamic-superb", tmp_path / "3")
    (sad,) = records(superb, "emotion_recognition")
    assert sad.options == ("happy", "angry", "sad")
    assert sad.instruction.endswith("could be happy, angry, or sad.")
    (pair,) = records(superb, "speaker_verification")
    assert len(pair.audio_ids) == 2
    whole, part = records(written("cmi-bench", tmp_path / "4"), "pitch_classification")
    assert (whole.output, part.output) == ("60", "61")
    corpus = Corpus(tmp_path / "4" / "out")
    assert len(corpus.audio(part.audio_ids[0], 16_000, part)) == 4800
    (asked,) = records(written("audiobench", tmp_path / "5"), "automatic_speech_recognition")
    assert len(asked.instruction) > 8  # one of the pool, as the set has none


def test_a_survey_says_what_is_left_out_and_why(tmp_path: Path) -> None:
    TREES["mmau"][1](tmp_path)
    survey = survey_of(suite("mmau"), tmp_path)
    assert survey.usable == {"Instrumentation": 1, "Sound-Based Event Recognition": 1}
    assert survey.left_out == {
        ("Instrumentation", "the gold answer is none of the options"): 1,
        ("Instrumentation", "no gold answer"): 1,
        ("Counting", "no task asks this"): 1,
    }
    own = suite("mmau").with_tasks({"count*": "sound_event_recognition", "Instr*": ""})
    assert survey_of(own, tmp_path).usable == {"Counting": 1, "Sound-Based Event Recognition": 1}
    two_clips = suite("mmau").with_tasks({"Counting": "tempo_comparison"})
    (reason,) = (r for kind, r in survey_of(two_clips, tmp_path).left_out if kind == "Counting")
    assert reason == "tempo_comparison does not answer 1 clip with text"


def test_wrong_folders_and_names_say_what_was_expected(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="did you mean mmau"):
        benchmark_corpus("mmaau", tmp_path)
    with pytest.raises(UnknownNameError, match="task"):
        benchmark_corpus("mmau", tmp_path, tasks={"Counting": "no_task"})
    with pytest.raises(RecordError, match=r"no MMAU; expected mmau-test\*.json .*github.com"):
        survey_of(suite("mmau"), tmp_path)
    with pytest.raises(RecordError, match="no such file or folder"):
        survey_of(suite("mmau"), tmp_path / "none")
    (tmp_path / "mmau-test.json").write_text('[{"id": "1", "question": "Which?"}]')
    with pytest.raises(RecordError, match=r"mmau-test.json:1: no audio_id .* has id, question"):
        survey_of(suite("mmau"), tmp_path)
    (tmp_path / "mmau-test.json").write_text('[{"audio_id": "a.wav", "question": "Which?"}]')
    with pytest.raises(RecordError, match="no item of it asks one of the tasks"):
        benchmark_corpus("mmau", tmp_path).write(tmp_path / "out")


@pytest.mark.slow
def test_their_rule_stands_beside_ours(tmp_path: Path) -> None:
    corpus = written("mmsu", tmp_path)
    options = ExampleOptions(instructions="keep")
    quick: dict[str, Any] = {"baselines": (), "proof_of_hearing": 0, "options": options}

    def wordy(prompt: Prompt) -> str:
        return f"Although unsure, I say {prompt.instance.output}"

    def lettered(prompt: Prompt) -> str:
        return "ABCD"[prompt.options.index(prompt.instance.output)]

    scores = {}
    for model in (wordy, lettered):
        results = evaluate(
            model, "gender_recognition", tmp_path / model.__name__, corpus=corpus, **quick
        )
        (task,) = results.tasks
        theirs = task.benchmarks["mmsu"]
        assert task.primary is not None
        scores[model.__name__] = (task.primary.value, theirs.value, theirs.counted)
        report = (tmp_path / model.__name__ / "report.md").read_text()
        assert "own rules" in report and "mmsu, known fault:" in report
    # "Although" is A to them, which is right for one of two; ours reads the label.
    assert scores == {"wordy": (1.0, 0.5, 2), "lettered": (1.0, 1.0, 2)}


@pytest.mark.slow
@pytest.mark.parametrize("name", first_of(*TREES))
def test_gold_answers_are_best_by_our_metrics(name: str, tmp_path: Path) -> None:
    corpus = written(name, tmp_path)

    def gold(prompt: Prompt) -> str:
        return prompt.instance.output

    results = evaluate(
        gold, "audioflan_all", tmp_path / "run", corpus=corpus, baselines=(), proof_of_hearing=0,
        options=ExampleOptions(instructions="keep"),
    )  # fmt: skip
    assert {task.task.removeprefix("audioflan_") for task in results.tasks} == {*TREES[name][2]}
    for task in results.tasks:
        assert task.primary is not None, task.reason
        assert task.primary.value == task.primary.best
        (theirs,) = task.benchmarks.values()
        # Their rules read no letter in "male".
        assert theirs.value in (1.0, None)


def test_a_rule_scores_only_the_kinds_that_it_is_for() -> None:
    scored = {
        ("cmi-bench", "pitch_classification"): True, ("cmi-bench", "beat_tracking"): False,
        ("dynamic-superb", "SpoofDetection_ASVspoof"): True, ("mmau", "Counting"): True,
        ("dynamic-superb", "SuperbASR_x"): False, ("audiobench", "librispeech_x"): False,
    }  # fmt: skip
    assert {key: suite(key[0]).scores(key[1]) for key in scored} == scored


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=5,
)


@pytest.mark.slow
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(name=st.sampled_from(["mmau", "mmsu", "air-bench", "cmi-bench"]), data=st.data())
def test_any_values_are_items_or_one_line_of_error(name: str, data: st.DataObject) -> None:
    each = suite(name)
    fields = [*each.question, *each.answer, *each.options, *each.audio[0], "task_name", "choice_a",
              "choice_b", "dataset_name", "sub-category", "audio_start", "audio_end"]  # fmt: skip
    row = {field: data.draw(_VALUES, label=field) for field in fields if data.draw(st.booleans())}
    with TemporaryDirectory() as folder:
        (Path(folder) / "items.json").write_text(json.dumps([row]), encoding="utf-8")
        try:
            survey = survey_of(each, Path(folder) / "items.json")
        except RecordError as error:
            assert "\n" not in str(error)
        else:
            assert survey.usable.total() + survey.left_out.total() == 1
