"""Records with faults, seeded: 26 mutations of lines of JSON, and a corpus that holds them.

A mutation takes the bytes of one good line and gives the bytes that stand in its place.
`python -m tests.record_faults FOLDER COUNT SEED` writes such a corpus.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

__all__ = ["MUTATIONS", "faulty_lines", "good_lines", "write_corpus"]

Mutation = Callable[[random.Random, bytes], bytes]

CLIPS = tuple(f"clip_{n}" for n in range(4))
_TASKS = (
    ("Gender Recognition", "Speaker Information", "speech", "Is it a man?", "", "male"),
    ("Automatic Speech Recognition", "Speech Recognition", "speech", "Transcribe.", "", "good day"),
    ("Key Detection", "Global MIR", "music", "Which key?", "", "C major"),
    ("Text to Speech", "Speech Generation", "speech", "Read it.", "text: good day", None),
)
_VALUES: tuple[Any, ...] = (
    None, True, 0, -1, 1.5, "", "x", "null", [], [[]], [None], {}, {"a": 1}, ["a", 2], "NaN",
)  # fmt: skip
_KEYS = (
    "instruction", "input", "output", "uuid", "split", "task_type", "domain", "source", "other",
    "audio_path", "audio_start", "audio_end", "task", "extra",
)  # fmt: skip
_TEXTS = ("instruction", "input", "output", "uuid", "domain", "audio_path")
_SPANS = (
    "<|SOA|>", "<|EOA|>", "<SOA>", "|EOA|", "SOA>", "<|SOA|><|EOA|>", "<|SOA|>../x<|EOA|>",
    "<|SOA|>a/b<|EOA|>", "<|SOA|>.<|EOA|>", "<|SOA|>\u2028<|EOA|>", "<|SOA|><AUDIO><|EOA|>",
    "<|SOA|>clip_0<|EOA|>", "<|SOA|>" * 400, "<|SOA|>x" * 300, "<|soa|> clip_1 <|eoa|>",
)  # fmt: skip


def good_lines(count: int) -> list[bytes]:
    """Lines of records of four tasks, with ids of audio or with paths."""
    return [_line(number) for number in range(count)]


def faulty_lines(count: int, seed: int) -> list[bytes]:
    """Lines of which each has one fault; all mutations have their turn."""
    draw = random.Random(seed)
    names = sorted(MUTATIONS)
    return [
        MUTATIONS[names[number % len(names)]](draw, line).replace(b"\n", b" ")
        for number, line in enumerate(good_lines(count))
    ]


def write_corpus(root: Path, lines: list[bytes], name: str = "records.jsonl") -> Path:
    """A folder with lines as one file, and short clips of all the ids in `CLIPS`."""
    root.mkdir(parents=True, exist_ok=True)
    (root / name).write_bytes(b"".join(line + b"\n" for line in lines))
    for number, clip in enumerate(CLIPS):
        samples = np.random.default_rng(number).uniform(-0.5, 0.5, 800 + 80 * number)
        soundfile.write(root / f"{clip}.wav", samples, 8000)
    return root


def _line(number: int) -> bytes:
    minor, major, domain, instruction, text, output = _TASKS[number % len(_TASKS)]
    clip = CLIPS[number // len(_TASKS) % len(CLIPS)]
    has_path = number % 3 == 0
    audio = f"<|SOA|>{'<AUDIO>' if has_path else clip}<|EOA|>"
    record: dict[str, Any] = {
        "instruction": instruction, "input": text or audio,
        "output": audio if output is None else output, "uuid": f"u{number}",
        "split": [("train", "dev", "test")[number % 3]],
        "task_type": {"major": [major], "minor": [minor], "U/G": [""], "unseen": False},
        "domain": domain, "source": ["studio"], "other": {"n": number} if number % 2 else None,
    }  # fmt: skip
    if has_path:
        record |= {"audio_path": f"{clip}.wav", "audio_start": 0.0, "audio_end": -1}
    return json.dumps(record, ensure_ascii=number % 2 == 0).encode()


def _spliced(line: bytes, place: int, data: bytes, length: int = 0) -> bytes:
    return line[:place] + data + line[place + length :]


def _place(draw: random.Random, line: bytes) -> int:
    return draw.randrange(len(line))


def _with_raw(line: bytes, key: str, value: str) -> bytes:
    """The record with the JSON text of a value as it stands, which may be none."""
    marked = {**json.loads(line), key: "\x00HERE"}
    return json.dumps(marked).replace('"\\u0000HERE"', value).encode()


def _flip_bit(draw: random.Random, line: bytes) -> bytes:
    place = _place(draw, line)
    return _spliced(line, place, bytes([line[place] ^ 1 << draw.randrange(8)]), 1)


def _random_bytes(draw: random.Random, line: bytes) -> bytes:
    return _spliced(line, _place(draw, line), draw.randbytes(draw.randrange(1, 8)), 3)


def _control(draw: random.Random, line: bytes) -> bytes:
    return _spliced(line, _place(draw, line), draw.choice([b"\0", b"\r", b"\x0b", b"\x1c", b"\t"]))


def _no_utf8(draw: random.Random, line: bytes) -> bytes:
    parts = [b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\x80"]
    return _spliced(line, _place(draw, line), draw.choice(parts))


def _lost_bytes(draw: random.Random, line: bytes) -> bytes:
    return _spliced(line, _place(draw, line), b"", draw.randrange(1, 20))


def _separator(draw: random.Random, line: bytes) -> bytes:
    return _with_text(draw, line, draw.choice(["a\u2028b", "a\u2029b", "a\x85b", "\ufeffa"]))


def _cut(draw: random.Random, line: bytes) -> bytes:
    return line[: _place(draw, line)]


def _cut_front(draw: random.Random, line: bytes) -> bytes:
    return line[_place(draw, line) :]


def _bracket(draw: random.Random, line: bytes) -> bytes:
    return draw.choice([b"[", b"[]", b"[[" + line, b"[broken", b"[" + line, b"[" + line + b"]"])


def _wrong_type(draw: random.Random, line: bytes) -> bytes:
    return json.dumps({**json.loads(line), draw.choice(_KEYS): draw.choice(_VALUES)}).encode()


def _wrong_task_type(draw: random.Random, line: bytes) -> bytes:
    record = json.loads(line)
    record["task_type"][draw.choice(["major", "minor", "U/G", "unseen", "x"])] = draw.choice(
        _VALUES
    )
    return json.dumps(record).encode()


def _no_object(draw: random.Random, line: bytes) -> bytes:
    return json.dumps(draw.choice([*_VALUES, [json.loads(line)]])).encode()


def _lost_key(draw: random.Random, line: bytes) -> bytes:
    record = json.loads(line)
    record.pop(draw.choice(sorted(record)))
    return json.dumps(record).encode()


def _renamed_key(draw: random.Random, line: bytes) -> bytes:
    record = json.loads(line)
    key = draw.choice(sorted(record))
    return json.dumps({k.upper() if k == key else k: v for k, v in record.items()}).encode()


def _twice_key(draw: random.Random, line: bytes) -> bytes:
    key, value = draw.choice(_KEYS), json.dumps(draw.choice(_VALUES))
    return line[:-1] + f', "{key}": {value}}}'.encode()


def _huge_number(draw: random.Random, line: bytes) -> bytes:
    digits = draw.choice([19, 20, 25, 308, 309, 400, 4300, 5000])
    return _with_raw(line, draw.choice(_KEYS), draw.choice(["", "-"]) + "9" * digits)


def _no_number(draw: random.Random, line: bytes) -> bytes:
    values = ["NaN", "Infinity", "-Infinity", "1e400", "-1e400", "1e308", "01", "1.", ".5", "-0"]
    return _with_raw(line, draw.choice(_KEYS), draw.choice(values))


def _times(draw: random.Random, line: bytes) -> bytes:
    numbers = ["-1", "1e9", "1e17", "1e308", "5", "0.0001", '"x"', '"inf"', '"nan"', "9" * 90]
    start, end = draw.choice(numbers), draw.choice(numbers)
    return _with_raw(_with_raw(line, "audio_start", start), "audio_end", end)


def _deep_lists(draw: random.Random, line: bytes) -> bytes:
    depth = draw.choice([20, 100, 500, 900, 1000, 5000])
    return _with_raw(line, draw.choice(_KEYS), "[" * depth + "]" * depth)


def _deep_objects(draw: random.Random, line: bytes) -> bytes:
    depth = draw.choice([20, 100, 500, 900, 1000, 5000])
    return _with_raw(line, draw.choice(_KEYS), '{"a":' * depth + "1" + "}" * depth)


def _open_nesting(draw: random.Random, line: bytes) -> bytes:
    return draw.choice([b"[", b'{"a":', b'{"a":[']) * draw.choice([10, 1000, 20_000])


def _surrogate(draw: random.Random, line: bytes) -> bytes:
    text = draw.choice(["\\ud800", "q\\ud800z", "\\udc00", "\\ud800\\ud800", "\\udc00\\ud800"])
    key = draw.choice([*_KEYS, text])
    more = ', "y": NaN}' if draw.random() < 0.5 else "}"
    return line[:-1] + f', "{key}": "{text}"{more}'.encode()


def _nul(draw: random.Random, line: bytes) -> bytes:
    return _with_text(draw, line, draw.choice(["\0", "a\0b.wav", "<|SOA|>a\0b<|EOA|>"]))


def _long_text(draw: random.Random, line: bytes) -> bytes:
    letter = draw.choice(["x", "é", "x/", "../", "<", "\u3000"])
    return _with_text(draw, line, letter * draw.choice([256, 500, 5000]))


def _long_id(draw: random.Random, line: bytes) -> bytes:
    return _with_text(draw, line, f"<|SOA|>{'x' * draw.choice([250, 500, 512, 600])}<|EOA|>")


def _spans(draw: random.Random, line: bytes) -> bytes:
    return _with_text(draw, line, " ".join(draw.choices(_SPANS, k=draw.randrange(1, 4))))


def _twice(draw: random.Random, line: bytes) -> bytes:
    return draw.choice([line + line, line + b" " + line, line + b",", b"," + line, line + b"]"])


def _with_text(draw: random.Random, line: bytes, text: str) -> bytes:
    return json.dumps(
        {**json.loads(line), draw.choice(_TEXTS): text}, ensure_ascii=draw.random() < 0.5
    ).encode()


MUTATIONS: dict[str, Mutation] = {
    function.__name__.strip("_"): function
    for function in (
        _flip_bit, _random_bytes, _control, _no_utf8, _lost_bytes, _separator, _cut, _cut_front,
        _bracket, _wrong_type, _wrong_task_type, _no_object, _lost_key, _renamed_key, _twice_key,
        _huge_number, _no_number, _times, _deep_lists, _deep_objects, _open_nesting, _surrogate,
        _nul, _long_text, _long_id, _spans, _twice,
    )
}  # fmt: skip


def main(root: str, count: int, seed: int) -> None:
    """Writes a corpus of faulty records."""
    write_corpus(Path(root), faulty_lines(count, seed))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
