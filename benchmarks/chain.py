"""The chain of a task as it is written, beside the same steps in stock seqio.

    python benchmarks/chain.py [--task key_detection] [--count 600] [--rounds 5]

The peer is what a seqio user writes over the same lines of JSON: one `tf.numpy_function` a step
(read, codes, template, text ids, splice) with seqio's `map_over_dataset`, around the same public
functions of this package. Rounds take turns; the figures are CPU time of the process, median of
the rounds.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import seqio
import tensorflow as tf

import audioflan_tasks as af
from audioflan_tasks.preprocessors import chain
from audioflan_tasks.records import Instance
from audioflan_tasks.records.parse import LineParser
from audioflan_tasks.tokens import get_tokenizer

SPLIT, SEED, WARM_UP = "train", 1, 60
LENGTHS = {"inputs": 4096, "targets": 4096}


def main() -> None:
    """Prints one table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--task", default="key_detection")
    parser.add_argument("--count", type=int, default=600)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        lines = _write_lines(arguments.task, Path(folder))
        streams = {name: _stream(make()) for name, make in _ways(arguments.task, lines).items()}
        micros: dict[str, list[float]] = {name: [] for name in streams}
        for _ in range(arguments.rounds):
            for name, stream in streams.items():
                micros[name].append(_cpu_micros(stream, arguments.count))
    peer = statistics.median(micros["stock seqio, one numpy_function a step"])
    print(f"{'':44}{'CPU us/example':>16}{'peer over it':>14}")
    for name, values in micros.items():
        value = statistics.median(values)
        print(f"{name:44}{value:16,.0f}{peer / value:14.2f}")


def _write_lines(task: str, folder: Path) -> str:
    """The records of a task as lines of JSON."""
    path = folder / "records.jsonl"
    records = af.Corpus().instances(task, SPLIT)
    path.write_text("".join(json.dumps(record.record()) + "\n" for record in records))
    return str(path)


def _ways(task: str, lines: str) -> dict[str, Callable[[], tf.data.Dataset]]:
    ours = seqio.get_mixture_or_task(f"audioflan_{task}")
    run = {"split": SPLIT, "seed": SEED, "num_epochs": None}
    source = seqio.TextLineDataSource({SPLIT: lines})
    over_lines = ours.replace(
        source=source, preprocessors=[chain.read_records(), *ours.preprocessors]
    )
    return {
        "index engine": lambda: ours.get_dataset(LENGTHS, **run),
        "chain as written": lambda: ours.get_dataset(LENGTHS, **run, engine="seqio"),
        "chain as written, over lines": lambda: over_lines.get_dataset(LENGTHS, **run),
        "stock seqio, one numpy_function a step": lambda: _stock_task(
            task, source, ours.output_features
        ).get_dataset(LENGTHS, **run),
    }


def _stock_task(
    task: str, source: seqio.DataSource, output_features: Mapping[str, seqio.Feature]
) -> seqio.Task:
    steps = _StockSteps(task)
    return seqio.Task(
        "stock", source,
        output_features=dict(output_features),
        preprocessors=[steps.read, steps.add_codes, steps.apply_template, steps.encode,
                       steps.join, seqio.preprocessors.append_eos],
    )  # fmt: skip


class _StockSteps:
    """Steps as a seqio user writes them."""

    def __init__(self, task: str) -> None:
        self._row = next(row for row in af.tasks() if row.id == task)
        self._vocabulary = af.vocabulary()
        self._coder = af.Corpus().coder(get_tokenizer("convrvq_16k"))
        self._parser = LineParser("records")

    def read(self, dataset: tf.data.Dataset) -> tf.data.Dataset:
        """Lines to fields."""
        names = ("instruction", "input", "output", "uuid", "other")

        def fields(line: bytes) -> list[Any]:
            record = self._parser.parse(line, 0)
            assert record is not None
            texts = [getattr(record, name) for name in names[:-1]]
            ids = np.array([i.encode() for i in record.audio_ids], object)
            return [*(t.encode() for t in texts), json.dumps(record.other).encode(), ids]

        def element(line: tf.Tensor) -> dict[str, tf.Tensor]:
            values = tf.numpy_function(fields, [line], [tf.string] * 6, stateful=False)
            return _shaped(values, (*names, "audio_ids"), (0, 0, 0, 0, 0, 1))

        return seqio.map_over_dataset(element)(dataset)

    def add_codes(self, dataset: tf.data.Dataset) -> tf.data.Dataset:
        """Audio ids to codes."""

        def codes(ids: Any) -> list[Any]:
            clips = [self._coder(i.decode(), None) for i in ids]
            frames = np.array([len(clip) for clip in clips], np.int32)
            return [np.concatenate(clips).astype(np.int32), frames]

        def element(features: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
            values = tf.numpy_function(
                codes, [features["audio_ids"]], [tf.int32, tf.int32], stateful=False
            )
            return {**features, **_shaped(values, ("codes", "frames"), (2, 1))}

        return seqio.map_over_dataset(element)(dataset)

    def apply_template(self, dataset: tf.data.Dataset) -> tf.data.Dataset:
        """Fields to segments."""

        def segments(*values: Any) -> list[Any]:
            instruction, text, output, uuid, other = (value.decode() for value in values[:5])
            record = Instance(
                instruction=instruction, input=text, output=output, uuid=uuid,
                other=json.loads(other), task=self._row.id,
            )  # fmt: skip
            prompt = af.render(record, self._row, int(values[5][0]))
            parts = (*prompt.inputs, *prompt.targets)
            columns = ([s.value for s in parts], [s.kind for s in parts], [s.role for s in parts])
            return [
                *(np.array([t.encode() for t in column], object) for column in columns),
                prompt.template.encode(), record.domain.encode(), output.encode(),
            ]  # fmt: skip

        def element(features: dict[str, tf.Tensor], seed: tf.Tensor) -> dict[str, tf.Tensor]:
            names = ("instruction", "input", "output", "uuid", "other")
            values = tf.numpy_function(
                segments, [*(features[n] for n in names), tf.stack(seed)], [tf.string] * 6,
                stateful=False,
            )  # fmt: skip
            outputs = ("values", "kinds", "roles", "template", "domain", "targets_pretokenized")
            kept_names = ("uuid", "audio_ids", "codes", "frames")
            return {
                **{name: features[name] for name in kept_names},
                **_shaped(values, outputs, (1, 1, 1, 0, 0, 0)),
            }

        return seqio.map_over_dataset(element, num_seeds=1)(dataset)

    def encode(self, dataset: tf.data.Dataset) -> tf.data.Dataset:
        """Text segments to ids."""

        def ids(values: Any, kinds: Any) -> list[Any]:
            parts = [
                self._vocabulary.encode_text(value.decode() if kind == b"text" else "")
                for value, kind in zip(values, kinds, strict=True)
            ]
            return [np.concatenate(parts), np.array([len(part) for part in parts], np.int32)]

        def element(features: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
            values = tf.numpy_function(
                ids, [features["values"], features["kinds"]], [tf.int32, tf.int32], stateful=False
            )
            return {**features, **_shaped(values, ("text_ids", "text_lengths"), (1, 1))}

        return seqio.map_over_dataset(element)(dataset)

    def join(self, dataset: tf.data.Dataset) -> tf.data.Dataset:
        """Ids and codes to both sides."""
        names = (
            "kinds",
            "roles",
            "values",
            "text_ids",
            "text_lengths",
            "audio_ids",
            "codes",
            "frames",
        )

        def sides(*arrays: Any) -> list[Any]:
            kinds, roles, values, text_ids, text_lengths, audio_ids, codes, frames = arrays
            clips = dict(zip(audio_ids, np.split(codes, np.cumsum(frames)[:-1]), strict=True))
            texts = np.split(text_ids, np.cumsum(text_lengths)[:-1])
            parts: dict[bool, list[Any]] = {False: [], True: []}
            for kind, role, value, text in zip(kinds, roles, values, texts, strict=True):
                block = text if kind == b"text" else self._vocabulary.audio_block(clips[value])
                parts[role == b"answer"].append(block)
            return [np.concatenate(parts[side]) for side in (False, True)]

        def element(features: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
            values = tf.numpy_function(
                sides, [features[name] for name in names], [tf.int32, tf.int32], stateful=False
            )
            facts = ("uuid", "audio_ids", "template", "domain", "targets_pretokenized")
            return {
                **{name: features[name] for name in facts},
                **_shaped(values, ("inputs", "targets"), (1, 1)),
            }

        return seqio.map_over_dataset(element)(dataset)


def _shaped(values: Any, names: tuple[str, ...], ranks: tuple[int, ...]) -> dict[str, tf.Tensor]:
    for value, rank in zip(values, ranks, strict=True):
        value.set_shape([None] * rank)
    return dict(zip(names, values, strict=True))


def _stream(dataset: tf.data.Dataset) -> Iterator[Any]:
    stream: Iterator[Any] = iter(dataset.as_numpy_iterator())
    for _ in range(WARM_UP):
        next(stream)
    return stream


def _cpu_micros(stream: Iterator[Any], count: int) -> float:
    start = time.process_time()
    for _ in range(count):
        next(stream)
    return 1e6 * (time.process_time() - start) / count


if __name__ == "__main__":
    main()
