"""Labels, sets of labels and sequences in the answers of models."""

# ruff: noqa: E501  (one row of a table, one line)

from __future__ import annotations

from typing import Any

import pytest

from audioflan_tasks import catalogue
from audioflan_tasks.catalogue import TaskRow
from audioflan_tasks.metrics import ParsedAnswer, Status, parse
from audioflan_tasks.metrics.parsing import answer_text
from audioflan_tasks.vocabularies import label_key, matcher

VOCAL = ("straight", "vibrato", "trill", "lip_trill", "vocal_fry")
GENRES = ("blues", "classical", "hip-hop", "jazz", "metal", "pop", "rock")
PIECES = ("acoustic guitar", "bass guitar", "drums", "guitar", "piano")


def read(task: str, text: str, options: tuple[str, ...] = (), **more: Any) -> tuple[object, str]:
    found = parse(catalogue.get(task), text, options, **more)
    return found.value, str(found.status)


@pytest.mark.parametrize(
    ("task", "options", "text", "value", "status"),
    [
        # Whole words and the longest label.
        ("vocal_technique_classification", VOCAL, "lip_trill", "lip_trill", "ok"),
        ("vocal_technique_classification", VOCAL, "It is a lip trill.", "lip_trill", "ok"),
        ("vocal_technique_classification", VOCAL, "Lip-Trill", "lip_trill", "ok"),
        ("vocal_technique_classification", ("trill", "straight"), "lip_trill", "trill", "ok"),
        ("vocal_technique_classification", ("trill", "straight"), "trilling", "trill", "ok"),
        ("vocal_technique_classification", ("vocal", "straight"), "non-vocal", None, "out_of_set"),
        ("gender_recognition", (), "The speaker is female.", "female", "ok"),
        ("gender_recognition", (), "FEMALE", "female", "ok"),
        ("gender_recognition", (), "a woman's voice", "female", "ok"),
        ("gender_recognition", (), "The voice is not male.", "female", "ok"),
        ("gender_recognition", (), "It isn't a woman but a man", "male", "ok"),
        ("gender_recognition", (), "male or female", None, "ambiguous"),
        ("gender_recognition", (), "这是一位女性", "female", "ok"),
        ("gender_recognition", (), "不是男声", "female", "ok"),
        ("gender_recognition", (), "robot", None, "out_of_set"),
        # Spelling, quotes, wrappings, languages.
        ("genre_classification", GENRES, "hiphop", "hip-hop", "ok"),
        ("genre_classification", GENRES, "Hip Hop!", "hip-hop", "ok"),
        ("genre_classification", GENRES, "HIP_HOP", "hip-hop", "ok"),
        ("genre_classification", GENRES, "金属", "metal", "ok"),
        ("genre_classification", GENRES, "这首歌是爵士乐。", "jazz", "ok"),
        ("genre_classification", GENRES, '{"answer": "jazz"}', "jazz", "ok"),
        ("genre_classification", GENRES, "['jazz']", "jazz", "ok"),
        ("genre_classification", GENRES, "```\njazz\n```", "jazz", "ok"),
        ("genre_classification", GENRES, "\\boxed{jazz}", "jazz", "ok"),
        ("genre_classification", GENRES, "**Jazz**", "jazz", "ok"),
        ("genre_classification", GENRES, "“Jazz”", "jazz", "ok"),
        ("genre_classification", GENRES, "<answer>jazz</answer>", "jazz", "ok"),
        ("genre_classification", GENRES, "jazz<|im_end|>", "jazz", "ok"),
        ("genre_classification", GENRES, "Genre: jazz", "jazz", "ok"),
        # Several labels: the first one is not simply taken.
        ("genre_classification", GENRES, "jazz, blues, rock", None, "ambiguous"),
        ("genre_classification", GENRES, "jazz\nblues\nrock", None, "ambiguous"),
        ("genre_classification", GENRES, "It could be jazz or blues.", None, "ambiguous"),
        ("genre_classification", GENRES, "not jazz but blues", "blues", "ok"),
        ("genre_classification", GENRES, "blues rather than jazz", "blues", "ok"),
        ("genre_classification", GENRES, "It has blues and rock in it. Final answer: jazz", "jazz", "ok"),
        ("genre_classification", GENRES, "It is neither jazz, blues nor rock; it is pop", "pop", "ok"),
        ("genre_classification", GENRES, "Jazz. The walking bass recalls the blues of its age.", "jazz", "ok"),
        ("genre_classification", GENRES, "It does not contain any of: jazz, blues.", None, "out_of_set"),
        # Yes and no.
        ("speaker_verification", (), "Yes, the same person speaks.", "yes", "ok"),
        ("speaker_verification", (), "No. They are two speakers", "no", "ok"),
        ("speaker_verification", (), "They are different speakers.", "no", "ok"),
        ("speaker_verification", (), "It's the same speaker", "yes", "ok"),
        ("speaker_verification", (), "They are not the same speaker", "no", "ok"),
        ("speaker_verification", (), "是", "yes", "ok"),
        ("speaker_verification", (), "不是", "no", "ok"),
        ("speaker_verification", (), "这不是同一个人", "no", "ok"),
        ("key_comparison", (), "There is no difference", "yes", "ok"),
        ("deepfake_detection", (), "The speech is genuine.", "bona fide", "ok"),
        ("deepfake_detection", (), "It is not a spoof.", "bona fide", "ok"),
        ("deepfake_detection", (), "bonafide", "bona fide", "ok"),
        ("tempo_comparison", (), "The second one is faster", "second", "ok"),
        ("tempo_comparison", (), "The second is slower", "first", "ok"),
        ("tempo_comparison", (), "The first is faster and the second is slower", "first", "ok"),
        ("tempo_comparison", (), "Audio 2 is faster than audio 1", "second", "ok"),
        ("tempo_comparison", (), "Neither, they are the same", "same", "ok"),
        ("tempo_comparison", (), "Both have the same tempo", "same", "ok"),
        ("sound_event_understanding", ("1", "2", "3"), "two", "2", "ok"),
        ("age_recognition", (), "about 35 years old", "adult", "ok"),
        ("age_recognition", (), "The speaker is in his teens", "teenager", "ok"),
        # Failures.
        ("genre_classification", GENRES, "", None, "empty"),
        ("genre_classification", GENRES, " ...\n", None, "empty"),
        ("genre_classification", GENRES, "I'm sorry, but I cannot identify the genre.", None, "refusal"),
        ("genre_classification", GENRES, "As an AI language model I can't listen to jazz or rock.", None, "refusal"),
        ("genre_classification", GENRES, "抱歉，我无法判断", None, "refusal"),
        ("genre_classification", GENRES, "ambient", None, "out_of_set"),
    ],
)  # fmt: skip
def test_one_label(
    task: str, options: tuple[str, ...], text: str, value: object, status: str
) -> None:
    assert read(task, text, options) == (value, status)


@pytest.mark.parametrize(
    ("text", "answer", "reasoning"),
    [
        ("<think>jazz? no, swing</think> pop", "pop", "jazz? no, swing"),
        ("<THINKING>\njazz\n</THINKING>\n\npop", "pop", "jazz"),
        ("jazz maybe</think>pop", "pop", "jazz maybe"),
        ("<think>jazz <think>rock</think> pop", "pop", "jazz\nrock"),
        ("<|channel|>analysis<|message|>jazz<|channel|>final<|message|>pop", "pop", "jazz"),
    ],
)
def test_reasoning_is_cut_and_kept(text: str, answer: str, reasoning: str) -> None:
    found = parse(catalogue.get("genre_classification"), text, GENRES)
    assert (found.value, found.status) == (answer, Status.OK)
    assert reasoning in found.reasoning


def test_reasoning_that_never_ends_is_no_answer() -> None:
    found = parse(catalogue.get("genre_classification"), "<think>it is jazz, since", GENRES)
    assert found == ParsedAnswer(None, Status.EMPTY, "it is jazz, since")


def test_letters_stand_for_the_options_of_the_prompt() -> None:
    prompt = "Which genre? (A) jazz (B) hip-hop (C) rock"
    assert read("genre_classification", "B", GENRES, prompt=prompt) == ("hip-hop", "ok")
    assert read("genre_classification", "(C)", GENRES, prompt=prompt) == ("rock", "ok")
    assert read("genre_classification", "B. hip hop", GENRES, prompt=prompt) == ("hip-hop", "ok")
    # The letter and the word contradict each other.
    assert read("genre_classification", "A. rock", GENRES, prompt=prompt) == (None, "ambiguous")
    assert read("genre_classification", "D", GENRES, prompt=prompt) == (None, "out_of_set")
    assert read("genre_classification", "B", GENRES) == (None, "out_of_set")
    lines = "Choose.\nA. jazz\nB. rock"
    assert read("genre_classification", "A", GENRES, prompt=lines) == ("jazz", "ok")


@pytest.mark.parametrize(
    ("text", "value", "status"),
    [
        ("drums, piano", {"drums", "piano"}, "ok"),
        ("Drums; Piano.", {"drums", "piano"}, "ok"),
        ("['drums', 'piano']", {"drums", "piano"}, "ok"),
        ('{"tags": ["drums", "piano"]}', {"drums", "piano"}, "ok"),
        ("- drums\n- piano", {"drums", "piano"}, "ok"),
        ("Instruments: drums and piano", {"drums", "piano"}, "ok"),
        # Nested labels are kept where both are listed, and only then.
        ("guitar, acoustic guitar", {"guitar", "acoustic guitar"}, "ok"),
        ("acoustic guitar", {"acoustic guitar"}, "ok"),
        # What is not in the set stays a wrong item.
        ("drums, kazoo", {"drums", "kazoo"}, "ok"),
        ("I hear drums with a piano in a slow and dark piece.", {"drums", "piano"}, "ok"),
        ("There are drums but no piano here.", {"drums"}, "ok"),
        ("none", set(), "ok"),
        ("[]", set(), "ok"),
        ("kazoo, theremin", None, "out_of_set"),
        ("", None, "empty"),
    ],
)
def test_sets_of_labels(text: str, value: set[str] | None, status: str) -> None:
    found, how = read("beat_level_instrument_recognition", text, PIECES)
    assert (None if found is None else set(found), how) == (value, status)  # type: ignore[call-overload]


@pytest.mark.parametrize(
    "text",
    [
        "dog bark, car horn, rain",
        "dog bark -> car horn -> rain",
        "dog bark, then car horn, then rain",
        "1. dog bark\n2. car horn\n3. rain",
        "['dog bark', 'car horn', 'rain']",
        "First a dog bark, followed by a car horn and finally rain.",
        "Sounds: Dog bark; car horn; rain.",
    ],
)
def test_sequences(text: str) -> None:
    events = ("dog bark", "car horn", "rain", "door")
    assert read("sound_event_sequence_recognition", text, events)[0] == events[:3]


def test_labels_of_an_open_set_are_kept_as_they_are_said() -> None:
    assert read("artist_identification", ' The answer is: "Manolo Camp". ') == ("manolo camp", "ok")
    assert read("music_tagging", "tags: Rock,  electric guitar.")[0] == {"rock", "electric guitar"}


def test_a_name_of_two_labels_is_nobodys() -> None:
    # "drum" is another name of "drums"; with both in the set each is itself.
    both = matcher(("drum", "drums"))
    assert [m.label for m in both.mentions("a drum and drums")] == ["drum", "drums"]
    assert label_key("Hip-Hop") == label_key("hip hop") == label_key("HIP_HOP") == "hiphop"
    assert label_key("français") == label_key("Francais")


def test_a_copy_of_the_prompt_is_no_answer() -> None:
    prompt = "Format: 0.10-1.20 dog bark; 1.50-2.00 car horn."
    copied = "0.10-1.20 dog bark; 1.50-2.00 car horn"
    assert read("sound_event_detection", copied, prompt=prompt) == (None, "prompt_echo")
    assert read("sound_event_detection", copied)[1] == "ok"
    # A label has to stand in the prompt: it is no echo.
    asked = "One of: jazz, pop. Example 1: jazz"
    assert read("genre_classification", "jazz", GENRES, prompt=asked) == ("jazz", "ok")


def test_a_sentence_that_names_its_label_is_read_without_looking_for_a_lead_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    row = catalogue.get("emotion_recognition")
    looked_at: list[str] = []

    def record(task: TaskRow, text: str) -> str:
        looked_at.append(text)
        return text

    monkeypatch.setattr(answer_text, "without_lead_in", record)
    assert parse(row, "I think that in this clip the speaker sounds happy.").value == "happy"
    assert not looked_at
    parse(row, "The emotion: thrilled")
    assert looked_at
