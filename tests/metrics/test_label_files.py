"""A benchmark's own labels and other names of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from audioflan_tasks import catalogue
from audioflan_tasks.errors import MetricInputError, RecordError
from audioflan_tasks.metrics import parse, score
from audioflan_tasks.metrics.label_files import read_aliases_file, read_options_file

INSTRUMENT = catalogue.get("instrument_classification")
FAMILIES = ("string", "flute", "brass")


@pytest.mark.parametrize(
    "text", ["string\nflute\n\n# not one\nbrass\n", '["string", "flute", "brass"]']
)
def test_labels_are_lines_or_a_list(tmp_path: Path, text: str) -> None:
    path = tmp_path / "labels"
    path.write_text(text)
    assert read_options_file(path) == FAMILIES


@pytest.mark.parametrize(
    "text",
    ["cello = string\nviolin=string", '{"cello": "string", "violin": "string"}',
     '{"string": ["cello", "violin"]}'],
)  # fmt: skip
def test_aliases_are_lines_or_an_object(tmp_path: Path, text: str) -> None:
    path = tmp_path / "names"
    path.write_text(text)
    assert read_aliases_file(path) == {"cello": "string", "violin": "string"}


@pytest.mark.parametrize(
    ("text", "match"),
    [("", "no labels"), ("[1]", "no labels"), ("hip hop\nHip-Hop", "are one label"),
     ("[", "not JSON")],
)  # fmt: skip
def test_files_of_labels_that_are_none(tmp_path: Path, text: str, match: str) -> None:
    path = tmp_path / "labels"
    path.write_text(text)
    with pytest.raises(RecordError, match=match):
        read_options_file(path)


@pytest.mark.parametrize(
    ("text", "match"),
    [("", "no aliases"), ("cello", "has no label"), ("a = x\na = y", "'a' is a name of 'x' and"),
     ('{"a": 1}', "expected a label, or a list"), ("{", "not JSON")],
)  # fmt: skip
def test_files_of_aliases_that_are_none(tmp_path: Path, text: str, match: str) -> None:
    path = tmp_path / "names"
    path.write_text(text)
    with pytest.raises(RecordError, match=match):
        read_aliases_file(path)


def test_files_that_are_not_there(tmp_path: Path) -> None:
    for read in (read_options_file, read_aliases_file):
        with pytest.raises(RecordError, match="cannot be read"):
            read(tmp_path / "missing")


def test_aliases_hold_for_answers_and_references() -> None:
    aliases = {"cello": "string", "violin": "string"}
    assert parse(INSTRUMENT, "It is a violin.", FAMILIES, aliases=aliases).value == "string"
    assert parse(INSTRUMENT, "It is a violin.", FAMILIES).value is None
    result = score(
        INSTRUMENT, ["cello", "flute", "string"], ["a violin", "flute", "cello"],
        options=FAMILIES, aliases=aliases,
    )  # fmt: skip
    assert result["accuracy"] == 1.0


@pytest.mark.parametrize(
    ("aliases", "match"),
    [({"cello": "strng"}, "none of the 3 labels.*did you mean string"),
     ({"flute": "string"}, "is a label itself")],
)  # fmt: skip
def test_aliases_of_no_label(aliases: dict[str, str], match: str) -> None:
    with pytest.raises(MetricInputError, match=match):
        score(INSTRUMENT, ["flute"], ["flute"], options=FAMILIES, aliases=aliases)


def test_an_empty_reference_is_no_labels() -> None:
    row = catalogue.get("music_tagging")
    result = score(row, ["", "rock", "pop"], ["none", "rock", "No tags apply."])
    assert result["exact_set"] == pytest.approx(2 / 3)
    assert result.facts["empty_references"] == "1"
    # An answer that says nothing is a failure, and no set that happens to be right.
    assert score(row, ["", "rock"], ["", "rock"])["set_f1"] == 0.5
