"""The page to listen to tokenizers holds what its script says."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


def test_own_audio_with_every_tokenizer_beside_it(tmp_path: Path) -> None:
    clip, rate = soundfile.read(ROOT / "tests" / "data" / "librivox_0870.flac", dtype="float32")
    (tmp_path / "in").mkdir()
    soundfile.write(tmp_path / "in" / "a & b.wav", clip[: 2 * rate], rate)
    script = ROOT / "scripts" / "listening_page.py"
    command = [sys.executable, str(script), str(tmp_path / "out"), "--audio", str(tmp_path / "in")]
    subprocess.run(command, check=True, capture_output=True)
    page = (tmp_path / "out" / "index.html").read_text()
    assert "a &amp; b.wav" in page
    sounds = re.findall(r'src="([^"]+)"', page)
    assert len(sounds) in (4, 5)  # five with Codec 2
    for name in sounds:
        wave, _ = soundfile.read(tmp_path / "out" / name)
        assert np.sqrt(np.mean(wave**2)) > 0.01
