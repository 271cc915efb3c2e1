"""The 80 tasks of Audio-FLAN as seqio tasks and mixtures.

    import audioflan_tasks, seqio
    ds = seqio.get_mixture_or_task("audioflan_all").get_dataset()

Importing this package is light: each public name is loaded when first used, and
the tasks enter seqio's registries as soon as seqio has been imported as well, in
either order.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from audioflan_tasks import _hook
from audioflan_tasks.errors import AudioFlanError

if TYPE_CHECKING:
    from audioflan_tasks.catalogue import TaskRow, tasks
    from audioflan_tasks.config import settings
    from audioflan_tasks.corpus import Corpus
    from audioflan_tasks.corpus.examples import render
    from audioflan_tasks.engine import batches
    from audioflan_tasks.evaluation import audit, evaluate
    from audioflan_tasks.foreign import text_task
    from audioflan_tasks.mixtures import hold_out, mixture
    from audioflan_tasks.options import ExampleOptions
    from audioflan_tasks.seqio_tasks.register import register
    from audioflan_tasks.store import build_store, open_store
    from audioflan_tasks.tokens import get_tokenizer, vocabulary

__all__ = [
    "AudioFlanError",
    "Corpus",
    "ExampleOptions",
    "TaskRow",
    "__version__",
    "audit",
    "batches",
    "build_store",
    "evaluate",
    "get_tokenizer",
    "hold_out",
    "mixture",
    "open_store",
    "register",
    "render",
    "settings",
    "tasks",
    "text_task",
    "vocabulary",
]

__version__ = "0.1.0"

_HOMES = {
    "Corpus": "audioflan_tasks.corpus",
    "ExampleOptions": "audioflan_tasks.options",
    "TaskRow": "audioflan_tasks.catalogue",
    "build_store": "audioflan_tasks.store",
    "batches": "audioflan_tasks.engine",
    "audit": "audioflan_tasks.evaluation",
    "evaluate": "audioflan_tasks.evaluation",
    "get_tokenizer": "audioflan_tasks.tokens",
    "hold_out": "audioflan_tasks.mixtures",
    "mixture": "audioflan_tasks.mixtures",
    "open_store": "audioflan_tasks.store",
    "register": "audioflan_tasks.seqio_tasks.register",
    "render": "audioflan_tasks.corpus.examples",
    "settings": "audioflan_tasks.config",
    "tasks": "audioflan_tasks.catalogue",
    "text_task": "audioflan_tasks.foreign",
    "vocabulary": "audioflan_tasks.tokens",
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)


_hook.install()
