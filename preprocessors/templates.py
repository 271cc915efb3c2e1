"""Pools of instructions: one TOML file per task, checked when it is read.

A pool holds ways to ask for a task, labels for the pieces of its input, and words that
may stand before its answer. `{slot}` in an instruction is filled from the record,
`{options}` with the labels to choose from; `{{` and `}}` are literal braces. English pools
lie in the folder itself, those of another language in a folder of its code, such as `zh`.
The format is described in docs/templates.md.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from functools import lru_cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from audioflan_tasks import catalogue
from audioflan_tasks.catalogue import TaskRow
from audioflan_tasks.errors import SettingsError, TemplateError, UnknownNameError, nearest
from audioflan_tasks.options import LANGUAGE

__all__ = [
    "ENGLISH",
    "OPTIONS",
    "Instruction",
    "Mood",
    "Pool",
    "PoolNotFoundError",
    "languages_of",
    "pool",
    "strip_lead_in",
]

OPTIONS = "options"
ENGLISH = "en"

Mood = Literal["command", "polite", "question", "suggestion", "exclamation"]

# A doubled brace, a placeholder, or a brace that belongs to neither.
_BRACES = re.compile(r"\{\{|\}\}|\{(?P<name>[^{}]*)\}|[{}]")
_HEAD = r"\s*\[\[\s*instruction\s*\]\]"
# What a broken escape leaves behind: a letter after the last full stop, where a line break
# lost its backslash, or an escape that a literal TOML string does not know.
_ODD = re.compile(r"[.?!:;。？！：；][A-Za-z]\Z|\\[nt]|[\n\t]|\A\s|\s\Z")
# Chinese and Japanese set no blanks between words, so a placeholder may touch a character.
_UNSPACED = re.compile(
    r"[\u3005-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]|[\U00020000-\U0003ffff]"
)
_Label = Annotated[str, Field(max_length=60)]


class Instruction(BaseModel):
    """One way to ask, and its tone."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ask: str = Field(min_length=8)
    mood: Mood

    @property
    def placeholders(self) -> tuple[str, ...]:
        """Names in braces, in order."""
        names = (match["name"] for match in _BRACES.finditer(self.ask))
        return tuple(name for name in names if name is not None)

    @property
    def parts(self) -> tuple[str, ...]:
        """Literal text and names in turn, beginning and ending with text."""
        parts, at = [""], 0
        for match in _BRACES.finditer(self.ask):
            parts[-1] += self.ask[at : match.start()]
            at = match.end()
            if match["name"] is None:
                parts[-1] += match[0][0]
            else:
                parts += [match["name"], ""]
        parts[-1] += self.ask[at:]
        return tuple(parts)


class Answer(BaseModel):
    """What may stand before the answer."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    lead_ins: tuple[_Label, ...] = Field(min_length=1)


class Pool(BaseModel):
    """Everything a task can be asked with. `inputs` has a tuple of labels per input piece."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    task: str = Field(pattern=r"^[a-z0-9_]+$")
    instruction: tuple[Instruction, ...] = Field(min_length=1)
    inputs: dict[str, tuple[_Label, ...]]
    answer: Answer


class PoolNotFoundError(TemplateError):
    """A task has no pool there."""


def pool(
    task_id: str,
    folder: str | Path | None = None,
    *,
    row: TaskRow | None = None,
    language: str = ENGLISH,
) -> Pool:
    """The checked pool of a task in one language.

    `folder` is a folder that holds `<task_id>.toml`, or such a file itself; without it the
    pools of this package are meant. Other languages than English lie in a folder beside
    that file, named after the language's code. A pool is read once per process, and checked
    against its task: `row`, else the catalogue's of that id.

    Raises:
      PoolNotFoundError: there is no such file.
      SettingsError: `language` is no language code.
      TemplateError: it breaks a rule; names file and line.
    """
    if not re.fullmatch(LANGUAGE, language):
        raise SettingsError(f"language {language!r}: expected a code such as 'en' or 'zh'")
    return _read(task_id, "" if folder is None else str(folder), row or _row(task_id), language)


def languages_of(task_id: str, folder: str | Path | None = None) -> tuple[str, ...]:
    """Codes of the languages that a task has a pool in, English first."""
    home, name = _home(task_id, "" if folder is None else str(folder))
    found = [ENGLISH] if (home / name).is_file() else []
    below = [d for d in home.iterdir() if d.is_dir()] if home.is_dir() else []
    others = [d.name for d in below if d.name != ENGLISH and (d / name).is_file()]
    return (*found, *sorted(code for code in others if re.fullmatch(LANGUAGE, code)))


def strip_lead_in(task_id: str, text: str) -> str:
    """`text` without the longest lead-in of the task's pools that it begins with.

    The pools of all languages count, and a Chinese colon is as good as another.
    """
    stripped = text.strip()
    folded = _folded(stripped)
    for lead_in in _lead_ins(task_id, _row(task_id)):
        rest = stripped[len(lead_in) :]
        # "This is" must not be cut from "This island".
        whole = lead_in.endswith(":") or not rest or rest[0].isspace()
        if whole and folded.startswith(lead_in):
            return rest.strip()
    return stripped


def _folded(text: str) -> str:
    """Lower case without outer blanks, with one kind of colon."""
    return text.strip().lower().replace("：", ":")


class _Place:
    """Where an entry stands; most pools are right, and nobody asks."""

    def __init__(self, file: _File, path: Sequence[int | str]) -> None:
        self._file, self._path = file, path

    def __str__(self) -> str:
        return self._file.line(self._path)


class _File:
    """A pool's text, to say where in it something stands."""

    def __init__(self, text: str, where: str) -> None:
        self._lines = text.splitlines()
        self._where = where

    def at(self, *path: int | str) -> _Place:
        """'file:line' of an entry, e.g. at("instruction", 3, "ask"), looked for when shown."""
        return _Place(self, path)

    def line(self, path: Sequence[int | str]) -> str:
        """'file:line' of an entry."""
        start = 0
        if len(path) > 1 and path[0] == "instruction" and isinstance(path[1], int):
            heads = [n for n, line in enumerate(self._lines) if re.match(_HEAD, line)]
            start = heads[path[1]] if path[1] < len(heads) else 0
        for key in (part for part in reversed(path) if isinstance(part, str)):
            for number, line in enumerate(self._lines[start:], start + 1):
                if re.match(rf"\s*\[*\s*{re.escape(key)}\b", line):
                    return f"{self._where}:{number}"
        return f"{self._where}:{start + 1}"

    @property
    def end(self) -> str:
        """'file:line' of the last line."""
        return f"{self._where}:{max(len(self._lines), 1)}"


def _row(task_id: str) -> TaskRow | None:
    try:
        return catalogue.get(task_id)
    except UnknownNameError:
        return None


@lru_cache(maxsize=1024)
def _lead_ins(task_id: str, row: TaskRow | None) -> tuple[str, ...]:
    """Folded lead-ins of all languages, the longest first."""
    folder = (row and row.pool) or None
    spoken = languages_of(task_id, folder)
    if not spoken and folder is None:
        # A task without a pool keeps the records' own words; nothing is known to strip.
        return ()
    # A pool that the row names but that is not there is an error of `pool`.
    pools = [pool(task_id, folder, language=language) for language in spoken or (ENGLISH,)]
    bare = {_folded(lead_in) for found in pools for lead_in in found.answer.lead_ins} - {""}
    return tuple(sorted(bare, key=len, reverse=True))


@lru_cache(maxsize=1024)
def _read(task_id: str, folder: str, row: TaskRow | None, language: str) -> Pool:
    text, where = _text(task_id, folder, language)
    file = _File(text, where)
    try:
        fields = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        place = f"{where}:{line[1]}" if line else file.end
        raise TemplateError(f"{place}: not valid TOML: {error}") from error
    try:
        found = Pool.model_validate(fields)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(map(str, first["loc"]))
        raise TemplateError(f"{file.at(*first['loc'])}: {name}: {first['msg']}") from error
    if found.task != task_id:
        raise TemplateError(
            f"{file.at('task')}: the pool is of {found.task!r}, expected {task_id!r}; "
            "a pool's file is named after its task"
        )
    if row is not None:
        for number, instruction in enumerate(found.instruction):
            _check_instruction(instruction, row, file.at("instruction", number, "ask"))
        _check_inputs(found, row, file)
    _check_lead_ins(found, file.at("lead_ins"))
    return found


def _home(task_id: str, folder: str) -> tuple[Traversable, str]:
    """The folder of a task's English pool and the name of the file, in any language."""
    name = f"{task_id}.toml"
    if not folder:
        return resources.files("audioflan_tasks.preprocessors") / "pools", name
    path = Path(folder)
    return (path.parent, path.name) if path.suffix == ".toml" else (path, name)


def _text(task_id: str, folder: str, language: str) -> tuple[str, str]:
    """A pool's text and the name to show for its file."""
    home, name = _home(task_id, folder)
    below = (name,) if language == ENGLISH else (language, name)
    file = home.joinpath(*below)
    try:
        text = file.read_text(encoding="utf-8")
        return text, str(file) if folder else "/".join(("pools", *below))
    except FileNotFoundError as error:
        spoken = "" if language == ENGLISH else f" in {language!r}"
        raise PoolNotFoundError(
            f"no template pool for {task_id!r}{spoken} ({folder or 'in this package'}); "
            "give the task a pool: a TOML file or a folder with one named after the task"
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise TemplateError(
            f"{folder or task_id}: cannot be read as UTF-8 text: {error}"
        ) from error


def _check_instruction(instruction: Instruction, row: TaskRow, where: _Place) -> None:
    ask, names = instruction.ask, instruction.placeholders
    known = (*row.slots, OPTIONS)
    shown = ", ".join(f"{{{name}}}" for name in known)
    for match in _BRACES.finditer(ask):
        if len(match[0]) == 1:
            raise TemplateError(
                f"{where}: a single {match[0]!r} in {ask!r}; a literal brace is doubled, "
                f"placeholders of {row.id} are {shown}"
            )
    for name in names:
        if name not in known:
            raise TemplateError(
                f"{where}: unknown placeholder {{{name}}}; {row.id} knows {shown}"
                f"{nearest(name, known)}"
            )
        if names.count(name) > 1:
            raise TemplateError(f"{where}: {{{name}}} stands there twice; use it once")
    missing = [slot for slot in row.slots if slot not in names]
    if missing:
        raise TemplateError(
            f"{where}: the placeholder {{{missing[0]}}} is missing; every instruction of "
            f"{row.id} must carry {', '.join(f'{{{slot}}}' for slot in row.slots)}"
        )
    if _is_stray(instruction):
        raise TemplateError(
            f"{where}: stray blank or letter in {ask!r}; expected one line, single blanks, "
            "and no letter glued to a placeholder or to the last full stop"
        )


def _is_stray(instruction: Instruction) -> bool:
    """Whether blanks or letters were left behind, say by a line break that lost its backslash."""
    ask, parts = instruction.ask, instruction.parts
    glued = any(
        beside.isalnum() and not _UNSPACED.match(beside)
        for at in range(1, len(parts), 2)
        for beside in (parts[at - 1][-1:], parts[at + 1][:1])
    )
    return glued or "  " in ask or bool(_ODD.search(ask))


def _check_inputs(found: Pool, row: TaskRow, file: _File) -> None:
    names = [piece.name for piece in row.inputs]
    for name in found.inputs:
        if name not in names:
            raise TemplateError(
                f"{file.at('inputs', name)}: {name!r} is no input piece of {row.id}; "
                f"it reads {', '.join(names)}{nearest(name, names)}"
            )
    for name, kind in row.inputs:
        labels, where = found.inputs.get(name, ()), file.at("inputs", name)
        if not labels:
            raise TemplateError(
                f"{where}: no labels for the input piece {name!r}; "
                f"{row.id} reads {', '.join(names)}"
            )
        if "" in labels and row.reads.count(kind) > 1:
            raise TemplateError(
                f"{where}: {name!r} may not go without a label; {row.id} reads "
                f"{row.reads.count(kind)} pieces of {kind}"
            )
        before = row.inputs[: names.index(name)]
        for other in (piece.name for piece in before if piece.kind == kind):
            if len(found.inputs[other]) != len(labels):
                raise TemplateError(
                    f"{where}: {name!r} has {len(labels)} labels and {other!r} "
                    f"{len(found.inputs[other])}; the k-th of both stand together"
                )
        for label in _unclean(labels):
            raise TemplateError(
                f"{where}: the label {label!r} must end in one blank or '：' and hold no braces"
            )


def _check_lead_ins(found: Pool, where: _Place) -> None:
    if found.answer.lead_ins[0]:
        raise TemplateError(f"{where}: the first lead-in must be '', for a bare answer")
    for lead_in in _unclean(found.answer.lead_ins):
        raise TemplateError(
            f"{where}: the lead-in {lead_in!r} must end in one blank or '：' and hold no braces"
        )


def _unclean(texts: tuple[str, ...]) -> Iterator[str]:
    for text in texts:
        bare = text.strip()
        closed = text == f"{bare} " or (text == bare and bare.endswith("："))
        if text and (not bare or not closed or "  " in text or set(text) & set("{}\n")):
            yield text
