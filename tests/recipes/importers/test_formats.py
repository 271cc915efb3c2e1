"""Each format as its own tools write it, over real audio of the demo corpus."""

from __future__ import annotations

import csv
import gzip
import io
import json
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from audioflan_tasks.audio.load import load
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.demo import demo_root
from audioflan_tasks.errors import RecordError, SettingsError, UnknownNameError, UnsafePathError
from audioflan_tasks.recipes import foreign_corpus
from audioflan_tasks.recipes.importing import checked_format

SPEECH = demo_root() / "audio_files" / "speech" / "01_Asterisk_EN"
CLIPS = sorted(path for path in SPEECH.rglob("*") if path.suffix in (".flac", ".opus"))[:6]
TEXTS = [f'words of clip {n}, "quoted"; and more' for n in range(6)]
SPLITS = ["train", "train", "train", "train", "dev", "test"]


def copied(folder: Path) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    return [Path(shutil.copy(clip, folder)) for clip in CLIPS]


def facts(number: int) -> dict[str, str]:
    return {"text": TEXTS[number], "speaker": f"s{number % 2}", "split": SPLITS[number]}


def as_csv(root: Path) -> None:
    with (root / "table.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, ["path", "sentence", "client_id", "subset", "note of ours"])
        table.writeheader()
        for n, clip in enumerate(copied(root)):
            table.writerow(dict(zip(table.fieldnames, [clip.name, *facts(n).values(), "x"])))  # noqa: B905


def as_tsv(root: Path) -> None:
    names = [clip.name for clip in copied(root / "clips")]
    rows = ["path\tsentence\tclient_id\tsplit"]
    rows += ["\t".join([f"clips/{name}", *facts(n).values()]) for n, name in enumerate(names)]
    (root / "table.tsv").write_text("\ufeff" + "\r\n".join(rows) + "\r\n", encoding="utf-8")


def as_nemo(root: Path) -> None:
    lines = [
        json.dumps({"audio_filepath": str(clip), "duration": 1.0, **facts(n)})
        for n, clip in enumerate(copied(root / "elsewhere"))
    ]
    (root / "manifest.json").write_text("\n".join(lines), encoding="utf-8")


def as_kaldi(root: Path) -> None:
    clips = copied(root / "wav")
    for split in ("train", "dev", "test"):
        (root / split).mkdir()
        mine = [n for n in range(6) if SPLITS[n] == split]
        values = {
            "wav.scp": [str(clip) for clip in clips],
            "text": TEXTS,
            "utt2spk": [f"s{n % 2}" for n in range(6)],
        }
        for name, column in values.items():
            lines = [f"utt{n} {column[n]}\n" for n in mine]
            (root / split / name).write_text("".join(lines), encoding="utf-8")
        (root / split / "spk2gender").write_text("s0 f\ns1 m\n")


def as_audiofolder(root: Path) -> None:
    for n, clip in enumerate(copied(root / "all")):
        folder = root / SPLITS[n]
        folder.mkdir(exist_ok=True)
        clip.rename(folder / clip.name)
        with (folder / "metadata.jsonl").open("a", encoding="utf-8") as file:
            row = {"file_name": clip.name, "transcription": TEXTS[n], "speaker_id": f"s{n % 2}"}
            file.write(json.dumps(row) + "\n")
    (root / "all").rmdir()


def as_parquet(root: Path) -> None:
    import pyarrow
    import pyarrow.parquet as parquet

    for split in ("train", "dev", "test"):
        rows = [
            {"audio": {"bytes": CLIPS[n].read_bytes(), "path": CLIPS[n].name}, **facts(n)}
            for n in range(6)
            if SPLITS[n] == split
        ]
        for row in rows:
            row.pop("split")
        parquet.write_table(
            pyarrow.Table.from_pylist(rows), root / f"{split}-00000-of-00001.parquet"
        )


def supervision(n: int) -> dict[str, Any]:
    times = {"start": 0.0, "duration": 1.0, "channel": 0}
    return {"id": f"sup{n}", "recording_id": f"rec{n}", **times, **facts(n)}


def recording(n: int, clip: Path) -> dict[str, Any]:
    source = {"type": "file", "channels": [0], "source": str(clip)}
    return {"id": f"rec{n}", "sources": [source], "sampling_rate": 16000, "duration": 1.0}


def as_cuts(root: Path) -> None:
    cuts = [
        {
            "id": f"cut{n}", "start": 0.0, "duration": 1.0, "type": "MonoCut",
            "supervisions": [supervision(n)], "recording": recording(n, clip),
        }
        for n, clip in enumerate(copied(root / "wav"))
    ]  # fmt: skip
    for split in ("train", "dev", "test"):
        with gzip.open(root / f"mine_cuts_{split}.jsonl.gz", "wt", encoding="utf-8") as file:
            file.writelines(
                json.dumps(cut) + "\n" for n, cut in enumerate(cuts) if SPLITS[n] == split
            )


def as_supervisions(root: Path) -> None:
    clips = copied(root / "wav")
    for split in ("train", "dev", "test"):
        mine = [n for n in range(6) if SPLITS[n] == split]
        manifests = {
            "recordings": {n: recording(n, clips[n]) for n in mine},
            # Some recipes number them, anew in each split.
            "supervisions": {n: supervision(n) | {"id": k} for k, n in enumerate(mine)},
        }
        for kind, items in manifests.items():
            with gzip.open(root / f"mine_{kind}_{split}.jsonl.gz", "wt", encoding="utf-8") as file:
                file.writelines(json.dumps(items[n]) + "\n" for n in mine)


def as_shards(root: Path) -> None:
    with tarfile.open(root / "shard-000.tar", "w") as tar:
        for n, clip in enumerate(CLIPS):
            described = {k: v for k, v in facts(n).items() if k != "text"}
            members = {
                clip.suffix: clip.read_bytes(),
                ".txt": TEXTS[n].encode(),
                ".json": json.dumps(described).encode(),
            }
            for suffix, content in members.items():
                member = tarfile.TarInfo(f"clip{n}{suffix}")
                member.size = len(content)
                tar.addfile(member, io.BytesIO(content))


WRITERS: dict[str, tuple[str, Callable[[Path], None]]] = {
    "csv": ("csv", as_csv),
    "tsv": ("csv", as_tsv),
    "nemo": ("jsonl", as_nemo),
    "kaldi": ("kaldi", as_kaldi),
    "audiofolder": ("huggingface", as_audiofolder),
    "parquet": ("huggingface", as_parquet),
    "cuts": ("lhotse", as_cuts),
    "supervisions": ("lhotse", as_supervisions),
    "shards": ("webdataset", as_shards),
}


@pytest.mark.parametrize("name", WRITERS)
def test_every_format_becomes_the_same_corpus(name: str, tmp_path: Path) -> None:
    format_name, write = WRITERS[name]
    (root := tmp_path / "in").mkdir()
    write(root)
    source = foreign_corpus(format_name, root, defaults={"language": "English"})
    recordings = sorted(source.recordings(), key=lambda each: each.text)
    assert [each.text for each in recordings] == TEXTS
    assert [each.speaker for each in recordings] == [f"s{n % 2}" for n in range(6)]
    wanted = ["validation" if split == "dev" else split for split in SPLITS]
    assert [each.split for each in recordings] == wanted
    counts = source.write(tmp_path / "out", ["automatic_speech_recognition", "text_to_speech"])
    assert (counts.clips, counts.skip_count) == (6, 0)
    corpus = Corpus(tmp_path / "out")
    for split, size in (("train", 4), ("validation", 1), ("test", 1)):
        assert corpus.size("text_to_speech", split) == size
        for instance in corpus.instances("automatic_speech_recognition", split):
            (audio_id,) = instance.audio_ids
            original = CLIPS[TEXTS.index(instance.output)]
            heard = corpus.audio(audio_id, 16_000, instance)
            np.testing.assert_array_equal(heard, load(original, 16_000))
            assert instance.language == "English"


@pytest.mark.parametrize("name", WRITERS)
def test_the_format_is_seen(name: str, tmp_path: Path) -> None:
    format_name, write = WRITERS[name]
    write(tmp_path)
    assert checked_format("auto", tmp_path) == format_name


def test_segments_are_cut(tmp_path: Path) -> None:
    (root := tmp_path / "data").mkdir()
    (clip, *_) = copied(root)
    (root / "wav.scp").write_text(f"long {clip}\n")
    (root / "segments").write_text("a long 0.10 0.35\nb long 0.30 0.60\n")
    (root / "text").write_text("a first\nb second\n")
    source = foreign_corpus("kaldi", root)
    source.write(tmp_path / "out", ["automatic_speech_recognition"], sample_rate=16_000)
    corpus = Corpus(tmp_path / "out")
    lengths = {
        instance.output: len(corpus.audio(instance.audio_ids[0], 16_000, instance))
        for split in ("train", "validation", "test")
        for instance in corpus.instances("automatic_speech_recognition", split)
    }
    assert lengths == {"first": 4000, "second": 4800}


@pytest.mark.parametrize("line", ["a sox x.wav -t wav - |", "a feats.ark:123"])
def test_commands_and_archives_are_refused(line: str, tmp_path: Path) -> None:
    (tmp_path / "wav.scp").write_text(f"{line}\n")
    with pytest.raises(UnsafePathError, match="not run"):
        [*foreign_corpus("kaldi", tmp_path).recordings()]
    cut: dict[str, Any] = {
        "supervisions": [supervision(0)],
        "recording": recording(0, Path("x.wav")),
    }
    cut["recording"]["sources"][0]["type"] = "command"
    (tmp_path / "cuts.jsonl").write_text(json.dumps(cut))
    with pytest.raises(UnsafePathError, match="'command'"):
        [*foreign_corpus("lhotse", tmp_path).recordings()]


def test_paths_stay_below_the_folder(tmp_path: Path) -> None:
    copied(tmp_path / "other")
    (root := tmp_path / "in").mkdir()
    (root / "t.csv").write_text(f"file,text\n../other/{CLIPS[0].name},words\n")
    with pytest.raises(RecordError, match="leaves the folder"):
        foreign_corpus("csv", root).write(tmp_path / "out")


def test_lost_clips_are_counted_and_the_others_kept(tmp_path: Path) -> None:
    as_csv(tmp_path)
    (tmp_path / CLIPS[2].name).write_bytes(b"no audio")
    (tmp_path / CLIPS[3].name).unlink()
    counts = foreign_corpus("csv", tmp_path).write(tmp_path / "out")
    assert (counts.clips, counts.skip_count) == (4, 2)
    (skipped,) = (tmp_path / "out").glob("skipped_*.tsv")
    assert len(skipped.read_text().splitlines()) == 2
    assert counts.records["automatic_speech_recognition", "train"] == 2


CHATS = {
    "messages": {
        "messages": [
            {"role": "system", "content": "You are helpful."},
            {"role": "user", "content": "<audio>What is said here?"},
            {"role": "assistant", "content": "agent logged off"},
        ],
        "audios": [CLIPS[0].name],
    },
    "conversations": {
        "conversations": [
            {"from": "human", "value": "What is said here? <audio>"},
            {"from": "gpt", "value": "agent logged off"},
        ],
        "audios": [CLIPS[0].name],
    },
}


@pytest.mark.parametrize("form", CHATS)
@pytest.mark.parametrize("suffix", [".jsonl", ".json"])
def test_chats_keep_their_words(form: str, suffix: str, tmp_path: Path) -> None:
    copied(tmp_path / "in")
    text = json.dumps(CHATS[form] if suffix == ".jsonl" else [CHATS[form]], indent=None)
    (tmp_path / "in" / f"chat{suffix}").write_text(text)
    source = foreign_corpus("chat", tmp_path / "in" / f"chat{suffix}")
    with pytest.raises(SettingsError, match="give one"):
        source.write(tmp_path / "out")
    source.write(tmp_path / "out", ["automatic_speech_recognition"])
    corpus = Corpus(tmp_path / "out")
    (instance,) = (
        i
        for split in ("train", "validation", "test")
        for i in corpus.instances("automatic_speech_recognition", split)
    )
    assert (instance.instruction, instance.output) == ("What is said here?", "agent logged off")


def test_a_label_that_all_clips_have_is_no_question(tmp_path: Path) -> None:
    rows = [f"{clip.name},words,s{n % 2},f" for n, clip in enumerate(copied(tmp_path))]
    (tmp_path / "t.csv").write_text("\n".join(["file,text,speaker,sex", *rows]))
    source = foreign_corpus("csv", tmp_path, defaults={"language": "en"})
    # Gender has labels of its own, and language is the same in all.
    assert {"speaker_identification", "gender_recognition"} <= set(source.served_tasks())
    assert "language_identification" not in source.served_tasks()
    assert {clip.language for clip in source.recordings()} == {"English"}
    counts = source.write(tmp_path / "out", ["language_identification"])
    assert counts.records.total() == 6  # who names it gets it


def test_unknown_names_have_the_nearest(tmp_path: Path) -> None:
    as_csv(tmp_path)
    with pytest.raises(UnknownNameError, match="did you mean csv"):
        foreign_corpus("cvs", tmp_path)
    for columns, nearest in (({"speker": "path"}, "speaker"), ({"text": "sentense"}, "sentence")):
        with pytest.raises(UnknownNameError, match=f"did you mean {nearest}"):
            [*foreign_corpus("csv", tmp_path, columns=columns).recordings()]
    with pytest.raises(SettingsError, match="which format"):
        foreign_corpus("auto", tmp_path / CLIPS[0].name)
    with pytest.raises(RecordError, match="no such file or folder"):
        foreign_corpus("csv", tmp_path / "none")


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ('[{"audio": "a.wav"}, 7]', "m.json:2: expected an object, found int"),
        ("7", "m.json:1: expected an object, found int"),
        ("[" * 10**5, "m.json:1: no JSON"),
        ('[{"audio": "a.wav", "text": "\\ud83d"}]', "m.json:1: half of a surrogate pair"),
        (b"\xff\xfe", "not UTF-8"),
    ],
    ids=["in a list", "alone", "deep", "half of a pair", "bytes"],
)
def test_bad_json_says_where(text: str | bytes, error: str, tmp_path: Path) -> None:
    file = tmp_path / "m.json"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(RecordError, match=error):
        list(foreign_corpus("jsonl", file).recordings())


def test_pairs_of_escapes_and_line_separators_stay(tmp_path: Path) -> None:
    row = '{"audio": "a.wav", "text": "\\ud83d\\ude00 a\u2028b"}'
    for name, text in (("a.json", f"[{row}]"), ("b.json", f"{row}\n{row}\n"), ("c.jsonl", row)):
        (tmp_path / name).write_text(text, encoding="utf-8")
        rows = list(foreign_corpus("jsonl", tmp_path / name).recordings())
        assert {each.text for each in rows} == {"😀 a\u2028b"}
