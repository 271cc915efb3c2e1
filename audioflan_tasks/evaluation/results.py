"""The results of a run, as plain values that are written as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, TypeVar

import msgspec

from audioflan_tasks.errors import EvaluationError
from audioflan_tasks.plain_files import read_plain_bytes
from audioflan_tasks.whole_files import write_whole

__all__ = [
    "UNREADABLE_JSON",
    "BaselineResult",
    "BenchmarkResult",
    "Hearing",
    "Macro",
    "MetricResult",
    "Results",
    "TaskResult",
    "read_json",
    "read_results",
    "write_json",
]  # fmt: skip

Status = Literal["scored", "incomplete", "failed"]
Content = TypeVar("Content")

# What decoding raises: other types or no JSON, no UTF-8, nesting without end.
UNREADABLE_JSON = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


# Of fewer questions nothing can be said.
_FEWEST_QUESTIONS = 4


DEAF = (
    "every answer stays the same without the audio and with other audio: it does not reach the "
    "model, or the model ignores it; check the adapter, the audio marker of the prompt and the "
    "sample rate"
)


class Hearing(msgspec.Struct, frozen=True, kw_only=True):
    """Number of questions, and how many answers are the same without audio or with other audio."""

    asked: int
    same_without: int
    same_shuffled: int
    note: str = ""

    @property
    def proven(self) -> bool | None:
        """Whether the answers depend on the audio; None if there are too few questions."""
        if self.asked < _FEWEST_QUESTIONS:
            return None
        return min(self.same_without, self.same_shuffled) < self.asked


class MetricResult(msgspec.Struct, frozen=True, kw_only=True):
    """One metric over a task's answers, with a 95 % interval.

    `singles` is True if the metric is the mean of its values for the single examples;
    `unanswered` is the value if no question had an answer.
    """

    name: str
    value: float
    stderr: float
    low: float
    high: float
    better: str
    best: float | None
    unit: str
    library: str
    singles: bool
    unanswered: float


class BaselineResult(msgspec.Struct, frozen=True, kw_only=True):
    """The primary metric of a baseline, as it is and on the normalised scale."""

    value: float
    normalised: float | None
    note: str = ""


class BenchmarkResult(msgspec.Struct, frozen=True, kw_only=True):
    """A task's questions of a public benchmark, scored by the benchmark's own rule.

    `value` is the share of right answers among those that the rule counts (`counted`), None where
    there are none; `questions` were answered. `faults` are known ones of the rule and of the gold.
    """

    rule: str
    value: float | None
    questions: int
    counted: int
    faults: list[str] = []


class TaskResult(msgspec.Struct, frozen=True, kw_only=True):
    """The result of one task of a run."""

    task: str
    domain: str
    major: str
    category: str
    status: Status
    reason: str = ""
    examples: int = 0
    answered: int = 0
    errors: dict[str, int] = {}
    grades: dict[str, int] = {}
    headline: bool = False
    metrics: list[MetricResult] = []
    extra: dict[str, float] = {}
    chance: float | None = None
    chance_by: str = ""
    best: float | None = None
    normalised: float | None = None
    normalised_low: float | None = None
    normalised_high: float | None = None
    least_detectable: float | None = None
    statuses: dict[str, int] = {}
    unparsed: float = 0.0
    top_answer: str = ""
    top_share: float = 0.0
    top_gold_share: float = 0.0
    one_answer: bool = False
    baselines: dict[str, BaselineResult] = {}
    robustness: dict[str, Any] = {}
    judge: dict[str, Any] = {}
    benchmarks: dict[str, BenchmarkResult] = {}
    prompt: str = ""
    seconds: float = 0.0

    @property
    def primary(self) -> MetricResult | None:
        """The first metric of the task."""
        return self.metrics[0] if self.metrics else None


class Macro(msgspec.Struct, frozen=True, kw_only=True):
    """Mean of the normalised primary values of several tasks, with a 95 % interval.

    The group `all` are the tasks that have a score, the group `worst case` these and the failed
    and incomplete ones, which count 0.
    """

    group: str
    name: str
    value: float
    low: float
    high: float
    tasks: int


class Results(msgspec.Struct, frozen=True, kw_only=True):
    """The results of a run. `config` is how the model was asked, `versions` the packages used."""

    model: str
    settings: dict[str, Any]
    config: dict[str, Any]
    versions: dict[str, str]
    mixture: str
    mixture_hash: str
    started: str
    seconds: float
    tasks: list[TaskResult]
    macros: list[Macro]
    hearing: Hearing | None = None
    gold: list[str] = []
    probes: dict[str, Any] = {}
    left_out: dict[str, str] = {}

    @property
    def failed(self) -> list[TaskResult]:
        """Tasks without a score."""
        return [t for t in self.tasks if t.status == "failed"]

    def macro(self, group: str = "all", name: str = "all") -> Macro | None:
        """The mean of a group of tasks; None if the run has no such group."""
        return next((m for m in self.macros if (m.group, m.name) == (group, name)), None)


def write_json(path: Path, value: object) -> None:
    """Writes a file of JSON as `write_whole` does. Infinities become null."""
    plain = _plain(msgspec.to_builtins(value))
    write_whole(path, msgspec.json.format(msgspec.json.encode(plain), indent=1))


def read_json(path: Path, kind: type[Content]) -> Content:
    """What `write_json` wrote.

    Raises:
      EvaluationError: the file cannot be read, or is of another version or damaged.
      FileNotFoundError: there is none.
    """
    try:
        return msgspec.json.decode(read_plain_bytes(path), type=kind)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise EvaluationError(f"{path}: cannot be read ({error.strerror})") from None
    except UNREADABLE_JSON as error:
        raise EvaluationError(
            f"{path}: not what this version writes ({error}); move it away, or use a new folder"
        ) from None


def read_results(folder: Path) -> Results:
    """The results of a run's folder.

    Raises:
      EvaluationError: the folder has no results, or they cannot be read.
    """
    path = folder / "results.json" if folder.is_dir() else folder
    try:
        return read_json(path, Results)
    except FileNotFoundError:
        raise EvaluationError(
            f"{path}: no results; expected the folder that `audioflan evaluate --out` wrote"
        ) from None


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return None
    return value
