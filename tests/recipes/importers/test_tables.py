"""Tables as spreadsheets write them, and those that people get wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from audioflan_tasks.errors import AudioError, RecordError, SettingsError
from audioflan_tasks.recipes import foreign_corpus
from tests.recipes.importers.test_formats import copied

ROWS = [["file", "text"], ["a.wav", "one; two, three"], ["b.wav", 'say "four"']]


def table(delimiter: str, end: str = "\n") -> str:
    """The rows with all cells in quotation marks."""
    quoted = [[f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in row] for row in ROWS]
    return "".join(delimiter.join(row) + end for row in quoted)


@pytest.mark.parametrize(
    "text",
    [
        table(","),
        f"\ufeff{table(';', chr(13) + chr(10))}",
        f"sep=;\r\n{table(';')}",
        f"\ufeffSEP=|\n{table('|')}",
        table("|"),
        "".join("\t".join(row) + "\n" for row in ROWS),
        table(",") + ",\n\n",
    ],
    ids=["commas", "Excel", "sep", "sep and mark", "bars", "tabs", "empty rows"],
)
def test_spreadsheets_write_one_table_in_many_ways(text: str, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(text.encode())
    recordings = foreign_corpus("csv", tmp_path).recordings()
    assert [[each.audio, each.text] for each in recordings] == ROWS[1:]


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("file,text\na.wav,x,y\n", "t.csv:2: more cells than the 2 names"),
        ("words,text\na.wav,x\n", "no column names the audio; there are words, text"),
        ("a.wav,one\nb.wav,two\n", "the first line has to be one of names"),
        ("file,said\na.wav,x\n", r"columns that are not used: said \(--column FACT=NAME"),
        ("file,split\na.wav,trian\n", "t.csv:2: column 'split': split 'trian'"),
        ("file,tempo\na.wav,fast\n", "t.csv:2: column 'tempo': 'fast' is no number"),
        ("file,text\n,x\n", "column 'file' is empty"),
        ("file,text\n", "t.csv: no row in it"),
        ("", "t.csv: no row in it"),
        ("\n\n", "t.csv: no row in it"),
        ('file,text\na.wav,"x\n', "t.csv:2: no row of a table"),
        ('file,text\na.wav,"x\nb.wav,"y"\n', "t.csv:3: no row of a table"),
        ("file,text\na.wav,x\na.wav,x\n", "t.csv:3: the audio id .* is that of .*t.csv:2 too; rem"),
    ],
)  # fmt: skip
def test_bad_tables_say_where(text: str, error: str, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(text)
    with pytest.raises((RecordError, SettingsError), match=error):
        foreign_corpus("csv", tmp_path).write(tmp_path / "out")


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1"])
def test_other_encodings_are_refused_with_what_to_do(encoding: str, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("file,text\na.wav,é\n", encoding=encoding)
    with pytest.raises(RecordError, match=r"not UTF-8 .*; save it as UTF-8"):
        foreign_corpus("csv", tmp_path).write(tmp_path / "out")


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        (lambda name: f".\\{name}", r"write paths with /"),
        (lambda name: name.rpartition(".")[0], r"write names with their endings"),
        (lambda name: f"s3://bucket/{name}", r"copy the audio here and write its path"),
        (lambda name: f"no/{name}", r"no such file \(--audio-root FOLDER\?\)"),
    ],
)
def test_what_is_wrong_with_a_path(wrong: Callable[[str], str], error: str, tmp_path: Path) -> None:
    clips = copied(tmp_path / "in")
    rows = [f"{wrong(clip.name)},words" for clip in clips]
    (tmp_path / "in" / "t.csv").write_text("\n".join(["file,text", *rows]))
    source = foreign_corpus("csv", tmp_path / "in")
    with pytest.raises((RecordError, AudioError), match=error):
        source.write(tmp_path / "out")
    with pytest.raises(SettingsError, match="give --out another folder"):
        source.write(tmp_path / "in")
