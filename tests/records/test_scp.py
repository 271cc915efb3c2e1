"""Every form of a .scp line: used, reported, or refused; never run."""

from __future__ import annotations

from pathlib import Path

import pytest

from audioflan_tasks.errors import RecordError, UnsafePathError
from audioflan_tasks.records.repairs import Ledger, ProblemKind, Repair
from audioflan_tasks.records.scp import read_scp, safe_parts

FOLDER = "13_LibriTTS-R"
LIST = Path(__file__).parent / "fixtures" / "scp" / f"{FOLDER}.scp"
HOME = ("audio_files", "speech", FOLDER)


def _ledger() -> Ledger:
    ledger = Ledger()
    read_scp(LIST, "scp_files/13.scp", "speech", ledger)
    return ledger


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("root", (*HOME, "a.wav")),
        ("tab", (*HOME, "with space", "b c.wav")),
        ("blank", (*HOME, "with space", "b c.wav")),
        ("below", (*HOME, "a.wav")),
        ("domain", (*HOME, "a.wav")),
        ("folder", (*HOME, "a.wav")),
        ("dot", (*HOME, "a.wav")),
        ("absolute", (*HOME, "a.wav")),
        ("absolute_folder", (*HOME, "a.wav")),
        ("windows", (*HOME, "a.wav")),
        ("twice", (*HOME, "a.wav")),
        ("conflict", (*HOME, "a.wav")),
    ],
)
def test_forms_that_lead_to_a_file(name: str, wanted: tuple[str, ...]) -> None:
    table = read_scp(LIST, domain="speech")
    assert wanted in list(table.candidates(f"{FOLDER}_{name}"))


@pytest.mark.parametrize("name", ["root", "absolute", "windows"])
def test_a_path_with_audio_files_in_it_has_one_place(name: str) -> None:
    table = read_scp(LIST, domain="speech")
    assert list(table.candidates(f"{FOLDER}_{name}")) == [(*HOME, "a.wav")]


def test_without_a_domain_every_domain_is_looked_in() -> None:
    places = list(read_scp(LIST).candidates(f"{FOLDER}_absolute_folder"))
    assert {place[1] for place in places} == {"speech", "music", "audio", "sound", FOLDER}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("climbs", "climbs out"),
        ("climbs_below", "climbs out"),
        ("absolute_elsewhere", "absolute path without audio_files/"),
        ("pipe", "never run"),
        ("pipe_left", "never run"),
        ("archive", "extract it"),
        ("archive_range", "extract it"),
    ],
)
def test_forms_that_are_refused(name: str, words: str) -> None:
    table = read_scp(LIST, domain="speech")
    with pytest.raises(UnsafePathError, match=f"13_LibriTTS-R.scp:.*{name}.*{words}"):
        list(table.candidates(f"{FOLDER}_{name}"))


def test_what_was_wrong_is_told_with_its_line() -> None:
    ledger = _ledger()
    assert ledger.repairs == {Repair.BOM: 1, Repair.SCP_DUPLICATE: 1}
    assert ledger.problems == {
        ProblemKind.UNSAFE_PATH: 7,
        ProblemKind.SCP_CONFLICT: 1,
        ProblemKind.SCP_LINE: 1,
    }
    (conflict,) = ledger.problem_examples[ProblemKind.SCP_CONFLICT]
    assert conflict.where == "scp_files/13.scp:15"
    assert "'a.wav' in line 14 and 'other.wav' here" in conflict.reason
    (short,) = ledger.problem_examples[ProblemKind.SCP_LINE]
    assert str(short).startswith("scp_files/13.scp:23: expected an id, a blank and a path")


def test_a_list_that_is_no_text_is_told(tmp_path: Path) -> None:
    path = tmp_path / "13_A.scp"
    path.write_bytes(b"13_A_1 a.wav\n13_A_2 \xff.wav\n")
    ledger = Ledger()
    assert set(read_scp(path, ledger=ledger).entries) == {"13_A_1"}
    assert ledger.problems == {ProblemKind.INVALID_UTF8: 1}


def test_a_line_without_end_is_skipped(tmp_path: Path) -> None:
    path = tmp_path / "13_A.scp"
    path.write_bytes(b"13_A_1 a.wav\n" + b"x y" * 100_000 + b"\n13_A_2 b.wav\n")
    ledger = Ledger()
    assert set(read_scp(path, ledger=ledger).entries) == {"13_A_1", "13_A_2"}
    assert ledger.problem_examples[ProblemKind.LINE_TOO_LONG][0].where == "13_A.scp:2"


def test_an_id_that_the_list_does_not_have() -> None:
    with pytest.raises(KeyError):
        list(read_scp(LIST).candidates("13_LibriTTS-R_nowhere"))


def test_a_list_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="cannot be opened"):
        read_scp(tmp_path / "none.scp")


@pytest.mark.parametrize("path", ["", "/a", "a/../b", "..", "C:/x", "a\0b"])
def test_unsafe_paths(path: str) -> None:
    with pytest.raises(UnsafePathError, match="leaves the corpus"):
        safe_parts(path, "here")


def test_safe_paths() -> None:
    assert safe_parts("a/./b c/d..e.wav", "here") == ("a", "b c", "d..e.wav")
