"""One simulation of a run: the sounds it takes, the clips it writes, the records it gives."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks import catalogue
from audioflan_tasks.audio.load import info, load
from audioflan_tasks.audio.write import write
from audioflan_tasks.errors import (
    AudioInputError,
    AudioReadError,
    MissingAudioError,
    SimulationError,
)
from audioflan_tasks.preprocessors.pool_instruction import pool_instruction
from audioflan_tasks.preprocessors.simulate import simulate
from audioflan_tasks.preprocessors.simulate.base import SimulatedAudio
from audioflan_tasks.preprocessors.simulate.runs.draw import draw_params, unit, whole
from audioflan_tasks.preprocessors.simulate.runs.plan import SimulationRun
from audioflan_tasks.preprocessors.simulate.runs.presets import Spec
from audioflan_tasks.preprocessors.simulate.runs.records import (
    Fields,
    SimulationFacts,
    record_forms,
)
from audioflan_tasks.preprocessors.simulate.runs.sources import Sound
from audioflan_tasks.records import Instance
from audioflan_tasks.seeds import seed_of

__all__ = ["BAD_SOUND", "do_job"]

# What makes a file or a job unusable; anything else stops the run.
BAD_SOUND = (AudioReadError, AudioInputError, MissingAudioError, SimulationError)
_PARTNER_TRIES = 50

Audio = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _InputSound:
    """A sound of the run and the part of it that is taken."""

    sound: Sound
    audio: Audio


@dataclass(frozen=True, slots=True)
class _SimulatedInputs:
    """One simulation with its inputs."""

    inputs: tuple[_InputSound, ...]
    example: Audio | None
    params: dict[str, Any]
    seed: int
    result: SimulatedAudio


def do_job(run: SimulationRun, number: int) -> dict[str, Any]:
    """Simulates, writes the clips and returns their ids, paths and records as JSON values.

    Raises:
      AudioReadError, AudioInputError, MissingAudioError, SimulationError: the job is to be skipped.
      FileWriteError: a clip cannot be written.
    """
    first = run.files[number // run.times] if run.preset.reads else None
    name = first.name if first else ""
    seed = seed_of("simulate", run.seed, run.preset.name, name, number % run.times)
    simulation = _simulate(run, first, seed)
    facts = _facts(run, simulation, _stem(run, number, first))
    forms = record_forms(run.preset.kind)
    answers = [(task, fields) for task in run.preset.tasks for fields in forms[task].fields(facts)]
    if not answers:
        raise SimulationError(
            f"{run.preset.name}: the labels allow no record; a sound needs a label of its own, "
            "or a second sound of its label"
        )
    records = [
        [task, _record(run, task, fields, simulation, f"{facts.stem}/{n}")]
        for n, (task, fields) in enumerate(answers)
    ]
    clips = []
    for part, audio_id in facts.clip_ids.items():
        path = _path(run, number, audio_id)
        write(run.out / path, *_wave(run, part, simulation))
        clips.append([audio_id, path.as_posix()])
    return {"job": number, "clips": clips, "records": records}


def _simulate(run: SimulationRun, first: Sound | None, seed: int) -> _SimulatedInputs:
    inputs = tuple(_draw_inputs(run, first, seed)) if first else ()
    rate = run.preset.sample_rate
    waves = [each.audio for each in inputs]
    params = draw_params(run.preset, [len(wave) / rate for wave in waves], seed)
    result = simulate(run.preset.kind, waves, rate, params, seed)
    return _SimulatedInputs(inputs, _draw_example(run, inputs, seed), params, seed, result)


def _facts(run: SimulationRun, simulation: _SimulatedInputs, stem: str) -> SimulationFacts:
    result = simulation.result
    return SimulationFacts(
        stem=stem,
        label=result.label,
        sample_rate=run.preset.sample_rate,
        seconds=round(len(result.audio) / result.sample_rate, 2),
        sounds=tuple(each.sound.label for each in simulation.inputs),
        all_labels=run.labels,
        choices={k: v.choice for k, v in run.preset.params.items() if isinstance(v, Spec)},
        has_example=simulation.example is not None,
    )


def _draw_inputs(run: SimulationRun, first: Sound, seed: int) -> Iterator[_InputSound]:
    """The file and its partners, as much of each as the preset takes."""
    preset = run.preset
    yield _InputSound(first, _part(first, preset.sample_rate, preset.least_s, preset.most_s, seed))
    fewest, largest = preset.partners
    count = fewest + whole(largest - fewest + 1, seed, "partners")
    by_label = preset.kind == "mix"
    have, used_paths, reason = 0, {first.path}, ""
    labels = {first.label}
    for attempt in range(_PARTNER_TRIES):
        if have == count:
            return
        candidates = _unlike(run, labels, seed, attempt) if by_label else run.partners
        if not candidates:
            break
        sound = candidates[whole(len(candidates), seed, "partner", attempt)]
        if sound.path in used_paths:
            continue
        used_paths.add(sound.path)
        try:
            audio = _part(sound, preset.sample_rate, 0.01, preset.partner_most_s, seed + have + 1)
            _check_sound(sound, audio)
        except BAD_SOUND as error:
            reason = f"; the last one: {error}"
            continue
        labels.add(sound.label)
        have += 1
        yield _InputSound(sound, audio)
    if have < fewest:
        other = " of other labels" if by_label else ""
        raise SimulationError(
            f"{preset.name}: found {have} of {fewest} usable sounds{other} for {first.name}{reason}"
        )


def _draw_example(run: SimulationRun, inputs: Sequence[_InputSound], seed: int) -> Audio | None:
    """Another sound of the file's label that can be read, None where none is found."""
    forms = record_forms(run.preset.kind)
    if not inputs or not any(forms[task].needs_example for task in run.preset.tasks):
        return None
    used_paths = {each.sound.path for each in inputs}
    candidates, preset = run.alike[inputs[0].sound.label], run.preset
    for attempt in range(_PARTNER_TRIES if len(candidates) > 1 else 0):
        sound = candidates[whole(len(candidates), seed, "like", attempt)]
        if sound.path in used_paths:
            continue
        used_paths.add(sound.path)
        try:
            return _part(sound, preset.sample_rate, 0.01, preset.most_s, seed)
        except BAD_SOUND:
            continue
    return None


def _unlike(run: SimulationRun, labels: set[str], seed: int, attempt: int) -> tuple[Sound, ...]:
    """Partners of one label that is not among these, each label as likely as another."""
    free = [label for label in run.by_label if label not in labels]
    return run.by_label[free[whole(len(free), seed, "label", attempt)]] if free else ()


def _part(sound: Sound, rate: int, least_s: float, most_s: float, seed: int) -> Audio:
    seconds = info(sound.path).seconds
    if seconds < least_s:
        raise SimulationError(f"{sound.path}: {seconds:.2f} s is shorter than {least_s:g} s")
    if seconds <= most_s:
        return np.clip(load(sound.path, rate), -1.0, 1.0)
    start = round(unit(seed, "part", sound.name) * (seconds - most_s), 3)
    return np.clip(load(sound.path, rate, start, start + most_s), -1.0, 1.0)


def _check_sound(sound: Sound, audio: Audio) -> None:
    """A silent partner has no level; the file that it was drawn for is not to blame."""
    if not audio.any():
        raise SimulationError(f"{sound.path}: the part that is taken is silent")


def _wave(run: SimulationRun, part: str, simulation: _SimulatedInputs) -> tuple[Audio, int]:
    """Samples and rate of a part."""
    if part == "made":
        return simulation.result.audio, simulation.result.sample_rate
    rate = run.preset.sample_rate
    if part == "like" and simulation.example is not None:
        return simulation.example, rate
    waves = [each.audio for each in simulation.inputs]
    if part == "source":
        gain = np.float32(simulation.result.label.get("gain", 1.0))
        return np.asarray(waves[0] * gain, np.float32), rate
    other = {"part": "second"} if part == "second" else {"part": int(part.removeprefix("part"))}
    part_result = simulate(run.preset.kind, waves, rate, simulation.params | other, simulation.seed)
    return part_result.audio, part_result.sample_rate


def _stem(run: SimulationRun, number: int, first: Sound | None) -> str:
    name = PurePosixPath(first.name).stem if first else run.preset.name
    words = re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-")[:40] or "sound"
    return f"{run.name}_{number:07d}_{words}"


def _path(run: SimulationRun, number: int, audio_id: str) -> PurePosixPath:
    folder = PurePosixPath("audio_files", run.domain, run.name, f"{number // 1000:04d}")
    return folder / f"{audio_id.removeprefix(run.name + '_')}.flac"


def _record(
    run: SimulationRun, task: str, fields: Fields, simulation: _SimulatedInputs, key: str
) -> dict[str, Any]:
    facts = {
        "label": simulation.result.label,
        "simulated": {
            "kind": run.preset.kind,
            "params": simulation.params,
            "seed": simulation.seed,
            "sounds": [each.sound.name for each in simulation.inputs],
        },
    }
    row = catalogue.get(task)
    optional = {"slots": dict(fields.slots), "options": list(fields.options)}
    uuid = hashlib.sha256(f"{run.name}|{run.seed}|{task}|{key}".encode()).hexdigest()[:24]
    return Instance(
        instruction=pool_instruction(
            task, fields.slots, lambda size: whole(size, "instruction", uuid)
        ),
        input=fields.input,
        output=fields.output,
        uuid=uuid,
        split=run.split,
        task=task,
        minor=row.minor,
        major=row.major,
        paper_category=row.paper_category,
        domain=row.domain,
        source=("simulated",),
        other=facts | {name: value for name, value in optional.items() if value},
    ).record()
