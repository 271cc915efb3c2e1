"""Tables in a terminal and in a pipe."""

from __future__ import annotations

import pytest

from audioflan_tasks.cli.output import percent, print_hanging, print_table, table_lines

HEADER = ("task", "major task", "metric")
ROWS = [
    ("instrumental_technique_comparison", "Multiple Music Reasoning", "accuracy"),
    ("key_detection", "Global MIR", "key_score"),
]
WIDE = """\
task                               major task                metric
instrumental_technique_comparison  Multiple Music Reasoning  accuracy
key_detection                      Global MIR                key_score"""
WRAPPED = """\
task                               major task        metric
instrumental_technique_comparison  Multiple Music    accuracy
                                   Reasoning
key_detection                      Global MIR        key_score"""
METRIC_BELOW = """\
task                               major task
    metric
instrumental_technique_comparison  Multiple Music Reasoning
    accuracy
key_detection                      Global MIR
    key_score"""
NAME_ALONE = """\
task
    major task                metric
instrumental_technique_comparison
    Multiple Music Reasoning  accuracy
key_detection
    Global MIR                key_score"""


def test_percent() -> None:
    assert [percent(0.17311), percent(1.0), percent(None)] == ["17.31 %", "100.00 %", ""]


@pytest.mark.parametrize(
    ("space", "expected"),
    [(200, WIDE), (70, WIDE), (62, WRAPPED), (61, METRIC_BELOW), (45, NAME_ALONE)],
)
def test_no_word_is_cut(space: int, expected: str) -> None:
    assert "\n".join(table_lines([HEADER, *ROWS], space)) == expected


def test_a_word_longer_than_the_terminal_stays_whole() -> None:
    assert list(table_lines([("a" * 50, "b" * 30)], 40)) == ["a" * 50, "    " + "b" * 30]


def test_a_terminal_gets_no_empty_column(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("audioflan_tasks.cli.output.sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "80")
    print_table(("name", "hours", "shape"), [("a", "", "[batch, n]"), ("b", "", "[n]")], "2 rows")
    assert capsys.readouterr().out.splitlines() == [
        "name  shape", "a     [batch, n]", "b     [n]", "2 rows", "",
    ]  # fmt: skip


def test_a_pipe_gets_tabs_and_every_column(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("name", "hours"), [("a b", "")], "1 row")
    assert capsys.readouterr().out == "name\thours\na b\t\n"


def test_a_long_text_is_wrapped_under_its_beginning(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    print_hanging("labels  ", "C major, C-sharp major, D major")
    assert capsys.readouterr().out == "labels  C major, C-sharp major, D major\n"
    monkeypatch.setattr("audioflan_tasks.cli.output.sys.stdout.isatty", lambda: True)
    print_hanging("labels  ", "C major, C-sharp major, D major")
    assert capsys.readouterr().out == "labels  C major, C-sharp\n        major, D major\n"
    assert list(table_lines([("a" * 28, "one two three " * 3)], 30))[:2] == [
        "a" * 28, "    one two three one two",
    ]  # fmt: skip
