"""`audioflan tasks`."""

from __future__ import annotations

import json

from audioflan_tasks import catalogue
from audioflan_tasks.cli.output import print_table
from audioflan_tasks.errors import UnknownNameError
from audioflan_tasks.mixtures import standard_mixtures

__all__ = ["list_mixtures", "list_tasks"]

_DOMAINS = ("speech", "music", "audio")
_CATEGORIES = ("understanding", "generation")


def list_tasks(domain: str, category: str, as_json: bool) -> None:
    """Prints the tasks of a domain and category; "" means all."""
    if domain and domain not in _DOMAINS:
        raise UnknownNameError("domain", domain, _DOMAINS)
    if category and category not in _CATEGORIES:
        raise UnknownNameError("category", category, _CATEGORIES)
    rows = [
        row
        for row in catalogue.tasks()
        if domain in ("", row.domain) and category in ("", row.paper_category)
    ]
    if as_json:
        print(json.dumps([{"name": row.name, **row.model_dump()} for row in rows], indent=2))
        return
    print_table(
        ("task", "domain", "major task", "reads", "writes", "metric"),
        [
            (r.id, r.domain, r.major, "+".join(r.reads), "|".join(r.writes), r.metrics[0])
            for r in rows
        ],
        f"{len(rows)} tasks; names in seqio have the prefix {catalogue.PREFIX}",
    )


def list_mixtures(as_json: bool) -> None:
    """Prints the standard mixtures."""
    rows = standard_mixtures()
    if as_json:
        content = [
            {"name": r.name, "tasks": r.tasks, "policy": r.policy.name, "meaning": r.meaning}
            for r in rows
        ]
        print(json.dumps(content, indent=2))
        return
    print_table(
        ("mixture", "tasks", "policy", "meaning"),
        [(r.name, str(len(r.tasks)), r.policy.name, r.meaning) for r in rows],
        f"{len(rows)} mixtures",
    )
