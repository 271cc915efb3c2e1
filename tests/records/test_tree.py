"""Both layouts of the release, bare files, arrays, answers, CMI-Bench, and odd files."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from audioflan_tasks.errors import RecordError
from audioflan_tasks.records import tree
from audioflan_tasks.records.instance import path_id
from audioflan_tasks.records.repairs import Ledger, ProblemKind, Repair
from audioflan_tasks.records.settle import Hints
from audioflan_tasks.records.tree import hints_of, iter_instances, read_file, record_files

FIXTURES = Path(__file__).parent / "fixtures"
CMI = FIXTURES / "cmi_bench"


def test_the_release_tree() -> None:
    ledger = Ledger()
    found = {i.uuid: i for i in iter_instances(FIXTURES / "release", ledger=ledger)}
    assert set(found) == {"r-1", "r-2", "r-3", "r-4"}
    assert found["r-1"].where == (
        "metadata/speech/understanding/train_dev/13_LibriTTS-R/jsonl/asr.jsonl:1"
    )
    # The folder train_dev holds both; the record decides.
    assert [found[u].split for u in ("r-1", "r-2", "r-3")] == ["train", "validation", "test"]
    assert found["r-3"].category == "generation"
    # This record has no split, domain or task of its own.
    scene = found["r-4"]
    assert (scene.split, scene.domain) == ("test", "audio")
    assert scene.task == "acoustic_scene_classification"
    assert scene.paper_category == "understanding"
    assert ledger.repairs[Repair.TASK_FROM_PATH] == 1
    assert ledger.repairs[Repair.DOMAIN_FROM_PATH] == 1
    assert ledger.repairs[Repair.SPLIT_FROM_PATH] == 1


def test_the_layout_with_fewer_levels() -> None:
    first, second = iter_instances(FIXTURES / "reupload")
    assert (first.split, first.domain) == ("train", "speech")
    assert second.split == "validation"


@pytest.mark.parametrize(
    ("path", "hints"),
    [
        (
            "metadata/speech/generation/train_dev/13_LibriTTS-R/jsonl/tts.jsonl",
            Hints("speech", "generation", "train_dev", "13_LibriTTS-R", "tts"),
        ),
        (
            "metadata/music/test/08_m4singer/jsonl/x.jsonl",
            Hints("music", "", "test", "08_m4singer", "x"),
        ),
        ("metadata/08_m4singer/jsonl/x.jsonl", Hints("", "", "", "08_m4singer", "x")),
        ("metadata/sound/My_Corpus/jsonl/x.jsonl", Hints("audio", "", "", "My_Corpus", "x")),
        ("x.jsonl", Hints(task="x")),
    ],
)
def test_hints_of_a_path(tmp_path: Path, path: str, hints: Hints) -> None:
    assert hints_of(tmp_path / path, tmp_path) == hints


def test_folders_above_the_root_say_nothing(tmp_path: Path) -> None:
    root = tmp_path / "music" / "test"
    assert hints_of(root / "x.jsonl", root) == Hints(task="x")


def test_a_part_of_the_release_keeps_its_hints() -> None:
    root = FIXTURES / "release" / "metadata" / "audio" / "understanding"
    (scene,) = iter_instances(root)
    assert (scene.domain, scene.split) == ("audio", "test")


def test_a_folder_of_files_and_a_single_file(tmp_path: Path) -> None:
    for name in ("b.jsonl", "a.jsonl"):
        shutil.copy(FIXTURES / "spans.jsonl", tmp_path / name)
    hidden = tmp_path / ".cache"
    hidden.mkdir()
    (hidden / "c.jsonl").write_text("{}\n")
    simulated = tmp_path / "simulated"
    simulated.mkdir()
    (simulated / "speech.jsonl").write_text('{"id": "x"}\n')
    assert [p.name for p in record_files(tmp_path)] == ["a.jsonl", "b.jsonl"]
    wheres = [i.where for i in iter_instances(tmp_path)]
    assert len(wheres) == 22
    assert wheres[0] == "a.jsonl:1"
    assert len(list(iter_instances(tmp_path / "b.jsonl"))) == 11


def test_byte_order_mark_and_windows_line_ends() -> None:
    ledger = Ledger()
    found = list(read_file(FIXTURES / "bom_crlf.jsonl", ledger=ledger))
    assert [i.uuid for i in found] == ["w-0", "w-1", "w-2"]
    assert ledger.repairs == {Repair.BOM: 1, Repair.CRLF: 1}
    assert not ledger.problems


def test_an_array_of_records() -> None:
    ledger = Ledger()
    found = list(iter_instances(FIXTURES / "array.json", ledger=ledger))
    assert [(i.uuid, i.where) for i in found] == [
        ("a-1", "array.json:1"),
        ("a-2", "array.json:2"),
    ]
    assert ledger.repairs == {Repair.JSON_ARRAY: 1}


def test_answers_are_told_apart_from_records() -> None:
    ledger = Ledger()
    path = CMI / "qwen2_GTZAN.jsonl"
    assert list(iter_instances(path, ledger=ledger)) == []
    assert ledger.problems == {ProblemKind.ANSWERS: 3}
    problem = ledger.problem_examples[ProblemKind.ANSWERS][0]
    assert problem.where == "qwen2_GTZAN.jsonl:1"
    assert "a model's answers (question, response, correct_answer)" in problem.reason
    with pytest.raises(RecordError, match="a model's answers"):
        list(iter_instances(path, strict=True))


def test_an_array_that_is_broken(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text('[{"instruction": ')
    ledger = Ledger()
    assert list(iter_instances(path, ledger=ledger)) == []
    assert ledger.problems == {ProblemKind.BROKEN_JSON: 1}


def test_an_array_with_elements_of_other_kinds(tmp_path: Path) -> None:
    record = json.loads((FIXTURES / "array.json").read_text())[0]
    path = tmp_path / "x.json"
    path.write_text(json.dumps([3, record]))
    ledger = Ledger()
    assert [i.where for i in iter_instances(path, ledger=ledger)] == ["x.json:2"]
    assert ledger.problems == {ProblemKind.NOT_AN_OBJECT: 1}


def test_lines_and_arrays_beyond_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    line = (FIXTURES / "spans.jsonl").read_bytes().splitlines()[0]
    long = line.replace(b"hello there", b"x" * 5000)
    path = tmp_path / "x.jsonl"
    path.write_bytes(b"\n".join([line, long, line]))
    monkeypatch.setattr(tree, "LONGEST_LINE", 2000)
    ledger = Ledger()
    assert [i.where for i in read_file(path, ledger=ledger)] == ["x.jsonl:1", "x.jsonl:3"]
    assert ledger.problems == {ProblemKind.LINE_TOO_LONG: 1}
    assert ledger.problem_examples[ProblemKind.LINE_TOO_LONG][0].where == "x.jsonl:2"
    monkeypatch.setattr(tree, "_LONGEST_ARRAY", 100)
    assert list(read_file(FIXTURES / "array.json", ledger=ledger)) == []
    assert ledger.problems == {ProblemKind.LINE_TOO_LONG: 2}


def test_a_file_is_read_line_by_line(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    shutil.copy(FIXTURES / "spans.jsonl", path)
    ledger = Ledger()
    stream = read_file(path, ledger=ledger)
    first = next(stream)
    # Nothing was read ahead: what is written now is still seen.
    with path.open("ab") as more:
        more.write(b"not json\n")
    ledger_before = ledger.problems.total()
    assert len([first, *stream]) == 11
    assert (ledger_before, ledger.problems.total()) == (0, 1)


def test_an_empty_file_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_bytes(b"\n  \n")
    ledger = Ledger()
    assert list(iter_instances(tmp_path, ledger=ledger)) == []
    assert not ledger.problems


def test_nothing_to_read(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="no such file or folder; expected a release tree"):
        record_files(tmp_path / "none")
    with pytest.raises(RecordError, match=r"no \.jsonl file below it; expected metadata/"):
        record_files(tmp_path)


def test_a_file_that_cannot_be_opened(tmp_path: Path) -> None:
    ledger = Ledger()
    assert list(read_file(tmp_path / "gone.jsonl", ledger=ledger)) == []
    assert ledger.problems == {ProblemKind.UNREADABLE: 1}


def test_strict_stops_at_the_first_bad_line() -> None:
    with pytest.raises(RecordError, match=r"^broken\.jsonl:2: broken JSON"):
        list(read_file(FIXTURES / "broken.jsonl", strict=True))


@pytest.mark.parametrize(
    ("name", "task", "splits"),
    [
        ("CMI_GTZAN", "genre_classification", {"train", "test"}),
        (
            "CMI_Guzheng_Tech",
            "instrumental_technique_classification",
            {"train", "validation", "test"},
        ),
        ("CMI_ballroom_downbeat", "", {"test"}),
    ],
)
def test_cmi_bench_is_read_without_loss(name: str, task: str, splits: set[str]) -> None:
    path = CMI / f"{name}.jsonl"
    raw = [json.loads(line) for line in path.read_bytes().splitlines()]
    ledger = Ledger()
    found = list(read_file(path, ledger=ledger))
    assert len(found) == len(raw) == 40
    assert not ledger.problems
    assert {i.task for i in found} == {task}
    assert {i.split for i in found} == splits
    for instance, record in zip(found, raw, strict=True):
        assert instance.instruction == record["instruction"]
        assert instance.output == record["output"]
        assert list(instance.audio_path) == record["audio_path"]
        assert (instance.audio_start, instance.audio_end) == (
            record["audio_start"],
            record["audio_end"],
        )
        assert instance.source == (record["source"],)
        assert instance.other == record["other"]
        (audio_id,) = instance.audio_ids
        assert instance.path_of(audio_id) == record["audio_path"][0]
        assert instance.category == "understanding"
    clips = {(i.audio_path, i.audio_start, i.audio_end) for i in found}
    assert len({i.audio_ids for i in found}) == len(clips)
    assert len({i.uuid for i in found}) == 40


def test_ids_made_from_paths() -> None:
    first = path_id("a/x.wav", 0.0, None)
    assert first == path_id("a/x.wav", None, None)
    others = {
        path_id("b/x.wav", 0.0, None),
        path_id("a/x.wav", 1.0, None),
        path_id("a/x.wav", 0.0, 5.0),
    }
    assert len(others | {first}) == 4
    assert first.startswith("x_")
    assert path_id("d/ü ?*.wav", 0, 1).startswith("_____")
    assert "/" not in path_id("..\\..\\..", None, None)


def _write_record(folder: Path, split: list[str] | None) -> None:
    folder.mkdir(parents=True)
    record = {
        "instruction": "Which gender?", "input": "audio: <|SOA|>a<|EOA|>", "output": "male",
        "task": "gender_recognition",
    } | ({} if split is None else {"split": split})  # fmt: skip
    (folder / "rows.jsonl").write_text(json.dumps(record) + "\n", "utf-8")


def test_one_unknown_split_among_several_is_an_error(tmp_path: Path) -> None:
    _write_record(tmp_path / "jsonl", ["train", "tset"])
    with pytest.raises(RecordError, match=r"unknown split 'tset' \(did you mean test"):
        list(iter_instances(tmp_path, strict=True))


def test_a_misspelt_split_folder_of_a_release_is_an_error_unless_mapped(tmp_path: Path) -> None:
    _write_record(tmp_path / "metadata" / "speech" / "trian" / "13_LibriTTS-R" / "jsonl", None)
    with pytest.raises(RecordError, match="unknown split 'trian'"):
        list(iter_instances(tmp_path, strict=True))
    (instance,) = iter_instances(tmp_path, strict=True, splits={"trian": "test"})
    assert instance.split == "test"


@pytest.mark.parametrize("folder", ["test_clean", "dev-other", "generation", "13_Trains"])
def test_other_folders_of_a_release_say_nothing_of_the_split(tmp_path: Path, folder: str) -> None:
    _write_record(tmp_path / "metadata" / "speech" / folder / "jsonl", None)
    (instance,) = iter_instances(tmp_path, strict=True)
    assert instance.split == "train"


def test_the_id_of_a_task_is_no_other_spelling(tmp_path: Path) -> None:
    ledger = Ledger()
    _write_record(tmp_path / "jsonl", ["train"])
    list(iter_instances(tmp_path, strict=True, ledger=ledger))
    assert Repair.NAME_SPELLING not in ledger.repairs
