"""`audioflan doctor`: what is installed and set, and what of it does not work."""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

from audioflan_tasks.cli.output import print_hanging
from audioflan_tasks.config import cache_folder, settings
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.errors import AudioFlanError, reason_of
from audioflan_tasks.store import is_store, store_info
from audioflan_tasks.tokens import get_tokenizer

__all__ = ["print_diagnosis"]

_PACKAGES = (
    "seqio", "tensorflow", "tensorflow-text", "tensorflow-datasets", "numpy", "soundfile",
    "sentencepiece", "pydantic", "pyarrow", "scipy",
)  # fmt: skip
# Packages of an extra that fit a line.
_NAMED = 3
_LICENCES = {
    "code": "Apache-2.0",
    "weights of convrvq_16k": "CC BY-SA 4.0",
    "demo audio": "by folder: LICENSE beside the files",
}


class Diagnosis(NamedTuple):
    """A value, and what is wrong with it ("" for nothing)."""

    value: str
    problem: str = ""


def print_diagnosis(as_json: bool) -> int:
    """Prints what was found; 1 if something that is needed does not work, else 0."""
    sections = {title: _or_problem(find) for title, find in _SECTIONS.items()}
    problems = [
        f"{name}: {diagnosis.problem}"
        for diagnoses in sections.values()
        for name, diagnosis in diagnoses.items()
        if diagnosis.problem
    ]
    if as_json:
        values = {t: {n: f._asdict() for n, f in s.items()} for t, s in sections.items()}
        print(json.dumps(values, indent=2))
        return 1 if problems else 0
    for title, diagnoses in sections.items():
        print(title)
        for name, (value, problem) in diagnoses.items():
            print_hanging(f"  {name:<24}", value + (f"  << {problem}" if problem else ""))
    print("\n".join(problems) or "nothing is wrong")
    return 1 if problems else 0


def _machine() -> Iterator[tuple[str, Diagnosis]]:
    yield "system", Diagnosis(f"{platform.system()} {platform.machine()}")
    python = platform.python_version()
    supported = python.startswith(("3.11.", "3.12."))
    yield "Python", Diagnosis(python, "" if supported else "expected 3.11 or 3.12")
    yield "cores for this process", Diagnosis(str(len(os.sched_getaffinity(0))))
    pages, page_bytes = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    yield "memory", Diagnosis(_size(pages * page_bytes))


def _packages() -> Iterator[tuple[str, Diagnosis]]:
    for package in ("audioflan_tasks", *_PACKAGES):
        version = _version(package)
        yield package, Diagnosis(version or "missing", "" if version else f"pip install {package}")


def _extras() -> Iterator[tuple[str, Diagnosis]]:
    for extra, packages in _packages_by_extra().items():
        missing = [package for package in packages if not _version(package)]
        text = "installed"
        if missing:
            names = f"{missing[0]} and {len(missing) - 1} more"
            if len(missing) <= _NAMED:
                names = ", ".join(missing)
            text = f"without {names}: pip install 'audioflan_tasks[{extra}]'"
        yield extra, Diagnosis(text)


def _packages_by_extra() -> dict[str, list[str]]:
    """Optional packages by extra, as the package's metadata name them."""
    extras: dict[str, list[str]] = {}
    for requirement in metadata.requires("audioflan_tasks") or ():
        match = re.fullmatch(r"([\w.-]+).*extra == [\"']([\w-]+)[\"']", requirement)
        if match and match[2] != "dev":
            extras.setdefault(match[2], []).append(match[1])
    return extras


def _settings() -> Iterator[tuple[str, Diagnosis]]:
    for name, field in type(settings).model_fields.items():
        variable = f"AUDIOFLAN_{name.upper()}"
        value = getattr(settings, name)
        source = "default" if value == field.default else "set in code"
        source = variable if variable in os.environ else source
        yield name, Diagnosis(f"{value} ({source})")


def _corpus() -> Iterator[tuple[str, Diagnosis]]:
    corpus = Corpus()
    yield "root", Diagnosis(f"{corpus.address}{' (the demo)' if corpus.is_demo else ''}")
    if is_store(corpus.root):
        yield from _store(corpus.root)
        return
    sizes = {split: sum(corpus.sizes(split).values()) for split in ("train", "validation", "test")}
    counts = ", ".join(f"{split} {count:,}" for split, count in sizes.items())
    yield "records", Diagnosis(counts, "" if any(sizes.values()) else "no record was read")


def _store(root: Path) -> Iterator[tuple[str, Diagnosis]]:
    info = store_info(root)
    yield "store", Diagnosis(info.lines()[0])
    options = settings.example_options()
    for kind, name, names in (
        ("codes", options.tokenizer, info.facts.codes),
        ("texts", options.text, info.facts.texts),
    ):
        fits = any(stored == name or stored.startswith(f"{name}-") for stored in names)
        hint = "" if fits else f"none of {name}: examples are made one by one"
        yield kind, Diagnosis(f"{', '.join(names) or 'none'}{'; ' + hint if hint else ''}")


def _tokenizer() -> Iterator[tuple[str, Diagnosis]]:
    options = settings.example_options()
    weights = {} if options.tokenizer_weights is None else {"weights": options.tokenizer_weights}
    tokenizer = get_tokenizer(options.tokenizer, **weights)
    sizes = tokenizer.codebook_sizes
    yield (
        tokenizer.name,
        Diagnosis(
            f"{tokenizer.sample_rate:,} Hz, {tokenizer.frame_rate:g} frames a second of "
            f"{len(sizes)} codes (of {', '.join(map(str, dict.fromkeys(sizes)))})"
        ),
    )


def _cache() -> Iterator[tuple[str, Diagnosis]]:
    folder = cache_folder()
    parent = next(path for path in (folder, *folder.parents) if path.exists())
    writable = os.access(parent, os.W_OK)
    problem = "" if writable else "not writable; set AUDIOFLAN_CACHE_DIR"
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    free = _size(shutil.disk_usage(parent).free)
    yield "folder", Diagnosis(f"{folder} ({_size(size)}, {free} free)", problem)


def _licences() -> Iterator[tuple[str, Diagnosis]]:
    for name, licence in _LICENCES.items():
        yield name, Diagnosis(licence)


def _or_problem(find: Callable[[], Iterator[tuple[str, Diagnosis]]]) -> dict[str, Diagnosis]:
    """What was found before something failed, and the failure."""
    diagnoses: dict[str, Diagnosis] = {}
    try:
        for name, diagnosis in find():
            diagnoses[name] = diagnosis
    except (AudioFlanError, OSError) as error:
        diagnoses["problem"] = Diagnosis("", reason_of(error))
    return diagnoses


_SECTIONS: Mapping[str, Callable[[], Iterator[tuple[str, Diagnosis]]]] = {
    "machine": _machine,
    "packages": _packages,
    "extras": _extras,
    "settings": _settings,
    "corpus": _corpus,
    "tokenizer": _tokenizer,
    "cache of codes": _cache,
    "licences": _licences,
}


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def _size(count: float) -> str:
    return f"{count / 1e9:,.1f} GB" if count >= 1e9 else f"{count / 1e6:,.1f} MB"
