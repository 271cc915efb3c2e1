"""Translation and captions: sacrebleu 2 (Post 2018), rouge-score 0.1 (Lin 2004), CIDEr-D.

References may be several for each example. An answer without a value is an empty text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from typing import Any

from audioflan_tasks.metrics.batch import Batch
from audioflan_tasks.metrics.cider import cider_d as _cider_d
from audioflan_tasks.metrics.normalise import has_spaced_words, normaliser
from audioflan_tasks.metrics.pool import map_pairs

__all__ = ["bleu", "chrf", "cider_d", "meteor", "rouge_l"]


def bleu(batch: Batch) -> Mapping[str, float]:
    """Corpus BLEU in points (0 to 100), tokenizer 13a, or characters for unspaced scripts."""
    import sacrebleu

    streams, answers = _streams(batch)
    tokenize = "13a" if all(has_spaced_words(t) for t in streams[0]) else "char"
    # A corpus of prompts of one to three words has no 4-gram: the effective order then counts.
    score = sacrebleu.corpus_bleu(answers, streams, tokenize=tokenize, use_effective_order=True)
    return {"bleu": score.score}


def chrf(batch: Batch) -> Mapping[str, float]:
    """Corpus chrF2 in points (0 to 100)."""
    import sacrebleu

    streams, answers = _streams(batch)
    return {"chrf": sacrebleu.corpus_chrf(answers, streams).score}


def rouge_l(batch: Batch) -> Mapping[str, float]:
    """Mean ROUGE-L F-measure with stemming (0 to 1), the best of several references."""
    plain = all(
        has_spaced_words(t) for texts in map(_reference_texts, batch.references) for t in texts
    )
    return {"rouge_l": _mean(batch, partial(_rouge_of, plain), "rouge_l")}


def cider_d(batch: Batch) -> Mapping[str, float]:
    """CIDEr-D (0 to 10), document frequencies from the references of the batch."""
    words = normaliser("basic")
    references = [[words(t) for t in _reference_texts(r)] for r in batch.references]
    values = _cider_d(references, [words(_text(a)) for a in batch.answers])
    return {"cider_d": sum(values) / len(values)}


def meteor(batch: Batch) -> Mapping[str, float]:
    """Mean METEOR (0 to 1) with exact and stem matches, without WordNet's synonyms."""
    return {"meteor": _mean(batch, _meteor_of, "meteor")}


def _mean(batch: Batch, score: Callable[[tuple[Any, Any]], float], label: str) -> float:
    pairs = list(zip(batch.references, batch.answers, strict=True))
    values = map_pairs(score, pairs, workers=batch.workers, progress=batch.progress, label=label)
    return sum(values) / len(values)


def _rouge_of(plain: bool, pair: tuple[Any, Any]) -> float:
    scorer, answer = _rouge_scorer(plain), _text(pair[1])
    return max(float(scorer.score(t, answer)["rougeL"].fmeasure) for t in _reference_texts(pair[0]))


@lru_cache(maxsize=2)
def _rouge_scorer(plain: bool) -> Any:
    from rouge_score import rouge_scorer

    if plain:
        return rouge_scorer.RougeScorer(["rougeL"], use_stemmer=True)
    return rouge_scorer.RougeScorer(["rougeL"], tokenizer=_BasicTokenizer())


def _meteor_of(pair: tuple[Any, Any]) -> float:
    from nltk.translate.meteor_score import meteor_score

    words = normaliser("basic")
    references, answer = [words(t) for t in _reference_texts(pair[0])], words(_text(pair[1]))
    if not answer or not any(references):
        return 0.0
    return float(meteor_score(references, answer, wordnet=_NoSynonyms()))


class _NoSynonyms:
    """Stands for WordNet, whose data no package brings."""

    def synsets(self, word: str) -> list[Any]:
        return []


class _BasicTokenizer:
    """rouge-score's own tokenizer keeps ASCII letters only."""

    def tokenize(self, text: str) -> list[str]:
        return normaliser("basic")(text)


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
