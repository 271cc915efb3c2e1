"""Rates against hand-worked numbers and seqio's own formula."""

from __future__ import annotations

import pytest
import seqio
from hypothesis import given
from hypothesis import strategies as st

from audioflan_tasks import catalogue
from audioflan_tasks.errors import MixtureError, UnknownNameError
from audioflan_tasks.mixtures import (
    POLICIES,
    capped,
    category_balanced,
    domain_balanced,
    equal,
    nested,
    size,
    standard_mixtures,
    temperature,
    unimax,
)
from audioflan_tasks.mixtures.spec.policies import policy_of
from audioflan_tasks.mixtures.spec.standard import paper_sizes

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
    others = {
        "capped": (43.2, 34.7, 22.0), "temperature": (64.7, 17.3, 18.0),
        "unimax": (70.5, 8.0, 21.5), "equal": (42.5, 35.0, 22.5),
        "domain_balanced": (33.3, 33.3, 33.3), "category_balanced": (65.4, 16.4, 18.2),
        "nested": (59.9, 16.7, 23.4),
    }  # fmt: skip
    assert {"size", *others} == set(POLICIES)
    for name, wanted in others.items():
        assert tuple(shares(name).values()) == pytest.approx(wanted, abs=0.1), name
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


def test_unimax_by_hand() -> None:
    """Algorithm 1: 10 is capped at 2 passes, the others share what is left alike."""
    sizes = {"c": 1000, "a": 10, "b": 100}
    assert unimax(2, 300).rates(sizes) == {"a": 20, "b": 140, "c": 140}
    assert unimax(1, 10_000).rates(sizes) == sizes
    assert unimax(2).rates({"a": 1, "b": 5}) == {"a": 2, "b": 4}


def test_balanced_and_nested_by_hand() -> None:
    sizes = {
        "audioflan_denoising": 700, "audioflan_dereverberation": 100,
        "audioflan_key_detection": 27, "audioflan_music_caption": 8, "audioflan_audio_caption": 5,
    }  # fmt: skip
    thirds = domain_balanced(size()).rates(sizes)
    assert thirds["audioflan_denoising"] == pytest.approx(7 / 8 / 3)
    assert thirds["audioflan_audio_caption"] == pytest.approx(1 / 3)
    tempered = domain_balanced().rates(sizes)
    assert tempered["audioflan_key_detection"] == pytest.approx(3 / 5 / 3)
    halves = category_balanced(size()).rates(sizes)
    assert halves["audioflan_denoising"] == pytest.approx(700 / 800 / 2)
    assert halves["audioflan_key_detection"] == pytest.approx(27 / 40 / 2)
    three = nested([("domain", equal()), ("major", temperature(3))], size()).rates(sizes)
    assert three["audioflan_key_detection"] == pytest.approx(3 / 5 / 3)
    assert three["audioflan_denoising"] == pytest.approx(7 / 8 / 3)
    assert sum(three.values()) == pytest.approx(1)
    with pytest.raises(MixtureError, match="cannot be grouped by 'colour'"):
        nested([("colour", equal())], size()).rates(sizes)


def test_policies_by_name_and_with_parameters() -> None:
    assert policy_of({"name": "capped", "limit": 100}).rates(SIZES)["a"] == 100
    assert policy_of("size") is POLICIES["size"]
    assert policy_of({"name": "unimax", "max_epochs": 2, "budget": 300}).name == "unimax(2, 300)"
    with pytest.raises(MixtureError, match=r"capped does not take lim.*capped\(limit\)"):
        policy_of({"name": "capped", "lim": 100})
    with pytest.raises(UnknownNameError, match="did you mean temperature"):
        policy_of("temprature")
    for bad in (
        {"name": "unimax", "max_epochs": 0},
        {"name": "unimax", "max_epochs": 1, "budget": -1},
    ):
        with pytest.raises(MixtureError, match="above 0"):
            policy_of(bad)
