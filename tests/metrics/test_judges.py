"""Metrics that a model computes, on the models that packages ship or on small local ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from audioflan_tasks import catalogue
from audioflan_tasks.errors import MetricInputError, SettingsError
from audioflan_tasks.metrics import AudioAnswer, JudgeModel, judge_weights, score
from audioflan_tasks.metrics.judges import frechet_distance

SPEECH = Path(__file__).parents[1] / "data" / "librivox_0870.flac"
TTS = catalogue.get("text_to_speech")
SAID = (
    "and mister john dashwood had then leisure to consider how much there might be prudently "
    "in his power to do for them"
)


class Loudness(JudgeModel):
    """Log energies of eight bands: a small model that needs no weights."""

    def vector_of(self, answer: AudioAnswer) -> np.ndarray:
        power = np.abs(np.fft.rfft(answer.samples)) ** 2
        return np.log([1e-9 + band.sum() for band in np.array_split(power, 8)])

    def vector_of_text(self, text: str) -> np.ndarray:
        return np.linspace(1, len(text), 8)


@pytest.fixture(scope="module")
def speech() -> AudioAnswer:
    return AudioAnswer(*soundfile.read(SPEECH, dtype="float32"))


def noisy(speech: AudioAnswer, level: float) -> AudioAnswer:
    noise = np.random.default_rng(0).normal(0, level, len(speech.samples))
    return AudioAnswer((speech.samples + noise).astype(np.float32), speech.sample_rate)


@pytest.mark.slow
def test_dnsmos_prefers_clean_speech(speech: AudioAnswer) -> None:
    pytest.importorskip("speechmos")
    pytest.importorskip("onnxruntime")
    found = [
        score(TTS, [speech], [a], metrics=["dnsmos"]) for a in (speech, noisy(speech, 0.05), None)
    ]
    values = [f["dnsmos"] for f in found]
    assert values[0] > values[1] > values[2] == 1.0
    # Stored from the package's own code (with librosa stubbed, for another of its models).
    stored = (3.242385, 3.602319, 3.923815)
    names = ("dnsmos", "dnsmos_signal", "dnsmos_background")
    np.testing.assert_allclose([found[0][n] for n in names], stored, atol=1e-3)


@pytest.mark.full
def test_a_recogniser_hears_more_words_in_whole_speech(speech: AudioAnswer) -> None:
    pytest.importorskip("pocketsphinx")
    answers = [speech, AudioAnswer(speech.samples[:16000], 16000), None]
    rates = [
        score(TTS, [speech], [a], metrics=["asr_wer"], texts=[SAID])["asr_wer"] for a in answers
    ]
    assert rates[0] < 0.6
    assert rates[0] < rates[1] <= rates[2] == 1.0  # the second is one second of seven


def test_without_texts_the_reference_is_heard_too(speech: AudioAnswer) -> None:
    class Length(JudgeModel):
        def text_of(self, answer: AudioAnswer) -> str:
            return "word " * round(len(answer.samples) / answer.sample_rate)

    half = AudioAnswer(speech.samples[: len(speech.samples) // 2], speech.sample_rate)
    found = score(TTS, [speech], [half], metrics=["asr_wer"], weights={"asr_wer": Length()})
    assert found["asr_wer"] == pytest.approx(3 / 7)


def test_similarity_and_fit_are_cosines_of_the_judges_vectors(speech: AudioAnswer) -> None:
    task = catalogue.get("voice_conversion")
    weights = {"speaker_similarity": Loudness(), "clap_score": Loudness()}
    found = score(
        task, [speech] * 2, [speech, None], metrics=["speaker_similarity", "clap_score"],
        weights=weights, texts=["a voice", "a song"],
    )  # fmt: skip
    assert found["speaker_similarity"] == pytest.approx(0.5)
    vectors = Loudness().vector_of(speech), Loudness().vector_of_text("a voice")
    cosine = vectors[0] @ vectors[1] / np.linalg.norm(vectors[0]) / np.linalg.norm(vectors[1])
    assert found["clap_score"] == pytest.approx(cosine / 2)


def test_frechet_distance_of_gaussians_by_its_formula() -> None:
    rng = np.random.default_rng(0)
    left, right = rng.normal(0, 1, (20_000, 1)), rng.normal(3, 2, (20_000, 1))
    assert frechet_distance(left, right) == pytest.approx(3**2 + (1 - 2) ** 2, rel=0.03)
    several = rng.normal(size=(500, 4))
    assert frechet_distance(several, several) == pytest.approx(0, abs=1e-6)
    scipy_sqrtm = pytest.importorskip("scipy.linalg").sqrtm
    other = rng.normal(size=(400, 4)) @ rng.normal(size=(4, 4))
    covariances = np.cov(several, rowvar=False), np.cov(other, rowvar=False)
    mean = ((several.mean(0) - other.mean(0)) ** 2).sum()
    expected = mean + np.trace(
        sum(covariances) - 2 * scipy_sqrtm(covariances[0] @ covariances[1]).real
    )
    assert frechet_distance(several, other) == pytest.approx(expected)


def test_fad_tells_two_kinds_of_sound_apart(speech: AudioAnswer) -> None:
    task = catalogue.get("text_guided_audio_generation")
    clips = [AudioAnswer(speech.samples[n : n + 8000], 16000) for n in range(0, 48000, 8000)]
    hiss = [noisy(clip, 0.2) for clip in clips]
    near, far = (
        score(task, clips, answers, metrics=["fad"], weights={"fad": Loudness()})["fad"]
        for answers in (clips[::-1], hiss)
    )
    assert near == pytest.approx(0, abs=1e-6)
    assert far > 1
    with pytest.raises(MetricInputError, match="at least two"):
        score(task, clips, [None] * 6, metrics=["fad"], weights={"fad": Loudness()})


@pytest.mark.slow
def test_a_judge_that_is_missing_or_wrong_is_told(speech: AudioAnswer, tmp_path: Path) -> None:
    with pytest.raises(MetricInputError, match="needs a model"):
        score(TTS, [speech], [speech], metrics=["fad"])
    with pytest.raises(MetricInputError, match="does not recognise words"):
        score(TTS, [speech], [speech], metrics=["asr_wer"], weights={"asr_wer": Loudness()})
    with pytest.raises(SettingsError, match="no such folder"):
        score(TTS, [speech], [speech], metrics=["fad"], weights={"fad": tmp_path / "none"})


@pytest.mark.slow
def test_one_model_is_in_memory_at_a_time(
    speech: AudioAnswer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    living, most = [0], [0]

    class Counted(Loudness):
        def __init__(self, folder: Path) -> None:
            living[0] += 1
            most[0] = max(most[0], living[0])

        def __del__(self) -> None:
            living[0] -= 1

    names = ["fad", "clap_score", "speaker_similarity"]
    monkeypatch.setattr(judge_weights, "_FROM_FOLDER", dict.fromkeys(names, Counted))
    task = catalogue.get("voice_conversion")
    weights = dict.fromkeys(names, tmp_path)
    score(task, [speech] * 2, [speech] * 2, metrics=names, weights=weights, texts=["a", "b"])
    assert (most, living) == ([1], [0])
