"""Questions whose clips are simulated: what is heard is what the records state."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from audioflan_tasks.audio.load import load
from audioflan_tasks.audio.write import write
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.recipes import Recording, SourceCorpus
from audioflan_tasks.recipes.corpus_writer import CorpusCounts
from audioflan_tasks.records import Instance

SPEECH = Path(__file__).parents[2] / "data" / "librivox_0870.flac"
RATE = 16_000


def voice(root: Path, name: str, number: int, seconds: float = 4.0) -> Recording:
    """Real speech, which begins elsewhere for each number."""
    samples = np.roll(load(SPEECH, RATE, 0, seconds), 7001 * number)
    write(root / f"{name}.wav", samples, RATE)
    return Recording(id=name, audio=f"{name}.wav", split="train", licence=f"licence of {name}")


def noise(root: Path, name: str, **facts: object) -> Recording:
    samples = np.random.default_rng(len(name)).normal(0, 0.05, 5 * RATE).astype(np.float32)
    write(root / f"{name}.wav", samples, RATE)
    recording = Recording(
        id=name, audio=f"{name}.wav", split="train", domain="audio", licence=f"licence of {name}"
    )
    return replace(recording, **facts)  # type: ignore[arg-type]


def made(
    root: Path, recordings: Iterable[Recording], *tasks: str
) -> tuple[Corpus, list[Instance], CorpusCounts]:
    listed = [*recordings]
    source = SourceCorpus(folder="90_Mine", audio_root=root, recordings=lambda: listed)
    counts = source.write(root / "out", tasks)
    corpus = Corpus(root / "out")
    splits = [(task, split) for task, split in counts.records]
    return corpus, [each for pair in splits for each in corpus.instances(*pair)], counts


def audio(corpus: Corpus, instance: Instance, rate: int = RATE) -> list[NDArray[np.float64]]:
    """The clips of a record in the order of its text, the answer last."""
    return [
        corpus.audio(audio_id, rate, instance).astype(np.float64) for audio_id in instance.audio_ids
    ]


def power(samples: NDArray[np.float64]) -> float:
    return float(np.mean(samples**2))


def test_noise_has_the_stated_ratio_to_the_speech(tmp_path: Path) -> None:
    clips = [voice(tmp_path, "a", 0), noise(tmp_path, "hum", role="noise")]
    corpus, (instance,), _ = made(tmp_path, clips, "denoising")
    mixture, clean = audio(corpus, instance)
    stated = instance.other["simulated"]["params"]["snr_db"]
    assert 10 * np.log10(power(clean) / power(mixture - clean)) == pytest.approx(stated, abs=0.05)
    # The measured noise is in it, and its licence counts.
    recipe = corpus.recipes[instance.audio_ids[0]]
    assert recipe.inputs == ("90_Mine_a", "90_Mine_hum")
    assert instance.other["licence"] == "licence of a + licence of hum"


def test_without_noise_or_rooms_of_the_corpus_they_are_made(tmp_path: Path) -> None:
    tasks = ("denoising", "dereverberation", "declipping", "speech_bandwidth_extension")
    corpus, instances, _ = made(tmp_path, [voice(tmp_path, "a", 0)], *tasks)
    assert [instance.task for instance in instances] == [*tasks]
    for instance in instances:
        damaged, clean = audio(corpus, instance)
        # Not beside the gain that keeps the damaged clip below full scale.
        original = corpus.audio("90_Mine_a", RATE)
        assert np.corrcoef(clean, original)[0, 1] > 0.9999
        assert len(damaged) == len(clean)
        assert power(damaged - clean) > 1e-7


def test_the_gap_is_where_the_question_says(tmp_path: Path) -> None:
    clip = replace(voice(tmp_path, "a", 0), domain="audio")
    corpus, instances, _ = made(tmp_path, [clip], "audio_inpainting", "audio_super_resolution")
    gap, rate = instances
    damaged, whole = audio(corpus, gap)
    times = [float(text) for text in gap.other["slots"]["gap"].removesuffix(" s").split("-")]
    first, last = (round(time * RATE) for time in times)
    assert not damaged[first:last].any()
    assert whole[first:last].any()
    assert np.array_equal(
        np.delete(damaged, slice(first, last)), np.delete(whole, slice(first, last))
    )
    assert rate.other["slots"] == {"target_rate": "16 kHz"}
    assert corpus.recipes[rate.audio_ids[0]].params["rate_hz"] < RATE


def test_what_follows_a_beginning_is_the_rest_of_it(tmp_path: Path) -> None:
    clip = replace(voice(tmp_path, "a", 0), domain="audio")
    song = replace(voice(tmp_path, "b", 1), domain="music", caption="A slow piece.")
    tasks = ("audio_continuation", "text_guided_music_continuation")
    corpus, (sound, music), _ = made(tmp_path, [clip, song], *tasks)
    assert np.array_equal(np.concatenate(audio(corpus, sound)), corpus.audio("90_Mine_a", RATE))
    assert sum(map(len, audio(corpus, music, 44_100))) == 4 * 44_100
    assert "A slow piece." in music.input


def test_parts_of_a_song_sum_to_it(tmp_path: Path) -> None:
    """Two takes of one voice are one part; tracks are as loud as they are."""
    names = {"t1": "vocals", "t2": "vocals", "t3": "bass", "t4": "drums"}
    clips = [
        replace(
            voice(tmp_path, track, number), domain="music", mixture="song",
            instruments=(instrument,),
        )
        for number, (track, instrument) in enumerate(names.items())
    ]  # fmt: skip
    corpus, instances, _ = made(tmp_path, clips, "text_guided_source_separation")
    named = {instance.input.split("\n")[0].split(": ")[1]: instance for instance in instances}
    assert set(named) == {"vocals", "bass", "drums"}
    clips_of = {name: audio(corpus, instance, 44_100) for name, instance in named.items()}
    mixture = clips_of["bass"][0]
    assert np.allclose(sum(parts[1] for parts in clips_of.values()), mixture, atol=1e-6)
    voices = corpus.audio("90_Mine_t1", 44_100) + corpus.audio("90_Mine_t2", 44_100)
    assert np.corrcoef(clips_of["vocals"][1], voices)[0, 1] > 0.999


def test_a_mixture_of_the_corpus_is_asked_about_itself(tmp_path: Path) -> None:
    parts = [
        replace(voice(tmp_path, name, number), domain="music", mixture="mix", instruments=(name,))
        for number, name in enumerate(("tenor", "alto"))
    ]
    whole = replace(
        voice(tmp_path, "mix", 8), domain="music", mixture="mix", instruments=("alto", "tenor")
    )
    _, instances, _ = made(tmp_path, [*parts, whole], "text_guided_source_separation")
    assert {(each.audio_ids[0], each.output) for each in instances} == {
        ("90_Mine_mix", "<|SOA|>90_Mine_tenor<|EOA|>"),
        ("90_Mine_mix", "<|SOA|>90_Mine_alto<|EOA|>"),
    }


def test_speech_is_where_the_answer_says(tmp_path: Path) -> None:
    clips = [voice(tmp_path, f"v{n}", n, 2.0) for n in range(4)]
    corpus, instances, _ = made(tmp_path, clips, "voice_activity_detection")
    assert len(instances) == 4
    for instance in instances:
        recipe = corpus.recipes[instance.audio_ids[0]]
        starts = recipe.params["starts_s"]
        assert len(recipe.inputs) == 1 + len(starts)
        heard = np.zeros(round(recipe.params["seconds"] * 100) + 1, bool)
        for span in instance.output.split("; "):
            start, end = (round(100 * float(time)) for time in span.split("-"))
            heard[start:end] = True
        # Pieces of two seconds each, one after another.
        assert heard.sum() == pytest.approx(200 * len(starts), abs=2 * len(starts))
        assert all(heard[round(100 * start) + 50] for start in starts)
        (mixture,) = audio(corpus, instance)
        assert len(mixture) == round(recipe.params["seconds"] * RATE)


def test_speech_and_other_sound_take_turns(tmp_path: Path) -> None:
    captions = ("A man speaks", "Rain", "Two women talk", "An engine", "A crowd cheers")
    clips = [
        replace(voice(tmp_path, f"c{n}", n, 2.0), domain="audio", caption=caption)
        for n, caption in enumerate(captions)
    ]
    corpus, instances, _ = made(tmp_path, clips, "speech_nonspeech_detection")
    for instance in instances:
        names = [part.rsplit("_", 1)[1] for part in corpus.recipes[instance.audio_ids[0]].inputs]
        # A crowd has voices and does not speak: it is neither.
        assert "c4" not in names
        labels = ["speech" if name in ("c0", "c2") else "nonspeech" for name in names]
        expected = [f"{2 * n:.2f}-{2 * n + 2:.2f} {label}" for n, label in enumerate(labels)]
        assert instance.output == "; ".join(expected)
        assert all(first != second for first, second in pairwise(labels))


def test_a_speaker_is_extracted_from_another_in_noise(tmp_path: Path) -> None:
    clips = [
        replace(voice(tmp_path, f"{who}{n}", 2 * n + (who == "b")), speaker=who, text=f"t{n}")
        for who in ("a", "b")
        for n in range(2)
    ]
    corpus, instances, _ = made(
        tmp_path, [*clips, noise(tmp_path, "hum", role="noise")], "speaker_extraction"
    )
    assert len(instances) == 4
    for instance in instances:
        mixture, enrolment, answer = instance.audio_ids
        names = [name.removeprefix("90_Mine_") for name in corpus.recipes[mixture].inputs]
        target, other, *_ = names
        assert enrolment.startswith(f"90_Mine_{target[0]}") and not enrolment.endswith(target)
        assert other[0] != target[0]
        assert any("hum" in name for name in corpus.clip_reader.base_clips([mixture]))
        voices = corpus.audio(mixture, RATE, instance), corpus.audio(answer, RATE, instance)
        assert power(voices[1].astype(np.float64)) < power(voices[0].astype(np.float64))


def test_what_is_silent_cannot_be_mixed_and_is_listed(tmp_path: Path) -> None:
    silent = replace(voice(tmp_path, "silent", 0))
    write(tmp_path / "silent.wav", np.zeros(RATE, np.float32), RATE)
    clips = [silent, voice(tmp_path, "a", 0)]
    corpus, instances, counts = made(tmp_path, clips, "denoising", "declipping")
    assert counts.lost_questions == 2
    assert [each.output.count("sim_") for each in instances] == [1, 1]
    lost = (tmp_path / "out" / "lost_90_Mine.tsv").read_text().splitlines()
    assert [line.split("\t")[:2] for line in lost] == [
        ["denoising", "silent"], ["declipping", "silent"],
    ]  # fmt: skip
    # Nothing of them is among the recipes.
    recipes = (tmp_path / "out" / "simulated" / "90_Mine.jsonl").read_text().splitlines()
    assert not [line for line in recipes if "90_Mine_silent" in json.loads(line)["inputs"]]
    assert {name for each in corpus.recipes.values() for name in each.inputs} == {"90_Mine_a"}


def test_a_beat_counts_from_the_first_one_that_is_heard(tmp_path: Path) -> None:
    from audioflan_tasks.recipes.makers import makers_of

    clip = Recording(
        id="a", audio="a.wav", domain="music", split="train", seconds=24.0,
        beats=tuple(0.5 * n for n in range(1, 48)), instruments=("flute", "drums"),
        instrument_parts=((10.4, 10.8, "flute"), (0.0, 1.2, "drums")),  # type: ignore[arg-type]
    )  # fmt: skip
    (maker,) = makers_of("beat_level_instrument_recognition")
    assert maker.from_one is not None
    drafts = [*maker.from_one(clip, {"instruments": ("drums", "flute")})]
    # Beats at 0.5 and 1.0 of the first ten seconds, at 10.5 of the next ones, which begin at 9.95.
    assert [(draft.answer, draft.slots["beat"]) for draft in drafts] in (
        [("drums", "1"), ("flute", "2")], [("drums", "2"), ("flute", "2")],
    )  # fmt: skip
    times = [getattr(draft.values[0], "params", None) for draft in drafts]
    assert times == [{"start_s": 0.45, "end_s": 10.0}, {"start_s": 10.0, "end_s": 20.0}]
