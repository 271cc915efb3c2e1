"""What batches say of a task beside its name."""

from __future__ import annotations

from audioflan_tasks import catalogue
from audioflan_tasks.foreign import facts_of, is_foreign
from audioflan_tasks.mixtures import Mix

__all__ = ["tags_text", "task_facts"]


def tags_text(mix: Mix, task: str) -> str:
    """Tags of a task as "key=value" pairs, sorted, joined by ";"."""
    return ";".join(f"{k}={v}" for k, v in sorted(mix.tags.get(task, {}).items()))


def task_facts(task: str) -> dict[str, str]:
    """Domain, major task and category of a task name."""
    if is_foreign(task):
        return {name: fact for name, fact in facts_of(task).items() if name != "task"}
    row = catalogue.get(task)
    return {"domain": row.domain, "major": row.major, "paper_category": row.paper_category}
