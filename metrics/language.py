"""Translation and captions: sacrebleu 2 (Post 2018), ROUGE-L (Lin 2004), METEOR, CIDEr-D.

References may be several for each example. An answer without a value is an empty text.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any

import numpy as np

from audioflan_tasks.metrics.batch import Batch
from audioflan_tasks.metrics.bleu import bleu_counts
from audioflan_tasks.metrics.cider import cider_d as _cider_d
from audioflan_tasks.metrics.meteor import meteor_of
from audioflan_tasks.metrics.normalise import normaliser, unspaced_share
from audioflan_tasks.metrics.sums import Sums, each, mean

__all__ = [
    "bleu", "bleu_facts", "bleu_sums", "chrf", "chrf_sums", "cider_d", "cider_d_sums", "meteor",
    "rouge_l", "tokenizers_of",
]  # fmt: skip

_COMMON = 0.1
_PLAIN = re.compile(r"[A-Za-z0-9' ]*")
_SHORT_WORD = 3
_HAN = re.compile("[\u3005-\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af]")
# The tokenizers of sacrebleu for Japanese, Thai and others need programs or models of their own.
_TOKENIZED_LANGUAGES = {
    "zh": frozenset(("zh", "cmn", "yue", "wuu", "nan", "hak", "zho", "chi", "chinese", "mandarin",
                     "cantonese", "中文", "普通话", "粤语")),
    "char": frozenset(("ja", "jpn", "japanese", "th", "tha", "thai", "lo", "lao", "km", "khm",
                       "khmer", "my", "mya", "bur", "burmese", "日本語")),
}  # fmt: skip

# What a sentence is worth in BLEU (`Sums.most_trials`): found by simulation.
_MOST_TRIALS = 3.0


def bleu(batch: Batch) -> Mapping[str, float]:
    """Corpus BLEU in points (0 to 100), each example under the tokenizer of its language."""
    return {"bleu": bleu_sums(batch).whole}


def bleu_sums(batch: Batch) -> Sums:
    """Lengths and n-gram counts of each example."""
    from sacrebleu.metrics.bleu import BLEU

    names = tokenizers_of(batch)
    tokenizers = {name: _tokenizer(name) for name in set(names)}
    references = [
        [tokenizers[name](text) for text in _reference_texts(r)]
        for name, r in zip(names, batch.references, strict=True)
    ]
    answers = [tokenizers[n](_text(a)) for n, a in zip(names, batch.answers, strict=True)]
    # A corpus of prompts of one to three words has no 4-gram: the effective order then counts.
    return _library_sums(BLEU(effective_order=True), bleu_counts(references, answers))


def _library_sums(library: Any, counts: Any) -> Sums:
    """What sacrebleu counts for its own significance tests, and its score of such counts."""
    score = each(lambda sums: library._compute_score_from_stats(list(sums)).score)
    return Sums(np.array(counts, np.float64), score, most_trials=_MOST_TRIALS)


def bleu_facts(batch: Batch) -> Mapping[str, str]:
    """The tokenizers of BLEU, with how many examples each has."""
    counts = Counter(tokenizers_of(batch)).most_common()
    several = [f"{name} ({count})" for name, count in counts]
    return {"bleu_tokenizer": counts[0][0] if len(counts) == 1 else ", ".join(several)}


def tokenizers_of(batch: Batch) -> list[str]:
    """sacrebleu's tokenizer for each example: `13a`, `zh`, or `char` of other unspaced scripts.

    The language of the answer says which (`batch.languages`). Where it is not given, most letters
    of the reference do; a tokenizer under a tenth of the examples gives way to the commonest, so
    that one name in another script changes nothing.
    """
    if batch.languages:
        return [_tokenizer_of_language(language) for language in batch.languages]
    names = [_tokenizer_of_script(_reference_texts(r)[0]) for r in batch.references]
    counts = Counter(names)
    usual = counts.most_common(1)[0][0]
    return [name if counts[name] >= _COMMON * len(names) else usual for name in names]


def _tokenizer_of_language(language: str) -> str:
    name = re.split(r"[-_ (]", language.strip().casefold())[0]
    return next((t for t, names in _TOKENIZED_LANGUAGES.items() if name in names), "13a")


def _tokenizer_of_script(text: str) -> str:
    if unspaced_share(text) < 0.5:
        return "13a"
    return "zh" if all(_HAN.match(c) for c in text if c.isalpha() and not c.isascii()) else "char"


def _tokenizer(name: str) -> Callable[[str], list[str]]:
    """The function from a text to the tokens of a tokenizer of sacrebleu."""
    from sacrebleu.metrics.bleu import BLEU

    library = BLEU(tokenize=name).tokenizer

    def tokens(text: str) -> list[str]:
        plain = text.rstrip()
        words, stop = (plain[:-1], ["."]) if plain.endswith(".") else (plain, [])
        # 13a only cuts off the stop of such a text.
        is_plain = name == "13a" and _PLAIN.fullmatch(words)
        return words.split() + stop if is_plain else str(library(plain)).split()

    return tokens


def chrf(batch: Batch) -> Mapping[str, float]:
    """Corpus chrF2 in points (0 to 100)."""
    return {"chrf": chrf_sums(batch).whole}


def chrf_sums(batch: Batch) -> Sums:
    """Counts of character n-grams of each example."""
    from sacrebleu.metrics.chrf import CHRF

    streams, answers = _streams(batch)
    library = CHRF()
    return _library_sums(library, library._extract_corpus_statistics(answers, streams))


def rouge_l(batch: Batch) -> Mapping[str, float]:
    """Mean ROUGE-L F-measure with stemming (0 to 1), the best of several references."""
    pairs = zip(batch.references, batch.answers, strict=True)
    values = [
        max(_rouge(_pieces(t), _pieces(_text(a))) for t in _reference_texts(r)) for r, a in pairs
    ]
    return {"rouge_l": sum(values) / len(values)}


def cider_d(batch: Batch) -> Mapping[str, float]:
    """CIDEr-D (0 to 10), document frequencies from the references of the batch."""
    return {"cider_d": cider_d_sums(batch).whole}


def cider_d_sums(batch: Batch) -> Sums:
    """The value of each example; document frequencies are those of the whole batch."""
    words = normaliser("basic")
    references = [[words(t) for t in _reference_texts(r)] for r in batch.references]
    return mean(_cider_d(references, [words(_text(a)) for a in batch.answers]))


def meteor(batch: Batch) -> Mapping[str, float]:
    """Mean METEOR (0 to 1) with exact and stem matches, without WordNet's synonyms.

    The very words of a reference are 1, as in the authors' program; nltk takes off one chunk.
    """
    values = [_meteor(r, a) for r, a in zip(batch.references, batch.answers, strict=True)]
    return {"meteor": sum(values) / len(values)}


def _rouge(reference: Sequence[str], answer: Sequence[str]) -> float:
    """F-measure of the longest common subsequence; of two texts without a word 0."""
    from rapidfuzz.distance import LCSseq

    common = LCSseq.similarity(reference, answer)
    return 2 * common / (len(reference) + len(answer)) if common else 0.0


@lru_cache(maxsize=65536)
def _pieces(text: str) -> tuple[str, ...]:
    """The words that ROUGE counts: parts at apostrophes, ASCII ones of four letters as stems."""
    pieces = (piece for word in normaliser("basic")(text) for piece in word.split("'"))
    return tuple(_stem(p) if len(p) > _SHORT_WORD and p.isascii() else p for p in pieces)


@lru_cache(maxsize=65536)
def _stem(word: str) -> str:
    return str(_porter().stem(word))


@cache
def _porter() -> Any:
    from nltk.stem.porter import PorterStemmer

    return PorterStemmer()


def _meteor(reference: Any, answer: Any) -> float:
    """The best value over the texts of a reference."""
    words = normaliser("basic")
    references, answer_words = [words(t) for t in _reference_texts(reference)], words(_text(answer))
    if answer_words in references:
        return float(bool(answer_words))
    return max(meteor_of(text, answer_words, _stem) for text in references)


def _reference_texts(reference: Any) -> tuple[str, ...]:
    return tuple(map(str, reference)) if isinstance(reference, tuple | list) else (str(reference),)


def _text(answer: Any) -> str:
    if answer is None:
        return ""
    return str(answer[0]) if isinstance(answer, tuple) else str(answer)


def _streams(batch: Batch) -> tuple[list[list[str]], list[str]]:
    """References as sacrebleu wants them: one list for each position; repeats fill gaps."""
    texts = [_reference_texts(r) for r in batch.references]
    count = max(map(len, texts))
    streams = [[t[min(n, len(t) - 1)] for t in texts] for n in range(count)]
    return streams, [_text(a) for a in batch.answers]
