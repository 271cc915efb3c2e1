"""Tasks on two recordings, or on several voices in one."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from functools import partial

from common import FLOOR, Builder, Split, span
from speech_material import Utterance
from speech_recognition import asked
from speech_signal import derived_id

from audioflan_tasks.seeds import seed_of

_PAIRS = {"train": 28, "dev": 10, "test": 10}  # half of them serve voice conversion


def build(builder: Builder, prompts: Sequence[Utterance], words: Sequence[Utterance]) -> None:
    """Writes the records."""
    for split in FLOOR:
        here = [u for u in prompts if u.split == split]
        numbers = [u for u in words if u.split == split]
        _verification(builder, here, split)
        _diarization(builder, here, split)
        _extraction(builder, here, split)
        _paragraphs(builder, numbers, split)


def ranked(utterances: Sequence[Utterance], salt: str) -> list[Utterance]:
    """The utterances in an order drawn by name."""
    return sorted(utterances, key=lambda u: seed_of(salt, u.audio_id))


def _verification(builder: Builder, here: Sequence[Utterance], split: Split) -> None:
    order = ranked(here, "verify")
    pairs = [(a, b) for a, b in itertools.combinations(order, 2) if a.key != b.key]
    same = [p for p in pairs if p[0].speaker == p[1].speaker]
    # A pair in two languages cannot be the answer by itself: Allison speaks two of them.
    other = [p for p in pairs if p[0].speaker != p[1].speaker]
    half = _PAIRS[split] // 2
    for chosen, answer in ((same, "yes"), (other, "no")):
        for a, b in sorted(chosen, key=lambda p: seed_of("pair", p[0].audio_id, p[1].audio_id))[
            :half
        ]:
            ask = asked(("Do both recordings have the same speaker?",
                         "Verify whether these two clips are of one person."), a)  # fmt: skip
            builder.record(
                "speaker_verification", split, ask,
                [f"audio_sample1: {span(a.audio_id)}", f"audio_sample2: {span(b.audio_id)}"],
                answer, grade="R", source="studio", speaker=[a.speaker, b.speaker],
            )  # fmt: skip


def _diarization(builder: Builder, here: Sequence[Utterance], split: Split) -> None:
    order = ranked(here, "diarize")
    for number in range(_PAIRS[split]):
        turns = _turns(order[number:] + order[:number], 2 + number % 2)
        gaps = [0.2 + (seed_of("gap", number, t) % 5) / 10 for t in range(len(turns) - 1)]
        if number % 4 == 3:
            gaps[0] = -0.3
        made = derived_id(builder, turns[0], f"dialogue{number}")
        audio_id, label = builder.simulated(
            made, "concatenate", [u.audio_id for u in turns],
            {"gaps_s": gaps, "lead_s": 0.1, "tail_s": 0.1, "floor_db": -65.0},
        )  # fmt: skip
        names: dict[str, int] = {}
        parts = []
        for start, end, place in label["segments"]:
            speaker = names.setdefault(turns[place].speaker, len(names) + 1)
            parts.append(f"{start:.2f}-{end:.2f} speaker {speaker}")
        ask = asked(("Who speaks when? Give start and end of every turn in seconds.",
                     "Diarize the recording."), turns[0])  # fmt: skip
        builder.record(
            "speaker_diarization", split, ask, [span(audio_id)], "; ".join(parts), grade="P",
            source="studio", label=label, speaker=sorted(names),
        )  # fmt: skip


def _turns(order: Sequence[Utterance], voices: int) -> list[Utterance]:
    """One turn of each of so many speakers, then one more of the first."""
    turns: list[Utterance] = []
    for u in order:
        if len(turns) < voices and u.speaker not in [t.speaker for t in turns]:
            turns.append(u)
    again = next(u for u in order if u.speaker == turns[0].speaker and u not in turns)
    return [*turns, again]


def _extraction(builder: Builder, here: Sequence[Utterance], split: Split) -> None:
    order = ranked(here, "extract")
    targets = [u for u in order if u.language == "English"] + [
        u for u in order if u.language != "English"
    ]
    for number, target in enumerate(targets[: _PAIRS[split]]):
        other = next(u for u in order[number:] + order[:number] if u.speaker != target.speaker)
        enrolment = next(u for u in order if u.speaker == target.speaker and u.key != target.key)
        level = -(seed_of("level", target.audio_id) % 6)
        params = {"levels_db": [0.0, float(level)], "length": "longest"}
        made = derived_id(builder, target, "mixture")
        inputs = [target.audio_id, other.audio_id]
        mixture, label = builder.simulated(made, "mix", inputs, params)
        alone, _ = builder.simulated(f"{made}_target", "mix", inputs, {**params, "part": 0})
        ask = asked(("Extract the enrolled speaker from the mixture.",
                     "Keep only the voice of the second recording."), target)  # fmt: skip
        builder.record(
            "speaker_extraction", split, ask,
            [f"mixture: {span(mixture)}", f"enrolment: {span(enrolment.audio_id)}"],
            span(alone), grade="P", source="studio", label=label,
            speaker=[target.speaker, other.speaker],
        )  # fmt: skip


def _paragraphs(builder: Builder, numbers: Sequence[Utterance], split: Split) -> None:
    """Number sequences read by two people: real recordings, the text known word by word."""
    by = {(u.speaker, u.text): u for u in numbers}
    spoken = sorted({u.text for u in numbers}, key=int)
    for number in range(_PAIRS[split]):
        order = sorted(spoken, key=partial(seed_of, "sequence", split, number))
        first = order[:4]
        second = first if number % 2 == 0 else [*first[:2], order[4], order[5]]
        ids = [
            _sequence(builder, [by[speaker, t] for t in texts], f"{split}{number}{speaker}")
            for speaker, texts in (("Carlo", first), ("Menardi", second))
        ]
        ask = ("Is the same text read in both recordings?",
               "Do these two clips contain the same spoken paragraph?")[number % 2]  # fmt: skip
        builder.record(
            "spoken_paragraph_recognition", split, ask,
            [f"audio_sample1: {span(ids[0])}", f"audio_sample2: {span(ids[1])}"],
            "yes" if first == second else "no", grade="P", source="studio", language="Italian",
            speaker=["Carlo", "Menardi"],
        )  # fmt: skip
        if number % 2 == 0:
            others = [by["Menardi", text] for text in order[4:7]]
            reference = _sequence(builder, others, f"{split}{number}MenardiReference")
            _convert(builder, ids, reference, split, number)


def _sequence(builder: Builder, utterances: Sequence[Utterance], name: str) -> str:
    gaps = [0.12] * (len(utterances) - 1)
    made = derived_id(builder, utterances[0], f"sequence_{name}")
    audio_id, _ = builder.simulated(
        made, "concatenate", [u.audio_id for u in utterances], {"gaps_s": gaps, "floor_db": -65.0}
    )
    return audio_id


def _convert(
    builder: Builder, ids: Sequence[str], reference: str, split: Split, number: int
) -> None:
    """The same numbers by the other voice, which is known from other numbers."""
    asks = (
        "Say the words of the first recording in the voice of the second.",
        "Convert the voice of the source to that of the reference.",
    )
    ask = asks[number // 2 % 2]
    builder.record(
        "voice_conversion", split, ask,
        [f"source_audio: {span(ids[0])}", f"reference_audio: {span(reference)}"],
        span(ids[1]), grade="P", source="studio", language="Italian", speaker=["Carlo", "Menardi"],
    )  # fmt: skip
