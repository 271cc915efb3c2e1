"""What a record asks is kept: the pool asks only for what the record asks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audioflan_tasks.catalogue import get, tasks
from audioflan_tasks.demo import demo_root
from audioflan_tasks.preprocessors.kept_words import KeptWords
from audioflan_tasks.preprocessors.prompt_signature import keep_reason, sign_record
from audioflan_tasks.preprocessors.question import KEEP_MEANINGS, KeepReason
from audioflan_tasks.preprocessors.render import KEEP, RenderedExample, render
from audioflan_tasks.records import Instance
from audioflan_tasks.records.tree import read_file, record_files
from audioflan_tasks.vocabularies import get as vocabulary_named

FOLDER = Path(__file__).parent / "questions"
AUDIO = "<|SOA|>{}<|EOA|>"
TEXTS = {
    "question": "Is a dog heard?",
    "description": "a man speaks slowly",
    "label": "dog",
    "target": "vocals",
    "lyrics": "la la la",
    "score": "la C4 0.5",
    "text": "hello there",
}


def instance_of(task: str, answer: str, instruction: str, **fields: object) -> Instance:
    """A record with the input of its task, each piece with its name as its label."""
    values = (
        piece.name.replace("_", " ")
        + (f": {AUDIO.format(n)}" if piece.kind == "audio" else f": {TEXTS[piece.name]}")
        for n, piece in enumerate(get(task).inputs)
    )
    record = {
        "task": task,
        "input": "\n".join(values),
        "output": AUDIO.format("z") if answer == "@" else answer,
        "instruction": instruction,
        "uuid": f"{task}-{instruction}",
    }
    return Instance(**(record | fields))  # type: ignore[arg-type]


def records_of(name: str) -> Iterator[Instance]:
    for line in (FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            task, answer, instruction = line.split(" | ", 2)
            yield instance_of(task, answer, instruction.replace("\\n", "\n"))


PLAIN = list(records_of("plain"))
SPECIAL = list(records_of("special"))


def example_of(instance: Instance, seed: int = 0) -> RenderedExample:
    return render(instance, get(instance.task), seed)


def reason_of(instance: Instance) -> KeepReason | None:
    return keep_reason(instance, get(instance.task), ("en",))


def ask_of(instance: Instance, seed: int = 0) -> str:
    return "".join(s.value for s in example_of(instance, seed).inputs if s.role == "instruction")


def asks_of(instance: Instance, count: int = 60) -> set[str]:
    """What the record is asked with under many seeds."""
    return {ask_of(instance, seed) for seed in range(count)}


def test_the_records_are_of_all_tasks() -> None:
    assert {instance.task for instance in PLAIN} == {row.id for row in tasks()}
    assert len(PLAIN) >= 300 and len(SPECIAL) >= 300


@pytest.mark.parametrize("instance", PLAIN, ids=lambda i: i.uuid)
def test_other_words_for_the_same_question_are_asked_from_the_pool(instance: Instance) -> None:
    assert reason_of(instance) is None
    answer = example_of(instance).targets[-1].value
    assert answer == ("z" if instance.output == AUDIO.format("z") else instance.output)


@pytest.mark.parametrize("instance", SPECIAL, ids=lambda i: i.uuid)
def test_another_question_keeps_its_words(instance: Instance) -> None:
    example = example_of(instance)
    assert example.template == KEEP
    assert ask_of(instance) == instance.instruction
    assert reason_of(instance) in KEEP_MEANINGS


WITHOUT_OPTIONS = [
    i for i in PLAIN if not any(mark in i.instruction for mark in (":", "(", " or "))
]


@pytest.mark.slow
@settings(max_examples=300)
@given(instance=st.sampled_from(WITHOUT_OPTIONS), data=st.data())
def test_a_word_more_and_the_record_keeps_its_words(
    instance: Instance, data: st.DataObject
) -> None:
    words = instance.instruction.split()
    extra_words = ("not", "never", "only", "except", "without", "second", "backwards", "JSON", "女")
    words.insert(data.draw(st.integers(0, len(words))), data.draw(st.sampled_from(extra_words)))
    reason = reason_of(instance.replace(instruction=" ".join(words)))
    # "The second third beat" is no fact that is clear.
    assert reason in (KeepReason.WORDS, KeepReason.FACT, KeepReason.OPTIONS)


@pytest.mark.slow
@settings(max_examples=200)
@given(
    instance=st.sampled_from(PLAIN),
    opening=st.sampled_from(
        ("", "Please ", "Could you please help me? ", "I would like to know: ")
    ),
    closing=st.sampled_from(("", " Thank you!", " Listen carefully.")),
    change=st.sampled_from((str, str.upper, str.lower)),
)
def test_manners_and_case_do_not_matter(
    instance: Instance, opening: str, closing: str, change: object
) -> None:
    if any(mark in instance.instruction for mark in (":", "\n", "IPA", "ARPA")):
        return
    if opening.endswith(": ") and " or " in instance.instruction:
        return  # "Know: spoof or bonafide?" is a list of options, and no word is left that asks
    words = change(instance.instruction)  # type: ignore[operator]
    assert reason_of(instance.replace(instruction=f"{opening}{words}{closing}")) is None


@pytest.mark.parametrize(
    ("task", "answer", "instruction", "reason"),
    [
        ("speaker_verification", "yes", "Are the speakers different?", KeepReason.OPPOSITE),
        ("speaker_verification", "yes", "Are they the same or different?", KeepReason.OPTIONS),
        ("speaker_verification", "2", "How many speakers?", KeepReason.ANSWER),
        ("tempo_comparison", "first", "Which excerpt is slower?", KeepReason.OPPOSITE),
        ("tempo_comparison", "first", "Compare the tempo.", KeepReason.OPPOSITE),
        ("tempo_comparison", "faster", "Which is faster?", KeepReason.ANSWER),
        ("deepfake_detection", "yes", "Is it fake?", KeepReason.OPPOSITE),
        ("sound_event_recognition", "dog", "What animal is it?", KeepReason.WORDS),
        ("artist_identification", "X", "Who is the artist? Options: A1, B2", KeepReason.OPTIONS),
        ("audio_inpainting", "@", "Fill the gap.", KeepReason.FACT),
        ("sound_event_understanding", "Accordion", "What is imitated?", KeepReason.WORDS),
        ("language_identification", "Thai, Lao", "Which languages are spoken?", KeepReason.POOL),
    ],
)  # fmt: skip
def test_reasons(task: str, answer: str, instruction: str, reason: KeepReason) -> None:
    assert reason_of(instance_of(task, answer, instruction)) == reason


def test_pieces_that_do_not_fit_are_a_reason() -> None:
    instance = instance_of("denoising", "@", "Remove the noise.", input="no audio")
    assert reason_of(instance) == KeepReason.PIECES


class TestAnswerForms:
    @pytest.mark.parametrize(
        ("task", "answer", "words"),
        [
            ("speaker_verification", "different", {"same", "different"}),
            ("spoken_paragraph_recognition", "Same", {"same", "different"}),
            ("deepfake_detection", "bonafide", {"bonafide", "spoof"}),
            ("deepfake_detection", "fake", {"real", "fake"}),
            ("deepfake_audio_detection", "genuine", {"genuine", "fake"}),
            ("key_comparison", "different", {"same", "different"}),
        ],
    )
    def test_the_instruction_names_the_form_of_the_answer(
        self, task: str, answer: str, words: set[str]
    ) -> None:
        for ask in asks_of(instance_of(task, answer, "")):
            folded = ask.lower().replace("bona fide", "bonafide")
            assert all(word in folded for word in words), ask

    def test_true_and_false_answer_a_question_or_are_listed(self) -> None:
        for ask in asks_of(instance_of("key_comparison", "True", "Are the keys the same?")):
            assert ("True" in ask and "False" in ask) or ask.endswith("?"), ask

    def test_a_form_that_other_words_name_is_listed(self) -> None:
        for ask in asks_of(instance_of("tempo_comparison", "audio 1", "Which is faster?")):
            assert "audio 1" in ask and "audio 2" in ask

    def test_no_lead_in_turns_an_answer_round(self) -> None:
        instance = instance_of("speaker_verification", "different", "Are the speakers the same?")
        lead_ins = {example_of(instance, seed).targets[0].value for seed in range(80)}
        assert lead_ins == {"different", "Answer: ", "The answer is "}

    def test_no_format_is_asked_for_that_the_answer_has_not(self) -> None:
        asks = asks_of(instance_of("beat_tracking", "[0.5, 1.0]", "Track the beats."))
        assert not any("two decimals" in ask or "0.52" in ask for ask in asks)
        asks = asks_of(
            instance_of("signal_to_noise_ratio_estimation", "48.22", "Estimate the SNR.")
        )
        assert not any("one decimal" in ask or "12.5" in ask for ask in asks)
        asks = asks_of(instance_of("age_recognition", "26", "How old is the speaker?"))
        assert not any("group" in ask for ask in asks)
        asks = asks_of(instance_of("music_tagging", "rock, calm", "Tag the music."))
        assert not any("sorted" in ask or "alphabetical" in ask for ask in asks)

    def test_several_labels_are_asked_for_as_such(self) -> None:
        several = instance_of("instrument_classification", "guitar, bass", "Which instruments?")
        plural = instance_of("instrument_classification", "mallet", "Which instruments?")
        for instance in (several, plural):
            for ask in asks_of(instance):
                assert "instruments" in ask or "every" in ask or "all" in ask
        single = instance_of("instrument_classification", "mallet", "Which instrument?")
        assert not any("all" in ask.split() for ask in asks_of(single))

    def test_units_and_formats_are_said_again(self) -> None:
        for ask in asks_of(
            instance_of("beat_tracking", "0.52, 1.04", "Give the beats in seconds.")
        ):
            assert "seconds" in ask
        caption = instance_of(
            "audio_caption", "A dog barks.", "Describe the audio in one sentence."
        )
        for ask in asks_of(caption):
            assert "sentence" in ask


class TestOptions:
    LISTS = (
        "Options: Kurt Vile, AWOL, Ed Askew",
        "Choose from the options: Kurt Vile, AWOL, Ed Askew.",
        "(A) Kurt Vile (B) AWOL (C) Ed Askew",
        "- Kurt Vile\n- AWOL\n- Ed Askew",
        "Choices:\n1. Kurt Vile\n2. AWOL\n3. Ed Askew",
        "Choose among Kurt Vile, AWOL or Ed Askew.",
        "Select one of Kurt Vile, AWOL, and Ed Askew.",
        "Options are: [Kurt Vile; AWOL; Ed Askew]",
    )

    @pytest.mark.parametrize("options", LISTS)
    def test_options_of_the_instruction_are_listed(self, options: str) -> None:
        instance = instance_of("artist_identification", "AWOL", f"Who is the artist?\n{options}")
        assert reason_of(instance) is None
        signed = sign_record(instance, get(instance.task), ("en",))
        assert signed is not None and signed.signature.options == ("AWOL", "Ed Askew", "Kurt Vile")
        for ask in asks_of(instance, 30):
            assert all(name in ask for name in ("Kurt Vile", "AWOL", "Ed Askew"))

    def test_a_letter_is_no_answer_to_options_in_another_order(self) -> None:
        instance = instance_of("artist_identification", "A", "Who is the artist? (A) X1 (B) Y1")
        assert reason_of(instance) == KeepReason.OPTIONS

    def test_options_are_spelt_as_the_answer(self) -> None:
        instance = instance_of(
            "emotion_recognition", "Happy", "Which emotion? Options: happy, sad, angry"
        )
        signed = sign_record(instance, get(instance.task), ("en",))
        assert signed is not None and signed.signature.options == ("Angry", "Happy", "Sad")

    def test_a_vocabulary_is_listed_with_the_answer_as_it_is_written(self) -> None:
        instance = instance_of(
            "emotion_recognition", "Happy", "Recognize the emotion.", vocabulary="esd_emotions"
        )
        listing = [ask for ask in asks_of(instance, 200) if "Surprise" in ask]
        assert len(listing) > 0.6 * len(asks_of(instance, 200))
        assert all("Happy" in ask and "Angry" in ask for ask in listing)

    def test_most_examples_list_a_vocabulary(self) -> None:
        lists: list[bool] = []
        for number, name in enumerate(vocabulary_named("tau2020_scenes").names):
            instance = instance_of(
                "acoustic_scene_classification", name, "Which scene?", vocabulary="tau2020_scenes"
            )
            lists += ["+" in example_of(instance, seed).template for seed in range(number, 60)]
        assert sum(lists) > 0.8 * len(lists)

    def test_few_lists_belong_to_one_answer(self) -> None:
        lists = defaultdict(set)
        for number in range(200):
            answer = ("Speech", "Vehicle horn, car horn, honking")[number % 2]
            instance = instance_of(
                "sound_event_recognition",
                answer,
                "What event?",
                vocabulary="audioset",
                uuid=f"u{number}",
            )
            signed = sign_record(instance, get(instance.task), ("en",))
            assert signed is not None and answer in signed.signature.options
            lists[answer].add(signed.signature.options)
        assert all(2 <= len(options) <= 8 for options in lists.values())


class TestFacts:
    @pytest.mark.parametrize(
        ("task", "instruction", "value"),
        [
            (
                "audio_super_resolution",
                "Increase the resolution of the signal to 32k Hz.",
                "32k Hz",
            ),
            ("beat_level_pitch_estimation", "What is the pitch of the 3rd beat?", "3"),
            ("beat_level_pitch_estimation", "Which note is on the fifth beat?", "5"),
            ("speech_to_text_translation", "Translate the speech into French.", "French"),
            ("emotional_text_to_speech", "Say it in an angry tone.", "angry"),
            ("phonetic_recognition", "Transcribe into pinyin.", "pinyin"),
            ("audio_inpainting", "Fill the gap from 0.5 to 0.8 seconds.", "0.5 to 0.8 seconds"),
        ],
    )
    def test_a_fact_of_the_instruction_is_carried(
        self, task: str, instruction: str, value: str
    ) -> None:
        row = get(task)
        answer = {"note": "C4", "transcript": "bonjour", "phones": "ni3 hao3"}.get(row.answer, "@")
        instance = instance_of(task, answer, instruction)
        assert reason_of(instance) is None
        assert all(value in ask for ask in asks_of(instance, 30))

    def test_two_values_are_not_clear(self) -> None:
        instruction = "Translate the speech from German into English."
        instance = instance_of("speech_to_text_translation", "hello", instruction)
        assert reason_of(instance) == KeepReason.FACT

    @pytest.mark.parametrize(
        ("task", "instruction"),
        [
            ("speech_to_text_translation", "Translate the Chinese speech."),
            ("speech_to_text_translation", "Translate this French utterance."),
            ("speech_to_text_translation", "Translate from German."),
            ("speech_to_text_translation", "The speech is in German: translate it."),
            ("speech_to_text_translation", "Translate the words in the Chinese recording."),
            ("speech_bandwidth_extension", "Upsample the speech from 8 kHz."),
            ("speech_bandwidth_extension", "Restore the high frequencies above 4 kHz."),
            ("speech_bandwidth_extension", "Extend the bandwidth by 16 kHz."),
            ("beat_level_pitch_estimation", "Which note is on the beat following beat 5?"),
            ("beat_level_pitch_estimation", "Which instruments play from the third beat?"),
            ("emotion_conversion", "Change the emotion of this angry speech."),
            ("emotion_conversion", "Convert the emotion from sad."),
        ],
    )
    def test_a_source_or_a_bound_is_no_fact(self, task: str, instruction: str) -> None:
        answer = {"note": "C4", "transcript": "hello"}.get(get(task).answer, "@")
        assert reason_of(instance_of(task, answer, instruction)) == KeepReason.WORDS

    def test_the_record_and_its_words_must_agree(self) -> None:
        other = {"slots": {"emotion": "happy"}}
        instance = instance_of(
            "emotional_text_to_speech", "@", "Say it in a sad tone.", other=other
        )
        assert reason_of(instance) == KeepReason.FACT


class TestPieces:
    ROLES = (
        ("source audio: {0}\ntarget speaker: {1}", ["0", "1"]),
        ("target speaker: {1}\nsource audio: {0}", ["0", "1"]),
        ("reference voice: {1}\ncontent audio: {0}", ["0", "1"]),
    )

    @pytest.mark.parametrize(("text", "ids"), ROLES)
    def test_words_of_labels_say_which_piece_is_which(self, text: str, ids: list[str]) -> None:
        audio = (AUDIO.format(0), AUDIO.format(1))
        instance = instance_of("voice_conversion", "@", "Convert.", input=text.format(*audio))
        segments = example_of(instance).inputs
        assert [s.value for s in segments if s.kind == "audio"] == ids

    def test_labels_that_do_not_say_it_are_kept(self) -> None:
        text = f"clip: {AUDIO.format(0)}\nwave: {AUDIO.format(1)}"
        instance = instance_of("voice_conversion", "@", "Convert.", input=text)
        assert reason_of(instance) == KeepReason.PIECES


def test_a_task_without_a_plain_question_is_asked_from_its_pool() -> None:
    row = get("audio_caption").model_copy(update={"question": None})
    instance = instance_of("audio_caption", "A dog.", "Count the dogs.")
    assert keep_reason(instance, row, ("en",)) is None


@pytest.mark.slow
def test_most_of_the_demo_is_asked_from_the_pool() -> None:
    kept_words = KeptWords()
    root = demo_root()
    for file in record_files(root):
        for instance in read_file(file, root=root):
            kept_words.count(instance)
    counts = kept_words.as_dict()
    assert sum(task["kept"] for task in counts.values()) <= 200
    assert all(set(task["reasons"]) == {"words"} for task in counts.values())
    # An announcement's service is not quite a speaker's intent; every 0.1 seconds is a format.
    assert set(counts) == {
        "intent_classification",
        "melody_extraction",
        "deepfake_audio_detection",
    }
