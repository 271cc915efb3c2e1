"""Registers the tasks once both this package and seqio have been imported.

seqio costs more than three seconds to import, so this package must not import it.
A finder on `sys.meta_path` wraps seqio's own loader and registers right after
seqio's module was executed; when seqio is there already, registration is at once.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

from audioflan_tasks.quiet_start import without_startup_noise

__all__ = ["install"]


def install() -> None:
    """Registers now if seqio is loaded, else as soon as it is. May be called again."""
    if _is_loaded("seqio"):
        _register()
    elif not any(isinstance(finder, _SeqioFinder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _SeqioFinder())


def _register() -> None:
    from audioflan_tasks.seqio_tasks.register import register

    register()


def _is_loaded(name: str) -> bool:
    module = sys.modules.get(name)
    spec = getattr(module, "__spec__", None)
    return module is not None and not getattr(spec, "_initializing", False)


class _SeqioFinder(MetaPathFinder):
    """Finds seqio as usual, with a loader that registers afterwards."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != "seqio":
            return None
        for finder in sys.meta_path:
            if finder is self or not hasattr(finder, "find_spec"):
                continue
            spec = finder.find_spec(fullname, path, target)
            if spec is not None:
                if spec.loader is not None:
                    spec.loader = _RegisteringLoader(spec.loader)
                return spec
        return None


class _RegisteringLoader(Loader):
    """Seqio's loader, then registration."""

    def __init__(self, loader: Loader) -> None:
        self._loader = loader

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        with without_startup_noise():
            self._loader.exec_module(module)
        if module.__spec__ is not None:
            # Tools that look for the source file or package data ask the real loader.
            module.__spec__.loader = self._loader
        module.__loader__ = self._loader
        sys.meta_path[:] = [f for f in sys.meta_path if not isinstance(f, _SeqioFinder)]
        _register()
