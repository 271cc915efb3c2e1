"""Settings: environment variables with the prefix AUDIOFLAN_, or set in code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from audioflan_tasks.errors import SettingsError

__all__ = ["LANGUAGE", "Settings", "settings"]

# A code of a language; pools of other languages than English lie in a folder of that name.
LANGUAGE = r"[a-z]{2,3}(-[A-Za-z0-9]+)*"
_Language = Annotated[str, Field(pattern=rf"^{LANGUAGE}$")]


class Settings(BaseSettings):
    """Where data lies and how examples are made.

    `settings.data_dir = "/corpus"` in code does the same as AUDIOFLAN_DATA_DIR=/corpus,
    for every dataset that is made afterwards.
    """

    model_config = SettingsConfigDict(
        env_prefix="AUDIOFLAN_", validate_assignment=True, extra="forbid"
    )

    data_dir: Path | None = Field(default=None, description="corpus root; unset: the demo corpus")
    cache_dir: Path | None = Field(default=None, description="code cache; unset: platform's own")
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
    missing_audio: Literal["error", "skip"] = Field(
        default="error", description="what a dataset does with an id that resolves to no file"
    )

    @field_validator("languages", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        """A list in one string, as an environment has it: JSON, or with commas."""
        if not isinstance(value, str):
            return value
        if value.lstrip().startswith("["):
            return json.loads(value)
        return [part.strip() for part in value.split(",")]


def _settings() -> Settings:
    try:
        return Settings()
    except ValidationError as error:
        wrong = "; ".join(
            f"AUDIOFLAN_{str(e['loc'][0]).upper()}={e['input']!r}: {e['msg']}"
            for e in error.errors()
        )
        raise SettingsError(f"unusable setting in the environment: {wrong}") from None


settings = _settings()
