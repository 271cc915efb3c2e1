"""Items of a benchmark's files: question, clips, options and the right answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from audioflan_tasks.errors import RecordError
from audioflan_tasks.plain_files import is_plain_file
from audioflan_tasks.preprocessors.named_options import listed_options
from audioflan_tasks.preprocessors.options import lists
from audioflan_tasks.recipes.benchmarks.suites import Suite
from audioflan_tasks.recipes.importers.columns import ImportedRow, number_of
from audioflan_tasks.recipes.importers.tables import csv_rows, json_rows, parquet_rows
from audioflan_tasks.recipes.local_paths import refuse_address
from audioflan_tasks.recipes.recording import Recording
from audioflan_tasks.vocabularies import LETTERED_KEYS, choices_of, right_choice

__all__ = ["BenchmarkItem", "items_of"]

_READERS: Mapping[str, Callable[[Path], Iterator[ImportedRow]]] = {
    ".parquet": parquet_rows, ".csv": csv_rows, ".tsv": csv_rows,
}  # fmt: skip
# Before options that a question lists, beside the words that are usual.
_COULD_BE = re.compile(r"\b(?:answers?|labels?|options?) (?:could|can|may|should|must|will) be\b")
# Folders and files that say nothing of what is in them.
_PLAIN_NAME = re.compile(r"(data|metadata|default|instance|train|dev|validation|test)(-\d.*)?")
# Endings that files have where a list says another one (AIR-Bench's Audio_Grounding).
_OTHER_SUFFIXES = (".flac", ".wav")


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkItem:
    """A question of a benchmark.

    `name` tells it from all others, `id` is the benchmark's own ("" for none), `kind` what it
    asks, in the benchmark's word. `question` is "" where the benchmark's script draws one. `answer`
    is the text of an option where there are `options`.
    """

    name: str
    id: str
    kind: str
    clips: tuple[Recording, ...]
    question: str
    answer: str
    options: tuple[str, ...]


def items_of(suite: Suite, root: Path) -> Iterator[BenchmarkItem]:
    """The items of all its files below a folder, or of one file.

    Raises:
      RecordError: there is no such file, it cannot be read, or an item has no audio.
    """
    folder = root if root.is_dir() else root.parent
    for file in _files(suite, root):
        place = PurePosixPath(file.relative_to(folder).as_posix())
        reader = _READERS.get(file.suffix.lower(), json_rows)
        for number, row in enumerate(reader(file), 1):
            yield _item(suite, row, folder, place, number)


def _files(suite: Suite, root: Path) -> list[Path]:
    if root.is_file():
        return [root]
    refuse_address(root)
    if not root.exists():
        raise RecordError(f"{root}: no such file or folder")
    files = {file for pattern in suite.files for file in root.glob(pattern)}
    if not files:
        raise RecordError(
            f"{root}: no {suite.title}; expected {' or '.join(suite.files)} below it "
            f"({suite.homepage})"
        )
    return sorted(files)


def _kind_of_place(place: PurePosixPath, folder: Path) -> str:
    """The first name on the way to a file that says something; else the folder's own."""
    names = [*place.parts[:-1], place.name.partition(".")[0]]
    return next((name for name in names if not _PLAIN_NAME.fullmatch(name)), folder.name)


def _item(
    suite: Suite, row: ImportedRow, folder: Path, place: PurePosixPath, number: int
) -> BenchmarkItem:
    question = _text(_first(row.values, suite.question))
    clips = tuple(_clips(suite, row, folder, place.parent))
    if not clips:
        fields = " or ".join(suite.audio[0])
        raise RecordError(f"{row.place}: no {fields}; it has {', '.join(row.values)}")
    options = _options(suite, row.values)
    answer = right_choice(_text(_first(row.values, suite.answer)), options)
    return BenchmarkItem(
        name=f"{place}:{number}",
        id=_text(_first(row.values, suite.id)),
        kind=_text(_first(row.values, suite.kind)) or _kind_of_place(place, folder),
        clips=clips,
        question=question,
        answer=answer,
        options=options or _options_in(question, answer),
    )


def _first(values: Mapping[str, Any], fields: Sequence[str]) -> Any:
    """The first field that is there and not empty; `a.b` is the field b of the object a."""
    for field in fields:
        value: Any = values
        for part in field.split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
        if value not in (None, "", []):
            return value
    return None


def _text(value: Any) -> str:
    """A value as text: the first of a list, which has one in nearly all items."""
    if isinstance(value, list):
        value = value[0] if value else None
    return "" if value is None else str(value).strip()


def _options(suite: Suite, values: Mapping[str, Any]) -> tuple[str, ...]:
    """Different options of an item's fields, in their order."""
    listed = _first(values, suite.options)
    lettered = [_text(values[key]) for key in LETTERED_KEYS if _text(values.get(key))]
    options = choices_of(listed) or choices_of(lettered)
    if not options and isinstance(listed, str):
        options = next((reading.options for reading in listed_options(listed)), ())
    return tuple(dict.fromkeys(option.strip() for option in options))


def _options_in(question: str, answer: str) -> tuple[str, ...]:
    """The options that a question lists, if the right answer is among them."""
    text = _COULD_BE.sub("options:", question)
    readings = (reading.options for reading in listed_options(text))
    return next((options for options in readings if lists(options, answer)), ())


def _clips(
    suite: Suite, row: ImportedRow, folder: Path, place: PurePosixPath
) -> Iterator[Recording]:
    """The clips of an item in a file of the folder `place`."""
    for fields in suite.audio:
        paths = _first(row.values, fields)
        for path in paths if isinstance(paths, list) else [paths] if paths else []:
            yield _clip(suite, row, folder, place, str(path).removeprefix("./"))


def _clip(
    suite: Suite, row: ImportedRow, folder: Path, place: PurePosixPath, path: str
) -> Recording:
    if not PurePosixPath(path).name:
        raise RecordError(f"{row.place}: {path!r} is no path of a clip")
    data = row.data.get(path)
    # Names of clips in a file are the same in the files of other folders.
    audio = str(place / path) if data is not None else _existing(suite, row, folder, place, path)
    start, end = (_seconds(row, edge) for edge in ("start", "end"))
    part = f"_{start}_{end}" if start > 0 or end > 0 else ""
    return Recording(
        id=f"{PurePosixPath(audio).with_suffix('')}{part}",
        audio=audio,
        place=row.place,
        data=data,
        start=max(start, 0.0),
        end=end if end > 0 else None,
        split="test",
    )


def _seconds(row: ImportedRow, edge: str) -> float:
    """Where a part of a clip begins or ends; 0 and less are no limit."""
    value = row.values.get(f"audio_{edge}")
    return 0.0 if value is None else number_of(value, f"{row.place}: audio_{edge}")


def _existing(suite: Suite, row: ImportedRow, folder: Path, place: PurePosixPath, path: str) -> str:
    """The path of a clip below the folder: the first that is there, with another ending too."""
    try:
        begins = [PurePosixPath(begin.format_map(row.values)) for begin in suite.folders]
    except KeyError as error:
        raise RecordError(f"{row.place}: no {error}, which its clip's folder is named by") from None
    paths = [begin / path for begin in (*begins, place)]
    endings = [paths, *([p.with_suffix(suffix) for p in paths] for suffix in _OTHER_SUFFIXES)]
    candidates = [str(candidate) for same_ending in endings for candidate in same_ending]
    return next((c for c in candidates if is_plain_file(folder / c)), candidates[0])
