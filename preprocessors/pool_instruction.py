"""An instruction of a task's pool for a record that has none of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from audioflan_tasks.preprocessors.templates import OPTIONS, pool

__all__ = ["pool_instruction"]


def pool_instruction(task: str, slots: Mapping[str, str], draw: Callable[[int], int]) -> str:
    """One of the task's English instructions that list no labels, with the record's slots.

    Args:
      task: id of the task.
      slots: its `slots`, by name.
      draw: gives a number below its argument, the number of instructions.

    Raises:
      KeyError: a slot of the instruction is missing.
    """
    asks = [ask for ask in pool(task).instruction if OPTIONS not in ask.placeholders]
    parts = asks[draw(len(asks))].parts
    return "".join(slots[part] if n % 2 else part for n, part in enumerate(parts))
