"""Corrections: what stands after "no, wait" or "I mean" takes the place of what was said before.

A correction stands after a mark ("A. Actually, C", "Minor? No, major", "猫，不对，是狗").
"""

from __future__ import annotations

import re

__all__ = ["after_correction"]

_MARK = r"(?:[.,;:!?…\n()–—，。！？；-]\s*|\b(?=no,? wait\b))"
_FILLER = r"(?:(?:oh|no|sorry|well|ah|hmm|but|or)[\s,.…–—-]+){0,3}"
_END = r"[\s,.:;!…–—，。：-]*"
# "Wait for the chorus" corrects nothing.
_WAIT = r"wait(?=[,.…:;!–—-]|\s[-–—]|\s+no\b)|(?:(?<=\bno )|(?<=\bno, ))wait"
_CORRECTION = re.compile(
    rf"{_MARK}{_FILLER}(?:{_WAIT}|hold on|scratch that|strike that|correction|"
    r"let me correct (?:that|this|myself)|on (?:second thoughts?|reflection|closer \w+)|"
    r"make that|i (?:actually )?meant?|i (?:take|took) (?:that|it) back|i stand corrected|"
    r"my mistake|i was (?:wrong|mistaken)|actually(?=,)|"
    r"更正|说错了|哦?不对|等等|等一下|哦?不(?=[，,]))"
    rf"(?!\w){_END}",
    re.IGNORECASE,
)
_NO = re.compile(rf"{_MARK}(?:but )?(?:no|nah|nope)(?=[,:…–—]|\s[-–—]){_END}", re.IGNORECASE)


def after_correction(text: str, no_is_label: bool = False) -> str:
    """What stands after the last correction of a text; "" where there is none.

    `no_is_label`: "No, they differ" answers a question and takes nothing back.
    """
    patterns = (_CORRECTION,) if no_is_label else (_CORRECTION, _NO)
    ends = [match.end() for pattern in patterns for match in pattern.finditer(text)]
    return text[max(ends) :] if ends else ""
