"""Writes docs/pools.md: how varied the instructions of each pool are.

distinct-2 is the share of different ones among all pairs of neighbouring words (Li et al.
2016, arXiv 1510.03055); self-BLEU the mean BLEU of each instruction against the others of
its pool (Zhu et al. 2018, arXiv 1802.01886), by sacrebleu. With `--check` nothing is
written, and the exit status is 1 if the file is not up to date.
"""

from __future__ import annotations

import difflib
import itertools
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from sacrebleu import sentence_bleu

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from audioflan_tasks import catalogue  # noqa: E402
from audioflan_tasks.preprocessors.templates import languages_of, pool  # noqa: E402

TARGET = ROOT / "docs" / "pools.md"
NEAR = 0.8

# The five variations of one instruction that appendix A.5 of arXiv 2502.16584 prints; the
# third and the fifth are the same there too.
PAPER = (
    "Would you be able to convert the spoken words into English text?",
    "How about translating the speech into Mandarin English text?",
    "Please provide the English translation of the audio speech.",
    "Could you kindly translate the given speech into written English?",
    "Please provide the English translation of the audio speech.",
)

INTRODUCTION = """# Pools in numbers

Written by `scripts/pool_table.py`; a test holds it up to date. The columns:

- *length*: mean number of words, in Chinese of characters. The two cannot be compared.
- *distinct-2*: share of different pairs among all pairs of neighbouring words (Chinese: \
characters). Higher is more varied.
- *self-BLEU*: mean sentence BLEU of each instruction against all others of its pool (sacrebleu; \
`13a`, for Chinese `zh`). Lower is more varied.
- *near duplicates*: pairs with a `difflib` ratio of 0.8 or more.

A placeholder counts as one word.

The first row has the five variations that appendix A.5 of the Audio-FLAN paper prints for one \
instruction; two of them are equal. The second row leaves the repeated one out. A test requires \
every pool to be more varied than the five by both measures. Both measures get worse with more \
instructions, so the lists of five and four have an advantage over pools of ten or more. Still \
{lower} of {count} pools have a lower self-BLEU than the four, and {higher} a higher distinct-2.

| task | language | instructions | moods | length | distinct-2 | self-BLEU | near duplicates |
|---|---|---|---|---|---|---|---|
"""


@dataclass(frozen=True, slots=True)
class Quality:
    """How varied a list of instructions is; `self_bleu` from 0 to 100."""

    length: float
    distinct_2: float
    self_bleu: float
    near: tuple[tuple[str, str], ...]


def main(arguments: Sequence[str]) -> int:
    """Writes the table, or with --check compares it; 1 if it is not up to date."""
    made = document()
    if "--check" not in arguments:
        TARGET.write_text(made, encoding="utf-8")
        return 0
    if is_up_to_date(made):
        return 0
    print(f"{TARGET}: not up to date; run scripts/pool_table.py", file=sys.stderr)
    return 1


def is_up_to_date(made: str) -> bool:
    """Whether the file says what was made now."""
    return TARGET.exists() and TARGET.read_text(encoding="utf-8") == made


def document() -> str:
    """The text of docs/pools.md."""
    different = tuple(dict.fromkeys(PAPER))
    lines = [
        _line("the paper's examples", "en", PAPER, "-"),
        _line("the same without the repeated one", "en", different, "-"),
    ]
    for task, language in pools():
        found = pool(task, language=language)
        moods = len({instruction.mood for instruction in found.instruction})
        lines.append(_line(task, language, asks(task, language), str(moods)))
    bar = quality(different, "en")
    every = [quality(asks(*pair), pair[1]) for pair in pools()]
    introduction = INTRODUCTION.format(
        count=len(every),
        lower=sum(q.self_bleu < bar.self_bleu for q in every),
        higher=sum(q.distinct_2 > bar.distinct_2 for q in every),
    )
    return introduction + "\n".join(lines) + "\n"


def pools() -> list[tuple[str, str]]:
    """Task and language of every pool of the package, the English ones first."""
    found = [(row.id, code) for row in catalogue.tasks()[:80] for code in languages_of(row.id)]
    return sorted(found, key=lambda pair: pair[1])


def asks(task: str, language: str) -> tuple[str, ...]:
    """The instructions of a pool."""
    return tuple(instruction.ask for instruction in pool(task, language=language).instruction)


@lru_cache(maxsize=256)
def quality(sentences: tuple[str, ...], language: str) -> Quality:
    """All measures of a list of instructions."""
    units = [_units(sentence, language) for sentence in sentences]
    pairs = [pair for unit in units for pair in itertools.pairwise(unit)]
    near = (
        (one, other)
        for one, other in itertools.combinations(sentences, 2)
        if difflib.SequenceMatcher(None, one, other).ratio() >= NEAR
    )
    return Quality(
        length=sum(map(len, units)) / len(units),
        distinct_2=len(set(pairs)) / len(pairs),
        self_bleu=_self_bleu(sentences, language),
        near=tuple(near),
    )


def _self_bleu(sentences: Sequence[str], language: str) -> float:
    # Else the tokenizer makes four words of '{target_language}', found in every instruction.
    plain = [re.sub(r"\{(\w+)\}", lambda m: m[1].replace("_", ""), s) for s in sentences]
    tokenize = "zh" if language == "zh" else "13a"
    scores = [
        sentence_bleu(one, [*plain[:n], *plain[n + 1 :]], tokenize=tokenize).score
        for n, one in enumerate(plain)
    ]
    return sum(scores) / len(scores)


def _units(sentence: str, language: str) -> list[str]:
    """Words without the last stop; in Chinese characters, with Latin words as one each."""
    if language == "zh":
        return re.findall(r"[a-z0-9_.-]+|\w", sentence.lower())
    return sentence.lower().strip(".?!").split()


def _line(task: str, language: str, sentences: tuple[str, ...], moods: str) -> str:
    q = quality(sentences, language)
    return (
        f"| {task} | {language} | {len(sentences)} | {moods} | {q.length:.1f} | "
        f"{q.distinct_2:.2f} | {q.self_bleu:.1f} | {len(q.near)} |"
    )


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
