"""Saved answers of any model, read again without it.

`answer_rows` opens the file and `answer_join` puts right answers of another file beside them; here
rows become columns. Keys have many names in the field; those known are listed here, and any other
can be given. Audio answers are paths.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from audioflan_tasks.catalogue import TaskRow
from audioflan_tasks.errors import RecordError, nearest
from audioflan_tasks.metrics.answer_join import join
from audioflan_tasks.metrics.answer_rows import Row, read_rows
from audioflan_tasks.metrics.values import AudioAnswer
from audioflan_tasks.vocabularies import CHOICE_KEYS, LETTERED_KEYS, choices_of, right_choice

__all__ = ["SavedAnswers", "read_answer_file"]

_ANSWER = (
    "response", "prediction", "predictions", "pred", "model_output", "model_prediction",
    "answer_prediction", "model_answer", "generated_text", "generated", "hypothesis", "hyp",
    "completion", "filtered_resps", "resps", "output", "text",
)  # fmt: skip
_REFERENCE = (
    "reference", "references", "correct_answer", "ground_truth", "groundtruth", "gold", "target",
    "targets", "label", "ref", "answer_gt", "answer", "expected", "gt", "output", "transcript",
)  # fmt: skip
# What holds the answer where the right one stands in another file.
_KEYS_WITH_GOLD = ("answer", "label", "value")
_ANSWER_COLUMN = "\0answer"
_PROMPT = ("question", "prompt", "instruction", "query", "input", "inputs")
_SCORES = ("scores", "score", "probabilities", "probability")
_LANGUAGE = ("language", "lang")
_TEXT = ("text", "transcript", "description", "caption")


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
    path: Path,
    row: TaskRow,
    answer_key: str = "",
    reference_key: str = "",
    gold: Path | None = None,
) -> SavedAnswers:
    """Reads a file of answers to a task; `gold` is a file of the right answers.

    A row without an answer counts as empty.

    Raises:
      RecordError: a file cannot be read, a row lacks the right answer, or no known key is there;
        the message lists the keys that are.
    """
    names = (row.id, row.name)
    file_rows = read_rows(path, names)
    rows: Sequence[Row] = [_fields(r) for r in file_rows.rows]
    facts = dict(file_rows.facts)
    answer = answer_key or _key(
        rows[0], (*_ANSWER, *(_KEYS_WITH_GOLD if gold else ())), path, "answer"
    )
    if not any(answer in record for record in rows):
        raise RecordError(
            f"{path}: no row has {answer!r}; the first has {', '.join(rows[0])}"
            f"{nearest(answer, rows[0])}"
        )
    column = answer
    if gold is not None:
        column = _ANSWER_COLUMN
        right_rows = [_fields(r) for r in read_rows(gold, names).rows]
        rows, join_facts = join([_answer_alone(r, answer) for r in rows], right_rows, str(path))
        facts |= {"gold": f"{gold.name} ({len(rows)} rows)", **join_facts}
    elif any(answer not in r for r in rows):
        facts["without an answer"] = str(sum(answer not in r for r in rows))
    reference_keys = [key for key in _REFERENCE if key != column]
    reference = reference_key or _key(rows[0], reference_keys, gold or path, "reference")
    _check_references(rows, reference, gold or path)
    keys = {"answer": answer, "reference": reference, **facts}
    return _columns(rows, row, path, column, keys)


def _answer_alone(record: Row, answer: str) -> Row:
    """A row of answers for joining: what it says of right answers does not count."""
    fields = {k: v for k, v in record.items() if k != answer and k not in _REFERENCE}
    return {**fields, **({_ANSWER_COLUMN: record[answer]} if answer in record else {})}


def _check_references(rows: Sequence[Row], reference: str, path: Path) -> None:
    for number, record in enumerate(rows, 1):
        if reference not in record:
            raise RecordError(
                f"{path}: row {number} has no {reference!r}; it has {', '.join(record)}"
                f"{nearest(reference, record)}"
            )


def _columns(
    rows: Sequence[Row], row: TaskRow, path: Path, answer: str, keys: Mapping[str, str]
) -> SavedAnswers:
    options = [_options(record) for record in rows]
    prompts = [_prompt(record, choices) for record, choices in zip(rows, options, strict=True)]
    audio = row.answer_kind.is_audio
    keys_by_column = {
        "scores": _SCORES,
        "language": _LANGUAGE,
        **({"text": _TEXT} if audio else {}),
    }
    columns = {name: _first_key(rows[0], names) for name, names in keys_by_column.items()}
    references = [record[keys["reference"]] for record in rows]
    answers = [
        _answer(record.get(answer), choices) for record, choices in zip(rows, options, strict=True)
    ]
    if audio:
        references = [_audio(path, value, strict=True) for value in references]
        answers = [_audio(path, value, strict=False) for value in answers]
    else:
        several = row.answer_kind.is_prose
        references = [
            _gold(r, choices, several) for r, choices in zip(references, options, strict=True)
        ]
    keys_of_questions = {"options": CHOICE_KEYS, "prompt": _PROMPT}
    question_keys = {
        name: key
        for name, names in keys_of_questions.items()
        if (key := _first_key(rows[0], names))
    }
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
        {**keys, **question_keys, **{k: v for k, v in columns.items() if v}},
    )


def _fields(record: Row) -> Row:
    """The fields of a row with those that harnesses wrap: `doc`, `arguments`, shuffled answers."""
    fields = {**_document(record), **record}
    arguments = record.get("arguments")
    if "prompt" not in fields and arguments is not None:
        prompt = next(_texts_in(arguments), "")
        fields |= {"prompt": prompt} if prompt else {}
    choices, order = record.get("answers"), record.get("answer_orders")
    if isinstance(choices, list) and isinstance(order, list) and 0 in order:
        fields |= {"options": choices, "reference": choices[order.index(0)]}
    return fields


def _document(record: Row) -> Row:
    """The options and the question of a wrapped document; its answers are `target`'s."""
    document = record.get("doc")
    if not isinstance(document, Mapping):
        return {}
    names = (*CHOICE_KEYS, *LETTERED_KEYS, "question", "id", "language", "lang")
    return {name: document[name] for name in names if name in document}


def _texts_in(value: Any) -> Iterator[str]:
    """The texts in nested lists and objects, in order."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | Mapping):
        for item in value.values() if isinstance(value, Mapping) else value:
            yield from _texts_in(item)


def _key(row: Row, names: Sequence[str], path: Path, role: str) -> str:
    key = _first_key(row, names)
    if not key:
        raise RecordError(
            f"{path}: no key for the {role} among {', '.join(row)}; name it with --{role}-key"
        )
    return key


def _first_key(row: Row, names: Sequence[str]) -> str:
    by_folded_name = {key.casefold().replace("-", "_").replace(" ", "_"): key for key in row}
    return next((by_folded_name[name] for name in names if name in by_folded_name), "")


def _answer(value: Any, options: Sequence[str] = ()) -> Any:
    """The text of an answer; the first one where several were kept, as lm-eval does.

    Log likelihoods of the options stand for the likeliest one.
    """
    likeliest = _likeliest(value, options)
    if likeliest is not None:
        return likeliest
    while isinstance(value, list) and value:
        value = value[0]
    if isinstance(value, list):
        return ""
    if isinstance(value, Mapping):
        return json.dumps(value, ensure_ascii=False)
    return "" if value is None else _safe_text(value)


def _likeliest(value: Any, options: Sequence[str]) -> str | None:
    """The option with the highest log likelihood of `[[-3.2, false], [-1.0, true], …]`."""
    if not isinstance(value, list) or len(value) < 2 or len(value) != len(options):
        return None
    flags = (True, False, "True", "False")
    if not all(isinstance(v, list) and len(v) == 2 and v[1] in flags for v in value):
        return None
    try:
        numbers = [float(v[0]) for v in value]
    except (TypeError, ValueError):
        return None
    return options[numbers.index(max(numbers))]


def _safe_text(value: Any) -> str:
    """A value as text; half of a surrogate pair, which no text can hold, is U+FFFD."""
    return str(value).encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _options(row: Row) -> tuple[str, ...]:
    listed = choices_of(row.get(_first_key(row, CHOICE_KEYS) or ""))
    return listed or choices_of(
        [row[name] for name in LETTERED_KEYS if row.get(name) not in (None, "")]
    )


def _prompt(row: Row, options: Sequence[str]) -> str:
    """The prompt; options that it does not list are added with their letters."""
    prompt = str(row.get(_first_key(row, _PROMPT) or "", ""))
    if options and "(A)" not in prompt and "A." not in prompt:
        prompt += "".join(f"\n({chr(65 + n)}) {o}" for n, o in enumerate(options[:26]))
    return prompt


def _gold(value: Any, options: Sequence[str], several: bool) -> Any:
    """The reference. A letter or an index becomes its option, a list several or one joined text."""
    if isinstance(value, list):
        return [_safe_text(v) for v in value] if several else ", ".join(map(_safe_text, value))
    return right_choice(_safe_text(value), options)


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
