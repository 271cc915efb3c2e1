"""Caches that `seqio_cache_tasks` itself writes.

It needs Beam, which needs an environment of its own: scripts/check_caches.sh.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import seqio

from audioflan_tasks import catalogue
from audioflan_tasks.seqio_tasks.task import AudioFlanTask, make_task
from tests.seqio_tasks.test_cache import keyed
from tests.seqio_tasks.test_families import ASR, corpus_of

ROOT = Path(__file__).parents[2]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        importlib.util.find_spec("apache_beam") is None,
        reason="no Beam; scripts/check_caches.sh makes an environment with it",
    ),
]

LENGTHS = {"inputs": 600, "targets": 300}
# Labels, text, and audio.
NAMES = ("audioflan_key_detection", "audioflan_audio_caption", "audioflan_denoising")
SPLITS = ("train", "validation", "test")
# The runner that needs no network; each worker is a process of its own.
LOCAL = "--runner=FnApiRunner"
PARALLEL = f"{LOCAL},--direct_num_workers=2,--direct_running_mode=multi_processing"


def command(name: str, *arguments: str, **variables: str) -> str:
    """Runs a command of this environment away from the checkout, and gives its output."""
    done = subprocess.run(
        [str(Path(sys.executable).with_name(name)), *arguments],
        capture_output=True, text=True, check=False, env={**os.environ, **variables},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-4000:]
    return done.stderr


def cached_by_tool(folder: Path, names: Sequence[str], *arguments: str, **variables: str) -> str:
    return command(
        "seqio_cache_tasks", "--module_import=audioflan_tasks", f"--tasks={','.join(names)}",
        f"--output_cache_dir={folder}", "--min_shards=2", *arguments, **variables,
    )  # fmt: skip


def cached_quickly(folder: Path, names: Sequence[str]) -> str:
    """With the tokenizer that costs nothing, which a module of a user's own registers."""
    module = folder / "quick_tokens.py"
    module.write_text(
        "from audioflan_tasks.tokens.registry import register_tokenizer\n"
        "from tests.conftest import Loudness\n"
        "register_tokenizer('loudness', Loudness)\n"
    )
    return cached_by_tool(
        folder, names, "--module_import=quick_tokens", f"--pipeline_options={LOCAL}",
        AUDIOFLAN_TOKENIZER="loudness", PYTHONPATH=os.pathsep.join([str(ROOT), str(folder)]),
    )  # fmt: skip


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cache")
    cached_quickly(folder, NAMES)
    return folder


@pytest.fixture
def tasks(cache: Path, quick_tokens: None, monkeypatch: pytest.MonkeyPatch) -> list[AudioFlanTask]:
    monkeypatch.setattr(seqio.utils, "_GLOBAL_CACHE_DIRECTORIES", [])
    seqio.add_global_cache_dirs([str(cache)])
    tasks = [seqio.get_mixture_or_task(name) for name in NAMES]
    for task in tasks:
        monkeypatch.setattr(task, "_cache_dir", None)
    return tasks


@pytest.mark.parametrize("number", range(len(NAMES)))
def test_a_cache_gives_the_examples_of_the_corpus(tasks: list[AudioFlanTask], number: int) -> None:
    task = tasks[number]
    for split in SPLITS:
        run: dict[str, Any] = {"split": split, "seed": 7, "num_epochs": 2}
        live = keyed(task.get_dataset(LENGTHS, **run))
        assert live.total() == 2 * task.num_input_examples(split)
        assert keyed(task.get_dataset(LENGTHS, **run, use_cached=True)) == live


def test_stats_and_facts_are_written(tasks: list[AudioFlanTask], cache: Path) -> None:
    for task in tasks:
        home = cache / task.name
        assert (home / "COMPLETED").exists()
        for split in SPLITS:
            stats = json.loads((home / f"stats.{split}.json").read_text())
            assert stats == task.get_cached_stats(split)
            assert stats["examples"] == task.num_input_examples(split)
            info = json.loads((home / f"info.{split}.json").read_text())
            assert info["num_shards"] == len(list(home.glob(f"{split}.tfrecord-*"))) == 2
            assert info["features"]["codes"]["dtype"] == "int32"


def test_what_is_cached_is_not_cached_again(cache: Path) -> None:
    marker = cache / NAMES[0] / "COMPLETED"
    changed = marker.stat().st_mtime_ns
    assert f"Skipping task '{NAMES[0]}'" in cached_quickly(cache, NAMES[:1])
    assert marker.stat().st_mtime_ns == changed


def test_shards_are_cached_by_several_processes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "corpus"
    corpus = corpus_of(root, "".join(chr(0x4E00 + number) for number in range(600)))
    name = f"audioflan_{ASR}"
    output = cached_by_tool(
        tmp_path / "cache", [name], f"--pipeline_options={PARALLEL}", AUDIOFLAN_DATA_DIR=str(root)
    )
    assert "shards: 3 train-00000-of-00003" in output
    monkeypatch.setattr(seqio.utils, "_GLOBAL_CACHE_DIRECTORIES", [str(tmp_path / "cache")])
    task = make_task(catalogue.get(ASR), lambda: corpus)
    examples = task.get_dataset(use_cached=True, seed=1).as_numpy_iterator()
    uuids = Counter(example["uuid"].decode() for example in examples)
    assert uuids == Counter(record.uuid for record in corpus.instances())
