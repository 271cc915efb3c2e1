"""Forms of answers and facts of tasks stand in the catalogue, and nowhere else."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest
from pydantic import ValidationError

from audioflan_tasks import catalogue
from audioflan_tasks.catalogue import ANSWER_KINDS, InputPiece, TaskRow
from audioflan_tasks.evaluation.gold_parsing import names_in
from audioflan_tasks.metrics import METRICS, metrics_on_scores, source_piece
from audioflan_tasks.metrics.parsing import READERS, reader_of
from tests.sources import source_trees

# Modules that may name a task of ours, and why.
MAY_NAME_TASKS: dict[str, str] = {
    "audioflan_tasks/recipes/makers/singles.py": "what recordings must have for each task",
    "audioflan_tasks/recipes/makers/pairs.py": "what pairs of recordings must have for each task",
    "audioflan_tasks/recipes/makers/excerpts.py": "what a part of a recording must have for each",
    "audioflan_tasks/recipes/makers/mixing.py": "what is mixed for each task",
    "audioflan_tasks/recipes/makers/restorations.py": "how each task damages a recording",
    "audioflan_tasks/recipes/makers/sounds.py": "what names of sounds tell for each task",
    "audioflan_tasks/recipes/makers/mixtures.py": "what parts of mixtures must have for each task",
    "audioflan_tasks/variation/diversity.py": "the one task of which the paper prints its pool",
}
IDS = {row.id for row in catalogue.tasks()}
NAMES = {name for row in catalogue.tasks() for name in (row.id, row.name, row.minor, row.major)}


def modules() -> Iterator[tuple[str, ast.Module]]:
    """Modules of the package outside the catalogue and the demo corpus."""
    for name, tree in source_trees().items():
        if not name.startswith(("audioflan_tasks/catalogue", "audioflan_tasks/demo")):
            yield name, tree


def task_names(tree: ast.Module) -> list[str]:
    """Ids and names of our tasks and their majors among the strings of a module."""
    return [
        f"{node.lineno}: {node.value}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and node.value in NAMES
    ]


def answer_branches(tree: ast.Module) -> list[int]:
    """Lines that compare, look up or match the answer form of a row."""

    def is_answer(node: ast.AST) -> bool:
        return (
            isinstance(node, ast.Attribute)
            and node.attr == "answer"
            and "row" in ast.unparse(node.value).split(".")[-1]
        )

    lines = []
    for node in ast.walk(tree):
        asked: list[ast.expr] = []
        if isinstance(node, ast.Compare):
            asked = [node.left, *node.comparators]
        elif isinstance(node, ast.Subscript):
            asked = [node.slice]
        elif isinstance(node, ast.Match):
            asked = [node.subject]
        lines += [part.lineno for part in asked if is_answer(part)]
    return lines


@pytest.mark.slow
def test_no_module_names_a_task() -> None:
    found = {name: names for name, tree in modules() if (names := task_names(tree))}
    assert set(found) == set(MAY_NAME_TASKS), found


@pytest.mark.slow
def test_no_module_branches_on_the_form_of_an_answer() -> None:
    found = {name: lines for name, tree in modules() if (lines := answer_branches(tree))}
    assert not found


def test_the_two_searches_find_what_they_look_for() -> None:
    assert task_names(ast.parse("if task == 'declipping': pass")) == ["1: declipping"]
    assert task_names(ast.parse("x = 'audioflan_declipping'"))
    for code in (
        "row.answer == 'audio'", "self.row.answer in ('label',)", "x = TABLE[row.answer]",
        "match row.answer:\n case 'label': pass",
    ):  # fmt: skip
        assert answer_branches(ast.parse(code)) == [1], code
    assert not answer_branches(ast.parse("row.answer_kind.is_audio and outline.answer == 'audio'"))


def test_every_kind_is_used_and_has_a_reader() -> None:
    assert {row.answer for row in catalogue.tasks()} == set(ANSWER_KINDS)
    assert {kind.reader for kind in ANSWER_KINDS.values()} <= set(READERS)
    general = {reader.name for reader in READERS.values() if not reader.instead_of}
    assert general == {kind.reader for kind in ANSWER_KINDS.values()}
    assert {info.reads for info in METRICS.values()} <= set(READERS)
    for kind in ANSWER_KINDS.values():
        assert READERS[kind.reader].is_audio == kind.is_audio
        assert READERS[kind.reader].is_text == kind.is_prose


def test_audio_rows_are_those_that_write_audio() -> None:
    for row in catalogue.tasks():
        assert row.answer_kind.is_audio == (row.writes == ("audio",))
        assert set(row.optional_metrics) <= set(METRICS)
        assert row.answer_kind.is_audio or not row.optional_metrics


@pytest.mark.parametrize(
    ("task", "reader"),
    [
        ("automatic_speech_recognition", "text"), ("audio_caption", "caption"),
        ("key_detection", "key"), ("scale_recognition", "label"), ("chord_estimation", "chords"),
        ("speaker_diarization", "intervals"), ("denoising", "audio"),
    ],
)  # fmt: skip
def test_narrower_readers_are_taken_where_they_fit(task: str, reader: str) -> None:
    assert reader_of(catalogue.get(task)).name == reader


def test_a_row_of_a_form_that_there_is_none_of_is_refused() -> None:
    row = catalogue.get("denoising")
    with pytest.raises(ValidationError, match="no answer kind 'sound'; expected one of transcript"):
        TaskRow(**(dict(row) | {"answer": "sound"}))
    with pytest.raises(
        ValidationError, match=r"improves 'noise', expected an audio piece.*: audio"
    ):
        TaskRow(**(dict(row) | {"improves": "noise"}))


def test_facts_of_rows_speak_of_rows() -> None:
    for row in catalogue.tasks():
        assert set(row.companions) <= IDS - {row.id}
        assert not row.label_ranges or tuple(n for n, _ in row.label_ranges) == row.labels
        assert not row.opposites or len(row.labels) >= 2
        assert not row.names_heard or row.answer_kind.names != "none"
    default = {name for name, f in catalogue.FAMILIES.items() if f.unseen_by_default}
    assert default == {"spoken intent", "forgery", "enhancement", "pitch", "technique"}


def test_what_an_answer_improves_is_what_metrics_compare_with() -> None:
    improving = {row.id: row.improves for row in catalogue.tasks() if row.improves}
    assert improving == {
        "denoising": "audio", "dereverberation": "audio", "declipping": "audio",
        "speech_bandwidth_extension": "audio", "audio_inpainting": "audio",
        "audio_super_resolution": "audio", "speaker_extraction": "mixture",
        "text_guided_source_separation": "mixture",
        "text_guided_audio_source_separation": "mixture",
        "label_querying_sound_extraction": "mixture",
        "audio_querying_sound_extraction": "mixture",
    }  # fmt: skip
    assert source_piece(catalogue.get("denoising")) == "audio"
    assert source_piece(catalogue.get("audio_querying_sound_extraction")) == "mixture"
    assert source_piece(catalogue.get("voice_conversion")) == ""  # no metric of it compares
    fields = dict(catalogue.get("denoising")) | {"improves": "", "custom_id": "a_user_s_own"}
    assert source_piece(TaskRow(**fields)) == "audio"  # the only clip
    two = (InputPiece("left", "audio"), InputPiece("right", "audio"))
    assert source_piece(TaskRow(**(fields | {"inputs": two}))) == ""


def test_metrics_on_scores_follow_from_the_fact_sheets() -> None:
    assert metrics_on_scores(catalogue.get("speaker_verification")) == ("eer", "min_dcf")
    assert metrics_on_scores(catalogue.get("music_tagging")) == ("map", "roc_auc")
    assert metrics_on_scores(catalogue.get("age_recognition")) == ()
    assert metrics_on_scores(catalogue.get("denoising")) == ()


def test_names_that_gold_answers_have() -> None:
    assert names_in('"Dog Bark".', ANSWER_KINDS["label"]) == ("dog bark",)
    assert names_in("Bass, drums", ANSWER_KINDS["labels"]) == ("bass", "drums")
    assert names_in("dog, cat, dog", ANSWER_KINDS["sequence"]) == ("dog", "cat", "dog")
    assert names_in("0.10-1.00 A; 1.20-2.00 b", ANSWER_KINDS["intervals"]) == ("a", "b")
    assert names_in("12.5 dB", ANSWER_KINDS["number"]) == ()
