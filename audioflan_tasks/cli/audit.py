"""`audioflan audit TRAIN EVAL`."""

from __future__ import annotations

from pathlib import Path

from audioflan_tasks.cli.output import print_table
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.evaluation.leakage import KINDS, Audit, audit

__all__ = ["print_audit"]


def print_audit(
    train: str,
    measured: str,
    root: Path | None,
    allow: str,
    listen: bool,
    workers: int,
    as_json: bool,
) -> int:
    """Prints what was found; 0 if nothing leaks that was not allowed to, else 1."""
    allowed = tuple(filter(None, (kind.strip() for kind in allow.split(","))))
    corpus = None if root is None else Corpus(root)
    found = _with_progress(train, measured, corpus, allowed, listen, workers)
    if as_json:
        import msgspec

        print(msgspec.json.format(msgspec.json.encode(found), indent=1).decode())
    else:
        _print(found)
    return 0 if found.clean else 1


def _with_progress(
    train: str,
    measured: str,
    corpus: Corpus | None,
    allow: tuple[str, ...],
    listen: bool,
    workers: int,
) -> Audit:
    from rich.console import Console
    from rich.progress import Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"), TextColumn("{task.completed:,}"), TimeElapsedColumn()
    )  # fmt: skip
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        bars = {
            step: progress.add_task(step, total=None)
            for step in ("training records", "evaluation records", "audio clips")
        }
        return audit(
            train, measured, corpus=corpus, allow=allow, listen=listen, workers=workers,
            progress=lambda step, count: progress.advance(bars[step], count),
        )  # fmt: skip


def _print(found: Audit) -> None:
    header = ("shared", "evaluation records", "share", "training records", "keys", "")
    rows = [
        (leak.kind, f"{leak.eval:,}", f"{100 * leak.share:.2f} %", f"{leak.train:,}",
         f"{leak.keys:,}", "allowed" if leak.allowed else "LEAK" if leak.eval else "")
        for leak in found.leaks
    ]  # fmt: skip
    print_table(header, rows)
    for leak in found.leaks:
        if leak.eval:
            print(f"{leak.kind}: {KINDS[leak.kind]}")
            for example in leak.examples:
                print(f"  {example}")
    heard = f"{found.clips:,} clips heard"
    if found.not_heard:
        heard += f", {found.not_heard:,} could not be read or were not to be"
    print(
        f"{found.train} ({found.train_records:,} records) against {found.eval} "
        f"({found.eval_records:,} records): {'clean' if found.clean else 'not clean'}; "
        f"{heard}; {found.seconds:.1f} s"
    )
