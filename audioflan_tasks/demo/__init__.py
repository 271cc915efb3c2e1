"""The bundled demo corpus: real audio for all 80 tasks, in the release layout."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from audioflan_tasks.errors import SettingsError

__all__ = ["demo_root"]


def demo_root() -> Path:
    """Folder of the bundled corpus.

    Raises:
      SettingsError: the package is imported from a zip file, where audio cannot be opened.
    """
    root = files("audioflan_tasks.demo") / "corpus"
    if not isinstance(root, Path):
        raise SettingsError(
            "the demo corpus needs an unpacked installation; "
            "install with pip, or set AUDIOFLAN_DATA_DIR to a corpus of your own"
        )
    return root
