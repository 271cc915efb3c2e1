"""The names in a record, settled: split, task, category and domain.

Each has an order of trust: the record, then its folder, then the catalogue.
`kinds` has the kinds of change, `raw` what the record says. A split is never guessed: an
unknown word for one is an error, unless the reader is given a mapping; without any word the
split is that of the folder, else `train`.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from audioflan_tasks import catalogue
from audioflan_tasks.catalogue import TaskRow, TextForm, snake
from audioflan_tasks.errors import SettingsError
from audioflan_tasks.records.instance import Split
from audioflan_tasks.records.lead_ins import LeadInGrammar, grammar_of
from audioflan_tasks.records.repairs import Repair

__all__ = [
    "NO_SPLIT_NAMES",
    "Hints",
    "Names",
    "SettledNames",
    "SplitNames",
    "category_name",
    "checked_splits",
    "domain_name",
    "is_misspelt_split",
    "settle",
    "split_name",
]

# Other words for splits, with what each means.
SplitNames = Mapping[str, str]
NO_SPLIT_NAMES: SplitNames = MappingProxyType({})

_SPLITS: Mapping[str, Split] = {
    "train": "train",
    "training": "train",
    "train_dev": "train",
    "dev": "validation",
    "valid": "validation",
    "validation": "validation",
    "val": "validation",
    "development": "validation",
    "test": "test",
    "testing": "test",
    "eval": "test",
    "evaluation": "test",
}
# As near as "trian" is to "train"; "test_clean" and "dev-other" are further away.
_CLOSE = 0.75
_PLAIN_SPLITS = frozenset({"train", "dev", "test"})
_DOMAINS: Mapping[str, str] = {
    "speech": "speech",
    "music": "music",
    "audio": "audio",
    "sound": "audio",
    "sounds": "audio",
    "general_audio": "audio",
}
_CATEGORIES: Mapping[str, str] = {
    "understanding": "understanding",
    "u": "understanding",
    "generation": "generation",
    "g": "generation",
}


@dataclass(frozen=True, slots=True)
class Hints:
    """What the path of a file says about its records; "" where it says nothing."""

    domain: str = ""
    category: str = ""
    split: str = ""
    folder: str = ""
    task: str = ""


@dataclass(frozen=True, slots=True)
class Names:
    """The names of a record as it writes them; several where it lists several."""

    split: tuple[str, ...]
    minor: tuple[str, ...]
    major: tuple[str, ...]
    ug: tuple[str, ...]
    domain: str


@dataclass(frozen=True, slots=True)
class SettledNames:
    """The names of an instance, what had to be done, and what its task's answers are like.

    `unlike` are the forms that no answer of the task has. What looks like a span in an output is
    text unless the task `writes_audio`; `category_writes_audio` is whether the category says so,
    None where it says nothing. `with_clip` are the names of a record
    whose input holds audio, where they are others. `wrong_split` says what is wrong with the
    split; the record cannot be used then.
    """

    split: Split
    task: str
    minor: str
    major: str
    category: str
    domain: str
    kinds: tuple[Repair, ...]
    raw: Mapping[str, str]
    corpus: str
    vocabulary: str
    lead_ins: LeadInGrammar | None
    unlike: tuple[TextForm, ...]
    writes_audio: bool
    category_writes_audio: bool | None
    with_clip: SettledNames | None
    wrong_split: str


def is_misspelt_split(text: str) -> bool:
    """Whether a word looks like one for a split, but is none: "trian"."""
    return split_name(text) is None and bool(
        difflib.get_close_matches(snake(text), _SPLITS, n=1, cutoff=_CLOSE)
    )


def split_name(text: str) -> Split | None:
    """The split that a word means, or None."""
    return _SPLITS.get(snake(text))


def domain_name(text: str) -> str:
    """speech, music, audio, or ""."""
    return _DOMAINS.get(snake(text), "")


def category_name(text: str) -> str:
    """understanding, generation, or ""."""
    return _CATEGORIES.get(snake(text), "")


def checked_splits(splits: Mapping[str, str]) -> SplitNames:
    """A mapping from words for splits to train, validation or test.

    Raises:
      SettingsError: a word is mapped to something else.
    """
    for word, split in splits.items():
        if split_name(split) is None:
            raise SettingsError(
                f"splits: {word!r} is mapped to {split!r}; expected train, dev or test"
            )
    return {snake(word): split for word, split in splits.items()}


def settle(names: Names, hints: Hints, splits: SplitNames = NO_SPLIT_NAMES) -> SettledNames:
    """Settles the names of one record; equal names give equal results."""
    without_clip = _settle(names, hints, splits, reads_audio=None)
    with_clip = _settle(names, hints, splits, reads_audio=True)
    if with_clip.task == without_clip.task:
        return without_clip
    return replace(without_clip, with_clip=with_clip)


def _settle(
    names: Names, hints: Hints, splits: SplitNames, reads_audio: bool | None
) -> SettledNames:
    kinds: list[Repair] = []
    raw: dict[str, str] = {}
    if any(len(values) > 1 for values in (names.split, names.minor, names.major, names.ug)):
        kinds.append(Repair.SEVERAL_VALUES)
    split, wrong_split = _split(names.split, hints, splits, kinds, raw)
    domain = domain_name(names.domain) or hints.domain
    row = _task(names, domain, hints, kinds, raw, reads_audio)
    domain = _domain(names.domain, hints, row, kinds, raw)
    category = _category(names.ug, hints, row, kinds, raw)
    minor, major = _first(names.minor), _first(names.major)
    if row is not None:
        if major and major != row.major:
            kinds.append(Repair.MAJOR_RENAMED)
            raw["major"] = major
        minor, major = row.minor, row.major
    return SettledNames(
        split=split, task=row.id if row is not None else "", minor=minor, major=major,
        category=category, domain=domain, kinds=tuple(kinds), raw=raw,
        corpus=catalogue.corpus_of_folder(hints.folder), vocabulary="",
        lead_ins=grammar_of(row) if row is not None else None,
        unlike=row.answer_kind.unlike if row is not None else (),
        writes_audio=row is None or "audio" in row.writes,
        category_writes_audio=_category_writes_audio(category, row),
        with_clip=None, wrong_split=wrong_split,
    )  # fmt: skip


def _split(
    names: tuple[str, ...],
    hints: Hints,
    splits: SplitNames,
    kinds: list[Repair],
    raw: dict[str, str],
) -> tuple[Split, str]:
    """The split, and what is wrong with the record's word for it ("" if nothing)."""
    for name in filter(None, names):
        # Of several one unknown word is enough: it may be the one that holds the record out.
        if split_name(splits.get(snake(name), name)) is None:
            return "train", _unknown_split_text(name)
    meanings = [split_name(splits.get(snake(name), name)) for name in names]
    if len({split for split in meanings if split is not None}) > 1:
        listed = ", ".join(map(repr, filter(None, names)))
        return "train", f"several splits: {listed}; a record is in one: name it alone"
    for name, split in zip(names, meanings, strict=True):
        if split is not None:
            if name not in _PLAIN_SPLITS or snake(name) in splits:
                kinds.append(Repair.SPLIT_RENAMED)
                raw["split"] = name
            return split, ""
    from_path = split_name(splits.get(snake(hints.split), hints.split))
    if hints.split and from_path is None:
        return "train", _unknown_split_text(hints.split)
    kinds.append(Repair.SPLIT_MISSING if from_path is None else Repair.SPLIT_FROM_PATH)
    return from_path or "train", ""


def _unknown_split_text(name: str) -> str:
    close = difflib.get_close_matches(snake(name), _SPLITS, n=1, cutoff=0.6)
    nearest = f" (did you mean {close[0]}?)" if close else ""
    example = f"{name}={close[0] if close else 'train'}"
    return (
        f"unknown split {name!r}{nearest}; expected train, dev or test: mend the record, or say "
        f"what it means: --splits {example}"
    )


def _task(
    names: Names,
    domain: str,
    hints: Hints,
    kinds: list[Repair],
    raw: dict[str, str],
    reads_audio: bool | None,
) -> TaskRow | None:
    major = _first(names.major)
    for minor in names.minor or ("",):
        row = catalogue.resolve(minor, domain, major, reads_audio=reads_audio)
        if row is not None:
            if minor and minor not in (row.minor, row.id, row.name):
                spelling = snake(minor) in (snake(row.minor), row.id, row.name)
                kinds.append(Repair.NAME_SPELLING if spelling else Repair.ALIAS_USED)
                raw["minor"] = minor
            return row
    if not _first(names.minor) and hints.task:
        row = catalogue.resolve(hints.task, domain, major, reads_audio=reads_audio)
        if row is not None:
            kinds.append(Repair.TASK_FROM_PATH)
            return row
    kinds.append(Repair.TASK_UNKNOWN)
    return None


def _domain(
    name: str, hints: Hints, row: TaskRow | None, kinds: list[Repair], raw: dict[str, str]
) -> str:
    domain = domain_name(name)
    if name and name != domain:
        raw["domain"] = name
        kinds += [Repair.DOMAIN_RENAMED] if domain else []
    if not domain and hints.domain:
        kinds.append(Repair.DOMAIN_FROM_PATH)
        domain = hints.domain
    if not domain and row is not None:
        # A record need not say the domain: its task has one.
        kinds += [Repair.DOMAIN_FROM_TASK] if name else []
        domain = row.domain
    if row is not None and domain != row.domain:
        kinds.append(Repair.DOMAIN_DISAGREES)
    return domain


def _category(
    names: tuple[str, ...],
    hints: Hints,
    row: TaskRow | None,
    kinds: list[Repair],
    raw: dict[str, str],
) -> str:
    name = _first(names)
    category = category_name(name)
    if name and name != category:
        raw["U/G"] = name
        kinds.append(Repair.UG_RENAMED)
    paper = row.paper_category if row is not None else ""
    if not category:
        kinds += [Repair.UG_MISSING] if names else []
        return hints.category or paper
    if hints.category and category != hints.category:
        kinds.append(Repair.UG_FOLDER)
    if paper and category != paper:
        kinds.append(Repair.UG_PAPER)
    return category


def _category_writes_audio(category: str, row: TaskRow | None) -> bool | None:
    """What a category says of the output; the paper's own files two tasks otherwise than by it."""
    if row is not None and category == row.paper_category:
        return "audio" in row.writes if len(row.writes) == 1 else None
    return category == "generation" if category else None


def _first(values: tuple[str, ...]) -> str:
    return next((value for value in values if value), "")
