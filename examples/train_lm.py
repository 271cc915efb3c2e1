"""Trains a small decoder-only language model from scratch, in plain torch, and scores it.

    python examples/train_lm.py --out RUN          # the demo corpus; minutes on a CPU
    python examples/train_lm.py --out RUN          # again: goes on where it was stopped
    python examples/train_lm.py --data STORE --tasks all --width 512 --layers 8 --steps 100000

Examples are packed: several in a row, and none attends to another (`block_diagonal`). Every
`--every` steps the loss of each task and domain is printed and written to RUN/losses.jsonl, and
model, optimizer and the position in the data go into RUN/checkpoint.pt. A run that is killed and
started again ends with the same weights as one that was not, bit for bit on a CPU. At its end
`audioflan evaluate` asks the model the questions of the test split (RUN/evaluation).
Needs the extra `torch`; takes a GPU where there is one.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

import audioflan_tasks as af
from audioflan_tasks.engine.adapters.torch_rows import LossByTask, block_diagonal
from audioflan_tasks.engine.batching.collate import NO_LABEL
from audioflan_tasks.tokens import vocabulary_of

TASKS = (
    "gender_recognition", "language_identification", "intent_classification",
    "instrument_classification", "genre_classification", "key_detection",
    "sound_event_recognition", "acoustic_scene_classification",
    "speech_silence_music_and_noise_classification",
)  # fmt: skip

# One codebook: 50 ids for a second of audio.
OPTIONS = af.ExampleOptions(codebooks=1)

DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")

# Ids of an answer, at most.
ANSWER_IDS = 24


@dataclass(frozen=True)
class Shape:
    """Size of the model; `length` is that of a packed row."""

    vocabulary: int
    width: int
    layers: int
    heads: int
    length: int


class Layer(nn.Module):
    """Self-attention under a mask, then two linear layers, each added to what comes in."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.heads, width = shape.heads, shape.width
        self.before_attention, self.before_mixing = nn.LayerNorm(width), nn.LayerNorm(width)
        self.queries_keys_values = nn.Linear(width, 3 * width)
        self.attended = nn.Linear(width, width)
        self.mixing = nn.Sequential(
            nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width)
        )

    def forward(self, hidden: Tensor, mask: Tensor) -> Tensor:
        """`hidden` [rows, length, width]; `mask` [rows, 1, length, length] is added."""
        rows, length, width = hidden.shape
        projected = self.queries_keys_values(self.before_attention(hidden))
        queries, keys, values = projected.view(rows, length, 3, self.heads, -1).permute(
            2, 0, 3, 1, 4
        )
        heads = functional.scaled_dot_product_attention(queries, keys, values, attn_mask=mask)
        hidden = hidden + self.attended(heads.transpose(1, 2).reshape(rows, length, width))
        return hidden + self.mixing(self.before_mixing(hidden))


class LanguageModel(nn.Module):
    """A decoder; its embedding is also its last layer."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.ids = nn.Embedding(shape.vocabulary, shape.width)
        self.positions = nn.Embedding(shape.length, shape.width)
        self.layers = nn.ModuleList(Layer(shape) for _ in range(shape.layers))
        self.norm = nn.LayerNorm(shape.width)
        for table in (self.ids, self.positions):
            nn.init.normal_(table.weight, std=0.02)

    def forward(self, input_ids: Tensor, position_ids: Tensor, segment_ids: Tensor) -> Tensor:
        """What stands before the last layer [rows, length, width]."""
        hidden = self.ids(input_ids) + self.positions(position_ids)
        mask = block_diagonal(segment_ids)
        for layer in self.layers:
            hidden = layer(hidden, mask)
        return self.norm(hidden)

    def logits(self, hidden: Tensor) -> Tensor:
        """Of all ids of the vocabulary, [..., width] to [..., vocabulary]."""
        return functional.linear(hidden, self.ids.weight)


def losses_of(model: LanguageModel, batch: dict[str, Tensor]) -> tuple[Tensor, Tensor, Tensor]:
    """Loss, weight and task of each label of a packed batch, [labels] each.

    Logits are made only where there is a label: the vocabulary is what costs most.
    """
    labels = batch["labels"][:, 1:]
    is_label = labels != NO_LABEL
    hidden = model(batch["input_ids"], batch["position_ids"], batch["segment_ids"])
    logits = model.logits(hidden[:, :-1][is_label])
    losses = functional.cross_entropy(logits, labels[is_label], reduction="none")
    return losses, batch["loss_weights"][:, 1:][is_label], batch["task"][:, 1:][is_label]


class Run:
    """A training run in a folder, which goes on from its checkpoint."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self.folder: Path = arguments.out
        self.every: int = arguments.every
        self.folder.mkdir(parents=True, exist_ok=True)
        torch.manual_seed(arguments.seed)
        mix = af.mixture(*arguments.tasks, policy="equal")
        corpus = af.Corpus(arguments.data) if arguments.data else None
        self.batches = af.batches(
            mix, corpus=corpus, batch_size=arguments.rows, form="packed",
            pack_length=arguments.length, seed=arguments.seed, options=OPTIONS,
            loss_by=arguments.loss_by, loss_weights={},
        )  # fmt: skip
        size = vocabulary_of(OPTIONS).vocab_size
        shape = Shape(size, arguments.width, arguments.layers, arguments.heads, arguments.length)
        self.model = LanguageModel(shape).to(DEVICE)
        self.rate, self.steps, self.step = arguments.rate, arguments.steps, 0
        self.optimizer = torch.optim.AdamW(self.model.parameters(), lr=self.rate)
        self.domains = {task: facts["domain"] for task, facts in self.batches.facts.items()}
        self.resume()

    @property
    def checkpoint(self) -> Path:
        return self.folder / "checkpoint.pt"

    @property
    def log(self) -> Path:
        return self.folder / "losses.jsonl"

    def resume(self) -> None:
        """Goes to the checkpoint, if there is one; what was logged after it is taken out."""
        lines = self.log.read_text("utf-8").splitlines(True) if self.log.exists() else []
        if self.checkpoint.exists():
            state = torch.load(self.checkpoint, map_location=DEVICE, weights_only=True)
            self.step = state["step"]
            self.model.load_state_dict(state["model"])
            self.optimizer.load_state_dict(state["optimizer"])
            self.batches.load_state_dict(json.loads(state["data"]))
        kept_lines = [line for line in lines if json.loads(line)["step"] <= self.step]
        self.log.write_text("".join(kept_lines), "utf-8")

    def save(self) -> None:
        """Writes the checkpoint beside the old one, then puts it in its place."""
        state = {
            "step": self.step, "shape": asdict(self.model.shape), "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "data": json.dumps(self.batches.state_dict()),
        }  # fmt: skip
        new_file = self.checkpoint.with_suffix(".new")
        torch.save(state, new_file)
        new_file.replace(self.checkpoint)

    def train(self) -> None:
        """Trains up to the last step."""
        while self.step < self.steps:
            began, losses = time.perf_counter(), LossByTask(self.batches.tasks)
            for _ in range(min(self.every, self.steps - self.step)):
                self.train_step(losses)
            self.report(losses, time.perf_counter() - began)
            self.save()

    def train_step(self, losses: LossByTask) -> None:
        """One step of the optimizer."""
        batch = {name: torch.from_numpy(array) for name, array in next(self.batches).items()}
        on_device = {
            name: (tensor if tensor.is_floating_point() else tensor.long()).to(DEVICE)
            for name, tensor in batch.items()
        }
        values, weights, task = losses_of(self.model, on_device)
        losses.add(values, weights, task)
        for group in self.optimizer.param_groups:
            group["lr"] = self.rate * learning(self.step, self.steps)
        self.optimizer.zero_grad()
        ((values * weights).sum() / weights.sum()).backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self.step += 1

    def report(self, losses: LossByTask, seconds: float) -> None:
        """Prints and writes the mean losses since the last report."""
        means: dict[str, Any] = {
            "all": losses.means(dict.fromkeys(self.batches.tasks, "all"))["all"],
            "domains": losses.means(self.domains), "tasks": losses.means(),
        }  # fmt: skip
        with self.log.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"step": self.step, **means}) + "\n")
        domains = "  ".join(f"{name} {value:.3f}" for name, value in means["domains"].items())
        print(
            f"step {self.step}  loss {means['all']:.3f}  {domains}  "
            f"({seconds:.0f} s, padding {self.batches.padding:.0%})", flush=True,
        )  # fmt: skip

    def evaluate(self, limit: int) -> None:
        """Has `audioflan evaluate` ask the model the questions of the test split."""
        tasks = ",".join(task.removeprefix("audioflan_") for task in self.batches.tasks)
        command = [
            sys.executable, "-m", "audioflan_tasks.cli", "evaluate", "tokens:train_lm:generate",
            "all", "--tasks", tasks, "--out", str(self.folder / "evaluation"),
            "--limit", str(limit), "--baselines", "random,majority,blind",
            # A model of some minutes may well not listen; "blind" beside it shows that too.
            "--proof-of-hearing", "0",
        ]  # fmt: skip
        paths = [str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")]
        subprocess.run(command, check=True, env={
            **os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths)),
            "TRAIN_LM_RUN": str(self.folder), "AUDIOFLAN_CODEBOOKS": str(OPTIONS.codebooks),
        })  # fmt: skip


def learning(step: int, steps: int) -> float:
    """The part of the learning rate at a step: up in the first twentieth, then down a cosine."""
    warm = max(1, steps // 20)
    if step < warm:
        return (step + 1) / warm
    return 0.05 + 0.95 * (1 + math.cos(math.pi * (step - warm) / max(1, steps - warm))) / 2


def load_model(folder: Path) -> LanguageModel:
    """The model of a run's checkpoint."""
    state = torch.load(folder / "checkpoint.pt", map_location=DEVICE, weights_only=True)
    model: LanguageModel = LanguageModel(Shape(**state["shape"])).to(DEVICE)
    model.load_state_dict(state["model"])
    model.eval()
    return model


_MODELS: dict[str, LanguageModel] = {}


def generate(inputs: Sequence[np.ndarray[Any, Any]]) -> list[np.ndarray[Any, Any]]:
    """The likeliest ids after each prompt, for `audioflan evaluate tokens:train_lm:generate`.

    The environment names the run (`TRAIN_LM_RUN`).
    """
    folder = os.environ["TRAIN_LM_RUN"]
    if folder not in _MODELS:
        _MODELS[folder] = load_model(Path(folder))
    return [answer_to(_MODELS[folder], ids) for ids in inputs]


@torch.no_grad()
def answer_to(model: LanguageModel, prompt: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The ids of an answer, each the likeliest; a prompt that is too long loses its beginning."""
    eos, room = vocabulary_of(OPTIONS).eos_id, model.shape.length - ANSWER_IDS
    ids = [int(i) for i in prompt[-room:]]
    for _ in range(ANSWER_IDS):
        row = torch.tensor([ids], device=DEVICE)
        positions = torch.arange(len(ids), device=DEVICE)[None]
        hidden = model(row, positions, torch.ones_like(row))[0, -1]
        ids.append(int(model.logits(hidden).argmax()))
        if ids[-1] == eos:
            break
    return np.array(ids[len(prompt[-room:]) :], np.int32)


def main() -> None:
    """Trains, then evaluates."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("train-lm"), help="folder of the run")
    parser.add_argument("--data", help="a corpus or store; default: the settings', or the demo")
    parser.add_argument("--tasks", nargs="+", default=TASKS)
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--every", type=int, default=20, help="steps from report to report")
    parser.add_argument("--rows", type=int, default=4, help="packed rows of a batch")
    parser.add_argument("--length", type=int, default=1024, help="ids of a packed row")
    parser.add_argument("--width", type=int, default=128)
    parser.add_argument("--layers", type=int, default=4)
    parser.add_argument("--heads", type=int, default=4)
    parser.add_argument("--rate", type=float, default=1e-3, help="learning rate")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--loss-by", choices=["token", "second", "example"], default="example")
    parser.add_argument("--limit", type=int, default=20, help="questions a task; 0: no evaluation")
    arguments = parser.parse_args()
    print(f"on {DEVICE}; audio is encoded when it is first met: later steps are faster", flush=True)
    torch.use_deterministic_algorithms(DEVICE.type == "cpu")
    run = Run(arguments)
    count = sum(weights.numel() for weights in run.model.parameters())
    print(f"{len(run.batches.tasks)} tasks, {count:,} weights, from step {run.step}", flush=True)
    run.train()
    if arguments.limit:
        run.evaluate(arguments.limit)


if __name__ == "__main__":
    main()
