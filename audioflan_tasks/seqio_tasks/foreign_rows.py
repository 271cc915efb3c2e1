"""Examples of a seqio task by number: read in its own order, and kept for a while.

A source without random access is read from its beginning. The last examples are kept, so that
batches that are sorted by length, and several threads, find what they ask for; who asks for an
earlier one makes the reading begin again. So every answer is exact where the task gives the same
examples for the same seed, and what differs is the time.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

import numpy as np
import seqio
import tensorflow as tf
from numpy.typing import NDArray

from audioflan_tasks.errors import AudioFlanError, MixtureError
from audioflan_tasks.foreign import ForeignExample, ForeignReading
from audioflan_tasks.seeds import seed_of
from audioflan_tasks.seqio_tasks.foreign_features import ForeignFeatures
from audioflan_tasks.seqio_tasks.forks import check_not_forked
from audioflan_tasks.seqio_tasks.task import AudioFlanTask
from audioflan_tasks.tokens import vocabulary_of

__all__ = ["SeqioRows"]

# Examples that are kept, at first, and at most where earlier ones are asked for again and again.
_ROOM, _MOST_ROOM = 2**12, 2**16
# Examples that are passed over one by one; more are skipped inside TensorFlow.
_FEW = 256
# Examples of one pass that are counted where a source does not say how many it has.
_MOST_COUNTED = 100_000
# Examples of one row of a source, at most: a long text may be cut into many.
_EXAMPLES_A_ROW = 100
# Examples whose content stands for that of all.
_PROBES = 4
_SEED_BITS = 31

Element = Mapping[str, NDArray[Any]]


class SeqioRows:
    """Rows of one split of a task in seqio's registry, which is looked up when it is needed."""

    keeps_order = True

    def __init__(self, name: str, reading: ForeignReading) -> None:
        self._name, self._reading = name, reading
        self._lock = threading.RLock()
        self._section: _Section | None = None

    def __getstate__(self) -> dict[str, Any]:
        # Another process reads for itself.
        return {"_name": self._name, "_reading": self._reading}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(state["_name"], state["_reading"])  # type: ignore[misc]

    @cached_property
    def size(self) -> int | None:
        """What the source says; counted where a stream ends after some epochs."""
        if self._reading.split not in self._task.splits or not self._first_elements:
            return 0
        count = self._task.num_input_examples(self._reading.split)
        if self._reading.epochs is None:
            return None if count is None else max(1, int(count))
        return self._counted(None if count is None else int(count))

    def digest(self) -> bytes:
        """Of the size, the vocabularies and the first four examples."""
        digest = hashlib.sha256(f"{self._name}\x1f{self._reading.split}\x1f{self.size}".encode())
        for side, feature in self._task.output_features.items():
            # Not its text, in which some have their place in memory.
            vocabulary = feature.vocabulary
            kind = f"{type(vocabulary).__name__} {vocabulary.vocab_size} {feature.add_eos}"
            digest.update(f"\x1f{side}\x1f{kind}".encode())
        for element in self._first_elements:
            for side, ids in element.items():
                digest.update(f"\x1f{side}\x1f{ids.tolist()}".encode())
        return digest.digest()

    def example(self, seed: int, epoch: int, row: int) -> ForeignExample | None:
        """The example of a row; None where the task has ended before it.

        Raises:
          MixtureError: it cannot be read or decoded.
        """
        number = epoch * (self.size or 0) + row
        check_not_forked(self._name)
        with self._lock:
            element = self._element(seed, number)
        if element is None:
            return None
        return self._features.example(element, number, self._reading.split)

    def _element(self, seed: int, number: int) -> Element | None:
        """Element `number` of the whole reading.

        It has sections of as many passes as the stream has, or one without end.
        """
        passes, size = self._reading.epochs, self.size or 0
        section, place = (0, number) if passes is None else divmod(number, passes * size)
        if self._section is None or (self._section.seed, self._section.number) != (seed, section):
            self._section = _Section(self, seed, section)
        return self._section.element(place)

    @cached_property
    def _task(self) -> seqio.Task:
        if self._name not in seqio.TaskRegistry.names():
            raise MixtureError(
                f"seqio has no task {self._name!r} in this process: add it to "
                "seqio.TaskRegistry where a module is imported, not under `if __name__`"
            )
        return seqio.TaskRegistry.get(self._name)

    @cached_property
    def _features(self) -> ForeignFeatures:
        return ForeignFeatures(self._task, vocabulary_of(self._reading.options))

    @cached_property
    def _first_elements(self) -> list[Element]:
        """The first elements in the order of the source."""
        check_not_forked(self._name)
        dataset = self.dataset(0, 1, shuffle=False).take(_PROBES)
        return list(_elements(dataset, self._name, 0))

    def _counted(self, count: int | None) -> int:
        """Examples of one pass, by reading it.

        Raises:
          MixtureError: there is no end in sight.
        """
        limit = _MOST_COUNTED + _EXAMPLES_A_ROW * (count or 0)
        dataset = self.dataset(0, 1, shuffle=False)
        examples = _MOST_COUNTED
        if dataset.cardinality() != tf.data.INFINITE_CARDINALITY:
            try:
                counter = dataset.take(limit + 1).reduce(np.int64(0), lambda n, element: n + 1)
            except Exception as error:
                raise _read_error(self._name, "an example", error) from error
            examples = int(counter)
            if examples <= limit:
                return examples
        raise MixtureError(
            f"{self._name}: one pass of split {self._reading.split!r} has {examples:,} examples or "
            "more, perhaps without end, so its epochs cannot be counted: leave num_epochs away, "
            "or give its source num_input_examples if it ends"
        )

    def dataset(self, seed: int, epochs: int | None, shuffle: bool) -> tf.data.Dataset:
        """The ids of the task's own dataset.

        Raises:
          MixtureError: it cannot be made, or has no ids.
        """
        task, features = self._task, self._features
        is_ours = isinstance(task, AudioFlanTask)
        # seqio refuses to shuffle what has no buffer for it; such a task has an order of its own.
        is_shuffled = shuffle and (
            task.shuffle_buffer_size is not None or task.source.performs_internal_shuffling
        )
        try:
            whole = task.get_dataset(
                sequence_length=dict(self._reading.lengths) or None, split=self._reading.split,
                shuffle=is_shuffled, seed=seed, num_epochs=epochs, trim_output_features=is_ours,
                **({"options": None} if is_ours else {}),
            )  # fmt: skip
        except AudioFlanError:
            raise
        except Exception as error:
            raise _read_error(self._name, "its dataset", error) from error
        sides = features.sides_of(whole.element_spec)
        tf_options = tf.data.Options()
        tf_options.deterministic = True
        # Not the threads of who reads this: they may all be waiting for it.
        tf_options.threading.private_threadpool_size = 2
        return whole.map(lambda element: {s: element[s] for s in sides}).with_options(tf_options)

    def section(self, seed: int, number: int) -> tf.data.Dataset:
        """A section of the reading, in the order of a seed."""
        section_seed = seed_of("foreign", seed, self._name, number) >> (63 - _SEED_BITS)
        return self.dataset(section_seed, self._reading.epochs, self._reading.shuffle)

    @property
    def name(self) -> str:
        """The name of the task."""
        return self._name


class _Section:
    """One run through a dataset, with the last examples of it."""

    def __init__(self, rows: SeqioRows, seed: int, number: int) -> None:
        self._rows, self.seed, self.number = rows, seed, number
        self._elements: Iterator[Element | MixtureError] = iter(())
        # Number of the next element; before the first one is read there is no iterator.
        self._next: int | None = None
        self._room = _ROOM
        self._recent: OrderedDict[int, Element | MixtureError] = OrderedDict()
        self._end: int | None = None

    def element(self, place: int) -> Element | None:
        """An element; None beyond the end.

        Raises:
          MixtureError: it cannot be read.
        """
        if place not in self._recent and (self._end is None or place < self._end):
            self._read_to(place)
        element = self._recent.get(place)
        if isinstance(element, MixtureError):
            raise element
        return element

    def _read_to(self, place: int) -> None:
        if self._next is None or not self._next <= place < self._next + _FEW:
            self._begin(place)
        while self._next is not None and self._next <= place:
            try:
                element = next(self._elements)
            except StopIteration:
                self._end = self._next
                return
            self._recent[self._next] = element
            self._next += 1
            if len(self._recent) > self._room:
                self._recent.popitem(last=False)

    def _begin(self, place: int) -> None:
        """Stands before a place."""
        if self._next is not None and place < self._next:
            # An example that was kept no longer: the next time it may be.
            self._room = min(max(self._room, 2 * (self._next - place)), _MOST_ROOM)
        # Made anew: a dataset that is shuffled is in another order the second time.
        dataset = self._rows.section(self.seed, self.number)
        self._elements = _elements_or_errors(dataset.skip(place), self._rows.name, place)
        self._next = place


def _elements(dataset: tf.data.Dataset, name: str, first: int) -> Iterator[Element]:
    for element in _elements_or_errors(dataset, name, first):
        if isinstance(element, MixtureError):
            raise element
        yield element


def _elements_or_errors(
    dataset: tf.data.Dataset, name: str, first: int
) -> Iterator[Element | MixtureError]:
    """The elements of a dataset; after one that cannot be read come the others."""
    elements = dataset.as_numpy_iterator()
    number = first
    while True:
        try:
            yield next(elements)
        except StopIteration:
            return
        except Exception as error:
            yield _read_error(name, f"example {number}", error)
        number += 1


def _read_error(name: str, part: str, error: Exception) -> MixtureError:
    lines = (getattr(error, "message", None) or str(error)).strip().splitlines() or [""]
    # What autograph says of a user's function stands at the end.
    reason = lines[-1].strip() if lines[0].endswith("in user code:") else lines[0]
    message = MixtureError(f"{name}: {part} cannot be read: {type(error).__name__}: {reason}")
    message.__cause__ = error
    return message
