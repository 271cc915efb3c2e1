"""Whether a store's texts are those of the catalogue of now, and what that costs."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from audioflan_tasks import catalogue
from audioflan_tasks.preprocessors.catalogue_digest import catalogue_digest, file_digest
from audioflan_tasks.store.reader import catalogue_check
from audioflan_tasks.store.reader.catalogue_check import CatalogueCheck
from audioflan_tasks.store.schema import TextSet

TASK = "audio_caption"
DIGEST, FILES = catalogue_digest(catalogue.get(TASK)), file_digest(catalogue.get(TASK))


def check(tasks: dict[str, str], files: dict[str, str]) -> CatalogueCheck:
    texts = TextSet(
        text="bytes", size=256, texts="texts", text_units=(), tasks=tasks, files=files, ids=0
    )
    return CatalogueCheck(Path("store"), texts)


def test_no_pool_is_parsed_where_the_files_are_those_of_the_build(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr(catalogue_check, "catalogue_digest")
    assert check({TASK: DIGEST}, {TASK: FILES}).is_current(TASK)


@pytest.mark.parametrize("files", [{}, {TASK: "0" * 16}], ids=["of before", "edited"])
def test_other_files_may_say_the_same(files: dict[str, str]) -> None:
    assert check({TASK: DIGEST}, files).is_current(TASK)


def test_a_changed_task_is_named_once(caplog: pytest.LogCaptureFixture) -> None:
    changed = check({TASK: "0" * 16}, {TASK: "0" * 16})
    with caplog.at_level(logging.WARNING, "audioflan_tasks"):
        assert not changed.is_current(TASK)
        assert not changed.is_current(TASK)
    (record,) = caplog.records
    assert f"row of {TASK} has changed" in record.message


def test_a_task_that_nobody_knows_is_current_where_nobody_knew_it() -> None:
    assert check({"unheard_of": ""}, {"unheard_of": ""}).is_current("unheard_of")
    assert not check({"unheard_of": DIGEST}, {}).is_current("unheard_of")
