"""Scores of texts in any script, of music and time, and of sets, with right values.

`tests/data/metric_cases.jsonl` has references, answers, the metric and the right value of each,
worked out by hand or by the library of the field; in half of them a rule must do nothing.
"""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path
from typing import Any

import pytest

from audioflan_tasks import catalogue
from audioflan_tasks.errors import MetricInputError
from audioflan_tasks.metrics import score
from audioflan_tasks.metrics.normalise import normaliser
from audioflan_tasks.vocabularies import INVISIBLE, MARKS, UNSPACED, label_key

FILE = Path(__file__).parents[1] / "data" / "metric_cases.jsonl"
CASES = [json.loads(line) for line in FILE.read_text(encoding="utf-8").split("\n") if line]
KINDS = sorted({case["kind"] for case in CASES})
CHORDS = catalogue.get("chord_estimation")


def value(case: dict[str, Any]) -> float:
    result = score(
        catalogue.get(case["task"]), case["references"], case["answers"],
        metrics=[case["metric"]], languages=case.get("languages", ()),
    )  # fmt: skip
    return result[case["metric"]]


@pytest.mark.parametrize("kind", KINDS)
def test_right_values(kind: str) -> None:
    for case in CASES:
        if case["kind"] == kind:
            assert value(case) == pytest.approx(case["right"], abs=1e-4), case


def test_what_a_chord_metric_does_not_compare_is_left_out_and_counted() -> None:
    found = score(CHORDS, ["0-2 C:maj", "0-2 B:dim", "0-2 X"], ["0-2 C", "0-2 C", "0-2 C"])
    assert found["chord_majmin"] == 1.0 and found["chord_majmin_left_out"] == 2.0
    assert found["chord_root"] == 0.5 and found["chord_root_left_out"] == 1.0
    none = score(CHORDS, ["0-2 B:dim"], ["0-2 B:dim"])
    assert "chord_majmin" not in none and none["chord_majmin_left_out"] == 1.0
    assert none["chord_root"] == 1.0
    with pytest.raises(MetricInputError, match="the reference chord 'H:foo' is not in Harte's"):
        score(CHORDS, ["0-2 H:foo"], ["0-2 C"])


@pytest.mark.slow
def test_every_pair_exactly_at_a_tolerance_matches() -> None:
    """At two decimals, 400 pairs each; of the next hundredth none."""
    beats, speech = catalogue.get("beat_tracking"), catalogue.get("voice_activity_detection")
    starts = [n / 100 for n in range(1, 401)]
    for row, metric, edge, forms in (
        (beats, "beat_f1", 0.07, "{:.2f}"), (speech, "boundary_f1", 0.25, "{:.2f}-90.00"),
    ):  # fmt: skip
        right = [forms.format(s) for s in starts]
        at = score(row, right, [forms.format(s + edge) for s in starts], metrics=[metric])
        assert at[metric] == 1.0
        over = score(row, right, [forms.format(s + edge + 0.01) for s in starts], metrics=[metric])
        assert over[metric] == (0.0 if row is beats else 0.5)


def test_the_tokenizer_of_bleu_is_stated_and_one_name_changes_none() -> None:
    row = catalogue.get("speech_to_text_translation")
    english = [f"they walk over {n} bridges in the old town ." for n in range(20)]
    found = score(row, [*english, "東京"], [*english, "東京"])
    assert found.facts["bleu_tokenizer"] == "13a"
    mixed = score(row, [*english, *["今天天气很好"] * 5], [*english, *["今天天气很好"] * 5])
    assert mixed.facts["bleu_tokenizer"] == "13a (20), zh (5)"
    told = score(row, english, english, languages=["Thai"] * 20)
    assert told.facts["bleu_tokenizer"] == "char"


def test_scripts_without_blanks_are_exactly_those() -> None:
    words = normaliser("basic")
    for text in ("안녕 하세요", "привет мир", "नमस्ते दुनिया", "ሰላም ዓለም", "مرحبا بالعالم", "γεια σου"):
        assert words(text) == unicodedata.normalize("NFKC", text).split()
    for text in ("漢字", "かな", "カナ", "ไทย", "ລາວ", "ខ្មែរ", "မြန်", "㐀𠮷"):
        assert words(text) == list(text)


def test_tables_of_characters_agree_with_unicode() -> None:
    import re

    marks, unspaced = re.compile(f"[{MARKS}]"), re.compile(f"[{UNSPACED}]")
    for point in (*range(0x300, 0x3100), *range(0xA000, 0x12000)):
        character = chr(point)
        kind = unicodedata.category(character)
        if kind[0] in "PSZ":
            assert not marks.match(character) and not unspaced.match(character), hex(point)
        if kind[0] == "M" and point not in INVISIBLE and not unspaced.match(character):
            assert marks.match(character), hex(point)
        if unicodedata.name(character, "").startswith("HANGUL"):
            assert not unspaced.match(character)


@pytest.mark.parametrize(
    ("first", "second", "are_one"),
    [
        ("कुत्ता", "कुत्ता", True), ("मेला", "माला", False), ("क्‍या", "क्या", True),
        ("co\u00adoperation", "cooperation", True), ("Café", "cafe", True),
        ("за́мок", "замок", True),
        ("ไม่", "ไม", False), ("rock ’n’ roll", "rock 'n' roll", True), ("《摇滚》", "摇滚", True),
        ("كِتاب", "كتاب", False), ("rock", "roсk", False),
    ],
)  # fmt: skip
def test_keys_of_labels_in_any_script(first: str, second: str, are_one: bool) -> None:
    assert (label_key(first) == label_key(second)) is are_one
