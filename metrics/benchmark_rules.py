"""How public benchmarks score an answer by themselves, and what is known to be wrong with them.

Each rule is the benchmark's own, faults included, so that a score can be held against published
ones. Ours stands beside it and reads answers as everywhere else. Where a benchmark asks a language
model, or scores by a metric that we have as well, it has no rule here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

__all__ = ["BENCHMARKS", "BenchmarkRule"]

# Answer, right answer and options to whether it is right; None where the benchmark leaves the
# answer out of its mean.
Rule = Callable[[str, str, Sequence[str]], bool | None]

_WORD = re.compile(r"\b\w+\b")
_LETTERS = "ABCD"


@dataclass(frozen=True, slots=True)
class BenchmarkRule:
    """A benchmark's rule in words and as a function, and known faults of it and of its gold.

    `is_right` is None where it has no rule that needs nothing but the answer.
    """

    words: str
    is_right: Rule | None
    faults: tuple[str, ...] = ()


def matches_by_words(answer: str, gold: str, options: Sequence[str]) -> bool:
    """All words of the gold are in the answer, and no word that only other options have."""
    words, gold_words = _words(answer), _words(gold)
    wrong_words = set().union(*map(_words, options)) - gold_words
    return bool(words) and gold_words <= words and not words & wrong_words


def matches_by_letter(answer: str, gold: str, options: Sequence[str]) -> bool | None:
    """The first character is the gold's letter, or else the last but one; no letter: left out."""
    if not answer:
        return False
    ends = (answer[0], answer[-2:-1])
    letter = next((end for end in ends if end and end in _LETTERS), "")
    if not letter or gold not in options:
        return None
    return options.index(gold) == _LETTERS.index(letter)


def equals(answer: str, gold: str, options: Sequence[str]) -> bool:
    """Answer and gold are equal but for case and outer blanks."""
    return answer.strip().lower() == gold.strip().lower()


def contains_gold_alone(answer: str, gold: str, options: Sequence[str]) -> bool:
    """The gold stands somewhere in the answer, and no other class does."""
    text = answer.lower()
    others = {option.lower() for option in options} - {gold.lower()}
    return gold.lower() in text and not any(other in text for other in others)


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text.lower()))


BENCHMARKS: Mapping[str, BenchmarkRule] = MappingProxyType(
    {
        "any": BenchmarkRule("none", None),
        "air-bench": BenchmarkRule(
            "letter: the first character of the answer, else the last but one",
            matches_by_letter,
            (
                'answers without a letter at an end leave the mean, "Although" is A',
                "clips of Audio_Grounding end in .wav in the list and in .flac on disk",
                "some SpokenWOZ clips are corrupt (issues 1 and 6 of its repository)",
            ),
        ),
        "audiobench": BenchmarkRule(
            "WER, BLEU or METEOR, else a language model (0 to 5, or right and wrong)",
            None,
            (
                "a verdict that its script cannot read counts 0",
                "its copy of MMAU has the answers of before 05.15.25",
            ),
        ),
        "cmi-bench": BenchmarkRule(
            "labels: the gold is in the answer and no other class is; else metrics of mir_eval",
            contains_gold_alone,
            (
                "EMO_valence is a byte copy of EMO_arousal",
                "EMO golds are standardised, its prompt asks for 1 to 9",
                "the prompt of NSynth lists 3 of 10 gold classes",
                "150 of 1140 VocalSet answers can never be right by its rule: lip_trill and trillo "
                "contain trill",
                "948 of 4096 NSynth pitches can never be right by its rule: 60 contains 6",
                "hip-hop and hiphop are two classes",
            ),
        ),
        "dynamic-superb": BenchmarkRule(
            "phase 1: equal but for case; phase 2: a language model or a metric",
            equals,
            ("any further word makes an answer wrong",),
        ),
        "mmau": BenchmarkRule(
            "all words of the gold are in the answer, and none that only other options have",
            matches_by_words,
            (
                "about a quarter of questions and answers changed on 05.15.25: say which version",
                "golds outside the options before it (issue 12), wrong golds since "
                "(13, 25), empty audio (2)",
                'a bare letter is right in 2 of 1000, "(A) gold" wrong in 33; 9 questions accept '
                "a wrong option, 27 repeat one",
                "golds of the test set of 9000 are not public",
            ),
        ),
        "mmsu": BenchmarkRule(
            "letter: the first character of the answer, else the last but one",
            matches_by_letter,
            (
                'answers without a letter at an end leave the mean, "Although" is A',
                "its one split is called train",
            ),
        ),
        "ultraeval-audio": BenchmarkRule(
            "by the evaluator of each set: letters as MMSU, WER, BLEU, or a language model",
            None,
            ("answers that fail leave the mean",),
        ),
    }
)
