"""Trains a small Llama of random weights with Hugging Face's Trainer, on packed rows.

    pip install transformers accelerate
    python examples/train_hf.py --out RUN
    torchrun --nproc_per_node 2 examples/train_hf.py --out RUN

`RowCollator` makes tensors of the batches of `TorchBatches`. The loss is the mean weighted by
`loss_weights`: here each example counts the same, however long its answer is. The Trainer shuffles
nothing: order, shards and resuming are those of the dataset.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import audioflan_tasks as af
from audioflan_tasks.engine.adapters.torch_dataset import TorchBatches
from audioflan_tasks.engine.adapters.torch_rows import RowCollator, weighted_loss
from audioflan_tasks.tokens import vocabulary_of

OPTIONS = af.ExampleOptions(codebooks=1)
TASKS = ("key_detection", "gender_recognition", "sound_event_recognition")


def rows_of(length: int, shard: tuple[int, int]) -> TorchBatches:
    """Packed rows of `length` ids, those of one rank."""
    return TorchBatches(
        af.mixture(*TASKS, policy="equal"), batch_size=1, form="packed", pack_length=length,
        seed=0, loss_weights={"music": 2}, loss_by="example", shard=shard, options=OPTIONS,
    )  # fmt: skip


def trainer_of(out: Path, steps: int, length: int) -> Any:
    """A Trainer of a small model over packed rows of `length` ids."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM, Trainer, TrainingArguments

    class WeightedTrainer(Trainer):
        """Takes the mean loss over `loss_weights`, and the rows of its rank from the dataset."""

        def get_train_dataloader(self) -> Any:
            # The Trainer's own loader would shard again: ranks would lose rows of each other.
            return torch.utils.data.DataLoader(
                self.train_dataset, batch_size=self.args.per_device_train_batch_size,
                collate_fn=self.data_collator, pin_memory=self.args.dataloader_pin_memory,
            )  # fmt: skip

        def compute_loss(
            self, model: Any, inputs: dict[str, Any], return_outputs: bool = False, **_: Any
        ) -> Any:
            labels, weights = inputs["labels"], inputs["loss_weights"]
            arrays = {k: v for k, v in inputs.items() if k not in ("labels", "loss_weights")}
            outputs = model(**arrays)
            loss = weighted_loss(outputs.logits, labels, weights)
            return (loss, outputs) if return_outputs else loss

    vocabulary = vocabulary_of(OPTIONS)
    config = LlamaConfig(
        vocab_size=vocabulary.vocab_size, hidden_size=64, intermediate_size=128,
        num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=4,
        max_position_embeddings=length, pad_token_id=vocabulary.pad_id,
        eos_token_id=vocabulary.eos_id, bos_token_id=None,
    )  # fmt: skip
    arguments = TrainingArguments(
        output_dir=str(out), max_steps=steps, per_device_train_batch_size=4, learning_rate=3e-3,
        logging_steps=1, save_steps=steps, report_to=[], seed=0,
        # Without a GPU ranks find each other only if that is said.
        use_cpu=not torch.cuda.is_available(), ddp_find_unused_parameters=False,
        # Pinned memory serves a GPU; without one torch warns.
        dataloader_pin_memory=torch.cuda.is_available(),
        # Else the columns are dropped that the collator needs.
        remove_unused_columns=False,
    )  # fmt: skip
    shard = (arguments.process_index, arguments.world_size)
    return WeightedTrainer(
        model=LlamaForCausalLM(config), args=arguments, train_dataset=rows_of(length, shard),
        data_collator=RowCollator(vocabulary.pad_id).collate,
    )  # fmt: skip


def main() -> None:
    """Trains and prints the losses."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("train-hf"), help="folder of the run")
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--length", type=int, default=1024, help="ids of a packed row")
    arguments = parser.parse_args()
    print("the audio of the first batches is encoded", flush=True)
    trainer = trainer_of(arguments.out, arguments.steps, arguments.length)
    trainer.train()
    for entry in trainer.state.log_history:
        if "loss" in entry:
            print(f"step {entry['step']}  loss {entry['loss']:.3f}")


if __name__ == "__main__":
    main()
