"""Labels of real corpora: one table of names, other names and equal values.

Those who write instructions, those who read answers and those who score them take it from here.
"""

from __future__ import annotations

from audioflan_tasks.vocabularies.answer_choices import (
    CHOICE_KEYS,
    LETTERED_KEYS,
    choices_of,
    right_choice,
)
from audioflan_tasks.vocabularies.answer_forms import AnswerForm, answer_form, values_in_form
from audioflan_tasks.vocabularies.choose import infer, vocabulary_for
from audioflan_tasks.vocabularies.equal_values import EqualValues, Form, equal_values
from audioflan_tasks.vocabularies.items import (
    MOST_ITEMS,
    is_known,
    items_in,
    items_of,
    split_labels,
)
from audioflan_tasks.vocabularies.languages import language_key, language_keys, translated_language
from audioflan_tasks.vocabularies.library import (
    all_vocabularies_digest,
    corpora_by_vocabulary,
    get,
    vocabularies,
    vocabularies_digest,
    vocabularies_of,
)
from audioflan_tasks.vocabularies.matching import LabelMatcher, Mention, matcher
from audioflan_tasks.vocabularies.names import main_name_keys, name_keys
from audioflan_tasks.vocabularies.options import DRAWS, labels_like, options_for
from audioflan_tasks.vocabularies.places import Claim
from audioflan_tasks.vocabularies.scripts import INVISIBLE, MARKS, ONE_APOSTROPHE, UNSPACED
from audioflan_tasks.vocabularies.spelling import (
    fold,
    label_key,
    list_key,
    slots_of,
    without_prefix,
)
from audioflan_tasks.vocabularies.vocabulary import Label, Vocabulary
from audioflan_tasks.vocabularies.words import word_set

__all__ = [
    "CHOICE_KEYS",
    "DRAWS",
    "INVISIBLE",
    "LETTERED_KEYS",
    "MARKS",
    "MOST_ITEMS",
    "ONE_APOSTROPHE",
    "UNSPACED",
    "AnswerForm",
    "Claim",
    "EqualValues",
    "Form",
    "Label",
    "LabelMatcher",
    "Mention",
    "Vocabulary",
    "all_vocabularies_digest",
    "answer_form",
    "choices_of",
    "corpora_by_vocabulary",
    "equal_values",
    "fold",
    "get",
    "infer",
    "is_known",
    "items_in",
    "items_of",
    "label_key",
    "labels_like",
    "language_key",
    "language_keys",
    "list_key",
    "main_name_keys",
    "matcher",
    "name_keys",
    "options_for",
    "right_choice",
    "slots_of",
    "split_labels",
    "translated_language",
    "values_in_form",
    "vocabularies",
    "vocabularies_digest",
    "vocabularies_of",
    "vocabulary_for",
    "without_prefix",
    "word_set",
]
