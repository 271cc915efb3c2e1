"""Pools of instructions: one TOML file per task, checked when it is read.

A pool has instructions for a task, labels for the pieces of its input, and words that may
precede its answer. `{slot}` in an instruction is filled from the record,
`{options}` with the labels to choose from; `{{` and `}}` are literal braces. English pools
lie in the folder itself, those of another language in a folder of its code, such as `zh`.
The format is described in docs/templates.md.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache, cached_property, lru_cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from audioflan_tasks import catalogue
from audioflan_tasks.catalogue import TaskRow
from audioflan_tasks.errors import (
    SettingsError,
    TemplateError,
    nearest,
    reason_of,
)
from audioflan_tasks.options import LANGUAGE
from audioflan_tasks.plain_files import toml_content
from audioflan_tasks.preprocessors.pool_text import EntryPlace, PoolText
from audioflan_tasks.preprocessors.record_answer import form_names

__all__ = [
    "ENGLISH",
    "OPTIONS",
    "Instruction",
    "Mood",
    "Origin",
    "Pool",
    "PoolNotFoundError",
    "languages_of",
    "pool",
    "pool_texts",
]

OPTIONS = "options"
ENGLISH = "en"

Mood = Literal["command", "polite", "question", "suggestion", "exclamation"]

# A doubled brace, a placeholder, or a brace that belongs to neither.
_BRACES = re.compile(r"\{\{|\}\}|\{(?P<name>[^{}]*)\}|[{}]")
# Traces of a broken escape: a letter after the last full stop, from a line break without its
# backslash, or an escape that a literal TOML string does not know.
_STRAY = re.compile(r"[.?!:;。？！：；][A-Za-z]\Z|\\[nt]|[\n\t]|\A\s|\s\Z")
# Chinese and Japanese have no blanks between words, so a placeholder may touch a character.
_UNSEPARATED = re.compile(
    r"[\u3005-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]|[\U00020000-\U0003ffff]"
)
_Label = Annotated[str, Field(max_length=60)]


class Origin(BaseModel):
    """Where words come from that a language model wrote.

    `seed` is the instruction that was rewritten, `prompt` the version of the request, `judge` the
    model that said that they ask the same, "" where none did, `reviewer` who accepted it, "" where
    nobody had to.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    seed: str = ""
    model: str
    prompt: str
    date: str
    judge: str = ""
    reviewer: str = ""


class Instruction(BaseModel):
    """One way to ask, and its tone.

    `answers` are the names of the forms of answers that the words ask for (yes/no, first/second),
    () where they fit any plain form.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    ask: str = Field(min_length=8)
    mood: Mood
    answers: tuple[str, ...] = ()
    origin: Origin | None = None

    @cached_property
    def placeholders(self) -> tuple[str, ...]:
        """Names in braces, in order."""
        names = (match["name"] for match in _BRACES.finditer(self.ask))
        return tuple(name for name in names if name is not None)

    @cached_property
    def parts(self) -> tuple[str, ...]:
        """Literal text and names in turn, beginning and ending with text."""
        parts, end = [""], 0
        for match in _BRACES.finditer(self.ask):
            parts[-1] += self.ask[end : match.start()]
            end = match.end()
            if match["name"] is None:
                parts[-1] += match[0][0]
            else:
                parts += [match["name"], ""]
        parts[-1] += self.ask[end:]
        return tuple(parts)


class AnswerWords(BaseModel):
    """Words that may precede the answer."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    lead_ins: tuple[_Label, ...] = Field(min_length=1)


class Pool(BaseModel):
    """Instructions, labels and lead-ins of a task. `inputs` has labels by input piece.

    `origin` is where those labels and lead-ins come from that nobody wrote by hand.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    task: str = Field(pattern=r"^[a-z0-9_]+$")
    instruction: tuple[Instruction, ...] = Field(min_length=1)
    inputs: dict[str, tuple[_Label, ...]]
    answer: AnswerWords
    origin: Origin | None = None


class PoolNotFoundError(TemplateError):
    """A task has no pool in the folder."""


def pool(
    task_id: str,
    folder: str | Path | None = None,
    *,
    row: TaskRow | None = None,
    language: str = ENGLISH,
) -> Pool:
    """The checked pool of a task in one language.

    `folder` is a folder that holds `<task_id>.toml`, or such a file itself; without it the
    pools of this package are used. Other languages than English lie in a folder beside
    that file, named after the language's code. A pool is read once per process, and checked
    against its task: `row`, else the catalogue's of that id.

    Raises:
      PoolNotFoundError: there is no such file.
      SettingsError: `language` is no language code.
      TemplateError: it breaks a rule; names file and line.
    """
    if not re.fullmatch(LANGUAGE, language):
        raise SettingsError(f"language {language!r}: expected a code such as 'en' or 'zh'")
    return _read(
        task_id, "" if folder is None else str(folder), row or catalogue.find(task_id), language
    )


def languages_of(task_id: str, folder: str | Path | None = None) -> tuple[str, ...]:
    """Codes of the languages that a task has a pool in, English first."""
    home, name = _home(task_id, "" if folder is None else str(folder))
    codes = _package_languages() if folder is None else _languages_in(home)
    english = [ENGLISH] if (home / name).is_file() else []
    return (*english, *(code for code in codes if (home / code / name).is_file()))


def pool_texts(task_id: str) -> dict[str, str]:
    """The files of a task's pools in this package as they are, by language.

    Raises:
      TemplateError: one cannot be read.
    """
    return {language: _text(task_id, "", language)[0] for language in languages_of(task_id)}


@lru_cache(maxsize=1024)
def _read(task_id: str, folder: str, row: TaskRow | None, language: str) -> Pool:
    text, file_name = _text(task_id, folder, language)
    file = PoolText(text, file_name)
    try:
        fields = toml_content(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        line_of_error = f"{file_name}:{line[1]}" if line else file.end
        raise TemplateError(f"{line_of_error}: not valid TOML: {error}") from error
    try:
        task_pool = Pool.model_validate(fields)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(map(str, first["loc"]))
        raise TemplateError(f"{file.at(*first['loc'])}: {name}: {first['msg']}") from error
    if task_pool.task != task_id:
        raise TemplateError(
            f"{file.at('task')}: the pool is of {task_pool.task!r}, expected {task_id!r}; "
            "a pool's file is named after its task"
        )
    if row is not None:
        for number, instruction in enumerate(task_pool.instruction):
            _check_instruction(instruction, row, file.at("instruction", number, "ask"))
            _check_answers(instruction, row, file.at("instruction", number, "answers"))
        _check_inputs(task_pool, row, file)
    _check_lead_ins(task_pool, file.at("lead_ins"))
    return task_pool


def _home(task_id: str, folder: str) -> tuple[Traversable, str]:
    """The folder of a task's English pool and the name of the file, in any language."""
    name = f"{task_id}.toml"
    if not folder:
        return _package_pools(), name
    path = Path(folder)
    return (path.parent, path.name) if path.suffix == ".toml" else (path, name)


@cache
def _package_pools() -> Traversable:
    return resources.files("audioflan_tasks.preprocessors") / "pools"


@cache
def _package_languages() -> tuple[str, ...]:
    return _languages_in(_package_pools())


def _languages_in(home: Traversable) -> tuple[str, ...]:
    """Codes of the languages other than English that have a folder, in order."""
    files = home.iterdir() if home.is_dir() else ()
    codes = (d.name for d in files if re.fullmatch(LANGUAGE, d.name) and d.is_dir())
    return tuple(sorted(code for code in codes if code != ENGLISH))


def _text(task_id: str, folder: str, language: str) -> tuple[str, str]:
    """A pool's text and the name to show for its file."""
    home, name = _home(task_id, folder)
    parts = (name,) if language == ENGLISH else (language, name)
    file = home.joinpath(*parts)
    try:
        text = file.read_text(encoding="utf-8")
        return text, str(file) if folder else "/".join(("pools", *parts))
    except FileNotFoundError as error:
        in_language = "" if language == ENGLISH else f" in {language!r}"
        raise PoolNotFoundError(
            f"no template pool for {task_id!r}{in_language} ({folder or 'in this package'}); "
            "give the task a pool: a TOML file or a folder with one named after the task"
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise TemplateError(
            f"{folder or task_id}: cannot be read as UTF-8 text: {reason_of(error)}"
        ) from error


def _check_instruction(instruction: Instruction, row: TaskRow, place: EntryPlace) -> None:
    ask, names = instruction.ask, instruction.placeholders
    placeholders = (*row.slots, OPTIONS)
    listing = ", ".join(f"{{{name}}}" for name in placeholders)
    for match in _BRACES.finditer(ask):
        if len(match[0]) == 1:
            raise TemplateError(
                f"{place}: a single {match[0]!r} in {ask!r}; a literal brace is doubled, "
                f"placeholders of {row.id} are {listing}"
            )
    for name in names:
        if name not in placeholders:
            raise TemplateError(
                f"{place}: unknown placeholder {{{name}}}; {row.id} knows {listing}"
                f"{nearest(name, placeholders)}"
            )
        if names.count(name) > 1:
            raise TemplateError(f"{place}: {{{name}}} occurs twice; use it once")
    missing = [slot for slot in row.slots if slot not in names]
    if missing:
        raise TemplateError(
            f"{place}: the placeholder {{{missing[0]}}} is missing; every instruction of "
            f"{row.id} must carry {', '.join(f'{{{slot}}}' for slot in row.slots)}"
        )
    if _is_stray(instruction):
        raise TemplateError(
            f"{place}: stray blank or letter in {ask!r}; expected one line, single blanks, "
            "and no letter glued to a placeholder or to the last full stop"
        )


def _check_answers(instruction: Instruction, row: TaskRow, place: EntryPlace) -> None:
    names = form_names(row) if instruction.answers else ()
    for name in instruction.answers:
        if name not in names:
            raise TemplateError(
                f"{place}: unknown form of answers {name!r}; {row.id} knows {', '.join(names)}"
                f"{nearest(name, names)}"
            )


def _is_stray(instruction: Instruction) -> bool:
    """Whether there are stray blanks or letters, such as from an escape without backslash."""
    ask, parts = instruction.ask, instruction.parts
    is_glued = any(
        neighbour.isalnum() and not _UNSEPARATED.match(neighbour)
        for number in range(1, len(parts), 2)
        for neighbour in (parts[number - 1][-1:], parts[number + 1][:1])
    )
    return is_glued or "  " in ask or bool(_STRAY.search(ask))


def _check_inputs(task_pool: Pool, row: TaskRow, file: PoolText) -> None:
    names = [piece.name for piece in row.inputs]
    for name in task_pool.inputs:
        if name not in names:
            raise TemplateError(
                f"{file.at('inputs', name)}: {name!r} is no input piece of {row.id}; "
                f"it reads {', '.join(names)}{nearest(name, names)}"
            )
    for piece in row.inputs:
        name, kind = piece.name, piece.kind
        labels, place = task_pool.inputs.get(name, ()), file.at("inputs", name)
        if not labels:
            raise TemplateError(
                f"{place}: no labels for the input piece {name!r}; "
                f"{row.id} reads {', '.join(names)}"
            )
        if "" in labels and row.reads.count(kind) > 1:
            raise TemplateError(
                f"{place}: {name!r} may not go without a label; {row.id} reads "
                f"{row.reads.count(kind)} pieces of {kind}"
            )
        earlier = row.inputs[: names.index(name)]
        for other in (piece.name for piece in earlier if piece.kind == kind):
            if len(task_pool.inputs[other]) != len(labels):
                raise TemplateError(
                    f"{place}: {name!r} has {len(labels)} labels and {other!r} "
                    f"{len(task_pool.inputs[other])}; the k-th of both stand together"
                )
        for label in _malformed_texts(labels):
            raise TemplateError(
                f"{place}: the label {label!r} must end in one blank or '：' and hold no braces"
            )


def _check_lead_ins(task_pool: Pool, place: EntryPlace) -> None:
    if task_pool.answer.lead_ins[0]:
        raise TemplateError(f"{place}: the first lead-in must be '', for a bare answer")
    for lead_in in _malformed_texts(task_pool.answer.lead_ins):
        raise TemplateError(
            f"{place}: the lead-in {lead_in!r} must end in one blank or '：' and hold no braces"
        )


def _malformed_texts(texts: tuple[str, ...]) -> Iterator[str]:
    for text in texts:
        bare = text.strip()
        is_closed = text == f"{bare} " or (text == bare and bare.endswith("："))
        if text and (not bare or not is_closed or "  " in text or set(text) & set("{}\n")):
            yield text
