"""The words before answers: which come off, and that nothing else ever does."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audioflan_tasks import catalogue
from audioflan_tasks.records.instance import Instance
from audioflan_tasks.records.lead_ins import grammar_of, split_answer
from audioflan_tasks.records.parse import LineParser
from audioflan_tasks.records.repairs import Ledger

FREE_FORMS = ("transcript", "caption", "intervals", "sequence")

# Task, lead-in, answer, and the end of its sentence. The first block is appendix A.4 of the paper.
LED = [
    ("gender_recognition", "The gender is ", "female", "."),
    ("gender_recognition", "Gender: ", "male", ""),
    ("language_identification", "The language is ", "Welsh", "."),
    ("language_identification", "Language in the given speech is ", "English", "."),
    ("speaker_verification", "The speakers in the given two speeches are ", "different", "."),
    ("speaker_verification", "The answer is ", "Yes", "."),
    ("automatic_speech_recognition", "Transcription is: ", "go. Now!", ""),
    ("automatic_speech_recognition", "The text of the given speech is: ", "It rains.", ""),
    ("phonetic_recognition", "IPA Phonemes is: ", "h ə l", ""),
    ("phonetic_recognition", "phonemes of the given speech is: ", "a n t", ""),
    ("speech_caption", "Descriptive text of the given speech is: ", "A man shouts.", ""),
    ("speech_caption", "The speaking style is: ", "calm", ""),
    ("speech_caption", "Speech caption is: ", "A man.", ""),
    ("text_to_speech", "Generated speech is: ", "<|SOA|>b<|EOA|>", ""),
    ("denoising", "The resulting audio is: ", "<|SOA|>b<|EOA|>", "."),
    # What variation makes of them.
    ("accent_recognition", "The speaker's accent is ", "Shandong", "."),
    ("signal_to_noise_ratio_estimation", "SNR: ", "35.1", ""),
    ("signal_to_noise_ratio_estimation", "The estimated SNR of the clip is ", "12.5 dB", "."),
    ("speaker_identification", "Speaker ID: ", "1000104", ""),
    ("age_recognition", "The speaker is in their ", "30s", "."),
    ("gender_recognition", "The speaker in this audio is a ", "woman", "."),
    ("emotion_recognition", "The speaker sounds ", "angry", "."),
    ("pitch_classification", "The pitch is ", "47", "."),
    ("music_tagging", "The tags are: ", "ambient, calm", "."),
    ("key_detection", "The key is ", "a minor", "."),
    ("artist_identification", "The artist is ", "The Knife", "."),
    ("acoustic_scene_classification", "The scene is a ", "metro station", "."),
    ("language_identification", "The language that is spoken is ", "Thai", "."),
    ("deepfake_detection", "The speech is ", "fake", "."),
    ("intent_classification", "The intent is to ", "stop the music", "."),
    ("beat_tracking", "The beats are at ", "0.50, 1.00", "."),
    ("gender_recognition", "Answer: The gender is ", "male", "."),
    # Names that have a stop, an article or another name before them.
    ("artist_identification", "The artist is ", "R.E.M.", ""),
    ("artist_identification", "The artist is ", "Dinosaur Jr.", ""),
    ("artist_identification", "The artist is a band called ", "Low", "."),
    ("artist_identification", "The artist behind this track is none other than ", "Kurt Vile", "."),
    ("artist_identification", "The artist's name is ", "Sigur Rós", "."),
    ("genre_classification", "The genre is ", "a cappella", "."),
    ("key_comparison", "The keys of the pieces are the ", "same", "."),
    ("key_detection", "Key: ", "F# minor", "."),
    ("emotion_recognition", "Emotion: ", "angry", "."),
    ("speaker_verification", "Answer: ", "Yes", "."),
    ("key_detection", "Key of ", "C major", ""),
    ("accent_recognition", "Accent - ", "Shandong", ""),
    ("accent_recognition", "**Accent:** ", "Shandong", ""),
    ("accent_recognition", "The accent would be ", "Shandong", "."),
    ("music_tagging", "Tags - ", "rock, loud", ""),
    ("signal_to_noise_ratio_estimation", "SNR≈", "35.1", ""),
    ("signal_to_noise_ratio_estimation", "about ", "35.1 dB", "."),
    ("intent_classification", "The user wants to ", "turn on the lights", "."),
    ("sound_event_recognition", "Sound of a ", "dog", ""),
    # Chinese.
    ("accent_recognition", "口音是", "山东", "。"),
    ("gender_recognition", "说话人的性别是", "女性", "。"),
    ("gender_recognition", "性别：", "女", ""),
    ("language_identification", "这段语音的语种为", "粤语", ""),
    ("automatic_speech_recognition", "转写结果：", "你好", ""),
    ("automatic_speech_recognition", "这段语音的文本是：", "你好。", ""),
]

WHOLE = [
    ("automatic_speech_recognition", "Text: the quick fox"),
    ("automatic_speech_recognition", "Speech: he said so"),
    ("automatic_speech_recognition", "The answer is no."),
    ("automatic_speech_recognition", "The sentence is death."),
    ("automatic_speech_recognition", "He said: come"),
    ("automatic_speech_recognition", "内容：你好"),
    ("speech_caption", "A woman says: hello."),
    ("audio_caption", "Music: a piano plays"),
    ("speaker_diarization", "speaker1: 0.5-3.2s; speaker2: 3.4-5.0s"),
    ("speaker_diarization", "Turn 1: 0.0-1.0 A; Turn 2: 1.0-2.0 B"),
    ("voice_activity_detection", "Speech: 0.0-1.0; Silence: 1.0-2.0"),
    ("speech_nonspeech_detection", "Speech segment: 0.0-1.0; Nonspeech segment: 1.0-2.0"),
    ("sound_event_sequence_recognition", "Sound 1: dog; Sound 2: cat"),
    ("sound_event_sequence_recognition", "Speech, Dog, Vehicle horn, car horn, honking"),
    ("tempo_comparison", "The first one is faster."),
    ("tempo_comparison", "The first audio is faster."),
    ("instrument_comparison", "The two excerpts share the same instrument."),
    ("speaker_verification", "The speakers are not the same."),
    ("music_tagging", "genre: rock, instrument: guitar"),
    ("chord_estimation", "0.0-1.5: Cmaj; 1.5-3.0: Amin"),
    ("sound_event_understanding", "The person is imitating a dog."),
    ("artist_identification", "Kurt Vile: live"),
    ("artist_identification", "Made by Monkeys"),
    # Names that look like a title, or like the beginning of a sentence.
    ("artist_identification", "Songs: Ohia"),
    ("artist_identification", "Dance Music: Live"),
    ("artist_identification", "Music for Airports is Great"),
    ("artist_identification", "Spoken in Tongues"),
    ("instrument_classification", "Played by hand drum"),
    ("instrumental_technique_classification", "Played with a bow"),
    ("vocal_technique_classification", "Spoken with vibrato"),
    ("device_recognition", "microphone is built-in"),
    ("intent_classification", "command is unclear"),
    ("speaker_verification", "The speaker of the second recording is older"),
    ("sound_event_sequence_recognition", "Sound of rain is first, then thunder"),
    ("signal_to_noise_ratio_estimation", "The SNR is at least 30 dB."),
    ("gender_recognition", "The speaker is neither male nor female."),
    ("sound_event_recognition", "The sound of a zorp is present."),
    # What somebody may say.
    ("automatic_speech_recognition", "文本是：你好。"),
    ("automatic_speech_recognition", "结果是：我们输了。"),
    ("automatic_speech_recognition", "信的内容如下：亲爱的妈妈"),
    ("automatic_speech_recognition", "The answer is: forty-two."),
    ("automatic_speech_recognition", "Here is the answer: we lost."),
    ("automatic_speech_recognition", "The sentence is: ten years in prison."),
    ("automatic_speech_recognition", "His words were: never again."),
    ("automatic_speech_recognition", "The content of the song: love and loss."),
    ("automatic_speech_recognition", 'The text reads: "No entry."'),
    ("speech_to_text_translation", "The meaning is: life is short."),
    # Names of intervals.
    ("speech_nonspeech_detection", "Speech segment: 0.0-1.0"),
    ("sound_event_detection", "Dog event: 0.5-1.2"),
    ("sound_event_detection", "Dog barking sound event: 0.5-1.2"),
    ("chord_estimation", "A minor chord: 0.0-1.0"),
    ("speaker_diarization", "Alice turn: 0.0-1.0"),
    ("gender_recognition", "The gender is"),
    ("text_to_speech", "audio: <|SOA|>b<|EOA|>"),
    ("text_to_speech", "<|SOA|>b<|EOA|>"),
    ("text_to_speech", "The audio is: lost"),
    ("text_to_speech", "Two clips: <|SOA|>b<|EOA|> and <|SOA|>c<|EOA|>"),
    ("melody_extraction", "melody: <|SOA|>b<|EOA|>"),
]


@pytest.mark.parametrize(("task", "lead_in", "answer", "end"), LED)
def test_a_lead_in_comes_off(task: str, lead_in: str, answer: str, end: str) -> None:
    output = lead_in + answer + end
    assert split_answer(catalogue.get(task), output) == (lead_in, answer)
    assert grammar_of(catalogue.get(task)).may_lead(output)


@pytest.mark.parametrize(("task", "output"), WHOLE)
def test_an_answer_stays_whole(task: str, output: str) -> None:
    assert split_answer(catalogue.get(task), output) == ("", output)


names = st.sampled_from(
    ("speaker", "Speaker 1", "speaker2", "spk1", "Speech", "Text", "text", "Words", "Sentence",
     "Content", "Audio", "Music", "Sound", "Dog bark", "Script", "Lyrics", "Voice", "Question",
     "A", "1", "他说", "说话人1")
)  # fmt: skip
times = st.sampled_from(("0.5", "0.00-1.52", "[0.10s", "(1.2, 3.4)", "12:30", "3"))
quotes = st.sampled_from(("", '"', "'", "“", "「", "- ", "(", "["))
endings = st.sampled_from(("", ".", "。", "!", '"', "…", "..."))
words = st.lists(
    st.sampled_from(
        ("yes", "no", "is", "the", "hello", "a", "dog", "speech", "text", "0.5-1.0", "B:", "来",
         "said:", "\n", "speaker1:", "and", "of")
    ),
    min_size=1,
    max_size=8,
)  # fmt: skip


@st.composite
def answers(draw: st.DrawFn) -> str:
    """Answers that begin with a label word, a name, a time, a colon or a quote."""
    head = draw(st.one_of(names, times))
    colon = draw(st.sampled_from((": ", ":", " ", "：", ", ", " - ")))
    text = f"{draw(quotes)}{head}{colon}{' '.join(draw(words))}{draw(endings)}"
    return text.strip()


@pytest.mark.slow
@given(
    st.sampled_from([row for row in catalogue.tasks() if row.answer in FREE_FORMS]),
    answers(),
)
def test_label_words_names_times_and_quotes_are_never_cut(
    row: catalogue.TaskRow, answer: str
) -> None:
    instance = parsed(row, answer)
    assert (instance.lead_in, instance.output) == ("", answer)
    assert [piece.value for piece in instance.output_pieces] == [answer.strip()]


@given(
    st.sampled_from(catalogue.tasks()),
    st.lists(st.sampled_from(["".join(parts) for _, *parts in LED] + ["is ", "。", ": ", "A b"])),
)
def test_what_is_read_again_is_the_same(row: catalogue.TaskRow, parts: list[str]) -> None:
    instance = parsed(row, "".join(parts))
    line = json.dumps(instance.record(), ensure_ascii=False).encode()
    again = LineParser("f").parse(line, 1)
    assert again == instance


def test_the_repair_is_counted_and_the_uuid_is_that_of_the_whole_output() -> None:
    row, ledger = catalogue.get("accent_recognition"), Ledger()
    led, bare = (
        parsed(row, "The accent is Shandong.", ledger, ""),
        parsed(row, "Shandong", None, ""),
    )
    assert (led.output, led.lead_in) == ("Shandong", "The accent is ")
    assert led.uuid != bare.uuid
    assert ledger.as_dict()["repairs"]["lead_in"] == 1


def test_the_nouns_of_a_users_task_are_only_the_general_ones() -> None:
    row = catalogue.get("accent_recognition").model_copy(update={"answer_nouns": ()})
    assert split_answer(row, "The accent is Shandong.") == ("", "The accent is Shandong.")
    assert split_answer(row, "The answer is Shandong.") == ("The answer is ", "Shandong")


def parsed(
    row: catalogue.TaskRow, output: str, ledger: Ledger | None = None, uuid: str = "0" * 24
) -> Instance:
    record = {
        "instruction": "Listen.", "input": "<|SOA|>a<|EOA|>", "output": output,
        "uuid": uuid, "split": ["train"],
        "task_type": {"major": [row.major], "minor": [row.minor],
                      "U/G": [row.paper_category], "unseen": False},
        "domain": row.domain, "source": ["studio"], "other": None,
    }  # fmt: skip
    instance = LineParser("f", ledger=ledger, strict=True).parse(
        json.dumps(record, ensure_ascii=False).encode(), 1
    )
    assert instance is not None
    return instance
