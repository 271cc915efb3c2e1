"""Metrics on running text and on ordered lists.

Rates sum errors and reference lengths over the split before dividing, so a long
utterance weighs more than a short one; values above 1 are possible. Words are compared
without case and punctuation; scripts that do not separate words are compared character
by character.
References: jiwer 4 (Levenshtein), sacrebleu 2 (Post 2018), rouge-score 0.1 (Lin 2004).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence

from audioflan_tasks.errors import MetricInputError
from audioflan_tasks.metrics.answers import items

__all__ = ["bleu", "chrf", "item_error_rate", "per", "rouge_l", "wer"]

# Han, Hiragana, Katakana, Thai, Lao, Khmer, Myanmar: written without spaces between words.
_UNSPACED = re.compile("([぀-ヿ㐀-䶿一-鿿豈-﫿฀-໿က-႟ក-៿])")


def wer(targets: Sequence[str], predictions: Sequence[str]) -> Mapping[str, float]:
    """Word error rate as a fraction: 0 is perfect, above 1 is possible.

    Raises:
      MetricInputError: no target has a word.
    """
    return {
        "wer": _error_rate("wer", [_words(t) for t in targets], [_words(p) for p in predictions])
    }


def per(targets: Sequence[str], predictions: Sequence[str]) -> Mapping[str, float]:
    """Phone error rate as a fraction; phones are separated by spaces and compared as they are."""
    return {
        "per": _error_rate("per", [t.split() for t in targets], [p.split() for p in predictions])
    }


def item_error_rate(targets: Sequence[str], predictions: Sequence[str]) -> Mapping[str, float]:
    """Edit distance over list items as a fraction of the reference items.

    Items are separated by commas; a progression such as `ii-V-I` by dashes.
    """
    rate = _error_rate(
        "item_error_rate", [_list(t) for t in targets], [_list(p) for p in predictions]
    )
    return {"item_error_rate": rate}


def bleu(targets: Sequence[str], predictions: Sequence[str]) -> Mapping[str, float]:
    """Corpus BLEU in points (0 to 100), tokenizer 13a, or characters for unspaced scripts."""
    import sacrebleu

    tokenize = "char" if any(_UNSPACED.search(t) for t in targets) else "13a"
    # A corpus of prompts of one to three words has no 4-gram: the effective order then counts.
    score = sacrebleu.corpus_bleu(
        list(predictions), [list(targets)], tokenize=tokenize, use_effective_order=True
    )
    return {"bleu": score.score}


def chrf(targets: Sequence[str], predictions: Sequence[str]) -> Mapping[str, float]:
    """Corpus chrF2 in points (0 to 100)."""
    import sacrebleu

    return {"chrf": sacrebleu.corpus_chrf(list(predictions), [list(targets)]).score}


def rouge_l(targets: Sequence[str], predictions: Sequence[str]) -> Mapping[str, float]:
    """Mean ROUGE-L F-measure (0 to 1)."""
    from rouge_score import rouge_scorer

    scorer = rouge_scorer.RougeScorer(["rougeL"], use_stemmer=True)
    values = [
        scorer.score(t, p)["rougeL"].fmeasure for t, p in zip(targets, predictions, strict=True)
    ]
    return {"rouge_l": sum(values) / len(values)}


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKC", text).casefold()
    kept = "".join(
        c if c.isalnum() or c == "'" or unicodedata.category(c).startswith("M") else " "
        for c in _UNSPACED.sub(r" \1 ", plain)
    )
    return kept.split()


def _list(text: str) -> list[str]:
    if "," not in text and "-" in text:
        return [part.strip() for part in text.split("-") if part.strip()]
    return list(items(text))


def _error_rate(name: str, targets: list[list[str]], predictions: list[list[str]]) -> float:
    import jiwer

    # jiwer counts words of text: symbols stand for items so that "dog bark" stays one.
    symbols: dict[str, str] = {}

    def encode(words: list[str]) -> str:
        return " ".join(symbols.setdefault(w, f"w{len(symbols)}") for w in words)

    scored = [(encode(t), encode(p), len(p)) for t, p in zip(targets, predictions, strict=True)]
    full = [(t, p) for t, p, _ in scored if t]
    # jiwer refuses empty references: everything said there is an insertion.
    inserted = sum(n for t, _, n in scored if not t)
    if not full:
        raise MetricInputError(f"{name}: no target has a word to compare with")
    out = jiwer.process_words([t for t, _ in full], [p for _, p in full])
    errors = out.substitutions + out.deletions + out.insertions + inserted
    return float(errors / (out.hits + out.substitutions + out.deletions))
