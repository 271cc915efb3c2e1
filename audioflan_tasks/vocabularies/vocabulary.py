"""A vocabulary: the labels that the records of a corpus answer with, and their other names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from audioflan_tasks.vocabularies.spelling import label_key, names_within

__all__ = ["Label", "Vocabulary"]


@dataclass(frozen=True, slots=True)
class Label:
    """A label of a corpus: its name as the corpus has it, and other names of the same thing.

    `zh` is its Chinese name and `code` its code in the corpus; both are "" where there is none.
    """

    name: str
    aliases: tuple[str, ...] = ()
    zh: str = ""
    code: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """All names, the corpus's own first; the code is not among them."""
        return tuple(filter(None, dict.fromkeys((self.name, *self.aliases, self.zh))))


@dataclass(frozen=True, slots=True, eq=False)
class Vocabulary:
    """The labels of one list, with where it comes from.

    Attributes:
      name: its identifier, which is the name of its file.
      title: what it lists, in words.
      labels: in the order of the list.
      corpora: names of corpora whose records answer with it.
      tasks: ids of tasks whose answers it has.
      source: address of the list.
      licence: of the list, as its publisher states it.
      version: of the list; "" where it has none.
      note: what one must know to use it; "" for nothing.
      first_aliases: what the first alias of every label is (pinyin); "" where they differ.
      case_matters: spellings that differ in case are different labels (numerals of chords).
    """

    name: str
    title: str
    labels: tuple[Label, ...]
    corpora: tuple[str, ...]
    tasks: tuple[str, ...]
    source: str
    licence: str
    version: str = ""
    note: str = ""
    first_aliases: str = ""
    case_matters: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the labels, in their order."""
        return tuple(label.name for label in self.labels)

    @property
    def meanings(self) -> tuple[str, ...]:
        """Names of labels no two of which mean the same."""
        return tuple(label.name for label in self.labels if self.twins[label] is label)

    def find(self, text: str) -> Label | None:
        """The label that a text names in any spelling; None if it is none, or several.

        A text with parentheses, `DunGong (staccato)`, may name it before them or inside.
        """
        whole, *parts = (self.find_name(name) for name in names_within(text))
        labels = list(dict.fromkeys(label for label in parts if label is not None))
        return whole or (labels[0] if len(labels) == 1 else None)

    def find_name(self, text: str) -> Label | None:
        """The label that has this name in any spelling, parentheses and all."""
        return labels_by_key(self).get(self.key(text))

    @property
    def key(self) -> Callable[[str], str]:
        """The function that gives the same for equal spellings."""
        return str.strip if self.case_matters else label_key

    @property
    def twins(self) -> Mapping[Label, Label]:
        """For each label the first one that means the same: itself, if no name is shared."""
        return _first_of_meaning(self)


@cache
def labels_by_key(vocabulary: Vocabulary) -> Mapping[str, Label]:
    """The labels by the keys of their names; a name that two labels share belongs to none."""
    label_by_name = {vocabulary.key(label.name): label for label in reversed(vocabulary.labels)}
    labels: dict[str, set[Label]] = defaultdict(set)
    for label, key in _other_keys(vocabulary):
        labels[key].add(vocabulary.twins[label])
    return {**{key: next(iter(s)) for key, s in labels.items() if len(s) == 1}, **label_by_name}


def _other_keys(vocabulary: Vocabulary) -> Iterator[tuple[Label, str]]:
    for label in vocabulary.labels:
        for name in (*label.aliases, label.zh, label.code):
            if name:
                yield label, vocabulary.key(name)


@cache
def _first_of_meaning(vocabulary: Vocabulary) -> Mapping[Label, Label]:
    """Labels of which one has the other's name as an alias mean the same."""
    label_by_name: dict[str, Label] = {}
    for label in vocabulary.labels:
        label_by_name.setdefault(vocabulary.key(label.name), label)
    first = {label: label_by_name[vocabulary.key(label.name)] for label in vocabulary.labels}
    for label, key in _other_keys(vocabulary):
        if key in label_by_name and first[label_by_name[key]] is not first[label]:
            meanings = {first[label_by_name[key]], first[label]}
            keep = next(x for x in vocabulary.labels if x in meanings)
            first = {x: keep if y in meanings else y for x, y in first.items()}
    return first
