"""DNSMOS P.835 (Reddy, Gopal & Cutler 2022) with the weights of the package speechmos.

The package's own code needs librosa for another of its models; this one takes samples. The
three polynomials map the model's outputs to the scale of P.835, as the package has them.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.errors import MissingExtraError
from audioflan_tasks.metrics.judge import JudgeModel
from audioflan_tasks.metrics.values import AudioAnswer
from audioflan_tasks.metrics.waveforms import resample

__all__ = ["DnsmosJudge"]

_RATE = 16000
_WINDOW_S = 9.01
_WEIGHTS = Path("dnsmos_models") / "sig_bak_ovr.onnx"
# Signal, background, overall: coefficients of x², x, 1.
_POLYNOMIALS = (
    (-0.08397278, 1.22083953, 0.0052439),
    (-0.13166888, 1.60915514, -0.39604546),
    (-0.06766283, 1.11546468, 0.04602535),
)


class DnsmosJudge(JudgeModel):
    """Quality of speech without a reference."""

    def __init__(self) -> None:
        for package in ("onnxruntime", "speechmos"):
            if importlib.util.find_spec(package) is None:
                raise MissingExtraError(package, "judges", "the metric 'dnsmos'")
        import onnxruntime

        # find_spec runs no code of the package.
        spec = importlib.util.find_spec("speechmos")
        folder = Path(next(iter((spec and spec.submodule_search_locations) or ())))
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            str(folder / _WEIGHTS), options, providers=["CPUExecutionProvider"]
        )

    def quality_of(self, answer: AudioAnswer) -> NDArray[np.float64]:
        """Overall, signal and background quality, 1 to 5 each, mean over windows of 9.01 s.

        A shorter clip is repeated, as the package does.
        """
        wave = np.clip(resample(answer, _RATE), -1, 1).astype(np.float32)
        length = int(_WINDOW_S * _RATE)
        while len(wave) < length:
            wave = np.concatenate([wave, wave])
        hops = int(len(wave) // _RATE - _WINDOW_S) + 1
        starts = [s for s in range(0, hops * _RATE, _RATE) if s + length <= len(wave)]
        raw = np.array([self._run(wave[s : s + length]) for s in starts])
        signal, background, overall = (
            np.polyval(c, raw[:, n]).mean() for n, c in enumerate(_POLYNOMIALS)
        )
        return np.asarray(np.clip([overall, signal, background], 1.0, 5.0), np.float64)

    def _run(self, window: NDArray[np.float32]) -> NDArray[np.float64]:
        (outputs,) = self._session.run(None, {"input_1": window[None]})
        return np.asarray(outputs[0], np.float64)
