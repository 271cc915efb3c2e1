"""`audioflan audit TRAIN EVAL` and `audioflan audit CORPUS --shortcuts`."""

from __future__ import annotations

from collections import Counter
from contextlib import AbstractContextManager
from pathlib import Path

from audioflan_tasks.cli.output import print_table
from audioflan_tasks.cli.progress import progress_display
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.evaluation.leakage import KINDS, Audit, audit
from audioflan_tasks.evaluation.shortcuts import shortcuts
from audioflan_tasks.runners import Runner

__all__ = ["print_audit", "print_shortcuts"]


def print_audit(
    train: str,
    evaluation: str,
    root: Path | None,
    allow: str,
    listen: bool,
    runner: AbstractContextManager[Runner],
    as_json: bool,
) -> int:
    """Prints all leaks; 0 if there are none but allowed ones, else 1."""
    allowed_kinds = tuple(filter(None, (kind.strip() for kind in allow.split(","))))
    corpus = None if root is None else Corpus(root)
    with runner as clip_runner:
        result = _with_progress(train, evaluation, corpus, allowed_kinds, listen, clip_runner)
    if as_json:
        import msgspec

        print(msgspec.json.format(msgspec.json.encode(result), indent=1).decode())
    else:
        _print(result)
    return 0 if result.clean else 1


def print_shortcuts(root: str, listen: bool, as_json: bool) -> None:
    """Prints what each fact tells a guesser about each task of a corpus."""
    results = [*shortcuts(Corpus(root), listen=listen)]
    if as_json:
        import msgspec

        print(msgspec.json.format(msgspec.json.encode(results), indent=1).decode())
        return
    header = ("task", "fact", "right", "by chance", "most frequent", "records", "")
    rows = [
        (each.task, each.fact, f"{each.accuracy:.2f}", f"{each.low:.2f}-{each.high:.2f}",
         f"{each.majority:.2f}", str(each.records), "tells" if each.tells else "")
        for each in results
    ]  # fmt: skip
    print_table(header, rows)
    tasks = {each.task for each in results}
    telling = sum(each.tells for each in results)
    print(f"{len(tasks)} tasks with few answers; {telling} facts tell more than chance")


def _with_progress(
    train: str,
    evaluation: str,
    corpus: Corpus | None,
    allow: tuple[str, ...],
    listen: bool,
    runner: Runner,
) -> Audit:
    counts: Counter[str] = Counter()
    with progress_display() as display:

        def advance(step: str, count: int) -> None:
            counts[step] += count
            display.update(step, counts[step])

        return audit(
            train, evaluation, corpus=corpus, allow=allow, listen=listen, runner=runner,
            progress=advance,
        )  # fmt: skip


def _print(result: Audit) -> None:
    header = ("shared", "evaluation records", "share", "training records", "keys", "")
    rows = [
        (leak.kind, f"{leak.eval:,}", f"{100 * leak.share:.2f} %", f"{leak.train:,}",
         f"{leak.keys:,}", "allowed" if leak.allowed else "LEAK" if leak.eval else "")
        for leak in result.leaks
    ]  # fmt: skip
    print_table(header, rows)
    for leak in result.leaks:
        if leak.eval:
            print(f"{leak.kind}: {KINDS[leak.kind]}")
            for example in leak.examples:
                print(f"  {example}")
    print(
        f"{result.train} ({result.train_records:,} records) against {result.eval} "
        f"({result.eval_records:,} records): {'clean' if result.clean else 'not clean'}; "
        f"{result.seconds:.1f} s"
    )
    print(*result.limits, sep="\n")
