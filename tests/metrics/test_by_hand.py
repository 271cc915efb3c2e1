"""Each metric by a hand-worked number."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from audioflan_tasks.metrics import Batch, metric


def score(name: str, targets: Sequence[object], predictions: Sequence[object]) -> float:
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
        ("cer", "abc", "abd", 1 / 3),
        ("edit_similarity", "a, b, c", "a, c", 2 / 3),
        ("edit_similarity", "ii-V-I", "ii-V-I", 1.0),
        ("exact_match", "a, b", "a, b", 1.0),
        ("exact_match", "a, b", "b, a", 0.0),
        ("exact_set", "a, b", "b, a", 1.0),
        ("exact_set", "a, b", "a", 0.0),
        ("slot_f1", "activate, lights, kitchen", "activate, lights, bedroom", 2 / 3),
        ("pitch_class_accuracy", "C4", "C5", 1.0),
        ("pitch_class_accuracy", "C4", "D4", 0.0),
        ("adjacent_accuracy", "b", "b", 1.0),
        ("tempo_accuracy", "120 BPM", "124 bpm", 1.0),
        ("tempo_accuracy", "120 BPM", "60 bpm", 0.0),
        # 1 s of 2 s missed, 0.5 s false, no collar.
        ("detection_error", "0.00-2.00", "1.00-2.50", 0.75),
        # Speaker 1: 1 s in common of 2 s in all.
        ("jer", "0.00-2.00 speaker 1", "1.00-2.00 anybody", 0.5),
        # Starts 100 ms off match within 250 ms, the end 500 ms off does not.
        ("boundary_f1", "0.00-2.00", "0.10-2.50", 0.5),
        ("event_f1", "0.50-1.20 dog", "0.60-1.30 dog", 1.0),
        ("event_f1", "0.50-1.20 dog", "0.80-1.30 dog", 0.0),
        ("event_f1", "0.50-1.20 dog", "0.50-1.20 cat", 0.0),
        # Half the length, 2 s, is the tolerance of a long event's end.
        ("event_f1", "1.00-5.00 rain", "1.00-3.10 rain", 1.0),
        ("event_f1", "1.00-5.00 rain; 6.00-7.00 dog", "1.00-5.00 rain", 2 / 3),
        ("chord_root", "0.00-2.00 C:maj; 2.00-4.00 A:min", "0.00-4.00 C:min", 0.5),
        (
            "chord_sevenths",
            "0.00-2.00 C:maj7; 2.00-4.00 A:min7",
            "0.00-2.00 C:maj; 2.00-4.00 A:min7",
            0.5,
        ),
        ("beat_cmlt", "0.5, 1.0, 1.5, 2.0", "0.5, 1.0, 1.5, 2.0", 1.0),
        # Twice the tempo: wrong level for CMLt, right for AMLt.
        ("beat_cmlt", "0.5, 1.0, 1.5, 2.0", "0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 2.0", 0.0),
        ("beat_amlt", "0.5, 1.0, 1.5, 2.0", "0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 2.0", 1.0),
        (
            "melody_pitch_accuracy",
            "0.00 220; 0.10 220; 0.20 220",
            "0.00 220; 0.10 222; 0.20 440",
            2 / 3,
        ),
        (
            "melody_chroma_accuracy",
            "0.00 220; 0.10 220; 0.20 220",
            "0.00 220; 0.10 222; 0.20 440",
            1.0,
        ),
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
    assert result == {"mae": pytest.approx((2 + 10) / 2), "mae_parsed": 2.0, "mae_unparsed": 0.5}


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


def test_balanced_accuracy_by_hand() -> None:
    # yes: 1 of 1, no: 1 of 3.
    wanted, said = ["yes", "no", "no", "no"], ["yes", "yes", "yes", "no"]
    assert score("balanced_accuracy", wanted, said) == pytest.approx(2 / 3)


def test_adjacent_accuracy_by_hand() -> None:
    wanted = ["child", "teenager", "adult", "senior"]
    assert score("adjacent_accuracy", wanted, ["teenager", "senior", "child", "senior"]) == 0.5


def test_pearson_by_hand() -> None:
    assert score("pearson", ["1", "2", "3"], ["2", "4", "6"]) == pytest.approx(1.0)
    assert score("pearson", ["1", "2", "3"], ["3", "2", "1"]) == pytest.approx(-1.0)
    assert score("pearson", ["1", "2", "3"], ["5", "5", "5"]) == 0.0


def test_a_capped_wer_stands_beside_the_summed_one() -> None:
    said = ["a b " * 50, "c d"]
    found = metric("wer").function()(["a b", "c d"], said)
    assert found["wer"] == pytest.approx(98 / 4)
    assert found["wer_capped"] == pytest.approx(0.5)


def test_meteor_by_hand() -> None:
    # 3 matches in 2 chunks: F = 1, penalty 0.5 * (2 / 3) ** 3.
    assert score("meteor", ["a dog barks"], ["dog barks a"]) == pytest.approx(
        1 - 0.5 * (2 / 3) ** 3
    )


def test_cider_by_hand() -> None:
    # One word each, in one of two texts: all mass is in the unigrams, a quarter of 10.
    assert score("cider_d", ["dog", "cat"], ["dog", "dog"]) == pytest.approx((2.5 + 0.0) / 2)


def test_scores_by_hand() -> None:
    batch = Batch(
        ["yes", "no", "yes", "no"], ["yes"] * 4, labels=("yes", "no"), scores=[0.9, 0.2, 0.4, 0.6]
    )
    # At 0.5 one of two is missed and one of two let in.
    assert metric("eer").compute(batch)["eer"] == pytest.approx(0.5)
    perfect = Batch(["yes", "no"], ["yes", "no"], labels=("yes", "no"), scores=[0.9, 0.2])
    assert metric("eer").compute(perfect)["eer"] == 0.0
    assert metric("min_dcf").compute(perfect)["min_dcf"] == 0.0
    silent = Batch(["yes", "no"], ["yes", "no"], labels=("yes", "no"), scores=[None, None])
    assert metric("eer").compute(silent)["eer"] == 1.0
    tags = Batch(
        [frozenset("a"), frozenset("b"), frozenset("ab")], [None] * 3,
        scores=[{"a": 0.9, "b": 0.1}, {"a": 0.3, "b": 0.8}, {"a": 0.2, "b": 0.7}],
    )  # fmt: skip
    # a: ranked 1, 3 of 3 -> (1 + 2/3) / 2; b: 1 and 2 -> 1.
    assert metric("map").compute(tags)["map"] == pytest.approx((5 / 6 + 1) / 2)
    assert metric("roc_auc").compute(tags)["roc_auc"] == pytest.approx((0.5 + 1) / 2)
