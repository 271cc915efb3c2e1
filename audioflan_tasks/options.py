"""How an example is made of a record, as one frozen value."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import NoDecode

from audioflan_tasks.errors import SettingsError, nearest

__all__ = ["LANGUAGE", "POOL_FOLDER_SIGN", "ExampleFields", "ExampleOptions", "problems"]

# A code of a language; pools of other languages than English lie in a folder of that name.
LANGUAGE = r"[a-z]{2,3}(-[A-Za-z0-9]+)*"
# Between a language and the folder of its pools, where they are not those of the package.
POOL_FOLDER_SIGN = "@"
_Language = Annotated[str, Field(pattern=rf"^{LANGUAGE}$")]


class ExampleFields(BaseModel):
    """The fields that `ExampleOptions` and the settings share."""

    tokenizer: str = Field(default="convrvq_16k", description="audio tokenizer of the tasks")
    tokenizer_weights: str | None = Field(
        default=None, description="its weights: a folder, a file or a hub name; unset: its own"
    )
    codebooks: int | None = Field(default=None, ge=1, description="codebooks used; unset: its own")
    layout: Literal["flatten", "first", "delay"] = Field(
        default="flatten", description="how codebooks become one sequence"
    )
    text: str = Field(default="sentencepiece", description="text side of the vocabulary")
    instructions: str = Field(
        default="pool",
        pattern=r"^(pool|keep|mixed\((0|1|0?\.\d+|1\.0+)\))$",
        description="templates of the pool, the records' own words (keep), or mixed(share of own)",
    )
    inversion: float = Field(
        default=0.0, ge=0, le=1, description="share of training records asked the other way round"
    )
    shots: int = Field(default=0, ge=0, le=16, description="solved examples before each question")
    shot_budget: int = Field(default=4096, ge=1, description="ids that these may take together")
    languages: Annotated[tuple[_Language, ...], NoDecode] = Field(
        default=("en",), min_length=1, description="languages of the instructions: en, zh or both"
    )
    pools: Literal["written", "generated", "both"] = Field(
        default="written",
        description="hand-written instructions, those of `audioflan vary`, or both",
    )
    variations: str | None = Field(
        default=None, description="folder of a run of `audioflan vary`, with its pools"
    )
    missing_audio: Literal["error", "skip"] = Field(
        default="error", description="what a dataset does with audio that is missing or unreadable"
    )

    @model_validator(mode="after")
    def _variations_have_a_folder(self) -> Self:
        if self.pools != "written" and not self.variations:
            raise ValueError(f"pools={self.pools!r} needs variations: the folder of a run")
        return self

    @field_validator("languages", mode="before")
    @classmethod
    def _split_text(cls, value: object) -> object:
        """A list in one string, as an environment has it: JSON, or with commas."""
        if not isinstance(value, str):
            return value
        if value.lstrip().startswith("["):
            return json.loads(value)
        return [part.strip() for part in value.split(",")]


class ExampleOptions(ExampleFields):
    """Tokenizer, vocabulary, instructions and policies with which examples are made.

    Streams, batches, datasets and evaluations take one when they are made and keep it: what is
    set in `settings` afterwards does not reach them. Without one they take the settings as they
    are at that moment.

        options = ExampleOptions(codebooks=4, instructions="keep")
        af.batches("audioflan_all", batch_size=8, options=options)

    Raises:
      SettingsError: an unknown option, or a value that cannot be used.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(**values)
        except ValidationError as error:
            raise SettingsError(f"options: {problems(error, ExampleFields.model_fields)}") from None

    def replace(self, **changes: Any) -> Self:
        """A copy with some options changed, checked like a new one."""
        return type(self)(**{**self.model_dump(), **changes})

    @property
    def tokenizer_arguments(self) -> dict[str, Any]:
        """What `get_tokenizer` takes beside the tokenizer's name."""
        arguments = {"codebooks": self.codebooks, "weights": self.tokenizer_weights}
        return {name: value for name, value in arguments.items() if value is not None}

    @property
    def wordings(self) -> tuple[str, ...]:
        """The pools to draw from: codes of languages, with "@" and a folder for variations."""
        written = self.languages if self.pools != "generated" else ()
        codes = self.languages if self.pools != "written" else ()
        return (*written, *(f"{code}{POOL_FOLDER_SIGN}{self.variations}/pools" for code in codes))

    @property
    def changes(self) -> dict[str, Any]:
        """The options that are not the defaults, as plain JSON."""
        return self.model_dump(mode="json", exclude_defaults=True)


def problems(error: ValidationError, names: Iterable[str]) -> str:
    """What pydantic found wrong, in one line: name, value, reason; the nearest name if unknown."""
    return "; ".join(_problem(detail, names) for detail in error.errors())


# What pydantic says of them is a regular expression.
_PATTERNS = {
    "string_pattern_mismatch": {
        "instructions": "expected pool, keep, or mixed(SHARE) with a share from 0 to 1",
        "languages": "expected a code such as en or zh",
    }
}


def _problem(detail: Any, names: Iterable[str]) -> str:
    name = ".".join(map(str, detail["loc"]))
    if detail["type"] in ("extra_forbidden", "no_such_attribute"):
        return f"there is no {name!r}{nearest(name, names)}"
    if not name:
        return str(detail["msg"])
    reason = _PATTERNS.get(detail["type"], {}).get(str(detail["loc"][0]), detail["msg"])
    return f"{name}={detail['input']!r}: {reason}"
