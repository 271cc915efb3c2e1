"""What was repaired, skipped or unknown while reading, by kind, with places.

A repair changes how something is written, never what it says; a note (the kinds
that begin with `ug_` or `domain_disagrees`) changes nothing. A problem is a line
or a file that gives no record.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

__all__ = [
    "MEANINGS",
    "PROBLEMS",
    "Ledger",
    "Problem",
    "ProblemKind",
    "Repair",
    "RepairGroup",
    "keep_example",
    "keep_examples",
]

_EXAMPLES = 5
_K = TypeVar("_K")
_T = TypeVar("_T")


class Repair(StrEnum):
    """Kinds of repairs and notes; `MEANINGS` says each in a line."""

    SPAN_DELIMITERS = "span_delimiters"
    SPAN_PLACEHOLDER = "span_placeholder"
    SPAN_FROM_PATH = "span_from_path"
    PLACEHOLDER_WITHOUT_PATH = "placeholder_without_path"
    SCALAR_TO_LIST = "scalar_to_list"
    SEVERAL_VALUES = "several_values"
    SOURCE_STRING = "source_string"
    NUMBER_OUTPUT = "number_output"
    STRUCTURED_OUTPUT = "structured_output"
    LEAD_IN = "lead_in"
    LEAD_IN_TITLE = "lead_in_title"
    LEAD_IN_AROUND = "lead_in_around"
    NULL_VARIANT = "null_variant"
    NOT_A_NUMBER = "not_a_number"
    OTHER_NOT_OBJECT = "other_not_object"
    EXTRA_KEYS = "extra_keys"
    UUID_MISSING = "uuid_missing"
    UUID_DUPLICATE = "uuid_duplicate"
    SPLIT_RENAMED = "split_renamed"
    SPLIT_FROM_PATH = "split_from_path"
    SPLIT_MISSING = "split_missing"
    NAME_SPELLING = "name_spelling"
    ALIAS_USED = "alias_used"
    MAJOR_RENAMED = "major_renamed"
    TASK_FROM_PATH = "task_from_path"
    TASK_UNKNOWN = "task_unknown"
    DOMAIN_RENAMED = "domain_renamed"
    DOMAIN_FROM_PATH = "domain_from_path"
    DOMAIN_FROM_TASK = "domain_from_task"
    DOMAIN_DISAGREES = "domain_disagrees"
    UG_MISSING = "ug_missing"
    UG_RENAMED = "ug_renamed"
    UG_OUTPUT = "ug_disagrees_with_output"
    UG_FOLDER = "ug_disagrees_with_folder"
    UG_PAPER = "ug_disagrees_with_paper"
    ANSWER_FORM = "answer_form"
    UNSEEN_MISSING = "unseen_missing"
    AUDIO_END = "audio_end_to_end_of_file"
    NUMBER_FROM_TEXT = "number_from_text"
    BOM = "bom"
    CRLF = "crlf"
    JSON_ARRAY = "json_array"
    SCP_DUPLICATE = "scp_duplicate"


MEANINGS: Mapping[Repair, str] = {
    Repair.SPAN_DELIMITERS: "a span's markers were spelt differently; written as <|SOA|>ID<|EOA|>",
    Repair.SPAN_PLACEHOLDER: "a placeholder span got an id made from audio_path, start and end",
    Repair.SPAN_FROM_PATH: "audio_path without a span; a span was put before the input",
    Repair.PLACEHOLDER_WITHOUT_PATH: "a placeholder span and no audio_path for it; left as it is",
    Repair.SCALAR_TO_LIST: "a single value where the schema has a list",
    Repair.SEVERAL_VALUES: "several values where one is meant; the first usable one was taken",
    Repair.SOURCE_STRING: "source was text; now a list of one",
    Repair.NUMBER_OUTPUT: "a number as instruction, input or output; written as text",
    Repair.STRUCTURED_OUTPUT: "a list or object as instruction, input or output; written as JSON",
    Repair.LEAD_IN: "words before the answer; taken off the output and kept as lead_in",
    Repair.LEAD_IN_TITLE: "a title and a colon before the answer; taken off and kept as lead_in",
    Repair.LEAD_IN_AROUND: "a sentence around the answer; taken off and kept as lead_in",
    Repair.NULL_VARIANT: 'null was written as "null", "none", "" or {}',
    Repair.NOT_A_NUMBER: "NaN or Infinity, which JSON does not have; read as null",
    Repair.OTHER_NOT_OBJECT: "other was neither an object nor null; kept as other.value",
    Repair.EXTRA_KEYS: "keys the schema does not have; kept in other",
    Repair.UUID_MISSING: "no uuid; made from the record's content",
    Repair.UUID_DUPLICATE: "a uuid that an earlier record has",
    Repair.SPLIT_RENAMED: "another word for a split (valid, val, training, ..., or a mapped one)",
    Repair.SPLIT_FROM_PATH: "no split in the record; taken from the folder",
    Repair.SPLIT_MISSING: "no split in record or folder; taken as train",
    Repair.NAME_SPELLING: "a task name with other case or punctuation",
    Repair.ALIAS_USED: "a known other name of a task",
    Repair.MAJOR_RENAMED: "the major task is not the one of its minor task in the paper",
    Repair.TASK_FROM_PATH: "no task in the record; taken from the file name",
    Repair.TASK_UNKNOWN: "a name that no task has; the record is kept with task ''",
    Repair.DOMAIN_RENAMED: "another word for a domain (sound, ...)",
    Repair.DOMAIN_FROM_PATH: "no usable domain in the record; taken from the folder",
    Repair.DOMAIN_FROM_TASK: "no usable domain in record or folder; the task's",
    Repair.DOMAIN_DISAGREES: "the record's domain is not the task's (kept)",
    Repair.UG_MISSING: "no U/G; taken from the folder, else from the paper's Table 2",
    Repair.UG_RENAMED: "U/G as a letter or in other case",
    Repair.UG_OUTPUT: "U/G says otherwise than the presence of audio in the output",
    Repair.UG_FOLDER: "U/G says otherwise than the folder",
    Repair.UG_PAPER: "U/G says otherwise than the paper's Table 2 for that task",
    Repair.ANSWER_FORM: "an answer of another form than the task's answers (kept)",
    Repair.UNSEEN_MISSING: "no unseen flag; taken as false",
    Repair.AUDIO_END: "audio_end -1; means to the end of the file",
    Repair.NUMBER_FROM_TEXT: "audio_start, audio_end or unseen as text",
    Repair.BOM: "a byte order mark at the start of a file",
    Repair.CRLF: "a file with Windows line ends",
    Repair.JSON_ARRAY: "a file that holds one JSON array instead of lines",
    Repair.SCP_DUPLICATE: "an id that a .scp list names twice with the same path",
}


class ProblemKind(StrEnum):
    """Kinds of lines and files that give nothing; `PROBLEMS` says each in a line."""

    BROKEN_JSON = "broken_json"
    NOT_AN_OBJECT = "not_an_object"
    MISSING_KEY = "missing_key"
    WRONG_TYPE = "wrong_type"
    INVALID_UTF8 = "invalid_utf8"
    LINE_TOO_LONG = "line_too_long"
    TOO_DEEP = "too_deep"
    AUDIO_RANGE = "audio_range"
    SPLIT_UNKNOWN = "split_unknown"
    TASK_DISAGREES = "task_disagrees"
    ANSWERS = "answers_not_records"
    UNREADABLE = "unreadable_file"
    SCP_LINE = "scp_line"
    SCP_CONFLICT = "scp_conflict"
    UNSAFE_PATH = "unsafe_path"


PROBLEMS: Mapping[ProblemKind, str] = {
    ProblemKind.BROKEN_JSON: "a line that is no JSON",
    ProblemKind.NOT_AN_OBJECT: "JSON, but no object",
    ProblemKind.MISSING_KEY: "instruction, input or output is missing",
    ProblemKind.WRONG_TYPE: "a value of a type that cannot be repaired",
    ProblemKind.INVALID_UTF8: "bytes that are no UTF-8",
    ProblemKind.LINE_TOO_LONG: "a line longer than the limit",
    ProblemKind.TOO_DEEP: "lists or objects nested deeper than 64 levels",
    ProblemKind.AUDIO_RANGE: "audio_start and audio_end make no part of a recording",
    ProblemKind.SPLIT_UNKNOWN: "a word for a split that nobody knows; map it with --splits",
    ProblemKind.TASK_DISAGREES: "two keys of a record name different tasks; name it once",
    ProblemKind.ANSWERS: "a model's answers, not records",
    ProblemKind.UNREADABLE: "a file that cannot be opened",
    ProblemKind.SCP_LINE: "a line of a .scp list without id or path",
    ProblemKind.SCP_CONFLICT: "an id with two different paths in a .scp list; the first is kept",
    ProblemKind.UNSAFE_PATH: "a path that leaves the corpus, or a command; never opened or run",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One skipped line or file: `where` is "file:line"."""

    where: str
    kind: ProblemKind
    reason: str

    def __str__(self) -> str:
        return f"{self.where}: {self.reason}"


@dataclass(frozen=True, slots=True)
class RepairGroup:
    """Kinds of repairs that always occur together, and in how many records."""

    kinds: tuple[Repair, ...]
    count: int


@dataclass(slots=True)
class Ledger:
    """Counts over everything read with it; examples are capped per kind.

    `combinations` counts the kinds that one record needed together. `forms` counts by task and
    form the answers that have another form than their task's.
    """

    records: int = 0
    repairs: Counter[Repair] = field(default_factory=Counter)
    repair_examples: dict[Repair, list[str]] = field(default_factory=dict)
    combinations: Counter[tuple[Repair, ...]] = field(default_factory=Counter)
    forms: Counter[tuple[str, str]] = field(default_factory=Counter)
    form_examples: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    unknown: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    unknown_examples: dict[tuple[str, str, str], list[str]] = field(default_factory=dict)
    problems: Counter[ProblemKind] = field(default_factory=Counter)
    problem_examples: dict[ProblemKind, list[Problem]] = field(default_factory=dict)

    def repair(self, kinds: Iterable[Repair], place: str) -> None:
        """Counts repairs made at one place."""
        kinds = tuple(kinds)
        self.combinations[kinds] += 1
        for kind in kinds:
            self.repairs[kind] += 1
            keep_example(self.repair_examples.setdefault(kind, []), place)

    def groups(self) -> list[RepairGroup]:
        """The kinds, those that occur in exactly the same records together; most frequent first."""
        members: dict[frozenset[tuple[Repair, ...]], list[Repair]] = {}
        for kind, _ in self.repairs.most_common():
            having = frozenset(kinds for kinds in self.combinations if kind in kinds)
            members.setdefault(having, []).append(kind)
        return [RepairGroup(tuple(kinds), self.repairs[kinds[0]]) for kinds in members.values()]

    def foreign_form(self, task: str, form: str, place: str) -> None:
        """Counts an answer of another form than its task's."""
        self.forms[task, form] += 1
        keep_example(self.form_examples.setdefault((task, form), []), place)

    def unknown_name(self, minor: str, major: str, domain: str, place: str) -> None:
        """Counts a task name nobody knows."""
        key = (minor, major, domain)
        self.unknown[key] += 1
        keep_example(self.unknown_examples.setdefault(key, []), place)

    def problem(self, problem: Problem) -> None:
        """Counts a skipped line or file."""
        self.problems[problem.kind] += 1
        keep_example(self.problem_examples.setdefault(problem.kind, []), problem)

    def merge(self, other: Ledger) -> None:
        """Adds the counts of another ledger, as from another process."""
        self.records += other.records
        self.repairs.update(other.repairs)
        self.combinations.update(other.combinations)
        self.forms.update(other.forms)
        keep_examples(self.form_examples, other.form_examples)
        self.unknown.update(other.unknown)
        self.problems.update(other.problems)
        keep_examples(self.repair_examples, other.repair_examples)
        keep_examples(self.unknown_examples, other.unknown_examples)
        keep_examples(self.problem_examples, other.problem_examples)

    def as_dict(self) -> dict[str, Any]:
        """Counts by kind, most frequent first, ready for JSON."""
        return {
            "records": self.records,
            "repairs": {str(kind): count for kind, count in self.repairs.most_common()},
            "unknown": [
                {"minor": minor, "major": major, "domain": domain, "records": count}
                for (minor, major, domain), count in self.unknown.most_common()
            ],
            "problems": {str(kind): count for kind, count in self.problems.most_common()},
        }


def keep_example(examples: list[_T], example: _T) -> None:
    """Adds an example, unless there are enough."""
    if len(examples) < _EXAMPLES:
        examples.append(example)


def keep_examples(examples_by_kind: dict[_K, list[_T]], more: dict[_K, list[_T]]) -> None:
    """The same for those of several kinds."""
    for key, examples in more.items():
        own_examples = examples_by_kind.setdefault(key, [])
        own_examples += examples[: _EXAMPLES - len(own_examples)]
