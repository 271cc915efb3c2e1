"""A store: records, codes and text ids in memory-mapped files, opened in milliseconds.

    STORE/
      store.json                    what it is made of (written last); names the units below
      manifest/SHARD.arrow          records: one Arrow IPC file a shard
      clips/bNN/BUCKET.arrow        audio ids: where they lead, digest of the content
      codes/TOKENIZER/bNN/BUCKET.npy    codes, uint16 [frames, codebooks], and an index
      refs/TOKENIZER/SHARD.refs.npy     where the codes of each row lie
      texts/TEXT/SHARD.ids.npy      ids of the records' own texts, and how rows are asked
      quarantine.jsonl              what was left out: file:line, reason, raw record

Every unit ends in `.DIGEST` of what it was made from and has a marker `.done` with the size
and checksum of its files.
"""

from __future__ import annotations

from audioflan_tasks.store.builder.build import build_store
from audioflan_tasks.store.builder.summary import Summary
from audioflan_tasks.store.reader.info import StoreInfo, diff_stores, store_info
from audioflan_tasks.store.reader.joined import JoinedStore, open_store
from audioflan_tasks.store.reader.rows import Brief
from audioflan_tasks.store.reader.shard import ShardReader
from audioflan_tasks.store.reader.store import Store, is_store
from audioflan_tasks.store.verify import Fault, repair_store, verify_store

__all__ = [
    "Brief",
    "Fault",
    "JoinedStore",
    "ShardReader",
    "Store",
    "StoreInfo",
    "Summary",
    "build_store",
    "diff_stores",
    "is_store",
    "open_store",
    "repair_store",
    "store_info",
    "verify_store",
]
