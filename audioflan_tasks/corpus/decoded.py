"""What a model wrote, as files: text to read, and a WAV of every audio span."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.audio.write import write
from audioflan_tasks.errors import TokenRangeError, reason_of
from audioflan_tasks.npy_files import read_npy
from audioflan_tasks.plain_files import open_plain_file
from audioflan_tasks.tokens import AudioTextVocabulary, AudioTokenizer
from audioflan_tasks.whole_files import write_whole

__all__ = ["DecodedFiles", "read_ids", "write_decoded"]


@dataclass(frozen=True, slots=True)
class DecodedFiles:
    """One sequence: its text with `[audio N]` for spans, their files, and what was wrong."""

    name: str
    text: str
    audio: tuple[Path, ...]
    problems: tuple[str, ...]


def read_ids(path: Path) -> list[NDArray[np.int64]]:
    """Sequences of ids from a .npy file, [n] or [batch, n]; negative ids are padding.

    Raises:
      TokenRangeError: not such a file.
    """
    try:
        with open_plain_file(path) as file:
            array = read_npy(file)
    except (OSError, ValueError) as error:
        # What NumPy says of a file of another kind is to load it as a pickle, which runs code.
        reason = reason_of(error) if isinstance(error, OSError) else "it is no whole such file"
        raise TokenRangeError(f"{path}: not a .npy file of ids ({reason})") from error
    if array.ndim not in (1, 2) or not np.issubdtype(array.dtype, np.integer):
        raise TokenRangeError(
            f"{path}: expected integer ids [n] or [batch, n], got {array.dtype} {array.shape}"
        )
    if array.size and array.max() > np.iinfo(np.int64).max:
        raise TokenRangeError(f"{path}: holds {array.max()}, which is no id")
    rows = array.astype(np.int64).reshape(-1, array.shape[-1]) if array.size else array[None]
    return [row[row >= 0] for row in rows]


def write_decoded(
    sequences: Sequence[NDArray[np.int64]],
    vocabulary: AudioTextVocabulary,
    tokenizer: AudioTokenizer,
    out: Path,
) -> Iterator[DecodedFiles]:
    """Writes `NNNN.txt` and `NNNN.K.wav` for each sequence, then `decoded.jsonl` for all.

    Raises:
      TokenRangeError: an id is outside the vocabulary; names sequence and place. Nothing is
        written then.
    """
    for number, ids in enumerate(sequences):
        _check_ids(_name(number), ids, vocabulary)
    out.mkdir(parents=True, exist_ok=True)
    lines = []
    for number, ids in enumerate(sequences):
        files_of_sequence = _written(_name(number), ids, vocabulary, tokenizer, out)
        lines.append(json.dumps(_row(files_of_sequence), ensure_ascii=False))
        yield files_of_sequence
    write_whole(out / "decoded.jsonl", "".join(f"{line}\n" for line in lines))


def _name(number: int) -> str:
    return f"{number:04d}"


def _check_ids(name: str, ids: NDArray[np.int64], vocabulary: AudioTextVocabulary) -> None:
    wrong_places = np.flatnonzero(ids >= vocabulary.vocab_size)
    if len(wrong_places):
        raise TokenRangeError(
            f"sequence {name}: id {ids[wrong_places[0]]} at place {wrong_places[0]}; "
            f"the vocabulary has {vocabulary.vocab_size} ids (AUDIOFLAN_TOKENIZER, _CODEBOOKS, "
            "_LAYOUT and _TEXT must be those of the training)"
        )


def _written(
    name: str,
    ids: NDArray[np.int64],
    vocabulary: AudioTextVocabulary,
    tokenizer: AudioTokenizer,
    out: Path,
) -> DecodedFiles:
    text: list[str] = []
    files: list[Path] = []
    problems: list[str] = []
    for segment in vocabulary.decode_segments(ids):
        if segment.problem:
            problems.append(segment.problem)
        if segment.kind == "text":
            text.append(segment.text)
            continue
        if not len(segment.codes):
            problems.append("a span has no whole frame")
            continue
        text.append(f"[audio {len(files)}]")
        path = out / f"{name}.{len(files)}.wav"
        write(path, tokenizer.decode(segment.codes), tokenizer.sample_rate)
        files.append(path)
    write_whole(out / f"{name}.txt", "".join(text))
    return DecodedFiles(name, "".join(text), tuple(files), tuple(problems))


def _row(files_of_sequence: DecodedFiles) -> dict[str, Any]:
    return {
        "name": files_of_sequence.name,
        "text": files_of_sequence.text,
        "audio": [path.name for path in files_of_sequence.audio],
        "problems": list(files_of_sequence.problems),
    }
