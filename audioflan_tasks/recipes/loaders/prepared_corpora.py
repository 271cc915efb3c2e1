"""NSynth as TensorFlow Datasets has prepared it: the samples lie in its records."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from audioflan_tasks.errors import RecordError
from audioflan_tasks.recipes.corpora import READERS, CorpusReader
from audioflan_tasks.recipes.recording import Recording
from audioflan_tasks.records.settle import split_name

__all__ = ["TFDS"]

_INFO = "**/dataset_info.json"
_RATE_HZ = 16_000


def _nsynth(root: Path) -> Iterator[Recording]:
    """The notes of one configuration, such as `nsynth/full/2.3.3`."""
    import tensorflow_datasets as tfds

    folders = sorted(path.parent for path in root.glob(_INFO))
    if len(folders) > 1:
        raise RecordError(f"{root}: several data sets; give one of {', '.join(map(str, folders))}")
    builder = tfds.builder_from_directory(folders[0])
    if builder.name != "nsynth":
        raise RecordError(f"{folders[0]}: holds {builder.name}, not nsynth")
    names = builder.info.features["instrument"]
    for part in builder.info.splits:
        for note in tfds.as_numpy(builder.as_dataset(split=part)):
            stem = note["id"].decode()
            family = names["family"].int2str(note["instrument"]["family"])
            yield Recording(
                id=stem, audio=f"{stem}.wav", data=_wav(note["audio"]), domain="music",
                place=f"{folders[0]}: {stem}", split=split_name(part), note=str(note["pitch"]),
                instruments=(family.replace("_", " "),),
                piece=names["label"].int2str(note["instrument"]["label"]),
            )  # fmt: skip


def _wav(samples: NDArray[np.float32]) -> bytes:
    """The samples as the corpus's own files have them: 16 bits, of which 1.0 is one too many."""
    file = io.BytesIO()
    levels = np.clip(np.round(samples * 2**15), -(2**15), 2**15 - 1).astype(np.int16)
    soundfile.write(file, levels, _RATE_HZ, format="WAV", subtype="PCM_16")
    return file.getvalue()


TFDS: tuple[CorpusReader, ...] = (replace(READERS["NSynth"], expects=(_INFO,), read=_nsynth),)
