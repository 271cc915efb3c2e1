"""`audioflan diversity POOL...`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from audioflan_tasks.cli.output import percent, print_table
from audioflan_tasks.variation.diversity import (
    PoolQuality,
    TaskPool,
    mean_quality,
    quality,
    read_pools,
)
from audioflan_tasks.variation.diversity_page import diversity_page
from audioflan_tasks.variation.fidelity import agreement, read_judgements, sample_lines
from audioflan_tasks.variation.meaning import near_meanings
from audioflan_tasks.variation.plot import scatter
from audioflan_tasks.variation.run import read_report
from audioflan_tasks.whole_files import write_whole

__all__ = ["HEADER", "print_diversity", "table_rows"]

HEADER = (
    "pool", "task", "language", "instructions", "moods", "length", "distinct-1", "distinct-2",
    "self-BLEU", "near",
)  # fmt: skip


def print_diversity(
    names: Sequence[str],
    out: Path | None,
    by_task: bool,
    fidelity: Path | None,
    embeddings: Path | None,
    as_json: bool,
) -> None:
    """Prints the measures of pools side by side, and writes them with a plot."""
    pools = {name: read_pools(name) for name in names}
    rows = table_rows(pools, by_task)
    content: dict[str, Any] = {"pools": [dict(zip(HEADER, row, strict=True)) for row in rows]}
    content["acceptance"] = {name: report for name in names if (report := _acceptance(name))}
    if embeddings is not None:
        content["near in meaning"] = _near_meanings(pools, embeddings)
    if fidelity is not None:
        content["fidelity"] = _fidelity(fidelity)
    if as_json:
        print(json.dumps(content, indent=2, ensure_ascii=False))
    else:
        print_table(HEADER, rows)
        _print_acceptance(content["acceptance"])
        _print_near_meanings(content.get("near in meaning", {}))
        _print_fidelity(content.get("fidelity", {}))
    if out is not None:
        _write(out, content, pools)
        write_whole(out / "diversity.md", diversity_page(HEADER, rows))


def table_rows(pools: Mapping[str, Sequence[TaskPool]], by_task: bool) -> list[tuple[str, ...]]:
    """Rows of the table: one for each pool and language, or for each task."""
    return [row for name, members in pools.items() for row in _rows(name, members, by_task)]


def _rows(name: str, members: Sequence[TaskPool], by_task: bool) -> Iterator[tuple[str, ...]]:
    if by_task:
        for member in members:
            yield (name, member.task, member.language, *_cells(quality(member)))
        return
    for language in dict.fromkeys(member.language for member in members):
        own = [member for member in members if member.language == language]
        yield (name, str(len(own)), language, *_cells(mean_quality(own)))


def _cells(q: PoolQuality) -> tuple[str, ...]:
    return (
        str(q.count), str(q.moods), f"{q.length:.1f}", f"{q.distinct_1:.2f}", f"{q.distinct_2:.2f}",
        f"{q.self_bleu:.1f}", str(len(q.near_pairs)),
    )  # fmt: skip


def _acceptance(name: str) -> dict[str, Any]:
    """Shares of all attempts of a run: accepted, and broken by rule."""
    tasks = read_report(Path(name)).get("tasks", {}).values()
    attempts = sum(task["attempts"] for task in tasks)
    if not attempts:
        return {}
    rules: dict[str, int] = {}
    for task in tasks:
        for rule, count in task["rules"].items():
            rules[rule] = rules.get(rule, 0) + count
    ordered = sorted(rules.items(), key=lambda pair: -pair[1])
    return {
        "attempts": attempts,
        "accepted": sum(task["accepted"] for task in tasks) / attempts,
        "rules": {rule: count / attempts for rule, count in ordered},
    }


def _near_meanings(
    pools: Mapping[str, Sequence[TaskPool]], embeddings: Path
) -> dict[str, list[tuple[str, str]]]:
    """The pairs of each pool that mean nearly the same."""
    return {
        name: [pair for member in members for pair in near_meanings(member.asks, embeddings)]
        for name, members in pools.items()
    }


def _fidelity(file: Path) -> dict[str, Any]:
    result = agreement(read_judgements(file))
    return {
        "pairs": result.count,
        "fidelity": result.fidelity,
        "kappa": result.kappa,
        "refused by the rules alone": [
            [pair.original, pair.rewrite, *map(str, pair.objections)]
            for pair in result.refused_pairs
        ],
        "refused by the judge alone": [
            [pair.original, pair.rewrite] for pair in result.missed_pairs
        ],
    }


def _print_acceptance(acceptance: dict[str, Any]) -> None:
    for name, report in acceptance.items():
        print(f"{name}: {percent(report['accepted'])} of {report['attempts']:,} attempts accepted")
        for rule, share in report["rules"].items():
            print(f"  {percent(share):>9} broke {rule}")


def _print_near_meanings(pairs: Mapping[str, Sequence[tuple[str, str]]]) -> None:
    for name, own in pairs.items():
        print(f"{name}: {len(own)} pairs mean nearly the same")
        for pair in own:
            print(f"  {' | '.join(pair)}")


def _print_fidelity(fidelity: dict[str, Any]) -> None:
    if not fidelity:
        return
    print(
        f"fidelity {percent(fidelity['fidelity'])} of what the rules accept, {fidelity['pairs']} "
        f"pairs, kappa {fidelity['kappa']:.2f}"
    )
    for side in ("refused by the rules alone", "refused by the judge alone"):
        for pair in fidelity[side]:
            print(f"  {side}: {' | '.join(pair)}")


def _write(out: Path, content: dict[str, Any], pools: dict[str, list[TaskPool]]) -> None:
    points = {
        name: [(quality(member).distinct_2, quality(member).self_bleu) for member in members]
        for name, members in pools.items()
    }
    write_whole(out / "diversity.json", json.dumps(content, indent=2, ensure_ascii=False) + "\n")
    write_whole(out / "diversity.svg", scatter(points, ("distinct-2", "self-BLEU")))
    lines = sample_lines(member for members in pools.values() for member in members)
    if lines:
        write_whole(out / "sample.jsonl", "\n".join(lines) + "\n")
