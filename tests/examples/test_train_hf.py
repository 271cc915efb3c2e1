"""The example of Hugging Face's Trainer runs, and its loss is that of our rows."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import pytest

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
