"""Every drift of format that is known, line by line; and lines that give nothing."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audioflan_tasks import catalogue
from audioflan_tasks.errors import RecordError, SettingsError
from audioflan_tasks.records.instance import Instance
from audioflan_tasks.records.parse import LineParser
from audioflan_tasks.records.repairs import MEANINGS, PROBLEMS, Ledger, ProblemKind, Repair
from audioflan_tasks.records.schema import MINIMAL_RECORD
from audioflan_tasks.records.settle import Hints, checked_splits
from audioflan_tasks.records.spans import Markers
from audioflan_tasks.records.tree import read_file

FIXTURES = Path(__file__).parent / "fixtures"


def _drift() -> dict[str, bytes]:
    lines = (FIXTURES / "drift.jsonl").read_bytes().splitlines()
    named = {}
    for line in lines:
        uuid = json.loads(line).get("uuid")
        named[{"": "empty_uuid", None: "null_uuid"}.get(uuid, uuid)] = line
    return named


DRIFT = _drift()


def parsed(line: bytes, hints: Hints | None = None) -> tuple[Instance, dict[str, int]]:
    ledger = Ledger()
    instance = LineParser("f.jsonl", hints, ledger, strict=True).parse(line, 1)
    assert instance is not None
    return instance, {str(kind): count for kind, count in ledger.repairs.items()}


EXPECTED: list[tuple[str, dict[str, Any], set[str]]] = [
    ("scalar_split", {"split": "train"}, set()),
    ("scalar_task", {"task": "automatic_speech_recognition"}, {"scalar_to_list"}),
    ("scalar_source", {"source": ("audiobook",)}, {"source_string"}),
    ("domain_list", {"domain": "speech"}, {"scalar_to_list"}),
    ("null_source", {"source": ()}, set()),
    ("number_output", {"output": "58", "task": "pitch_classification"}, {"number_output"}),
    ("list_output", {"output": '["a", "b"]'}, {"structured_output"}),
    ("empty_uuid", {}, {"uuid_missing"}),
    ("null_uuid", {}, set()),
    ("validation", {"split": "validation", "raw": {"split": "validation"}}, {"split_renamed"}),
    ("valid", {"split": "validation", "raw": {"split": "valid"}}, {"split_renamed"}),
    ("upper_train", {"split": "train"}, {"split_renamed"}),
    ("no_split", {"split": "train"}, {"split_missing"}),
    ("two_splits", {"split": "train"}, {"several_values"}),
    ("two_spans", {"audio_ids": ("13_A_1", "13_A_2")}, set()),
    ("prefixed_gold", {"output": "female", "lead_in": "The answer is "}, {"lead_in"}),
    ("other_null_text", {"other": {}}, {"null_variant"}),
    ("other_text", {"other": {"value": "16 kHz"}}, {"other_not_object"}),
    ("other_tag", {"other": {"tag": "null"}}, set()),
    ("alias", {"task": "age_recognition", "minor": "Age Recognition"}, {"alias_used"}),
    ("spelling", {"task": "automatic_speech_recognition"}, {"name_spelling"}),
    ("unknown_task", {"task": "", "minor": "downbeat_tracking"}, {"task_unknown"}),
    ("sound", {"domain": "audio", "raw": {"domain": "sound"}}, {"domain_renamed"}),
    ("no_domain", {"domain": "speech"}, set()),
    ("wrong_domain", {"domain": "music"}, {"domain_disagrees"}),
    ("letters", {"paper_category": "understanding"}, {"ug_renamed"}),
    ("no_ug", {"paper_category": "understanding"}, {"ug_missing", "unseen_missing"}),
    (
        "ug_wrong_paper",
        {"paper_category": "generation"},
        {"ug_disagrees_with_paper", "ug_disagrees_with_output"},
    ),
    ("extra", {"other": {"language": "en", "grade": "R"}, "grade": "R"}, {"extra_keys"}),
    (
        "start_end",
        {"audio_start": 1.0, "audio_end": None, "audio_path": ("data/a b/x.wav",)},
        {"span_placeholder", "audio_end_to_end_of_file"},
    ),
    (
        "path_no_span",
        {"audio_start": 0.5, "audio_end": 2.5},
        {"span_from_path", "number_from_text"},
    ),
    ("placeholder", {"audio_ids": ("<AUDIO>",)}, {"placeholder_without_path"}),
    ("multilingual", {"output": "今天天气很好，我们去公园吧。"}, set()),
    ("unseen", {"unseen": True}, set()),
    (
        "task_text",
        {"task": "automatic_speech_recognition", "major": "Speech Recognition"},
        {"scalar_to_list", "ug_missing", "unseen_missing"},
    ),
    ("not_a_number", {"other": {"x": None}}, {"not_a_number"}),
    ("other_empty", {"other": {}}, set()),
]


@pytest.mark.parametrize(("name", "fields", "repairs"), EXPECTED, ids=[e[0] for e in EXPECTED])
def test_drift_is_repaired_and_counted(
    name: str, fields: dict[str, Any], repairs: set[str]
) -> None:
    instance, counted = parsed(DRIFT[name])
    assert {key: getattr(instance, key) for key in fields} == fields
    assert set(counted) == repairs
    assert set(counted.values()) <= {1}


def test_every_line_of_the_drift_file_is_expected() -> None:
    assert {e[0] for e in EXPECTED} == set(DRIFT)


def test_the_papers_three_examples() -> None:
    ledger = Ledger()
    translation, continuation, resolution = read_file(FIXTURES / "paper_a3.jsonl", ledger=ledger)
    assert translation.task == "speech_to_text_translation"
    assert translation.audio_ids == ("Speech_Audio",)
    assert continuation.task == "text_guided_music_continuation"
    assert [(p.label, p.kind) for p in continuation.input_pieces] == [
        ("", "text"),
        ("audio prompt", "audio"),
    ]
    assert [(p.label, p.value) for p in continuation.output_pieces] == [("audio", "Musi_Audio")]
    assert continuation.split == "test"
    assert resolution.task == "audio_super_resolution"
    assert resolution.major == "Audio Enhancement"
    assert resolution.raw == {"minor": "Sound Super-resolution", "major": "Sound Generation"}
    assert resolution.source == ("youtube",)
    assert len({translation.uuid, continuation.uuid, resolution.uuid}) == 3
    assert ledger.repairs[Repair.UUID_MISSING] == 3
    assert ledger.repairs[Repair.ALIAS_USED] == 1
    assert ledger.repairs[Repair.NAME_SPELLING] == 1


def test_every_delimiter_variant_gives_the_same_id() -> None:
    ledger = Ledger()
    found = list(read_file(FIXTURES / "spans.jsonl", ledger=ledger))
    assert len(found) == 11
    assert {i.input for i in found} == {
        "audio: <|SOA|>13_LibriTTS-R_260_123288_000009_000000<|EOA|>"
    }
    assert ledger.repairs == {Repair.SPAN_DELIMITERS: 10}


BROKEN = [
    (2, ProblemKind.BROKEN_JSON, "broken JSON"),
    (3, ProblemKind.BROKEN_JSON, "expected one object on one line"),
    (4, ProblemKind.NOT_AN_OBJECT, "got a list"),
    (5, ProblemKind.NOT_AN_OBJECT, "got text"),
    (6, ProblemKind.NOT_AN_OBJECT, "got null"),
    (8, ProblemKind.MISSING_KEY, "no output; found 'instruction'"),
    (9, ProblemKind.MISSING_KEY, "no instruction and no input"),
    (10, ProblemKind.MISSING_KEY, "no output"),
    (11, ProblemKind.WRONG_TYPE, "key 'split.0'"),
    (12, ProblemKind.WRONG_TYPE, "key 'task_type'"),
    (13, ProblemKind.WRONG_TYPE, "key 'source.0'"),
    (14, ProblemKind.INVALID_UTF8, "no UTF-8"),
    (15, ProblemKind.AUDIO_RANGE, "audio_start 9.0 and audio_end 3.0"),
    (16, ProblemKind.ANSWERS, "a model's answers"),
    (17, ProblemKind.BROKEN_JSON, "half of a surrogate pair"),
    (18, ProblemKind.TOO_DEEP, "nested deeper than 64 levels"),
]


@pytest.mark.parametrize(("number", "kind", "words"), BROKEN)
def test_a_broken_line_is_counted_with_place_and_reason(
    number: int, kind: ProblemKind, words: str
) -> None:
    line = (FIXTURES / "broken.jsonl").read_bytes().split(b"\n")[number - 1]
    ledger = Ledger()
    assert LineParser("dir/f.jsonl", ledger=ledger).parse(line, number) is None
    (problem,) = ledger.problem_examples[kind]
    assert problem.where == f"dir/f.jsonl:{number}"
    assert words in problem.reason
    assert ledger.problems.total() == 1
    assert ledger.records == 0
    with pytest.raises(RecordError, match=f"dir/f.jsonl:{number}: "):
        LineParser("dir/f.jsonl", strict=True).parse(line, number)


def test_broken_lines_do_not_stop_the_file() -> None:
    ledger = Ledger()
    found = list(read_file(FIXTURES / "broken.jsonl", ledger=ledger))
    assert [i.uuid for i in found] == ["good-1", "good-2"]
    assert [i.where for i in found] == ["broken.jsonl:1", "broken.jsonl:19"]
    assert ledger.problems.total() == len(BROKEN)


def _record(**changes: Any) -> dict[str, Any]:
    record: dict[str, Any] = json.loads(DRIFT["multilingual"])
    record["task_type"] |= changes.pop("task_type", {})
    return record | changes


def _line(**changes: Any) -> bytes:
    return json.dumps(_record(**changes)).encode()


@pytest.mark.parametrize(
    ("changes", "fields", "repairs"),
    [
        ({"task_type": {"U/G": [], "U_G": "U"}}, {"paper_category": "understanding"}, 2),
        ({"task_type": {"unseen": "true"}}, {"unseen": True}, 1),
        ({"task_type": {"unseen": 0}}, {"unseen": False}, 1),
        ({"task_type": {"unseen": "null"}}, {"unseen": False}, 1),
        ({"audio_start": [2], "audio_end": None}, {"audio_start": 2.0}, 1),
        ({"audio_end": "-1"}, {"audio_end": None}, 2),
        ({"other": [{"grade": "P"}]}, {"grade": "P"}, 1),
        ({"other": ["null"]}, {"other": {}}, 1),
        ({"other": [1]}, {"other": {"value": [1]}}, 1),
        ({"other": {"language": "de"}, "language": "en"}, {"other": {"language": "de"}}, 1),
        ({"instruction": None}, {"instruction": ""}, 1),
        ({"uuid": 17}, {"uuid": "17"}, 1),
        ({"uuid": "None"}, {}, 1),
    ],
)
def test_rarer_drift(changes: dict[str, Any], fields: dict[str, Any], repairs: int) -> None:
    instance, counted = parsed(_line(**changes))
    assert {key: getattr(instance, key) for key in fields} == fields
    assert sum(counted.values()) == repairs


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"audio_start": "soon"}, "key 'audio_start': .*got text 'soon'"),
        ({"audio_start": True}, "key 'audio_start': .*got a flag True"),
        ({"task_type": {"unseen": "maybe"}}, r"key 'task_type\.unseen': .*got text 'maybe'"),
        ({"domain": {"a": 1}}, "key 'domain': .*got an object"),
        ({"audio_end": -5}, "audio_end -5.0 make no part of a recording"),
        (
            {"split": [1], "source": [2], "uuid": [3], "audio_path": [4]},
            r"key 'uuid'.*key 'split\.0'.*and 1 more",
        ),
    ],
)
def test_what_no_safe_change_repairs(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(RecordError, match=words):
        parsed(_line(**changes))


def test_broken_json_with_a_nan_in_it() -> None:
    with pytest.raises(RecordError, match="broken JSON"):
        parsed(b'{"instruction": NaN')


def test_more_placeholders_than_paths() -> None:
    hole = "<|SOA|><AUDIO><|EOA|>"
    one, _ = parsed(_line(input=f"{hole} {hole}", audio_path=["x.wav"]))
    assert one.path_of(one.audio_ids[0]) == "x.wav"
    assert one.audio_ids[1] == "<AUDIO>"


def test_the_folder_speaks_where_the_record_is_silent() -> None:
    hints = Hints(domain="speech", category="generation", split="test", folder="13_X")
    line = _line(split=[], domain="", task_type={"U/G": []})
    instance, counted = parsed(line, hints)
    assert (instance.split, instance.domain) == ("test", "speech")
    assert instance.paper_category == "generation"
    assert set(counted) == {
        "split_from_path",
        "domain_from_path",
        "ug_missing",
        "ug_disagrees_with_output",
    }


def test_the_record_wins_over_the_folder_and_the_disagreement_is_counted() -> None:
    hints = Hints(domain="music", category="generation", split="test")
    instance, counted = parsed(_line(split=["train"]), hints)
    assert (instance.split, instance.domain) == ("train", "speech")
    assert instance.paper_category == "understanding"
    assert counted == {"ug_disagrees_with_folder": 1}


def test_the_file_name_names_the_task_only_if_the_record_does_not() -> None:
    hints = Hints(task="gender_recognition")
    instance, counted = parsed(_line(task_type={"minor": []}), hints)
    # The record's major task disagrees with the name of the file, and is told.
    assert instance.task == "gender_recognition"
    assert set(counted) == {"task_from_path", "major_renamed"}
    instance, counted = parsed(_line(), hints)
    assert instance.task == "automatic_speech_recognition"
    assert counted == {}


def test_category_goes_by_the_output_first() -> None:
    # Table 2 files Speaker Extraction, which writes audio, under understanding.
    names = {
        "major": ["Speaker Recognition"],
        "minor": ["Speaker Extraction"],
        "U/G": ["understanding"],
    }
    instance, counted = parsed(_line(output="<|SOA|>a<|EOA|>", task_type=names))
    assert instance.category == "generation"
    assert instance.paper_category == "understanding"
    assert counted == {}
    _, counted = parsed(_line(output="no clip", task_type=names))
    assert counted == {"ug_disagrees_with_output": 1}


@pytest.mark.parametrize(
    ("minor", "domain", "task"),
    [
        ("Deepfake Detection", "speech", "deepfake_detection"),
        ("Deepfake Detection", "audio", "deepfake_audio_detection"),
        ("Deepfake Detection", "", "deepfake_detection"),
        ("Deepfake Audio Detection", "audio", "deepfake_audio_detection"),
        ("Emotion Recognition", "speech", "emotion_recognition"),
        ("Emotion Recognition", "music", "emotion_classification"),
        ("Emotion Classification", "music", "emotion_classification"),
        ("Instruments Comparison", "music", "instrument_comparison"),
        ("Zero-shot Text to Speech/Voice Cloning", "speech", "zero_shot_text_to_speech"),
        ("Speech and Non-speech Detection", "audio", "speech_nonspeech_detection"),
        ("Lyrics2song Generation", "music", "lyrics_to_song_generation"),
        ("music_captioningn", "music", "music_caption"),
        ("key_detection", "music", "key_detection"),
        ("beat_tracking", "music", "beat_tracking"),
        ("technique_detection", "music", "instrumental_technique_classification"),
        ("singing_technique_classification", "music", "vocal_technique_classification"),
        ("Text-guided Music Generation", "music", "text_to_music_generation"),
        ("Device Recognitin", "speech", "device_recognition"),
        ("emotion_regression", "music", ""),
        ("lyrics_transcription", "music", ""),
    ],
)
def test_names_that_drift(minor: str, domain: str, task: str) -> None:
    row = catalogue.resolve(minor, domain)
    assert (row.id if row else "") == task


def test_unknown_names_are_counted_with_places() -> None:
    ledger = Ledger()
    parser = LineParser("f", ledger=ledger)
    for number in range(1, 9):
        parser.parse(DRIFT["unknown_task"], number)
    key = ("downbeat_tracking", "seq_multi-class", "music")
    assert ledger.unknown == {key: 8}
    assert ledger.unknown_examples[key] == [f"f:{n}" for n in range(1, 6)]
    assert ledger.records == 8


def test_a_missing_uuid_is_the_same_every_time_and_differs_by_content() -> None:
    first, _ = parsed(DRIFT["empty_uuid"])
    again, _ = parsed(DRIFT["empty_uuid"], Hints(folder="elsewhere"))
    changed, _ = parsed(_line(uuid="", output="other"))
    assert first.uuid == again.uuid
    assert len(first.uuid) == 24
    assert changed.uuid != first.uuid


def test_several_paths_fill_the_placeholders_in_order() -> None:
    hole = "<|SOA|><AUDIO><|EOA|>"
    two, _ = parsed(_line(input=f"a: {hole}\nb: {hole}", audio_path=["x/1.wav", "y/1.wav"]))
    assert [two.path_of(i) for i in two.audio_ids] == ["x/1.wav", "y/1.wav"]
    assert len(set(two.audio_ids)) == 2
    one, _ = parsed(_line(input=hole, audio_path=["x/1.wav", "y/1.wav"]))
    assert one.audio_ids == two.audio_ids


def test_other_marker_names() -> None:
    parser = LineParser("f", markers=Markers("BOS_A", "EOS_A"))
    line = _line(input="<|BOS_A|>x<|EOS_A|>")
    instance = parser.parse(line, 1)
    assert instance is not None
    assert instance.input == "<|SOA|>x<|EOA|>"


def test_every_kind_has_a_meaning() -> None:
    assert set(MEANINGS) == set(Repair)
    assert set(PROBLEMS) == set(ProblemKind)


def test_ledgers_add_up() -> None:
    first, second = Ledger(), Ledger()
    for ledger, name in ((first, "a"), (second, "b")):
        parser = LineParser(name, ledger=ledger)
        for number in range(4):
            parser.parse(DRIFT["alias"], number + 1)
            parser.parse(DRIFT["unknown_task"], number + 1)
        parser.parse(b"{", 9)
    first.merge(second)
    assert first.records == 16
    assert first.repairs == {Repair.ALIAS_USED: 8, Repair.TASK_UNKNOWN: 8}
    places = ["a:1", "a:2", "a:3", "a:4", "b:1"]
    assert first.repair_examples[Repair.ALIAS_USED] == places
    assert first.as_dict()["problems"] == {"broken_json": 2}
    assert first.as_dict()["unknown"][0]["records"] == 8


text = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
safe_id = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,30}", fullmatch=True)
row = st.sampled_from(catalogue.tasks())
scalars = st.one_of(st.none(), st.booleans(), st.integers(-(2**40), 2**40), text)
other = st.dictionaries(text, st.one_of(scalars, st.lists(scalars, max_size=3)), max_size=4)


@st.composite
def instances(draw: st.DrawFn) -> Instance:
    task = draw(row)
    ids = draw(st.lists(safe_id, min_size=1, max_size=3))
    body = draw(text).replace("SOA", "").replace("EOA", "").replace("soa", "")
    return Instance(
        instruction=draw(text),
        input="\n".join([body, *(f"audio: <|SOA|>{i}<|EOA|>" for i in ids)]),
        output=draw(text).replace("SOA", "").replace("EOA", "").replace("soa", ""),
        uuid=draw(st.uuids()).hex,
        split=draw(st.sampled_from(["train", "validation", "test"])),
        task=task.id,
        minor=task.minor,
        major=task.major,
        paper_category=task.paper_category,
        unseen=draw(st.booleans()),
        domain=task.domain,
        source=tuple(draw(st.lists(st.sampled_from(["youtube", "studio"]), max_size=2))),
        other=draw(other),
    )


@pytest.mark.slow
@given(instances())
def test_a_canonical_record_survives_the_round_trip(instance: Instance) -> None:
    line = json.dumps(instance.record(), ensure_ascii=False).encode()
    again, counted = parsed(line)
    assert again.replace(where="") == instance
    assert set(counted) <= {"ug_disagrees_with_output"}


@pytest.mark.slow
@given(instances(), st.floats(0, 1e3), st.floats(1, 1e3))
def test_a_record_with_a_path_survives_too(
    instance: Instance, start: float, seconds: float
) -> None:
    wanted = instance.replace(audio_path=("a/b.wav",), audio_start=start, audio_end=start + seconds)
    again, _ = parsed(json.dumps(wanted.record()).encode())
    assert again.replace(where="") == wanted


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything(data: bytes) -> None:
    ledger = Ledger()
    LineParser("f", ledger=ledger).parse(data, 1)
    assert ledger.records + ledger.problems.total() == 1


json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(), text),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(text, inner, max_size=3)),
    max_leaves=6,
)


@pytest.mark.slow
@given(st.sampled_from(sorted(_record())), json_values)
def test_no_value_of_any_key_raises_anything(key: str, value: Any) -> None:
    ledger = Ledger()
    line = json.dumps({**_record(), key: value}).encode()
    LineParser("f", ledger=ledger).parse(line, 1)
    assert ledger.records + ledger.problems.total() == 1


MINIMAL = {
    "instruction": "Is the voice female or male?",
    "input": "audio: <|SOA|>a<|EOA|>",
    "output": "female",
    "task": "Gender Recognition",
    "split": "train",
}


def of(record: dict[str, Any], **arguments: Any) -> Instance:
    instance = LineParser("f.jsonl", strict=True, **arguments).parse(json.dumps(record).encode(), 1)
    assert instance is not None
    return instance


@pytest.mark.parametrize("key", ["task", "minor", "task_name", "minor_task"])
def test_a_minimal_record_is_right_as_it_is(key: str) -> None:
    record = {key if k == "task" else k: v for k, v in MINIMAL.items()}
    instance, counted = parsed(json.dumps(record).encode())
    assert (instance.task, instance.split, instance.domain) == (
        "gender_recognition", "train", "speech",
    )  # fmt: skip
    assert len(instance.uuid) == 24
    assert instance.other == {}
    assert counted == {}


def test_the_record_in_the_messages_is_that_record() -> None:
    _, counted = parsed(MINIMAL_RECORD.encode())
    assert counted == {}


def test_task_type_names_the_task_before_a_key_at_the_top_level() -> None:
    instance = of({**MINIMAL, "task": "qa", "task_type": {"minor": ["Accent Recognition"]}})
    assert instance.task == "accent_recognition"
    assert instance.other == {"task": "qa"}
    assert of({**MINIMAL, "task_type": {"minor": [], "major": ["X"]}}).task == "gender_recognition"


@pytest.mark.parametrize(
    ("split", "nearest"),
    [("trian", "train"), ("tset", "test"), ("validaton", "validation"), ("xyz", "")],
)
def test_an_unknown_split_is_an_error_with_the_nearest(split: str, nearest: str) -> None:
    words = f"unknown split '{split}'" + (f" (did you mean {nearest}?)" if nearest else "")
    for value in (split, [split]):
        with pytest.raises(RecordError, match=f"^f.jsonl:1: {re.escape(words)}; expected train"):
            of({**MINIMAL, "split": value})
    ledger = Ledger()
    hints = Hints(split="train")
    line = json.dumps({**MINIMAL, "split": split}).encode()
    assert LineParser("f", hints, ledger).parse(line, 3) is None
    assert ledger.as_dict()["problems"] == {"split_unknown": 1}


@pytest.mark.parametrize("value", [["train", "test"], ["dev", "train"], ["", "test", "dev"]])
def test_a_record_of_two_splits_is_an_error(value: list[str]) -> None:
    words = "several splits: " + ", ".join(repr(name) for name in value if name)
    with pytest.raises(RecordError, match=f"^f.jsonl:1: {words}; a record is in one"):
        of({**MINIMAL, "split": value})
    assert of({**MINIMAL, "split": ["eval", "test"]}).split == "test"


def test_a_mapping_says_what_a_word_for_a_split_means() -> None:
    splits = checked_splits({"Trian": "train", "hold-out": "dev", "dev": "train"})
    for word, split in (("trian", "train"), ("hold_out", "validation"), ("dev", "train")):
        instance = of({**MINIMAL, "split": word}, splits=splits)
        assert (instance.split, instance.raw["split"]) == (split, word)
    assert of({**MINIMAL, "split": "test"}, splits=splits).split == "test"
    with pytest.raises(SettingsError, match="'x' is mapped to 'y'; expected train, dev or test"):
        checked_splits({"x": "y"})


def test_a_missing_split_is_the_folders_else_train() -> None:
    silent = {k: v for k, v in MINIMAL.items() if k != "split"}
    for record in (silent, {**MINIMAL, "split": None}, {**MINIMAL, "split": [""]}):
        assert of(record).split == "train"
        assert of(record, hints=Hints(split="test")).split == "test"


@pytest.mark.parametrize("minor", ["Text-guided Music Generation", "text_guided_music_generation"])
def test_text_guided_music_generation_goes_by_its_input(minor: str) -> None:
    record = {**MINIMAL, "task": minor, "output": "audio: <|SOA|>b<|EOA|>"}
    text = {**record, "input": "description: calm piano"}
    clip = {**record, "input": "description: calm piano\nmelody: <|SOA|>a<|EOA|>"}
    parser = LineParser("f")
    tasks = [parser.parse(json.dumps(r).encode(), 1) for r in (text, clip, text, clip)]
    assert [i and i.task for i in tasks] == [
        "text_to_music_generation", "text_guided_music_continuation",
        "text_to_music_generation", "text_guided_music_continuation",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("folder", "uuid", "audio_id", "corpus"),
    [
        ("13_LibriTTS-R", "AISHELL-Gender Recognition-0", "08_m4singer_1", "LibriTTS-R"),
        ("", "AISHELL-Gender Recognition-0", "08_m4singer_1", "AISHELL-1"),
        ("", "NewCorpus-Gender Recognition-7", "a", "NewCorpus"),
        ("", "KeSpeech-x-7", "a", "KeSpeech"),
        ("", "0123-4567", "13_LibriTTS-R_260_123288_000009_000000", "LibriTTS-R"),
        ("", "0123-4567", "a", ""),
        ("", "13_LibriTTS-R_1034_121119", "a", "LibriTTS-R"),
        ("", "AISHELL-3_1", "a", "AISHELL-3"),
        ("", "AISHELL-3-1", "a", "AISHELL-3"),
        ("", "AISHELL-3", "a", "AISHELL-1"),
        ("", "5_ESD_0011_000001", "a", "ESD"),
        ("", "ESC-50_1-100032-A-0", "a", "ESC-50"),
        ("", "fma_000002", "a", "FMA"),
        ("", "another_fma_2", "a", ""),
        ("61_OpenSFX", "0", "a", "OpenSFX"),
    ],
)
def test_the_corpus_is_of_the_folder_else_of_the_ids(
    folder: str, uuid: str, audio_id: str, corpus: str
) -> None:
    record = {
        **MINIMAL, "uuid": uuid, "input": f"<|SOA|>{audio_id}<|EOA|>", "source": ["studio"],
    }  # fmt: skip
    instance = of(record, hints=Hints(folder=folder))
    assert (instance.corpus, instance.source) == (corpus, ("studio",))


def test_the_language_is_the_records_else_the_corpuss() -> None:
    record = {**MINIMAL, "uuid": "LJSpeech-Gender Recognition-0"}
    assert of(record).language == "English"
    assert of({**record, "other": {"language": "French"}}).language == "French"
    assert of(MINIMAL).language == ""


def test_verification_says_whether_it_is_text_dependent_where_the_record_does() -> None:
    record = {**MINIMAL, "task": "Speaker Verification", "output": "yes"}
    for words, dependence in (
        ("Verify the speaker (text-dependent).", "text-dependent"),
        ("Text-independent verification: the same person?", "text-independent"),
        ("Is it the same person?", ""),
    ):
        assert of({**record, "instruction": words}).text_dependence == dependence
    named = of({**record, "task": "Text-dependent Speaker Verification"})
    assert (named.task, named.text_dependence) == ("speaker_verification", "text-dependent")
    flagged = of({**record, "other": {"text_dependent": False}})
    assert flagged.text_dependence == "text-independent"


def test_intervals_as_answers_of_a_label_task_are_noted() -> None:
    ledger = Ledger()
    parser = LineParser("f", ledger=ledger)
    for number, output in enumerate(("[('0.0', '1.2', 'Vibrato')]", "vibrato", "0.1-1.2 x"), 1):
        record = {**MINIMAL, "task": "technique_detection", "output": output}
        parser.parse(json.dumps(record).encode(), number)
    assert ledger.forms == {("instrumental_technique_classification", "intervals"): 2}
    assert ledger.as_dict()["repairs"]["answer_form"] == 2


def test_repairs_that_always_come_together_are_one_group() -> None:
    ledger = Ledger()
    both = (Repair.UG_MISSING, Repair.UNSEEN_MISSING)
    for number in range(5):
        ledger.repair(both if number else (*both, Repair.LEAD_IN), f"f:{number}")
    ledger.repair([Repair.BOM], "f")
    assert {(group.kinds, group.count) for group in ledger.groups()} == {
        (both, 5), ((Repair.LEAD_IN,), 1), ((Repair.BOM,), 1),
    }  # fmt: skip
