"""Running text and lists: transcripts, captions, phones, label lists, sequences."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from typing import Any

from audioflan_tasks.metrics.parsing.clean import literal, unquote
from audioflan_tasks.metrics.values import ParsedAnswer, Status
from audioflan_tasks.vocabularies import LabelMatcher, Mention, items_of, slots_of, without_prefix

__all__ = [
    "plain_label",
    "read_label",
    "read_labels",
    "read_one_or_several",
    "read_phones",
    "read_sequence",
    "running_text",
]

_TEXT_LEAD_IN = re.compile(
    r"\A(?:(?:sure|certainly|of course|okay|ok)[,.!]\s*)?(?:here(?: is|'s)[^:\n]{0,60}:|"
    r"(?:the )?(?:spoken |english |original |corrected )?(?:transcript(?:ion)?|text|words|"
    r"translation|caption|description|phones|phonemes?|content|lyrics|answer|speech)"
    r"(?: (?:of|in|for) [^:\n]{0,40})?(?: (?:is|are|reads?)(?: as follows)?)?\s*[:：])\s*",
    re.IGNORECASE,
)
_SAYS = re.compile(
    r"\A(?:the (?:speaker|person|voice|man|woman|audio|recording) (?:says?|said|is saying)|"
    r"the (?:spoken |whole )?(?:transcription|transcript|translation|text|sentence) is)[:,]?\s*"
    r"([\"“'‘「].*[\"”'’」])\s*\.?\Z",
    re.IGNORECASE | re.DOTALL,
)
_LEAD_IN = re.compile(r"\A[^\W\d_][\w' ()]{0,60}[:：]\s+")
_ANSWER_MARK = re.compile(
    r"(?:\b(?:final answer|answer|choice|option|label|prediction|conclusion|class|category)\b\s*"
    r"(?:is|would be|:|：)|答案(?:是|为|：|:))\s*",
    re.IGNORECASE,
)
_LETTER = re.compile(r"\A\W{0,2}(?:option\s+)?([A-Z])\W{0,2}\Z")
_LETTER_THEN = re.compile(r"\A\W{0,2}(?:option\s+)?([A-Z])[).:：]\s*(?=\S)")
_OPTION = re.compile(r"(?:\(([A-Z])\)|(?:^|\n)\s*([A-Z])[.):])\s*")
_EITHER = re.compile(r"\b(?:or|either)\b|或", re.IGNORECASE)
_NO_LABELS = frozenset(("none", "nothing", "no tags", "n/a", "无", "没有", "empty"))
_FEW_WORDS = 4
_FEWEST_SLOTS = 3
_SLOT_BORDER = re.compile(r"[,|_-]")
_WORD = re.compile(r"\w+")


NameTest = Callable[[str], bool]


def _no_name(text: str) -> bool:
    """The test of names where none are known."""
    return False


def running_text(text: str) -> str:
    """A transcript or caption without "The transcription is:" and outer quotes."""
    if text[:1] in "[{":
        strings = _strings(literal(text))
        text = strings[0] if strings is not None and len(strings) == 1 else text
    quotation = _SAYS.match(text)
    if quotation:
        return unquote(quotation[1].strip())
    body = _TEXT_LEAD_IN.sub("", text, count=1)
    return unquote(body) if body.strip() else text


def plain_label(text: str) -> str:
    """One label of an open set: without lead-in, quotes, final stop, case, doubled blanks."""
    bare = without_prefix(_LEAD_IN.sub("", text.strip()))
    return " ".join(bare.strip(" .\"'`*\n\t").casefold().split())


def read_label(text: str, labels: LabelMatcher, prompt: str = "") -> ParsedAnswer:
    """The one label that is named. Several are ambiguous, however probable the first is."""
    whole = labels.exact(text)
    if whole is not None:
        return ParsedAnswer(whole, Status.OK)
    by_letter = _by_letter(text, labels, prompt)
    if by_letter is not None:
        return by_letter
    bare = _LETTER_THEN.sub("", text, count=1)
    slots_text = slots_of(bare) if bare.startswith("{") else ""
    if slots_text and labels.exact(slots_text):
        return ParsedAnswer(labels.exact(slots_text), Status.OK)
    value = literal(bare) if bare[:1] in "[{(" else None
    if isinstance(value, str):
        bare = value
    elif isinstance(value, list | tuple) and len(value) == 1 and isinstance(value[0], str):
        bare = value[0]
    mentions = labels.mentions(bare)
    lead = labels.leading(bare)
    if lead is not None and _is_explanation(bare, lead, labels):
        return ParsedAnswer(lead, Status.OK)
    marks = list(_ANSWER_MARK.finditer(bare))
    if marks:
        marked_labels = _named_labels(labels, bare[marks[-1].end() :])
        if len(marked_labels) == 1:
            return ParsedAnswer(marked_labels.pop(), Status.OK)
    slots = bare.count(",")
    if slots and all(label.count(",") == slots for label in labels.labels):
        # "activate, lights, bedroom": not one of the intents, yet two of its slots may be right.
        return ParsedAnswer(plain_label(bare), Status.OUT_OF_SET)
    by_slots = _label_of_slots(bare, labels)
    if by_slots is not None and not any(m.denied for m in mentions):
        return ParsedAnswer(by_slots, Status.OK)
    if not mentions:
        return ParsedAnswer(None, Status.OUT_OF_SET)
    names = _meant_labels(labels, mentions)
    if len(names) == 1:
        return ParsedAnswer(names.pop(), Status.OK)
    return ParsedAnswer(None, Status.AMBIGUOUS if names else Status.OUT_OF_SET)


@lru_cache(maxsize=64)
def _slots_by_label(labels: tuple[str, ...]) -> Mapping[str, Sequence[str]]:
    """The slots of each label, if all labels have equally many of them; else nothing."""
    slots = {label: _SLOT_BORDER.split(label) for label in labels}
    counts = {len(parts) for parts in slots.values()}
    return slots if len(counts) == 1 and min(counts) >= _FEWEST_SLOTS else {}


def _label_of_slots(text: str, labels: LabelMatcher) -> str | None:
    """The label all of whose slots a sentence names: "to deactivate the lights".

    Of several the one with the most slots; a slot of "none" need not be named.
    """
    slots_by_label = _slots_by_label(labels.labels)
    words = f" {' '.join(_WORD.findall(text.casefold()))} "
    fits = {
        label: len(slots)
        for label, parts in slots_by_label.items()
        if (slots := [s.strip().casefold() for s in parts if s.strip() != "none"])
        and all(f" {slot} " in words for slot in slots)
    }
    most = max(fits.values(), default=0)
    longest = [label for label, count in fits.items() if count == most]
    return longest[0] if len(longest) == 1 else None


def read_one_or_several(
    text: str, labels: LabelMatcher, prompt: str = "", is_name: NameTest = _no_name
) -> ParsedAnswer:
    """The label, or the labels of a list or sentence in order, joined by ", "."""
    reading = read_label(text, labels, prompt)
    items = items_of(text, partial(_is_name, labels, is_name))
    if (reading.status is not Status.AMBIGUOUS and len(items) < 2) or _EITHER.search(text):
        return reading
    several = read_labels(text, labels, is_name)
    if several.value is None or (len(several.value) < 2 and reading.status is Status.OK):
        return reading
    return replace(several, value=", ".join(sorted(several.value)))


def read_labels(
    text: str, labels: LabelMatcher | None, is_name: NameTest = _no_name
) -> ParsedAnswer:
    """A set of labels. With a closed set, items outside it stay in as wrong ones.

    Nested labels of a list are kept ("guitar, electric guitar"), and a name that holds a comma is
    one label if `is_name` or the labels know it; a sentence gives the labels that it names and
    does not deny.
    """
    strings = _strings(literal(text))
    body = _LEAD_IN.sub("", text.strip(), count=1)
    items = strings if strings is not None else _items(body, labels, is_name)
    if body.strip(" .").casefold() in _NO_LABELS or strings == []:
        return ParsedAnswer(frozenset(), Status.OK)
    if labels is None:
        plain_labels = frozenset(label for item in items if (label := plain_label(item)))
        return (
            ParsedAnswer(plain_labels, Status.OK)
            if plain_labels
            else ParsedAnswer(None, Status.MALFORMED)
        )
    if any(len(item.split()) > _FEW_WORDS and not labels.exact(item) for item in items):
        names = {m.label for m in labels.mentions(body) if not m.denied}
        return (
            ParsedAnswer(frozenset(names), Status.OK)
            if names
            else ParsedAnswer(None, Status.OUT_OF_SET)
        )
    return _labels_of_list(items, labels)


def _labels_of_list(items: Sequence[str], labels: LabelMatcher) -> ParsedAnswer:
    """Labels of a list; items that are none stay, as long as one is."""
    result: set[str] = set()
    any_label = False
    for item in items:
        whole = labels.exact(item)
        mentions = [] if whole else labels.mentions(item)
        names = {whole} if whole else {m.label for m in mentions if not m.denied}
        any_label = any_label or bool(names)
        result |= names or (set() if mentions else {plain_label(item)} - {""})
    return (
        ParsedAnswer(frozenset(result), Status.OK)
        if any_label
        else ParsedAnswer(None, Status.OUT_OF_SET)
    )


def read_sequence(
    text: str, labels: LabelMatcher | None, is_name: NameTest = _no_name
) -> ParsedAnswer:
    """Names in order, separated by commas, arrows, "then" or lines."""
    strings = _strings(literal(text))
    body = re.sub(r"(?m)^\s*\d{1,3}[.)]\s+", "", _LEAD_IN.sub("", text.strip(), count=1))
    parts = strings if strings is not None else _items(body, labels, is_name)
    if len(parts) == 1 and labels is not None and labels.exact(parts[0]) is None:
        names = [m.label for m in labels.mentions(body) if not m.denied]
        if names:
            return ParsedAnswer(tuple(names), Status.OK)
    items = tuple(_item(p, labels) for p in parts[:10_000])
    items = tuple(item for item in items if item)
    return ParsedAnswer(items, Status.OK) if items else ParsedAnswer(None, Status.MALFORMED)


def read_phones(text: str) -> ParsedAnswer:
    """Phone symbols; slashes and brackets around them go, an unspaced string is cut up."""
    body = unicodedata.normalize("NFC", running_text(text)).strip().strip("/[]⟨⟩|").strip()
    phones = body.split()
    if len(phones) == 1 and len(body) > 3 and not body.isascii():
        phones = re.findall(r"[^\W_][\u0300-\u036fːˑʰʲʷˠˤ˞]*", body)
    return (
        ParsedAnswer(tuple(phones), Status.OK) if phones else ParsedAnswer(None, Status.MALFORMED)
    )


def _items(text: str, labels: LabelMatcher | None, is_name: NameTest) -> Sequence[str]:
    return items_of(text, partial(_is_name, labels, is_name), at_and=True)


def _is_name(labels: LabelMatcher | None, is_name: NameTest, text: str) -> bool:
    return is_name(text) or (labels is not None and labels.has(text))


def _item(text: str, labels: LabelMatcher | None) -> str:
    plain = plain_label(
        re.sub(r"\A\s*(?:an?|the|then|finally|next|and)\s+", "", text.strip(), flags=re.I)
    )
    if labels is None:
        return plain
    whole = labels.exact(plain)
    names = {m.label for m in labels.mentions(plain) if not m.denied}
    return whole or (names.pop() if len(names) == 1 else plain)


def _named_labels(labels: LabelMatcher, text: str) -> set[str]:
    """Labels that the text names."""
    return _meant_labels(labels, labels.mentions(text))


def _meant_labels(labels: LabelMatcher, mentions: Sequence[Mention]) -> set[str]:
    """Labels that are named and not denied; of two labels, denying one names the other."""
    names = {m.label for m in mentions if not m.denied}
    denied_names = {m.label for m in mentions if m.denied}
    if len(labels.labels) == 2:
        names |= {other for other in labels.labels if other not in denied_names and denied_names}
    return names


def _is_explanation(text: str, lead: str, labels: LabelMatcher) -> bool:
    """Whether what follows a leading label is an explanation, not more labels.

    Of yes and no the first word decides; of others a sentence must end after the label.
    """
    mark = re.search(r"[.,;:!?\n。，；：！？(—]", text)
    if mark is None:
        return False
    explanation = text[mark.end() :]
    other_labels = {m.label for m in labels.mentions(explanation) if not m.denied} - {lead}
    if not other_labels:
        return True
    if lead in ("yes", "no"):
        return not other_labels & {"yes", "no"} or mark[0] in ",.，。"
    return mark[0] in ".\n。(—" and len(explanation.split()) > 2 * len(other_labels) + 2


def _by_letter(text: str, labels: LabelMatcher, prompt: str) -> ParsedAnswer | None:
    """The option with this letter in the prompt, None where the prompt lists no such option."""
    only_letter, letter_and_text = _LETTER.match(text), _LETTER_THEN.match(text)
    letter = (only_letter or letter_and_text or [None, None])[1]
    if letter is None:
        return None
    choices: dict[str, str] = {}
    for match in _OPTION.finditer(prompt):
        label = labels.leading(prompt[match.end() :][:100] + "\n") or _first_label(
            labels, prompt[match.end() :][:100]
        )
        if label is not None:
            choices.setdefault(match[1] or match[2], label)
    label_of_letter = choices.get(letter)
    if only_letter:
        return ParsedAnswer(label_of_letter, Status.OK if label_of_letter else Status.OUT_OF_SET)
    if label_of_letter is None or letter_and_text is None:
        return None
    names = _named_labels(labels, text[letter_and_text.end() :])
    return (
        ParsedAnswer(None, Status.AMBIGUOUS)
        if names and names != {label_of_letter}
        else ParsedAnswer(label_of_letter, Status.OK)
    )


def _first_label(labels: LabelMatcher, text: str) -> str | None:
    mentions = labels.mentions(text)
    return mentions[0].label if mentions and mentions[0].start == 0 else None


def _strings(value: Any) -> list[str] | None:
    if isinstance(value, str):
        return [value]
    if isinstance(value, list | tuple | set) and all(isinstance(i, str | int) for i in value):
        return [str(i) for i in value]
    return None
