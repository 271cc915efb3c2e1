"""The wrapping of an answer: reasoning, quotes, code fences, tags.

Every pattern here runs in time linear in the text; texts are cut at `MAX_CHARS` first.
"""

from __future__ import annotations

import ast
import json
import re
import unicodedata
from collections.abc import Mapping
from typing import Any

__all__ = [
    "MAX_CHARS",
    "MOST_OF_CHOICE",
    "bare",
    "literal",
    "says_nothing",
    "shortened",
    "split_reasoning",
    "table_rows",
    "without_long_blanks",
]

MAX_CHARS = 100_000
# Of longer answers of one value the beginning and the end are read: there it stands.
MOST_OF_CHOICE = 2_000
_MAX_LITERAL = 50_000
# Python's parser takes twenty times as long as that of JSON.
_MAX_PYTHON = 10_000
_MAX_DEPTH = 8

_THINK = r"think|thinking|thought|thoughts|reasoning|analysis|reflection|scratchpad"
_THINK_TAG = re.compile(rf"<(/?)(?:{_THINK})>", re.IGNORECASE)
_CHANNEL = re.compile(r"<\|channel\|>\s*final\s*<\|message\|>")
_ANSWER_TAG = re.compile(r"<(/?)(?:answer|output|response)>", re.IGNORECASE)
_SPECIAL = re.compile(
    r"<\|(?!SOA|EOA)[A-Za-z0-9_ ]{1,40}\|>|</?s>|<(?:eos|bos|pad|unk)>|\[/?INST\]"
)
_FENCE = re.compile(r"```[A-Za-z]{0,12}[ \t]*\n?(.*?)```", re.DOTALL)
_BOX = re.compile(r"\\boxed\{([^{}]{0,2000})\}|\\text\{([^{}]{0,2000})\}")
# key = "Ab"
_ASSIGNMENT = re.compile(
    r"[^\W\d]\w{0,30}(?: \w{1,20}){0,2}\s?=\s?([\"'])([^\"'\n]{1,400})\1[.;,]?"
)
_EMPHASIS = re.compile(r"__(?=\S)([^*_\n]{1,400})__")
_QUOTES = {'"': '"', "'": "'", "“": "”", "‘": "’", "`": "`", "«": "»", "「": "」", "『": "』"}
_ANSWER_KEYS = (
    "answer", "final_answer", "response", "output", "result", "label", "labels", "prediction",
    "text", "transcription", "transcript", "caption", "tags", "beats", "times", "events", "value",
)  # fmt: skip

_WORD = re.compile(r"[^\W_]")
_TABLE_RULE = re.compile(r"^[ \t|:]*-[-:| \t]*$", re.MULTILINE)
_LONG_BLANK = re.compile(r"\s{4,}")
_OPENING = re.compile(r"[\[({]")
_BRACKET = re.compile(r"[\[\](){}]")
_QUOTE = re.compile(r"[\"'\\]")
_SQUARE = str.maketrans("()", "[]")


def without_long_blanks(text: str) -> str:
    """The text with each run of more than 3 blanks as one or two line ends, a tab or a space.

    The number of such blanks means nothing, and patterns that look for blanks beside other
    blanks would take a time that grows with the square of it.
    """
    return _LONG_BLANK.sub(_short_blank, text)


def _short_blank(run: re.Match[str]) -> str:
    lines = run[0].count("\n")
    return "\n" * min(lines, 2) or ("\t" if "\t" in run[0] else " ")


def shortened(text: str) -> str:
    """The beginning and the end of a text that is longer than any answer of one value."""
    ends = _ends(text, MOST_OF_CHOICE)
    # "½" is read as three characters.
    size = len(ends) if ends.isascii() else len(unicodedata.normalize("NFKC", ends))
    return ends if size <= MOST_OF_CHOICE + 1 else _ends(ends, MOST_OF_CHOICE**2 // size)


def _ends(text: str, size: int) -> str:
    if len(text) <= size:
        return text
    head = size // 4
    return f"{text[:head]}\n{text[head - size :]}"


def split_reasoning(text: str) -> tuple[str, str]:
    """The answer, and the reasoning before it.

    `<think>…</think>` and its like, a lone `</think>` (all before it is reasoning), an
    unclosed `<think>` (all after it is), and the channels of Harmony are known.
    """
    if "<" not in text:
        return text.strip(), ""
    final = _CHANNEL.search(text)
    if final:
        return text[final.end() :].strip(), text[: final.start()].strip()
    answer: list[str] = []
    reasoning: list[str] = []
    in_reasoning, piece_start = False, 0
    for tag in _THINK_TAG.finditer(text):
        piece = text[piece_start : tag.start()]
        if tag[1] and not in_reasoning:
            # A closing tag without an opening one: all text before it was reasoning.
            reasoning += [*answer, piece]
            answer = []
        else:
            (reasoning if in_reasoning else answer).append(piece)
        in_reasoning, piece_start = not tag[1], tag.end()
    (reasoning if in_reasoning else answer).append(text[piece_start:])
    parts = (part.strip() for part in reasoning)
    return " ".join(answer).strip(), "\n".join(part for part in parts if part)


def bare(text: str) -> str:
    """The answer without tags, special tokens, code fences, bold marks and outer quotes."""
    text = _text_in_tags(text) if "<" in text else text
    if "<" in text or "[" in text:
        text = _SPECIAL.sub(" ", text)
    fences = _FENCE.findall(text) if "```" in text else ()
    text = "\n".join(fences) if fences else text
    boxes = _BOX.findall(text) if "\\" in text else ()
    text = (boxes[-1][0] or boxes[-1][1]) if boxes else text
    text = text.replace("**", "")
    if "__" in text:
        text = _EMPHASIS.sub(r"\1", text)
    assignment = _ASSIGNMENT.fullmatch(text.strip()) if "=" in text else None
    return unquote(text) if assignment is None else assignment[2].strip()


def _text_in_tags(text: str) -> str:
    """The content of the last <answer>…</answer>, closed or not; else the whole text."""
    opens = [tag.end() for tag in _ANSWER_TAG.finditer(text) if not tag[1]]
    if not opens:
        return text
    close = next((t.start() for t in _ANSWER_TAG.finditer(text, opens[-1]) if t[1]), len(text))
    return text[opens[-1] : close]


def unquote(text: str) -> str:
    """`text` without quotes around all of it."""
    text = text.strip()
    for _ in range(3):
        if len(text) < 2 or _QUOTES.get(text[0]) != text[-1] or text[-1] in text[1:-1]:
            # A string literal such as "[('0.0', ...)]" holds other quotes, never its own.
            return text
        text = text[1:-1].strip()
    return text


def literal(text: str) -> Any:
    """The Python or JSON literal that a text is or contains in brackets, or None.

    Nothing is evaluated: JSON first, on at most 50,000 characters of at most 8 nested brackets,
    then `ast.literal_eval` on at most 10,000; longer lists of numbers in round brackets are read
    as JSON too. `{"answer": x}` and the like give x.
    """
    opening = _OPENING.search(text)
    start = opening.start() if opening is not None else -1
    end = max(text.rfind("]"), text.rfind("}"), text.rfind(")"))
    if start < 0 or end <= start or end - start > _MAX_LITERAL:
        return None
    body = text[start : end + 1]
    if _depth(body) > _MAX_DEPTH:
        return None
    for parse in (json.loads, _python_value):
        try:
            return _inner(parse(body))
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            continue
    return None


def _python_value(text: str) -> Any:
    if len(text) <= _MAX_PYTHON:
        return ast.literal_eval(text)
    if _QUOTE.search(text):
        raise ValueError("too long")
    return json.loads(text.translate(_SQUARE))


def table_rows(text: str) -> list[list[str]]:
    """The cells of a Markdown table, the titles of its columns first; [] where there is none."""
    rule = _TABLE_RULE.search(text) if "|" in text else None
    if rule is None or "|" not in rule[0]:
        return []
    titles = text[: rule.start()].rstrip().rpartition("\n")[2]
    lines = [titles, *(line for line in text[rule.end() :].splitlines() if "|" in line)]
    return [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines]


def says_nothing(text: str) -> bool:
    """Whether there is no letter and no digit in the text."""
    return not _WORD.search(text)


def _depth(text: str) -> int:
    depth = deepest = 0
    for bracket in _BRACKET.findall(text):
        depth += 1 if bracket in "[({" else -1
        deepest = max(deepest, depth)
    return deepest


def _inner(value: Any) -> Any:
    """The value under a known answer key of a JSON object; else the value itself."""
    if isinstance(value, Mapping):
        items = {str(name).casefold().replace(" ", "_"): item for name, item in value.items()}
        for name in _ANSWER_KEYS:
            # {"label": …, "start": …} is an event, not a wrapped answer.
            if name in items and not {"start", "onset"} & set(items):
                return items[name]
        listed = [item for item in items.values() if isinstance(item, list | tuple)]
        if len(items) == len(listed) == 1:
            return listed[0]  # {"segments": […]}
    return value
