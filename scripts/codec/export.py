"""Writes a checkpoint as the int8 weights file that ConvRVQ reads, and checks it against torch.

Linear weights become int8 with one step per output channel, codebooks float16; the layer
scales are folded into the last matrix of their block.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import torch
from network import HOP, Block, Decoder, Encoder, QuantLinear, ResidualVQ, round_for_good
from numpy.typing import NDArray
from torch import nn

from audioflan_tasks.tokens.convrvq import ConvRVQ

Arrays = dict[str, Any]


def put_linear(arrays: Arrays, name: str, layer: nn.Linear, scale: torch.Tensor | None) -> None:
    weight, bias = layer.weight.detach(), layer.bias.detach()
    step = weight.abs().amax(1).clamp_min(1e-12) / 127
    arrays[f"{name}.weight"] = torch.round(weight / step[:, None]).to(torch.int8).numpy()
    if scale is not None:
        step, bias = step * scale, bias * scale
    arrays[f"{name}.step"] = step.numpy()
    arrays[f"{name}.bias"] = bias.numpy()


def put_module(arrays: Arrays, prefix: str, module: nn.Module) -> None:
    """Adds every layer of the encoder or decoder under its dotted name."""
    for name, part in module.named_modules():
        path = f"{prefix}.{name}"
        if isinstance(part, QuantLinear):
            owner = module.get_submodule(name.rpartition(".")[0])
            folded = isinstance(owner, Block) and name.endswith(".down")
            put_linear(arrays, path, part, owner.scale.detach() if folded else None)
        elif isinstance(part, nn.LayerNorm | nn.Conv1d):
            arrays[f"{path}.weight"] = part.weight.detach().numpy()
            arrays[f"{path}.bias"] = part.bias.detach().numpy()


@torch.no_grad()
def difference(
    wave: NDArray[np.float32], encoder: Encoder, decoder: Decoder, books: ResidualVQ, codec: ConvRVQ
) -> tuple[float, float]:
    """Share of equal codes, and largest sample difference on the same codes."""
    padded = torch.from_numpy(np.pad(wave, (0, -len(wave) % HOP)))[None]
    latent, codes = books(encoder(padded), codec.codebooks)
    ours = codec.encode(wave)
    same = float((codes[0].numpy() == ours).mean())
    theirs = decoder(latent)[0].numpy()
    return same, float(np.abs(theirs - codec.decode(codes[0].numpy())).max())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("weights", type=Path, help="the .npz to write")
    parser.add_argument("--check", type=Path, default=None, help="a 16 kHz mono file to compare on")
    options = parser.parse_args()
    torch.set_num_threads(1)
    state = torch.load(options.checkpoint, weights_only=True)
    encoder, decoder, books = Encoder(), Decoder(), ResidualVQ()
    encoder.load_state_dict(state["encoder"])
    decoder.load_state_dict(state["decoder"])
    books.load_state_dict(state["books"])
    arrays: Arrays = {
        "books": books.books.half().numpy(),
        "encoder.mel": encoder.mel.numpy(),
        "decoder.tilt": decoder.tilt.numpy(),
    }
    put_module(arrays, "encoder", encoder)
    put_module(arrays, "decoder", decoder)
    # Replaced in one step: other people may be reading the old file.
    partial = options.weights.with_suffix(".part")
    with partial.open("wb") as handle:
        np.savez_compressed(handle, **arrays)
    partial.replace(options.weights)
    print(f"{options.weights}: {options.weights.stat().st_size / 1e6:.2f} MB, step {state['step']}")
    if options.check:
        round_for_good(encoder)
        round_for_good(decoder)
        books.books.copy_(books.books.half().float())
        wave, _ = soundfile.read(options.check, dtype="float32")
        same, gap = difference(wave, encoder, decoder, books, ConvRVQ(8, options.weights))
        print(f"codes equal to torch: {same:.5f}; largest sample difference {gap:.2e}")


if __name__ == "__main__":
    main()
