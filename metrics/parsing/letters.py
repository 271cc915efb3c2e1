"""Letters of options: "(C)", "option b", "选B", where the prompt gives its options letters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache

from audioflan_tasks.vocabularies import LabelMatcher

__all__ = ["choices_of", "letters_in", "without_brackets"]

_OPTION = re.compile(r"(?<![\w(])\(?([A-Z])[).:：]\s*(?=\S)")
_LETTER = re.compile(
    r"(?<![A-Za-z0-9_'’])(?:[(\[（]\s*([A-Za-z])\s*[)\]）]|([A-Za-z]))(?![A-Za-z0-9_]|['’][a-z])"
)
_BRACKETED = re.compile(r"[(\[（]([A-Za-z])[)\]）]")
_NAMED = re.compile(
    r"(?:\b(?:answer|ans|option|choice|choose|pick|select|go with|letter|is|be)\b\W{0,4}|"
    r"(?:答案|选项|选择|选|是|为)\W{0,3})\Z",
    re.IGNORECASE,
)
_ENDS = re.compile(r"[)\]\"'”’*]*\s*(?:[.,;:!?\n。，；]|\Z)")
_CALLED = re.compile(r"\b(?:option|choice|answer|ans)\W{1,3}\Z", re.IGNORECASE)
# What follows a letter and not an article: "A is right", "A and B".
_AFTER_LETTER = re.compile(
    r"\s*(?:\Z|[^\s\w]|(?:is|are|and|or|nor|was|would|must|seems|because|since|fits|best)\b)"
)
_LONGEST = 400
_BACK = 24


@lru_cache(maxsize=4096)
def choices_of(prompt: str, labels: LabelMatcher) -> Mapping[str, str]:
    """The label of each letter that a prompt gives its options, A and B at least."""
    marks = list(_OPTION.finditer(prompt))
    choices: dict[str, str] = {}
    for number, mark in enumerate(marks):
        if mark[1] != chr(ord("A") + len(choices)):
            continue
        following = marks[number + 1].start() if number + 1 < len(marks) else len(prompt)
        text = prompt[mark.end() : min(following, mark.end() + _LONGEST)]
        label = labels.exact(text) or _first_label(labels, text)
        if label is not None:
            choices[mark[1]] = label
    return choices if len(choices) > 1 else {}


def letters_in(text: str, choices: Mapping[str, str]) -> Mapping[int, str]:
    """The labels of the letters in an answer, by their places in the folded text."""
    if not choices:
        return {}
    plain = unicodedata.normalize("NFKC", text)
    places: dict[int, str] = {}
    for match in _LETTER.finditer(plain):
        letter = match[1] or match[2]
        if letter.upper() in choices and _is_letter(plain, match):
            places[match.start(1) if match[1] else match.start(2)] = choices[letter.upper()]
    return places


def without_brackets(text: str) -> str:
    """A text with blanks for the brackets of letters, which end no clause: "(B) and (D) are"."""
    return _BRACKETED.sub(r" \1 ", text)


def _is_letter(text: str, match: re.Match[str]) -> bool:
    """Whether a letter stands for an option: in brackets, after "answer", or as a capital."""
    if match[1]:
        return True
    letter, end = match[2], match.end()
    before = text[max(0, match.start() - _BACK) : match.start()]
    if not text[: match.start()].strip("\"'*( ") and not text[end:].strip("\"'*).: "):
        return True
    if letter.islower():
        is_end = bool(_ENDS.match(text, end))
        return is_end and (bool(_NAMED.search(before)) or text[end : end + 1] == ")")
    if letter in "AI" and not _CALLED.search(before):
        return bool(_AFTER_LETTER.match(text, end)) and letter != "I"
    return True


def _first_label(labels: LabelMatcher, text: str) -> str | None:
    mentions = labels.mentions(text)
    return mentions[0].label if mentions and not text[: mentions[0].start].strip() else None
