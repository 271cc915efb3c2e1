"""An answer to be read, with what its reader needs to know of the question."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from audioflan_tasks.catalogue import TaskRow
from audioflan_tasks.metrics.parsing.clean import unquote
from audioflan_tasks.preprocessors.lead_ins import strip_lead_in
from audioflan_tasks.records.lead_ins import split_answer
from audioflan_tasks.vocabularies import LabelMatcher, is_known, matcher

__all__ = ["Aliases", "AnswerText", "without_lead_in"]

# (other name, label) beside those that are known.
Aliases = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class AnswerText:
    """An answer to be read: its text, the labels to choose from, the prompt, the task."""

    text: str
    labels: tuple[str, ...] = ()
    prompt: str = ""
    row: TaskRow | None = None
    aliases: Aliases = ()

    @cached_property
    def body(self) -> str:
        """The text without its lead-in and the quotes around what is left."""
        return self.text if self.row is None else unquote(without_lead_in(self.row, self.text))

    @property
    def nouns(self) -> tuple[str, ...]:
        """What the task calls its answer and its subject."""
        return () if self.row is None else self.row.answer_nouns

    @cached_property
    def matcher(self) -> LabelMatcher | None:
        """Finds the labels in a text; None for an open set."""
        task = "" if self.row is None else self.row.id
        return matcher(self.labels, task, self.aliases) if self.labels else None

    @property
    def body_label(self) -> str | None:
        """The label that the text without its lead-in is."""
        return None if self.matcher is None else self.matcher.exact(self.body)

    @property
    def no_is_label(self) -> bool:
        """Whether "no" is an answer to the question."""
        return self.matcher is not None and self.matcher.exact("no") is not None

    def with_text(self, text: str) -> AnswerText:
        """Another text in its place."""
        return self if text is self.text else replace(self, text=text)

    def is_name(self, text: str) -> bool:
        """Whether the task's vocabularies have a label of this name."""
        return self.row is not None and is_known(self.row.id, text)


def without_lead_in(row: TaskRow, text: str) -> str:
    """An answer without the words before it: those of records, else those of the task's pools."""
    # A pool's "The intent is " is the beginning of "The intent is to ".
    lead_in, answer = split_answer(row, text)
    return answer if lead_in else strip_lead_in(row.id, text)
