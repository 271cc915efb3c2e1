"""Files of a store on a server: they never change under their names, and have checksums."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from audioflan_tasks.remote import is_remote, use_file
from audioflan_tasks.store.sums import SUMS, read_sums, split_unit_path, sums_of

__all__ = ["unit_file"]


def unit_file(path: str | Path) -> AbstractContextManager[None]:
    """Until the end of the block a unit's file can be opened; what is fetched for it is checked.

    Raises:
      FileNotFoundError: it is one of a server, and not there.
      RemoteError: it cannot be fetched, or is not what was written there.
    """
    return use_file(Path(path), _fault) if is_remote(path) else nullcontext()


def _fault(path: Path, place: Path) -> str:
    """What is wrong with the bytes at `path`, which are to be those of a unit's file."""
    unit, suffix = split_unit_path(str(place)) or ("", "")
    try:
        if suffix == SUMS:
            read_sums(path)
            return ""
        sums_path = Path(unit + SUMS)
        with unit_file(sums_path):
            sums = read_sums(sums_path).get(suffix)
        is_right = sums is not None and sums == sums_of(path, suffix)
        return "" if is_right else "not what its checksums say"
    except FileNotFoundError:
        # A store of before there were checksums.
        return ""
    except (OSError, ValueError) as error:
        return f"not what was written ({error})"
