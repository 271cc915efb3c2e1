"""`audioflan show TASK`."""

from __future__ import annotations

import json

from audioflan_tasks import catalogue
from audioflan_tasks.cli.output import print_hanging
from audioflan_tasks.metrics import metric
from audioflan_tasks.mixtures.holdout.clusters import clusters, held_out
from audioflan_tasks.preprocessors.templates import ENGLISH, languages_of, pool

__all__ = ["show_task"]


def show_task(name: str, as_json: bool) -> None:
    """Prints everything that the catalogue, the pool and the metrics say of a task."""
    row = catalogue.get(name)
    folder = row.pool or None
    languages = languages_of(row.id, folder) or (ENGLISH,)
    pools = {language: pool(row.id, folder, language=language) for language in languages}
    if as_json:
        pool_contents = {language: words.model_dump() for language, words in pools.items()}
        content = {
            "name": row.name,
            **row.model_dump(),
            "pool": pool_contents.pop(ENGLISH, None),
            "other_pools": pool_contents,
        }
        print(json.dumps(content, indent=2))
        return
    facts = {
        "task": f"{row.minor} ({row.name})",
        "definition": row.definition,
        "where": f"{row.domain} / {row.major} / {row.paper_category}",
        "reads": ", ".join(f"{p.name} ({p.kind})" for p in row.inputs),
        "writes": f"{' or '.join(row.writes)}: {row.answer}",
        "labels": ", ".join(row.labels),
        "slots": ", ".join(row.slots),
        "attributes": ", ".join(row.attributes),
        "metrics": "; ".join(_metric(m) for m in row.metrics),
        "inverse": ", ".join(row.inverse),
        "twins": ", ".join(row.twins),
        "family": f"{row.family_name}: {row.family_reason}"
        + (" (unseen by default)" if row.name in held_out() else ""),
        "cluster": f"{len(clusters('task')[row.name])} task(s)",
        "corpora": ", ".join(row.corpora) or "none named in the paper",
        "note": row.note,
    }
    for key, value in facts.items():
        if value:
            print_hanging(f"{key:<11}", value)
    for language, words in pools.items():
        suffix = "" if language == ENGLISH else f" in {language!r}"
        print(f"\n{len(words.instruction)} instructions{suffix}:")
        for number, instruction in enumerate(words.instruction):
            print_hanging(f"{number:>4}  {instruction.mood:<12}", instruction.ask)


def _metric(name: str) -> str:
    info = metric(name)
    return f"{name} ({info.unit}, {info.better} is better, {info.library})"
