"""Fact sheets of the metrics on text and on ordered lists."""

from __future__ import annotations

import math

from audioflan_tasks.metrics.metric_info import MetricInfo

__all__ = ["TEXT_METRICS"]

_NO_WORDS = "an answer without a value counts as no words: all of the reference is missing"

TEXT_METRICS = (
    MetricInfo(
        name="wer",
        home="text:wer",
        sums="text:wer_sums",
        unit="fraction",
        better="lower",
        best=0.0,
        worst=math.inf,
        high=math.inf,
        reads="text",
        library="rapidfuzz",
        reference=(
            "Word error rate: errors and reference words are summed over the split first; as jiwer "
            "has it"
        ),
        chance="about 1",
        on_empty=_NO_WORDS,
    ),
    MetricInfo(
        name="cer",
        home="text:cer",
        sums="text:cer_sums",
        unit="fraction",
        better="lower",
        best=0.0,
        worst=math.inf,
        high=math.inf,
        reads="text",
        library="rapidfuzz",
        reference="Character error rate without blanks",
        chance="about 0.8",
        on_empty=_NO_WORDS,
    ),
    MetricInfo(
        name="per",
        home="text:per",
        sums="text:item_sums",
        unit="fraction",
        better="lower",
        best=0.0,
        worst=math.inf,
        high=math.inf,
        reads="phones",
        library="rapidfuzz",
        reference="Phone error rate: edit distance over space-separated phones",
        chance="about 0.9",
        on_empty=_NO_WORDS,
    ),
    MetricInfo(
        name="item_error_rate",
        home="text:item_error_rate",
        sums="text:item_sums",
        unit="fraction",
        better="lower",
        best=0.0,
        worst=math.inf,
        high=math.inf,
        reads="sequence",
        library="rapidfuzz",
        reference="Edit distance over the items of an ordered list",
        chance="about 1",
        on_empty=_NO_WORDS,
    ),
    MetricInfo(
        name="edit_similarity",
        home="text:edit_similarity",
        unit="fraction",
        better="higher",
        best=1.0,
        worst=0.0,
        reads="sequence",
        library="rapidfuzz",
        reference="1 - Levenshtein distance over the longer length, mean over examples",
    ),
    MetricInfo(
        name="exact_match",
        home="text:exact_match",
        unit="fraction",
        better="higher",
        best=1.0,
        worst=0.0,
        reads="sequence",
        library="audioflan_tasks",
        reference="Share of lists that are right item for item",
    ),
    MetricInfo(
        name="bleu",
        home="language:bleu",
        sums="language:bleu_sums",
        unit="points",
        better="higher",
        best=100.0,
        worst=0.0,
        high=100.0,
        reads="text",
        library="sacrebleu",
        extra="metrics",
        module="sacrebleu",
        reference=(
            "Papineni et al. 2002 as standardised by Post 2018, corpus level; tokenizer by target "
            "language: zh for Chinese, char for Japanese, Thai, Lao, Khmer and Burmese, else 13a"
        ),
        states="language:bleu_facts",
        chance="under 5",
        on_empty=_NO_WORDS,
    ),
    MetricInfo(
        name="chrf",
        home="language:chrf",
        sums="language:chrf_sums",
        unit="points",
        better="higher",
        best=100.0,
        worst=0.0,
        high=100.0,
        reads="text",
        library="sacrebleu",
        extra="metrics",
        module="sacrebleu",
        reference="Popovic 2015, chrF2, corpus level",
        chance="about 15",
        on_empty=_NO_WORDS,
    ),
    MetricInfo(
        name="rouge_l",
        home="language:rouge_l",
        unit="fraction",
        better="higher",
        best=1.0,
        worst=0.0,
        reads="caption",
        library="rapidfuzz",
        reference=(
            "Lin 2004, mean F-measure with stemming; words of any script, on ASCII text equal to "
            "rouge-score 0.1"
        ),
        on_empty=_NO_WORDS,
    ),
    MetricInfo(
        name="cider_d",
        home="language:cider_d",
        sums="language:cider_d_sums",
        unit="points",
        better="higher",
        best=10.0,
        worst=0.0,
        high=10.0,
        reads="caption",
        library="audioflan_tasks",
        reference=(
            "Vedantam et al. 2015, document frequencies from the references; own code, equal "
            "to aac-metrics on the same tokens"
        ),
        on_empty=_NO_WORDS,
    ),
    MetricInfo(
        name="meteor",
        home="language:meteor",
        unit="fraction",
        better="higher",
        best=1.0,
        worst=0.0,
        reads="caption",
        library="nltk",
        extra="metrics",
        module="nltk",
        reference=(
            "Banerjee & Lavie 2005, exact and stem matches, without WordNet's synonyms; own code, "
            "equal to nltk's on the same words; the very words of a reference are 1"
        ),
        on_empty=_NO_WORDS,
    ),
)
