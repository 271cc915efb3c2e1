"""The labels that the examples of one batch choose from."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from typing import Any

from audioflan_tasks.catalogue import TaskRow
from audioflan_tasks.metrics.parsing import Aliases, AnswerReader, read_answer
from audioflan_tasks.metrics.values import Status
from audioflan_tasks.vocabularies import Vocabulary, infer, items_in, label_key, matcher

__all__ = ["label_sets"]

# A vocabulary shows in the first references; more of them would only take time.
_MOST_TEXTS = 1000
# A label of a closed set is a word or two; more are a sentence.
_FEWEST_WORDS = 3


def label_sets(
    reader: AnswerReader,
    references: Sequence[Any],
    row: TaskRow | None,
    options: Sequence[Any],
    aliases: Aliases,
) -> list[tuple[str, ...]]:
    """The label set of each example: the options, else the task's, else what references have."""
    if reader.labels == "unused":
        return [()] * len(references)
    labels = _Labels(reader, references, row, aliases)
    if options and not isinstance(options[0], str):
        default = labels.of_all(())
        return [
            labels.with_reference(labels.items(choices), reference) if choices else default
            for choices, reference in zip(options, references, strict=True)
        ]
    return [labels.of_all(labels.items(options))] * len(references)


class _Labels:
    """The labels that the examples of one batch choose from.

    Without options these are the task's, those of the references and of their vocabulary.
    Two references are one label if they are spelt alike, or if the vocabulary of the references
    has them as one. Without a vocabulary "rap" and "hip hop" stay apart.
    """

    def __init__(
        self,
        reader: AnswerReader,
        references: Sequence[Any],
        row: TaskRow | None,
        aliases: Aliases = (),
    ) -> None:
        self._aliases = aliases
        self._reader, self._references, self._row = reader, references, row
        self._is_closed = reader.labels == "closed"
        self._task = "" if row is None else row.id
        self._lists = reader.may_list
        self._vocabulary = self._infer()

    def of_all(self, options: tuple[str, ...]) -> tuple[str, ...]:
        """The options, else the task's labels; of a closed set with all references."""
        labels = options or self._labels_of_task()
        if not self._is_closed:
            return labels
        texts = dict.fromkeys(map(str, self._references))
        items = [i for text in texts for i in self.items((text,))]
        meanings = self._vocabulary.meanings if self._vocabulary is not None else ()
        return self._with_items(labels, (*items, *(meanings if not options else ())))

    def with_reference(self, labels: tuple[str, ...], reference: Any) -> tuple[str, ...]:
        """The options of a closed set with the reference, should it not be among them."""
        items = self.items((str(reference),)) if self._is_closed else ()
        return self._with_items(labels, items)

    def items(self, texts: Iterable[str]) -> tuple[str, ...]:
        """The labels in texts each of which may list several."""
        if not self._lists:
            return tuple(texts)
        return tuple(dict.fromkeys(i for text in texts for i in items_in(self._task, text)))

    def _with_items(self, labels: tuple[str, ...], items: Iterable[str]) -> tuple[str, ...]:
        keys = {self._key(label) for label in labels}
        new_labels = []
        for item in items:
            key = self._key(item)
            if key not in keys and not self._says_one(item, labels):
                new_labels.append(item)
            keys.add(key)
        return (*labels, *new_labels)

    def _says_one(self, item: str, labels: tuple[str, ...]) -> bool:
        """Whether a reference is another name of a label, or a sentence that says a value."""
        if not labels:
            return False
        if matcher(labels, self._task, self._aliases).exact(item) is not None:
            return True
        row = self._row
        if row is None or labels != row.labels or len(item.split()) < _FEWEST_WORDS:
            return False
        reading = read_answer(self._reader, item, labels, row=row)
        return reading.status is Status.OK

    def _key(self, text: str) -> str:
        vocabulary = self._vocabulary
        label = vocabulary.find(text) if vocabulary is not None else None
        if vocabulary is None or label is None:
            return label_key(text)
        return vocabulary.key(vocabulary.twins[label].name)

    def _labels_of_task(self) -> tuple[str, ...]:
        """The task's own labels, unless the references are of a vocabulary that lacks one."""
        labels = self._row.labels if self._row is not None else ()
        vocabulary = self._vocabulary
        if vocabulary is None:
            return labels
        if not self._is_closed:
            return labels or vocabulary.meanings
        return labels if all(vocabulary.find(label) for label in labels) else ()

    def _infer(self) -> Vocabulary | None:
        """The vocabulary of the references, if they are names and nothing else."""
        if self._row is None or self._row.answer_kind.names not in ("one", "list"):
            return None
        texts = dict.fromkeys(r for r in self._references if isinstance(r, str) and r.strip())
        return infer(self._task, itertools.islice(texts, _MOST_TEXTS))
