"""Generation tasks of the audio domain: repair, separation, extraction, making and continuing."""

from __future__ import annotations

from collections.abc import Callable

from audio_clips import RATE, Event, Material
from audio_recognition import (
    COUNTS,
    MIX_RATE,
    SOURCE,
    chosen,
    derived_id,
    draw,
    grade_of,
    source_of,
    spread,
)  # fmt: skip
from audio_tables import STEADY
from common import SPLITS, Builder, Split, span


def build(builder: Builder, material: Material) -> None:
    """Writes the records."""
    for split in SPLITS:
        _separation(builder, material, split)
        _query(builder, material, split)
        _timed(builder, material, split)
        for number, event in enumerate(material.events[split]):
            _generation(builder, event, number)
        wide = [e for e in material.events[split] if e.wide]
        for number, event in enumerate(wide):
            _super_resolution(builder, event, number)
        steady = [e for e in material.events[split] if e.label in STEADY and e.seconds > 0.9]
        for number, event in enumerate(steady):
            _inpainting(builder, event, number)
            _continuation(builder, event, number)


def _stem(event: Event) -> str:
    return event.audio_id.split("_", 2)[2]


def _generation(builder: Builder, event: Event, number: int) -> None:
    asks = ("Make the sound that is described.", "Generate audio from this description.")
    builder.record(
        "text_guided_audio_generation", event.split, asks[number % 2],
        [f"description: {event.caption}"], f"audio: {span(event.audio_id)}",
        grade=grade_of(event), source=source_of(builder, event),
    )  # fmt: skip


def _super_resolution(builder: Builder, event: Event, number: int) -> None:
    asks = ("Raise the sampling rate of this recording to {}.",
            "Restore the high frequencies, up to a sampling rate of {}.")  # fmt: skip
    low, _ = builder.simulated(
        derived_id(builder, event.audio_id, f"low_{_stem(event)}"), "resample", [event.audio_id],
        {"rate_hz": (8000, 12000)[number % 2]}, RATE,
    )  # fmt: skip
    builder.record(
        "audio_super_resolution", event.split, asks[number % 2].format("24 kHz"),
        [f"audio: {span(low)}"], f"audio: {span(event.audio_id)}", grade="P",
        source=source_of(builder, event), slots={"target_rate": "24 kHz"},
        label={"input_rate_hz": (8000, 12000)[number % 2], "target_rate_hz": RATE},
    )  # fmt: skip


def _inpainting(builder: Builder, event: Event, number: int) -> None:
    asks = ("Fill the gap of this recording from {}.",
            "A part is missing from {}; restore it.")  # fmt: skip
    start = round(event.seconds * (0.3 + 0.1 * (number % 3)), 2)
    length = (0.08, 0.12, 0.2)[number % 3]
    made, label = builder.simulated(
        derived_id(builder, event.audio_id, f"gap_{_stem(event)}"), "cut_gap", [event.audio_id],
        {"start_s": start, "seconds": length}, RATE,
    )  # fmt: skip
    gap = f"{label['start_s']:.2f}-{label['end_s']:.2f} s"
    builder.record(
        "audio_inpainting", event.split, asks[number % 2].format(gap), [f"audio: {span(made)}"],
        f"audio: {span(event.audio_id)}", grade="P", source=source_of(builder, event),
        slots={"gap": gap}, label=label,
    )  # fmt: skip


def _continuation(builder: Builder, event: Event, number: int) -> None:
    asks = ("Continue this sound.", "How does this recording go on? Continue it.")
    parts = [
        builder.simulated(
            derived_id(builder, event.audio_id, f"{part}_{_stem(event)}"), "take",
            [event.audio_id], {"part": part, "fraction": 0.6}, RATE,
        )
        for part in ("first", "second")
    ]  # fmt: skip
    builder.record(
        "audio_continuation", event.split, asks[number % 2], [f"audio: {span(parts[0][0])}"],
        f"audio: {span(parts[1][0])}", grade="P", source=source_of(builder, event),
        label={"prompt": parts[0][1], "continuation": parts[1][1]},
    )  # fmt: skip


def _mixture(
    builder: Builder, events: list[Event], levels: list[float], name: str, target: int
) -> tuple[str, str, dict[str, object]]:
    """A mixture, one sound as it is in it, and the label."""
    ids = [e.audio_id for e in events]
    params = {"levels_db": levels, "length": "longest"}
    base = derived_id(builder, ids[0], name)
    mixed, label = builder.simulated(f"{base}_mix", "mix", ids, params, MIX_RATE)
    part, _ = builder.simulated(
        f"{base}_part", "mix", ids, {**params, "part": target}, MIX_RATE
    )  # fmt: skip
    return mixed, part, {**label, "part": target}


def _separation(builder: Builder, material: Material, split: Split) -> None:
    """The two tasks with a text differ in what the text is: a description or a class."""
    rows: tuple[tuple[str, str, Callable[[Event], str], tuple[str, str]], ...] = (
        ("text_guided_audio_source_separation", "description",
         lambda event: event.caption, ("Separate the described sound from the mixture.",
                                       "Keep only the sound of the description.")),
        ("label_querying_sound_extraction", "label", lambda event: event.label,
         ("Extract the sound with this label.", "Take out the labelled sound alone.")),
    )  # fmt: skip
    for task, piece, words, asks in rows:
        for number in range(COUNTS[split]):
            random = draw(task, split, number)
            events = chosen(material.events[split], 2, random)
            level = round(float(random.uniform(-4, 4)), 1)
            target = number % 2
            mixed, part, label = _mixture(
                builder, events, [0.0, level], f"{piece}_{split}_{number}", target
            )
            builder.record(
                task, split, asks[number % 2],
                [f"{piece}: {words(events[target])}", f"mixture: {span(mixed)}"],
                f"audio: {span(part)}", grade="P", source=SOURCE, label=label,
            )  # fmt: skip


def _query(builder: Builder, material: Material, split: Split) -> None:
    """The query is another clip of the class of the target, from the same split."""
    asks = (
        "Extract from the mixture the kind of sound that the query holds.",
        "Take out of the mixture what sounds like the query.",
    )
    events = material.events[split]
    pairs = [
        (q, t) for q in events for t in events if q.label == t.label and q.audio_id != t.audio_id
    ]
    for number in range(COUNTS[split]):
        random = draw("query", split, number)
        query, target = pairs[number % len(pairs)]
        others = [e for e in events if e.label != target.label]
        other = others[int(random.integers(len(others)))]
        order = [target, other] if number % 2 else [other, target]
        level = round(float(random.uniform(-4, 4)), 1)
        mixed, part, label = _mixture(
            builder, order, [0.0, level], f"query_{split}_{number}", order.index(target)
        )
        builder.record(
            "audio_querying_sound_extraction", split, asks[number % 2],
            [f"query: {span(query.audio_id)}", f"mixture: {span(mixed)}"], f"audio: {span(part)}",
            grade="P", source=SOURCE, label={**label, "class": target.label},
        )  # fmt: skip


def _timed(builder: Builder, material: Material, split: Split) -> None:
    asks = ("Make the described sounds at the stated times.",
            "Generate audio that follows this timed description.")  # fmt: skip
    seconds = 6.0
    for number in range(COUNTS[split]):
        random = draw("timed", split, number)
        events = chosen(material.events[split], 1 + number % 3, random)
        starts = spread(events, seconds, random)
        params = {
            "starts_s": starts, "levels_db": [30.0] * len(events), "seconds": seconds,
            "background": "pink", "floor_db": -55.0,
        }  # fmt: skip
        made, label = builder.simulated(
            derived_id(builder, events[0].audio_id, f"timed_{split}_{number}"), "place",
            [e.audio_id for e in events], params, MIX_RATE,
        )  # fmt: skip
        said = [
            f"{e.caption.rstrip('.')} from {a:.2f} to {b:.2f} s"
            for e, (a, b, _) in zip(events, label["segments"], strict=True)
        ]
        text = f"{seconds:g} seconds. " + ". Then: ".join(said) + "."
        builder.record(
            "time_grounded_text_to_audio_generation", split, asks[number % 2],
            [f"description: {text}"], f"audio: {span(made)}", grade="P", source=SOURCE,
            label={**label, "events": [e.label for e in events]},
        )  # fmt: skip
