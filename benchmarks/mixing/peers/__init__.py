"""One module for each peer; a peer is imported only in the process that runs it."""

from __future__ import annotations

import importlib

from loading import Loader

__all__ = ["PEERS", "loader"]

PEERS = {
    "limit": "memmap", "torch_jsonl": "torch_jsonl", "hf_arrow": "hf_arrow", "lhotse": "lhotse_mux",
    "webdataset": "webdataset_mix", "grain": "grain_records", "energon": "energon_blend",
    "mosaic": "mosaic_streams", "seqio": "seqio_stock", "pretok": "pretok",
    "pretok-packed": "pretok",
}  # fmt: skip


def loader(name: str) -> Loader:
    """The row of a peer or of ours."""
    if name in PEERS:
        module = importlib.import_module(f"peers.{PEERS[name]}")
        row: Loader = module.PACKED_LOADER if name.endswith("-packed") else module.LOADER
        return row
    from ours import LOADERS

    return LOADERS[name]
