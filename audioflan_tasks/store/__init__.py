"""A store: records, codes and text ids in files, opened in milliseconds.

    STORE/
      store.json                    what it was made from (written last); names the units below
      manifest/SHARD.arrow          records: one Arrow IPC file a shard
      clips/bNN/BUCKET.arrow        audio ids: where they lead, digest of the content
      codes/TOKENIZER/bNN/BUCKET.npy    codes, uint16 [frames, codebooks], and an index
      refs/TOKENIZER/SHARD.refs         where the codes of each row are
      texts/TEXT/SHARD.texts            ids of the records' own texts; outlines, provenance
      quarantine.jsonl              what was left out: file:line, reason, raw record

Every unit's name ends in a digest, and it has a marker `.done` that holds what the unit was made
from (its `source`, see `store.schema`) and the size and checksum of its files.
"""

from __future__ import annotations

from audioflan_tasks.store.builder.build import build_store
from audioflan_tasks.store.builder.summary import Summary
from audioflan_tasks.store.groups import TaskRows
from audioflan_tasks.store.item_checks import changed_items, text_check
from audioflan_tasks.store.layout import ORDER, REF, ROW, TEXT_SLICE
from audioflan_tasks.store.reader.info import StoreInfo, diff_stores, store_info
from audioflan_tasks.store.reader.joined import JoinedStore, open_store
from audioflan_tasks.store.reader.provenance import read_provenance
from audioflan_tasks.store.reader.shard import ByteSlices, ShardReader
from audioflan_tasks.store.reader.store import Store, is_store
from audioflan_tasks.store.row_provenance import RowProvenance
from audioflan_tasks.store.verify import StoreFault, repair_store, verify_store

__all__ = [
    "ORDER",
    "REF",
    "ROW",
    "TEXT_SLICE",
    "ByteSlices",
    "JoinedStore",
    "RowProvenance",
    "ShardReader",
    "Store",
    "StoreFault",
    "StoreInfo",
    "Summary",
    "TaskRows",
    "build_store",
    "changed_items",
    "diff_stores",
    "is_store",
    "open_store",
    "read_provenance",
    "repair_store",
    "store_info",
    "text_check",
    "verify_store",
]
