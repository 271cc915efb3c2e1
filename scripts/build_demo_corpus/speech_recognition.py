"""Tasks on what is said, in which language, by whom: labels are the packages' own."""

from __future__ import annotations

from collections.abc import Sequence

from common import FLOOR, Builder, span
from speech_material import Utterance

from audioflan_tasks.seeds import seed_of

_LANGUAGES = ("English", "French", "Italian", "Russian", "Spanish")
_FAMILIES = ("call queue", "conference call", "voicemail")
_SPEAKERS = ("Allison", "Carlo", "IvrvoiceRU", "June")


def build(builder: Builder, prompts: Sequence[Utterance], readings: Sequence[Utterance]) -> None:
    """Writes the records."""
    for utterance in (*some(prompts, 3), *readings):
        _transcribe(builder, utterance)
    for utterance in some(prompts, 2):
        _language(builder, utterance)
        _speaker(builder, utterance)
    for utterance in prompts:
        if utterance.family in _FAMILIES and utterance.language in ("English", "French", "Italian"):
            _intent(builder, utterance)
    _translate(builder, prompts)
    _gender(builder, prompts, readings)


def some(utterances: Sequence[Utterance], every: int, salt: str = "") -> list[Utterance]:
    """About one in `every`, drawn by name and never fewer than twice the floor of a split."""
    ranked = sorted(utterances, key=lambda u: seed_of("some", salt, u.audio_id))
    kept = []
    for split, floor in FLOOR.items():
        members = [u for u in ranked if u.split == split]
        kept += members[: max(2 * floor, len(members) // every)]
    return sorted(kept, key=lambda u: u.audio_id)


def asked(instructions: Sequence[str], utterance: Utterance) -> str:
    """One of the instructions, drawn by the clip."""
    return instructions[seed_of("ask", utterance.audio_id) % len(instructions)]


def _transcribe(builder: Builder, u: Utterance) -> None:
    ask = asked(("Transcribe the speech into text.", "What is said in this recording?"), u)
    builder.record(
        "automatic_speech_recognition", u.split, ask, [span(u.audio_id)], u.text,
        grade="R", source="studio", language=u.language, speaker=[u.speaker],
    )  # fmt: skip


def _language(builder: Builder, u: Utterance) -> None:
    ask = asked(("Which language is spoken?", "Identify the language of this speech."), u)
    builder.record(
        "language_identification", u.split, ask, [span(u.audio_id)], u.language,
        grade="R", source="studio", options=_LANGUAGES, language=u.language, speaker=[u.speaker],
    )  # fmt: skip


def _speaker(builder: Builder, u: Utterance) -> None:
    ask = asked(("Which of the known speakers is this?", "Name the speaker."), u)
    builder.record(
        "speaker_identification", u.split, ask, [span(u.audio_id)], u.speaker,
        grade="R", source="studio", options=_SPEAKERS, language=u.language, speaker=[u.speaker],
    )  # fmt: skip


def _intent(builder: Builder, u: Utterance) -> None:
    ask = asked(
        ("Which service does this announcement belong to?", "What is this prompt about?"), u
    )
    builder.record(
        "intent_classification", u.split, ask, [span(u.audio_id)], u.family,
        grade="R", source="studio", options=_FAMILIES, language=u.language, speaker=[u.speaker],
    )  # fmt: skip


def _translate(builder: Builder, prompts: Sequence[Utterance]) -> None:
    by_key = {(u.key, u.language): u for u in prompts}
    for u in some(prompts, 3, "translate"):
        targets = [name for name in _LANGUAGES if name != u.language]
        wanted = targets[seed_of("target", u.audio_id) % len(targets)]
        other = by_key[u.key, wanted]
        builder.record(
            "speech_to_text_translation", u.split, f"Translate the speech into {wanted} text.",
            [span(u.audio_id)], other.text, grade="R", source="studio",
            slots={"target_language": wanted}, language=u.language, speaker=[u.speaker],
        )  # fmt: skip
        builder.record(
            "speech_to_speech_translation", u.split, f"Translate this speech into spoken {wanted}.",
            [span(u.audio_id)], span(other.audio_id), grade="R", source="studio",
            slots={"target_language": wanted}, language=u.language, speaker=[u.speaker],
        )  # fmt: skip


def _gender(builder: Builder, prompts: Sequence[Utterance], readings: Sequence[Utterance]) -> None:
    men = [*(u for u in prompts if u.gender == "male"), *readings]
    women = [u for u in prompts if u.gender == "female"]
    for split in FLOOR:
        his = [u for u in men if u.split == split]
        hers = sorted(
            (u for u in women if u.split == split), key=lambda u: seed_of("hers", u.audio_id)
        )[: len(his)]
        for u in (*his, *hers):
            ask = asked(("Is the speaker female or male?", "Recognize the speaker's gender."), u)
            builder.record(
                "gender_recognition", u.split, ask, [span(u.audio_id)], u.gender,
                grade="R", source="studio", language=u.language, speaker=[u.speaker],
            )  # fmt: skip
