"""How a label is spelt, so that other labels can be spelt alike in a list of options."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass

from audioflan_tasks.vocabularies.spelling import CJK, label_key

__all__ = ["Style", "is_chinese"]

_HAN = re.compile(f"[{CJK}]")
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
_COMMAS = re.compile(r",\s*")
_SEPARATORS = re.compile(r"[ _-]+")


def is_chinese(text: str) -> bool:
    """Whether a text has Chinese, Japanese or Korean characters."""
    return bool(_HAN.search(text))


@dataclass(frozen=True, slots=True)
class Style:
    """How one text spells a name.

    Attributes:
      letters: how it changes the letters of a name: not at all, or to one case.
      separator: what stands between words in place of what the name has; None for no change.
      suffix: what stands after it (` Mandarin`).
      comma: what stands in place of the name's commas (`activate-lights-none`); None for no change.
    """

    letters: Callable[[str], str] = str
    separator: str | None = None
    suffix: str = ""
    comma: str | None = None

    @classmethod
    def of(cls, text: str, name: str) -> Style:
        """The style in which `text` spells `name`, or spells it with words around it."""
        core, suffix = _core(text.strip(), name)
        comma = _comma(core, name)
        name = _without_commas(name, comma)
        return cls(_letters(core, name), _separator(core, name), suffix, comma)

    def spelt(self, name: str) -> str:
        """The name in this style."""
        spelling = self.letters(_without_commas(name, self.comma))
        if self.separator is not None:
            spelling = _SEPARATORS.sub(self.separator, spelling)
        return f"{spelling}{self.suffix}"


def _core(text: str, name: str) -> tuple[str, str]:
    """The part of a text that spells the name, and the words after it."""
    if label_key(text) == label_key(name):
        return text, ""
    ends = [match.end() for match in _WORD.finditer(text)]
    end = next((e for e in ends if label_key(text[:e]) == label_key(name)), len(text))
    return text[:end], text[end:]


def _comma(text: str, name: str) -> str | None:
    """What a text without commas has in place of the name's first one."""
    if "," not in name or "," in text:
        return None
    key = label_key(name.partition(",")[0])
    ends = (match.end() for match in _WORD.finditer(text))
    end = next((e for e in ends if label_key(text[:e]) == key), len(text))
    next_word = _WORD.search(text, end)
    return text[end : next_word.start()] if next_word else None


def _without_commas(name: str, comma: str | None) -> str:
    return name if comma is None else _COMMAS.sub(comma, name)


def _separator(text: str, name: str) -> str | None:
    """What the text has between words where the name has something else."""
    separators, of_name = set(_SEPARATORS.findall(text)), set(_SEPARATORS.findall(name))
    if separators == of_name or len(separators) > 1:
        return None
    if label_key(text) != label_key(name) and not separators:
        return None
    return separators.pop() if separators else ""


def _letters(text: str, name: str) -> Callable[[str], str]:
    """The change of case from a name to a text; none where both have the same case."""
    changes: tuple[Callable[[str], str], ...] = (str, str.lower, _sentence, str.upper, _titled)
    return next((change for change in changes if _same(change(name), text)), _nearest(text))


def _same(spelling: str, text: str) -> bool:
    return _SEPARATORS.sub("", spelling) == _SEPARATORS.sub("", text)


def _nearest(text: str) -> Callable[[str], str]:
    """The case of a text that is another name than the label's own."""
    if text.islower():
        return str.lower
    if text.isupper() and len(text) > 1:
        return str.upper
    if text.istitle() and " " in text:
        return _titled
    return _sentence if text[:1].isupper() else str


def _sentence(name: str) -> str:
    """With one capital at the beginning; `DuanGong` keeps its own."""
    return name[:1].upper() + _rest(name)


def _titled(name: str) -> str:
    return _WORD.sub(lambda word: _sentence(word[0]), name)


def _rest(name: str) -> str:
    has_own_capitals = any(a.islower() and b.isupper() for a, b in itertools.pairwise(name))
    return name[1:] if has_own_capitals else name[1:].lower()
