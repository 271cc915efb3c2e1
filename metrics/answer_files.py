"""Saved answers of any model, read again without it.

A JSON array, a JSON object with such an array in it, or JSON lines. Keys have many names in
the field; those known are listed here, and any other can be given. Audio answers are paths.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from audioflan_tasks.catalogue import TaskRow
from audioflan_tasks.errors import RecordError, nearest
from audioflan_tasks.metrics.values import AudioAnswer

__all__ = ["SavedAnswers", "read_answer_file"]

_ANSWER = (
    "response", "prediction", "predictions", "pred", "model_output", "model_prediction",
    "model_answer", "generated_text", "generated", "hypothesis", "hyp", "completion",
    "filtered_resps", "resps", "output", "text",
)  # fmt: skip
_REFERENCE = (
    "reference", "references", "correct_answer", "ground_truth", "groundtruth", "gold", "target",
    "targets", "label", "ref", "answer", "answer_gt", "expected", "gt", "output", "transcript",
)  # fmt: skip
_OPTIONS = ("options", "choices", "candidates", "answer_choices")
_PROMPT = ("question", "prompt", "instruction", "query", "input", "inputs")
_SCORES = ("scores", "score", "probabilities", "probability")
_LANGUAGE = ("language", "lang")
_TEXT = ("text", "transcript", "description", "caption")
_LISTS = ("predictions", "results", "samples", "data", "answers", "records")
_LETTER = re.compile(r"\A\(?([A-Z])\)?[.)]?\Z")


@dataclass(frozen=True, slots=True)
class SavedAnswers:
    """The columns of a file of answers; `scores` is None where there are none.

    `texts` is what audio answers were to say or to sound like.
    """

    references: Sequence[Any]
    answers: Sequence[Any]
    options: Sequence[Sequence[str]]
    prompts: Sequence[str]
    languages: Sequence[str]
    scores: Sequence[Any] | None
    texts: Sequence[str]
    keys: Mapping[str, str]


def read_answer_file(
    path: Path, row: TaskRow, answer_key: str = "", reference_key: str = ""
) -> SavedAnswers:
    """Reads a file of answers to a task.

    Raises:
      RecordError: the file cannot be read, a row lacks a key, or no known key is there; the
        message lists the keys that are.
    """
    rows = _records(path)
    answer = answer_key or _key(rows[0], _ANSWER, path, "answer")
    reference = reference_key or _key(
        rows[0], [k for k in _REFERENCE if k != answer], path, "reference"
    )
    for number, record in enumerate(rows, 1):
        for key in (answer, reference):
            if key not in record:
                raise RecordError(
                    f"{path}: row {number} has no {key!r}; it has {', '.join(record)}"
                    f"{nearest(key, record)}"
                )
    options = [_options(record) for record in rows]
    prompts = [_prompt(record, choices) for record, choices in zip(rows, options, strict=True)]
    audio = row.answer_kind.is_audio
    keys_by_column = {
        "scores": _SCORES,
        "language": _LANGUAGE,
        **({"text": _TEXT} if audio else {}),
    }
    columns = {name: _first_key(rows[0], keys) for name, keys in keys_by_column.items()}
    references = [record[reference] for record in rows]
    answers = [_answer(record[answer]) for record in rows]
    if audio:
        references = [_audio(path, value, strict=True) for value in references]
        answers = [_audio(path, value, strict=False) for value in answers]
    else:
        several = row.answer_kind.is_prose
        references = [
            _gold(r, choices, several) for r, choices in zip(references, options, strict=True)
        ]
    return SavedAnswers(
        references,
        answers,
        options if any(options) else (),
        prompts,
        [str(record.get(columns["language"], "")) for record in rows]
        if columns["language"]
        else (),
        [record.get(columns["scores"]) for record in rows] if columns["scores"] else None,
        [str(record.get(columns["text"], "")) for record in rows] if columns.get("text") else (),
        {"answer": answer, "reference": reference, **{k: v for k, v in columns.items() if v}},
    )


def _records(path: Path) -> list[Mapping[str, Any]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise RecordError(f"{path}: cannot be read as UTF-8 text: {error}") from error
    rows = list(_json_values(text, path))
    if not rows:
        raise RecordError(f"{path}: no answers; expected a JSON array or JSON lines")
    for number, row in enumerate(rows, 1):
        if not isinstance(row, Mapping):
            raise RecordError(f"{path}: row {number} is {type(row).__name__}, expected an object")
    return rows


def _json_values(text: str, path: Path) -> Iterator[Any]:
    try:
        whole = json.loads(text)
    except (json.JSONDecodeError, RecursionError):
        whole = None
    if isinstance(whole, list):
        yield from whole
        return
    if isinstance(whole, Mapping):
        inner = next((whole[k] for k in _LISTS if isinstance(whole.get(k), list)), [whole])
        yield from inner
        return
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            try:
                yield json.loads(line)
            except (json.JSONDecodeError, RecursionError) as error:
                raise RecordError(f"{path}:{number}: not JSON: {error}") from error


def _key(row: Mapping[str, Any], names: Sequence[str], path: Path, role: str) -> str:
    key = _first_key(row, names)
    if not key:
        raise RecordError(
            f"{path}: no key for the {role} among {', '.join(row)}; name it with --{role}-key"
        )
    return key


def _first_key(row: Mapping[str, Any], names: Sequence[str]) -> str:
    by_folded_name = {key.casefold().replace("-", "_").replace(" ", "_"): key for key in row}
    return next((by_folded_name[name] for name in names if name in by_folded_name), "")


def _answer(value: Any) -> Any:
    """The text of an answer; the first one where several were kept, as lm-eval does."""
    while isinstance(value, list) and value:
        value = value[0]
    if isinstance(value, list):
        return ""
    if isinstance(value, Mapping):
        return json.dumps(value, ensure_ascii=False)
    return "" if value is None else str(value)


def _options(row: Mapping[str, Any]) -> tuple[str, ...]:
    value = row.get(_first_key(row, _OPTIONS) or "")
    if isinstance(value, Mapping):
        value = list(value.values())
    return tuple(map(str, value)) if isinstance(value, list) else ()


def _prompt(row: Mapping[str, Any], options: Sequence[str]) -> str:
    """The prompt; options that it does not list are added with their letters."""
    prompt = str(row.get(_first_key(row, _PROMPT) or "", ""))
    if options and "(A)" not in prompt and "A." not in prompt:
        prompt += "".join(f"\n({chr(65 + n)}) {o}" for n, o in enumerate(options[:26]))
    return prompt


def _gold(value: Any, options: Sequence[str], several: bool) -> Any:
    """The reference. A letter becomes its option, a list several references or one joined text."""
    if isinstance(value, list):
        return [str(v) for v in value] if several else ", ".join(map(str, value))
    letter = _LETTER.match(str(value).strip())
    if letter and options and str(value) not in options:
        number = ord(letter[1]) - 65
        return options[number] if number < len(options) else str(value)
    return str(value)


def _audio(file: Path, value: Any, *, strict: bool) -> AudioAnswer | None:
    """The waveform at a path that is absolute or beside the file of answers."""
    import soundfile

    path = file.parent / str(value)
    try:
        samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    except (OSError, RuntimeError) as error:
        if strict:
            raise RecordError(f"{file}: reference audio {str(value)!r}: {error}") from error
        return None
    return AudioAnswer(samples.mean(axis=1), rate)
