"""Understanding tasks of the audio domain whose answers name sounds, scenes or origins."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from audio_clips import Event, Material
from audio_tables import LABELS, SCENES
from common import SPLITS, Builder, Grade, Split, span

from audioflan_tasks.seeds import seed_of

MIX_RATE = 16000
SOURCE = "Composed from OpenSFX, Sonic Pi and Minetest sounds"
COUNTS: dict[Split, int] = {"train": 24, "dev": 8, "test": 8}
# Not the sinusoidal model: it leaves horns nearly as they are.
_METHODS = ("griffin_lim", "lpc", "noise_vocoder", "phase_random")
# All clips of the fake-or-real task are cut off here, below every vocoder's own limit.
_COMMON_BAND_HZ = 6000.0


def build(builder: Builder, material: Material) -> None:
    """Writes the records."""
    for split in SPLITS:
        _sequences(builder, material, split)
        _single(builder, material, split)
        _captions(builder, material, split)
        _detection(builder, material, split)
        _scenes(builder, material, split)
        _questions(builder, material, split)
        _fakes(builder, material, split)


def draw(*parts: str | int) -> np.random.Generator:
    """Random numbers that depend on names only."""
    return np.random.Generator(np.random.PCG64(seed_of(*parts)))


def chosen(events: Sequence[Event], count: int, random: np.random.Generator) -> list[Event]:
    """`count` events, all of other classes."""
    out: list[Event] = []
    for index in random.permutation(len(events)):
        if events[index].label not in {e.label for e in out}:
            out.append(events[index])
        if len(out) == count:
            break
    return out


def derived_id(builder: Builder, main: str, name: str) -> str:
    """An id in the folder of the main clip."""
    root = sorted(builder.roots(main))[0]
    return f"{builder.clips[root].folder}_sim_{name}"


def spread(events: Sequence[Event], seconds: float, random: np.random.Generator) -> list[float]:
    """Start times of events one after another, with drawn pauses of at least 0.15 s."""
    free = seconds - sum(e.seconds for e in events) - 0.15 * (len(events) + 1)
    if free < 0:
        raise ValueError(f"{[e.audio_id for e in events]} do not fit into {seconds} s")
    cuts = np.sort(random.uniform(0, free, len(events)))
    starts, at = [], 0.0
    for number, event in enumerate(events):
        before = cuts[number] - (cuts[number - 1] if number else 0.0)
        at += 0.15 + before
        starts.append(round(at, 2))
        at = starts[-1] + event.seconds
    return starts


def intervals(segments: Sequence[Sequence[float]], names: Sequence[str]) -> str:
    """The canonical text of labelled intervals, sorted by onset."""
    rows = sorted((a, b, name) for (a, b, *_), name in zip(segments, names, strict=True))
    return "; ".join(f"{a:.2f}-{b:.2f} {name}".rstrip() for a, b, name in rows)


def _sequences(builder: Builder, material: Material, split: Split) -> None:
    asks = (
        "Name the sound events of this recording in the order in which they are heard.",
        "Which sounds follow one another here? List them in order.",
    )
    for number in range(COUNTS[split]):
        random = draw("sequence", split, number)
        events = chosen(material.events[split], 2 + number % 3, random)
        gaps = [round(float(g), 2) for g in random.uniform(0.15, 0.5, len(events) - 1)]
        ids = [e.audio_id for e in events]
        made, label = builder.simulated(
            derived_id(builder, ids[0], f"sequence_{split}_{number}"), "concatenate", ids,
            {"gaps_s": gaps, "lead_s": 0.1, "tail_s": 0.1, "floor_db": -65.0}, MIX_RATE,
        )  # fmt: skip
        builder.record(
            "sound_event_sequence_recognition", split, asks[number % 2], [f"audio: {span(made)}"],
            ", ".join(e.label for e in events), grade="P", source=SOURCE, label=label,
        )  # fmt: skip


def _single(builder: Builder, material: Material, split: Split) -> None:
    asks = (
        "Which sound event is heard in this recording?",
        "Recognise the sound and answer with its name.",
        "What makes this sound?",
    )
    for number, event in enumerate(material.events[split]):
        builder.record(
            "sound_event_recognition", split, asks[number % 3], [f"audio: {span(event.audio_id)}"],
            event.label, grade=grade_of(event), source=source_of(builder, event), options=LABELS,
        )  # fmt: skip


def grade_of(event: Event) -> Grade:
    """Footsteps are single recorded steps set one after another: processed; the rest is real."""
    return "P" if event.label == "footsteps" else "R"


def source_of(builder: Builder, event: Event) -> str:
    """The package of an event."""
    return builder.clips[event.audio_id].source.package


def _captions(builder: Builder, material: Material, split: Split) -> None:
    asks = ("Describe this sound in one sentence.", "Write a caption for this recording.")
    for number, event in enumerate(material.events[split]):
        builder.record(
            "audio_caption", split, asks[number % 2], [f"audio: {span(event.audio_id)}"],
            event.caption, grade=grade_of(event), source=source_of(builder, event),
        )  # fmt: skip


def _detection(builder: Builder, material: Material, split: Split) -> None:
    asks = (
        "Detect the sound events and give onset, offset and name of each.",
        "When does which sound event start and end?",
    )
    seconds = 6.0
    for number in range(COUNTS[split]):
        random = draw("detection", split, number)
        events = chosen(material.events[split], 2 + number % 2, random)
        bed = material.beds[split][("hiss", "rumble", "lava")[number % 3]]
        background, _ = builder.simulated(
            derived_id(builder, bed, f"bed_{split}_{number % 3}"), "repeat", [bed],
            {"seconds": seconds}, MIX_RATE,
        )  # fmt: skip
        params = {
            "starts_s": spread(events, seconds, random),
            "levels_db": [round(float(v), 1) for v in random.uniform(12, 20, len(events))],
        }
        ids = [e.audio_id for e in events]
        made, label = builder.simulated(
            derived_id(builder, ids[0], f"detection_{split}_{number}"), "place",
            [background, *ids], params, MIX_RATE,
        )  # fmt: skip
        builder.record(
            "sound_event_detection", split, asks[number % 2], [f"audio: {span(made)}"],
            intervals(label["segments"], [e.label for e in events]),
            grade="P", source=SOURCE, label=label, options=LABELS,
        )  # fmt: skip


def _scenes(builder: Builder, material: Material, split: Split) -> None:
    asks = ("Which place does this scene sound like?", "Classify the acoustic scene.")
    names = sorted(s.name for s in SCENES)
    for number in range(len(SCENES) * (4 if split == "train" else 2)):
        scene = SCENES[number % len(SCENES)]
        random = draw("scene", split, number)
        pool = [e for e in material.events[split] if e.label in scene.events]
        first = chosen(pool, 2, random)
        events = [*first, first[0]]
        bed = material.beds[split][("wind", "hiss", "rumble")[number // len(SCENES) % 3]]
        params = {
            "starts_s": [round(float(v), 2) for v in _loose(events, 6.0, random)],
            "levels_db": [round(float(v), 1) for v in random.uniform(8, 18, 3)],
            "seconds": 6.0,
        }
        background, _ = builder.simulated(
            derived_id(builder, bed, f"place_{split}_{number // len(SCENES) % 3}"), "repeat",
            [bed], {"seconds": 6.0}, MIX_RATE,
        )  # fmt: skip
        ids = [e.audio_id for e in events]
        made, label = builder.simulated(
            derived_id(builder, ids[0], f"scene_{split}_{number}"), "place", [background, *ids],
            params, MIX_RATE,
        )  # fmt: skip
        builder.record(
            "acoustic_scene_classification", split, asks[number % 2], [f"audio: {span(made)}"],
            scene.name, grade="P", source=SOURCE, options=names, label=label,
        )  # fmt: skip


def _loose(events: Sequence[Event], seconds: float, random: np.random.Generator) -> list[float]:
    """Start times that may overlap, as in a scene."""
    return [float(random.uniform(0.1, seconds - e.seconds - 0.1)) for e in events]


def _questions(builder: Builder, material: Material, split: Split) -> None:
    asks = ("Answer the question about the sound.", "Listen and answer.")
    seconds = 7.0
    for number in range(36 if split == "train" else 18):
        random = draw("question", split, number)
        kind, turn = number % 3, number // 3
        short = [e for e in material.events[split] if e.seconds < 1.6]
        one, two, absent = chosen(short, 3, random)
        times = 1 + turn % 3
        order = [one, two] if kind < 2 else [one] * times + [two]
        if kind == 2:
            order = [order[i] for i in random.permutation(len(order))]
        params = {
            "starts_s": spread(order, seconds, random), "levels_db": [20.0] * len(order),
            "seconds": seconds, "background": "pink", "floor_db": -50.0,
        }  # fmt: skip
        made, label = builder.simulated(
            derived_id(builder, one.audio_id, f"question_{split}_{number}"), "place",
            [e.audio_id for e in order], params, MIX_RATE,
        )  # fmt: skip
        question, answer, options = _asked(kind, turn, one, two, absent, times)
        builder.record(
            "sound_event_understanding", split, asks[number % 2],
            [f"question: {question}", f"audio: {span(made)}"], answer, grade="P",
            source=SOURCE, options=options, label={**label, "events": [e.label for e in order]},
        )  # fmt: skip


def _asked(
    kind: int, turn: int, one: Event, two: Event, absent: Event, times: int
) -> tuple[str, str, list[str]]:
    """Question, answer and options: which comes first or last, is it there, how often."""
    if kind == 0:
        which, answer = ("first", one.label) if turn % 2 else ("last", two.label)
        return f"Which sound comes {which}?", answer, sorted((one.label, two.label))
    if kind == 1:
        heard = turn % 2 == 0
        asked = one.label if heard else absent.label
        return f'Is the sound "{asked}" heard?', "yes" if heard else "no", ["no", "yes"]
    return f'How many times is the sound "{one.label}" heard?', str(times), ["1", "2", "3"]


def _fakes(builder: Builder, material: Material, split: Split) -> None:
    """Every sound once as recorded and once vocoded; both at one level and bandwidth."""
    asks = (
        "Is this a real recording or a fake one?",
        "Tell whether this sound was recorded or made by a vocoder.",
    )
    speech = material.speech[split][: 4 if split == "train" else 2]
    events = [e.audio_id for e in material.events[split] if e.seconds > 0.9]
    events = [events[i] for i in draw("fakes", split).permutation(len(events))]
    for number, clip in enumerate((events[: COUNTS[split] // 2 + 2]) + speech):
        method = _METHODS[number % len(_METHODS)]
        for kind in ("real", "fake"):
            # A hash in place of the kind: an id must not tell the answer.
            stem = f"{split}_{seed_of('origin', split, number, kind) % 10**6:06d}"
            source = clip
            if kind == "fake":
                source, _ = builder.simulated(
                    derived_id(builder, clip, f"vocoded_{stem}"), "vocode", [clip],
                    {"method": method}, MIX_RATE,
                )  # fmt: skip
            narrow, _ = builder.simulated(
                derived_id(builder, clip, f"band_{stem}"), "band_limit", [source],
                {"cutoff_hz": _COMMON_BAND_HZ}, MIX_RATE,
            )  # fmt: skip
            made, label = builder.simulated(
                derived_id(builder, clip, f"origin_{stem}"), "normalise", [narrow],
                {"rms_db": -32.0}, MIX_RATE,
            )  # fmt: skip
            origin = {"method": method} if kind == "fake" else {}
            builder.record(
                "deepfake_audio_detection", split, asks[number % 2], [f"audio: {span(made)}"],
                kind, grade="P" if kind == "real" else "S",
                source=builder.clips[clip].source.package, label={**label, **origin},
            )  # fmt: skip
