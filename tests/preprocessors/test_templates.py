"""The pools keep the rules, and a pool that breaks one is refused with its line."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from pathlib import Path

import pytest

from audioflan_tasks.catalogue import TaskRow, get, tasks
from audioflan_tasks.errors import TemplateError
from audioflan_tasks.preprocessors.lead_ins import strip_lead_in
from audioflan_tasks.preprocessors.templates import OPTIONS, Pool, languages_of, pool
from audioflan_tasks.recipes.cards import cards

ROWS = tasks()[:80]
EACH = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
POOLS = [(row, language) for row in ROWS for language in languages_of(row.id)]
EACH_POOL = pytest.mark.parametrize(
    ("row", "language"), POOLS, ids=[f"{row.id}-{language}" for row, language in POOLS]
)

GOOD = """task = 'text_to_speech'

[[instruction]]
ask = 'Read this text aloud.'
mood = 'command'

[[instruction]]
ask = 'Could you say this?'
mood = 'polite'

[inputs]
text = ['', 'text: ']

[answer]
lead_ins = ['', 'audio: ']
"""


def asks(row: TaskRow, language: str = "en") -> tuple[str, ...]:
    return tuple(one.ask for one in pool(row.id, language=language).instruction)


def test_there_is_a_pool_for_every_task_and_none_besides() -> None:
    folder = Path(__file__).parents[2] / "preprocessors" / "pools"
    assert {file.stem for file in folder.glob("*.toml")} == {row.id for row in ROWS}
    assert len(ROWS) == 80
    assert {file.stem for file in folder.glob("zh/*.toml")} == {
        row.id for row, language in POOLS if language == "zh"
    }


def test_each_task_of_a_chinese_corpus_has_a_mandarin_pool() -> None:
    """By the languages on the cards of Table 3's corpora; "102 languages" have Chinese too."""
    chinese_tasks = {
        task
        for card in cards().values()
        if any("Chinese" in name or name.endswith("languages") for name in card.languages)
        for task in card.tasks
    }
    assert {"dialect_identification", "singing_voice_conversion"} < chinese_tasks
    assert chinese_tasks <= {row.id for row, language in POOLS if language == "zh"}


@EACH_POOL
def test_enough_instructions_in_four_moods(row: TaskRow, language: str) -> None:
    instructions = pool(row.id, language=language).instruction
    assert len(instructions) >= (20 if language == "en" else 10)
    assert len({instruction.mood for instruction in instructions}) >= 4


@EACH_POOL
def test_slots_and_options(row: TaskRow, language: str) -> None:
    instructions = pool(row.id, language=language).instruction
    listing = [OPTIONS in instruction.placeholders for instruction in instructions]
    for instruction in instructions:
        assert {*instruction.placeholders} - {OPTIONS} == {*row.slots}
    if row.answer == "label" or row.id == "music_tagging":
        assert listing.count(True) >= 3
        assert listing.count(False) >= 3
    else:
        assert not any(listing)


@EACH_POOL
def test_labels_and_lead_ins(row: TaskRow, language: str) -> None:
    found = pool(row.id, language=language)
    assert list(found.inputs) == [piece.name for piece in row.inputs]
    for labels in found.inputs.values():
        assert 2 <= len(set(labels)) == len(labels) <= 5
    lead_ins = found.answer.lead_ins
    assert lead_ins[0] == ""
    assert 2 <= len(set(lead_ins)) == len(lead_ins) <= 5
    if row.answer in ("transcript", "caption"):
        # Words of a sentence must not be mistaken for a lead-in when it is stripped.
        assert all(lead_in.endswith((": ", "：")) for lead_in in lead_ins[1:])


# What an instruction says of the form of its answer, by answer format.
HINTS = {
    "phones": r"space|blank|symbols|空格|空一格|符号",
    "labels": r"comma|sorted|alphabetical|list",
    "number": r"dB|decibel",
    "times": r"second|\d\.\d\d",
    "intervals": r"second|start-end|\d\.\d\d|decimals|秒|\d",
    "sequence": r"comma|order|first to last",
    "note": r"[A-G]#?\d|octave|note name|scientific|sharps",
    "progression": r"numeral|degree|dashes",
    "contour": r"Hz|hertz|second|0\.0",
}


@pytest.mark.parametrize(
    ("row", "language"),
    [(r, code) for r, code in POOLS if r.answer in HINTS],
    ids=lambda v: getattr(v, "id", v),
)
def test_structured_answers_have_format_hints(row: TaskRow, language: str) -> None:
    hinting = [ask for ask in asks(row, language) if re.search(HINTS[row.answer], ask)]
    assert len(hinting) >= 3


@EACH
def test_instructions_are_clean_sentences(row: TaskRow) -> None:
    for ask in asks(row):
        assert ask.isascii()
        assert ask[0].isupper() or ask[0] == "{"
        assert ask[-1] in '.?!"' or ask.endswith(f"{{{OPTIONS}}}")
        assert "  " not in ask


@pytest.mark.parametrize("row", [r for r, code in POOLS if code == "zh"], ids=lambda r: r.id)
def test_chinese_instructions_are_clean_sentences(row: TaskRow) -> None:
    found = pool(row.id, language="zh")
    for ask in asks(row, "zh"):
        assert ask[-1] in "。？！" or ask.endswith(f"{{{OPTIONS}}}")
        # Simplified characters are those of GB 2312; nothing of another script or width.
        assert ask.encode("gb2312")
        assert not re.search(r"[\u4e00-\u9fff][,.:;?!()]|[,.:;?!()][\u4e00-\u9fff]", ask)
    for words in (*found.answer.lead_ins, *itertools.chain(*found.inputs.values())):
        assert not words or re.fullmatch(r"[\u4e00-\u9fff]+：", words)


def test_no_instruction_is_shared_between_tasks() -> None:
    """Else a held-out task could be asked for in words seen in training."""
    every = Counter(ask for row, language in POOLS for ask in asks(row, language))
    assert not [ask for ask, count in every.items() if count > 1]


def broken(tmp_path: Path, text: str, task: str = "text_to_speech") -> str:
    (tmp_path / f"{task}.toml").write_text(text, encoding="utf-8")
    with pytest.raises(TemplateError) as caught:
        pool(task, tmp_path)
    return str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("Read this text aloud.", "Read this {txt} aloud.", 4, "{txt}"),
        ("Could you say this?", "Could you say {emotion} this?", 8, "knows {options}"),
        ("Could you say this?", "Could you say this} now?", 8, "a literal brace is doubled"),
        ("Could you say this?", "Could you say this?n", 8, "stray"),
        ("Could you say this?", "Could you  say this?", 8, "stray"),
        ("Could you say this?", "Could you say this: {options}n", 8, "stray"),
        ("Could you say this?", "{options} or {options}, please.", 8, "twice"),
        ("mood = 'polite'", "mood = 'rude'", 9, "'exclamation'"),
        ("mood = 'polite'", "mode = 'polite'", 7, "mood"),
        ("text = ['', 'text: ']", "texts = ['', 'text: ']", 12, "did you mean text"),
        ("text = ['', 'text: ']", "", 11, "no labels for the input piece 'text'"),
        ("text = ['', 'text: ']", "text = ['text:']", 12, "'text:'"),
        ("['', 'audio: ']", "['audio: ']", 15, "first lead-in"),
        ("['', 'audio: ']", "['', 'audio']", 15, "'audio'"),
        ("['', 'audio: ']", "['', '音频：', '音频']", 15, "'音频'"),
        ("Could you say this?", "{options}中选一个说出来。n", 8, "stray"),
        ("Could you say this?", "从{options}n中选一个说出来。", 8, "stray"),
        ("task = 'text_to_speech'", "task = 'denoising'", 1, "'denoising'"),
        ("mood = 'polite'", "mood = polite", 9, "TOML"),
        ("mood = 'polite'", "mood = 'polite'\nanswers = ['yes']", 10, "unknown form of answers"),
    ],
)
def test_a_bad_pool_names_file_line_and_offender(
    tmp_path: Path, old: str, new: str, line: int, said: str
) -> None:
    assert old in GOOD
    message = broken(tmp_path, GOOD.replace(old, new))
    assert message.startswith(f"{tmp_path / 'text_to_speech.toml'}:{line}: "), message
    assert said in message


def test_a_missing_slot_is_named_with_those_needed(tmp_path: Path) -> None:
    text = GOOD.replace("text_to_speech", "emotional_text_to_speech")
    message = broken(tmp_path, text, "emotional_text_to_speech")
    assert "emotional_text_to_speech.toml:4: the placeholder {emotion} is missing" in message


def test_pieces_of_one_kind_need_labels(tmp_path: Path) -> None:
    text = GOOD.replace("text_to_speech", "voice_conversion")
    text = text.replace("text = [", "source = ['source: ']\nreference = [")
    assert "voice_conversion.toml:13: 'reference' may not go" in broken(
        tmp_path, text, "voice_conversion"
    )


def test_pieces_of_one_kind_need_equally_many_labels(tmp_path: Path) -> None:
    text = GOOD.replace("text_to_speech", "voice_conversion")
    text = re.sub(r"text = \[.*", "source = ['a: ']\nreference = ['b: ', 'c: ']", text)
    assert "voice_conversion.toml:13: 'reference' has 2 labels and 'source' 1" in broken(
        tmp_path, text, "voice_conversion"
    )


def test_the_line_is_found_for_escaped_text(tmp_path: Path) -> None:
    text = GOOD.replace("'Could you say this?'", '"Could you \\u007bsay\\u007d this?"')
    assert ".toml:8: unknown placeholder {say}" in broken(tmp_path, text)


def test_literal_braces() -> None:
    fields = {
        "task": "x",
        "instruction": [{"ask": "Fill {{gap}} with {emotion}.", "mood": "command"}],
        "inputs": {},
        "answer": {"lead_ins": [""]},
    }
    (instruction,) = Pool.model_validate(fields).instruction
    assert instruction.parts == ("Fill {gap} with ", "emotion", ".")
    assert instruction.placeholders == ("emotion",)


def test_a_folder_or_a_file_of_ones_own(tmp_path: Path) -> None:
    file = tmp_path / "text_to_speech.toml"
    file.write_text(GOOD, encoding="utf-8")
    assert len(pool("text_to_speech", tmp_path).instruction) == 2
    assert pool("text_to_speech", file) == pool("text_to_speech", str(tmp_path))
    assert len(pool("text_to_speech").instruction) >= 10
    assert pool("text_to_speech") is pool("text_to_speech")


def test_no_pool_there(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match=r"no template pool for 'denoising'.*TOML"):
        pool("denoising", tmp_path)
    with pytest.raises(TemplateError, match="in this package"):
        pool("no_such_task")


@EACH_POOL
def test_lead_ins_are_stripped_and_nothing_else(row: TaskRow, language: str) -> None:
    answer = "First of all 12.5 dB; C#4: 0.10-1.20"
    for lead_in in pool(row.id, language=language).answer.lead_ins:
        assert strip_lead_in(row.id, f" {lead_in}{answer}\n") == answer
        assert strip_lead_in(row.id, f"{lead_in.upper()}{answer}") == answer


def test_half_words_are_no_lead_in() -> None:
    assert "This is " in pool("genre_classification").answer.lead_ins
    assert strip_lead_in("genre_classification", "This island reggae") == "This island reggae"
    assert strip_lead_in("genre_classification", "This is reggae") == "reggae"
    assert strip_lead_in("a_task_without_a_pool", " Genre: jazz ") == "Genre: jazz"


def test_get_is_the_row_that_pools_are_checked_against() -> None:
    assert get("emotional_text_to_speech").slots == ("emotion",)
