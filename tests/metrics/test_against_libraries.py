"""Each metric against the library of its field, on random inputs of every kind.

Texts are in many scripts with marks that are not seen, times have two decimals, and chords, keys,
turns and events are such as corpora have. Pairs that lie exactly at a tolerance stand apart:
there the libraries compare floating-point differences, and these metrics do not
(`test_cases.py`).
"""

from __future__ import annotations

import random
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from audioflan_tasks.metrics import Batch, Contour, Interval, metric
from audioflan_tasks.metrics.language import _pieces, tokenizers_of
from audioflan_tasks.metrics.normalise import normaliser

COUNTS = [pytest.param(30, id="sample"), pytest.param(1000, id="all", marks=pytest.mark.full)]
each_count = pytest.mark.parametrize("count", COUNTS)

WORDS = {
    "en": [
        "the",
        "dog's",
        "barks",
        "isn't",
        "running",
        "loudly",
        "cities",
        "rain",
        "'quoted'",
        "don’t",
        "co\u00adoperate",
        "it",
    ],
    "ru": ["собака", "громко", "лает", "на", "улице", "дом", "ёлка", "за́мок"],
    "hi": ["कुत्ता", "बाहर", "भौंक", "रहा", "है", "क्‍या", "बिल्ली"],
    "ar": ["كلب", "ينبح", "في", "الخارج", "قطة"],
    "ko": ["오늘", "날씨가", "좋습니다", "개가", "짖는다"],
    "el": ["ένας", "σκύλος", "γαβγίζει", "ΟΔΟΣ", "δυνατά"],
    "zh": ["今", "天", "天", "气", "很", "好", "狗", "叫"],
    "th": ["สวัสดี", "ครับ", "ขอบคุณ"],
}
UNSPACED = ("zh", "th")


def text(rng: random.Random, language: str, most: int = 9) -> str:
    words = rng.choices(WORDS[language], k=rng.randint(1, most))
    return ("" if language in UNSPACED else " ").join(words) + rng.choice(("", ".", "!", " …"))


def texts(rng: random.Random, count: int) -> tuple[list[str], list[str], list[str]]:
    """Languages, references and answers: each answer is the reference with some other words."""
    languages = [rng.choice(list(WORDS)) for _ in range(count)]
    references = [text(rng, language) for language in languages]
    answers = [
        r if rng.random() < 0.2 else text(rng, lang)
        for r, lang in zip(references, languages, strict=True)
    ]
    return languages, references, answers


def values(
    name: str, references: Sequence[Any], answers: Sequence[Any], **columns: Any
) -> list[float]:
    """The metric of each example."""
    info = metric(name)
    return [
        info.compute(Batch([r], [a], **columns))[name]
        for r, a in zip(references, answers, strict=True)
    ]  # fmt: skip


@contextmanager
def quiet() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@each_count
def test_error_rates(count: int) -> None:
    import jiwer

    _, references, answers = texts(random.Random(1), count)
    words = normaliser("basic")
    pairs = [
        (" ".join(words(r)), " ".join(words(a))) for r, a in zip(references, answers, strict=True)
    ]
    got = metric("wer").compute(Batch(references, answers))["wer"]
    assert got == pytest.approx(jiwer.wer([r for r, _ in pairs], [a for _, a in pairs]))
    letters = [(r.replace(" ", ""), a.replace(" ", "")) for r, a in pairs]
    got = metric("cer").compute(Batch(references, answers))["cer"]
    assert got == pytest.approx(jiwer.cer([r for r, _ in letters], [a for _, a in letters]))
    phones = [(tuple(r.split()), tuple(a.split())) for r, a in pairs]
    got = metric("per").compute(Batch([r for r, _ in phones], [a for _, a in phones]))["per"]
    assert got == pytest.approx(jiwer.wer([r for r, _ in pairs], [a for _, a in pairs]))


@pytest.mark.slow
@each_count
def test_rouge(count: int) -> None:
    from rouge_score.rouge_scorer import RougeScorer

    class OurWords:
        def tokenize(self, text: str) -> list[str]:
            return list(_pieces(text))

    languages, references, answers = texts(random.Random(2), count)
    own, plain = (
        RougeScorer(["rougeL"], tokenizer=OurWords()),
        RougeScorer(["rougeL"], use_stemmer=True),
    )
    got = values("rouge_l", references, answers)
    for language, reference, answer, value in zip(languages, references, answers, got, strict=True):
        assert value == pytest.approx(own.score(reference, answer)["rougeL"].fmeasure)
        if reference.isascii() and answer.isascii():
            assert language == "en"
            assert value == pytest.approx(plain.score(reference, answer)["rougeL"].fmeasure)


@each_count
def test_bleu_and_chrf(count: int) -> None:
    import sacrebleu

    rng = random.Random(3)
    for language, tokenizer in {
        "en": "13a",
        "ru": "13a",
        "ko": "13a",
        "zh": "zh",
        "th": "char",
    }.items():
        references = [text(rng, language) for _ in range(max(10, count // 5))]
        answers = [r if rng.random() < 0.3 else text(rng, language) for r in references]
        batch = Batch(references, answers)
        assert set(tokenizers_of(batch)) == {tokenizer}
        library = sacrebleu.corpus_bleu(
            answers, [references], tokenize=tokenizer, use_effective_order=True
        )
        assert metric("bleu").compute(batch)["bleu"] == pytest.approx(library.score)
        chrf = sacrebleu.corpus_chrf(answers, [references]).score
        assert metric("chrf").compute(batch)["chrf"] == pytest.approx(chrf)


@each_count
def test_meteor(count: int) -> None:
    from nltk.translate.meteor_score import meteor_score

    class NoSynonyms:
        def synsets(self, word: str) -> list[Any]:
            return []

    _, references, answers = texts(random.Random(4), count)
    words = normaliser("basic")
    for reference, answer, value in zip(
        references, answers, values("meteor", references, answers), strict=True
    ):
        library = meteor_score([words(reference)], words(answer), wordnet=NoSynonyms())
        expected = 1.0 if words(reference) == words(answer) else library
        assert value == pytest.approx(expected)


@each_count
def test_keys(count: int) -> None:
    from mir_eval.key import weighted_score

    rng = random.Random(5)
    tonics, modes = (
        ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"],
        ("major", "minor", "dorian"),
    )
    keys = ["X", *(f"{tonic} {mode}" for tonic in tonics for mode in modes)]
    pairs = [(rng.choice(keys), rng.choice(keys)) for _ in range(count)]
    got = values("key_score", [r for r, _ in pairs], [a for _, a in pairs])
    other = [[k.replace("dorian", "other") for k in pair] for pair in pairs]
    assert got == pytest.approx([weighted_score(*pair) for pair in other])


def times(rng: random.Random) -> tuple[float, ...]:
    step = rng.choice((0.3, 0.5, 0.75))
    return tuple(sorted({round(n * step + rng.randint(-9, 9) / 100 + 1, 2) for n in range(12)}))


@each_count
def test_beats(count: int) -> None:
    from mir_eval import beat

    rng = random.Random(6)
    names = {"beat_cmlt": 1, "beat_amlt": 3}
    compared = 0
    with quiet():
        for _ in range(count):
            reference, answer = times(rng), times(rng)
            gaps = np.abs(np.subtract.outer(reference, answer))
            batch = Batch([reference], [answer])
            for name, place in names.items():
                library = beat.continuity(np.array(reference), np.array(answer))[place]
                # At exactly 17.5 % of an interval as well.
                moved = beat.continuity(
                    np.array(reference), np.array(answer),
                    continuity_phase_threshold=0.175 + 1e-6,
                    continuity_period_threshold=0.175 + 1e-6,
                )[place]  # fmt: skip
                assert metric(name).compute(batch)[name] == pytest.approx(moved)
                compared += library == moved
            if not np.isclose(gaps, 0.07).any():
                library = beat.f_measure(np.array(reference), np.array(answer))
                assert metric("beat_f1").compute(batch)["beat_f1"] == pytest.approx(library)
                compared += 1
    assert compared > 2 * count


CHORDS = ("C:maj", "A:min", "G:7", "B:dim", "E:aug", "X", "N", "F:maj7", "D:min7/b7", "G:sus4(b7)",
          "C:maj/3", "C:maj(9)", "B:hdim7", "A:min/b3", "C:13")  # fmt: skip


def chords(rng: random.Random) -> tuple[Interval, ...]:
    cuts = sorted(rng.sample(range(1, 100), 6))
    return tuple(
        Interval(a / 10, b / 10, rng.choice(CHORDS))
        for a, b in zip([0, *cuts], [*cuts, 100], strict=True)
    )


@pytest.mark.slow
@each_count
def test_chords(count: int) -> None:
    from mir_eval import chord

    rng = random.Random(7)
    compared = 0
    with quiet():
        for _ in range(count):
            reference, answer = chords(rng), chords(rng)
            arrays = [(np.array([[i.start, i.end] for i in part]), [i.label for i in part])
                      for part in (reference, answer)]  # fmt: skip
            library = chord.evaluate(*arrays[0], *arrays[1])
            for name in ("majmin", "root", "sevenths"):
                got = metric(f"chord_{name}").compute(Batch([reference], [answer]))
                if got[f"chord_{name}_left_out"]:
                    assert library[name] == 0.0
                    continue
                assert got[f"chord_{name}"] == pytest.approx(library[name])
                compared += 1
    assert compared > 2 * count


@each_count
def test_melodies(count: int) -> None:
    from mir_eval import melody

    rng = np.random.default_rng(8)
    names = {"melody_accuracy": "Overall Accuracy", "melody_pitch_accuracy": "Raw Pitch Accuracy",
             "melody_chroma_accuracy": "Raw Chroma Accuracy"}  # fmt: skip
    with quiet():
        for _ in range(min(count, 200)):
            grid = np.arange(20) / 10
            contours = []
            for _ in range(2):
                hz = 220.0 * 2 ** (rng.integers(-12, 13, 20) / 12)
                contours.append(Contour(grid, np.where(rng.random(20) < 0.2, 0.0, hz)))
            reference, answer = contours
            library = melody.evaluate(reference.times, reference.hz, answer.times, answer.hz)
            for name, key in names.items():
                got = metric(name).compute(Batch([reference], [answer]))[name]
                assert got == pytest.approx(library[key])


def turns(rng: random.Random, names: str) -> tuple[Interval, ...]:
    """Turns of several speakers, which may overlap, one speaker's own as well."""
    parts = []
    for _ in range(rng.randint(1, 6)):
        start = rng.randint(0, 900) / 100
        parts.append(Interval(start, start + rng.randint(20, 400) / 100, rng.choice(names)))
    return tuple(parts)


@pytest.mark.slow
@each_count
def test_diarization(count: int) -> None:
    from pyannote.core import Annotation, Segment, Timeline
    from pyannote.metrics.diarization import DiarizationErrorRate, JaccardErrorRate

    def annotation(parts: Sequence[Interval]) -> Any:
        result = Annotation()
        for n, part in enumerate(parts):
            result[Segment(part.start, part.end), n] = part.label
        return result.support()  # one speaker's overlapping turns are one

    jaccard_rate: Any = JaccardErrorRate
    rng = random.Random(9)
    with quiet():
        for _ in range(count):
            reference, answer = turns(rng, "AB"), turns(rng, "xyz")
            end = max(i.end for i in (*reference, *answer))
            touching = {(i.label, i.start) for i in reference} & {
                (i.label, i.end) for i in reference
            }
            if touching:  # two turns, each with its collars; Annotation.support joins them
                continue
            uem = Timeline([Segment(0.0, end)])
            pair = annotation(reference), annotation(answer)
            for name, rate in (
                ("der", DiarizationErrorRate(collar=0.5)),
                ("jer", jaccard_rate()),
            ):
                got = metric(name).compute(Batch([reference], [answer]))[name]
                assert got == pytest.approx(rate(*pair, uem=uem))


@each_count
def test_events_and_boundaries(count: int) -> None:
    from mir_eval.util import match_events

    rng = random.Random(10)
    compared = 0
    for _ in range(count):
        reference, answer = turns(rng, "A"), turns(rng, "A")
        reference, answer = tuple(dict.fromkeys(reference)), tuple(dict.fromkeys(answer))
        hits = 0
        is_tie = False
        for edge in ("start", "end"):
            sides = [np.array([getattr(i, edge) for i in part]) for part in (reference, answer)]
            hits += len(match_events(sides[0], sides[1], 0.25))
            is_tie |= bool(np.isclose(np.abs(np.subtract.outer(*sides)), 0.25).any())
        if not is_tie:
            got = metric("boundary_f1").compute(Batch([reference], [answer]))["boundary_f1"]
            assert got == pytest.approx(hits / (len(reference) + len(answer)))
            compared += 1
    assert compared > count / 2


def span(part: Interval) -> tuple[int, int]:
    """An event in hundredths of a second: whole numbers have no rounding at a tolerance."""
    return round(100 * part.start), round(100 * part.end)


def event_hits(reference: Sequence[Interval], answer: Sequence[Interval]) -> int:
    """The most pairs of one name whose onsets and offsets match, by SciPy's assignment."""
    matches = np.zeros((len(reference), len(answer)))
    for n, event in enumerate(reference):
        for m, other in enumerate(answer):
            (start, end), (other_start, other_end) = span(event), span(other)
            is_end = 2 * abs(end - other_end) <= max(40, end - start)
            matches[n, m] = event.label == other.label and abs(start - other_start) <= 20 and is_end
    return int(matches[linear_sum_assignment(matches, maximize=True)].sum())


def steps(parts: Sequence[Interval], length: int) -> set[tuple[str, int]]:
    """The steps of so many hundredths that an event reaches into, with its name."""
    return {
        (part.label, n)
        for part in parts
        for start, end in (span(part),)
        for n in range(2000 // length)
        if start < length * (n + 1) and end > length * n
    }


@each_count
def test_events_segments_and_frames(count: int) -> None:
    """As sed_eval has them (collar 200 ms or half the length, segments of 1 s), by other means."""
    rng = random.Random(11)
    pairs = [
        tuple(tuple(dict.fromkeys(turns(rng, names))) for names in ("AB", "ABC"))
        for _ in range(count)
    ]
    for reference, answer in pairs:
        near = [replace(i, start=i.start + rng.randint(-25, 25) / 100) for i in reference]
        answer = (*answer[:2], *(i for i in near if 0 <= i.start < i.end))
        answer = tuple(dict.fromkeys(answer))
        frames = [[replace(i, label="") for i in side] for side in (reference, answer)]
        sides = {
            "event_f1": (event_hits(reference, answer), len(reference), len(answer)),
            "segment_f1": overlap(steps(reference, 100), steps(answer, 100)),
            "frame_f1": overlap(steps(frames[0], 1), steps(frames[1], 1)),
        }
        for name, (hits, first, second) in sides.items():
            got = metric(name).compute(Batch([reference], [answer]))[name]
            assert got == pytest.approx(2 * hits / (first + second)), (name, reference, answer)


def overlap(first: set[Any], second: set[Any]) -> tuple[int, int, int]:
    """How many both have, and each."""
    return len(first & second), len(first), len(second)


@each_count
def test_labels_and_sets(count: int) -> None:
    from sklearn import metrics as sklearn_metrics

    rng = random.Random(11)
    names = ("rock", "jazz", "pop")
    references, answers = ([rng.choice(names) for _ in range(count)] for _ in range(2))
    batch = Batch(references, answers, labels=names)
    library = {
        "accuracy": sklearn_metrics.accuracy_score(references, answers),
        "macro_f1": sklearn_metrics.f1_score(references, answers, average="macro"),
        "balanced_accuracy": sklearn_metrics.balanced_accuracy_score(references, answers),
    }
    for name, value in library.items():
        assert metric(name).compute(batch)[name] == pytest.approx(value)
    sets = [
        [frozenset(rng.sample(names, rng.randint(0, 3))) for _ in range(count)] for _ in range(2)
    ]
    rates = [1.0 if not r and not a else 2 * len(r & a) / (len(r) + len(a))
             for r, a in zip(*sets, strict=True)]  # fmt: skip
    assert metric("set_f1").compute(Batch(sets[0], sets[1]))["set_f1"] == pytest.approx(
        np.mean(rates)
    )
