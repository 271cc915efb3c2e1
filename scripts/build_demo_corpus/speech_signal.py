"""Tasks whose label is what a simulation did to a recording."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from common import Builder, Split, span
from speech_material import Utterance
from speech_recognition import asked, some

from audioflan_tasks.preprocessors.simulate import active_segments
from audioflan_tasks.seeds import seed_of

_PRESETS = ("telephone", "small_speaker", "far_microphone", "radio", "headset")
_PRESET_NAMES = {
    "telephone": "telephone", "small_speaker": "small loudspeaker",
    "far_microphone": "far microphone", "radio": "two-way radio", "headset": "headset",
}  # fmt: skip
_METHODS = {
    "griffin_lim": "Griffin-Lim", "lpc": "linear prediction", "noise_vocoder": "noise vocoder",
    "sinusoidal": "sinusoidal model", "mu_law_8bit": "mu-law waveform model",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Restoration:
    """A task that undoes a simulation: the damaged clip is the input, the clean one the answer."""

    task: str
    asks: tuple[str, str]
    kind: str
    params: Callable[[int], Mapping[str, Any]]


_RESTORATIONS = (
    Restoration("dereverberation", ("Remove the reverberation from this speech.",
                "Make this recording sound dry."), "reverberate",
                lambda draw: {"t60_s": round(0.3 + draw % 8 / 10, 1)}),
    Restoration("declipping", ("Restore the clipped peaks of this recording.",
                "Repair the clipping in this speech."), "clip",
                lambda draw: {"level": round(0.1 + draw % 5 / 20, 2)}),
)  # fmt: skip


def build(
    builder: Builder,
    prompts: Sequence[Utterance],
    readings: Sequence[Utterance],
    noise: Mapping[Split, list[str]],
) -> None:
    """Writes the records; targets are the losslessly stored English clips."""
    clean = [*(u for u in prompts if u.language == "English"), *readings]
    for u in clean:
        _denoise(builder, u, noise[u.split])
        _bandwidth(builder, u)
        for task in _RESTORATIONS:
            _restore(builder, u, task)
    for u in some(prompts, 4, "device"):
        _device(builder, u)
    for u in some(prompts, 4, "vocoder"):
        _vocoder(builder, u)
    for u in some(prompts, 4, "snr"):
        _ratio(builder, u, noise[u.split])


def _folder(audio_id: str, builder: Builder) -> str:
    return builder.clips[audio_id].folder


def derived_id(builder: Builder, u: Utterance, name: str) -> str:
    """Id of a clip made from an utterance."""
    folder = _folder(u.audio_id, builder)
    return f"{folder}_sim_{name}_{u.audio_id.removeprefix(folder + '_')}"


def _noisy(
    builder: Builder, u: Utterance, noise: Sequence[str], name: str
) -> tuple[str, str, float]:
    draw = seed_of(name, u.audio_id)
    decibels = float(draw % 21) - 2.0
    inputs = [u.audio_id, noise[draw // 21 % len(noise)]]
    made = derived_id(builder, u, name)
    audio_id, label = builder.simulated(made, "add_noise", inputs, {"snr_db": decibels})
    if label["gain"] == 1.0:
        return audio_id, u.audio_id, decibels
    clean, _ = builder.simulated(
        f"{made}_clean",
        "gain",
        [u.audio_id],
        {"gain_db": round(float(20 * _log(label["gain"])), 6)},
    )
    return audio_id, clean, decibels


def _log(value: float) -> float:
    from math import log10

    return log10(value)


def _denoise(builder: Builder, u: Utterance, noise: Sequence[str]) -> None:
    audio_id, clean, decibels = _noisy(builder, u, noise, "noisy")
    ask = asked(("Remove the background noise from this speech.", "Denoise the recording."), u)
    builder.record(
        "denoising", u.split, ask, [span(audio_id)], span(clean), grade="P", source="studio",
        label={"snr_db": decibels}, language=u.language, speaker=[u.speaker],
    )  # fmt: skip


def _ratio(builder: Builder, u: Utterance, noise: Sequence[str]) -> None:
    audio_id, _, decibels = _noisy(builder, u, noise, "ratio")
    ask = asked(
        ("Estimate the signal-to-noise ratio in dB.", "How many decibels is the speech above the "
         "noise?"), u,
    )  # fmt: skip
    builder.record(
        "signal_to_noise_ratio_estimation", u.split, ask, [span(audio_id)], f"{decibels:.1f} dB",
        grade="P", source="studio", label={"snr_db": decibels}, language=u.language,
        speaker=[u.speaker],
    )  # fmt: skip


def _restore(builder: Builder, u: Utterance, task: Restoration) -> None:
    params = dict(task.params(seed_of(task.task, u.audio_id)))
    made = derived_id(builder, u, task.kind)
    audio_id, label = builder.simulated(made, task.kind, [u.audio_id], params)
    target = u.audio_id
    if label["gain"] != 1.0:
        target, _ = builder.simulated(
            f"{made}_clean", task.kind, [u.audio_id], {**params, "part": "clean"}, part_of=made
        )
    builder.record(
        task.task, u.split, asked(task.asks, u), [span(audio_id)], span(target), grade="P",
        source="studio", label=label, language=u.language, speaker=[u.speaker],
    )  # fmt: skip


def _bandwidth(builder: Builder, u: Utterance) -> None:
    rate = (6000, 8000)[seed_of("rate", u.audio_id) % 2]
    audio_id, label = builder.simulated(
        derived_id(builder, u, "narrow"), "resample", [u.audio_id], {"rate_hz": rate}
    )
    ask = asked(("Extend this narrow-band speech to 16 kHz.",
                 "Restore the missing high frequencies, up to a rate of 16 kHz."), u)  # fmt: skip
    builder.record(
        "speech_bandwidth_extension", u.split, ask, [span(audio_id)], span(u.audio_id), grade="P",
        source="studio", slots={"target_rate": "16 kHz"}, label=label, language=u.language,
        speaker=[u.speaker],
    )  # fmt: skip


def _device(builder: Builder, u: Utterance) -> None:
    preset = _PRESETS[seed_of("preset", u.audio_id) % len(_PRESETS)]
    audio_id, label = builder.simulated(
        derived_id(builder, u, preset), "channel", [u.audio_id], {"preset": preset}
    )
    ask = asked(("Which device was this recorded through?", "Recognize the recording device."), u)
    builder.record(
        "device_recognition", u.split, ask, [span(audio_id)], _PRESET_NAMES[preset], grade="P",
        source="studio", options=sorted(_PRESET_NAMES.values()), label=label, language=u.language,
        speaker=[u.speaker],
    )  # fmt: skip


def _vocoder(builder: Builder, u: Utterance) -> None:
    methods = tuple(_METHODS)
    method = methods[seed_of("method", u.audio_id) % len(methods)]
    audio_id, label = builder.simulated(
        derived_id(builder, u, method), "vocode", [u.audio_id], {"method": method}
    )
    ask = asked(("Which vocoder made this speech?", "Classify the type of vocoder."), u)
    builder.record(
        "vocoder_type_classification", u.split, ask, [span(audio_id)], _METHODS[method], grade="P",
        source="studio", options=sorted(_METHODS.values()), label=label, language=u.language,
        speaker=[u.speaker],
    )  # fmt: skip


def speech_intervals(builder: Builder, audio_id: str) -> list[tuple[float, float]]:
    """Where a clean clip holds speech."""
    return active_segments(builder.samples(audio_id, 16000), 16000)
