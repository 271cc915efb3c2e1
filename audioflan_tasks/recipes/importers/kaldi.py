"""Kaldi data folders: wav.scp, text, utt2spk, spk2gender, segments, utt2lang."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from audioflan_tasks.errors import RecordError, UnsafePathError
from audioflan_tasks.recipes.importers.columns import ImportedRow, split_in
from audioflan_tasks.recipes.text_files import key_values

__all__ = ["kaldi_folders", "kaldi_rows"]

_BY_UTTERANCE = MappingProxyType(
    {"text": "text", "utt2spk": "speaker", "utt2lang": "language", "utt2gender": "gender"}
)


def kaldi_folders(root: Path) -> list[Path]:
    """Folders with a wav.scp: the root itself, else those in it, else those in these.

    Folders below a data folder (`split4/1`) have the same clips again.
    """
    levels = (sorted(root.glob(f"{above}wav.scp")) for above in ("", "*/", "*/*/"))
    return [path.parent for path in next(filter(None, levels), [])]


def kaldi_rows(folder: Path) -> Iterator[ImportedRow]:
    """A row for each utterance: of `segments` where there are some, else of wav.scp.

    Raises:
      UnsafePathError: a line of wav.scp is a command or an offset into an archive.
      RecordError: a line is cut short, a key is there twice, or a segment names no recording.
    """
    files = _lines(folder / "wav.scp")
    for utterance, path in files.items():
        if path.endswith("|") or path.startswith("|") or ".ark:" in path:
            raise UnsafePathError(
                f"{folder / 'wav.scp'}: {utterance!r} is a command or an archive, which is not "
                "run; write the audio to files first (Kaldi: wav-copy)"
            )
    facts = {fact: _lines(folder / file) for file, fact in _BY_UTTERANCE.items()}
    genders = _lines(folder / "spk2gender")
    for utterance, (path, times) in _utterances(folder, files).items():
        values = {"id": utterance, "audio": path} | split_in(folder.name) | times
        values |= {fact: lines[utterance] for fact, lines in facts.items() if utterance in lines}
        gender = genders.get(values.get("speaker", ""))
        if gender:
            values["gender"] = gender
        yield ImportedRow(values, f"{folder}: {utterance}")


def _utterances(folder: Path, files: Mapping[str, str]) -> dict[str, tuple[str, dict[str, str]]]:
    segments = _lines(folder / "segments")
    if not segments:
        return {name: (path, {}) for name, path in files.items()}
    utterances = {}
    for name, fields in segments.items():
        recording, *times = fields.split()
        if recording not in files or len(times) != 2:
            raise RecordError(
                f"{folder / 'segments'}: {name!r}: expected RECORDING START END, found {fields!r}"
            )
        utterances[name] = (files[recording], dict(zip(("start", "end"), times, strict=True)))
    return utterances


def _lines(path: Path) -> dict[str, str]:
    """Lines `KEY VALUE`, by key; {} without the file."""
    return key_values(path) if path.exists() else {}
