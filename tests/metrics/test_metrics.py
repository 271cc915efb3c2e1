"""Each metric by a hand-worked number, at its best and worst, and on bad input."""

from __future__ import annotations

import math

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from audioflan_tasks import catalogue
from audioflan_tasks.demo import demo_root
from audioflan_tasks.errors import MetricInputError, UnknownNameError
from audioflan_tasks.metrics import METRICS, AudioAnswer, metric


def score(name: str, targets: list, predictions: list) -> float:
    return metric(name).function()(targets, predictions)[name]


@pytest.mark.parametrize(
    ("name", "target", "said", "want"),
    [
        ("wer", "the cat sat", "the dog sat", 1 / 3),
        ("wer", "one two", "one two three four five", 3 / 2),
        ("wer", "Guten Tag, Herr Maier!", "guten tag herr maier", 0.0),
        ("wer", "你好吗", "你好", 1 / 3),
        ("wer", "a b", "", 1.0),
        ("per", "h ə l oʊ", "h ɛ l oʊ", 1 / 4),
        ("item_error_rate", "dog bark, car horn, rain", "dog bark, rain", 1 / 3),
        ("item_error_rate", "ii-V-I", "ii-V-vi", 1 / 3),
        ("accuracy", "female", "Female.", 1.0),
        ("accuracy", "female", "male", 0.0),
        ("set_f1", "bass, drums", "drums, guitar", 0.5),
        ("note_accuracy", "C#4", "Db4", 1.0),
        ("note_accuracy", "C4", "C5", 0.0),
        ("note_accuracy", "C4", "no idea", 0.0),
        # 9 of 9.75 scored seconds are right: the collar takes 0.25 s inside the start.
        ("frame_f1", "0.00-1.00; 2.00-3.00", "0.00-1.00", 2 / 3),
        ("frame_f1", "0.00-1.00 speech; 1.00-2.00 nonspeech", "0.00-1.00 speech", 1.0),
        ("segment_f1", "0.50-1.20 dog bark", "0.50-0.90 dog bark", 2 / 3),
        ("segment_f1", "0.50-0.90 dog bark", "0.50-0.90 rain", 0.0),
        ("chord_majmin", "0.00-2.00 C:maj; 2.00-4.00 A:min", "0.00-4.00 C:maj", 0.5),
        ("key_score", "C major", "G major", 0.5),
        ("key_score", "C major", "A minor", 0.3),
        ("key_score", "C major", "C minor", 0.2),
        ("key_score", "C# minor", "Db min", 1.0),
        ("beat_f1", "0.50, 1.00, 1.50", "0.55, 1.00, 1.60", 2 / 3),
        ("beat_f1", "0.50, 1.00", "0.56s,1.0s.", 1.0),
        ("melody_accuracy", "0.00 220; 0.10 220; 0.20 220", "0.00 220; 0.10 222; 0.20 440", 2 / 3),
    ],
)
def test_by_hand(name: str, target: str, said: str, want: float) -> None:
    assert score(name, [target], [said]) == pytest.approx(want, abs=1e-9)


def test_rates_are_summed_before_they_are_divided() -> None:
    # 1 error in 1 + 9 words, not the mean of 1 and 0.
    assert score("wer", ["a", "b c d e f g h i j"], ["x", "b c d e f g h i j"]) == 0.1


def test_wer_counts_words_said_where_nothing_was() -> None:
    assert score("wer", ["", "a b"], ["x", "a b"]) == 0.5


def test_der_by_hand() -> None:
    # Collar: 0.25 s after 0 and before 10 are not scored, 0.75 of 9.5 s are missed.
    said = "1.00-10.00 anybody"
    assert score("der", ["0.00-10.00 speaker 1"], [said]) == pytest.approx(0.75 / 9.5)
    assert score("der", ["0.00-10.00 speaker 1"], ["nobody"]) == pytest.approx(1.0)


def test_macro_f1_by_hand() -> None:
    # yes: precision 1/2, recall 1 -> 2/3; no: precision 1, recall 1/2 -> 2/3.
    value = score("macro_f1", ["yes", "no", "no"], ["yes", "yes", "no"])
    assert value == pytest.approx((2 / 3 + 2 / 3) / 2)


def test_mae_counts_what_it_cannot_read() -> None:
    result = metric("mae").function()(["10 dB", "0 dB"], ["about 12.0 dB", "loud"])
    assert result == {"mae": pytest.approx((2 + 10) / 2), "mae_unparsed": 0.5}


def test_bleu_of_the_reference_libraries_example() -> None:
    import sacrebleu

    targets = ["The dog bit the man.", "It was not unexpected."]
    said = ["The dog bit the man.", "It wasn't surprising."]
    want = sacrebleu.corpus_bleu(said, [targets]).score
    assert score("bleu", targets, said) == pytest.approx(want)
    assert score("chrf", targets, targets) == pytest.approx(100)


def test_rouge_l_by_hand() -> None:
    # Longest common subsequence "a dog": precision 2/3, recall 2/4.
    assert score("rouge_l", ["a brown dog sleeps"], ["a dog runs"]) == pytest.approx(4 / 7)


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
    half = AudioAnswer(noisy.samples / 2, clip.sample_rate)
    assert score("si_sdr", [clip], [half]) == pytest.approx(10, abs=0.01)


@pytest.mark.parametrize("name", ["si_sdr", "stoi", "mcd"])
def test_audio_metrics_rank_answers(name: str, clip: AudioAnswer) -> None:
    noise = np.random.default_rng(0).standard_normal(len(clip.samples)).astype(np.float32)
    level = float(np.std(clip.samples))
    better = AudioAnswer(clip.samples + 0.1 * level * noise, clip.sample_rate)
    worse = AudioAnswer(clip.samples + 2.0 * level * noise, clip.sample_rate)
    values = [score(name, [clip], [a]) for a in (clip, better, worse, None)]
    order = values if metric(name).better == "lower" else values[::-1]
    assert order == sorted(order)
    assert len(set(values)) == 4
    assert all(map(math.isfinite, values))


def test_answers_at_another_rate_are_resampled(clip: AudioAnswer) -> None:
    import soxr

    double = soxr.resample(clip.samples, clip.sample_rate, 2 * clip.sample_rate)
    assert score("si_sdr", [clip], [AudioAnswer(double, 2 * clip.sample_rate)]) > 30


TEXT = sorted(name for name, info in METRICS.items() if info.answers == "text")
SAMPLES = {
    "bleu": "he walks home", "chrf": "he walks home", "wer": "he walks home",
    "rouge_l": "he walks home", "per": "h i", "item_error_rate": "a, b", "accuracy": "yes",
    "macro_f1": "yes", "set_f1": "a, b", "note_accuracy": "C4", "mae": "3 dB",
    "der": "0.00-3.00 speaker 1", "frame_f1": "0.00-3.00", "segment_f1": "0.00-3.00 rain",
    "chord_majmin": "0.00-3.00 C:maj", "key_score": "C major", "beat_f1": "0.5, 1.0",
    "melody_accuracy": "0.00 220.0; 0.10 221.0",
}  # fmt: skip


@pytest.mark.parametrize("name", TEXT)
def test_best_and_worst(name: str) -> None:
    info = METRICS[name]
    gold = SAMPLES[name]
    assert score(name, [gold], [gold]) == pytest.approx(info.best, abs=1e-6)
    empty = score(name, [gold, gold], [gold, ""])
    if name != "mae":  # one value only: the farthest reference is the target itself
        assert (empty < info.best) if info.better == "higher" else (empty > info.best)


@pytest.mark.parametrize("name", TEXT)
@given(said=st.text(max_size=60))
def test_any_answer_is_scored(name: str, said: str) -> None:
    value = score(name, [SAMPLES[name]], [said])
    assert math.isfinite(value)
    assert value >= 0


@pytest.mark.parametrize("name", sorted(METRICS))
def test_unequal_or_no_input_is_refused(name: str) -> None:
    with pytest.raises(MetricInputError, match=f"{name}: 1 targets but 2"):
        metric(name).function()(["a"], ["a", "b"])
    with pytest.raises(MetricInputError, match="nothing to score"):
        metric(name).function()([], [])


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("note_accuracy", "H9"),
        ("mae", "loud"),
        ("der", "someone"),
        ("beat_f1", "soon"),
        ("wer", ""),
    ],
)
def test_a_broken_reference_is_an_error(name: str, target: str) -> None:
    with pytest.raises(MetricInputError, match=name):
        score(name, [target], ["x"])


def test_every_task_has_a_metric_and_unknown_names_are_told() -> None:
    used = {m for row in catalogue.tasks() for m in row.metrics}
    assert used == set(METRICS)
    with pytest.raises(UnknownNameError, match="did you mean wer"):
        metric("werr")


