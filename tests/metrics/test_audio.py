"""Metrics on audio: known mixtures, rank, rates, lengths, silence, processes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
import soundfile
import soxr

from audioflan_tasks.demo import demo_root
from audioflan_tasks.errors import MetricInputError, MissingExtraError, RunnerError
from audioflan_tasks.metrics import (
    METRICS,
    AudioAnswer,
    Batch,
    MetricInfo,
    ParsedAnswer,
    Status,
    audio_answer,
    metric,
)
from audioflan_tasks.runners import LocalRunner
from tests.runners.fragile import DeathError, FragileRunner

AUDIO = sorted(n for n, i in METRICS.items() if i.answers == "audio" and "judge" not in i.needs)


def score(name: str, targets: Sequence[object], predictions: Sequence[object]) -> float:
    return metric(name).function()(targets, predictions)[name]


@pytest.fixture(scope="module")
def clip() -> AudioAnswer:
    file = sorted((demo_root() / "audio_files" / "speech").rglob("*.flac"))[0]
    samples, rate = soundfile.read(file, dtype="float32")
    return AudioAnswer(samples[: 3 * rate], rate)


def test_si_sdr_of_noise_at_10_db(clip: AudioAnswer) -> None:
    noise = np.random.default_rng(0).standard_normal(len(clip.samples))
    noise -= noise @ clip.samples / (clip.samples @ clip.samples) * clip.samples
    noise *= np.linalg.norm(clip.samples) / np.linalg.norm(noise) / math.sqrt(10)
    noisy = AudioAnswer((clip.samples + noise).astype(np.float32), clip.sample_rate)
    assert score("si_sdr", [clip], [noisy]) == pytest.approx(10, abs=0.01)
    # Scale-invariant, as the name says.
    half = AudioAnswer(noisy.samples * np.float32(0.5), clip.sample_rate)
    assert score("si_sdr", [clip], [half]) == pytest.approx(10, abs=0.01)


@pytest.mark.slow
@pytest.mark.parametrize("name", AUDIO)
def test_audio_metrics_rank_answers(name: str, clip: AudioAnswer) -> None:
    if not METRICS[name].installed:
        pytest.skip(f"{name} needs the extra {METRICS[name].extra}")
    noise = np.random.default_rng(0).standard_normal(len(clip.samples)).astype(np.float32)
    level = float(np.std(clip.samples))
    better = AudioAnswer(clip.samples + 0.1 * level * noise, clip.sample_rate)
    worse = AudioAnswer(
        (clip.samples + 2.0 * level * noise)[: len(noise) * 3 // 4], clip.sample_rate
    )
    with_source = replace(clip, source=(0.2 * clip.samples + level * noise).astype(np.float32))
    values = [score(name, [with_source], [a]) for a in (clip, better, worse, None)]
    if name == "duration_error":
        assert values == [0.0, 0.0, pytest.approx(math.log2(4 / 3), abs=1e-3), 5.0]
        return
    order = values if metric(name).better == "lower" else values[::-1]
    assert order == sorted(order)
    assert values[0] != values[-1]
    info = metric(name)
    assert all(info.low - 1e-6 <= v <= info.high + 1e-6 for v in values)


@pytest.mark.parametrize("name", AUDIO)
@pytest.mark.parametrize("kind", ["empty", "one sample", "nan", "long", "constant", "other rate"])
def test_odd_answers_are_scored(name: str, kind: str, clip: AudioAnswer) -> None:
    if not METRICS[name].installed:
        pytest.skip(f"{name} needs the extra {METRICS[name].extra}")
    short = AudioAnswer(clip.samples[:8000], clip.sample_rate, clip.samples[:8000] * 0.5)
    answers = {
        "empty": np.zeros(0), "one sample": np.ones(1), "nan": np.full(8000, np.nan),
        "long": np.tile(clip.samples[:8000], 3), "constant": np.full(8000, 0.3),
        "other rate": clip.samples[:8000],
    }  # fmt: skip
    rate = 8000 if kind == "other rate" else clip.sample_rate
    value = score(name, [short], [AudioAnswer(answers[kind].astype(np.float32), rate)])
    info = metric(name)
    assert math.isfinite(value)
    assert info.low - 1e-6 <= value <= info.high + 1e-6


def test_answers_at_another_rate_are_resampled(clip: AudioAnswer) -> None:
    double = soxr.resample(clip.samples, clip.sample_rate, 2 * clip.sample_rate)
    assert score("si_sdr", [clip], [AudioAnswer(double, 2 * clip.sample_rate)]) > 30


def test_silent_references_are_left_out_and_only_silence_is_refused(clip: AudioAnswer) -> None:
    silence = AudioAnswer(np.zeros(16000, np.float32), 16000)
    assert score("si_sdr", [clip, silence], [clip, clip]) == pytest.approx(60)
    with pytest.raises(MetricInputError, match="every reference is silent"):
        score("stoi", [silence], [clip])


def test_pesq_and_f0_against_their_libraries(clip: AudioAnswer) -> None:
    pesq = pytest.importorskip("pesq")
    pytest.importorskip("pyworld")
    noise = np.random.default_rng(1).standard_normal(len(clip.samples)) * 0.01
    wave = soxr.resample(clip.samples, clip.sample_rate, 16000)
    noisy = soxr.resample((clip.samples + noise).astype(np.float32), clip.sample_rate, 16000)
    expected = pesq.pesq(16000, wave, noisy, "wb")
    pair = [AudioAnswer(wave, 16000)], [AudioAnswer(noisy, 16000)]
    assert score("pesq", *pair) == pytest.approx(expected, abs=1e-3)
    time = np.arange(32000) / 16000
    tones = [
        AudioAnswer(
            np.array(
                0.3 * sum(np.sin(2 * np.pi * f * k * time) / k for k in range(1, 9)), np.float32
            ),
            16000,
        )
        for f in (200.0, 200.0 * 2 ** (1 / 12))
    ]
    assert score("log_f0_rmse", [tones[0]], [tones[1]]) == pytest.approx(100, abs=3)


def test_chroma_knows_octaves_from_fifths() -> None:
    time = np.arange(32000) / 16000
    tone = {n: AudioAnswer(np.sin(2 * np.pi * f * time).astype(np.float32), 16000)
            for n, f in (("a4", 440.0), ("a5", 880.0), ("e5", 659.26))}  # fmt: skip
    assert score("chroma_similarity", [tone["a4"]], [tone["a5"]]) > 0.95
    assert score("chroma_similarity", [tone["a4"]], [tone["e5"]]) < 0.1


def test_the_gap_is_where_input_and_reference_differ(clip: AudioAnswer) -> None:
    gap = clip.samples.copy()
    gap[8000:16000] = 0
    target = replace(clip, source=gap)
    filled = clip.samples.copy()
    filled[:8000] = 0  # errors outside the gap do not count
    answer = AudioAnswer(filled, clip.sample_rate)
    assert score("si_sdr_gap", [target], [answer]) == pytest.approx(60)
    assert score("si_sdr_gap", [target], [AudioAnswer(gap, clip.sample_rate)]) == -60
    assert (
        score("lsd_gap", [target], [answer])
        < 0.5
        < score("lsd_gap", [target], [AudioAnswer(gap, clip.sample_rate)])
    )
    assert metric("si_sdr_gap").function()([clip], [answer]) == {}
    with pytest.raises(MetricInputError, match="does not carry the unprocessed input"):
        metric("si_sdr_gap").compute(Batch([clip], [answer]))


def test_the_new_band_is_what_the_input_lacks(clip: AudioAnswer) -> None:
    narrow = soxr.resample(
        soxr.resample(clip.samples, clip.sample_rate, 8000), 8000, clip.sample_rate
    )
    target = replace(clip, source=narrow[: len(clip.samples)])
    answer = AudioAnswer(narrow, clip.sample_rate)
    assert score("lsd_high", [target], [answer]) > score("lsd", [target], [answer])
    assert score("lsd_high", [target], [clip]) == pytest.approx(0, abs=1e-6)


@pytest.mark.slow
def test_processes_give_the_same_as_one(clip: AudioAnswer) -> None:
    short = AudioAnswer(clip.samples[:16000], clip.sample_rate)
    noise = np.random.default_rng(2).standard_normal((6, 16000)) * 0.01
    answers = [
        AudioAnswer((short.samples + n).astype(np.float32), short.sample_rate) for n in noise
    ]
    whole = metric("stoi").compute(Batch([short] * 6, answers))
    with LocalRunner(2) as runner:
        assert metric("stoi").compute(Batch([short] * 6, answers, runner=runner)) == whole


def test_an_answer_at_which_processes_die_is_named(
    clip: AudioAnswer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(pair: object) -> float:
        raise DeathError

    monkeypatch.setattr("audioflan_tasks.metrics.signal._stoi_of", die)
    with pytest.raises(RunnerError, match="stoi: the process ends that computes it of pair 1 of 2"):
        metric("stoi").compute(Batch([clip] * 2, [clip] * 2, runner=FragileRunner()))


@pytest.mark.full
def test_captions_in_processes_are_the_same_as_in_one() -> None:
    wanted = [(f"a dog barks {n} times",) for n in range(8)]
    said = [(f"the dog barks {n}",) for n in range(8)]
    whole = metric("rouge_l").compute(Batch(wanted, said))
    with LocalRunner(2) as runner:
        assert metric("rouge_l").compute(Batch(wanted, said, runner=runner)) == whole


def test_a_missing_library_is_told_with_its_extra() -> None:
    info = MetricInfo(
        name="x", home="signal:pesq", unit="MOS", better="higher", best=1, worst=0, reads="audio",
        library="nothing", reference="", extra="metrics", module="no_such_module",
    )  # fmt: skip
    with pytest.raises(MissingExtraError, match=r"pip install 'audioflan_tasks\[metrics\]'"):
        info.compute(Batch([1], [1]))


def test_spans_of_a_models_output_become_waveforms_or_counted_failures() -> None:
    from audioflan_tasks.tokens import get_tokenizer, vocabulary

    words, tokenizer = vocabulary("convrvq_16k"), get_tokenizer("convrvq_16k")
    codes = tokenizer.encode(np.random.default_rng(0).normal(0, 0.1, 4000).astype(np.float32))
    whole = words.decode(words.audio_block(codes))
    found = audio_answer(f"here: {whole}", words, tokenizer)
    assert found.status == "ok"
    assert len(found.value.samples) == len(tokenizer.decode(codes))
    assert audio_answer("no audio", words, tokenizer) == ParsedAnswer(None, Status.EMPTY)
    unclosed = whole[: whole.rindex("<")]
    assert audio_answer(unclosed, words, tokenizer) == ParsedAnswer(None, Status.MALFORMED)
    result = metric("si_sdr").function()(
        [found.value] * 2, [found.value, audio_answer(unclosed, words, tokenizer)]
    )
    assert result["si_sdr_unparsed"] == 0.5
