"""TensorFlow's first words are left out of stderr, and nothing else is."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from audioflan_tasks import quiet_start
from audioflan_tasks.quiet_start import without_startup_noise

NOISE = (
    "WARNING: All log messages before absl::InitializeLog() is called are written to STDERR\n"
    "I0000 00:00:1795781112.601754   14254 cudart_stub.cc:31] Could not find cuda drivers\n"
    "E0000 00:00:1795781179.308509   14254 cuda_platform.cc:52] failed call to cuInit: INTERNAL\n"
)
WORDS = "E0000 00:00:1795781179.308509   14254 other.cc:1] a fault\nWARNING: mine\nno line end"


def test_only_known_lines_are_left_out(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quiet_start, "_ALL_LINES", False)
    with pytest.raises(KeyError), without_startup_noise():
        os.write(2, NOISE.encode())
        print(WORDS, file=sys.stderr, end="")
        raise KeyError
    assert capfd.readouterr().err == WORDS
    monkeypatch.setattr(quiet_start, "_ALL_LINES", True)
    with without_startup_noise():
        os.write(2, NOISE.encode())
    assert capfd.readouterr().err == NOISE


@pytest.mark.slow
def test_the_lines_of_the_readme_print_nothing_of_it() -> None:
    code = (
        "import audioflan_tasks\nimport seqio\n"
        "task = seqio.get_mixture_or_task('audioflan_key_detection')\n"
        "print(len(next(task.get_dataset(split='test').as_numpy_iterator())['inputs']) > 0)\n"
    )
    plain = {name: value for name, value in os.environ.items() if name != "TF_CPP_MIN_LOG_LEVEL"}
    run = subprocess.run(
        [sys.executable, "-c", code], env=plain, capture_output=True, text=True, check=True
    )
    assert run.stdout == "True\n"
    assert not [line for line in run.stderr.splitlines() if ".cc:" in line or "absl" in line]
