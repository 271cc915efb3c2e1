"""Finding a task by its name, its id, or any name that records use.

A user's own tasks come in through the entry-point group `audioflan_tasks.tasks`
(each entry point is a `TaskRow` or an iterable of them) or through `add`.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from importlib.metadata import entry_points

from audioflan_tasks.catalogue.aliases import ALIASES
from audioflan_tasks.catalogue.audio import AUDIO_TASKS
from audioflan_tasks.catalogue.music import MUSIC
from audioflan_tasks.catalogue.row import PREFIX, Major, TaskRow, snake
from audioflan_tasks.catalogue.speech import SPEECH_TASKS
from audioflan_tasks.catalogue.speech_generation import SPEECH_GENERATION_TASKS
from audioflan_tasks.errors import SettingsError, UnknownNameError

__all__ = ["ENTRY_POINTS", "add", "find", "get", "majors", "resolve", "tasks"]

ENTRY_POINTS = "audioflan_tasks.tasks"

# Replaced as a whole, never changed: caches compare the object to know whether they are valid.
_user_rows: dict[str, TaskRow] = {}
_table_of_user_rows: tuple[dict[str, TaskRow], dict[str, TaskRow]] = (_user_rows, {})
_versions: tuple[dict[str, TaskRow], int] = ({}, 0)
_lists: tuple[dict[str, TaskRow], tuple[TaskRow, ...], tuple[Major, ...]] = ({}, (), ())


def tasks() -> tuple[TaskRow, ...]:
    """All tasks: the paper's 80 in its order, then those of installed packages, then added ones."""
    return _snapshot()[1]


def find(name: str) -> TaskRow | None:
    """The task of that registry name, id, or name in the paper ("Key Detection"); None if none."""
    return _table().get(name.removeprefix(PREFIX)) or _only_row(name)


def get(name: str) -> TaskRow:
    """As `find`, for a name that must be one.

    Raises:
      UnknownNameError: with the nearest names.
    """
    row = find(name)
    if row is None:
        names = [r.name if name.startswith(PREFIX) else r.id for r in _table().values()]
        raise UnknownNameError("task", name, names, " (list them: audioflan tasks)")
    return row


def majors() -> tuple[Major, ...]:
    """The major tasks in order of first appearance."""
    return _snapshot()[2]


def resolve(
    minor: str, domain: str = "", major: str = "", *, reads_audio: bool | None = None
) -> TaskRow | None:
    """The task that a record's `minor` names, or None.

    Spelling, case and punctuation do not matter; known other names are in
    `aliases`. A name that only its domain makes clear ("Deepfake Detection" in the
    audio domain) is resolved with it. A name that two tasks share ("Text-guided Music
    Generation") is that of the one that reads audio if `reads_audio`, else of the other;
    unset, of the first. Records without a usable minor name fall back
    to a major task that has one minor task only.
    """
    return _resolve(_table_version(), minor, domain, major, reads_audio)


def add(*rows: TaskRow) -> None:
    """Adds a user's own tasks for this process.

    Raises:
      SettingsError: a task of that id exists and is not the same.
    """
    global _user_rows
    table = dict(_table())
    for row in rows:
        if table.setdefault(row.id, row) != row:
            raise SettingsError(f"a task with the id {row.id!r} exists already; choose another")
    _user_rows = {**_user_rows, **{row.id: row for row in rows}}


def _only_row(name: str) -> TaskRow | None:
    """The task that this name has in records; None if several tasks share the name."""
    rows = _by_key(_table_version()).get(snake(name).removeprefix(PREFIX), ())
    return rows[0] if len(rows) == 1 else None


def _table() -> dict[str, TaskRow]:
    global _table_of_user_rows
    if not _user_rows:
        return _installed_rows()
    if _table_of_user_rows[0] is not _user_rows:
        _table_of_user_rows = (_user_rows, {**_installed_rows(), **_user_rows})
    return _table_of_user_rows[1]


def _snapshot() -> tuple[dict[str, TaskRow], tuple[TaskRow, ...], tuple[Major, ...]]:
    """The table, its rows and their major tasks; made anew when the table is another one."""
    global _lists
    table = _table()
    if _lists[0] is not table:
        rows = tuple(table.values())
        _lists = (table, rows, tuple(dict.fromkeys(row.group for row in rows)))
    return _lists


def _table_version() -> int:
    """A number that changes whenever the table does: caches of names are keyed by it."""
    global _versions
    table = _table()
    if _versions[0] is not table:
        _versions = (table, _versions[1] + 1)
    return _versions[1]


@lru_cache(maxsize=1)
def _installed_rows() -> dict[str, TaskRow]:
    table = {row.id: row for row in (*SPEECH_TASKS, *SPEECH_GENERATION_TASKS, *MUSIC, *AUDIO_TASKS)}
    for entry in entry_points(group=ENTRY_POINTS):
        for row in _rows_of(entry.name, entry.load()):
            if row.id in table:
                raise SettingsError(
                    f"entry point {entry.name!r} ({entry.value}) brings a task {row.id!r} "
                    "that exists already; rename it"
                )
            table[row.id] = row
    return table


def _rows_of(name: str, value: object) -> Iterable[TaskRow]:
    rows = (value,) if isinstance(value, TaskRow) else value
    if not isinstance(rows, Iterable):
        raise SettingsError(f"entry point {name!r}: expected a TaskRow or several, got {value!r}")
    task_rows = tuple(rows)
    wrong = [row for row in task_rows if not isinstance(row, TaskRow)]
    if wrong:
        raise SettingsError(f"entry point {name!r}: expected TaskRows, got {wrong[0]!r}")
    return task_rows


@lru_cache(maxsize=65536)
def _resolve(
    version: int, minor: str, domain: str, major: str, reads_audio: bool | None
) -> TaskRow | None:
    by_key = _by_key(version)
    key = snake(minor).removeprefix(PREFIX)
    rows = by_key.get(f"{snake(domain)}/{key}") or by_key.get(key)
    if rows is not None:
        fitting_rows = (row for row in rows if ("audio" in row.reads) == reads_audio)
        return rows[0] if len(rows) == 1 else next(fitting_rows, rows[0])
    if key:
        return None
    only = [r for r in tasks() if snake(r.major) == snake(major)]
    return only[0] if len(only) == 1 else None


@lru_cache(maxsize=4)
def _by_key(version: int) -> dict[str, tuple[TaskRow, ...]]:
    table = {row.id: (row,) for row in tasks()}
    by_minor = {snake(row.minor): (row,) for row in tasks()}
    aliases = {
        "/".join(snake(part) for part in alias.split("/", 1)): tuple(
            by_minor[snake(minor)][0]
            for minor in ((minors,) if isinstance(minors, str) else minors)
        )
        for alias, minors in ALIASES.items()
    }
    return {**aliases, **by_minor, **table}
