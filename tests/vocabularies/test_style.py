"""Other labels in the spelling of one."""

from __future__ import annotations

import pytest

from audioflan_tasks.vocabularies.style import Style


@pytest.mark.parametrize(
    ("text", "name", "other", "spelling"),
    [
        ("activate-lights-kitchen", "activate, lights, kitchen", "bring, socks, none",
         "bring-socks-none"),
        ("activate-lights-kitchen", "activate, lights, kitchen", "change language, none, none",
         "change language-none-none"),
        ("change language-none-none", "change language, none, none", "activate, lights, none",
         "activate-lights-none"),
        ("Activate | Lights", "activate, lights", "bring, socks", "Bring | Socks"),
        ("Vehicle_horn,_car_horn", "Vehicle horn, car horn", "Water tap, faucet",
         "Water_tap,_faucet"),
        ("vehicle horn", "Vehicle horn, car horn", "Water tap, faucet", "water tap, faucet"),
        ("A", "a", "same", "Same"),
        ("TRUE", "true", "false", "FALSE"),
    ],
)  # fmt: skip
def test_a_name_is_spelt_like_another(text: str, name: str, other: str, spelling: str) -> None:
    assert Style.of(text, name).spelt(other) == spelling
