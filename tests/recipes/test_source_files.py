"""Files that audio ids may mean, by their names alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from audioflan_tasks.errors import RecordError, SettingsError
from audioflan_tasks.recipes.source_files import proposals


@pytest.fixture
def libritts(tmp_path: Path) -> Path:
    for path in ("test-clean/260/123288/260_123288_000009_000000.wav",
                 "test-clean/260/123288/260_123288_000010_000000.wav"):  # fmt: skip
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(b"")
    (tmp_path / "speakers.tsv").write_text("READER\tGENDER\n260\tM\n")
    return tmp_path


def test_the_published_id_leads_to_its_file(libritts: Path) -> None:
    ids = [
        "13_LibriTTS-R_260_123288_000009_000000", "13_LibriTTS-R_260_123288_000009_000000",
        "13_LibriTTS-R_260_123288_000011_000000", "08_m4singer_x",
    ]  # fmt: skip
    assert list(proposals(ids, "LibriTTS-R", libritts)) == [
        (ids[0], "test-clean/260/123288/260_123288_000009_000000.wav", "id"), (ids[2], "", ""),
    ]  # fmt: skip


def test_a_name_of_two_files_resolves_to_none(libritts: Path) -> None:
    other = libritts / "dev-clean/260/123288/260_123288_000009_000000.wav"
    other.parent.mkdir(parents=True)
    other.write_bytes(b"")
    (proposal,) = proposals(["13_LibriTTS-R_260_123288_000009_000000"], "LibriTTS-R", libritts)
    assert proposal[1:] == ("", "several")


def test_what_cannot_be_proposed_says_so(libritts: Path) -> None:
    with pytest.raises(RecordError, match="no audio id is of LibriTTS-R"):
        list(proposals(["08_m4singer_x"], "LibriTTS-R", libritts))
    with pytest.raises(SettingsError, match="no reader"):
        list(proposals(["x"], "HQ-Conversations", libritts))
