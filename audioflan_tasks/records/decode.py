"""The JSON of one line: what it holds, or why no record can be read of it."""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec

from audioflan_tasks.records.repairs import ProblemKind, Repair

__all__ = ["MOST_LEVELS", "LineError", "check_levels", "decode"]

# What follows walks values by recursion; no record of a corpus nests by more than a few.
MOST_LEVELS = 64

# A text that is never closed runs to the end, so that no byte is looked at twice.
_TEXT = rb'"(?:[^"\\]+|\\.)*+(?:"|\\?\Z)'
_TEXT_OR_CONSTANT = re.compile(_TEXT + rb"|-?Infinity|NaN", re.DOTALL)
_TEXT_OR_BRACKET = re.compile(_TEXT + rb"|[\[\]{}]", re.DOTALL)


class LineError(Exception):
    """Why a line gives no record; never leaves the reading of records."""

    def __init__(self, kind: ProblemKind, reason: str) -> None:
        super().__init__(reason)
        self.kind = kind
        self.reason = reason


def check_levels(line: bytes) -> None:
    """Refuses a line that nests lists and objects deeper than `MOST_LEVELS`.

    Raises:
      LineError: it does.
    """
    if line.count(b"[") + line.count(b"{") <= MOST_LEVELS:
        return
    level = 0
    for match in _TEXT_OR_BRACKET.finditer(line):
        token = match[0]
        level += (token in b"[{") - (token in b"]}")
        if level > MOST_LEVELS:
            raise LineError(
                ProblemKind.TOO_DEEP, f"lists or objects nested deeper than {MOST_LEVELS} levels"
            )


def decode(line: bytes) -> tuple[Any, list[Repair]]:
    """The value of a line, and what had to be repaired.

    Raises:
      LineError: it is no JSON that a record can be read of.
    """
    try:
        return msgspec.json.decode(line), []
    except UnicodeDecodeError as error:
        raise LineError(
            ProblemKind.INVALID_UTF8, f"byte {error.start} is no UTF-8; save the file as UTF-8"
        ) from None
    except msgspec.DecodeError as error:
        # Python's own writer produces NaN, which JSON does not have.
        mended = _TEXT_OR_CONSTANT.sub(_null_for_constant, line)
        if mended != line:
            value, repairs = decode(mended)
            return value, [Repair.NOT_A_NUMBER, *repairs]
        raise LineError(
            ProblemKind.BROKEN_JSON, f"{_fault(line, error)}; expected one object on one line"
        ) from None


def _null_for_constant(match: re.Match[bytes]) -> bytes:
    return match[0] if match[0].startswith(b'"') else b"null"


def _fault(line: bytes, error: msgspec.DecodeError) -> str:
    if isinstance(error, msgspec.ValidationError):
        return f"a number that is too large ({error})"
    try:
        json.loads(line.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return f"broken JSON ({error})"
    # The only thing that Python's own reader takes beside that.
    return r"half of a surrogate pair (\ud800), which is no character"
