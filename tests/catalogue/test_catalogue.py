"""The catalogue against the taxonomy extracted from the paper's tables."""

from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path

import pytest
from pydantic import ValidationError

from audioflan_tasks import catalogue
from audioflan_tasks.catalogue import InputPiece, Major, TaskRow, lookup
from audioflan_tasks.errors import SettingsError, UnknownNameError
from audioflan_tasks.metrics import METRICS

with (Path(__file__).parent / "taxonomy.csv").open(encoding="utf-8") as _file:
    PAPER = list(csv.DictReader(_file))


def test_the_80_tasks_are_the_papers_in_its_order() -> None:
    rows = [r for domain in ("speech", "music", "audio") for r in PAPER if r["domain"] == domain]
    assert [t.minor for t in catalogue.tasks()] == [r["minor"] for r in rows]
    assert len(catalogue.tasks()) == 80
    assert Counter(t.domain for t in catalogue.tasks()) == {"speech": 34, "music": 28, "audio": 18}


@pytest.mark.parametrize("paper", PAPER, ids=lambda r: r["minor"])
def test_row_equals_the_paper(paper: dict[str, str]) -> None:
    row = catalogue.resolve(paper["minor"], paper["domain"], paper["major"])
    assert row is not None
    assert (row.domain, row.major, row.paper_category) == (
        paper["domain"],
        paper["major"],
        paper["paper_category"],
    )
    # Two texts (a description and the words) are one kind in the paper's table, two spans
    # are two. The question of Sound Event Understanding is its instruction in the paper,
    # and a piece of the input here, so that templates cannot lose it.
    texts = min(1, row.reads.count("text"))
    if row.id == "sound_event_understanding":
        texts = 0
    reads = ["text"] * texts + ["audio"] * row.reads.count("audio")
    assert "+".join(reads) == paper["input"]
    assert "|".join(row.writes) == paper["output"]
    assert ";".join(row.corpora) == paper["datasets"]
    assert row.group.paper_instances == int(paper["major_instances"])


def test_table_2_sums() -> None:
    by_domain: Counter[str] = Counter()
    for major in catalogue.majors():
        by_domain[major.domain] += major.paper_instances
    assert len(catalogue.majors()) == 23
    # The paper states 100.42 M, 2.17 M and 5.91 M; its own audio rows sum to 5.94 M.
    assert by_domain["speech"] == pytest.approx(100.42e6, rel=1e-3)
    assert by_domain["music"] == pytest.approx(2.17e6, rel=5e-3)
    assert by_domain["audio"] == pytest.approx(5.94e6, rel=1e-3)


def test_links_and_metrics_exist_and_names_are_safe() -> None:
    ids = {t.id for t in catalogue.tasks()}
    assert len(ids) == 80
    for row in catalogue.tasks():
        assert re.fullmatch(r"audioflan_[a-z0-9_]+", row.name)
        assert {*row.inverse, *row.twins} <= ids - {row.id}
        assert set(row.metrics) <= set(METRICS)
        wanted = "audio" if row.answer == "audio" else "text"
        assert {METRICS[m].answers for m in row.metrics} == {wanted}
        assert row.definition.endswith(".")


def test_twins_are_mutual_and_inverses_swap_text_and_audio() -> None:
    for row in catalogue.tasks():
        for twin in row.twins:
            assert row.id in catalogue.get(twin).twins or row.id in catalogue.get(twin).inverse
        for other in map(catalogue.get, row.inverse):
            assert {*other.writes} & {*row.reads}
            assert {*row.writes} & {*other.reads} or row.slots or other.slots


@pytest.mark.parametrize(
    ("minor", "domain", "want"),
    [
        ("Speech-to-text Translation", "", "speech_to_text_translation"),
        ("Sound Super-resolution", "audio", "audio_super_resolution"),
        ("AUTOMATIC  speech recognition", "", "automatic_speech_recognition"),
        ("Deepfake Detection", "speech", "deepfake_detection"),
        ("Deepfake Audio Detection", "audio", "deepfake_audio_detection"),
        ("Emotion Recognition", "speech", "emotion_recognition"),
        ("Emotion Classification", "music", "emotion_classification"),
        ("Lyrics2song Generation", "music", "lyrics_to_song_generation"),
    ],
)
def test_names_of_records_resolve(minor: str, domain: str, want: str) -> None:
    row = catalogue.resolve(minor, domain)
    assert row is not None
    assert row.id == want


def test_unknown_names() -> None:
    assert catalogue.resolve("Smell Recognition", "audio") is None
    with pytest.raises(UnknownNameError, match="did you mean audioflan_denoising"):
        catalogue.get("audioflan_denoisin")
    with pytest.raises(UnknownNameError, match="did you mean denoising"):
        catalogue.get("denoisin")


def _own(minor: str = "Cough Counting") -> TaskRow:
    return TaskRow(
        minor=minor,
        group=Major("Health Sounds", "audio", "understanding", 0),
        definition="Count the coughs in a recording.",
        inputs=(InputPiece("audio", "audio"),),
        writes=("text",),
        answer="number",
        metrics=("mae",),
    )


def test_a_users_own_task(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookup, "_user_rows", {})
    catalogue.add(_own())
    assert catalogue.get("cough_counting").name == "audioflan_cough_counting"
    assert catalogue.resolve("cough counting") == _own()
    assert len(catalogue.tasks()) == 81
    catalogue.add(_own())  # the same row again is no error
    with pytest.raises(SettingsError, match="exists already"):
        catalogue.add(_own("Denoising"))


class _EntryPoint:
    name, value = "mine", "mine:ROWS"

    def __init__(self, loaded: object) -> None:
        self._loaded = loaded

    def load(self) -> object:
        return self._loaded


@pytest.mark.parametrize(
    ("loaded", "words"),
    [(3, "expected a TaskRow"), ([1], "expected TaskRows"), (_own("Denoising"), "exists already")],
)
def test_a_bad_entry_point_is_named(
    monkeypatch: pytest.MonkeyPatch, loaded: object, words: str
) -> None:
    monkeypatch.setattr(lookup, "entry_points", lambda group: [_EntryPoint(loaded)])
    lookup._installed_rows.cache_clear()
    with pytest.raises(SettingsError, match=words) as caught:
        catalogue.tasks()
    assert "mine" in str(caught.value)
    lookup._installed_rows.cache_clear()


def test_an_entry_point_brings_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookup, "entry_points", lambda group: [_EntryPoint([_own()])])
    lookup._installed_rows.cache_clear()
    try:
        assert catalogue.tasks()[-1] == _own()
    finally:
        lookup._installed_rows.cache_clear()


def test_row_refuses_what_it_does_not_know() -> None:
    with pytest.raises(ValidationError, match="colour"):
        TaskRow.model_validate({**_own().model_dump(), "colour": "red"})
    with pytest.raises(ValidationError, match="share a name"):
        piece = InputPiece("audio", "audio")
        TaskRow.model_validate({**_own().model_dump(), "inputs": (piece, piece)})
