"""What a task asks when nothing special is asked.

A record may ask the same in other words, the opposite ("which is slower?"), or something narrower
("when does the dog bark?"). The renderer compares a record's instruction with these words.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

__all__ = ["AnswerPattern", "PlainQuestion", "Polarity", "phrases", "terms"]


@dataclass(frozen=True, slots=True)
class AnswerPattern:
    """One way to write the answers of a task: the whole answer fits a regular expression.

    `plain` says that an instruction that names no form may ask for it; `is_sorted` that the
    names between commas must be in alphabetical order too; `is_value` that nothing else looks
    like it, so that it is found inside a sentence.
    """

    name: str
    pattern: str
    plain: bool = True
    is_sorted: bool = False
    is_value: bool = False


@dataclass(frozen=True, slots=True)
class Polarity:
    """Words that say which way a question is asked.

    After a word of `asks` the answers of `forms` (yes and no) mean what the task's values mean,
    after one of `opposite` the reverse. Answers of other forms name the value themselves.
    """

    asks: tuple[str, ...]
    opposite: tuple[str, ...]
    forms: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainQuestion:
    """The phrases with which a task is asked.

    Attributes:
      asks: the sentences that ask it, in the notation of `preprocessors/phrase_rules.py`, with
        rules of `preprocessors/question_rules.toml` and of `terms`.
      terms: names and texts of rules that only this task has.
      tails: sentences that may stand beside one of `asks`, but ask nothing alone.
      polarity: of a question that is answered with yes or no, or with first or second.
      details: groups of words for a unit or a format. Where the record says one of a group, an
        instruction in its place must say one too.
      plural: words that ask for more than one answer of a task that has one label.
    """

    asks: str
    terms: tuple[tuple[str, str], ...] = ()
    tails: str = ""
    polarity: Polarity | None = None
    details: tuple[tuple[str, ...], ...] = ()
    plural: tuple[str, ...] = ()


def terms(**texts: str) -> tuple[tuple[str, str], ...]:
    """Names and texts of rules, as `PlainQuestion.terms` has them."""
    return tuple(texts.items())


def phrases(text: str) -> tuple[str, ...]:
    """Words and phrases from a text: blanks between them, underscores within a phrase.

    "remove/reduce_noise/hiss" stands for the four phrases that the alternatives make.
    """
    alternatives = ([part.split("/") for part in entry.split("_")] for entry in text.split())
    return tuple(" ".join(words) for entry in alternatives for words in itertools.product(*entry))
