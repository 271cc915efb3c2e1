"""Stock seqio: a Mixture of one TFRecord task each, sampled and padded by tf.data.

tf.data reads with threads on all cores. More workers are more host processes, each with its
shard of every task, as in a run on several hosts.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from data import BOOKS, TEMPLATES, counts_of, model_file, names, payloads, rates
from loading import OFFSETS, Batch, Loader, batch_size, heard
from numpy.typing import NDArray

SHARDS = 2
FIELDS = {"A": ("input", "output"), "B": ("codes",), "C": ("wav",)}


def write(folder: Path, work: str, tasks: int) -> None:
    """Two TFRecord files a task, so that two hosts have one each."""
    import tensorflow as tf

    def feature(data: bytes) -> Any:
        return tf.train.Feature(bytes_list=tf.train.BytesList(value=[data]))

    for name, rows in payloads(work, tasks):
        for shard in range(SHARDS):
            path = folder / f"{name}.tfrecord-{shard:05d}-of-{SHARDS:05d}"
            with tf.io.TFRecordWriter(str(path)) as writer:
                for row in rows[shard::SHARDS]:
                    if work == "A":
                        record = {k: str(v).encode() for k, v in json.loads(row).items()}
                    else:
                        record = {FIELDS[work][0]: row}
                    features = tf.train.Features(feature={k: feature(v) for k, v in record.items()})
                    writer.write(tf.train.Example(features=features).SerializeToString())


def batches(folder: Path, work: str, tasks: int, workers: int) -> Iterator[Batch]:
    """`get_dataset` of the mixture; the host's number comes from the environment."""
    import seqio

    counts = counts_of(tasks, work)
    vocabulary = seqio.SentencePieceVocabulary(str(model_file()))
    features = {"targets": seqio.Feature(seqio.PassThroughVocabulary(10_000), add_eos=False)}
    rated = []
    for number, (name, rate) in enumerate(zip(names(tasks), rates(counts).tolist(), strict=True)):
        import tensorflow as tf

        source = seqio.TFExampleDataSource(
            {"train": str(folder / f"{name}.tfrecord-*")},
            {field: tf.io.FixedLenFeature([], tf.string) for field in FIELDS[work]},
            num_input_examples={"train": counts[number]},
        )
        one = {"A": partial(_text, vocabulary), "B": _codes, "C": _wave}[work]
        seqio.TaskRegistry.add(
            f"{work}_{name}", source=source, preprocessors=[partial(_mapped, one, number)],
            output_features=features, shuffle_buffer_size=32,
        )  # fmt: skip
        rated.append((f"{work}_{name}", rate))
    seqio.MixtureRegistry.add(f"{work}_all", rated)
    host, hosts = (int(n) for n in os.environ.get("BENCHMARK_HOST", "0 1").split())
    dataset = seqio.get_mixture_or_task(f"{work}_all").get_dataset(
        None, "train", seed=1, passthrough_features=["number"], num_epochs=None,
        shard_info=seqio.ShardInfo(host, hosts),
    )  # fmt: skip
    padded = dataset.padded_batch(batch_size(work), {"targets": [None], "number": []})
    for batch in padded.prefetch(2).as_numpy_iterator():
        yield batch["targets"], batch["number"]


def _mapped(one: Any, number: int, dataset: Any) -> Any:
    import tensorflow as tf

    def made(example: dict[str, Any]) -> dict[str, Any]:
        return {"targets": one(example), "number": tf.constant(number, tf.int64)}

    return dataset.map(made, num_parallel_calls=tf.data.AUTOTUNE)


def _text(vocabulary: Any, example: dict[str, Any]) -> Any:
    import tensorflow as tf

    drawn = tf.random.uniform([], 0, len(TEMPLATES), tf.int32)
    ask, lead = (tf.constant(part)[drawn] for part in zip(*TEMPLATES, strict=True))
    question = vocabulary.encode_tf(ask + example["input"] + lead)
    return tf.concat([question, vocabulary.encode_tf(example["output"]), [1]], 0)


def _codes(example: dict[str, Any]) -> Any:
    import tensorflow as tf

    codes = tf.cast(tf.io.decode_raw(example["codes"], tf.uint16), tf.int32)
    return tf.reshape(tf.reshape(codes, [-1, BOOKS]) + OFFSETS, [-1])


def _wave(example: dict[str, Any]) -> Any:
    import tensorflow as tf

    def read(data: bytes) -> NDArray[np.int32]:
        return heard(data)

    ids = tf.numpy_function(read, [example["wav"]], tf.int32, stateful=False)
    return tf.ensure_shape(ids, [None])


LOADER = Loader(
    batches, "ABC", ("seqio", "tensorflow", "tensorflow_text", "soundfile", "soxr"), write,
    by_host=True,
)  # fmt: skip
