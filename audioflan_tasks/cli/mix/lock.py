"""`audioflan mix lock MIXTURE`."""

from __future__ import annotations

from pathlib import Path

from audioflan_tasks.cli.mix.source import read_mixture
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.engine.stream import Stream
from audioflan_tasks.mixtures.spec.lock import lock
from audioflan_tasks.whole_files import write_whole

__all__ = ["write_lock"]


def write_lock(
    name: str,
    out: Path | None,
    root: Path | None,
    split: str,
    seed: int,
    file_format: str,
    batch_size: int | None,
) -> None:
    """Writes the resolved shares of a mixture over a corpus to `out`."""
    from audioflan_tasks import __version__

    mix = read_mixture(name, file_format, batch_size)
    stream = Stream(mix, Corpus(root), split=split, seed=seed)
    text = lock(
        mix, stream.resolved, split=split, sources=stream.state(0)["sources"],
        version=__version__,
    )  # fmt: skip
    path = out or Path(f"{Path(name).stem}.lock.json")
    write_whole(path, text)
    print(f"wrote {path}")
