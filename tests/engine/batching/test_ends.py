"""How finite streams end: one count on every rank, every row once, and never in silence."""

from __future__ import annotations

import itertools
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest

from audioflan_tasks.engine import Batches, Stream, batches
from audioflan_tasks.engine.adapters.workers import WorkerBatches
from audioflan_tasks.engine.batching.collate import Batch
from audioflan_tasks.errors import MissingAudioError, SettingsError
from audioflan_tasks.mixtures import mixture
from tests.engine.batching.loaders import Loader
from tests.engine.batching.test_resume import examples_of

MIX = mixture("key_detection", policy="equal")
FORMS = ("padded", "bucketed", "one_task", "causal", "packed")


@cache
def num_rows() -> int:
    """Rows of one epoch; not counted at import, where it costs every run the corpus."""
    return sum(Stream(MIX, split="test", seed=1, epochs=1).resolved.sizes.values())


def made(form: str, rank: int = 0, ranks: int = 1, **options: Any) -> Batches:
    return batches(MIX, **arguments(form, shard=(rank, ranks), **options))


def arguments(form: str, **options: Any) -> dict[str, Any]:
    defaults = {
        "batch_size": 4, "split": "test", "seed": 5, "num_epochs": 1, "window": 3,
        "lengths": {"inputs": 300, "targets": 60},
    }  # fmt: skip
    return {**defaults, "form": form, **options}


def rows_with_loss(batch: Batch) -> int:
    loss = batch["labels"] != -100 if "labels" in batch else batch["targets_loss"]
    return int(loss.any(1).sum())


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("ranks", [2, 3, 5])
def test_all_ranks_end_together_with_every_row_once(form: str, ranks: int) -> None:
    parts = [list(made(form, rank, ranks)) for rank in range(ranks)]
    assert len({len(part) for part in parts}) == 1
    found = Counter(e for part in parts for batch in part for e in examples_of(batch))
    assert found == Counter(e for batch in made(form) for e in examples_of(batch))
    # A batch without any row has no mean loss.
    assert all(rows_with_loss(batch) for part in parts for batch in part)


@pytest.mark.parametrize("form", FORMS)
def test_the_last_batches_are_dropped_or_padded(form: str) -> None:
    for options in ({"drop_last": True}, {"pad_to_equal": True}):
        parts = [list(made(form, rank, 3, **options)) for rank in range(3)]
        assert len({len(part) for part in parts}) == 1
        found = Counter(e for part in parts for batch in part for e in examples_of(batch))
        whole = Counter(e for batch in made(form) for e in examples_of(batch))
        if "drop_last" in options:
            assert found <= whole
            assert all("repeated" not in batch for part in parts for batch in part)
        else:
            assert found == whole
        if form in ("padded", "bucketed"):
            assert all((batch["task"] >= 0).all() for part in parts for batch in part)
        assert all(rows_with_loss(batch) for part in parts for batch in part)


@pytest.mark.slow
def test_fewer_rows_than_ranks() -> None:
    ranks = num_rows() + 2
    for form in ("padded", "packed"):
        parts = [list(made(form, rank, ranks, batch_size=1)) for rank in range(ranks)]
        assert {len(part) for part in parts} == {1}
        assert sum(len(examples_of(batch)) for part in parts for batch in part) == num_rows()
    padded = [list(made("padded", r, num_rows() + 2, batch_size=1, pad_to_equal=True))
              for r in range(num_rows() + 2)]  # fmt: skip
    assert sum(int(batch["repeated"].sum()) for (batch,) in padded) == 2


def test_the_last_window_is_cut_into_full_batches() -> None:
    sizes = [int((batch["task"] >= 0).sum()) for batch in made("bucketed", window=16)]
    assert sorted(sizes, reverse=True)[: num_rows() // 4] == [4] * (num_rows() // 4)
    assert len(sizes) == -(-num_rows() // 4)


@pytest.mark.parametrize("form", ["padded", "bucketed", "one_task"])
def test_length_is_known_where_the_stream_ends(form: str) -> None:
    for ranks, options in itertools.product(
        (1, 3), ({}, {"drop_last": True}, {"pad_to_equal": True})
    ):
        stream = made(form, 0, ranks, **options)
        assert len(stream) == len(list(stream))
    stream = made(form)
    for _ in range(2):
        next(stream)
    rest = made(form)
    rest.load_state_dict(stream.state_dict())
    assert len(rest) == len(list(rest)) == len(made(form)) - 2
    assert len(WorkerBatches(MIX, **arguments(form))) == len(made(form))


def test_length_that_is_not_known_is_a_type_error() -> None:
    for stream in (made("padded", num_epochs=None), made("packed")):
        assert stream
        with pytest.raises(TypeError, match="has no length"):
            len(stream)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("epochs", [1, None])
def test_nothing_that_fits_is_an_error_in_every_form(form: str, epochs: int | None) -> None:
    tight = {"packed": {"pack_length": 10}}.get(form, {"lengths": {"inputs": 4, "targets": 4}})
    for stream in (
        made(form, num_epochs=epochs, **tight),
        Loader(WorkerBatches(MIX, **arguments(form, num_epochs=epochs, **tight)), 2),
    ):
        with pytest.raises(SettingsError, match=r"in a row were skipped \(\d+ too long\)"):
            list(stream)


def test_a_way_to_end_without_an_end_is_refused() -> None:
    for stop in ("first_exhausted", "all_exhausted"):
        with pytest.raises(SettingsError, match="give num_epochs=1"):
            made("padded", num_epochs=None, stop=stop)
        assert list(made("padded", stop=stop))
    with pytest.raises(SettingsError, match="drop_last and pad_to_equal"):
        made("padded", drop_last=True, pad_to_equal=True)


@pytest.mark.parametrize("form", FORMS)
def test_after_an_error_the_next_batch_follows(
    form: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from audioflan_tasks.corpus.examples import ExampleMaker

    whole = Counter(e for batch in made(form) for e in examples_of(batch))
    make, missing = ExampleMaker.example, set[str]()

    def example(self: ExampleMaker, instance: Any, seed: int, epoch: int = 0) -> Any:
        if crc32(instance.uuid.encode()) % 7 == 0 or instance.uuid in missing or not missing:
            missing.add(instance.uuid)
            raise MissingAudioError(f"{instance.uuid} is gone")
        return make(self, instance, seed, epoch)

    monkeypatch.setattr(ExampleMaker, "example", example)
    stream, errors = made(form), 0
    found: Counter[Any] = Counter()
    while errors < 100:
        try:
            batch = next(stream)
        except StopIteration:
            break
        except MissingAudioError:
            errors += 1
        else:
            found.update(examples_of(batch))
    assert 1 <= errors < 100
    assert found <= whole
    assert sum(found.values()) >= (num_rows() - len(missing) if form == "packed" else 1)
