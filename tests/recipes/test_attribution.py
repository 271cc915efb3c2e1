"""Whom to name for the records that are used."""

from __future__ import annotations

from audioflan_tasks.recipes.attribution import attribution


def test_a_corpus_has_its_licences_and_what_its_card_says() -> None:
    page = attribution({("LJSpeech", "Public domain"): 1200, ("", ""): 3, ("Mine", "CC0"): 1})
    assert "## LJSpeech\n\n- 1,200 records: Public domain\n- licences: audio " in page
    assert "keithito.com" in page
    assert "## Corpus not known\n\n- 3 records: no licence named\n" in page
    assert page.endswith("## Mine\n\n- 1 records: CC0\n")
