"""Answers without the words that a pool has before them."""

from __future__ import annotations

from functools import lru_cache

from audioflan_tasks import catalogue
from audioflan_tasks.catalogue import TaskRow
from audioflan_tasks.preprocessors.templates import ENGLISH, languages_of, pool

__all__ = ["strip_lead_in"]


def strip_lead_in(task_id: str, text: str) -> str:
    """`text` without the longest lead-in of the task's pools that it begins with.

    The pools of all languages count, and a Chinese colon is as good as another.
    """
    bare_text = text.strip()
    lead_ins = _lead_ins(task_id, catalogue.find(task_id))
    folded_text = _fold_case(bare_text)
    if not folded_text.startswith(lead_ins):
        return bare_text
    for lead_in in filter(folded_text.startswith, lead_ins):
        remainder = bare_text[len(lead_in) :]
        # "This is" must not be cut from "This island".
        if lead_in.endswith(":") or not remainder or remainder[0].isspace():
            return remainder.strip()
    return bare_text


def _fold_case(text: str) -> str:
    """Lower case without outer blanks, with one kind of colon."""
    return text.strip().lower().replace("：", ":")


@lru_cache(maxsize=1024)
def _lead_ins(task_id: str, row: TaskRow | None) -> tuple[str, ...]:
    """Folded lead-ins of all languages, the longest first."""
    folder = (row and row.pool) or None
    languages = languages_of(task_id, folder)
    if not languages and folder is None:
        # A task without a pool keeps the records' own words: there is no lead-in to strip.
        return ()
    # A pool that the row names but that is not there is an error of `pool`.
    pools = [pool(task_id, folder, language=language) for language in languages or (ENGLISH,)]
    lead_ins = {
        _fold_case(lead_in) for language_pool in pools for lead_in in language_pool.answer.lead_ins
    } - {""}
    return tuple(sorted(lead_ins, key=len, reverse=True))
