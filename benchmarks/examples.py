"""First example of audioflan_all after import, and examples a second, beside stock reading.

    python benchmarks/examples.py [--count 400]

The peer is soundfile reading and soxr resampling the same clips in the same run: what any
loader that works from files must pay before it tokenizes or renders anything.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path


def main() -> None:
    """Prints one table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=400)
    count = parser.parse_args().count
    began = time.perf_counter()
    import seqio

    import audioflan_tasks

    imported = time.perf_counter() - began
    with tempfile.TemporaryDirectory() as folder:
        audioflan_tasks.settings.cache_dir = Path(folder)
        began = time.perf_counter()
        stream = iter(
            seqio.get_mixture_or_task("audioflan_all").get_dataset(seed=1).as_numpy_iterator()
        )
        next(stream)
        first = time.perf_counter() - began
        cold, ids = _pull(stream, count)
        warm, _ = _pull(stream, count)
        peer = _read(ids)
    rows = (
        ("import seqio and audioflan_tasks", f"{imported:.1f} s"),
        ("first example after import, cold cache", f"{first:.1f} s"),
        (f"next {count}, codes being made", f"{count / cold:.0f} examples/s"),
        (f"next {count}, most clips still new", f"{count / warm:.0f} examples/s"),
        (f"peer: soundfile + soxr of the audio of {count}", f"{count / peer:.0f} examples/s"),
        ("ratio of the last two", f"{peer / warm:.2f}"),
    )
    for name, value in rows:
        print(f"{name:<48}{value:>18}")


def _pull(stream: object, count: int) -> tuple[float, list[str]]:
    ids: list[str] = []
    began = time.perf_counter()
    for _ in range(count):
        ids += [i.decode() for i in next(stream)["audio_ids"]]  # type: ignore[call-overload]
    return time.perf_counter() - began, ids


def _read(ids: list[str]) -> float:
    from audioflan_tasks.corpus import Corpus

    corpus = Corpus()
    _ = corpus.recipes, corpus.rows
    began = time.perf_counter()
    for audio_id in ids:
        corpus.audio(audio_id, 16000)
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
