"""The forms of record that can be made from a simulation, and the clips they need.

A record names clips by their part in the simulation: `made` is the result, `source` the file at
the gain of the result, `second` the remainder of a sound of which a part was taken, `part0`,
`part1`, … the inputs of a mixture as they sound inside it, `like` another sound with the label
of the file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from audioflan_tasks import catalogue
from audioflan_tasks.records.spans import span

__all__ = [
    "DEVICES",
    "FORMS",
    "VOCODERS",
    "Fields",
    "RecordForm",
    "SimulationFacts",
    "record_forms",
]

DEVICES = {
    "telephone": "telephone",
    "small_speaker": "small loudspeaker",
    "far_microphone": "far microphone",
    "radio": "two-way radio",
    "headset": "headset",
    "a_law": "A-law codec",
    "mu_law": "mu-law codec",
}
VOCODERS = {
    "griffin_lim": "Griffin-Lim",
    "lpc": "linear prediction",
    "noise_vocoder": "noise vocoder",
    "sinusoidal": "sinusoidal model",
    "mu_law_8bit": "mu-law waveform model",
    "phase_random": "random phase",
}
_MOST_OPTIONS = 60


@dataclass(frozen=True, slots=True)
class SimulationFacts:
    """What is known of one simulation.

    `sounds` are the labels of its inputs, `all_labels` those of the run, `choices` those of its
    parameters. `clip_ids` gets the id of each part that a record names.
    """

    stem: str
    label: Mapping[str, Any]
    sample_rate: int
    seconds: float
    sounds: tuple[str, ...]
    all_labels: tuple[str, ...]
    choices: Mapping[str, tuple[Any, ...]]
    has_example: bool
    clip_ids: dict[str, str] = field(default_factory=dict)

    def clip(self, part: str) -> str:
        """A span of the clip of a part, which is then written."""
        return span(self.clip_ids.setdefault(part, f"{self.stem}_{part}"))

    @property
    def intervals(self) -> list[tuple[float, float, str]]:
        """Start, end (seconds) and label of each sound, by start."""
        return sorted((a, b, self.sounds[n]) for a, b, n in self.label["segments"])


@dataclass(frozen=True, slots=True)
class Fields:
    """What of a record depends on the simulation."""

    input: str
    output: str
    slots: Mapping[str, str] = field(default_factory=dict)
    options: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordForm:
    """A form of record: how input and output follow from a simulation.

    Task rows name it in `simulations`, with the kinds of simulation that give what it needs.
    `needs_example` marks forms whose input has another sound of the label; `params` are
    parameters that the simulation must have.
    """

    name: str
    fields: Callable[[SimulationFacts], Iterable[Fields]]
    needs_example: bool = False
    params: Mapping[str, Any] = field(default_factory=dict)


def record_forms(kind: str) -> Mapping[str, RecordForm]:
    """The tasks for which a kind of simulation makes records, and the form of these records."""
    return {
        row.id: FORMS[record.form]
        for row in catalogue.tasks()
        for record in row.simulations
        if kind in record.kinds
    }


def _restoration(facts: SimulationFacts) -> Iterable[Fields]:
    yield Fields(facts.clip("made"), facts.clip("source"))


def _noise_ratio(facts: SimulationFacts) -> Iterable[Fields]:
    yield Fields(facts.clip("made"), f"{facts.label['snr_db']:.1f} dB")


def _higher_rate(facts: SimulationFacts) -> Iterable[Fields]:
    slots = {"target_rate": f"{facts.sample_rate / 1000:g} kHz"}
    yield Fields(facts.clip("made"), facts.clip("source"), slots)


def _gap_filling(facts: SimulationFacts) -> Iterable[Fields]:
    slots = {"gap": f"{facts.label['start_s']:.2f}-{facts.label['end_s']:.2f} s"}
    yield Fields(facts.clip("made"), facts.clip("source"), slots)


def _continuation(facts: SimulationFacts) -> Iterable[Fields]:
    yield Fields(facts.clip("made"), facts.clip("second"))


def _described_continuation(facts: SimulationFacts) -> Iterable[Fields]:
    question = f"description: {facts.sounds[0]}\nprompt: {facts.clip('made')}"
    yield Fields(question, facts.clip("second"))


def _extraction_by(piece: str) -> Callable[[SimulationFacts], Iterable[Fields]]:
    """Each sound with a label of its own, which the question has as that piece of its input."""

    def fields(facts: SimulationFacts) -> Iterable[Fields]:
        for number, label in enumerate(facts.sounds):
            if facts.sounds.count(label) == 1:
                question = f"{piece}: {label}\nmixture: {facts.clip('made')}"
                yield Fields(question, facts.clip(f"part{number}"))

    return fields


def _extraction_by_example(facts: SimulationFacts) -> Iterable[Fields]:
    if facts.has_example:
        question = f"query: {facts.clip('like')}\nmixture: {facts.clip('made')}"
        yield Fields(question, facts.clip("part0"))


def _extraction_by_enrolment(facts: SimulationFacts) -> Iterable[Fields]:
    if facts.has_example:
        question = f"mixture: {facts.clip('made')}\nenrolment: {facts.clip('like')}"
        yield Fields(question, facts.clip("part0"))


def _event_times(facts: SimulationFacts) -> Iterable[Fields]:
    answer = "; ".join(f"{a:.2f}-{b:.2f} {label}" for a, b, label in facts.intervals)
    yield Fields(facts.clip("made"), answer, options=_options(facts))


def _timed_description(facts: SimulationFacts) -> Iterable[Fields]:
    events = [
        f"{label[:1].upper()}{label[1:]} from {a:.2f} to {b:.2f} s"
        for a, b, label in facts.intervals
    ]
    description = f"description: {facts.seconds:g} seconds. {'. Then: '.join(events)}."
    yield Fields(description, facts.clip("made"))


def _speech_times(facts: SimulationFacts) -> Iterable[Fields]:
    answer = "; ".join(f"{a:.2f}-{b:.2f}" for a, b, _ in facts.intervals)
    yield Fields(facts.clip("made"), answer)


def _event_order(facts: SimulationFacts) -> Iterable[Fields]:
    yield Fields(facts.clip("made"), ", ".join(label for _, _, label in facts.intervals))


def _speaker_turns(facts: SimulationFacts) -> Iterable[Fields]:
    speakers = list(dict.fromkeys(label for _, _, label in facts.intervals))
    answer = "; ".join(
        f"{a:.2f}-{b:.2f} speaker {speakers.index(label) + 1}" for a, b, label in facts.intervals
    )
    yield Fields(facts.clip("made"), answer)


def _device(facts: SimulationFacts) -> Iterable[Fields]:
    choices = sorted(DEVICES[preset] for preset in facts.choices.get("preset", ()))
    yield Fields(facts.clip("made"), DEVICES[facts.label["preset"]], options=choices)


def _vocoder(facts: SimulationFacts) -> Iterable[Fields]:
    choices = sorted(VOCODERS[method] for method in facts.choices.get("method", ()))
    yield Fields(facts.clip("made"), VOCODERS[facts.label["method"]], options=choices)


def _spoof(facts: SimulationFacts) -> Iterable[Fields]:
    yield Fields(facts.clip("made"), "spoof")
    yield Fields(facts.clip("source"), "bona fide")


def _noise_class(facts: SimulationFacts) -> Iterable[Fields]:
    yield Fields(facts.clip("made"), "noise")


def _sound_name(facts: SimulationFacts) -> Iterable[Fields]:
    yield Fields(facts.clip("made"), facts.sounds[0], options=_options(facts))


def _options(facts: SimulationFacts) -> tuple[str, ...]:
    """All labels of the run where they make a choice that can be listed."""
    return facts.all_labels if 2 <= len(facts.all_labels) <= _MOST_OPTIONS else ()


FORMS: Mapping[str, RecordForm] = MappingProxyType(
    {
        form.name: form
        for form in (
            RecordForm(name="restored", fields=_restoration),
            RecordForm(name="noise_ratio", fields=_noise_ratio),
            RecordForm(name="higher_rate", fields=_higher_rate),
            RecordForm(name="gap_filled", fields=_gap_filling),
            RecordForm(name="continuation", fields=_continuation, params={"part": "first"}),
            RecordForm(
                name="described_continuation",
                fields=_described_continuation,
                params={"part": "first"},
            ),
            RecordForm(name="extracted_by_label", fields=_extraction_by("label")),
            RecordForm(name="extracted_by_target", fields=_extraction_by("target")),
            RecordForm(name="extracted_by_description", fields=_extraction_by("description")),
            RecordForm(
                name="extracted_by_example", fields=_extraction_by_example, needs_example=True
            ),
            RecordForm(
                name="extracted_by_enrolment", fields=_extraction_by_enrolment, needs_example=True
            ),
            RecordForm(name="event_times", fields=_event_times),
            RecordForm(name="speech_times", fields=_speech_times),
            RecordForm(name="timed_description", fields=_timed_description),
            RecordForm(name="event_order", fields=_event_order),
            RecordForm(name="speaker_turns", fields=_speaker_turns),
            RecordForm(name="device", fields=_device),
            RecordForm(name="vocoder", fields=_vocoder),
            RecordForm(name="spoof", fields=_spoof),
            RecordForm(name="noise_class", fields=_noise_class),
            RecordForm(name="sound_name", fields=_sound_name),
        )
    }
)
