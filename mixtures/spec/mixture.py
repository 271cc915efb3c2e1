"""The front door: `audioflan_tasks.mixture` builds a mixture, or reads one from a file."""

from __future__ import annotations

from audioflan_tasks.mixtures.spec.builder import build_mixture
from audioflan_tasks.mixtures.spec.toml import read_toml

__all__ = ["mixture"]


class _MixtureFunction:
    """Called like `build_mixture`; `from_toml` is `read_toml`."""

    __call__ = staticmethod(build_mixture)
    from_toml = staticmethod(read_toml)


mixture = _MixtureFunction()
