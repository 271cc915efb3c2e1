"""The rule about whose is what: the words of the source, the voice of the reference."""

from __future__ import annotations

from collections.abc import Set

from audioflan_tasks.catalogue import TaskRow
from audioflan_tasks.variation.instruction_rewrite import InstructionRewrite
from audioflan_tasks.variation.lexicon import lexicon
from audioflan_tasks.variation.task_wording import needed_names, usual_roles

__all__ = ["wrong_roles"]

# Of pieces of the input, which one alone cannot take from another.
_PIECE_SENSES = ("content", "manner", "likeness", "possessed", "owner", "work")
# Something may be taken from any piece; from English is not into English.
_ORIGINS = ("left", "possessed")
_TEXTS = ("text", "description")
_SLOT_ROLES = ("slot", "somelanguage")
# What comes out may be reached and may act: "into speech", "sung by a voice".
_RESULTS, _RESULT_SENSES = ("speech", "voice", "语音", "人声"), {"reached", "agent"}


def wrong_roles(case: InstructionRewrite) -> str:
    """A role in another sense than before, or than the instructions of the pool use it in.

    So is to take away what is to be extracted.
    """
    pieces = lexicon(case.language).pieces
    known_roles = case.original_content.roles | usual_roles(case.row, case.language)
    senses = {
        role: _with_like_senses({s for s, r in known_roles if r == role}, role, case.row)
        for _, role in known_roles
    }
    has_removed = any(sense == "removed" for sense, _ in known_roles)
    wrong = [
        f"{role} ({sense})"
        for sense, role in sorted(case.rewrite_content.roles)
        if (role in senses or (has_removed and sense == "removed"))
        and sense not in senses.get(role, ())
        and (len(case.row.inputs) > 1 or sense not in _PIECE_SENSES or role in _SLOT_ROLES)
        and (role not in (*pieces, *_TEXTS) or sense not in _ORIGINS)
    ]
    if "extract" in needed_names(case.row, case.language):
        wrong += [
            match[0]
            for match in lexicon(case.language).taken_away.finditer(case.request_content.text)
        ]
    return ", ".join(wrong)


def _with_like_senses(senses: Set[str], role: str, row: TaskRow) -> Set[str]:
    """Senses, and those that say the same of a role."""
    if "manner" in senses and "content" not in senses:
        # It gives a voice and no words.
        senses |= {"likeness", "owner"}
    if role in _SLOT_ROLES and "left" not in senses:
        senses |= {"reached"}
    if "removed" in senses:
        # "Free from noise".
        senses |= {"left"}
    return senses | _RESULT_SENSES if row.writes == ("audio",) and role in _RESULTS else senses
