"""Arguments of the wrong type are errors of ours; a single text is one name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import audioflan_tasks as af
from audioflan_tasks.arguments import check_limit, check_names
from audioflan_tasks.errors import AudioFlanError, SettingsError


def _answer(prompt: object) -> str:
    return "x"


_WRONG: list[tuple[Callable[[], object], str]] = [
    (lambda: af.mixture(3), "selections: 3 is no name"),  # type: ignore[arg-type]
    (lambda: af.mixture("music", policy=3), "policy=3: expected"),  # type: ignore[arg-type]
    (lambda: af.mixture(weights=["a"]), "weights=.*a mapping"),  # type: ignore[arg-type]
    (lambda: af.Corpus(3), "root=3: expected a path"),  # type: ignore[arg-type]
    (lambda: af.get_tokenizer(3), "no tokenizer named 3"),  # type: ignore[arg-type]
    (lambda: af.evaluate("random"), "model_of"),  # type: ignore[arg-type]
    (lambda: af.evaluate(_answer, 3), "mixture=3"),  # type: ignore[arg-type]
    (lambda: af.evaluate(_answer, "music", 3), "out=3: expected a path"),  # type: ignore[arg-type]
    (lambda: af.evaluate(_answer, corpus="x"), "corpus='x'"),  # type: ignore[arg-type]
    (lambda: af.evaluate(_answer, seed="8"), "seed='8'"),  # type: ignore[arg-type]
    (lambda: af.evaluate(_answer, tasks="denoisin"), "did you mean denoising"),
    (lambda: af.ExampleOptions(instructions="keeep"), r"expected pool, keep, or mixed\(SHARE\)"),
]


@pytest.mark.parametrize(("call", "message"), _WRONG, ids=[message for _, message in _WRONG])
def test_a_wrong_argument_is_named_in_one_line(
    call: Callable[[], object], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(AudioFlanError, match=message) as caught:
        call()
    assert "\n" not in str(caught.value)
    assert not list(tmp_path.iterdir())


def test_a_single_text_is_one_name() -> None:
    assert check_names("tasks", "denoising") == ("denoising",)
    assert check_names("tasks", iter(["a", "b"])) == ("a", "b")
    assert af.hold_out(tasks="key_detection") == af.hold_out(tasks=["key_detection"])
    music = af.mixture("music")
    assert set(music.tasks) - set(af.mixture("music", exclude="melody_extraction").tasks) == {
        "audioflan_melody_extraction"
    }


def test_a_limit_is_a_number_of_records_or_a_share() -> None:
    assert check_limit(None) is None
    assert [check_limit(n) for n in (1, 8.0, 0.25, np.int64(3))] == [1.0, 8.0, 0.25, 3.0]
    for wrong in (0, -1, 2.5, float("nan"), float("inf"), True, "8"):
        with pytest.raises(SettingsError, match=r"^limit="):
            check_limit(wrong)
