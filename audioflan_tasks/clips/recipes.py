"""Audio that a corpus keeps as a recipe instead of samples.

`ROOT/simulated/*.jsonl` holds one recipe a line:
`{"id": …, "kind": "add_noise", "inputs": [ids], "params": {…}, "seed": 7, "sample_rate": 16000}`.
Inputs may be simulated themselves. The kinds are those of `preprocessors.simulate`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from audioflan_tasks.errors import RecordError
from audioflan_tasks.folders import files_in
from audioflan_tasks.plain_files import open_plain_file

__all__ = ["Recipe", "read_recipes"]


class Recipe(BaseModel):
    """How one simulated clip is made."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(min_length=1)
    kind: str
    inputs: tuple[str, ...]
    params: dict[str, Any] = Field(default_factory=dict)
    seed: int = 0
    sample_rate: int = Field(default=16000, ge=1000, le=192_000)

    def key(self, input_keys: Iterable[str]) -> str:
        """A text that changes whenever the samples would."""
        return json.dumps(
            [self.kind, self.params, self.seed, self.sample_rate, *input_keys], sort_keys=True
        )


def read_recipes(root: Path) -> Mapping[str, Recipe]:
    """All recipes under `root/simulated`, by id.

    Raises:
      RecordError: a line is no recipe, an id stands twice, or recipes need each other in a
        circle; with file:line.
    """
    recipes: dict[str, Recipe] = {}
    for file in files_in(root / "simulated", ".jsonl"):
        with _opened(file) as lines:
            for number, line in enumerate(lines, 1):
                if not line.strip():
                    continue
                recipe = _parse(line, f"{file}:{number}")
                if recipe.id in recipes:
                    raise RecordError(f"{file}:{number}: a second recipe for {recipe.id!r}")
                recipes[recipe.id] = recipe
    _refuse_circles(recipes, root)
    return recipes


def _opened(file: Path) -> BinaryIO:
    try:
        return open_plain_file(file)
    except OSError as error:
        raise RecordError(f"{file}: cannot be read ({error.strerror})") from None


def _parse(line: bytes, place: str) -> Recipe:
    try:
        return Recipe.model_validate_json(line)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise RecordError(
            f"{place}: not a recipe for simulated audio: {field or 'line'}: {first['msg']}"
        ) from None


def _refuse_circles(recipes: Mapping[str, Recipe], root: Path) -> None:
    finished_ids: set[str] = set()
    for start in recipes:
        path: list[str] = []
        stack: list[tuple[str, bool]] = [(start, False)]
        while stack:
            audio_id, leaving = stack.pop()
            if leaving:
                path.pop()
                finished_ids.add(audio_id)
            elif audio_id in path:
                circle = " -> ".join([*path[path.index(audio_id) :], audio_id])
                raise RecordError(f"{root / 'simulated'}: recipes need each other: {circle}")
            elif audio_id in recipes and audio_id not in finished_ids:
                path.append(audio_id)
                stack.append((audio_id, True))
                stack += [(i, False) for i in recipes[audio_id].inputs]
