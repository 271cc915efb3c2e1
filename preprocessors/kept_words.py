"""How many records of each task keep their own words, and why."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from audioflan_tasks import catalogue
from audioflan_tasks.preprocessors.compiled_pool import checked_languages
from audioflan_tasks.preprocessors.prompt_signature import keep_reason
from audioflan_tasks.preprocessors.question import KEEP_MEANINGS, KeepReason
from audioflan_tasks.preprocessors.templates import ENGLISH
from audioflan_tasks.records import Instance

__all__ = ["KeptWords"]


class KeptWords:
    """Counts records by task, and those that keep their own words by the reason.

    `languages` are those of the pools. Records of unknown tasks are not counted.
    """

    def __init__(self, languages: Sequence[str] = (ENGLISH,)) -> None:
        self._languages = checked_languages(tuple(languages))
        self._records: Counter[str] = Counter()
        self._reasons: defaultdict[str, Counter[KeepReason]] = defaultdict(Counter)

    def count(self, instance: Instance) -> None:
        """Looks at a record."""
        if not instance.task:
            return
        self._records[instance.task] += 1
        reason = keep_reason(instance, catalogue.get(instance.task), self._languages)
        if reason is not None:
            self._reasons[instance.task][reason] += 1

    def merge(self, other: KeptWords) -> None:
        """Adds the counts of other records."""
        self._records.update(other._records)
        for task, reasons in other._reasons.items():
            self._reasons[task].update(reasons)

    def as_dict(self) -> dict[str, Any]:
        """By task, where one record or more is kept: records, kept ones, and reasons."""
        return {
            task: {
                "records": self._records[task],
                "kept": reasons.total(),
                "reasons": {str(reason): count for reason, count in reasons.most_common()},
            }
            for task, reasons in sorted(self._reasons.items())
        }

    def lines(self, scope: str = "") -> Iterator[str]:
        """The counts as text, then what the reasons mean; `scope` says of which records."""
        kept_count = sum(reasons.total() for reasons in self._reasons.values())
        yield f"own words kept: {kept_count} of {self._records.total()} records{scope}"
        for task, reasons in sorted(self._reasons.items()):
            counts = ", ".join(f"{reason} {count}" for reason, count in reasons.most_common())
            yield f"  {task}: {reasons.total()} of {self._records[task]} ({counts})"
        for reason in KeepReason:
            if any(reason in reasons for reasons in self._reasons.values()):
                yield f"  {reason}: {KEEP_MEANINGS[reason]}"
