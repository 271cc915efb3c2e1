"""What a store holds, what it was made from, and how two stores differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from audioflan_tasks.store.reader.store import Store

__all__ = ["StoreInfo", "diff_stores", "store_info"]


@dataclass(frozen=True, slots=True)
class StoreInfo:
    """Contents and lineage of a store; `bytes` by folder, `rows` by (task, split)."""

    path: Path
    facts: Mapping[str, Any]
    rows: Mapping[tuple[str, str], int]
    bytes: Mapping[str, int]

    def as_dict(self) -> dict[str, Any]:
        """Everything, ready for JSON."""
        rows = {f"{task}/{split}": count for (task, split), count in self.rows.items()}
        named = ("version", "source", "files", "packages", "default")
        return {
            "path": str(self.path),
            **{name: self.facts[name] for name in named},
            "codes": {name: _described(one) for name, one in self.facts["codes"].items()},
            "texts": {name: _described(one) for name, one in self.facts["texts"].items()},
            "rows": rows,
            "bytes": dict(self.bytes),
        }

    def lines(self) -> list[str]:
        """The essentials as lines to print."""
        splits: Counter[str] = Counter()
        for (_, split), count in self.rows.items():
            splits[split] += count
        tasks = len({task for task, _ in self.rows})
        size = sum(file["size"] for file in self.facts["files"])
        told = [
            f"{self.path}: {sum(splits.values()):,} rows of {tasks} tasks, "
            + ", ".join(f"{split} {count:,}" for split, count in splits.items()),
            f"from {self.facts['source']}: {len(self.facts['files']):,} files, {size:,} bytes",
        ]
        for name, one in self.facts["codes"].items():
            told.append(
                f"codes {name}: {one['seconds'] / 3600:,.2f} h, {one['frames']:,} frames of "
                f"{len(one['codebook_sizes'])} codebooks at {one['frame_rate']:g}/s, "
                f"missing audio: {one['policy']}"
            )
        told += [f"texts {name}: {one['ids']:,} ids" for name, one in self.facts["texts"].items()]
        told.append(", ".join(f"{name} {n / 1e6:,.1f} MB" for name, n in self.bytes.items()))
        packages = self.facts["packages"].items()
        told.append("made with " + ", ".join(f"{name} {version}" for name, version in packages))
        return told


def store_info(path: str | Path) -> StoreInfo:
    """What a store holds and what it was made from.

    Raises:
      StoreError: it is no finished store.
    """
    store = Store(path)
    sizes: Counter[str] = Counter()
    for file in sorted(store.path.rglob("*")):
        if file.is_file():
            sizes[file.relative_to(store.path).parts[0]] += file.stat().st_size
    rows = {key: store.size(*key) for key in store.pairs()}
    return StoreInfo(store.path, store.facts, rows, dict(sizes))


def diff_stores(first: str | Path, second: str | Path) -> list[str]:
    """How the second store differs from the first, a line a difference.

    Raises:
      StoreError: one is no finished store.
    """
    before, after = store_info(first), store_info(second)
    files = [{one["file"]: one for one in info.facts["files"]} for info in (before, after)]
    found = list(_changes("file", *({k: v["digest"] for k, v in one.items()} for one in files)))
    rows = [{"/".join(k): n for k, n in info.rows.items()} for info in (before, after)]
    found += _changes("rows of", *rows)
    for what in ("codes", "texts"):
        sets = [
            {name: str(_described(one)) for name, one in info.facts[what].items()}
            for info in (before, after)
        ]
        found += _changes(what, *sets)
    found += _changes("package", before.facts["packages"], after.facts["packages"])
    return found


def _changes(what: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    for name in sorted({*before, *after}):
        if name not in after:
            yield f"- {what} {name}"
        elif name not in before:
            yield f"+ {what} {name}"
        elif before[name] != after[name]:
            plain = isinstance(before[name], int) or what == "package"
            yield f"~ {what} {name}" + (f": {before[name]} -> {after[name]}" if plain else "")


def _described(one: Mapping[str, Any]) -> dict[str, Any]:
    """A code or text set without the names of its units."""
    hidden = ("groups", "clips", "refs", "texts")
    return {k: v for k, v in one.items() if not k.endswith("_units") and k not in hidden}
