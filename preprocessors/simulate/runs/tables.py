"""TOML files of tables that know their lines."""

from __future__ import annotations

import re
import tomllib
from functools import cached_property
from pathlib import Path
from typing import Any

from audioflan_tasks.errors import SimulationError, reason_of
from audioflan_tasks.plain_files import read_plain_text, toml_content

__all__ = ["TomlFile"]


class TomlFile:
    """A TOML file that knows the line of each key, for messages."""

    def __init__(self, name: str, text: str) -> None:
        self.name, self._text = name, text

    @classmethod
    def read(cls, path: Path) -> TomlFile:
        """The file at a path."""
        try:
            return cls(str(path), read_plain_text(path))
        except (OSError, UnicodeDecodeError) as error:
            raise SimulationError(
                f"{path}: cannot be read as UTF-8 text: {reason_of(error)}"
            ) from error

    def tables(self) -> dict[str, Any]:
        """Its tables by name."""
        try:
            tables = toml_content(self._text)
        except tomllib.TOMLDecodeError as error:
            line = re.search(r"at line (\d+)", str(error))
            place = line[1] if line else max(1, len(self._text.splitlines()))
            raise SimulationError(f"{self.name}:{place}: not valid TOML: {error}") from error
        for name, table in tables.items():
            if not isinstance(table, dict):
                raise SimulationError(
                    f"{self.name}:{self.lines.get(name, 1)}: {name!r} stands outside of a table; "
                    "a preset is a table: [name]"
                )
        return tables

    @cached_property
    def lines(self) -> dict[str, int]:
        """The line of each table and key, by dotted path."""
        table, lines = "", dict[str, int]()
        for number, text in enumerate(self._text.splitlines(), 1):
            bare = re.sub(r"[\s'\"]", "", text)
            head, key = re.match(r"\[([\w.]+)\]", bare), re.match(r"([\w.]+)=", bare)
            if head:
                table = head[1]
            if head or key:
                path = table if head else f"{table}.{key[1]}" if table and key else bare
                lines.setdefault(path.split("=")[0], number)
        return lines
