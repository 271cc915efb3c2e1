"""One line of a release file to one `Instance`.

Most lines need no repair: they are decoded straight into the plain schema, and
their names are settled once per combination, since a file has few. Whatever is
unusual takes the slow way: `coerce`, then the documented schema, which words the
errors.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

import msgspec
from pydantic import ValidationError

from audioflan_tasks import catalogue
from audioflan_tasks.errors import RecordError
from audioflan_tasks.records.coerce import coerce
from audioflan_tasks.records.decode import LineError, check_levels, decode
from audioflan_tasks.records.forms import text_form
from audioflan_tasks.records.instance import Instance, path_id
from audioflan_tasks.records.lead_ins import ANSWER
from audioflan_tasks.records.listed_names import listed_names
from audioflan_tasks.records.placeholders import fill_placeholders, has_placeholder
from audioflan_tasks.records.repairs import Ledger, Problem, ProblemKind, Repair
from audioflan_tasks.records.schema import PlainRecord, RawRecord
from audioflan_tasks.records.settle import (
    NO_SPLIT_NAMES,
    Hints,
    Names,
    SettledNames,
    SplitNames,
    settle,
)
from audioflan_tasks.records.spans import (
    START,
    Markers,
    canonical,
    is_canonical,
    span,
)
from audioflan_tasks.records.task_names import disagreement
from audioflan_tasks.vocabularies import corpora_by_vocabulary, vocabulary_for

__all__ = ["LineParser"]

_NO_UUID = frozenset({"", "null", "none", "uuid"})
_ANSWER_KEYS = frozenset({"response", "correct_answer"})
_SHORT = 8
_LONGEST_NAME = 48
_OPENING = "[{(<"
_MEMO = 4096
_LONGEST = 1e7
_plain = msgspec.json.Decoder(PlainRecord)


class LineParser:
    """Parses the lines of one file and books every repair and problem in `ledger`.

    With `strict`, a line that gives no record raises RecordError instead of being
    skipped. `markers` names the span markers where they are not SOA and EOA, `splits` says
    what words for splits mean that are none of the known ones (see `settle.checked_splits`).
    `vocabularies` gives the vocabulary of each task whose corpus names none, by task id; it is
    called when it is first needed.
    """

    def __init__(
        self,
        name: str,
        hints: Hints | None = None,
        ledger: Ledger | None = None,
        *,
        strict: bool = False,
        markers: Markers | None = None,
        splits: SplitNames = NO_SPLIT_NAMES,
        vocabularies: Callable[[], Mapping[str, str]] | None = None,
    ) -> None:
        self.name = name
        self.hints = hints or Hints()
        self.ledger = ledger if ledger is not None else Ledger()
        self.strict = strict
        self.markers = markers or Markers()
        self.splits = splits
        self.vocabularies = vocabularies
        self._plain_markers = self.markers == Markers()
        self._memo: dict[tuple[Any, ...], SettledNames] = {}

    def parse(self, line: bytes, number: int) -> Instance | None:
        """The instance of a line (bytes of one JSON object), or None if it is skipped.

        Raises:
          RecordError: strict, and the line gives no record.
        """
        try:
            check_levels(line)
            raw = _plain_record(line)
            if raw is not None and self._plain_markers:
                text, answer = raw.input, raw.output
                if is_canonical(text) and is_canonical(answer):
                    return self._instance(raw, text, answer, (), f"{self.name}:{number}")
            value, kinds = decode(line)
            return self._slow(value, kinds, f"{self.name}:{number}")
        except LineError as skip:
            self.skip(number, skip.kind, skip.reason)
        return None

    def skip(self, number: int, kind: ProblemKind, reason: str) -> None:
        """Books a line as skipped, or raises if strict; number 0 means the whole file."""
        place = f"{self.name}:{number}" if number else self.name
        problem = Problem(place, kind, reason)
        if self.strict:
            raise RecordError(str(problem))
        self.ledger.problem(problem)

    def _slow(self, value: Any, kinds: list[Repair], place: str) -> Instance:
        record = _to_schema(value, kinds)
        two_tasks = disagreement(value)
        if two_tasks:
            raise LineError(ProblemKind.TASK_DISAGREES, two_tasks)
        _check_range(record)
        text, answer = self._spans(record, kinds)
        return self._instance(record, text, answer, tuple(dict.fromkeys(kinds)), place)

    def _instance(
        self,
        raw: PlainRecord | RawRecord,
        text: str,
        answer: str,
        kinds: tuple[Repair, ...],
        place: str,
    ) -> Instance:
        settled_names = self._names_of(raw, text)
        if settled_names.wrong_split:
            raise LineError(ProblemKind.SPLIT_UNKNOWN, settled_names.wrong_split)
        uuid = raw.uuid
        kinds = (*kinds, *settled_names.kinds) if kinds else settled_names.kinds
        if len(uuid) < _SHORT and uuid.strip().lower() in _NO_UUID:
            kinds = (*kinds, Repair.UUID_MISSING) if _names_uuid(raw) else kinds
            uuid = _derived_uuid(settled_names, raw, text, answer)
        has_clip = settled_names.writes_audio and START in answer
        if settled_names.category_writes_audio not in (None, has_clip):
            kinds = (*kinds, Repair.UG_OUTPUT)
        lead_in, lead_ins = "", settled_names.lead_ins
        if lead_ins is not None and lead_ins.may_lead(answer):
            options = listed_names(raw.instruction, raw.other) if answer.count(" ") > 1 else ()
            lead_in, answer = lead_ins.split(answer, options)
            kinds = (*kinds, _kind_of_lead_in(lead_in)) if lead_in else kinds
        if settled_names.unlike and ("." in answer or answer[:1] in _OPENING):
            kinds = self._with_form(kinds, settled_names, answer, place)
        corpus, vocabulary = settled_names.corpus, settled_names.vocabulary
        if not corpus:
            corpus = _corpus_of(raw, answer if has_clip and START not in text else text)
            vocabulary = _vocabulary_of(settled_names.task, corpus) or vocabulary
        self.ledger.records += 1
        if kinds:
            self._book(kinds, settled_names, place)
        return Instance(
            instruction=raw.instruction,
            input=text,
            output=answer,
            lead_in=lead_in,
            uuid=uuid,
            split=settled_names.split,
            task=settled_names.task,
            minor=settled_names.minor,
            major=settled_names.major,
            paper_category=settled_names.category,
            unseen=raw.task_type.unseen,
            domain=settled_names.domain,
            corpus=corpus,
            vocabulary=vocabulary,
            source=raw.source,
            other=raw.other or {},
            audio_path=raw.audio_path,
            audio_start=raw.audio_start,
            audio_end=raw.audio_end,
            where=place,
            raw=settled_names.raw,
        )

    def _names_of(self, raw: PlainRecord | RawRecord, text: str) -> SettledNames:
        """The settled names of a record with that input."""
        names = (raw.split, raw.task_type.minor, raw.task_type.major, raw.task_type.ug, raw.domain)
        settled_names = self._memo.get(names) or self._settle(names)
        has_clip = START in text or bool(raw.audio_path)
        return settled_names.with_clip or settled_names if has_clip else settled_names

    def _settle(self, names: tuple[Any, ...]) -> SettledNames:
        if len(self._memo) >= _MEMO:
            self._memo.clear()
        settled_names = settle(Names(*names), self.hints, self.splits)
        vocabulary = self._vocabulary(settled_names.task, settled_names.corpus)
        if vocabulary:
            settled_names = replace(settled_names, vocabulary=vocabulary)
        self._memo[names] = settled_names
        return settled_names

    def _vocabulary(self, task: str, corpus: str) -> str:
        """The vocabulary of a task's labels: that of the corpus, else that of the file."""
        vocabulary = _vocabulary_of(task, corpus) if corpus else ""
        if vocabulary or self.vocabularies is None or not corpora_by_vocabulary(task):
            return vocabulary
        return self.vocabularies().get(task, "")

    def _book(self, kinds: tuple[Repair, ...], names: SettledNames, place: str) -> None:
        self.ledger.repair(kinds, place)
        if not names.task:
            self.ledger.unknown_name(names.minor, names.major, names.domain, place)

    def _with_form(
        self, kinds: tuple[Repair, ...], names: SettledNames, answer: str, place: str
    ) -> tuple[Repair, ...]:
        """The kinds, with a note where the answer has a form that its task's answers never have."""
        form = text_form(answer)
        if form not in names.unlike:
            return kinds
        self.ledger.foreign_form(names.task, form, place)
        return (*kinds, Repair.ANSWER_FORM)

    def _spans(self, record: RawRecord, kinds: list[Repair]) -> tuple[str, str]:
        """Input and output with canonical spans; the output of a task that writes text as it is."""
        text, in_input = canonical(record.input, self.markers)
        if not self._names_of(record, text).writes_audio:
            text, _ = self._filled(record, text, "", in_input, kinds)
            return text, record.output
        answer, in_output = canonical(record.output, self.markers)
        return self._filled(record, text, answer, in_input + in_output, kinds)

    def _filled(
        self, record: RawRecord, text: str, answer: str, changes: int, kinds: list[Repair]
    ) -> tuple[str, str]:
        """Both sides with the record's paths as spans."""
        if changes:
            kinds.append(Repair.SPAN_DELIMITERS)
        paths = [path_id(p, record.audio_start, record.audio_end) for p in record.audio_path]
        if has_placeholder(text) or has_placeholder(answer):
            if paths:
                kinds.append(Repair.SPAN_PLACEHOLDER)
                text, answer = fill_placeholders(text, answer, paths)
            if has_placeholder(text) or has_placeholder(answer):
                kinds.append(Repair.PLACEHOLDER_WITHOUT_PATH)
        elif paths and START not in text and START not in answer:
            kinds.append(Repair.SPAN_FROM_PATH)
            text = "\n".join([*map(span, paths), *([text] if text else [])])
        return text, answer


def _plain_record(line: bytes) -> PlainRecord | None:
    try:
        return _plain.decode(line)
    except ValueError:
        # Broken, or only unusual: the slow way tells.
        return None


def _kind_of_lead_in(lead_in: str) -> Repair:
    if ANSWER in lead_in:
        return Repair.LEAD_IN_AROUND
    is_title = lead_in.rstrip().endswith((":", "："))
    return Repair.LEAD_IN_TITLE if is_title else Repair.LEAD_IN


def _names_uuid(raw: PlainRecord | RawRecord) -> bool:
    """Whether a record has the key at all: one that has none is right without."""
    return isinstance(raw, PlainRecord) or "uuid" in raw.model_fields_set


@lru_cache(maxsize=4096)
def _vocabulary_of(task: str, corpus: str) -> str:
    """The name of the vocabulary of a task's labels in a corpus; "" if it has none."""
    vocabulary = vocabulary_for(task, corpus) if task and corpus else None
    return "" if vocabulary is None else vocabulary.name


def _corpus_of(raw: PlainRecord | RawRecord, text: str) -> str:
    """The corpus that begins a uuid ("KeSpeech-Age Recognition-0") or an audio id.

    Before the name of the task any name is that of a corpus, else only a known one.
    """
    name, dash, number = raw.uuid.rpartition("-")
    minor = next(iter(raw.task_type.minor), "")
    prefix = name.removesuffix(f"-{minor}") if dash and minor else name
    if dash and prefix != name:
        return catalogue.corpus_of_folder(prefix)
    # "AISHELL-3" is the third of AISHELL, "AISHELL-3_1" and "13_LibriTTS-R_1" say a corpus whole.
    if corpus := catalogue.corpus_of_prefix(name if number.isdecimal() else raw.uuid):
        return corpus
    begin = text.find(START) + len(START)
    audio_id = text[begin : begin + _LONGEST_NAME]
    return catalogue.corpus_of_prefix(audio_id) if audio_id[:1].isdigit() else ""


def _to_schema(value: Any, kinds: list[Repair]) -> RawRecord:
    if not isinstance(value, dict):
        raise LineError(
            ProblemKind.NOT_AN_OBJECT, f"expected a JSON object, got {_json_type(value)}"
        )
    missing = [key for key in ("instruction", "input", "output") if key not in value]
    if missing and value.keys() >= _ANSWER_KEYS:
        raise LineError(
            ProblemKind.ANSWERS,
            "a model's answers (question, response, correct_answer), not a record; "
            "records have instruction, input and output",
        )
    if value.get("output", "") is None:
        missing.append("output")
    if missing:
        raise LineError(
            ProblemKind.MISSING_KEY,
            f"no {' and no '.join(missing)}; found {', '.join(map(repr, list(value)[:8]))}",
        )
    try:
        return RawRecord.model_validate(coerce(value, kinds.append))
    except ValidationError as error:
        raise LineError(ProblemKind.WRONG_TYPE, _schema_message(error)) from None


def _schema_message(error: ValidationError) -> str:
    rows = error.errors(include_url=False, include_context=False)
    messages = [
        f"key {'.'.join(map(str, row['loc']))!r}: {row['msg'][:1].lower()}{row['msg'][1:]}, "
        f"got {_json_type(row['input'])} {repr(row['input'])[:60]}"
        for row in rows[:3]
    ]
    return "; ".join(messages) + (f" (and {len(rows) - 3} more)" if len(rows) > 3 else "")


def _check_range(record: RawRecord) -> None:
    start, end = record.audio_start, record.audio_end
    if (start is not None and not 0 <= start < _LONGEST) or (
        end is not None and not (start or 0.0) < end < _LONGEST
    ):
        raise LineError(
            ProblemKind.AUDIO_RANGE,
            f"audio_start {start} and audio_end {end} make no part of a recording; "
            "expected 0 <= start < end in seconds, or end -1",
        )


def _derived_uuid(names: SettledNames, raw: PlainRecord | RawRecord, text: str, answer: str) -> str:
    parts = (
        names.minor,
        names.split,
        raw.instruction,
        text,
        answer,
        *raw.audio_path,
        str(raw.audio_start),
        str(raw.audio_end),
    )
    content = "\x1f".join(parts).encode("utf-8", "surrogatepass")
    return hashlib.sha256(content).hexdigest()[:24]


def _json_type(value: Any) -> str:
    if value is None:
        return "null"
    names = {dict: "an object", list: "a list", str: "text", bool: "a flag"}
    return names.get(type(value), "a number" if isinstance(value, int | float) else "a value")
