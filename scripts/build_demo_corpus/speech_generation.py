"""Tasks that write speech from text, and the caption that describes a voice."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from common import Builder, span
from speech_material import Utterance
from speech_recognition import asked, some

from audioflan_tasks.seeds import seed_of


def build(builder: Builder, prompts: Sequence[Utterance]) -> None:
    """Writes the records."""
    for u in some(prompts, 3, "tts"):
        ask = asked(("Please read this text aloud.", "Turn the text into speech."), u)
        builder.record(
            "text_to_speech", u.split, ask, [f"text: {u.text}"], span(u.audio_id), grade="R",
            source="studio", language=u.language, speaker=[u.speaker],
        )  # fmt: skip
    for u in some(prompts, 3, "clone"):
        _clone(builder, u, prompts)
    for u in some(prompts, 4, "caption"):
        _describe(builder, u)


def _clone(builder: Builder, u: Utterance, prompts: Sequence[Utterance]) -> None:
    same = [
        p
        for p in prompts
        if p.speaker == u.speaker and p.split == u.split and p.language == u.language
        and p.key != u.key
    ]  # fmt: skip
    prompt = min(same, key=lambda p: seed_of("prompt", u.audio_id, p.audio_id))
    ask = asked(("Read the text in the voice of the prompt.", "Clone this voice for the text."), u)
    builder.record(
        "zero_shot_text_to_speech", u.split, ask,
        [f"text: {u.text}", f"speaker_audio: {span(prompt.audio_id)}"], span(u.audio_id),
        grade="R", source="studio", language=u.language, speaker=[u.speaker],
    )  # fmt: skip


def _describe(builder: Builder, u: Utterance) -> None:
    caption, label = described(builder, u)
    ask = asked(("Describe the voice in this recording.", "Write a caption for this speech."), u)
    builder.record(
        "speech_caption", u.split, ask, [span(u.audio_id)], caption, grade="P", source="studio",
        label=label, language=u.language, speaker=[u.speaker],
    )  # fmt: skip
    ask = asked(("Speak the text as described.", "Synthesize speech that fits the description."), u)
    builder.record(
        "descriptive_speech_synthesis", u.split, ask,
        [f"text_description: {caption}", f"text: {u.text}"], span(u.audio_id), grade="P",
        source="studio", label=label, language=u.language, speaker=[u.speaker],
    )  # fmt: skip


def described(builder: Builder, u: Utterance) -> tuple[str, dict[str, float]]:
    """A sentence made of measured facts, and the measurements."""
    samples = builder.samples(u.audio_id, 16000)
    pitch = pitch_hz(samples, 16000)
    syllables = sum(c in "aeiouyàâéèêëîïôûùüœаеёиоуыэюяáíóúì" for c in u.text.casefold())
    rate = syllables / (len(samples) / 16000)
    height = "low" if pitch < 130 else "medium" if pitch < 195 else "high"
    pace = "slowly" if rate < 3.2 else "at a normal pace" if rate < 4.8 else "quickly"
    who = "woman" if u.gender == "female" else "man"
    text = f"A {who} with a {height}-pitched voice speaks {u.language} {pace}."
    return text, {"pitch_hz": round(pitch, 1), "vowels_per_second": round(rate, 2)}


def pitch_hz(samples: np.ndarray, rate: int) -> float:
    """Median of the autocorrelation pitch of the voiced frames, in Hz."""
    size, hop = rate * 40 // 1000, rate * 10 // 1000
    frames = np.lib.stride_tricks.sliding_window_view(samples.astype(np.float64), size)[::hop]
    frames = (frames - frames.mean(axis=1, keepdims=True)) * np.hanning(size)
    spectrum = np.abs(np.fft.rfft(frames, 2 * size, axis=1)) ** 2
    auto = np.fft.irfft(spectrum, axis=1)[:, :size]
    low, high = rate // 400, rate // 70
    best = auto[:, low:high].argmax(axis=1) + low
    clear = auto[np.arange(len(auto)), best] / np.maximum(auto[:, 0], 1e-9)
    energy = auto[:, 0] > 0.05 * auto[:, 0].max()
    voiced = (clear > 0.5) & energy
    return float(rate / np.median(best[voiced])) if voiced.any() else 0.0
