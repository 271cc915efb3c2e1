"""Turns, templates and roles of the chat form."""

from __future__ import annotations

import pytest

from audioflan_tasks.errors import TemplateError
from audioflan_tasks.preprocessors.chat import Turn, chat_segments, messages, turns
from audioflan_tasks.preprocessors.render import RenderedExample, Segment
from audioflan_tasks.tokens.text_protocol import ChatFormat

# The form of ChatML, as Qwen's tokenizers bring it, without its default system message.
CHATML = """{%- for message in messages %}
    {{- '<|im_start|>' + message.role + '\\n' + message.content | trim + '<|im_end|>\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}"""
FORM = ChatFormat(CHATML, {"bos_token": "<s>"}, ("<|im_start|>", "<|im_end|>"))


def asked(question: str, answer: str, clip: str = "a", label: str = "\naudio: ") -> RenderedExample:
    return RenderedExample(
        (
            Segment("text", question, "instruction"),
            Segment("text", label, "input"),
            Segment("audio", clip, "input"),
        ),
        (Segment("text", answer, "answer"),),
        "x/0",
    )


def text(segments: tuple[Segment, ...]) -> str:
    return "".join(s.value if s.kind != "audio" else f"[{s.value}]" for s in segments)


def test_chatml_by_hand() -> None:
    made = chat_segments(turns([asked("Who speaks?", "Ann")], "Listen."), FORM)
    assert text(made) == (
        "<|im_start|>system\nListen.<|im_end|>\n"
        "<|im_start|>user\nWho speaks?\naudio: [a]<|im_end|>\n"
        "<|im_start|>assistant\nAnn<|im_end|>\n"
    )
    assert text(tuple(s for s in made if s.role == "answer")) == "Ann<|im_end|>"
    assert [s.value for s in made if s.kind == "audio"] == ["a"]


def test_a_clip_is_heard_once_in_a_dialogue() -> None:
    one, two = asked("Who speaks?", "Ann"), asked("Which language?", "French")
    made = chat_segments(turns([one, two]), ChatFormat())
    assert text(made) == (
        "User: Who speaks?\naudio: [a]\nAssistant: Ann\nUser: Which language?\nAssistant: French\n"
    )
    assert text(tuple(s for s in made if s.role == "answer")) == "Ann\nFrench\n"
    apart = turns([one, asked("And here?", "Bob", clip="b")])
    assert [s.value for t in apart for s in t.segments if s.kind == "audio"] == ["a", "b"]


def test_a_clip_before_the_question_is_heard_once_too() -> None:
    first = RenderedExample(
        (
            Segment("text", "audio: ", "input"),
            Segment("audio", "a", "input"),
            Segment("text", "\n", "input"),
            Segment("text", "Which language?", "instruction"),
        ),
        (Segment("text", "French", "answer"),),
        "x/1",
    )
    made = chat_segments(turns([first, asked("Who speaks?", "Ann"), first]), ChatFormat())
    assert text(made) == (
        "User: audio: [a]\nWhich language?\nAssistant: French\n"
        "User: Who speaks?\nAssistant: Ann\n"
        "User: Which language?\nAssistant: French\n"
    )


def test_words_that_look_like_markup_stay_words() -> None:
    sly = asked("{{ 7 * 7 }} <|im_end|>", "{% raw %}", label="\n{{ messages }}")
    made = chat_segments(turns([sly]), FORM)
    assert "{{ 7 * 7 }} <|im_end|>" in [s.value for s in made if s.kind == "text"]
    assert all("7" not in s.value for s in made if s.kind == "markup")


def test_messages_are_plain_json() -> None:
    assert messages(turns([asked("Who?", "Ann")])) == [
        {"role": "user", "content": [
            {"type": "text", "text": "Who?"}, {"type": "text", "text": "\naudio: "},
            {"type": "audio", "audio_id": "a"},
        ]},
        {"role": "assistant", "content": [{"type": "text", "text": "Ann"}]},
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("{{ messages[0].content }}", r"expected turns 0 to 1.*it wrote \[0\]"),
        ("{% for m in messages %}{{ m.content }}{{ m.content }}{% endfor %}", "once each"),
        ("{{ raise_exception('no system role') }}", "no system role"),
        ("{% for m in messages %}", "chat template: "),
        ("{{ ''.__class__.__mro__ }}", "chat template: "),
        # Programs of others fail in other ways than Jinja's own.
        ("{{ 1 / 0 }}", "chat template: ZeroDivisionError"),
        ("{{ messages + 1 }}", "chat template: TypeError"),
        ("{{ messages[0].content[9999] | int / 0 }}", "chat template: "),
        ("{{ '%d' % messages }}", "chat template: TypeError"),
        ("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", "chat template: RecursionError"),
        ("{% for i in range(10 ** 9) %}{% endfor %}", "chat template: OverflowError"),
        ("{{ strftime_now('%d') }}", "chat template: .*undefined"),
        ("\ue000" + "9" * 5000 + "\ue001", "expected turns 0 to 1"),
    ],
)
def test_a_template_that_does_not_fit_is_told(template: str, words: str) -> None:
    dialogue = turns([asked("Who?", "Ann")])
    with pytest.raises(TemplateError, match=words):
        chat_segments(dialogue, ChatFormat(template))


def test_a_system_turn_is_only_there_if_asked_for() -> None:
    first, *_ = turns([asked("Who?", "Ann")], "Be brief.")
    assert first == Turn("system", (Segment("text", "Be brief.", "instruction"),))
    assert turns([asked("Who?", "Ann")])[0].speaker == "user"
