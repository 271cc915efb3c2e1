"""Accepted variations are drawn from as the options say, and streams notice them."""

from __future__ import annotations

from pathlib import Path

import pytest

from audioflan_tasks import catalogue
from audioflan_tasks.engine.made_with import prompt_digest
from audioflan_tasks.errors import SettingsError
from audioflan_tasks.options import ExampleOptions
from audioflan_tasks.preprocessors.render import render
from audioflan_tasks.preprocessors.templates import AnswerWords, Instruction, Origin, Pool, pool
from audioflan_tasks.records import Instance
from audioflan_tasks.variation.run_files import pool_file, pool_text
from audioflan_tasks.whole_files import write_whole

ROW = catalogue.get("gender_recognition")
ORIGIN = Origin(seed='a "seed"', model="tiny", prompt="1-x", date="2026-11-27")
RECORD = Instance(
    instruction="", input="<|SOA|>x<|EOA|>", output="male", task=ROW.id, minor=ROW.minor
)


@pytest.fixture
def varied(tmp_path: Path) -> Path:
    written = pool(ROW.id)
    texts = ("By its sound, what gender is this voice?", 'Reply with "male" or "female" here.')
    words = Pool(
        task=ROW.id,
        instruction=tuple(Instruction(ask=t, mood="question", origin=ORIGIN) for t in texts),
        inputs=written.inputs,
        answer=AnswerWords(lead_ins=("", "Answer: ")),
        origin=ORIGIN,
    )
    write_whole(pool_file(tmp_path, ROW.id, "en"), pool_text(words))
    assert pool(ROW.id, tmp_path / "pools", row=ROW) == words
    return tmp_path


def names(options: ExampleOptions) -> set[str]:
    """The templates that many records are rendered with."""
    records = (RECORD.replace(uuid=f"{n:024x}") for n in range(400))
    rendered = (render(r, ROW, 0, languages=options.wordings) for r in records)
    return {example.template.split("+")[0] for example in rendered}


@pytest.mark.slow
def test_hand_written_generated_or_both(varied: Path) -> None:
    written = names(ExampleOptions())
    generated = names(ExampleOptions(pools="generated", variations=str(varied)))
    both = names(ExampleOptions(pools="both", variations=str(varied)))
    assert generated == {f"{ROW.id}/generated/0", f"{ROW.id}/generated/1"}
    assert len(written) == len(pool(ROW.id).instruction)
    assert both == written | generated


def test_a_task_without_variations_keeps_its_pool(varied: Path) -> None:
    options = ExampleOptions(pools="generated", variations=str(varied))
    row = catalogue.get("age_recognition")
    record = RECORD.replace(task=row.id, output="adult", uuid="1")
    template = render(record, row, 0, languages=options.wordings).template
    assert template.split("/")[1].split("+")[0].isdigit()


def test_the_digest_of_a_stream_changes_with_the_pools_and_not_with_the_folder(
    varied: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    both = ExampleOptions(pools="both", variations=str(varied))
    digest = prompt_digest((ROW.name,), both.wordings)
    assert digest != prompt_digest((ROW.name,), ExampleOptions().wordings)
    other = tmp_path_factory.mktemp("other")
    file = pool_file(varied, ROW.id, "en")
    write_whole(pool_file(other, ROW.id, "en"), file.read_text())
    assert digest == prompt_digest((ROW.name,), both.replace(variations=str(other)).wordings)


def test_variations_need_their_folder() -> None:
    with pytest.raises(SettingsError, match="variations: the folder of a run"):
        ExampleOptions(pools="both")
