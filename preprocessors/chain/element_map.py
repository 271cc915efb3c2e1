"""One call out of the graph an element: the only module of the chain that imports TensorFlow."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.corpus.skip_guard import SkipGuard
from audioflan_tasks.preprocessors.chain.step import Dataset
from audioflan_tasks.shutdown import CALL_GATE

__all__ = ["FeatureSpec", "add_ids", "map_elements", "text_of", "texts_of"]

# The feature of a line of text, which a text source gives without a name.
_LINE = "line"
_IS_KEPT = "_is_kept"


@dataclass(frozen=True, slots=True)
class FeatureSpec:
    """Type and shape of a feature; None is a length that differs from element to element."""

    dtype: str
    shape: tuple[int | None, ...] = ()

    def array(self, value: Any) -> NDArray[Any]:
        """A value as TensorFlow takes it: text as UTF-8."""
        if self.dtype != "string":
            return np.asarray(value, self.dtype)
        if isinstance(value, np.ndarray):
            return value
        if not self.shape:
            return np.array(_utf8(value), object)
        return np.array([_utf8(text) for text in value], object)

    def empty(self) -> NDArray[Any]:
        """The smallest value of the shape."""
        if self.dtype == "string" and not self.shape:
            return np.array(b"", object)
        dtype = object if self.dtype == "string" else self.dtype
        return np.zeros([size or 0 for size in self.shape], dtype)


def map_elements(
    dataset: Dataset,
    function: Callable[[dict[str, Any]], Mapping[str, Any] | None],
    *,
    reads: Collection[str],
    writes: Mapping[str, FeatureSpec],
    drops: Collection[str] = (),
    guard: SkipGuard | None = None,
    is_seeded: bool = False,
) -> Dataset:
    """The dataset with the features that a function adds to each element.

    Args:
      function: from the features of `reads` that elements have (bytes, arrays), by name, to
        those of `writes`. None skips the element, where there is a `guard` for it.
      drops: features that elements lose.
      is_seeded: the function also gets `seed`, a number drawn for each element as
        `seqio.map_over_dataset` draws it.
    """
    import tensorflow as tf

    if not isinstance(dataset.element_spec, dict):
        dataset = dataset.map(lambda line: {_LINE: line})
    names = [name for name in dataset.element_spec if name in reads]
    call = _Call(function, [*names, "seed"] if is_seeded else names, writes, guard)
    dtypes = [tf.as_dtype(spec.dtype) for spec in writes.values()]
    outputs = [*dtypes, tf.bool] if guard is not None else dtypes

    def element(
        features: dict[str, tf.Tensor], seed: Sequence[tf.Tensor] | None = None
    ) -> dict[str, tf.Tensor]:
        inputs = [features[name] for name in names]
        inputs += [] if seed is None else [tf.stack(seed)]
        # A stateful function would make the iterator uncheckpointable.
        values = tf.numpy_function(call.arrays, inputs, outputs, stateful=False)
        for value, spec in zip(values, writes.values(), strict=False):
            value.set_shape(spec.shape)
        outputs_by_name = dict(zip(writes, values, strict=False))
        flag = {_IS_KEPT: tf.ensure_shape(values[-1], [])} if guard is not None else {}
        return {**{n: v for n, v in features.items() if n not in drops}, **outputs_by_name, **flag}

    if is_seeded:
        import seqio

        dataset = seqio.map_over_dataset(element, num_seeds=1, num_parallel_calls=None)(dataset)
    else:
        dataset = dataset.map(element)
    if guard is None:
        return dataset
    kept_elements = dataset.filter(lambda features: features[_IS_KEPT])
    return kept_elements.map(lambda features: {n: v for n, v in features.items() if n != _IS_KEPT})


def add_ids(dataset: Dataset, ids: Mapping[str, int]) -> Dataset:
    """The dataset with one more id at the end of each of these features, where there is one."""
    import tensorflow as tf

    def element(features: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        longer = {
            name: tf.concat([features[name], tf.constant([ids[name]], features[name].dtype)], 0)
            for name in ids
            if name in features
        }
        return {**features, **longer}

    return dataset.map(element)


class _Call:
    """A function of features as one of arrays in a fixed order."""

    def __init__(
        self,
        function: Callable[[dict[str, Any]], Mapping[str, Any] | None],
        names: Sequence[str],
        writes: Mapping[str, FeatureSpec],
        guard: SkipGuard | None,
    ) -> None:
        self._function, self._names, self._writes = function, names, writes
        self._guard = guard

    def arrays(self, *values: Any) -> list[NDArray[Any]]:
        """The arrays of `writes`, and whether the element is kept where it may be skipped."""
        with CALL_GATE:
            features = self._function(dict(zip(self._names, values, strict=True)))
            is_kept = np.array(features is not None)
            if self._guard is not None:
                self._guard.count(is_kept.reshape(1))
        if features is None:
            arrays = [spec.empty() for spec in self._writes.values()]
        else:
            arrays = [spec.array(features[name]) for name, spec in self._writes.items()]
        return [*arrays, is_kept] if self._guard is not None else arrays


def text_of(value: Any) -> str:
    """The text of a string feature."""
    if isinstance(value, np.ndarray):
        value = value.item()
    return value.decode("utf-8", "surrogatepass") if isinstance(value, bytes) else str(value)


def texts_of(value: Any) -> tuple[str, ...]:
    """The texts of a vector of strings; a single string is one text."""
    values = [value] if isinstance(value, bytes | str) else np.atleast_1d(value).tolist()
    return tuple(map(text_of, values))


def _utf8(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
