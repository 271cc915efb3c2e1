"""Records of the 80 tasks that a simulation can be asked with, and the clips they need.

A record speaks of clips by their part in the simulation: `made` is the result, `source` the
file as it stands in it (at the gain of the result), `second` the rest of a sound that was
taken apart, `part0`, `part1`, … the inputs of a mixture as they sound inside it, `like` another
sound with the label of the file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from audioflan_tasks.records.spans import span

__all__ = ["DEVICES", "TASKS", "VOCODERS", "Facts", "Fields"]

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
class Facts:
    """What is known of one simulation.

    `clips` are the labels of its inputs, `known` all labels of the run, `choices` those of
    its parameters. `asked` gets the id of each part that a record speaks of.
    """

    stem: str
    label: Mapping[str, Any]
    sample_rate: int
    seconds: float
    sounds: tuple[str, ...]
    known: tuple[str, ...]
    choices: Mapping[str, tuple[Any, ...]]
    has_like: bool
    asked: dict[str, str] = field(default_factory=dict)

    def clip(self, part: str) -> str:
        """A span of the clip of a part, which is then written."""
        return span(self.asked.setdefault(part, f"{self.stem}_{part}"))

    @property
    def intervals(self) -> list[tuple[float, float, str]]:
        """Start, end (seconds) and label of each sound, by start."""
        return sorted((a, b, self.sounds[n]) for a, b, n in self.label["segments"])


class Fields(NamedTuple):
    """What of a record depends on the simulation."""

    input: str
    output: str
    slots: Mapping[str, str] = {}
    options: Sequence[str] = ()


Maker = Callable[[Facts], Iterable[Fields]]


def _restored(facts: Facts) -> Iterable[Fields]:
    yield Fields(facts.clip("made"), facts.clip("source"))


def _ratio(facts: Facts) -> Iterable[Fields]:
    yield Fields(facts.clip("made"), f"{facts.label['snr_db']:.1f} dB")


def _higher_rate(facts: Facts) -> Iterable[Fields]:
    slots = {"target_rate": f"{facts.sample_rate / 1000:g} kHz"}
    yield Fields(facts.clip("made"), facts.clip("source"), slots)


def _filled(facts: Facts) -> Iterable[Fields]:
    slots = {"gap": f"{facts.label['start_s']:.2f}-{facts.label['end_s']:.2f} s"}
    yield Fields(facts.clip("made"), facts.clip("source"), slots)


def _continued(facts: Facts) -> Iterable[Fields]:
    yield Fields(facts.clip("made"), facts.clip("second"))


def _extracted(facts: Facts) -> Iterable[Fields]:
    for number, label in enumerate(facts.sounds):
        if facts.sounds.count(label) == 1:
            asked = f"label: {label}\nmixture: {facts.clip('made')}"
            yield Fields(asked, facts.clip(f"part{number}"))


def _queried(facts: Facts) -> Iterable[Fields]:
    if facts.has_like:
        asked = f"query: {facts.clip('like')}\nmixture: {facts.clip('made')}"
        yield Fields(asked, facts.clip("part0"))


def _enrolled(facts: Facts) -> Iterable[Fields]:
    if facts.has_like:
        asked = f"mixture: {facts.clip('made')}\nenrolment: {facts.clip('like')}"
        yield Fields(asked, facts.clip("part0"))


def _detected(facts: Facts) -> Iterable[Fields]:
    said = "; ".join(f"{a:.2f}-{b:.2f} {label}" for a, b, label in facts.intervals)
    yield Fields(facts.clip("made"), said, options=_options(facts))


def _timed(facts: Facts) -> Iterable[Fields]:
    said = [
        f"{label[:1].upper()}{label[1:]} from {a:.2f} to {b:.2f} s"
        for a, b, label in facts.intervals
    ]
    described = f"description: {facts.seconds:g} seconds. {'. Then: '.join(said)}."
    yield Fields(described, facts.clip("made"))


def _ordered(facts: Facts) -> Iterable[Fields]:
    yield Fields(facts.clip("made"), ", ".join(label for _, _, label in facts.intervals))


def _diarized(facts: Facts) -> Iterable[Fields]:
    speakers = list(dict.fromkeys(label for _, _, label in facts.intervals))
    said = "; ".join(
        f"{a:.2f}-{b:.2f} speaker {speakers.index(label) + 1}" for a, b, label in facts.intervals
    )
    yield Fields(facts.clip("made"), said)


def _device(facts: Facts) -> Iterable[Fields]:
    choices = sorted(DEVICES[preset] for preset in facts.choices.get("preset", ()))
    yield Fields(facts.clip("made"), DEVICES[facts.label["preset"]], options=choices)


def _vocoder(facts: Facts) -> Iterable[Fields]:
    choices = sorted(VOCODERS[method] for method in facts.choices.get("method", ()))
    yield Fields(facts.clip("made"), VOCODERS[facts.label["method"]], options=choices)


def _spoofed(facts: Facts) -> Iterable[Fields]:
    yield Fields(facts.clip("made"), "spoof")
    yield Fields(facts.clip("source"), "bona fide")


def _noise(facts: Facts) -> Iterable[Fields]:
    yield Fields(facts.clip("made"), "noise")


def _recognised(facts: Facts) -> Iterable[Fields]:
    yield Fields(facts.clip("made"), facts.sounds[0], options=_options(facts))


def _options(facts: Facts) -> tuple[str, ...]:
    """All labels of the run where they make a choice that can be listed."""
    return facts.known if 2 <= len(facts.known) <= _MOST_OPTIONS else ()


_ENHANCED: Mapping[str, Maker] = {
    "denoising": _restored,
    "dereverberation": _restored,
    "declipping": _restored,
}
_RATES: Mapping[str, Maker] = {
    "speech_bandwidth_extension": _higher_rate,
    "audio_super_resolution": _higher_rate,
}
_SAME: Mapping[str, Maker] = {"sound_event_recognition": _recognised}

# By kind, the tasks that it can make records of.
TASKS: Mapping[str, Mapping[str, Maker]] = {
    "add_noise": {**_ENHANCED, "signal_to_noise_ratio_estimation": _ratio, **_SAME},
    "reverberate": {**_ENHANCED, **_SAME},
    "clip": {**_ENHANCED, **_SAME},
    "band_limit": {**_RATES, **_SAME},
    "resample": {**_RATES, **_SAME},
    "cut_gap": {"audio_inpainting": _filled, **_SAME},
    "mix": {
        "label_querying_sound_extraction": _extracted,
        "audio_querying_sound_extraction": _queried,
        "speaker_extraction": _enrolled,
    },
    "place": {"sound_event_detection": _detected, "time_grounded_text_to_audio_generation": _timed},
    "concatenate": {
        "sound_event_sequence_recognition": _ordered,
        "sound_event_detection": _detected,
        "speaker_diarization": _diarized,
    },
    "take": {"audio_continuation": _continued, **_SAME},
    "repeat": _SAME,
    "channel": {"device_recognition": _device, **_SAME},
    "vocode": {
        "vocoder_type_classification": _vocoder,
        "deepfake_detection": _spoofed,
        **_SAME,
    },
    "noise": {"speech_silence_music_and_noise_classification": _noise},
    "gain": _SAME,
    "fade": _SAME,
    "normalise": _SAME,
}
