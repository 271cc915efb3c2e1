"""The end of a build: quarantine, `store.json`, and what no store names any more is removed."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from audioflan_tasks.errors import StoreError
from audioflan_tasks.store.builder.summary import Summary
from audioflan_tasks.store.builder.texts import Shard
from audioflan_tasks.store.layout import FORMAT, STORE_FILE, digest_of
from audioflan_tasks.store.publish import json_lines, publish, read_json, write_json
from audioflan_tasks.tokens import AudioTokenizer
from audioflan_tasks.tokens.text_protocol import TextSide

__all__ = ["QUARANTINE", "Built", "finish", "units_named"]

QUARANTINE = "quarantine.jsonl"
_PACKAGES = ("audioflan_tasks", "numpy", "pyarrow", "sentencepiece", "soundfile", "soxr")

_Said = dict[str, Any]


@dataclass(slots=True)
class Built:
    """What the stages of a build have made so far."""

    root: Path
    policy: str
    part_bytes: int = 0
    manifest: list[_Said] = field(default_factory=list)
    shards: list[Shard] = field(default_factory=list)
    tables: list[_Said] = field(default_factory=list)
    table_bits: int = 0
    codes: list[_Said] = field(default_factory=list)
    code_bits: int = 0
    code_folder: Path = Path()
    refs: list[_Said] = field(default_factory=list)
    ref_folder: Path = Path()
    tokenizer: AudioTokenizer | None = None
    tokenizer_name: str = ""
    imports: tuple[str, ...] = ()
    clips_per_bucket: int = 1
    options: str = "{}"
    texts: list[_Said] = field(default_factory=list)
    text_folder: Path = Path()
    text: str = ""
    text_side: TextSide | None = None

    @property
    def digest(self) -> str:
        """Changes whenever a manifest shard does."""
        return digest_of(said["unit"] for said in self.manifest)


def finish(store: Path, built: Built) -> Summary:
    """Writes what a reader opens, then removes units that it does not name.

    Code sets and texts that earlier builds made of the same records stay.
    """
    shards = _shards(built)
    before = read_json(store / STORE_FILE) or {}
    same = before.get("manifest") == built.digest
    codes = dict(before["codes"]) if same else {}
    texts = dict(before["texts"]) if same else {}
    if built.tokenizer is not None:
        codes[built.tokenizer.fingerprint] = _code_set(built)
    if built.text_side is not None:
        texts[built.text_side.fingerprint] = _text_set(built)
    quarantined = _write_quarantine(store, built, shards)
    said = {
        "version": FORMAT,
        "source": str(built.root),
        "manifest": built.digest,
        "part_bytes": built.part_bytes,
        "shards": shards,
        "files": _files(built),
        "codes": codes,
        "texts": texts,
        "default": {
            "codes": built.tokenizer.fingerprint if built.tokenizer else next(iter(codes), ""),
            "text": built.text_side.fingerprint if built.text_side else next(iter(texts), ""),
        },
        "packages": {name: version(name) for name in _PACKAGES},
    }
    write_json(store / STORE_FILE, said)
    _sweep(store, said)
    return _summary(store, built, quarantined)


def _shards(built: Built) -> list[_Said]:
    """Shards in the order of the source, with the lines of their files that come before."""
    lines: Counter[str] = Counter()
    found = []
    for said in built.manifest:
        before = {p["file"]: lines[p["file"]] for p in said["pieces"] if lines[p["file"]]}
        found.append({"unit": said["unit"], "before": before, "groups": said["groups"]})
        for piece in said["pieces"]:
            lines[piece["file"]] += piece["lines"]
    return found


def _files(built: Built) -> list[_Said]:
    """Source files with size and a digest of their content."""
    parts: dict[str, list[_Said]] = {}
    for said in built.manifest:
        for piece in said["pieces"]:
            parts.setdefault(piece["file"], []).append(piece)
    return [
        {
            "file": file,
            "size": sum(said["size"] for said in found),
            "digest": digest_of(said["sha256"] for said in found),
        }
        for file, found in parts.items()
    ]


def _code_set(built: Built) -> _Said:
    tokenizer = built.tokenizer
    if tokenizer is None:
        raise StoreError("no tokenizer")
    return {
        "tokenizer": built.tokenizer_name,
        "options": json.loads(built.options),
        "sample_rate": tokenizer.sample_rate,
        "frame_rate": tokenizer.frame_rate,
        "codebook_sizes": list(tokenizer.codebook_sizes),
        "policy": built.policy,
        "imports": list(built.imports),
        "clips_per_bucket": built.clips_per_bucket,
        "clips": f"clips/b{built.table_bits:02d}",
        "clip_units": [said["unit"] for said in built.tables],
        "codes": built.code_folder.as_posix(),
        "code_units": [said["unit"] for said in built.codes],
        "refs": built.ref_folder.as_posix(),
        "ref_units": [said["unit"] for said in built.refs],
        "groups": [said["groups"] for said in built.refs],
        "frames": sum(said["frames"] for said in built.codes),
        "seconds": round(sum(said["seconds"] for said in built.codes), 3),
    }


def _text_set(built: Built) -> _Said:
    side = built.text_side
    if side is None:
        raise StoreError("no text side")
    return {
        "text": built.text,
        "size": side.size,
        "texts": built.text_folder.as_posix(),
        "text_units": [said["unit"] for said in built.texts],
        "ids": sum(said["ids"] for said in built.texts),
    }


def _write_quarantine(store: Path, built: Built, shards: list[_Said]) -> int:
    count = 0

    def write(handle: BinaryIO) -> None:
        nonlocal count
        for number, shard in enumerate(shards):
            for one in _bad(store, built, shard, number):
                file, line = one.pop("file"), one.pop("line")
                where = f"{file}:{line + shard['before'].get(file, 0)}" if line else file
                handle.write(json_lines([{"where": where, **one}]))
                count += 1

    publish(store / QUARANTINE, write)
    return count


def _bad(store: Path, built: Built, shard: _Said, number: int) -> Iterator[_Said]:
    files = [store / "manifest" / f"{shard['unit']}.bad.jsonl"]
    if built.refs:
        files.append(store / built.ref_folder / f"{built.refs[number]['unit']}.bad.jsonl")
    for file in files:
        for line in file.read_bytes().splitlines():
            yield msgspec.json.decode(line)


def units_named(facts: _Said) -> Iterator[tuple[str, str]]:
    """The units that `store.json` names: folder below the store, and name."""
    yield from (("manifest", shard["unit"]) for shard in facts["shards"])
    for one in facts["codes"].values():
        for kind in ("clip", "code", "ref"):
            yield from ((one[f"{kind}s"], unit) for unit in one[f"{kind}_units"])
    for one in facts["texts"].values():
        yield from ((one["texts"], unit) for unit in one["text_units"])


def _sweep(store: Path, facts: _Said) -> None:
    """Removes units that `store.json` does not name.

    Codes of a tokenizer that it does not name at all stay: they are kept by content, and
    another build may want them.
    """
    named = set(units_named(facts))
    current = {Path(found["codes"]).parent for found in facts["codes"].values()}
    folders = {path.parent for kind in _KINDS for path in (store / kind).rglob("*.done")}
    for folder in sorted(folders):
        inside = folder.relative_to(store)
        if inside.parts[0] == "codes" and inside.parent not in current:
            continue
        for path in folder.iterdir():
            unit = _UNIT.match(path.name)
            if unit is None or (inside.as_posix(), unit[1]) not in named:
                path.unlink(missing_ok=True)
        if not any(folder.iterdir()):
            folder.rmdir()


_KINDS = ("manifest", "clips", "codes", "refs", "texts")
# `STEM.DIGEST`, before the endings of its files.
_UNIT = re.compile(r"(.+\.[0-9a-f]{16})\.")


def _summary(store: Path, built: Built, quarantined: int) -> Summary:
    repairs: Counter[str] = Counter()
    problems: Counter[str] = Counter()
    unknown = 0
    for said in built.manifest:
        repairs.update(said["ledger"]["repairs"])
        problems.update(said["ledger"]["problems"])
        unknown += sum(one["records"] for one in said["ledger"]["unknown"])
    groups = [g for said in built.refs or built.manifest for g in said["groups"]]
    return Summary(
        store=str(store),
        files=len({piece["file"] for said in built.manifest for piece in said["pieces"]}),
        records=sum(said["records"] for said in built.manifest),
        rows=sum(count for task, _, count in groups if task),
        clips=sum(said["ok"] for said in built.tables),
        missing=sum(said["missing"] for said in built.tables),
        unreadable=sum(said["failed"] for said in built.tables)
        + sum(len(said["failed"]) for said in built.codes),
        seconds=sum(said["seconds"] for said in built.codes),
        frames=sum(said["frames"] for said in built.codes),
        text_ids=sum(said["ids"] for said in built.texts),
        without_audio=sum(said["without"] for said in built.refs),
        quarantined=quarantined,
        repairs=repairs,
        problems=problems,
        unknown=unknown,
    )
