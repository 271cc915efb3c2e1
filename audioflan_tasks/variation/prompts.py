"""The prompts of a run: a versioned file, filled in for a task."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from audioflan_tasks.catalogue import TaskRow
from audioflan_tasks.errors import SettingsError, reason_of
from audioflan_tasks.plain_files import read_plain_text, toml_content
from audioflan_tasks.preprocessors.templates import Pool
from audioflan_tasks.variation.judgement import Objection
from audioflan_tasks.variation.lexicon import notes_of

__all__ = ["PromptFile", "read_prompts"]

_FIELD = re.compile(r"<<(\w+)>>")
_LANGUAGES = {"en": "English", "zh": "Simplified Chinese"}


class PromptFile(BaseModel):
    """The texts of a prompt file; `<<NAME>>` in them is filled in."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: str = Field(min_length=1)
    pool: str
    wordings: str
    record: str
    again: str
    judge: str
    judge_again: str

    @property
    def name(self) -> str:
        """Version and a digest of the texts, as variations keep it."""
        texts = self.model_dump_json(exclude={"version"})
        return f"{self.version}-{hashlib.sha256(texts.encode()).hexdigest()[:8]}"

    def of_pool(self, row: TaskRow, items: Mapping[int, str], examples: Sequence[str]) -> str:
        """A request for rewrites of instructions."""
        return self._filled(
            self.pool,
            row,
            EXAMPLES="\n".join(f"- {example}" for example in examples),
            ITEMS="\n".join(f"{number}. {text}" for number, text in items.items()),
            COUNT=str(len(items)),
        )

    def of_wordings(self, row: TaskRow, words: Pool, language: str, count: int) -> str:
        """A request for labels and lead-ins."""
        return self._filled(
            self.wordings,
            row,
            LABELS=json.dumps(words.inputs, ensure_ascii=False),
            LEAD_INS=json.dumps(words.answer.lead_ins, ensure_ascii=False),
            LANGUAGE=_LANGUAGES.get(language, language),
            PIECES=", ".join(f'"{piece.name}"' for piece in row.inputs),
            COUNT=str(count),
        )

    def of_records(self, row: TaskRow, records: Mapping[int, Mapping[str, str]]) -> str:
        """A request for rewrites of records."""
        lines = (
            json.dumps({"id": number, **fields}, ensure_ascii=False)
            for number, fields in records.items()
        )
        return self._filled(self.record, row, ITEMS="\n".join(lines), COUNT=str(len(records)))

    def of_judge(
        self,
        row: TaskRow,
        pairs: Mapping[int, tuple[str, str]],
        suspicions: Mapping[int, Sequence[Objection]],
    ) -> str:
        """A request to say whether rewrites ask the same, with what the rules say of them."""
        lines = (
            json.dumps(
                {
                    "id": number,
                    "first": original,
                    "second": rewrite,
                    "suspicion": "; ".join(map(str, suspicions[number])),
                },
                ensure_ascii=False,
            )
            for number, (original, rewrite) in pairs.items()
        )
        return self._filled(self.judge, row, ITEMS="\n".join(lines), COUNT=str(len(pairs)))

    def with_reasons(self, prompt: str, objections: Mapping[int, Sequence[Objection]]) -> str:
        """A request again, with what was wrong with its last answer."""
        reasons = "\n".join(
            f"- {number}: {'; '.join(map(str, reasons))}" for number, reasons in objections.items()
        )
        return f"{prompt.rstrip()}\n{self.again.replace('<<REASONS>>', reasons).rstrip()}\n"

    def _filled(self, text: str, row: TaskRow, **values: str) -> str:
        facts = {
            "DEFINITION": row.definition,
            "NOTES": notes_of(row),
            "READS": ", ".join(f"{piece.name} ({piece.kind})" for piece in row.inputs),
            "ANSWER": row.answer_kind.form,
        }
        names = facts | values
        # All at once, so that nothing in what records and models say is filled in.
        filled_text = _FIELD.sub(lambda match: names.get(match[1], match[0]), text)
        return filled_text.strip() + "\n"


def read_prompts(file: Path | None = None) -> PromptFile:
    """The prompts of a file, without one those of the package.

    Raises:
      SettingsError: it cannot be read, is no TOML, or lacks a text.
    """
    try:
        if file is not None:
            text = read_plain_text(file)
        else:
            home = resources.files("audioflan_tasks.variation") / "data"
            text = (home / "prompt.toml").read_text(encoding="utf-8")
        return PromptFile.model_validate(toml_content(text))
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file}: cannot be read: {reason_of(error)}") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{file}: not valid TOML: {error}") from error
    except ValidationError as error:
        detail = error.errors()[0]
        name = ".".join(map(str, detail["loc"]))
        raise SettingsError(f"{file}: {name}: {detail['msg']}") from error
