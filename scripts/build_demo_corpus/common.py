"""What the three domain builders share: clips, simulated audio, records, and how they are written.

Ids are `<NN_Name>_<stem>`, as in the release. Every base clip belongs to one
split; `Builder.finish` refuses a record whose clips come from another split.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
import soundfile
import soxr
from encode import Codec, encoded
from numpy.typing import NDArray

from audioflan_tasks import catalogue
from audioflan_tasks.preprocessors.simulate import simulate
from audioflan_tasks.seeds import seed_of

Split = Literal["train", "dev", "test"]
Grade = Literal["R", "P", "S", "W"]

SPLITS: tuple[Split, ...] = ("train", "dev", "test")
FLOOR: Mapping[Split, int] = {"train": 12, "dev": 4, "test": 4}
_SAFE = re.compile(r"^[A-Za-z0-9_.-]+$")


@dataclass(frozen=True, slots=True)
class Source:
    """Where one base clip comes from; one row of SOURCE.tsv."""

    package: str
    version: str
    member: str
    sha256: str
    title: str = ""
    author: str = ""
    made_by: str = ""


@dataclass(frozen=True, slots=True)
class Folder:
    """One NN_Name folder: one licence, its text and its credits."""

    name: str
    licence: str
    licence_text: str
    credits: str


@dataclass(slots=True)
class Clip:
    """One base clip as it stands in the corpus (decoded from the written file)."""

    audio_id: str
    folder: str
    file: str
    split: Split
    sample_rate: int
    seconds: float
    source: Source
    facts: dict[str, Any]


@dataclass(slots=True)
class Derived:
    """One simulated clip: the recipe, not the samples."""

    audio_id: str
    kind: str
    inputs: tuple[str, ...]
    params: dict[str, Any]
    seed: int
    sample_rate: int
    label: dict[str, Any]


@dataclass(slots=True)
class Builder:
    """Collects one domain and writes it in the release layout under `out`."""

    domain: str
    out: Path
    folders: dict[str, Folder] = field(default_factory=dict)
    clips: dict[str, Clip] = field(default_factory=dict)
    derived: dict[str, Derived] = field(default_factory=dict)
    records: dict[tuple[str, str, Split], list[dict[str, Any]]] = field(default_factory=dict)
    _samples: dict[str, tuple[NDArray[np.float32], int]] = field(default_factory=dict)

    def folder(self, name: str, licence: str, licence_text: str, credits: str) -> str:
        """Declares the folder `NN_Name`; all its clips have this licence. Returns the name."""
        self.folders[name] = Folder(name, licence, licence_text, credits)
        return name

    def clip(
        self,
        folder: str,
        stem: str,
        samples: NDArray[np.float32],
        sample_rate: int,
        split: Split,
        source: Source,
        *,
        codec: Codec = "flac",
        facts: Mapping[str, Any] | None = None,
    ) -> str:
        """Writes one base clip (mono float32 in [-1, 1]) and returns its audio id.

        FLAC is written as 16 bit. Opus needs a rate of 8, 12, 16, 24 or 48 kHz.
        """
        audio_id = f"{folder}_{stem}"
        if not _SAFE.match(audio_id) or audio_id in self.clips:
            raise ValueError(f"unsafe or repeated audio id {audio_id!r}")
        path = self.out / "audio_files" / self.domain / folder / f"{stem}.{codec}"
        path.parent.mkdir(parents=True, exist_ok=True)
        data = encoded(samples, sample_rate, codec)
        path.write_bytes(data)
        back, rate = soundfile.read(io.BytesIO(data), dtype="float32")
        self._samples[audio_id] = (back, rate)
        self.clips[audio_id] = Clip(
            audio_id, folder, path.name, split, rate, len(back) / rate, source, dict(facts or {})
        )
        return audio_id

    def simulated(
        self,
        audio_id: str,
        kind: str,
        inputs: Sequence[str],
        params: Mapping[str, Any],
        sample_rate: int = 16000,
        *,
        part_of: str = "",
    ) -> tuple[str, dict[str, Any]]:
        """Declares simulated audio, runs it, and returns its id and exact label.

        `audio_id` starts with the folder of the main input, e.g. `03_X_sim_noisy_001`.
        Asking twice for the same recipe under one id gives the first. Another part of a
        simulation (its clean speech) names it in `part_of`, so that both share the draw.
        """
        seed = seed_of(part_of or audio_id)
        known = self.derived.get(audio_id)
        if known is not None:
            asked = (kind, tuple(inputs), dict(params), sample_rate)
            if (known.kind, known.inputs, known.params, known.sample_rate) != asked:
                raise ValueError(f"two recipes under one id {audio_id!r}")
            return audio_id, known.label
        waves = [self.samples(i, sample_rate) for i in inputs]
        made = simulate(kind, waves, sample_rate, params, seed)
        self._samples[audio_id] = (made.audio, made.sample_rate)
        self.derived[audio_id] = Derived(
            audio_id, kind, tuple(inputs), dict(params), seed, sample_rate, made.label
        )
        return audio_id, made.label

    def samples(self, audio_id: str, sample_rate: int) -> NDArray[np.float32]:
        """Mono float32 samples of a clip or simulated audio, resampled by soxr HQ."""
        x, rate = self._samples[audio_id]
        if rate == sample_rate:
            return x
        return np.asarray(soxr.resample(x, rate, sample_rate, quality="HQ"), np.float32)

    def record(
        self,
        task_id: str,
        split: Split,
        instruction: str,
        input: Sequence[str],
        output: str,
        *,
        grade: Grade,
        source: str,
        slots: Mapping[str, str] | None = None,
        options: Sequence[str] | None = None,
        label: Mapping[str, Any] | None = None,
        language: str = "",
        speaker: Sequence[str] = (),
    ) -> None:
        """Adds one record. `input` holds the pieces; write audio as `span(audio_id)`.

        The file it goes to is named by the folder of its first audio id.
        """
        row = catalogue.get(task_id)
        ids = _spans("\n".join([*input, output]))
        if not ids:
            raise ValueError(f"{task_id}: a record without audio")
        roots = {root for i in ids for root in self.roots(i)}
        wrong = {r for r in roots if self.clips[r].split != split}
        if wrong:
            raise ValueError(f"{task_id} {split}: clips of another split: {sorted(wrong)}")
        folder = self.clips[sorted(self.roots(ids[0]))[0]].folder
        rows = self.records.setdefault((task_id, folder, split), [])
        licences = sorted({self.folders[self.clips[r].folder].licence for r in roots})
        other: dict[str, Any] = {"grade": grade, "licence": " + ".join(licences)}
        optional: dict[str, Any] = {
            "slots": dict(slots or {}),
            "options": list(options or ()),
            "label": _rounded(dict(label or {})),
            "language": language,
            "speaker": list(speaker),
        }
        other |= {key: value for key, value in optional.items() if value}
        text = "\n".join(input)
        uuid = hashlib.sha256(
            f"{task_id}|{split}|{instruction}|{text}|{output}".encode()
        ).hexdigest()[:24]
        rows.append(
            {
                "instruction": instruction,
                "input": text,
                "output": output,
                "uuid": uuid,
                "split": [split],
                "task_type": {
                    "major": [row.major],
                    "minor": [row.minor],
                    "U/G": [row.paper_category],
                    "unseen": False,
                },
                "domain": row.domain,
                "source": [source],
                "other": other,
            }
        )

    def roots(self, audio_id: str) -> set[str]:
        """The base clips that an audio id is made of."""
        if audio_id in self.clips:
            return {audio_id}
        made = self.derived[audio_id]
        return {root for i in made.inputs for root in self.roots(i)}

    def finish(self) -> None:
        """Checks the floors and writes metadata, scp, recipes and licence files."""
        self._check()
        used = {i for rows in self.records.values() for r in rows for i in _spans_of(r)}
        keep = _closure(used, self.derived)
        for (task_id, folder, split), rows in sorted(self.records.items()):
            row = catalogue.get(task_id)
            part = "test" if split == "test" else "train_dev"
            path = (
                self.out / "metadata" / self.domain / row.paper_category / part / folder
                / "jsonl" / f"{task_id}.jsonl"
            )  # fmt: skip
            _append_lines(path, [json.dumps(r, ensure_ascii=False) for r in rows])
        lines = [
            json.dumps(
                {
                    "id": d.audio_id,
                    "kind": d.kind,
                    "inputs": list(d.inputs),
                    "params": d.params,
                    "seed": d.seed,
                    "sample_rate": d.sample_rate,
                }
            )
            for d in sorted(self.derived.values(), key=lambda d: d.audio_id)
            if d.audio_id in keep
        ]
        _write_lines(self.out / "simulated" / f"{self.domain}.jsonl", lines)
        for made in sorted(self.folders.values(), key=lambda f: f.name):
            self._write_folder(made)

    def _check(self) -> None:
        counts: dict[tuple[str, Split], int] = {}
        for (task_id, _, split), rows in self.records.items():
            counts[task_id, split] = counts.get((task_id, split), 0) + len(rows)
        short = [
            f"{row.id} {split}: {counts.get((row.id, split), 0)} < {FLOOR[split]}"
            for row in catalogue.tasks()
            if row.domain == self.domain
            for split in SPLITS
            if counts.get((row.id, split), 0) < FLOOR[split]
        ]
        if short:
            raise ValueError("too few instances:\n" + "\n".join(short))

    def _write_folder(self, folder: Folder) -> None:
        clips = sorted(
            (c for c in self.clips.values() if c.folder == folder.name), key=lambda c: c.audio_id
        )
        home = self.out / "audio_files" / self.domain / folder.name
        (home / "LICENSE").write_text(folder.licence_text, encoding="utf-8")
        (home / "CREDITS.md").write_text(folder.credits, encoding="utf-8")
        header = "file\tpackage\tversion\tmember\tsha256\ttitle\tauthor\tmade_by\tsplit\tfacts"
        rows = [
            "\t".join(
                (
                    c.file, c.source.package, c.source.version, c.source.member, c.source.sha256,
                    c.source.title, c.source.author, c.source.made_by, c.split,
                    json.dumps(c.facts, ensure_ascii=False, sort_keys=True),
                )
            )
            for c in clips
        ]  # fmt: skip
        _write_lines(home / "SOURCE.tsv", [header, *rows])
        _write_lines(
            self.out / "scp_files" / self.domain / f"{folder.name}.scp",
            [f"{c.audio_id} audio_files/{self.domain}/{folder.name}/{c.file}" for c in clips],
        )


def span(audio_id: str) -> str:
    """The audio id as a span."""
    return f"<|SOA|>{audio_id}<|EOA|>"


def sha256(data: bytes) -> str:
    """Hex SHA-256 of a package member, for SOURCE.tsv."""
    return hashlib.sha256(data).hexdigest()


def resampled(samples: NDArray[np.floating[Any]], rate: int, wanted: int) -> NDArray[np.float32]:
    """Mono float32 at `wanted` Hz; channels (axis 1) are averaged."""
    x = np.asarray(samples, np.float64)
    x = x.mean(axis=1) if x.ndim == 2 else x
    return np.asarray(x if rate == wanted else soxr.resample(x, rate, wanted, "VHQ"), np.float32)


def _rounded(label: Any) -> Any:
    """Floats to nine decimals: what comes after differs between processors."""
    if isinstance(label, float):
        return round(label, 9)
    if isinstance(label, Mapping):
        return {key: _rounded(value) for key, value in label.items()}
    return [_rounded(value) for value in label] if isinstance(label, (list, tuple)) else label


def _spans(text: str) -> list[str]:
    return re.findall(r"<\|SOA\|>(.*?)<\|EOA\|>", text)


def _spans_of(record: Mapping[str, Any]) -> list[str]:
    return _spans(f"{record['input']}\n{record['output']}")


def _closure(ids: set[str], derived: Mapping[str, Derived]) -> set[str]:
    done: set[str] = set()
    todo = list(ids)
    while todo:
        audio_id = todo.pop()
        if audio_id not in done:
            done.add(audio_id)
            todo += derived[audio_id].inputs if audio_id in derived else ()
    return done


def _write_lines(path: Path, lines: Sequence[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _append_lines(path: Path, lines: Sequence[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as handle:
        handle.writelines(f"{line}\n" for line in lines)
