"""Options of examples: one frozen value, checked when it is made."""

from __future__ import annotations

import pickle

import pytest
from pydantic import ValidationError

from audioflan_tasks import ExampleOptions, settings
from audioflan_tasks.errors import SettingsError


def test_options_are_the_settings_at_one_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    before = settings.example_options()
    monkeypatch.setattr(settings, "codebooks", 3)
    monkeypatch.setattr(settings, "languages", ("en", "zh"))
    after = settings.example_options()
    assert (before.codebooks, after.codebooks) == (None, 3)
    assert after.changes == {**before.changes, "codebooks": 3, "languages": ["en", "zh"]}


def test_options_cannot_be_changed_but_copied() -> None:
    options = ExampleOptions(codebooks=4)
    with pytest.raises(ValidationError, match="frozen"):
        options.codebooks = 2
    assert options.replace(shots=2) == ExampleOptions(codebooks=4, shots=2)
    assert pickle.loads(pickle.dumps(options)) == options
    assert len({options, ExampleOptions(codebooks=4)}) == 1


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"codebook": 4}, "there is no 'codebook'; did you mean codebooks"),
        ({"codebooks": 0}, "codebooks=0: Input should be greater than or equal to 1"),
        ({"layout": "zigzag"}, "layout='zigzag'"),
        ({"instructions": "mixed(2)"}, "instructions='mixed"),
        ({"languages": []}, "languages=\\[\\]"),
        ({"shots": "many"}, "shots='many'"),
    ],
)
def test_a_wrong_option_is_one_line(values: dict[str, object], words: str) -> None:
    with pytest.raises(SettingsError, match=words) as caught:
        ExampleOptions(**values)
    assert "\n" not in str(caught.value)
    with pytest.raises(SettingsError, match=words):
        ExampleOptions().replace(**values)
