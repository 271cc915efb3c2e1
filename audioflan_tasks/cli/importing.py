"""`audioflan import`, `audioflan recipe` and `audioflan recipes`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import get_args

from audioflan_tasks import catalogue
from audioflan_tasks.catalogue import Domain
from audioflan_tasks.cli.output import print_hanging, print_table
from audioflan_tasks.cli.progress import progress_display
from audioflan_tasks.errors import SettingsError, UnknownNameError
from audioflan_tasks.recipes.cards import LicenceClass, card, cards
from audioflan_tasks.recipes.corpora import READERS
from audioflan_tasks.recipes.corpus_writer import CorpusCounts
from audioflan_tasks.recipes.importing import foreign_corpus
from audioflan_tasks.recipes.source import SourceCorpus, known_corpus
from audioflan_tasks.runners import Runner

__all__ = [
    "import_folder",
    "known_folder",
    "list_cards",
    "pairs_of",
    "write_source",
]


def import_folder(
    format_name: str,
    path: Path,
    out: Path | None,
    *,
    tasks: str,
    columns: Sequence[str],
    language: str,
    domain: str,
    name: str,
    audio: str,
    sample_rate: int | None,
    audio_root: Path | None,
    seed: int,
    runner: AbstractContextManager[Runner],
) -> None:
    """Lists the tasks that a corpus serves, or writes it."""
    if domain not in get_args(Domain):
        raise UnknownNameError("content", domain, get_args(Domain))
    content: Domain = domain  # type: ignore[assignment]
    corpus = foreign_corpus(
        format_name,
        path,
        columns=pairs_of(columns, "--column", "FACT=NAME, such as text=said"),
        defaults={"language": language} if language else {},
        domain=content,
        audio_root=audio_root,
        seed=seed,
    )
    if out is not None:
        write_source(corpus, out, tasks, name, audio, sample_rate, runner)
    elif corpus.questions is None:
        _print_tasks(corpus)
    else:
        print("conversations do not say their task: give --tasks NAME and --out FOLDER")
    if corpus.questions is not None:
        return
    unused = corpus.unused_columns()
    if unused:
        print(f"columns that are not used: {', '.join(unused)} (--column FACT=NAME)")


def known_folder(
    name: str,
    root: Path,
    out: Path | None,
    *,
    tasks: str,
    audio: str,
    sample_rate: int | None,
    seed: int,
    loader: str,
    runner: AbstractContextManager[Runner],
) -> None:
    """Lists the tasks that a corpus of the paper serves, or writes it."""
    corpus = known_corpus(name, root, seed, loader)
    if out is not None:
        write_source(corpus, out, tasks, "", audio, sample_rate, runner)
    else:
        _print_tasks(corpus)


def list_cards(name: str, licence: str = "") -> None:
    """Prints all cards as a table, those of one class of licences, or one of them."""
    if licence and licence not in get_args(LicenceClass):
        raise UnknownNameError("class of licence", licence, get_args(LicenceClass))
    if name:
        for field, value in card(name).model_dump(by_alias=True).items():
            if isinstance(value, dict):
                value = "; ".join(f"{part}: {text}" for part, text in value.items() if text)
            shown = ", ".join(value) if isinstance(value, tuple) else value
            if shown:
                print(f"{field}: {shown}")
        print(f"tasks: {', '.join(card(name).tasks)}")
        print(f"reader: {'yes' if card(name).name in READERS else 'no'}")
        return
    rows = [
        (each.name, f"{each.hours:g}" if each.hours else "", each.class_, each.access,
         "yes" if each.name in READERS else "no", each.loader, str(len(each.tasks)))
        for each in cards().values()
        if licence in ("", each.class_)
    ]  # fmt: skip
    print_table(("corpus", "hours", "class", "access", "reader", "loader", "tasks"), rows)
    print("audioflan recipes NAME prints a card; audioflan recipe NAME ROOT reads a corpus")


def write_source(
    corpus: SourceCorpus,
    out: Path,
    tasks: str,
    name: str,
    audio: str,
    sample_rate: int | None,
    runner: AbstractContextManager[Runner],
) -> None:
    """Writes a corpus with a progress bar and prints what was written."""
    ids = [catalogue.get(task.strip()).id for task in tasks.split(",") if task.strip()]
    with progress_display() as display, runner as unit_runner:
        counts = corpus.write(
            out, ids, name=name, audio=audio, sample_rate=sample_rate, runner=unit_runner,
            progress=display.update,
        )  # fmt: skip
    _print_counts(counts, out)


def pairs_of(texts: Sequence[str], option: str, form: str) -> Mapping[str, str]:
    """`A=B` of an option that is given several times, as a mapping.

    Raises:
      SettingsError: one has another form.
    """
    pairs = [text.split("=", 1) for text in texts]
    for text, pair in zip(texts, pairs, strict=True):
        if len(pair) != 2 or not pair[0]:
            raise SettingsError(f"{option} {text}: expected {form}")
    return {pair[0]: pair[1] for pair in pairs}


def _print_tasks(corpus: SourceCorpus) -> None:
    served = corpus.served_tasks()
    print_table(("task", "clips with its facts"), [(task, str(n)) for task, n in served.items()])
    print(f"{len(served)} tasks; --out FOLDER writes them, --tasks NAME,... some of them")


def _print_counts(counts: CorpusCounts, out: Path) -> None:
    rows = [(task, split, str(number)) for (task, split), number in sorted(counts.records.items())]
    print_table(("task", "split", "records"), rows)
    if counts.empty_tasks:
        print_hanging("no records, as no clips fit: ", ", ".join(counts.empty_tasks))
    if counts.unused:
        print(f"left out {counts.unused} clips that have no fact these tasks need")
    if counts.skip_count:
        print(f"skipped {counts.skip_count} clips (all in {out}/skipped_*.tsv)")
    if counts.lost_questions:
        print(f"lost {counts.lost_questions} questions: no audio for them ({out}/lost_*.tsv)")
    for reason in counts.reasons:
        print(f"  {reason}")
    print(f"{out}: {counts.clips} clips, {counts.records.total()} records")
    if not any(split == "test" for _, split in counts.records):
        print("no test records: the corpus has no split, and few speakers, artists or pieces")
    print(f"next: audioflan check {out}; audioflan build {out} --out STORE")
