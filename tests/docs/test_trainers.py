"""The arrays that docs/trainers.md names are those of batches, no more and no fewer."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from audioflan_tasks.engine.batching.batches import FORMS, Form, batches
from audioflan_tasks.mixtures import mixture

PAGE = (Path(__file__).parents[2] / "docs" / "trainers.md").read_text(encoding="utf-8")


def named(heading: str) -> set[str]:
    """The names in the first column of the table under a heading row."""
    table = PAGE.split(f"| {heading} | | |\n")[1].split("\n\n")[0]
    return {
        name for row in table.splitlines() for name in re.findall(r"`(\w+)`", row.split("|")[1])
    }


def test_forms_are_those_of_the_page() -> None:
    rows = PAGE.split("| form | rows |\n")[1].split("\n\n")[0].splitlines()[1:]
    assert tuple(row.split("`")[1] for row in rows) == FORMS


@pytest.mark.slow
@pytest.mark.usefixtures("quick_tokens")
@pytest.mark.parametrize("form", FORMS)
def test_arrays_of_the_page_are_those_of_a_batch(form: Form) -> None:
    stream = batches(
        mixture("key_detection"), batch_size=2, form=form, split="test", seed=1, pack_length=2000,
        loss_by="example",
    )  # fmt: skip
    names = named("for a decoder" if form in ("causal", "packed") else "two sides")
    extra = {"epoch", "row", "step"} if form == "causal" else set()
    assert set(next(stream)) == names | extra
