"""Understanding tasks of the audio domain about speech among other sounds."""

from __future__ import annotations

from audio_clips import Material
from audio_recognition import COUNTS, MIX_RATE, derived_id, draw, intervals
from common import SPLITS, Builder, Split, span

from audioflan_tasks.seeds import seed_of

_SOURCE = "Asterisk prompts with composed pauses and noise"
_TYPES = ("speech", "silence", "music", "noise")
# The recorded music was sampled at 8 kHz: all four types get its band, or width would tell.
_BAND_HZ = 3400.0


def build(builder: Builder, material: Material) -> None:
    """Writes the records."""
    for split in SPLITS:
        _voice_activity(builder, material, split)
        _types(builder, material, split)
        _speech_or_not(builder, material, split)


def _voice_activity(builder: Builder, material: Material, split: Split) -> None:
    asks = (
        "Mark the parts of this recording in which someone speaks.",
        "Find the voice activity: give start and end of every stretch of speech.",
    )
    for number in range(COUNTS[split]):
        random = draw("activity", split, number)
        speech = material.speech[split]
        ids = [speech[i] for i in random.permutation(len(speech))[: 1 + number % 3]]
        joined, label = builder.simulated(
            derived_id(builder, ids[0], f"paused_{split}_{number}"), "concatenate", ids,
            {
                "gaps_s": [round(float(g), 2) for g in random.uniform(0.5, 1.2, len(ids) - 1)],
                "lead_s": round(float(random.uniform(0.3, 1.0)), 2),
                "tail_s": round(float(random.uniform(0.3, 1.0)), 2),
            }, MIX_RATE,
        )  # fmt: skip
        snr = [20.0, 15.0, 10.0][number // 3 % 3]
        noise = material.noise[split][number % 3]
        made, noisy = builder.simulated(
            derived_id(builder, ids[0], f"activity_{split}_{number}"), "add_noise",
            [joined, noise], {"snr_db": snr}, MIX_RATE,
        )  # fmt: skip
        builder.record(
            "voice_activity_detection", split, asks[number % 2], [f"audio: {span(made)}"],
            intervals(label["segments"], [""] * len(ids)), grade="P", source=_SOURCE,
            language=material.languages[split], label={**noisy, "segments": label["segments"]},
        )  # fmt: skip


def _types(builder: Builder, material: Material, split: Split) -> None:
    asks = (
        "Is this speech, silence, music or noise?",
        "Classify the recording as speech, silence, music or noise.",
    )
    beds = [bed for name, bed in material.beds[split].items() if name != "lava"]
    pools = {
        "speech": material.speech[split], "silence": material.silence[split],
        "music": material.music[split], "noise": [*material.noise[split], *beds],
    }  # fmt: skip
    each = 6 if split == "train" else 3
    for kind in _TYPES:
        for number in range(each):
            clip = pools[kind][number % len(pools[kind])]
            start = round(0.1 * (number // len(pools[kind])), 2)
            seconds = round(builder.clips[clip].seconds, 2)
            # A hash in place of the kind: an id must not tell the answer.
            stem = f"{split}_{seed_of('type', split, number, kind) % 10**6:06d}"
            part, _ = builder.simulated(
                derived_id(builder, clip, f"part_{stem}"), "take", [clip],
                {"start_s": start, "end_s": min(start + 1.2, seconds - 0.02)}, MIX_RATE,
            )  # fmt: skip
            narrow, _ = builder.simulated(
                derived_id(builder, clip, f"narrow_{stem}"), "band_limit", [part],
                {"cutoff_hz": _BAND_HZ}, MIX_RATE,
            )  # fmt: skip
            level = -24.0 - number if kind != "silence" else -76.0 + 2 * number
            made, label = builder.simulated(
                derived_id(builder, clip, f"type_{stem}"), "normalise", [narrow],
                {"rms_db": level}, MIX_RATE,
            )  # fmt: skip
            builder.record(
                "speech_silence_music_and_noise_classification", split, asks[number % 2],
                [f"audio: {span(made)}"], kind, grade="P",
                source=builder.clips[clip].source.package, label=label,
            )  # fmt: skip


def _speech_or_not(builder: Builder, material: Material, split: Split) -> None:
    asks = (
        "Divide this recording into speech and nonspeech.",
        "Which stretches are speech and which are nonspeech?",
    )
    for number in range(COUNTS[split]):
        random = draw("nonspeech", split, number)
        speech, other = material.speech[split], [e.audio_id for e in material.events[split]]
        other = [*other, *material.music[split]]
        count = 2 + number % 3
        names = [("speech", "nonspeech")[(i + number // 3) % 2] for i in range(count)]
        talk = iter([speech[i] for i in random.permutation(len(speech))])
        rest = iter([other[i] for i in random.permutation(len(other))])
        ids = [next(talk) if name == "speech" else next(rest) for name in names]
        made, label = builder.simulated(
            derived_id(builder, ids[0], f"nonspeech_{split}_{number}"), "concatenate", ids, {},
            MIX_RATE,
        )  # fmt: skip
        builder.record(
            "speech_nonspeech_detection", split, asks[number % 2], [f"audio: {span(made)}"],
            intervals(label["segments"], names), grade="P", source=_SOURCE,
            label={**label, "kinds": names},
        )  # fmt: skip
