"""Folders of others as they come: endings in capitals, packed tables, splits, hidden copies."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path

import pytest

from audioflan_tasks.catalogue import Domain
from audioflan_tasks.demo import demo_root
from audioflan_tasks.errors import RecordError
from audioflan_tasks.recipes.importers import format_of
from audioflan_tasks.recipes.importing import checked_format, foreign_corpus

CLIP = min(demo_root().glob("audio_files/speech/02_Asterisk_FR/**/*.opus"))
TABLE = "file,text\na.opus,words\n"


def labelled(root: Path, *paths: str, domain: Domain = "audio") -> dict[str, tuple[str, ...]]:
    """Names and splits by path of a folder with these files."""
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(CLIP, root / path)
    assert checked_format("auto", root) == "huggingface"
    clips = foreign_corpus("huggingface", root, domain=domain).recordings()
    return {clip.audio: (*clip.sounds, clip.split or "") for clip in clips}


@pytest.mark.parametrize("name", ["table.csv", "Table.CSV", "t.Tsv", "t.csv.gz", "t.tsv.gz"])
def test_tables_are_seen_by_any_spelling_of_their_ending(name: str, tmp_path: Path) -> None:
    table = TABLE.replace(",", "\t") if "tsv" in name.lower() else TABLE
    is_packed = name.endswith(".gz")
    (tmp_path / name).write_bytes(gzip.compress(table.encode()) if is_packed else table.encode())
    (tmp_path / f"._{name}").write_bytes(b"\x00\x05\x16\x07")  # a copy of macOS
    for path in (tmp_path, tmp_path / name):
        assert checked_format("auto", path) == "csv"
        (recording,) = foreign_corpus("auto", path).recordings()
        assert recording.text == "words"


def test_a_table_and_its_packed_copy_are_not_both_read(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(TABLE)
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress(TABLE.encode()))
    with pytest.raises(RecordError, match=r"t\.csv beside it has the same name"):
        [*foreign_corpus("csv", tmp_path).recordings()]


def test_folders_of_labels_with_splits_around_or_below_them(tmp_path: Path) -> None:
    around = labelled(tmp_path / "a", "Train/dog, big/1.OPUS", "test/Katze ü/2.opus")
    assert around == {
        "Train/dog, big/1.OPUS": ("dog", "big", "train"),
        "test/Katze ü/2.opus": ("Katze ü", "test"),
    }
    below = labelled(tmp_path / "b", "dog/train/1.opus", "cat/dev/2.opus", ".git/dog/3.opus")
    assert below == {
        "dog/train/1.opus": ("dog", "train"),
        "cat/dev/2.opus": ("cat", "validation"),
    }


def test_a_label_that_reads_like_a_split_is_a_label(tmp_path: Path) -> None:
    clips = labelled(tmp_path, "train/1.opus", "train horn/2.opus", "car/3.opus")
    assert {names[0] for names in clips.values()} == {"train", "train horn", "car"}


def test_data_folders_of_kaldi_one_level_deeper(tmp_path: Path) -> None:
    for folder in ("data/train", "data/train/split2/1"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "wav.scp").write_text("u1 x.wav\n")
    assert checked_format("auto", tmp_path) == "kaldi"
    (recording,) = foreign_corpus("auto", tmp_path).recordings()
    assert (recording.id, recording.split) == ("u1", "train")


def test_a_key_is_a_songs_in_music_and_else_a_clips_name(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("file,key\na.opus,C major\n")
    (song,) = foreign_corpus("csv", tmp_path, domain="music").recordings()
    (clip,) = foreign_corpus("csv", tmp_path).recordings()
    assert (song.id, song.key, clip.id, clip.key) == ("a", "C major", "C major", "")
    assert foreign_corpus("csv", tmp_path, domain="music").unused_columns() == ()


@pytest.mark.parametrize("cell", ["?", " - ", "NA", "n/a", "nan", "<NA>", "…"])
def test_cells_without_a_value_are_empty_but_in_texts(cell: str, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(f"file,age,tempo,text\na.opus,{cell},{cell},{cell}\n")
    (recording,) = foreign_corpus("csv", tmp_path).recordings()
    assert (recording.age, recording.tempo_bpm, recording.text) == ("", None, cell.strip())


def test_a_list_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "t.jsonl").write_text('{"file": "a.opus", "text": ["one", "two"]}')
    with pytest.raises(RecordError, match=r"t.jsonl:1: column 'text': expected one value, found"):
        [*foreign_corpus("auto", tmp_path).recordings()]


def test_rows_without_any_cell_are_none(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(f"\ufeff{TABLE},\n\n,\n".replace("\n", "\r\n"))
    assert len([*foreign_corpus("csv", tmp_path).recordings()]) == 1


def test_what_is_left_out_is_counted(tmp_path: Path) -> None:
    rows = "a.opus,words,30\nb.opus,others,\n"
    (tmp_path / "t.csv").write_text("file,text,age\n" + rows)
    for name in ("a", "b"):
        shutil.copyfile(CLIP, tmp_path / f"{name}.opus")
    tasks = ["age_recognition", "speaker_verification"]
    counts = foreign_corpus("csv", tmp_path).write(tmp_path / "out", tasks)
    # Its lists of what was skipped are no table of clips.
    assert format_of(tmp_path / "out") == ""
    assert (counts.clips, counts.unused, counts.empty_tasks) == (1, 1, ("speaker_verification",))
