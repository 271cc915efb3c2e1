"""The example of Hugging Face's Trainer runs, and its loss is that of our rows."""

from __future__ import annotations

import importlib.util
import itertools
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import audioflan_tasks as af

pytest.importorskip("torch")
pytest.importorskip("transformers")
pytest.importorskip("accelerate")

pytestmark = [pytest.mark.slow, pytest.mark.full]


def loaded() -> Any:
    path = Path(__file__).parents[2] / "examples" / "train_hf.py"
    spec = importlib.util.spec_from_file_location("train_hf", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_trainer_takes_packed_rows(tmp_path: Path) -> None:
    trainer = loaded().trainer_of(tmp_path, 3, 512)
    trainer.train()
    losses = [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]
    assert len(losses) == 3
    # The first loss is of a model that knows nothing: all ids are alike to it.
    size = trainer.model.config.vocab_size
    assert losses[0] == pytest.approx(np.log(size), abs=0.3)
    assert list(tmp_path.glob("checkpoint-3/*"))


RANK = """
import importlib.util, os, sys
from pathlib import Path
import numpy as np
import audioflan_tasks as af

af.settings.cache_dir = Path(sys.argv[3])
spec = importlib.util.spec_from_file_location("train_hf", sys.argv[1])
example = importlib.util.module_from_spec(spec)
spec.loader.exec_module(example)
out = Path(sys.argv[2])
trainer = example.trainer_of(out / "run", 3, 512)
rows, step = [], trainer.training_step
def kept(model, inputs, *rest):
    rows.append(inputs["input_ids"].numpy().copy())
    return step(model, inputs, *rest)
trainer.training_step = kept
trainer.train()
weights = np.concatenate([p.detach().numpy().ravel() for p in trainer.model.parameters()])
np.savez(out / f"rank{os.environ['RANK']}.npz", rows=np.concatenate(rows), weights=weights)
"""


def test_two_ranks_train_one_model_and_lose_no_row(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    example = Path(__file__).parents[2] / "examples" / "train_hf.py"
    ranks = [
        subprocess.Popen(
            [sys.executable, "-c", RANK, example, tmp_path, str(af.settings.cache_dir)],
            env={
                **os.environ, "RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": "2",
                "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "OMP_NUM_THREADS": "1",
            },
        )
        for rank in range(2)
    ]  # fmt: skip
    assert [rank.wait(timeout=1200) for rank in ranks] == [0, 0]
    first, second = (np.load(tmp_path / f"rank{rank}.npz") for rank in range(2))
    # Gradients are averaged, so both models are the same one.
    np.testing.assert_array_equal(first["weights"], second["weights"])
    for rank, ran in enumerate((first, second)):
        rows = itertools.islice(loaded().rows_of(512, (rank, 2)), len(ran["rows"]))
        np.testing.assert_array_equal(ran["rows"], np.concatenate([r["input_ids"] for r in rows]))
    assert not np.array_equal(first["rows"], second["rows"])
