"""All commands; importing this module declares them."""

from __future__ import annotations

from audioflan_tasks.cli.root import app

# Typer collects commands as their modules are imported; this is their order in the help.
# isort: off
from audioflan_tasks.cli import commands_look
from audioflan_tasks.cli import commands_make
from audioflan_tasks.cli import commands_mix
from audioflan_tasks.cli import commands_store
from audioflan_tasks.cli import commands_vary
from audioflan_tasks.cli import commands_evaluate
# isort: on

__all__ = [
    "app",
    "commands_evaluate",
    "commands_look",
    "commands_make",
    "commands_mix",
    "commands_store",
    "commands_vary",
]
