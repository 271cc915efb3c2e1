"""Presets of a run, read from TOML and checked before anything is simulated.

The format is told at the head of presets.toml. What breaks a rule raises `SimulationError`
with file and line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from audioflan_tasks.errors import SimulationError, nearest
from audioflan_tasks.preprocessors.simulate.kinds import KINDS
from audioflan_tasks.preprocessors.simulate.runs.records import record_forms
from audioflan_tasks.preprocessors.simulate.runs.tables import TomlFile

__all__ = ["Preset", "Spec", "presets"]

_DEFAULTS = "defaults"
# Parameters for which a place inside the sound can be drawn.
_FITTING = {("cut_gap", "start_s"), ("place", "starts_s")}

Per = Literal["", "input", "partner", "event"]


class Spec(BaseModel):
    """How one parameter is drawn: a range, a choice, or a place that fits."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    low: float | None = Field(default=None, alias="from", allow_inf_nan=False)
    high: float | None = Field(default=None, alias="to", allow_inf_nan=False)
    step: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    choice: tuple[Any, ...] = ()
    fit: bool = False
    per: Per = ""
    first: float | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Spec:
        is_range = self.low is not None and self.high is not None
        if is_range + bool(self.choice) + self.fit != 1:
            raise ValueError("give either from and to, or choice, or fit = true")
        if is_range and not (self.low or 0.0) <= (self.high or 0.0):
            raise ValueError(f"from {self.low:g} is above to {self.high:g}")
        return self

    @property
    def extremes(self) -> tuple[Any, ...]:
        """Every choice, or both ends of the range."""
        if self.fit:
            return ()
        ends = self.choice or (self.low, self.high)
        return ends if self.first is None else (*ends, self.first)

    def __str__(self) -> str:
        if self.fit:
            return "fits"
        if self.choice:
            return "|".join(map(str, self.choice))
        step = f" step {self.step:g}" if self.step else ""
        return f"{self.low:g}..{self.high:g}{step}" + (f" per {self.per}" if self.per else "")


class Preset(BaseModel):
    """How a kind is run over files."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z0-9_]+$")
    kind: str
    tasks: tuple[str, ...] = Field(min_length=1)
    partners: tuple[Annotated[int, Field(ge=0, le=64)], Annotated[int, Field(ge=0, le=64)]]
    others: bool = False
    sample_rate: int = Field(ge=1000, le=192_000)
    least_s: float = Field(gt=0, le=3600)
    most_s: float = Field(gt=0, le=3600)
    partner_most_s: float = Field(gt=0, le=3600)
    params: Mapping[str, Any] = {}

    @property
    def reads(self) -> bool:
        """Whether it is run over files; noise alone needs none."""
        return KINDS[self.kind].most != 0


def presets(user_file: Path | None = None) -> Mapping[str, Preset]:
    """The presets of this package, with a user's TOML laid over them.

    Raises:
      SimulationError: a file cannot be read or breaks a rule; names file and line.
    """
    files = [_builtin(), *([TomlFile.read(user_file)] if user_file is not None else [])]
    tables: dict[str, Any] = {}
    for file in files:
        tables = _laid_over(tables, file.tables())
    defaults = tables.pop(_DEFAULTS, {})
    return {name: _preset(name, defaults, table, files) for name, table in tables.items()}


def _builtin() -> TomlFile:
    name = "presets.toml"
    text = resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
    return TomlFile(name, text)


def _laid_over(lower: Mapping[str, Any], upper: Mapping[str, Any]) -> dict[str, Any]:
    """Tables merged by key; `params` of another kind are not kept."""
    tables = dict(lower)
    for name, table in upper.items():
        old = tables.get(name, {})
        is_same_kind = table.get("kind", old.get("kind", name)) == old.get("kind", name)
        params = (old.get("params", {}) if is_same_kind else {}) | table.get("params", {})
        tables[name] = {**old, **table, **({"params": params} if params else {})}
    return tables


def _preset(
    name: str, defaults: Mapping[str, Any], table: Mapping[str, Any], files: list[TomlFile]
) -> Preset:
    def fail(message: str, *keys: str) -> NoReturn:
        # The user's own file comes last and is looked at first.
        paths = [f"{home}.{key}" for home in (name, _DEFAULTS) for key in keys]
        for path in (*paths, f"{name}.params", name, _DEFAULTS):
            for file in reversed(files):
                if path in file.lines:
                    raise SimulationError(f"{file.name}:{file.lines[path]}: {name}: {message}")
        raise SimulationError(f"{files[-1].name}:1: {name}: {message}")

    kind = str(table.get("kind", name))
    if kind not in KINDS:
        fail(f"no simulation named {kind!r}{nearest(kind, KINDS)}; give its kind", "kind")
    fields = {"name": name, "kind": kind, **defaults, **table}
    fields["params"] = {}
    for key, value in dict(table.get("params", {})).items():
        try:
            fields["params"][key] = Spec(**value) if isinstance(value, dict) else value
        except ValidationError as error:
            fail(f"{key}: {_first(error)}", f"params.{key}")
    try:
        preset = Preset.model_validate(fields)
    except ValidationError as error:
        fail(_first(error), *map(str, error.errors()[0]["loc"][:1]))
    for message, keys in _faults(preset):
        fail(message, *keys)
    return preset


def _faults(preset: Preset) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What is wrong with a preset that has the right form, and the keys it concerns."""
    kind, (fewest, most_partners) = KINDS[preset.kind], preset.partners
    forms = record_forms(preset.kind)
    for task in preset.tasks:
        if task not in forms:
            yield f"{kind.name} makes no records of {task!r}, but of {', '.join(forms)}", ("tasks",)
    if preset.least_s > preset.most_s:
        keys = ("least_s", "most_s")
        yield f"least_s {preset.least_s:g} is above most_s {preset.most_s:g}", keys
    file_count = int(preset.reads)
    if fewest > most_partners or (kind.most is not None and file_count + most_partners > kind.most):
        top = "" if kind.most is None else f", at most {kind.most - file_count}"
        yield (
            f"partners [{fewest}, {most_partners}]: expected the fewest and the most{top}",
            ("partners",),
        )
    yield from ((message, (f"params.{key}",)) for message, key in _param_faults(preset))


def _param_faults(preset: Preset) -> Iterator[tuple[str, str]]:
    kind = KINDS[preset.kind]
    fields = kind.params.model_fields
    for key, value in preset.params.items():
        if key in fields:
            yield from ((message, key) for message in _value_faults(preset, key, value))
        else:
            names = ", ".join(fields)
            yield f"no parameter {key!r}{nearest(key, fields)}; {kind.name} has {names}", key
    forms = record_forms(preset.kind)
    for task in preset.tasks:
        for key, value in forms[task].params.items() if task in forms else ():
            if preset.params.get(key) != value:
                yield f"for {task} the {key} is always {value!r}", key
    for key, field in fields.items():
        if field.is_required() and key not in preset.params:
            yield f"the parameter {key!r} of {kind.name} is missing", key


def _value_faults(preset: Preset, key: str, value: Any) -> Iterator[str]:
    field = KINDS[preset.kind].params.model_fields[key]
    spec = value if isinstance(value, Spec) else None
    if spec is not None and spec.fit and (preset.kind, key) not in _FITTING:
        yield f"{key}: fit is for {' and '.join(f'{k} of {n}' for n, k in sorted(_FITTING))}"
        return
    form: Any = field.annotation
    adapter = TypeAdapter(Annotated[form, *field.metadata] if field.metadata else form)
    for extreme in (value,) if spec is None else spec.extremes:
        try:
            adapter.validate_python((extreme,) if spec is not None and spec.per else extreme)
        except ValidationError as error:
            yield f"{key}={extreme!r}: {error.errors()[0]['msg']}"
            return


def _first(error: ValidationError) -> str:
    first = error.errors()[0]
    name = ".".join(map(str, first["loc"]))
    return f"{name}: {first['msg']}" if name else first["msg"]
