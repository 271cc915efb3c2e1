"""Rates against hand-worked numbers and seqio's own formula; selections and their errors."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audioflan_tasks import catalogue
from audioflan_tasks.errors import MixtureError, UnknownNameError
from audioflan_tasks.mixtures import POLICIES, capped, mixture, size, standard_mixtures, temperature
from audioflan_tasks.mixtures.standard import paper_sizes

SIZES = {"a": 1000, "b": 8, "c": 0}


def test_by_hand() -> None:
    assert size().rates(SIZES) == {"a": 1000, "b": 8, "c": 0}
    assert capped(100).rates(SIZES) == {"a": 100, "b": 8, "c": 0}
    assert temperature(3).rates(SIZES) == {
        "a": pytest.approx(10),
        "b": pytest.approx(2),
        "c": 0,
    }


@given(n=st.integers(1, 10**9), t=st.floats(0.5, 20), cap=st.integers(1, 10**9))
def test_equals_seqios_mixing_rate(n: int, t: float, cap: int) -> None:
    import seqio

    class Sized:
        cache_dir, name = None, "t"

        def num_input_examples(self, split: str) -> int:
            return n

    wanted = seqio.mixing_rate_num_examples(Sized(), temperature=t)
    assert temperature(t).rates({"a": n})["a"] == pytest.approx(wanted)
    limited = seqio.mixing_rate_num_examples(Sized(), maximum=cap)
    assert capped(cap).rates({"a": n})["a"] == pytest.approx(limited)


@pytest.mark.parametrize("bad", [0, -1, float("nan"), float("inf")])
def test_impossible_parameters(bad: float) -> None:
    with pytest.raises(MixtureError, match="temperature"):
        temperature(bad)


def test_no_examples_at_all() -> None:
    with pytest.raises(MixtureError, match="every rate is 0"):
        size().rates({"a": 0})
    with pytest.raises(MixtureError, match="at least 1"):
        capped(0)


def test_domain_shares_of_the_paper() -> None:
    """The paper states 92.55, 2.00 and 5.45 %; docs/mixtures.md quotes the others."""

    def shares(policy: str) -> dict[str, float]:
        rates = POLICIES[policy].rates(paper_sizes())
        total = sum(rates.values())
        return {
            d: 100 * sum(rates[r.name] for r in catalogue.tasks() if r.domain == d) / total
            for d in ("speech", "music", "audio")
        }

    assert shares("size") == pytest.approx({"speech": 92.55, "music": 2.0, "audio": 5.45}, abs=0.1)
    assert shares("temperature") == pytest.approx(
        {"speech": 64.7, "music": 17.3, "audio": 18.0}, abs=0.1
    )
    assert sum(paper_sizes().values()) == pytest.approx(108.53e6, rel=1e-3)


def test_standard_mixtures_cover_the_catalogue() -> None:
    rows = {row.name: row for row in standard_mixtures()}
    names = {row.name for row in catalogue.tasks()}
    assert len(rows) == 1 + len(POLICIES) + 3 + 2 + 23 + 2
    assert set(rows["audioflan_all"].tasks) == names
    for parts in (
        ["audioflan_speech", "audioflan_music", "audioflan_audio"],
        ["audioflan_understanding", "audioflan_generation"],
        ["audioflan_seen", "audioflan_unseen"],
        [n for n in rows if n.startswith("audioflan_major_")],
    ):
        together = [t for part in parts for t in rows[part].tasks]
        assert sorted(together) == sorted(names)


def test_selections() -> None:
    assert len(mixture().tasks) == 80
    assert len(mixture("music").tasks) == 28
    assert len(mixture("Speech Enhancement").tasks) == 5
    assert mixture("denoising", "audioflan_denoising").tasks == ("audioflan_denoising",)
    without = mixture("speech", exclude=["generation", "speech recognition"])
    assert not {catalogue.get(n).paper_category for n in without.tasks} - {"understanding"}
    assert "audioflan_automatic_speech_recognition" not in without.tasks
    weighted = mixture(weights={"denoising": 3, "key_detection": 1.5})
    assert weighted.rates({"audioflan_denoising": 9, "audioflan_key_detection": 1}) == {
        "audioflan_denoising": 3,
        "audioflan_key_detection": 1.5,
    }


def test_selection_errors() -> None:
    with pytest.raises(UnknownNameError, match="did you mean denoising"):
        mixture("denoisin")
    with pytest.raises(MixtureError, match="no task is left"):
        mixture("music", exclude=["music"])
    with pytest.raises(MixtureError, match="positive and finite"):
        mixture(weights={"denoising": -1})
    with pytest.raises(MixtureError, match="either"):
        mixture("music", weights={"denoising": 1})
    with pytest.raises(UnknownNameError, match="policy"):
        mixture("music", policy="temprature")
    with pytest.raises(MixtureError, match=r"held out.*intent_classification"):
        mixture("speech", allow_held_out=False)
