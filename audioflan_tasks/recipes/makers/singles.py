"""Questions about one recording: transcripts, labels, times, captions, and their inverses."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from audioflan_tasks import catalogue
from audioflan_tasks.recipes.draft import Draft
from audioflan_tasks.recipes.makers.answers import spans, timed
from audioflan_tasks.recipes.makers.maker import CorpusLabels, FromOne, Maker
from audioflan_tasks.recipes.recording import Recording, TimedLabel

__all__ = ["SINGLE_MAKERS"]


def _label(task: str, fact: str) -> Maker:
    """The fact is the answer; the corpus's labels are the options where the task has none."""

    def questions(recording: Recording, labels: CorpusLabels) -> Iterator[Draft]:
        value = getattr(recording, fact)
        names = value if isinstance(value, tuple) else (str(value),)
        answer = ", ".join(names)
        # Who is to choose one of the options cannot name several.
        has_options = len(names) == 1 and answer not in catalogue.get(task).labels
        options = labels.get(fact, ()) if has_options else ()
        yield Draft(task=task, values=(recording,), answer=answer, options=options)

    return Maker(task=task, needs=(fact,), label=fact, from_one=questions)


def _answer(task: str, *needs: str, answer: Callable[[Recording], str], slot: str = "") -> Maker:
    """The answer is a text of the recording; `slot` names a fact that fills the slot's place."""
    slots = catalogue.get(task).slots

    def questions(recording: Recording, labels: CorpusLabels) -> Iterator[Draft]:
        slot_values = {slots[0]: str(getattr(recording, slot))} if slot else {}
        yield Draft(task=task, values=(recording,), answer=answer(recording), slots=slot_values)

    return Maker(task=task, needs=needs, from_one=questions)


def _spoken(task: str, *needs: str, values: Callable[[Recording], tuple[str, ...]]) -> Maker:
    """The recording is the answer to its own facts."""
    slots = catalogue.get(task).slots

    def questions(recording: Recording, labels: CorpusLabels) -> Iterator[Draft]:
        slot_values = {slot: str(getattr(recording, slot)) for slot in slots}
        yield Draft(task=task, values=values(recording), answer=recording, slots=slot_values)

    return Maker(task=task, needs=needs, from_one=questions)


def _with_style(task: str, style: str) -> FromOne:
    def questions(recording: Recording, labels: CorpusLabels) -> Iterator[Draft]:
        if recording.style == style:
            yield Draft(task=task, values=(recording.text,), answer=recording)

    return questions


def _fake(task: str, true: str, fake: str) -> Maker:
    return _answer(task, "is_fake", answer=lambda clip: fake if clip.is_fake else true)


def _numbered(recording: Recording) -> str:
    """Turns with speakers by number, in the order in which they begin to speak."""
    turns = sorted(recording.speaker_turns)
    numbers = {name: n for n, name in enumerate(dict.fromkeys(t.label for t in turns), 1)}
    return timed(TimedLabel(a, b, f"speaker {numbers[name]}") for a, b, name in turns)


def _timed_description(recording: Recording) -> tuple[str, ...]:
    events = (
        f"{label[:1].upper()}{label[1:]} from {a:.2f} to {b:.2f} s"
        for a, b, label in sorted(recording.events)
    )
    return (f"{'. Then: '.join(events)}.",)


SINGLE_MAKERS: tuple[Maker, ...] = (
    _answer("automatic_speech_recognition", "text", answer=lambda clip: clip.text),
    _answer(
        "dialect_automatic_speech_recognition", "text", "dialect", answer=lambda clip: clip.text
    ),
    _answer(
        "phonetic_recognition", "phones", "phone_set",
        answer=lambda clip: clip.phones, slot="phone_set",
    ),
    _answer(
        "speech_to_text_translation", "translation", "translation_language",
        answer=lambda clip: clip.translation, slot="translation_language",
    ),
    _answer(
        "signal_to_noise_ratio_estimation", "snr_db", answer=lambda clip: f"{clip.snr_db:.1f} dB"
    ),
    _answer("speaker_diarization", "speaker_turns", answer=_numbered),
    _answer("speech_caption", "caption", answer=lambda clip: clip.caption),
    _label("intent_classification", "intent"),
    _label("gender_recognition", "gender"),
    _label("age_recognition", "age"),
    _label("emotion_recognition", "emotion"),
    _label("accent_recognition", "accent"),
    _label("language_identification", "language"),
    _label("dialect_identification", "dialect"),
    _label("speaker_identification", "speaker"),
    _label("device_recognition", "device"),
    _label("vocoder_type_classification", "vocoder"),
    _fake("deepfake_detection", "bona fide", "spoof"),
    _spoken("text_to_speech", "text", values=lambda clip: (clip.text,)),
    _spoken("emotional_text_to_speech", "text", "emotion", values=lambda clip: (clip.text,)),
    _spoken(
        "descriptive_speech_synthesis", "text", "caption",
        values=lambda clip: (clip.caption, clip.text),
    ),
    Maker(
        task="spontaneous_text_to_speech", needs=("text", "style"),
        from_one=_with_style("spontaneous_text_to_speech", "spontaneous"),
    ),
    _label("key_detection", "key"),
    _label("scale_recognition", "scale"),
    _label("genre_classification", "genres"),
    _label("emotion_classification", "moods"),
    _label("instrument_classification", "instruments"),
    _label("vocal_technique_classification", "vocal_technique"),
    _label("instrumental_technique_classification", "technique"),
    _label("artist_identification", "artist"),
    _label("pitch_classification", "note"),
    _answer("music_tagging", "tags", answer=lambda clip: ", ".join(clip.tags)),
    _answer(
        "beat_tracking", "beats", answer=lambda clip: ", ".join(f"{t:.2f}" for t in clip.beats)
    ),
    _answer("chord_estimation", "chords", answer=lambda clip: timed(clip.chords)),
    _answer("progression_extraction", "progression", answer=lambda clip: clip.progression),
    _answer("music_caption", "caption", answer=lambda clip: clip.caption),
    _spoken("text_to_music_generation", "caption", values=lambda clip: (clip.caption,)),
    _spoken("lyrics_to_song_generation", "lyrics", values=lambda clip: (clip.lyrics,)),
    _spoken("singing_voice_synthesis", "score", values=lambda clip: (clip.score,)),
    _label("sound_event_recognition", "sounds"),
    _label("acoustic_scene_classification", "scene"),
    _answer("audio_caption", "caption", answer=lambda clip: clip.caption),
    _answer("sound_event_detection", "events", answer=lambda clip: timed(clip.events)),
    _answer(
        "sound_event_sequence_recognition", "events",
        answer=lambda clip: ", ".join(label for _, _, label in sorted(clip.events)),
    ),
    _answer(
        "voice_activity_detection", "speaker_turns", answer=lambda clip: spans(clip.speaker_turns)
    ),
    _fake("deepfake_audio_detection", "real", "fake"),
    _spoken("text_guided_audio_generation", "caption", values=lambda clip: (clip.caption,)),
    _spoken("time_grounded_text_to_audio_generation", "events", values=_timed_description),
)  # fmt: skip
