"""A wrong call is one line: the offender, what was expected, the nearest name, how to list all."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Run

_WRONG = [
    ("show key_detecton", "no task named 'key_detecton'; did you mean key_detection"),
    ("tasks --domain musik", "did you mean music? (one of audio, music, speech)"),
    ("preview audioflan_al", "did you mean audioflan_all,"),
    ("preview audioflan_al", "(list them: audioflan tasks --mixtures; or the path of a .toml"),
    ("preview key_detection --html FOLDER", "it is a folder; expected a file"),
    ("preview key_detection --html FILE/page.html", "FILE is a file, not a folder"),
    ("preview key_detection --out FILE", "FILE is a file, not a folder"),
    ("preview key_detection --root FILE", "what is there: audioflan check FILE"),
    ("mix where audioflan_all 5-1", "step '5-1': expected a range upwards"),
    ("mix where audioflan_all 1-9999999999", "at most 1,000,000 steps"),
    ("mix where audioflan_all 99999999999999999999", "expected a range upwards"),
    ("decode FILE --out ids", "FILE: not a .npy file of ids (it is no whole such file)"),
    ("chat audioflan_all --split tset", "did you mean test?"),
    ("evaluate randm key_detection", "did you mean random? (one of answers:...,"),
    ("evaluate random key_detection --limit 0", "limit=0.0: expected a number of records"),
    ("evaluate random key_detection --limit 2.5", "limit=2.5: expected a number of records"),
    ("evaluate random key_detection --limit nan", "limit=nan: expected a number of records"),
    ("evaluate random fold:99", "'fold:99': expected fold:N with N from 0 to 7"),
    ("evaluate random fold:x", "'fold:x': expected fold:N, fold:N/COUNT or fold:WIDTH/NAME"),
    ("evaluate random key_detection --metrics acuracy", "did you mean accuracy"),
    ("evaluate random key_detection --baselines randm", "did you mean random? (one of blind,"),
    ("evaluate random key_detection --out FILE", "FILE is a file, not a folder"),
    ("evaluate openai:x key_detection -a basurl=http://x", "'basurl' (--model-args); did you mean"),
    ("evaluate python:my_model:anser music", "has no function 'anser'; did you mean answer?"),
    ("evaluate python:my_model:three music", "'my_model:three' is a int, not a function"),
    ("evaluate python:my_model music", "expected MODULE:FUNCTION"),
    ("evaluate python:broken:answer music", "'broken' cannot be imported: NameError"),
    ("evaluate python:no_such:answer music", "no module named 'no_such' in "),
    ("--module-import no_such tasks", "no module named 'no_such' in "),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(
    ("line", "part"), _WRONG, ids=[f"{n} {w[0]}" for n, w in enumerate(_WRONG)]
)
def test_a_wrong_call_is_one_line(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str, part: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "FILE").write_text("not JSON\n")
    (tmp_path / "FOLDER").mkdir()
    (tmp_path / "my_model.py").write_text("three = 3\ndef answer(prompt): return 'x'\n")
    (tmp_path / "broken.py").write_text("nothing\n")
    message = run(*line.split(), status=2)
    assert part in message
    assert message.startswith("audioflan: ") and message.count("\n") == 1
    assert not (tmp_path / "results").exists()
