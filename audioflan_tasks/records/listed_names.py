"""Names that a record may list to choose from: evidence that a text in a sentence is an answer.

They are no options: a name with "and" is here whole and in parts. Options are read with the answer
(`preprocessors/named_options.py`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

__all__ = ["listed_names"]

_LIST = re.compile(
    r"[:：](?!\d)\s*([^:：]+)\Z|\b(?:among|between|from|one of)\s+([^:：?]+)[.?!]*\Z"
)
_ITEM = re.compile(r"\s*[,;|\n、，；]\s*|\s*\(?\b[A-Z][.)]\s+")
_PART = re.compile(r"\s+(?:or|and)\s+|\s*/\s*|^(?:or|and)\s+")
_MARKS = ' .?!"“”[](){}-*•'


def listed_names(instruction: str, other: Mapping[str, Any] | None) -> tuple[str, ...]:
    """The names in the lists of an instruction, and in `other["options"]`."""
    options = other.get("options") if other else None
    names = list(map(str, options)) if isinstance(options, list) else []
    match = _LIST.search(instruction)
    for item in _ITEM.split(match[1] or match[2]) if match else ():
        names += [item, *_PART.split(item)]
    return tuple(dict.fromkeys(filter(None, (name.strip(_MARKS) for name in names))))
