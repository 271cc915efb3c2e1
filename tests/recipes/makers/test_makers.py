"""Questions that follow from recordings: each task, balance, and what gives answers away."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator

import pytest

from audioflan_tasks import catalogue
from audioflan_tasks.metrics import Status, parse
from audioflan_tasks.recipes import Recording, TimedLabel
from audioflan_tasks.recipes.draft import Draft, instance_of
from audioflan_tasks.recipes.makers import MAKERS, Maker, makers_of
from audioflan_tasks.recipes.makers.maker import labels_of
from audioflan_tasks.recipes.makers.mixtures import MIXTURE_MAKERS
from audioflan_tasks.recipes.recording import FACTS

TURNS = (TimedLabel(0.0, 1.0, "ann"), TimedLabel(1.0, 2.5, "bob"), TimedLabel(3.0, 4.0, "ann"))
NOTES = (TimedLabel(0.4, 0.8, "C4"), TimedLabel(0.9, 3.0, "D4"))
PARTS = (TimedLabel(0.0, 1.2, "flute"), TimedLabel(1.0, 3.0, "guitar"))
CHORDS = (TimedLabel(0.0, 1.5, "C:maj"), TimedLabel(1.5, 3.0, "A:min"))


def _mixture(number: int) -> str:
    """Of twelve clips four are a mixture and its parts, and four are two pairs of such."""
    place = number % 12
    size = 4 if place < 4 else 2
    return f"c{number - place % size}" if place < 8 else ""


def recordings(count: int = 480) -> list[Recording]:
    """Recordings of all three domains with every fact, drawn without regard to each other."""
    draw = random.Random(3)
    drawn: list[Recording] = []
    for number in range(count):
        sentence = draw.randrange(12)
        mixture = _mixture(number)
        is_part = mixture not in ("", f"c{number}")
        domain = drawn[-1].domain if is_part else draw.choice(("speech", "music", "audio"))
        drawn.append(
            Recording(
                id=f"c{number}", audio=f"c{number}.wav", split="train",
                domain=domain, text=f"sentence {sentence}",
                sentence=str(sentence), language=draw.choice(("English", "French")),
                speaker=f"s{draw.randrange(8)}", gender=draw.choice(("female", "male")),
                age=draw.choice(("adult", "child")), accent=draw.choice(("Scottish", "Welsh")),
                dialect=draw.choice(("Beijing", "Jiang-Huai")),
                emotion=draw.choice(("happy", "sad", "angry")), intent=draw.choice(("stop", "go")),
                phones="HH AH L OW", phone_set="ARPAbet", translation="bonjour",
                translation_language="French", device=draw.choice(("phone", "microphone")),
                vocoder=draw.choice(("WaveNet", "HiFi-GAN")), is_fake=draw.random() < 0.5,
                snr_db=draw.uniform(-5, 30), mixture=mixture,
                style="spontaneous", speaker_turns=TURNS,
                piece=f"p{draw.randrange(20)}", artist=f"a{draw.randrange(6)}",
                key=draw.choice(("C major", "A minor")), scale=draw.choice(("dorian", "lydian")),
                progression="ii-V-I", genres=(draw.choice(("rock", "jazz")),),
                tags=("calm", "piano"),
                moods=(draw.choice(("happy", "sad")),),
                instruments=(draw.choice(("guitar", "flute", "oboe")),),
                technique=draw.choice(("pizzicato", "arco")),
                vocal_technique=draw.choice(("vibrato", "straight")),
                note=draw.choice(("C4", "D4")),
                tempo_bpm=draw.choice((90.0, 91.0, 120.0, 140.0)), beats=(0.5, 1.0, 1.5),
                chords=CHORDS, lyrics=f"line {draw.randrange(5)}", score="C4 0.5 la",
                caption=draw.choice(("A man speaks", "Rain falls", "Dogs bark")),
                sounds=(draw.choice(("dog", "rain", "Speech")),),
                sound_kind=draw.choice(("Animal", "Water")),
                seconds=draw.uniform(2.0, 30.0), melody_notes=NOTES, melody=(0.0, 220.0) * 30,
                instrument_parts=PARTS,
                events=(TimedLabel(0.5, 1.0, "dog"), TimedLabel(1.2, 2.0, "rain")),
                scene=draw.choice(("park", "metro")),
            )
        )  # fmt: skip
    return drawn


RECORDINGS = recordings()


def questions(task: str, clips: list[Recording]) -> Iterator[Draft]:
    for maker in makers_of(task):
        yield from questions_of(maker, clips)


def questions_of(maker: Maker, clips: list[Recording]) -> Iterator[Draft]:
    usable = [clip for clip in clips if maker.can_use(clip)]
    if maker.from_all is not None:
        yield from maker.from_all(usable)
    else:
        assert maker.from_one is not None
        labels = labels_of(usable, [maker.label] if maker.label else [])
        for clip in usable:
            yield from maker.from_one(clip, labels)


@pytest.mark.parametrize("maker", MAKERS, ids=lambda maker: maker.task)
def test_records_are_right_for_their_task(maker: Maker) -> None:
    row = catalogue.get(maker.task)
    drafts = [*questions_of(maker, RECORDINGS)]
    assert len(drafts) >= 10
    uuids = set()
    for draft in drafts:
        instance = instance_of(draft, "90_Mine", "train")
        uuids.add(instance.uuid)
        pieces = [piece.kind for piece in instance.input_pieces]
        assert tuple(pieces) == row.reads
        assert {clip.domain for clip in draft.recordings} == {maker.domain or row.domain}
        assert set(draft.slots) == set(row.slots)
        if not isinstance(draft.answer, str):
            assert "audio" in row.writes
            assert instance.output.startswith(("<|SOA|>90_Mine_c", "<|SOA|>90_Mine_sim_"))
            continue
        assert "text" in row.writes
        labels = row.labels or draft.options
        assert parse(row, draft.answer, labels, prompt=instance.instruction).status is Status.OK
    assert len(uuids) == len(drafts)


@pytest.mark.parametrize(
    "task", [maker.task for maker in MAKERS if "no" in catalogue.get(maker.task).labels]
)
def test_yes_and_no_are_balanced_and_only_the_fact_tells(task: str) -> None:
    drafts = [*questions(task, RECORDINGS)]
    (maker,) = makers_of(task)
    fact = maker.needs[0]
    answers = Counter(draft.answer for draft in drafts)
    assert answers["yes"] == answers["no"] > 10
    for draft in drafts:
        first, second = draft.recordings
        assert (getattr(first, fact) == getattr(second, fact)) == (draft.answer == "yes")
        if task == "speaker_verification":
            assert first.language == second.language
            assert first.gender == second.gender
            assert first.text != second.text


def test_without_a_like_negative_nothing_is_asked() -> None:
    """Two speakers of different sex and language: a "no" could be told by either."""
    clips = [
        Recording(
            id=f"{who}{n}", audio="x.wav", split="train", text=f"t{n}", speaker=who,
            gender={"ann": "female", "bob": "male"}[who], language="English",
        )
        for who in ("ann", "bob")
        for n in range(5)
    ]  # fmt: skip
    assert not [*questions("speaker_verification", clips)]


def test_tempi_within_a_few_percent_are_not_compared() -> None:
    for draft in questions("tempo_comparison", RECORDINGS):
        first, second = draft.values
        assert isinstance(first, Recording)
        assert isinstance(second, Recording)
        assert first.tempo_bpm is not None
        assert second.tempo_bpm is not None
        ratio = first.tempo_bpm / second.tempo_bpm
        wanted = "first" if ratio > 1.08 else "second" if ratio < 1 / 1.08 else "same"
        assert draft.answer == wanted
        # 90 and 91 bpm are neither the same nor apart.
        assert {first.tempo_bpm, second.tempo_bpm} != {90.0, 91.0}


def test_conversions_keep_what_they_say_they_keep() -> None:
    for draft in questions("voice_conversion", RECORDINGS):
        source, reference = draft.values
        target = draft.answer
        assert isinstance(source, Recording)
        assert isinstance(reference, Recording)
        assert isinstance(target, Recording)
        assert source.sentence == target.sentence != reference.sentence
        assert source.emotion == target.emotion
        assert source.speaker != target.speaker == reference.speaker
    for draft in questions("emotion_conversion", RECORDINGS):
        (source,), target = draft.values, draft.answer
        assert isinstance(source, Recording)
        assert isinstance(target, Recording)
        assert (source.speaker, source.sentence) == (target.speaker, target.sentence)
        assert source.emotion != target.emotion == draft.slots["emotion"]


def test_every_task_of_the_catalogue_has_a_maker() -> None:
    assert {row.id for row in catalogue.tasks()} == {maker.task for maker in MAKERS}


def test_parts_of_mixtures() -> None:
    of_parts = {maker.task: maker for maker in MIXTURE_MAKERS}
    for draft in questions_of(of_parts["speaker_extraction"], RECORDINGS):
        mixture, enrolment = draft.values
        part = draft.answer
        assert isinstance(mixture, Recording)
        assert isinstance(enrolment, Recording)
        assert isinstance(part, Recording)
        assert part.mixture == mixture.id != enrolment.mixture
        assert part.speaker == enrolment.speaker
        assert part.sentence != enrolment.sentence
    pair = [
        Recording(id="m", audio="m.wav", mixture="m", snr_db=3.0),
        Recording(id="a", audio="a.wav", mixture="m"),
    ]
    (draft,) = questions_of(of_parts["denoising"], pair)
    assert (draft.values, draft.answer) == ((pair[0],), pair[1])
    # With another part, or without its own clip, it is no pair of noisy and clean speech.
    other = Recording(id="b", audio="b.wav", mixture="m")
    assert not [*questions_of(of_parts["denoising"], [*pair, other])]
    assert not [*questions_of(of_parts["denoising"], pair[1:])]


def test_each_maker_names_facts_that_there_are() -> None:
    for maker in MAKERS:
        assert set(maker.needs) <= set(FACTS)
        assert maker.label in ("", *maker.needs)
        assert (maker.from_one is None) != (maker.from_all is None)


def test_answers_by_hand() -> None:
    (clip,) = [each for each in RECORDINGS if each.id == "c0"]
    wanted = {
        "speaker_diarization": "0.00-1.00 speaker 1; 1.00-2.50 speaker 2; 3.00-4.00 speaker 1",
        "voice_activity_detection": "0.00-2.50; 3.00-4.00",
        "chord_estimation": "0.00-1.50 C:maj; 1.50-3.00 A:min",
        "beat_tracking": "0.50, 1.00, 1.50",
        "sound_event_detection": "0.50-1.00 dog; 1.20-2.00 rain",
        "sound_event_sequence_recognition": "dog, rain",
    }
    for task, answer in wanted.items():
        make = makers_of(task)[0].from_one
        assert make is not None
        assert [draft.answer for draft in make(clip, {})] == [answer]
