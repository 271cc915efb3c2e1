"""Which words of a request nobody needs who asks for the same.

Nobody can list all words that change what is asked, so all are refused that are not known: from the
instruction, from the task's pool, from the words for what the task is about, or from the table of
words that change nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from audioflan_tasks.variation.focus import focal_words
from audioflan_tasks.variation.instruction_rewrite import InstructionRewrite
from audioflan_tasks.variation.lexicon import Lexicon, lexicon
from audioflan_tasks.variation.task_wording import (
    allowed_concepts,
    character_pairs,
    harmless_words,
    needed_names,
    own_pairs,
    stem,
    usual_stems,
    usual_words,
)

__all__ = ["unknown_parts", "unknown_words"]

_SENTENCE = re.compile(r"(?<=[.?!])\s+")
_PERSONAL = re.compile(r"(?:I|We|My|Our)\b")
# "I am cataloguing tapes and" before what is needed.
_PERSONAL_LEAD = re.compile(r"^(?:I|We)\b[^.?!{]*?\band (?=(?:I |we )?(?:need|want|would)\b)")
# Somebody heard, and what they do.
_PREDICATE = re.compile(
    r"\b(?:speaker|talker|singer|person|voice|he|she|they)s? "
    r"(?!of\b|in\b|is\b|to\b|and\b|or\b|says?\b|speaking\b)(\w+)"
)
# Characters of a harmless word.
_LONGEST = 7
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_CLAUSE = re.compile(r"[^，。；：！？,;:!?]+[？?]?")


def unknown_words(case: InstructionRewrite) -> list[str]:
    """The unknown words of a request in a language that parts them by blanks."""
    words, text = lexicon(case.language), case.request_content.text
    known_stems = usual_stems(case.row) | set(map(stem, case.original_content.text.split()))
    quoted_texts = map(str.lower, (*case.rewrite_content.quotes, *case.rewrite_content.items))
    known_texts = (*quoted_texts, *(text[begin:end] for begin, end in _concept_spans(case)))
    known_words = {word for known_text in known_texts for word in known_text.split()}
    known_words |= {word for word in text.split() if stem(word) in known_stems}
    if case.row.writes == ("text",):
        # How somebody answers is left open, how something is said or sung is not.
        known_words |= {word for word in text.split() if word.endswith("ly")}
    sentences = words.sentences(_topical_request(case))
    unknown = [w for sentence in sentences for w in focal_words(sentence, known_words, words)]
    return unknown + _foreign_predicates(case)


def _concept_spans(case: InstructionRewrite) -> list[tuple[int, int]]:
    """Where the request names what the instruction, or the task, is about."""
    names = case.original_content.concepts | allowed_concepts(case.row, case.language)
    patterns = lexicon(case.language).patterns_of(names)
    text = case.request_content.text
    return [match.span() for pattern in patterns for match in pattern.finditer(text)]


def _foreign_predicates(case: InstructionRewrite) -> list[str]:
    """What somebody heard does, where the words are those for what the model does.

    "Mention the language" is harmless, "the language that the speaker mentions" is not.
    """
    if case.row.writes != ("text",):
        return []
    harmless = lexicon(case.language).harmless
    verbs = _PREDICATE.findall(case.request_content.text)
    if not verbs:
        return []
    own_words = usual_words(case.row, case.language).union(case.original_content.text.split())
    plain_words = harmless["any"] | harmless[f"{case.row.domain} domain"] | own_words
    acts = set(map(stem, harmless["text"])) - set(map(stem, plain_words))
    return [verb for verb in verbs if stem(verb) in acts]


def _topical_request(case: InstructionRewrite) -> str:
    """The request without sentences about oneself that name nothing that the task needs."""
    words = lexicon(case.language)
    patterns = words.patterns_of(needed_names(case.row, case.language))

    def is_topical(sentence: str) -> bool:
        text = words.normal(sentence)
        return "{" in sentence or any(pattern.search(text) for pattern in patterns)

    sentences = [_PERSONAL_LEAD.sub("", sentence) for sentence in _SENTENCE.split(case.request)]
    rest = [s for s in sentences if not _PERSONAL.match(s) or is_topical(s)]
    return " ".join(rest if any(map(is_topical, rest)) else sentences)


def unknown_parts(case: InstructionRewrite) -> list[str]:
    """The unknown parts of a request in a language without blanks.

    A character is known if it stands in a known word, or together with one beside it in an
    instruction of the task.
    """
    text = case.request_content.text
    characters = [character if _CHINESE.match(character) else " " for character in text]
    for begin, end in (*_known_spans(case), *_scene_spans(text, lexicon(case.language))):
        characters[begin:end] = " " * (end - begin)
    return "".join(characters).split()


def _scene_spans(text: str, words: Lexicon) -> list[tuple[int, int]]:
    """The clauses that neither ask nor limit, unless none does."""
    clauses = list(_CLAUSE.finditer(text))
    scenes = [
        clause.span()
        for clause in clauses
        if clause[0][-1] not in "？?"
        and not words.scenes.request.search(clause[0])
        and not words.scenes.limit.search(clause[0])
    ]
    return scenes if len(scenes) < len(clauses) else []


def _known_spans(case: InstructionRewrite) -> Iterator[tuple[int, int]]:
    text = case.request_content.text
    yield from _concept_spans(case)
    known_pairs = own_pairs(case.row, case.language) | character_pairs(case.original_content.text)
    harmless = harmless_words(case.row, case.language)
    for begin in range(len(text)):
        if text[begin : begin + 2] in known_pairs:
            yield begin, begin + 2
        for end in range(begin + 1, min(begin + _LONGEST, len(text)) + 1):
            if text[begin:end] in harmless:
                yield begin, end
