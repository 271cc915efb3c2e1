"""Labels, sets of labels and sequences of names in answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache, partial

from audioflan_tasks.metrics.parsing.answer_text import AnswerText
from audioflan_tasks.metrics.parsing.clean import literal, shortened
from audioflan_tasks.metrics.parsing.figures import without_scales
from audioflan_tasks.metrics.parsing.letters import choices_of, letters_in, without_brackets
from audioflan_tasks.metrics.parsing.statements import meaning
from audioflan_tasks.metrics.parsing.texts import LEAD_IN, plain_label, strings_of
from audioflan_tasks.metrics.values import ParsedAnswer, Status
from audioflan_tasks.vocabularies import (
    MOST_ITEMS,
    LabelMatcher,
    Mention,
    fold,
    items_of,
    slots_of,
)

__all__ = ["read_label", "read_labels", "read_one_or_several", "read_sequence"]

_EITHER = re.compile(r"\b(?:or|either)\b|或", re.IGNORECASE)
_NO_LABELS = frozenset(("none", "nothing", "no tags", "n/a", "无", "没有", "empty"))
_ENDS = " .。!！"
_NONE_AT_ALL = re.compile(
    r"\W*(?:there (?:is|are) )?(?:none of (?:the|these|them)\b|no(?:ne)?\s+(?:\w+\s+)?"
    r"(?:labels?|tags?|instruments?|events?|sounds?|options?)\b|(?:没有|无)(?:任何|合适的?|其他|适用的?)?(?:标签|乐器|声音))",
    re.IGNORECASE,
)
_FEW_WORDS = 4
_LONGEST_ITEM = 400
_FEWEST_SLOTS = 3
_DENIED_ITEM = re.compile(
    r"\s*(?:(?:there (?:is|are)|with)\s)?(?:(?:no|not|without)\s|没有|[无没不])", re.IGNORECASE
)
_ITEM_NUMBER = re.compile(r"^\s*(?:\d{1,3}[.)]|\[\d{1,3}\]|[-*•])\s+", re.MULTILINE)
_NUMBER_IN_LINE = re.compile(r"[ \t]+\(?\d{1,2}[.)][ \t]+")
_BEFORE_ITEM = re.compile(
    r"\A(?:(?:first(?:ly)?|then|finally|lastly|next|and|followed by|after that)[,:]?\s+){0,2}"
    r"(?:(?:首先|先)是?|然后|接着|随后|之后|最后)?是?"
    r"(?:(?:there (?:is|are)|(?:i|you|we) hear)\s+)?(?:(?:an?|the)\s+)?",
    re.IGNORECASE,
)
_ONLY_ORDER = re.compile(
    r"\s*(?:first(?:ly)?|second(?:ly)?|third(?:ly)?|then|finally|lastly|next|after that|and)\s*",
    re.IGNORECASE,
)
_SLOT_BORDER = re.compile(r"[,|_-]")
_WORD = re.compile(r"\w+")
# same_speaker: false, "drums": true
_FLAG = re.compile(
    r"[\"']?([^\W\d][\w ]{0,30})[\"']?\s?[:：=]\s?[\"']?(true|yes|是|false|no|否)[\"']?(?![^\W_])",
    re.IGNORECASE,
)
_SUBJECT = re.compile(r"\W*(?:she|he)(?:['’]|\s+\w)|[她他]")
# "She is most likely a", "he doesn't sound like a"
_OF_SUBJECT = re.compile(
    r"\W*(?:she|he)(?:['’]s|\s+(?:is|was|sounds?|seems?|appears?|does|must|can|could|may|might))\b"
    r"(?:(?!\s(?:talk|say|speak|ask|tell|quot|describ|call|imitat))[\s'’]+\w+){0,6}\s+"
)
_FALSE = ("false", "no", "否")
_TITLE_END = re.compile(r"[:：=]")
_AFTER_TITLE = re.compile(r"[:：=\[{(]")

NameTest = Callable[[str], bool]


def _no_name(text: str) -> bool:
    """The test of names where none are known."""
    return False


def read_label(answer: AnswerText, labels: LabelMatcher) -> ParsedAnswer:
    """The one label that an answer means (see `statements`); letters count where options have them.

    A sentence is read with its lead-in. What stands after that counts where a title or a bracket
    precedes it, and where the sentence says no label.
    """
    label = labels.exact(answer.text)
    if label is not None:
        return ParsedAnswer(label, Status.OK)
    has_parts = "," in labels.labels[0] or _AFTER_TITLE.search(answer.text) is not None
    listed = _of_parts(answer.body, labels) if has_parts else None
    if listed is not None:
        return listed
    reading = _of_sentence(answer, labels)
    if reading.status is Status.OK:
        return reading
    label = labels.exact(answer.body)
    if label is None and not labels.mentions(answer.text):
        label = labels.leading(answer.body)  # "不，一个是小提琴，一个是钢琴。"
    return reading if label is None else ParsedAnswer(label, Status.OK)


def _of_parts(text: str, labels: LabelMatcher) -> ParsedAnswer | None:
    """The label that a text, a list or an object is; none where it only has as many slots."""
    bare = _unwrapped(text)
    slots_text = slots_of(bare) if bare.startswith("{") else ""
    label = labels.exact(slots_text or bare)
    if label is not None:
        return ParsedAnswer(label, Status.OK)
    slots = bare.count(",")
    if slots and all(label.count(",") == slots for label in labels.labels):
        # "activate, lights, bedroom": not one of the intents, yet two of its slots may be right.
        return ParsedAnswer(plain_label(bare), Status.OUT_OF_SET)
    return None


def _of_sentence(answer: AnswerText, labels: LabelMatcher) -> ParsedAnswer:
    choices = choices_of(answer.prompt, labels) if answer.prompt else {}
    text = _without_flags(_unwrapped(answer.text), labels)
    if labels.labels[0].isdecimal():
        text = without_scales(text)
    letters = letters_in(text, choices)
    text = without_brackets(text) if letters else text
    mentions = labels.mentions(text, letters)
    by_slots = _label_of_slots(text, labels)
    if by_slots is not None and not any(m.denied for m in mentions):
        return ParsedAnswer(by_slots, Status.OK)
    reading = meaning(fold(text), mentions, labels.labels, answer.nouns)
    return _agreed(fold(text), reading, mentions, labels)


def _agreed(
    text: str, reading: ParsedAnswer, mentions: Sequence[Mention], labels: LabelMatcher
) -> ParsedAnswer:
    """A reading, ambiguous where "she" begins a text that speaks of a man and not of herself."""
    subject = labels.subject(text) if _SUBJECT.match(text) else None
    if subject is None or reading.value in (None, subject):
        return reading
    is_predicate = any(
        m.label == reading.value and _OF_SUBJECT.fullmatch(text[: m.start]) for m in mentions
    )
    return reading if is_predicate else ParsedAnswer(None, Status.AMBIGUOUS)


def _without_flags(text: str, labels: LabelMatcher) -> str:
    """A text with "not same" for "same: false", and "same" for "same: true"."""

    def denial(flag: re.Match[str]) -> str:
        name, value = flag.groups()
        if not labels.mentions(name):
            return flag[0]
        return f"not {name}" if value.casefold() in _FALSE else name

    return _FLAG.sub(denial, text) if _TITLE_END.search(text) else text


def _unwrapped(text: str) -> str:
    """The text of a literal that is one text, else the text."""
    value = literal(text) if text[:1] in "[{(" else None
    if isinstance(value, list | tuple) and len(value) == 1:
        value = value[0]
    return value if isinstance(value, str) else text


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
    if not slots_by_label:
        return None
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


def read_one_or_several(answer: AnswerText, labels: LabelMatcher) -> ParsedAnswer:
    """The label, or the labels of a list or sentence in order, joined by ", "."""
    reading = read_label(answer, labels)
    text, is_name = answer.body, answer.is_name
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
    strings = strings_of(literal(text))
    body = _without_title(text.strip(), labels)
    body = body if labels is None else _without_flags(body, labels)
    items = strings if strings is not None else _items(body, labels, is_name)
    if body.strip(_ENDS).casefold() in _NO_LABELS or strings == [] or _says_none(body, labels):
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


def _without_title(text: str, labels: LabelMatcher | None) -> str:
    """A list without its title; "A slow piece: piano, guitar" has none."""
    title = LEAD_IN.match(text)
    if title is None or (labels is not None and labels.mentions(title[0])):
        return text
    return text[title.end() :]


def _says_none(text: str, labels: LabelMatcher | None) -> bool:
    """Whether a text says that no label holds: "no tags apply"."""
    if not _NONE_AT_ALL.match(text):
        return False
    return labels is None or all(m.denied for m in labels.mentions(text))


def _labels_of_list(items: Sequence[str], labels: LabelMatcher) -> ParsedAnswer:
    """Labels of a list; items that are none stay, as long as one is."""
    result: set[str] = set()
    any_label = False
    for item in list(dict.fromkeys(items))[:MOST_ITEMS]:
        whole = labels.exact(item)
        mentions = [] if whole else labels.mentions(item)
        names = {whole} if whole else {m.label for m in mentions if not m.denied}
        any_label = any_label or bool(names)
        is_other = not mentions and not _DENIED_ITEM.match(item)
        result |= names or ({plain_label(item)} - {""} if is_other else set())
    return (
        ParsedAnswer(frozenset(result), Status.OK)
        if any_label
        else ParsedAnswer(None, Status.OUT_OF_SET)
    )


def read_sequence(
    text: str, labels: LabelMatcher | None, is_name: NameTest = _no_name
) -> ParsedAnswer:
    """Names in order, separated by commas, arrows, "then" or lines."""
    strings = strings_of(literal(text))
    body = _ITEM_NUMBER.sub("", _in_lines(LEAD_IN.sub("", text.strip(), count=1)))
    parts = strings if strings is not None else _items(body, labels, is_name)
    parts = [part for part in parts if not _ONLY_ORDER.fullmatch(part)]
    if len(parts) == 1 and labels is not None and labels.exact(parts[0]) is None:
        mentions = [m.label for m in labels.mentions(shortened(body)) if not m.denied]
        if mentions:
            return ParsedAnswer(tuple(mentions), Status.OK)
    names = {part: _item(part, labels) for part in dict.fromkeys(parts[:MOST_ITEMS])}
    items = tuple(name for part in parts[:MOST_ITEMS] if (name := names[part]))
    return ParsedAnswer(items, Status.OK) if items else ParsedAnswer(None, Status.MALFORMED)


def _in_lines(text: str) -> str:
    """A list that is numbered in one line, an item a line."""
    return _NUMBER_IN_LINE.sub("\n", text) if _ITEM_NUMBER.match(text) else text


def _items(text: str, labels: LabelMatcher | None, is_name: NameTest) -> Sequence[str]:
    return items_of(text, partial(_is_name, labels, is_name), at_and=True)


def _is_name(labels: LabelMatcher | None, is_name: NameTest, text: str) -> bool:
    return is_name(text) or (labels is not None and labels.has(text))


def _item(text: str, labels: LabelMatcher | None) -> str:
    plain = plain_label(_BEFORE_ITEM.sub("", text.strip()))
    if labels is None or len(plain) > _LONGEST_ITEM:
        return plain
    whole = labels.exact(plain)
    names = {m.label for m in labels.mentions(plain) if not m.denied}
    return whole or (names.pop() if len(names) == 1 else plain)
