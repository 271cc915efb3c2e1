"""Variants of an instance: its own words or the pool's, its own task or the inverse one.

Both choices are stateless: like that of the instruction, but independently of it, they depend
on seed, task, uuid and epoch only.
"""

from __future__ import annotations

import re

from audioflan_tasks import catalogue
from audioflan_tasks.catalogue import TaskRow
from audioflan_tasks.errors import SettingsError
from audioflan_tasks.preprocessors.render import Mode
from audioflan_tasks.records import Instance
from audioflan_tasks.records.spans import span
from audioflan_tasks.seeds import seed_of

__all__ = ["INSTRUCTIONS", "mode_of", "swapped"]

# The forms of the setting `instructions`.
INSTRUCTIONS = re.compile(r"pool|keep|mixed\((?P<share>0|1|0?\.\d+|1\.0+)\)")

_UNIT = float(2**63)


def mode_of(instructions: str, instance: Instance, seed: int, epoch: int) -> Mode:
    """`pool` or `keep`; `mixed(0.3)` keeps the record's own words in 30 % of the cases.

    Raises:
      SettingsError: none of these forms.
    """
    form = INSTRUCTIONS.fullmatch(instructions)
    if form is None:
        raise SettingsError(
            f"instructions {instructions!r}: expected 'pool', 'keep' or 'mixed(share)', "
            "the share of the records' own words from 0 to 1, such as mixed(0.3)"
        )
    if form["share"] is None:
        return "keep" if instructions == "keep" else "pool"
    return "keep" if _uniform("words", instance, seed, epoch) < float(form["share"]) else "pool"


def swapped(instance: Instance, row: TaskRow, share: float, seed: int, epoch: int) -> Instance:
    """The instance, or with probability `share` the one of a task that swaps its two sides.

    Only training records are swapped, where the catalogue declares it (`TaskRow.swaps`) and
    the record has one value on either side. The result has the other task's id and no
    words of its own.
    """
    if not share or instance.split != "train" or not row.swaps:
        return instance
    draw = _uniform("swap", instance, seed, epoch)
    if draw >= share:
        return instance
    inputs, outputs = instance.input_pieces, instance.output_pieces
    target = catalogue.get(row.swaps[int(draw / share * len(row.swaps))])
    if len(inputs) != 1 or len(outputs) != 1 or outputs[0].kind != target.inputs[0].kind:
        return instance
    input_text, output_text = (
        span(piece.value) if piece.kind == "audio" else piece.value
        for piece in (outputs[0], inputs[0])
    )
    # Paths belong to ids in the order of their places, which changes here.
    paths = tuple(reversed(instance.audio_path))
    return instance.replace(
        task=target.id, minor=target.minor, major=target.major,
        paper_category=target.paper_category, instruction="",
        input=input_text, output=output_text, lead_in="", vocabulary="", audio_path=paths,
    )  # fmt: skip


def _uniform(salt: str, instance: Instance, seed: int, epoch: int) -> float:
    """A number in [0, 1)."""
    return seed_of(salt, seed, instance.task, instance.uuid or instance.where, epoch) / _UNIT
