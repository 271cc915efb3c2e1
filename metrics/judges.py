"""Metrics that a model computes: quality, speaker, words and fit to a description.

References: Reddy, Gopal & Cutler 2022 (DNSMOS P.835, speechmos 0.0.1), Kilgour et al. 2019
(Fréchet audio distance), Wu et al. 2023 (CLAP). A metric takes its model from `batch.judge`,
which `judge_weights` opens and frees; DNSMOS brings its own weights.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.errors import MetricInputError
from audioflan_tasks.metrics.batch import Batch
from audioflan_tasks.metrics.judge import JudgeModel
from audioflan_tasks.metrics.normalise import normaliser
from audioflan_tasks.metrics.text import rate
from audioflan_tasks.metrics.values import AudioAnswer
from audioflan_tasks.metrics.waveforms import is_silent

__all__ = ["asr_wer", "clap_score", "dnsmos", "fad", "frechet_distance", "speaker_similarity"]

_DNSMOS_WORST = 1.0


def dnsmos(batch: Batch) -> Mapping[str, float]:
    """Mean DNSMOS P.835 (1 to 5): overall, and of the signal and the background alone."""
    judge = _judge("dnsmos", batch)
    worst = np.full(3, _DNSMOS_WORST)
    values = [worst if _missing(a) else judge.quality_of(a) for a in batch.answers]
    overall, signal, background = np.mean(values, axis=0)
    return {"dnsmos": overall, "dnsmos_signal": signal, "dnsmos_background": background}


def asr_wer(batch: Batch) -> Mapping[str, float]:
    """Word error rate of a recogniser's transcript of the answer, against the text to be spoken.

    Without such texts, against what it hears in the reference. A missing answer has no words.
    """
    judge = _judge("asr_wer", batch)
    words = normaliser(batch.normaliser)
    transcripts = [[] if a is None else words(judge.text_of(a)) for a in batch.answers]
    texts = batch.texts or [judge.text_of(r) for r in batch.references]
    return {"asr_wer": rate("asr_wer", [words(t) for t in texts], transcripts)}


def speaker_similarity(batch: Batch) -> Mapping[str, float]:
    """Mean cosine of speaker embeddings (-1 to 1); a missing answer is 0."""
    judge = _judge("speaker_similarity", batch)
    total = sum(
        0.0 if _missing(a) else _cosine(judge.vector_of(r), judge.vector_of(a))
        for r, a in zip(batch.references, batch.answers, strict=True)
    )
    return {"speaker_similarity": total / len(batch.references)}


def fad(batch: Batch) -> Mapping[str, float]:
    """Fréchet distance of embeddings of all references and all answers; 0 is equal.

    Raises:
      MetricInputError: fewer than two answers are there.
    """
    judge = _judge("fad", batch)
    answers = [a for a in batch.answers if not _missing(a)]
    if len(answers) < 2 or len(batch.references) < 2:
        raise MetricInputError("fad: needs at least two references and two answers")
    references = np.array([judge.vector_of(r) for r in batch.references])
    return {"fad": frechet_distance(references, np.array([judge.vector_of(a) for a in answers]))}


def clap_score(batch: Batch) -> Mapping[str, float]:
    """Mean cosine of the answer's embedding and that of its description (-1 to 1).

    Raises:
      MetricInputError: there are no descriptions (`texts`).
    """
    judge = _judge("clap_score", batch)
    if not batch.texts:
        raise MetricInputError("clap_score: needs the description of each answer (texts=…)")
    total = sum(
        0.0 if _missing(a) else _cosine(judge.vector_of_text(t), judge.vector_of(a))
        for t, a in zip(batch.texts, batch.answers, strict=True)
    )
    return {"clap_score": total / len(batch.answers)}


def frechet_distance(references: NDArray[np.floating], answers: NDArray[np.floating]) -> float:
    """Fréchet distance of two Gaussians fitted to vectors [n, dimensions]."""
    means = references.mean(axis=0), answers.mean(axis=0)
    reference_covariance, answer_covariance = (
        np.atleast_2d(np.cov(v, rowvar=False)) for v in (references, answers)
    )
    # The eigenvalues of a product of two covariances are real and not negative.
    roots = np.sqrt(
        np.clip(np.linalg.eigvals(reference_covariance @ answer_covariance).real, 0, None)
    ).sum()
    distance = (
        ((means[0] - means[1]) ** 2).sum()
        + np.trace(reference_covariance)
        + np.trace(answer_covariance)
        - 2 * roots
    )
    return float(max(0.0, distance))


def _judge(name: str, batch: Batch) -> JudgeModel:
    if not isinstance(batch.judge, JudgeModel):
        raise MetricInputError(
            f"{name}: needs a model (weights={{{name!r}: …}}); see docs/metrics.md"
        )
    return batch.judge


def _missing(answer: AudioAnswer | None) -> bool:
    return answer is None or is_silent(np.asarray(answer.samples))


def _cosine(first: NDArray[np.floating], second: NDArray[np.floating]) -> float:
    norm = float(np.linalg.norm(first) * np.linalg.norm(second))
    return float(np.dot(first, second)) / norm if norm else 0.0
