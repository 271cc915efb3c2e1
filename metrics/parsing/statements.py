"""Which of the labels that an answer mentions it means.

A label is taken where the text leaves no choice: what it denies, asks, supposes or mentions aside
does not count, and of several the statement wins ("The genre is X. A touch of Y …"). Otherwise the
answer is ambiguous, never the first of several.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from audioflan_tasks.metrics.values import ParsedAnswer, Status
from audioflan_tasks.vocabularies import Claim, Mention, word_set

__all__ = ["meaning"]

_MARK = re.compile(
    r"(?:(?<!2nd )(?<!second )(?<!3rd )(?<!third )\b(?:final answer|answer|ans|choice|"
    r"prediction|conclusion|class|category|label|option"
    r"|(?:right|correct|best)(?: (?:one|answer|option|choice|label))?)\b\W{0,3}"
    r"(?:is|would be|must be|should be|has to be|=|:|：)"
    r"|\bi(?:'d|'ll| would| will)? (?:choose|pick|select|opt for|go with|went with|"
    r"lean(?: more)? towards?|am leaning towards?)\b"
    r"|(?:答案|选项|选择|结论)\s*(?:应该)?(?:是|为|：|:)|我?选(?:择)?)"
)
_RIGHT = re.compile(
    r"\s*[)\]\"'*.]*\s*(?:is|would be|must be)(?: the)? (?:right|correct|best|answer)\b"
)
_EXPLAINS = re.compile(r"[.:;(—\n。：；（]")
_YES_NO = frozenset(("yes", "no"))
_FEWEST_WORDS = 4

Value = str | None


def meaning(
    text: str, mentions: Sequence[Mention], labels: Sequence[str], nouns: Collection[str] = ()
) -> ParsedAnswer:
    """The one label that an answer means; `text` is folded, `nouns` what the question is about."""
    evidence = [
        (value, mention)
        for mention in mentions
        if mention.place.claim is not Claim.OPEN and (value := _value(mention, labels)) is not None
    ]
    if not evidence:
        is_open = any(m.place.claim is Claim.OPEN for m in mentions)
        return ParsedAnswer(None, Status.AMBIGUOUS if is_open else Status.OUT_OF_SET)
    label = _decided(text, evidence, nouns)
    return ParsedAnswer(label, Status.AMBIGUOUS if label is None else Status.OK)


def _value(mention: Mention, labels: Sequence[str]) -> Value:
    """What a mention says: its label, or of two labels the other where it is denied."""
    if mention.place.claim is Claim.YES:
        return mention.label
    if len(labels) != 2:
        return None
    return labels[1] if mention.label == labels[0] else labels[0]


Evidence = Sequence[tuple[str, Mention]]


def _decided(text: str, evidence: Evidence, nouns: Collection[str]) -> Value:
    evidence = [(value, m) for value, m in evidence if not _is_of_another(text, m, nouns)]
    if not evidence:
        return None
    main = [(value, m) for value, m in evidence if not m.place.is_aside] or evidence
    label = _only(main) or _marked(text, evidence) or _answered(text, main)
    if label is not None or _is_leading_answer(text, main[0]):
        return label
    return (
        _after_contrast(text, main, _BEGINS)
        or _in_truth(text, main)
        or _only(_specific(text, main, nouns))
        or _stated(text, main)
        or _after_contrast(text, main, _SEEMS)
    )


def _is_of_another(text: str, mention: Mention, nouns: Collection[str]) -> bool:
    """Whether "same" or "different" is said of a thing that is not in question: "same sentence"."""
    word = text[mention.start : mention.end].rpartition(" ")[2]
    if word not in _COMPARING or not nouns:
        return False
    following = _NEXT_WORDS.match(text, mention.end)
    if following is None or following[1] in _NO_NOUN:
        return False
    return not _words(following[0]) & ({*nouns} | _PEOPLE)


_COMPARING = frozenset(("same", "different", "identical", "distinct", "equal"))
_NEXT_WORDS = re.compile(r" ([^\W\d_]+)(?: [^\W\d_]+){0,2}")
_NO_NOUN = word_set(
    "as in for and or but from to than because since though although while here "
    "throughout across between one ones thing overall i with on at of by is are was were "
    "it they so if when"
)
_PEOPLE = word_set("person people man men woman women girl boy lady individual guy voice talker")


def _only(evidence: Evidence) -> Value:
    """The value that all have in common."""
    values = {value for value, _ in evidence}
    return values.pop() if len(values) == 1 else None


def _marked(text: str, evidence: Evidence) -> Value:
    """The value after the last "the answer is" or "I choose", or before "is correct"."""
    right = [(value, m) for value, m in evidence if _RIGHT.match(text, m.end)]
    last = evidence[-1][1].start
    for mark in reversed([m for m in _MARK.finditer(text) if m.end() <= last]):
        following = [(value, m) for value, m in evidence if m.start >= mark.end()]
        if following:
            sentence = following[0][1].place.sentence
            same = [(value, m) for value, m in following if m.place.sentence == sentence]
            return _only(same) or _only(following)
    return _only(right)


def _answered(text: str, evidence: Evidence) -> Value:
    """A yes or no before everything else, if anything after it agrees."""
    if not _is_leading_answer(text, evidence[0]):
        return None
    value = evidence[0][0]
    # "No, no, they are the same" says "no" of something else.
    others = [other for other, m in evidence[1:] if text[m.start : m.end] not in _YES_NO]
    return value if value in others else None


def _is_leading_answer(text: str, item: tuple[str, Mention]) -> bool:
    """Whether a mention is a yes or no before everything else."""
    value, mention = item
    word = text[mention.start : mention.end]
    is_first = not mention.place.clause and not text[: mention.start].strip()
    return is_first and word in _YES_NO and value == word


def _specific(text: str, evidence: Evidence, nouns: Collection[str]) -> Evidence:
    """What is said of the thing in question: "the same speaker" before "the same room"."""
    if not nouns:
        return ()
    return [
        (value, m)
        for value, m in evidence
        if m.words > 1 and _words(text[m.start : m.end]) & set(nouns)
    ]


def _words(text: str) -> set[str]:
    words = re.findall(r"[^\W\d_]+", text)
    return {form for word in words for form in (word, word.removesuffix("s"))}


def _stated(text: str, evidence: Evidence) -> Value:
    """The value of the first sentence, if it states one and no later sentence states another."""
    sentence = evidence[0][1].place.sentence
    first = [(value, m) for value, m in evidence if m.place.sentence == sentence]
    label = _only(first)
    if label is None:
        return _explained(text, evidence)
    if not any(m.place.is_bare or m.place.is_stated or m.start == 0 for _, m in first):
        return None
    return None if _rivals(evidence[len(first) :], label) else label


def _explained(text: str, evidence: Evidence) -> Value:
    """A label that stands alone before a mark and an explanation in the same sentence."""
    label, lead = evidence[0]
    if text[: lead.start].strip(" (\"'*") or not _EXPLAINS.match(text[lead.end :].lstrip("\"'* ")):
        return None
    rest = evidence[1:]
    is_long = len(text[lead.end :].split()) > 2 * len({v for v, _ in rest} - {label}) + 2
    return label if is_long and not _rivals(rest, label) else None


def _rivals(evidence: Evidence, label: str) -> bool:
    """Whether another label is stated as the first one was."""
    return any(value != label and (m.place.is_bare or m.place.is_stated) for value, m in evidence)


def _in_truth(text: str, evidence: Evidence) -> Value:
    """The value after the last "in fact", where only one is said there."""
    marks = list(_IN_TRUTH.finditer(text))
    return _only([(v, m) for v, m in evidence if m.start >= marks[-1].end()]) if marks else None


def _after_contrast(text: str, evidence: Evidence, seems: re.Pattern[str]) -> Value:
    """The value after "but", where what is before it is only said to seem or begin so."""
    after = [(value, m) for value, m in evidence if m.place.is_contrast]
    if not after:
        return None
    before = text[: after[0][1].start]
    return _only(after) if seems.search(before) else None


_BEGINS = re.compile(
    r"\b(?:at first|initially|starts?|started|begins?|began|expect|expected|"
    r"(?:would|might) think|thought|going to say|tempted|would (?:suggest|indicate|point|say)|"
    r"i (?:first |earlier |initially )?said|enough to (?:fool|"
    r"pass|deceive)|pass(?:es)? (?:for|as))\b"
    r"|以为|起初|一开始|说是|号称"
)
# What follows is so, whatever seemed so before.
_IN_TRUTH = re.compile(r"其实|实际上|事实上|\b(?:in (?:fact|reality|truth)|in actuality)\b")
_SEEMS = re.compile(r"\b(?:may|might|could|seem|seems|sounds?|appears?)\b|像|似乎|看似")
