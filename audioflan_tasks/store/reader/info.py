"""What a store holds, what it was made from, and how two stores differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from audioflan_tasks.config import local_root
from audioflan_tasks.folders import walk
from audioflan_tasks.plain_files import file_state
from audioflan_tasks.store.files import read_json
from audioflan_tasks.store.reader.store import Store
from audioflan_tasks.store.schema import CodeSet, StoreFile, TextSet

__all__ = ["StoreInfo", "diff_stores", "store_info"]


@dataclass(frozen=True, slots=True)
class StoreInfo:
    """Contents and lineage of a store; `bytes` by folder, `rows` by (task, split)."""

    path: Path
    facts: StoreFile
    rows: Mapping[tuple[str, str], int]
    bytes: Mapping[str, int]

    def as_dict(self) -> dict[str, Any]:
        """Everything, ready for JSON."""
        facts = self.facts
        return {
            "path": str(self.path),
            "version": facts.version,
            "source": facts.source,
            "files": msgspec.to_builtins(facts.files),
            "packages": dict(facts.packages),
            "default": msgspec.to_builtins(facts.default),
            "codes": {name: codes.summary() for name, codes in facts.codes.items()},
            "texts": {name: texts.summary() for name, texts in facts.texts.items()},
            "rows": {f"{task}/{split}": count for (task, split), count in self.rows.items()},
            "bytes": dict(self.bytes),
        }

    def lines(self) -> list[str]:
        """The essentials as lines to print."""
        facts = self.facts
        splits: Counter[str] = Counter()
        for (_, split), count in self.rows.items():
            splits[split] += count
        tasks = len({task for task, _ in self.rows})
        size = sum(file.size for file in facts.files)
        return [
            f"{self.path}: {sum(splits.values()):,} rows of {tasks} tasks, "
            + ", ".join(f"{split} {count:,}" for split, count in splits.items()),
            f"from {facts.source}: {len(facts.files):,} files, {size:,} bytes",
            *(_code_line(name, codes) for name, codes in facts.codes.items()),
            *(f"texts {name}: {texts.ids:,} ids" for name, texts in facts.texts.items()),
            ", ".join(f"{name} {n / 1e6:,.1f} MB" for name, n in self.bytes.items()),
            "made with " + ", ".join(f"{name} {v}" for name, v in facts.packages.items()),
        ]


def _code_line(name: str, codes: CodeSet) -> str:
    return (
        f"codes {name}: {codes.seconds / 3600:,.2f} h, {codes.frames:,} frames of "
        f"{len(codes.codebook_sizes)} codebooks at {codes.frame_rate:g}/s, "
        f"missing audio: {codes.policy}"
    )


def store_info(path: str | Path) -> StoreInfo:
    """What a store holds and what it was made from.

    Raises:
      StoreError: it is no finished store.
    """
    store = Store(local_root(path))
    sizes: Counter[str] = Counter()
    for parent, _, names in walk(store.path):
        for file in (Path(parent, name) for name in names):
            sizes[file.relative_to(store.path).parts[0]] += file_state(file).size
    rows = {key: store.size(*key) for key in store.pairs()}
    return StoreInfo(store.path, store.facts, rows, dict(sizes))


def diff_stores(first: str | Path, second: str | Path) -> list[str]:
    """How the second store differs from the first, a line a difference.

    Raises:
      StoreError: one is no finished store.
    """
    old, new = store_info(first), store_info(second)
    old_texts, new_texts = old.facts.texts, new.facts.texts
    return [
        *_changes("file", _file_digests(old), _file_digests(new)),
        *_changes("rows of", old.as_dict()["rows"], new.as_dict()["rows"]),
        *_changes("codes", _summaries(old.facts.codes), _summaries(new.facts.codes)),
        *_changes("codes and audio of", _code_digests(old), _code_digests(new)),
        *_changes("texts", _summaries(old_texts), _summaries(new_texts)),
        *_changes("catalogue's row of", *_catalogue_rows(old, new)),
        *_changes("package", old.facts.packages, new.facts.packages),
    ]


def _file_digests(info: StoreInfo) -> dict[str, str]:
    return {file.file: file.digest for file in info.facts.files}


def _summaries(sets: Mapping[str, CodeSet] | Mapping[str, TextSet]) -> dict[str, str]:
    return {name: str(fields.summary()) for name, fields in sets.items()}


def _code_digests(info: StoreInfo) -> dict[str, str]:
    """A digest of the code files of each bucket, and of the contents that they are of."""
    digests = {}
    for name, codes in info.facts.codes.items():
        for unit in codes.code_units:
            marker = read_json(info.path / codes.codes / f"{unit}.done") or {}
            bucket = unit.rpartition(".")[0]
            digests[f"{name}, bucket {bucket}"] = str([marker.get("source"), marker.get("files")])
    return digests


def _catalogue_rows(old: StoreInfo, new: StoreInfo) -> tuple[dict[str, str], dict[str, str]]:
    """Digests of the catalogue's rows by task, as far as both stores were made with them.

    Records are read by some columns of a row, texts are made with all of them.
    """
    both = old.facts.texts.keys() & new.facts.texts.keys()
    first, second = (_rows_read_by(info) for info in (old, new))
    for rows, info in ((first, old), (second, new)):
        for name in both:
            for task, digest in info.facts.texts[name].tasks.items():
                rows[task] = rows.get(task, "") + digest
    return first, second


def _rows_read_by(info: StoreInfo) -> dict[str, str]:
    folder = info.path / "manifest"
    markers = (read_json(folder / f"{shard.unit}.done") or {} for shard in info.facts.shards)
    return {task: digest for marker in markers for task, digest in marker.get("tasks", {}).items()}


def _changes(noun: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    for name in sorted({*old, *new}):
        if name not in new:
            yield f"- {noun} {name}"
        elif name not in old:
            yield f"+ {noun} {name}"
        elif old[name] != new[name]:
            is_short = isinstance(old[name], int) or noun == "package"
            yield f"~ {noun} {name}" + (f": {old[name]} -> {new[name]}" if is_short else "")
