"""Functions of one element as steps of a dataset: the only module of the chain with TensorFlow.

Each call out of the graph costs about as much as a step itself, most of it for turning features
into tensors and back. So steps that follow each other directly become one call: the second one is
built on what the first was built on. Anything between them (a user's own `map`, `repeat`, a cache)
ends that, and nobody sees a difference but in time.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.corpus.skip_guard import SkipGuard
from audioflan_tasks.preprocessors.chain.step import Dataset
from audioflan_tasks.shutdown import CALL_GATE

__all__ = ["FeatureSpec", "map_elements", "text_of", "texts_of"]

Features = Mapping[str, Any]

# The feature of a line of text, which a text source gives without a name.
_LINE = "line"
_SEED, _IS_KEPT = "_seed", "_is_kept"


@dataclass(frozen=True, slots=True)
class FeatureSpec:
    """Type and shape of a feature; None is a length that differs from element to element."""

    dtype: str
    shape: tuple[int | None, ...] = ()

    def array(self, value: Any) -> NDArray[Any]:
        """A value as TensorFlow takes it: text as UTF-8."""
        if self.dtype != "string":
            return np.asarray(value, self.dtype)
        if not self.shape:
            return np.array(_utf8(value), object)
        return np.array([_utf8(text) for text in value], object)

    def empty(self) -> Any:
        """The smallest value of the shape."""
        if self.dtype == "string":
            return () if self.shape else ""
        return np.zeros([size or 0 for size in self.shape], self.dtype)


@dataclass(frozen=True, slots=True)
class _ElementStep:
    """A function of an element: arguments as of `map_elements`."""

    function: Callable[[dict[str, Any]], Features | None]
    reads: frozenset[str]
    writes: Mapping[str, FeatureSpec]
    drops: frozenset[str]
    guard: SkipGuard | None

    def write(self, features: dict[str, Any]) -> bool:
        """Adds to the features of an element and takes from them; False if it is skipped."""
        outputs = self.function({n: features[n] for n in self.reads if n in features})
        if self.guard is not None:
            self.guard.count(np.array([outputs is not None]))
        if outputs is None:
            return False
        for name in self.drops:
            features.pop(name, None)
        features.update((name, outputs[name]) for name in self.writes)
        return True


# The dataset that a dataset was made of, and the steps from there on.
_origins: WeakKeyDictionary[Dataset, tuple[Dataset, tuple[_ElementStep, ...]]] = WeakKeyDictionary()


def map_elements(
    dataset: Dataset,
    function: Callable[[dict[str, Any]], Features | None],
    *,
    reads: Collection[str],
    writes: Mapping[str, FeatureSpec],
    drops: Collection[str] = (),
    guard: SkipGuard | None = None,
    is_seeded: bool = False,
) -> Dataset:
    """The dataset with the features that a function adds to each element.

    Args:
      function: from the features of `reads` that elements have, by name, to those of `writes`.
        Texts come as bytes or str (`text_of`, `texts_of`), numbers as arrays or lists. None skips
        the element, where there is a `guard` for it.
      drops: features that elements lose.
      is_seeded: the function also gets `seed`, two numbers drawn for each element as
        `seqio.map_over_dataset` draws them.
    """
    base, steps = _origins.get(dataset, (dataset, ()))
    if not isinstance(base.element_spec, dict):
        base = base.map(lambda line: {_LINE: line})
    if is_seeded:
        base, function = _with_seeds(base), _seeded(function)
    step = _ElementStep(
        function,
        frozenset({*reads, _SEED} if is_seeded else reads),
        writes,
        frozenset(drops),
        guard,
    )
    steps = (*steps, step)
    mapped_dataset = _mapped(base, steps)
    _origins[mapped_dataset] = (base, steps)
    return mapped_dataset


def _mapped(base: Dataset, steps: Sequence[_ElementStep]) -> Dataset:
    """All steps as one call for each element."""
    import tensorflow as tf

    names, passed_names, outputs = _flow(base.element_spec, steps)
    call = _Call(steps, names, outputs)
    dtypes = [tf.as_dtype(spec.dtype) for spec in outputs.values()]
    may_skip = any(step.guard is not None for step in steps)
    output_names = [*outputs, _IS_KEPT] if may_skip else [*outputs]

    def element(features: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        # A stateful function would make the iterator uncheckpointable.
        values = tf.numpy_function(
            call.arrays, [features[n] for n in names], [*dtypes, tf.bool], stateful=False
        )
        for value, spec in zip(values, [*outputs.values(), FeatureSpec("bool")], strict=True):
            value.set_shape(spec.shape)
        passed_features = {name: features[name] for name in passed_names}
        return {**passed_features, **dict(zip(output_names, values, strict=False))}

    dataset = base.map(element)
    if not may_skip:
        return dataset
    dataset = dataset.filter(lambda features: features[_IS_KEPT])
    return dataset.map(lambda features: {n: v for n, v in features.items() if n != _IS_KEPT})


def _flow(
    spec: Mapping[str, Any], steps: Sequence[_ElementStep]
) -> tuple[list[str], list[str], dict[str, FeatureSpec]]:
    """Features of the base that are read, those that are passed on, and those that are written."""
    passed_names = [name for name in spec if name != _SEED]
    read_names: set[str] = set()
    outputs: dict[str, FeatureSpec] = {}
    for step in steps:
        read_names |= {name for name in step.reads if name in spec and name not in outputs}
        outputs = {n: s for n, s in outputs.items() if n not in step.drops} | {**step.writes}
        passed_names = [n for n in passed_names if n not in step.drops and n not in step.writes]
    return sorted(read_names), passed_names, outputs


class _Call:
    """Steps as one function of arrays in a fixed order."""

    def __init__(
        self,
        steps: Sequence[_ElementStep],
        names: Sequence[str],
        outputs: Mapping[str, FeatureSpec],
    ) -> None:
        self._steps, self._names, self._outputs = steps, names, outputs

    def arrays(self, *values: Any) -> list[NDArray[Any]]:
        """The arrays of the outputs, and whether the element is kept."""
        with CALL_GATE:
            features = dict(zip(self._names, values, strict=True))
            is_kept = all(step.write(features) for step in self._steps)
        if not is_kept:
            features = {name: spec.empty() for name, spec in self._outputs.items()}
        arrays = [spec.array(features[name]) for name, spec in self._outputs.items()]
        return [*arrays, np.array(is_kept)]


def _with_seeds(dataset: Dataset) -> Dataset:
    import seqio
    import tensorflow as tf

    def element(features: dict[str, tf.Tensor], seed: Sequence[tf.Tensor]) -> dict[str, tf.Tensor]:
        return {**features, _SEED: tf.stack(seed)}

    return seqio.map_over_dataset(element, num_seeds=1, num_parallel_calls=None)(dataset)


def _seeded(
    function: Callable[[dict[str, Any]], Features | None],
) -> Callable[[dict[str, Any]], Features | None]:
    return lambda features: function({**features, "seed": features[_SEED]})


def text_of(value: Any) -> str:
    """The text of a string feature."""
    if isinstance(value, str):
        return value
    if isinstance(value, np.ndarray):
        value = value.item()
    return value.decode("utf-8", "surrogatepass") if isinstance(value, bytes) else str(value)


def texts_of(value: Any) -> tuple[str, ...]:
    """The texts of a vector of strings; a single string is one text."""
    return tuple(map(text_of, _items(value)))


def _items(value: Any) -> Iterator[Any]:
    if isinstance(value, bytes | str):
        return iter([value])
    return iter(value if isinstance(value, tuple | list) else np.atleast_1d(value).tolist())


def _utf8(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
