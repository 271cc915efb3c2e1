"""Every question with its gold answer and the model's answer, as JSON lines."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from audioflan_tasks.catalogue import TaskRow
from audioflan_tasks.errors import EvaluationError
from audioflan_tasks.evaluation.answers import Answer, Failure, Reply
from audioflan_tasks.evaluation.prompt import Prompt, reference_of
from audioflan_tasks.evaluation.results import UNREADABLE_JSON
from audioflan_tasks.evaluation.scoring.task import TaskScore
from audioflan_tasks.metrics import without_lead_in
from audioflan_tasks.plain_files import read_plain_bytes
from audioflan_tasks.whole_files import write_whole

__all__ = ["Sample", "read_samples", "samples_of", "write_samples"]


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a samples file; names are those of lm-evaluation-harness where it has them.

    `value` is the primary metric of the example, None if the metric is not a mean over examples;
    `status` says how the answer was read (`metrics.Status`), "" if there is none.
    """

    doc_id: int
    key: str
    uuid: str
    template: str
    arguments: str
    audio_ids: list[str]
    options: list[str]
    target: str
    resps: str
    filtered_resps: str
    error: str = ""
    value: float | None = None
    status: str = ""
    source: list[str] = []
    grade: str = ""


def samples_of(
    row: TaskRow, prompts: Sequence[Prompt], replies: Sequence[Reply | None], score: TaskScore
) -> list[Sample]:
    """The questions of a task with their answers and scores."""
    return [
        _sample(number, row, prompt, reply, score)
        for number, (prompt, reply) in enumerate(zip(prompts, replies, strict=True))
    ]


def write_samples(folder: Path, task: str, samples: Sequence[Sample]) -> Path:
    """Writes `samples_<task>.jsonl` atomically."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"samples_{task}.jsonl"
    write_whole(path, b"".join(msgspec.json.encode(sample) + b"\n" for sample in samples))
    return path


def read_samples(folder: Path, task: str) -> list[Sample]:
    """The samples of a task in the folder of a run; [] if there are none.

    Raises:
      EvaluationError: a line is damaged or of another version, or a question has two.
    """
    path = folder / "samples" / f"samples_{task}.jsonl"
    if not path.exists():
        return []
    decoder = msgspec.json.Decoder(Sample)
    try:
        lines = read_plain_bytes(path).splitlines()
    except OSError as error:
        raise EvaluationError(f"{path}: cannot be read ({error.strerror})") from None
    by_key: dict[str, Sample] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            sample = decoder.decode(line)
        except UNREADABLE_JSON as error:
            raise EvaluationError(
                f"{path}, line {number}: no sample ({error}); the same `audioflan evaluate` "
                "command writes the file again"
            ) from None
        if sample.key in by_key:
            raise EvaluationError(
                f"{path}, line {number}: a second answer to {sample.key}; expected one"
            )
        by_key[sample.key] = sample
    return list(by_key.values())


def _sample(
    number: int, row: TaskRow, prompt: Prompt, reply: Reply | None, score: TaskScore
) -> Sample:
    answer_fields: dict[str, Any] = {"resps": "", "filtered_resps": ""}
    if isinstance(reply, Failure):
        answer_fields["error"] = f"{reply.kind}: {reply.message}"
    elif isinstance(reply, Answer):
        audio = "" if reply.audio is None else f"[audio {len(reply.audio.samples)} samples]"
        text = reply.text or audio
        answer_fields = {"resps": text, "filtered_resps": without_lead_in(row, text)}
    return Sample(
        doc_id=number, key=prompt.key, uuid=prompt.instance.uuid, template=prompt.template,
        arguments=prompt.text(), audio_ids=list(prompt.audio_ids), options=list(prompt.options),
        target=reference_of(prompt.instance, row), value=score.singles.get(prompt.key),
        status=score.statuses.get(prompt.key, ""), source=list(prompt.instance.source),
        grade=prompt.instance.grade, **answer_fields,
    )  # fmt: skip
