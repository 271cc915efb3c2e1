"""Fact sheets of the metrics on text, labels and numbers."""

from __future__ import annotations

import math

from audioflan_tasks.metrics.metric_info import MetricInfo

__all__ = ["TEXT_METRICS"]

_NO_WORDS = "an answer without a value counts as no words: all of the reference is missing"
_LABEL = "1 / number of labels"

TEXT_METRICS = (
    MetricInfo(
        "wer", "text:wer", "fraction", "lower", 0.0, math.inf, "text", "jiwer",
        "Word error rate: errors and reference words are summed over the split first",
        "text", high=math.inf, chance="about 1", on_empty=_NO_WORDS,
    ),
    MetricInfo(
        "cer", "text:cer", "fraction", "lower", 0.0, math.inf, "text", "jiwer",
        "Character error rate without blanks",
        "text", high=math.inf, chance="about 0.8", on_empty=_NO_WORDS,
    ),
    MetricInfo(
        "per", "text:per", "fraction", "lower", 0.0, math.inf, "text", "jiwer",
        "Phone error rate: edit distance over space-separated phones",
        "phones", high=math.inf, chance="about 0.9", on_empty=_NO_WORDS,
    ),
    MetricInfo(
        "item_error_rate", "text:item_error_rate", "fraction", "lower", 0.0, math.inf, "text",
        "jiwer", "Edit distance over the items of an ordered list",
        "sequence", high=math.inf, chance="about 1", on_empty=_NO_WORDS,
    ),
    MetricInfo(
        "edit_similarity", "text:edit_similarity", "fraction", "higher", 1.0, 0.0, "text",
        "rapidfuzz", "1 - Levenshtein distance over the longer length, mean over examples",
        "sequence",
    ),
    MetricInfo(
        "exact_match", "text:exact_match", "fraction", "higher", 1.0, 0.0, "text",
        "audioflan_tasks", "Share of lists that are right item for item", "sequence",
    ),
    MetricInfo(
        "bleu", "language:bleu", "points", "higher", 100.0, 0.0, "text", "sacrebleu",
        "Papineni et al. 2002 as standardised by Post 2018, corpus level, tokenizer 13a or char",
        "text", high=100.0, chance="under 5", on_empty=_NO_WORDS,
    ),
    MetricInfo(
        "chrf", "language:chrf", "points", "higher", 100.0, 0.0, "text", "sacrebleu",
        "Popovic 2015, chrF2, corpus level",
        "text", high=100.0, chance="about 15", on_empty=_NO_WORDS,
    ),
    MetricInfo(
        "rouge_l", "language:rouge_l", "fraction", "higher", 1.0, 0.0, "text", "rouge-score",
        "Lin 2004, mean F-measure with stemming", "caption", on_empty=_NO_WORDS,
    ),
    MetricInfo(
        "cider_d", "language:cider_d", "points", "higher", 10.0, 0.0, "text", "audioflan_tasks",
        "Vedantam et al. 2015, document frequencies from the references; own code, equal to "
        "aac-metrics on the same tokens", "caption", high=10.0, on_empty=_NO_WORDS,
    ),
    MetricInfo(
        "meteor", "language:meteor", "fraction", "higher", 1.0, 0.0, "text", "nltk",
        "Banerjee & Lavie 2005, exact and stem matches, without WordNet's synonyms",
        "caption", on_empty=_NO_WORDS,
    ),
    MetricInfo(
        "accuracy", "labels:accuracy", "fraction", "higher", 1.0, 0.0, "text", "scikit-learn",
        "Share of answers that are the label", "label", chance=_LABEL,
    ),
    MetricInfo(
        "balanced_accuracy", "labels:balanced_accuracy", "fraction", "higher", 1.0, 0.0, "text",
        "scikit-learn", "Mean recall over the labels of the references", "label", chance=_LABEL,
    ),
    MetricInfo(
        "macro_f1", "labels:macro_f1", "fraction", "higher", 1.0, 0.0, "text", "scikit-learn",
        "Mean F1 over the labels of the references", "label", chance=_LABEL,
    ),
    MetricInfo(
        "adjacent_accuracy", "labels:adjacent_accuracy", "fraction", "higher", 1.0, 0.0, "text",
        "audioflan_tasks", "Share of answers at most one place from the label in an ordered set",
        "label",
    ),
    MetricInfo(
        "slot_f1", "labels:slot_f1", "fraction", "higher", 1.0, 0.0, "text", "audioflan_tasks",
        "Micro F1 over the comma-separated slots of an intent", "label",
    ),
    MetricInfo(
        "set_f1", "labels:set_f1", "fraction", "higher", 1.0, 0.0, "text", "scikit-learn",
        "F1 of the label set of each example, averaged over examples", "labels",
    ),
    MetricInfo(
        "exact_set", "labels:exact_set", "fraction", "higher", 1.0, 0.0, "text",
        "audioflan_tasks", "Share of answers whose set of labels is right", "labels",
    ),
    MetricInfo(
        "note_accuracy", "labels:note_accuracy", "fraction", "higher", 1.0, 0.0, "text",
        "scikit-learn", "Share of notes with the right MIDI number; Db4 equals C#4", "note",
        chance="1 / number of notes",
    ),
    MetricInfo(
        "pitch_class_accuracy", "labels:pitch_class_accuracy", "fraction", "higher", 1.0, 0.0,
        "text", "audioflan_tasks", "Share of notes with the right name, any octave", "note",
        chance="1 / 12",
    ),
    MetricInfo(
        "mae", "numbers:mae", "as the label", "lower", 0.0, math.inf, "text", "scikit-learn",
        "Mean absolute error of numbers", "number", high=math.inf, chance="that of the median",
        on_empty="an answer without a number counts as the reference farthest from the target",
    ),
    MetricInfo(
        "pearson", "numbers:pearson", "fraction", "higher", 1.0, -1.0, "text", "numpy",
        "Pearson correlation of numbers", "number", low=-1.0, chance="0",
        on_empty="as for mae",
    ),
    MetricInfo(
        "eer", "detection:eer", "fraction", "lower", 0.0, 1.0, "text", "scikit-learn",
        "Equal error rate of scores", "label", chance="0.5", needs=("scores",),
        on_empty="a missing score is the worst one for its trial",
    ),
    MetricInfo(
        "min_dcf", "detection:min_dcf", "fraction", "lower", 0.0, 1.0, "text", "scikit-learn",
        "NIST SRE: smallest detection cost, target probability 0.05", "label", chance="1",
        needs=("scores",), on_empty="a missing score is the worst one for its trial",
    ),
    MetricInfo(
        "map", "detection:mean_average_precision", "fraction", "higher", 1.0, 0.0, "text",
        "scikit-learn", "Macro mean average precision of tag scores", "labels",
        chance="share of the tag", needs=("scores",), on_empty="a missing score is the lowest",
    ),
    MetricInfo(
        "roc_auc", "detection:roc_auc", "fraction", "higher", 1.0, 0.0, "text", "scikit-learn",
        "Macro area under the ROC curve of tag scores", "labels", chance="0.5",
        needs=("scores",), on_empty="a missing score is the lowest",
    ),
)  # fmt: skip
