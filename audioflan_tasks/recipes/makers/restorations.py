"""Damaged recordings whose answer is the recording itself: enhancement, and what is missing.

A recording is damaged by the preset of its task; measured noise and rooms are used where the
corpus has them. Mixtures and their parts are left out: they may be damaged already.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from audioflan_tasks.recipes.draft import Draft
from audioflan_tasks.recipes.makers.maker import Maker
from audioflan_tasks.recipes.makers.simulations import excerpt, length_of, preset, simulation
from audioflan_tasks.recipes.recording import Recording
from audioflan_tasks.recipes.simulated_clip import Clip, SimulatedClip
from audioflan_tasks.seeds import seed_of

__all__ = ["RESTORATION_MAKERS"]


def _rate(clip: SimulatedClip) -> str:
    return f"{clip.sample_rate / 1000:g} kHz"


def _gap(clip: SimulatedClip) -> str:
    start, seconds = clip.params["start_s"], clip.params["seconds"]
    return f"{start:.2f}-{start + seconds:.2f} s"


def _restored(
    task: str,
    preset_name: str,
    *,
    role: str = "",
    role_preset: str = "",
    slot: str = "",
    slot_value: Callable[[SimulatedClip], str] = _rate,
) -> Maker:
    """The damage of a preset; of `role_preset` where there are recordings of the role to add."""

    def questions(recordings: Sequence[Recording]) -> Iterator[Draft]:
        others = [recording for recording in recordings if recording.role]
        name = role_preset if others else preset_name
        rules = preset(name)
        for recording in recordings:
            source = excerpt(recording, rules.most_s, rules.sample_rate)
            if recording.role or recording.mixture or length_of(source) < rules.least_s:
                continue
            damaged = simulation(name, (source, *_partner(recording, others, name)))
            slots = {slot: slot_value(damaged)} if slot else {}
            yield Draft(task=task, values=(damaged,), answer=damaged.part("clean"), slots=slots)

    return Maker(task=task, needs=(), roles=(role,) if role else (), from_all=questions)


def _partner(recording: Recording, others: Sequence[Recording], name: str) -> tuple[Clip, ...]:
    if not others:
        return ()
    other = others[seed_of(name, recording.id) % len(others)]
    return (excerpt(other, preset(name).partner_most_s, preset(name).sample_rate),)


RESTORATION_MAKERS: tuple[Maker, ...] = (
    _restored("denoising", "add_coloured_noise", role="noise", role_preset="add_noise"),
    _restored("dereverberation", "reverberate", role="room", role_preset="reverberate_measured"),
    _restored("declipping", "clip"),
    _restored("speech_bandwidth_extension", "band_limit", slot="target_rate"),
    _restored("audio_super_resolution", "resample", slot="target_rate"),
    _restored("audio_inpainting", "cut_gap", slot="gap", slot_value=_gap),
)
