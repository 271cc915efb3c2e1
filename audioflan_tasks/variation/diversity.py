"""How varied the instructions of pools are.

distinct-n is the share of different ones among all runs of n neighbouring words (Li et al. 2016,
arXiv 1510.03055); self-BLEU the mean BLEU of each instruction against the others of its pool (Zhu
et al. 2018, arXiv 1802.01886), by sacrebleu.
"""

from __future__ import annotations

import difflib
import itertools
import re
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from sacrebleu import sentence_bleu

from audioflan_tasks import catalogue
from audioflan_tasks.errors import SettingsError
from audioflan_tasks.options import LANGUAGE
from audioflan_tasks.preprocessors.templates import ENGLISH, Instruction, languages_of, pool
from audioflan_tasks.variation.moods import mood_of
from audioflan_tasks.variation.run_files import read_pool

__all__ = [
    "OWN_POOLS",
    "PAPER_EXAMPLES",
    "PoolQuality",
    "TaskPool",
    "mean_quality",
    "quality",
    "read_pools",
]

NEAR_RATIO = 0.8
# As many as the paper prints.
_GROUP = 5
# Names of the pools of this package and of the paper's examples.
OWN_POOLS, PAPER_EXAMPLES = "pools", "paper"

# The five variations of one instruction that appendix A.5 of arXiv 2502.16584 prints; the
# third and the fifth are the same there too.
_PAPER_TASK = "speech_to_text_translation"
_PAPER = (
    "Would you be able to convert the spoken words into English text?",
    "How about translating the speech into Mandarin English text?",
    "Please provide the English translation of the audio speech.",
    "Could you kindly translate the given speech into written English?",
    "Please provide the English translation of the audio speech.",
)


@dataclass(frozen=True, slots=True)
class TaskPool:
    """The instructions of a task in one language."""

    task: str
    language: str
    instructions: tuple[Instruction, ...]

    @property
    def asks(self) -> tuple[str, ...]:
        """Their texts."""
        return tuple(instruction.ask for instruction in self.instructions)


@dataclass(frozen=True, slots=True)
class PoolQuality:
    """How varied some instructions are.

    `length` is a mean number of words, in Chinese of characters; `distinct_1` and `distinct_2` are
    from 0 to 1, `self_bleu` from 0 to 100; `near` are the pairs that are nearly equal.
    """

    count: int
    moods: int
    length: float
    distinct_1: float
    distinct_2: float
    self_bleu: float
    near_pairs: tuple[tuple[str, str], ...]


def read_pools(name: str) -> list[TaskPool]:
    """The pools of a folder, of a run of `audioflan vary`, of this package, or of the paper.

    Raises:
      SettingsError: there is no pool.
    """
    if name == OWN_POOLS:
        return _own_pools()
    if name == PAPER_EXAMPLES:
        instructions = tuple(Instruction(ask=ask, mood=mood_of(ask)) for ask in _PAPER)
        return [TaskPool(_PAPER_TASK, ENGLISH, instructions)]
    folder = Path(name)
    home = folder / "pools" if (folder / "pools").is_dir() else folder
    files = [(ENGLISH, file) for file in sorted(home.glob("*.toml"))]
    for part in sorted(home.glob("*/")):
        if re.fullmatch(LANGUAGE, part.name):
            files += [(part.name, file) for file in sorted(part.glob("*.toml"))]
    if not files:
        raise SettingsError(
            f"{name}: no pools; expected a folder of TOML files, {OWN_POOLS} or {PAPER_EXAMPLES}"
        )
    return [TaskPool(file.stem, code, read_pool(file).instruction) for code, file in files]


@lru_cache(maxsize=1024)
def quality(task_pool: TaskPool) -> PoolQuality:
    """All measures of one pool."""
    asks, language = task_pool.asks, task_pool.language
    units = [_units(ask, language) for ask in asks]
    return PoolQuality(
        count=len(asks),
        moods=len({instruction.mood for instruction in task_pool.instructions}),
        length=sum(map(len, units)) / len(units),
        distinct_1=_distinct(units, 1),
        distinct_2=_distinct(units, 2),
        self_bleu=_self_bleu(asks, language),
        near_pairs=tuple(pair for pair in itertools.combinations(asks, 2) if _is_near(*pair)),
    )


def mean_quality(pools: Sequence[TaskPool]) -> PoolQuality:
    """Sums of counts and of near duplicates over pools, the fewest moods, and means of the rest."""
    qualities = [quality(task_pool) for task_pool in pools]
    return PoolQuality(
        count=sum(q.count for q in qualities),
        moods=min(q.moods for q in qualities),
        length=statistics.fmean(q.length for q in qualities),
        distinct_1=statistics.fmean(q.distinct_1 for q in qualities),
        distinct_2=statistics.fmean(q.distinct_2 for q in qualities),
        self_bleu=statistics.fmean(q.self_bleu for q in qualities),
        near_pairs=tuple(pair for q in qualities for pair in q.near_pairs),
    )


def _own_pools() -> list[TaskPool]:
    """Pools of the package, the English ones first."""
    pairs = [
        (row.id, code) for row in catalogue.tasks() if not row.pool for code in languages_of(row.id)
    ]
    return [
        TaskPool(task, code, pool(task, language=code).instruction)
        for task, code in sorted(pairs, key=lambda pair: pair[1])
    ]


def _distinct(units: Sequence[Sequence[str]], size: int) -> float:
    """The share of different runs of words, as the mean over groups of five instructions.

    In more instructions the same words come again, so only equal numbers compare.
    """
    groups = max(1, round(len(units) / _GROUP))
    shares = []
    for number in range(groups):
        runs = [
            tuple(unit[begin : begin + size])
            for unit in units[number::groups]
            for begin in range(len(unit) - size + 1)
        ]
        shares.append(len(set(runs)) / len(runs) if runs else 0.0)
    return statistics.fmean(shares)


def _is_near(text: str, other: str) -> bool:
    matcher = difflib.SequenceMatcher(None, text, other)
    is_possible = matcher.real_quick_ratio() >= NEAR_RATIO and matcher.quick_ratio() >= NEAR_RATIO
    return is_possible and matcher.ratio() >= NEAR_RATIO


def _self_bleu(asks: Sequence[str], language: str) -> float:
    if len(asks) < 2:
        return 0.0
    # Else the tokenizer makes four words of '{target_language}', found in every instruction.
    plain = [re.sub(r"\{(\w+)\}", lambda m: m[1].replace("_", ""), ask) for ask in asks]
    tokenize = "zh" if language == "zh" else "13a"
    scores = [
        sentence_bleu(ask, [*plain[:n], *plain[n + 1 :]], tokenize=tokenize).score
        for n, ask in enumerate(plain)
    ]
    return sum(scores) / len(scores)


def _units(sentence: str, language: str) -> list[str]:
    """Words without the last stop; in Chinese characters, with Latin words as one each."""
    if language == "zh":
        return re.findall(r"[a-z0-9_.-]+|\w", sentence.lower())
    return sentence.lower().strip(".?!").split()
