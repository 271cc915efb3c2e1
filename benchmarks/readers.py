"""How fast corpora of the paper are read: files a second of CPU time, for three layouts.

A tree of short files is generated for each: a table of WAV (LJSpeech), WAV with a text file each
(LibriTTS-R), FLAC in folders of books (MLS). `read` gives the recordings; `headers` also opens
each file and makes a hard link; `recipe` is the whole command: that, lists, and the records of all
tasks that the paper makes of the corpus, three to seven for each file.

    python benchmarks/readers.py [--files 20000] [--profile]
"""

from __future__ import annotations

import argparse
import cProfile
import os
import pstats
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
import soundfile

from audioflan_tasks.recipes import Recording, SourceCorpus, known_corpus
from audioflan_tasks.recipes.audio_files import AudioFiles

_SECONDS, _RATE = 0.2, 16_000
_A_FOLDER = 100


class Files:
    """Puts the same short clip into many places, as hard links: only its headers count."""

    def __init__(self, root: Path) -> None:
        self.root = root
        noise = np.random.default_rng(0).normal(0, 0.1, int(_SECONDS * _RATE))
        for suffix in ("wav", "flac"):
            soundfile.write(root / f"clip.{suffix}", noise, _RATE, subtype="PCM_16")

    def clip(self, path: str) -> None:
        """A clip of the format that the path says."""
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        os.link(self.root / f"clip.{target.suffix[1:]}", target)

    def text(self, path: str, text: str) -> None:
        """A file of text."""
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text, encoding="utf-8")


def _ljspeech(files: Files, count: int) -> None:
    names = [f"LJ{n // _A_FOLDER:03d}-{n % _A_FOLDER:04d}" for n in range(count)]
    files.text("metadata.csv", "".join(f"{name}|Words {name}|Words {name}\n" for name in names))
    for name in names:
        files.clip(f"wavs/{name}.wav")


def _libritts_r(files: Files, count: int) -> None:
    files.text("speakers.tsv", "READER\tGENDER\n" + "".join(f"{n}\tF\n" for n in range(1000)))
    for speaker, number in _places(count):
        stem = f"train-clean-100/{speaker}/7/{speaker}_7_{number:06d}_000000"
        files.clip(f"{stem}.wav")
        files.text(f"{stem}.normalized.txt", f"Words {speaker} {number}.")


def _mls(files: Files, count: int) -> None:
    rows = []
    for speaker, number in _places(count):
        rows.append(f"{speaker}_7_{number:06d}\twords {speaker} {number}\n")
        files.clip(f"mls_german/train/audio/{speaker}/7/{speaker}_7_{number:06d}.flac")
    files.text("mls_german/train/transcripts.txt", "".join(rows))
    files.text("mls_german/metainfo.txt", "1 | F | train\n")


def _places(count: int) -> Iterator[tuple[int, int]]:
    yield from (divmod(n, _A_FOLDER) for n in range(count))


LAYOUTS: dict[str, Callable[[Files, int], None]] = {
    "LJSpeech": _ljspeech, "LibriTTS-R": _libritts_r, "MLS": _mls,
}  # fmt: skip


def _cpu_seconds(run: Callable[[], object]) -> float:
    start = time.process_time()
    run()
    return time.process_time() - start


def _count(recordings: Iterable[Recording]) -> int:
    return sum(1 for _ in recordings)


def _put(source: SourceCorpus, out: Path) -> None:
    files = AudioFiles(source.audio_root, out, source.folder, "link")
    for recording in source.recordings():
        files.put(recording)


def main() -> None:
    """Prints a line for each layout."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--files", type=int, default=20_000)
    parser.add_argument("--profile", action="store_true", help="where `recipe` spends its time")
    arguments = parser.parse_args()
    print("| layout | read, files/CPU s | headers | recipe |\n|---|---|---|---|")
    for name, write in LAYOUTS.items():
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            write(Files(root), arguments.files)
            source = known_corpus(name, root)
            steps = (
                lambda: _count(source.recordings()),  # noqa: B023
                lambda: _put(source, root / "audio"),  # noqa: B023
                lambda: source.write(root / "out", audio="link"),  # noqa: B023
            )
            speeds = (f"{arguments.files / _cpu_seconds(step):,.0f}" for step in steps)
            print(f"| {name} | {' | '.join(speeds)} |")
            if arguments.profile:
                profile = cProfile.Profile(time.process_time)
                profile.runcall(source.write, root / "profiled", audio="link")
                pstats.Stats(profile).sort_stats("tottime").print_stats(25)


if __name__ == "__main__":
    main()
