"""Settings of all tests, their markers, and a tokenizer that costs nothing.

A test is marked by what it costs:

- `slow`: more than about half a second on an idle core. The default run has it, `--quick` not.
- `full`: the long form of a property that a shorter test proves as well: every task, every row,
  the real codec. Only `--full` runs it.
- All others are `quick`; nobody writes that marker, it is set here.

Nothing here depends on the speed of the machine: Hypothesis has no deadline, and no test
measures seconds on the wall.
"""

from __future__ import annotations

import os
import resource
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import settings
from hypothesis.configuration import set_hypothesis_home_dir
from numpy.typing import NDArray

import audioflan_tasks
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.corpus.examples import ExampleMaker
from audioflan_tasks.tokens import registry

# The same examples in every run: a failure of CI can be made again, and none comes by chance.
set_hypothesis_home_dir(Path(tempfile.gettempdir()) / "audioflan_tasks_hypothesis")
settings.register_profile("project", derandomize=True, deadline=None, database=None)
settings.load_profile("project")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    """Marks `quick` what is neither `slow` nor `full`."""
    for item in items:
        if not any(item.iter_markers("slow")) and not any(item.iter_markers("full")):
            item.add_marker("quick")


@pytest.fixture(autouse=True, scope="session")
def _no_waiting_for_the_disk() -> Iterator[None]:
    """Files need not outlive a loss of power here, and to wait for that is most of a build."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda handle: None)
        yield


@pytest.fixture(autouse=True, scope="session")
def _shared_codes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Codes of a clip are made once in a run: all its processes keep them in one folder.

    They are kept by what the clip holds, so tests do not disturb each other.
    """
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "codes"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(audioflan_tasks.settings, "cache_dir", folder)
        patch.setenv("AUDIOFLAN_CACHE_DIR", str(folder))
        yield


class Loudness:
    """Loudness and sign changes of 20 ms frames: real codes of real audio, at no cost."""

    name, fingerprint = "loudness", "loudness-v1"
    sample_rate, frame_rate = 16_000, 50.0
    codebook_sizes = (64, 64)

    def encode(self, waveform: NDArray[np.float32]) -> NDArray[np.uint16]:
        x = np.pad(waveform, (0, -len(waveform) % 320)).reshape(-1, 320)
        loud = np.clip(np.log2((x**2).mean(1) + 1e-9) * 2 + 60, 0, 63)
        turns = np.clip((np.diff(np.sign(x), axis=1) != 0).sum(1) // 5, 0, 63)
        return np.stack([loud, turns], 1).astype(np.uint16)

    def decode(self, codes: NDArray[np.integer[Any]]) -> NDArray[np.float32]:
        return np.repeat(np.asarray(codes)[:, 0] / 64, 320).astype(np.float32)


@pytest.fixture
def quick_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tasks use the tokenizer that costs nothing."""
    if "loudness" not in registry.tokenizer_names():
        registry.register_tokenizer("loudness", Loudness)
    monkeypatch.setattr(audioflan_tasks.settings, "tokenizer", "loudness")


# In it no file can grow beyond that many bytes: "File too large", as on a disk that is full.
SmallDisk = Callable[[int], AbstractContextManager[None]]


@contextmanager
def _small_disk(size: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    # Python ignores the signal that comes with it.
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.fixture
def small_disk() -> SmallDisk:
    """A block in which every file is on a small disk."""
    return _small_disk


def maker_of(corpus: Corpus, lengths: Mapping[str, int] | None = None) -> ExampleMaker:
    """What makes examples of a corpus with the settings as they are now."""
    return ExampleMaker(corpus, audioflan_tasks.settings.example_options(), lengths)
