"""Corpora of others are read on this machine alone: their readers look for files in many places."""

from __future__ import annotations

from pathlib import Path

from audioflan_tasks.errors import SettingsError
from audioflan_tasks.remote import is_address

__all__ = ["refuse_address"]


def refuse_address(path: Path) -> None:
    """Nothing for a path of this machine.

    Raises:
      SettingsError: it is the address of a server.
    """
    if is_address(path):
        raise SettingsError(
            f"{path}: corpora of others are read on this machine; copy it here (aws s3 sync, "
            "gsutil rsync, hf download, wget -r) and give its folder. What is written from it may "
            "be read from a server (docs/remote.md)"
        )
