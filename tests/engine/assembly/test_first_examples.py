"""A store that does not fit the catalogue or its own records is noticed."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pytest

from audioflan_tasks.config import settings
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.corpus.examples import Example
from audioflan_tasks.engine.assembly import first_examples
from audioflan_tasks.engine.assembly.assembler import ExampleAssembler
from audioflan_tasks.engine.rows import Rows
from audioflan_tasks.errors import StoreError
from audioflan_tasks.mixtures.plan.plan import Draws
from audioflan_tasks.store import Store, build_store
from audioflan_tasks.store.packed import packed_arrays
from audioflan_tasks.store.reader.mapped import map_arrays
from tests.conftest import maker_of
from tests.engine.assembly.changed_rows import (
    NAME,
    ROWS,
    TASK,
    as_caption,
    as_label,
    install,
    write_corpus,
)

pytestmark = pytest.mark.usefixtures("quick_tokens")


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store of thirty records, built while their answers were captions."""
    install(as_caption(tmp_path), monkeypatch)
    build_store(write_corpus(tmp_path), tmp_path / "store", tokenizer="loudness")
    # Each row may be compared.
    monkeypatch.setattr(first_examples, "ROWS_A_RECORD", 1)
    return tmp_path / "store"


def examples(store: Path, epochs: int = 3) -> tuple[list[Example], list[Example]]:
    """Examples of all rows and some epochs: by the engine, and by the records."""
    corpus = Corpus(store)
    rows = Rows(corpus, "train", settings.example_options())
    assembler = ExampleAssembler(rows, maker_of(corpus), 7, (NAME,))
    assert assembler.is_stored
    epoch, row = (grid.reshape(-1) for grid in np.mgrid[:epochs, :ROWS])
    block = assembler.assemble(Draws(np.zeros_like(row), row, epoch, row))
    maker = maker_of(corpus)
    places = zip(epoch.tolist(), row.tolist(), strict=True)
    of_records = [maker.example(rows.instance(NAME, r), 7, e) for e, r in places]
    by_engine = [block.example(n) for n in range(len(row))]
    return [e for e in by_engine if e is not None], [e for e in of_records if e is not None]


def templates(made: list[Example]) -> set[str]:
    return {example.provenance["template"].partition("+")[0] for example in made}


def assert_equal(by_engine: list[Example], of_records: list[Example]) -> None:
    assert len(by_engine) == len(of_records) == 90
    for first, second in zip(by_engine, of_records, strict=True):
        assert np.array_equal(first.inputs, second.inputs)
        assert np.array_equal(first.targets, second.targets)
        assert first.provenance == second.provenance


def test_a_changed_row_is_noticed_without_a_build(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    by_engine, of_records = examples(store)
    assert_equal(by_engine, of_records)
    assert templates(by_engine) == {f"{TASK}/0"}
    assert not caplog.records
    install(as_label(tmp_path), monkeypatch)
    with caplog.at_level(logging.WARNING, "audioflan_tasks"):
        by_engine, of_records = examples(store)
    assert_equal(by_engine, of_records)
    # Records whose answer is a label are asked with the list of labels too.
    assert templates(by_engine) == {f"{TASK}/0", f"{TASK}/1"}
    (record,) = caplog.records
    assert f"row of {TASK} has changed" in record.message
    assert "audioflan build" in record.message


def test_a_build_brings_texts_up_to_date(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    assert len(set(Store(store).shard(0).heads["prompt"].tolist())) == 1
    old_units = {path.name for path in store.rglob("*.done")}
    install(as_label(tmp_path), monkeypatch)
    build_store(tmp_path / "records", store, tokenizer="loudness")
    new_units = {path.relative_to(store).parts[0] for path in store.rglob("*.done")
                 if path.name not in old_units}  # fmt: skip
    # Records are read again, as the row fills what they do not say; codes stay.
    assert new_units == {"manifest", "texts"}
    # Whales are in no list of labels: their signature is another one.
    first, second, third, *others = Store(store).shard(0).heads["prompt"].tolist()
    assert first == second != third
    assert others == [first, second, third] * 9
    by_engine, of_records = examples(store)
    assert_equal(by_engine, of_records)
    assert templates(by_engine) == {f"{TASK}/0", f"{TASK}/1"}
    assert not caplog.records


def test_ids_that_are_not_the_record_s_are_refused(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "check_store", False)
    file = next(store.glob("texts/*/*.texts"))
    arrays = {name: array.copy() for name, array in map_arrays(str(file)).items()}
    arrays["ids"] = arrays["ids"][::-1]
    with file.open("wb") as handle:
        packed_arrays(arrays)(handle)
    with pytest.raises(StoreError, match=rf"{NAME} animal-0 .*\(inputs, targets.*audioflan build"):
        examples(store, epochs=1)


def test_each_prompt_is_compared_once(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compared = noted_rows(monkeypatch)
    examples(store)
    assert compared == [0]


def test_records_are_read_a_few_at_a_time(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(first_examples, "ROWS_A_RECORD", 3 * ROWS + 1)
    compared = noted_rows(monkeypatch)
    examples(store)
    assert not compared


def noted_rows(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The rows that are compared from here on."""
    compared: list[int] = []
    compare = first_examples._compare

    def counted(block: object, row: int, read: object) -> None:
        compared.append(row)
        compare(block, row, read)  # type: ignore[arg-type]

    monkeypatch.setattr(first_examples, "_compare", counted)
    return compared
