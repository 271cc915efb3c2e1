"""The mixture that a command looks into."""

from __future__ import annotations

from audioflan_tasks.mixtures import Mix, mixture_named
from audioflan_tasks.mixtures.spec.importers import import_mixture

__all__ = ["read_mixture"]


def read_mixture(name: str, file_format: str = "", batch_size: int | None = None) -> Mix:
    """A mixture by name or file; prints what another project's file could not carry over."""
    if not file_format:
        return mixture_named(name)
    foreign = import_mixture(name, file_format, batch_size=batch_size)
    for note in foreign.notes:
        print(note)
    return foreign.mix
