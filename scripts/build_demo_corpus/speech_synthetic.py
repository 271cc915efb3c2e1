"""Tasks for which only synthetic speech has an exact label: accents, phones, ages, emotions.

Grade S: the label is exact by construction. Grade W: the label is a stylistic preset
(emotion, age); it shows that the pipeline works, never that a model learned the thing.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from common import FLOOR, SPLITS, Builder, Source, Split, sha256, span
from speech_material import Speech, Utterance, flite, ipa, synthetic
from speech_recognition import asked, some
from speech_signal import derived_id
from speech_texts import DIALECT_TEXTS, EMOTION_TEXTS, SPONTANEOUS, TEXTS

from audioflan_tasks.seeds import seed_of

_ACCENTS = {
    "en-us": "American", "en-gb-x-rp": "Received Pronunciation", "en-gb-scotland": "Scottish",
    "en-029": "Caribbean", "en-gb-x-gbclan": "Lancastrian", "en-gb-x-gbcwmd": "West Midlands",
}  # fmt: skip
_DIALECTS = {
    "es": ("Spanish", "Castilian"), "es-419": ("Spanish", "Latin American"),
    "pt": ("Portuguese", "European"), "pt-br": ("Portuguese", "Brazilian"),
    "vi": ("Vietnamese", "Northern"), "vi-vn-x-central": ("Vietnamese", "Central"),
    "vi-vn-x-south": ("Vietnamese", "Southern"),
}  # fmt: skip
# Rate, pitch and level presets after the usual acoustic correlates of acted emotion.
_EMOTIONS = {
    "neutral": (160, 45, 90), "happy": (190, 75, 110), "angry": (200, 40, 180),
    "sad": (115, 25, 50), "surprise": (175, 95, 120),
}  # fmt: skip
_EMOTION_VOICES = ("en-us", "en-gb+f3")


def build(builder: Builder, prompts: Sequence[Utterance]) -> None:
    """Writes the records."""
    _accents(builder)
    _dialects(builder)
    _ages(builder)
    _emotions(builder)
    _spontaneous(builder)
    _deepfakes(builder, prompts)


def _accents(builder: Builder) -> None:
    for split in SPLITS:
        for number, (text, voice) in enumerate(itertools.product(TEXTS[split], _ACCENTS)):
            stem = f"accent_{split}_{number:02d}"
            u = synthetic(builder, stem, split, Speech(voice, text), language="English")
            ask = asked(("Which accent does the speaker have?", "Recognize the accent."), u)
            builder.record(
                "accent_recognition", split, ask, [span(u.audio_id)], _ACCENTS[voice], grade="S",
                source="synthetic", options=sorted(_ACCENTS.values()), language="English",
            )  # fmt: skip
            ask = asked(("Transcribe this accented speech.", "Write down what is said."), u)
            builder.record(
                "dialect_automatic_speech_recognition", split, ask, [span(u.audio_id)], text,
                grade="S", source="synthetic", language="English",
            )  # fmt: skip
            if number % 2 == 0 or split != "train":
                ask = "Write the phones of this speech in IPA, separated by spaces."
                builder.record(
                    "phonetic_recognition", split, ask, [span(u.audio_id)], ipa(voice, text),
                    grade="S", source="synthetic", slots={"phone_set": "IPA"}, language="English",
                )  # fmt: skip


def _dialects(builder: Builder) -> None:
    for split in SPLITS:
        for voice, (language, dialect) in _DIALECTS.items():
            for number, text in enumerate(DIALECT_TEXTS[split][language]):
                stem = f"dialect_{split}_{voice}_{number}"
                u = synthetic(builder, stem, split, Speech(voice, text), language=language)
                ask = asked(("Which dialect is spoken?", "Identify the regional variety."), u)
                options = sorted(f"{d} {name}" for name, d in _DIALECTS.values())
                builder.record(
                    "dialect_identification", split, ask, [span(u.audio_id)],
                    f"{dialect} {language}", grade="S", source="synthetic", options=options,
                    language=language,
                )  # fmt: skip


def _ages(builder: Builder) -> None:
    """A vocal tract shorter by a quarter stands for a child's."""
    for split in SPLITS:
        texts = [t for n, t in enumerate(TEXTS[split]) if n < 4]
        voices = ("en-us", "en-gb-x-rp", "en-gb+f3")
        for number, (text, voice) in enumerate(itertools.product(texts, voices)):
            child = number % 2 == 0
            wanted = Speech(voice, text, 150, 60 if child else 40, scale=1.28 if child else 1.0)
            u = synthetic(builder, f"age_{split}_{number:02d}", split, wanted)
            ask = asked(("Is the speaker a child or an adult?", "Recognize the age group."), u)
            builder.record(
                "age_recognition", split, ask, [span(u.audio_id)], "child" if child else "adult",
                grade="W", source="synthetic", options=["adult", "child"], language="English",
            )  # fmt: skip


def _emotions(builder: Builder) -> None:
    for split in SPLITS:
        made: dict[tuple[str, str, str], Utterance] = {}
        for voice, (number, text), (emotion, preset) in itertools.product(
            _EMOTION_VOICES, enumerate(EMOTION_TEXTS[split]), _EMOTIONS.items()
        ):
            stem = f"emotion_{split}_{number}_{voice.replace('+', '_')}_{emotion}"
            made[voice, text, emotion] = synthetic(
                builder, stem, split, Speech(voice, text, *preset), preset=emotion
            )
        for (voice, text, emotion), u in made.items():
            _emotion_records(builder, u, made, voice, text, emotion)


def _emotion_records(
    builder: Builder,
    u: Utterance,
    made: dict[tuple[str, str, str], Utterance],
    voice: str,
    text: str,
    emotion: str,
) -> None:
    slots = {"emotion": emotion}
    ask = asked(("Which emotion does the voice express?", "Recognize the emotion."), u)
    builder.record(
        "emotion_recognition", u.split, ask, [span(u.audio_id)], emotion, grade="W",
        source="synthetic", language="English",
    )  # fmt: skip
    builder.record(
        "emotional_text_to_speech", u.split, f"Read the text so that it sounds {emotion}.",
        [f"text: {text}"], span(u.audio_id), grade="W", source="synthetic", slots=slots,
        language="English",
    )  # fmt: skip
    other = next(t for v, t, _ in made if v == voice and t != text)
    prompt = made[voice, other, "neutral"]
    builder.record(
        "zero_shot_emotional_text_to_speech", u.split,
        f"Read the text in the prompt's voice, with the emotion: {emotion}.",
        [f"text: {text}", f"speaker_audio: {span(prompt.audio_id)}"], span(u.audio_id), grade="W",
        source="synthetic", slots=slots, language="English",
    )  # fmt: skip
    if emotion != "neutral":
        source = made[voice, text, "neutral"]
        builder.record(
            "emotion_conversion", u.split, f"Make this utterance sound {emotion}.",
            [span(source.audio_id)], span(u.audio_id), grade="W", source="synthetic", slots=slots,
            language="English",
        )  # fmt: skip


def _spontaneous(builder: Builder) -> None:
    for split in SPLITS:
        for number, text in enumerate(SPONTANEOUS[split]):
            voice = ("en-us", "en-gb-x-rp", "en-gb+f3")[number % 3]
            stem = f"spontaneous_{split}_{number:02d}"
            u = synthetic(builder, stem, split, Speech(voice, text, 150))
            ask = asked(("Say this as if talking freely.", "Speak the text spontaneously."), u)
            builder.record(
                "spontaneous_text_to_speech", split, ask, [f"text: {text}"], span(u.audio_id),
                grade="S", source="synthetic", language="English",
            )  # fmt: skip


def _deepfakes(builder: Builder, prompts: Sequence[Utterance]) -> None:
    """Real prompts against resynthesised ones and against text-to-speech of the same texts.

    All pass the same telephone band and level, so that bandwidth does not give them away.
    """
    for split in FLOOR:
        english = [u for u in prompts if u.split == split]
        chosen = sorted(english, key=lambda u: seed_of("fake", u.audio_id))[
            : 36 if split == "train" else 14
        ]
        for number, u in enumerate(some(chosen, 1)):
            source, spoof = u.audio_id, number % 2 == 1
            if spoof and number % 4 == 1:
                method = ("griffin_lim", "lpc", "sinusoidal")[number // 4 % 3]
                source, _ = builder.simulated(
                    derived_id(builder, u, f"fake_{method}"), "vocode", [u.audio_id],
                    {"method": method},
                )  # fmt: skip
            elif spoof:
                source = _spoken(builder, u, split, number)
            banded, _ = builder.simulated(
                f"{_own(builder, source, u)}_band", "band_limit", [source], {"cutoff_hz": 3800.0}
            )
            level, _ = builder.simulated(
                f"{_own(builder, source, u)}_levelled", "normalise", [banded], {"rms_db": -24.0}
            )
            ask = asked(("Is this speech genuine or fake?", "Detect deepfake speech."), u)
            builder.record(
                "deepfake_detection", split, ask, [span(level)], "spoof" if spoof else "bona fide",
                grade="P" if not spoof or number % 4 == 1 else "S", source="studio",
                language=u.language,
            )  # fmt: skip


def _own(builder: Builder, source: str, u: Utterance) -> str:
    if source in builder.clips:
        folder = builder.clips[source].folder
        return f"{folder}_sim_check_{source.removeprefix(folder + '_')}"
    return f"{source}"


def _spoken(builder: Builder, u: Utterance, split: Split, number: int) -> str:
    """The text of a prompt by a synthesizer in its language; flite for half of the English."""
    stem = f"spoof_{split}_{number:02d}"
    codes = {"English": "en-us", "French": "fr-fr", "Spanish": "es-419", "Italian": "it",
             "Russian": "ru"}  # fmt: skip
    if u.language != "English":
        return synthetic(builder, stem, split, Speech(codes[u.language], u.text)).audio_id
    voice = ("slt", "kal16", "awb", "rms")[number // 2 % 4]
    samples = flite(voice, u.text)
    source = Source("flite", "2.2-5", "", sha256(samples.tobytes()), u.text, "",
                    f"flite 2.2 -voice {voice}")  # fmt: skip
    return builder.clip("09_Synthetic_Speech", stem, samples, 16000, split, source, codec="opus",
                        facts={"text": u.text, "voice": voice})  # fmt: skip
