"""Metrics on audio against a reference, sample by sample.

A ratio to a silent reference is not defined: such examples are left out of the mean.

References: Le Roux et al. 2019 (SI-SDR) and Vincent et al. 2006 (SDR), fast_bss_eval 0.1;
Taal et al. 2011 (STOI), pystoi 0.4; ITU-T P.862.2 (PESQ), pesq 0.0.4. Answers of another rate
or length are handled in `waveforms`.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.errors import MetricInputError
from audioflan_tasks.metrics.batch import Batch
from audioflan_tasks.metrics.pool import map_pairs
from audioflan_tasks.metrics.waveforms import Pair, align, is_silent

__all__ = ["mean_over", "pesq", "sdr", "si_sdr", "si_sdr_gap", "si_sdr_improvement", "stoi"]

_LIMIT_DB = 60.0
_PESQ_WORST = 1.0
_PESQ_RATE = 16000


def si_sdr(batch: Batch) -> Mapping[str, float]:
    """Mean scale-invariant SDR in dB, limited to +-60 dB; a missing or silent answer is -60."""
    return {"si_sdr": mean_over(batch, _si_sdr_of, "si_sdr")}


def si_sdr_improvement(batch: Batch) -> Mapping[str, float]:
    """Mean SI-SDR of the answer less that of the unprocessed input, in dB.

    Raises:
      MetricInputError: a reference does not carry its input.
    """
    require_source("si_sdr_improvement", batch)
    return {"si_sdr_improvement": mean_over(batch, _improvement_of, "si_sdr_improvement")}


def sdr(batch: Batch) -> Mapping[str, float]:
    """Mean SDR in dB with a distortion filter of 512 taps, limited to +-60 dB."""
    return {"sdr": mean_over(batch, _sdr_of, "sdr")}


def si_sdr_gap(batch: Batch) -> Mapping[str, float]:
    """Mean SI-SDR in dB where the input differs from the reference: inside the gap.

    Raises:
      MetricInputError: a reference does not carry its input.
    """
    require_source("si_sdr_gap", batch)
    return {"si_sdr_gap": mean_over(batch, _gap_of, "si_sdr_gap")}


def stoi(batch: Batch) -> Mapping[str, float]:
    """Mean STOI (0 to 1); a missing answer is 0."""
    return {"stoi": mean_over(batch, _stoi_of, "stoi")}


def pesq(batch: Batch) -> Mapping[str, float]:
    """Mean wide-band PESQ (MOS-LQO, 1.04 to 4.64) at 16 kHz; a missing answer is 1."""
    return {"pesq": mean_over(batch, _pesq_of, "pesq")}


def mean_over(batch: Batch, value_of: Callable[[Pair], float], label: str) -> float:
    """Mean of `one` over the aligned pairs of a batch whose reference sounds.

    Raises:
      MetricInputError: all references are silent.
    """
    pairs = [
        align(r, a)
        for r, a in zip(batch.references, batch.answers, strict=True)
        if not is_silent(r.samples)
    ]
    if not pairs:
        raise MetricInputError(f"{label}: every reference is silent; nothing can be compared")
    values = map_pairs(value_of, pairs, batch, label)
    return float(np.mean(values))


def require_source(name: str, batch: Batch) -> None:
    if any(r.source is None for r in batch.references):
        raise MetricInputError(
            f"{name}: a reference does not carry the unprocessed input; give "
            "AudioAnswer(samples, sample_rate, source=input)"
        )


def _ratio(reference: NDArray[np.float64], answer: NDArray[np.float64]) -> float:
    from fast_bss_eval.numpy import si_sdr as ratio

    if is_silent(answer):
        return -_LIMIT_DB
    value = float(np.squeeze(ratio(reference[None], answer[None], clamp_db=_LIMIT_DB)))
    return float(np.clip(value, -_LIMIT_DB, _LIMIT_DB))


def _si_sdr_of(pair: Pair) -> float:
    return _ratio(pair.reference, pair.answer)


def _improvement_of(pair: Pair) -> float:
    source = pair.source if pair.source is not None else pair.reference
    return _ratio(pair.reference, pair.answer) - _ratio(pair.reference, source)


def _gap_of(pair: Pair) -> float:
    source = pair.source if pair.source is not None else pair.reference
    in_gap = np.abs(source - pair.reference) > 1e-4
    if not in_gap.any() or is_silent(pair.reference[in_gap]):
        return _ratio(pair.reference, pair.answer)
    return _ratio(pair.reference[in_gap], pair.answer[in_gap])


def _sdr_of(pair: Pair) -> float:
    from fast_bss_eval.numpy import sdr as ratio

    if pair.missing or len(pair.reference) < 1024:
        return -_LIMIT_DB
    value = float(np.squeeze(ratio(pair.reference[None], pair.answer[None], clamp_db=_LIMIT_DB)))
    return float(np.clip(value, -_LIMIT_DB, _LIMIT_DB))


def _stoi_of(pair: Pair) -> float:
    from pystoi import stoi as reference

    if pair.missing:
        return 0.0
    # STOI needs 30 frames of 12.8 ms of speech; shorter clips are repeated.
    times = int(np.ceil(pair.sample_rate / max(1, len(pair.reference))))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # too little speech: pystoi warns and returns 1e-5
        value = reference(
            np.tile(pair.reference, times), np.tile(pair.answer, times), pair.sample_rate
        )
    return float(np.clip(value, 0.0, 1.0))


def _pesq_of(pair: Pair) -> float:
    import soxr
    from pesq import PesqError
    from pesq import pesq as reference

    if pair.missing:
        return _PESQ_WORST
    pair_at_16k = (
        soxr.resample(w, pair.sample_rate, _PESQ_RATE) if pair.sample_rate != _PESQ_RATE else w
        for w in (pair.reference, pair.answer)
    )
    value = reference(
        _PESQ_RATE, *(np.asarray(w, np.float32) for w in pair_at_16k), "wb",
        on_error=PesqError.RETURN_VALUES,
    )  # fmt: skip
    return float(value) if value > 0 else _PESQ_WORST
