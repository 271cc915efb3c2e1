"""The notation of rules, and which sentences they allow."""

from __future__ import annotations

import itertools

import pytest

from audioflan_tasks.errors import TemplateError
from audioflan_tasks.preprocessors.phrase_matcher import PhraseMatcher
from audioflan_tasks.preprocessors.phrase_rules import parse_rule
from audioflan_tasks.preprocessors.wording import FACT

RULES = {
    "who": "the (speaker/talker | person [who] speaking)",
    "never": "<>",
    "empty": "",
}


def allows(rule: str, sentence: str) -> bool:
    words = sentence.replace("@", FACT).split()
    return "rule" in PhraseMatcher(RULES | {"rule": rule}, ("rule",)).names(words)


@pytest.mark.parametrize(
    ("rule", "sentences", "other_sentences"),
    [
        ("the gender", ["the gender"], ["gender", "the gender now", "gender the", ""]),
        ("gender/vocal_sex", ["gender", "vocal sex"], ["vocal", "gender sex"]),
        ("clip+", ["clip", "clips"], ["cliping", "clipss"]),
        ("body+/class+", ["body", "bodies", "class", "classes"], ["bodys"]),
        ("tag*", ["tag", "tagging", "taging"], ["tags", "tagged"]),
        ("make*_it", ["make it", "making it"], ["made it", "make"]),
        (
            "a [very] [big/old] clip",
            ["a clip", "a very old clip"],
            ["a old very clip", "very clip"],
        ),
        ("(a man | two men) speak", ["a man speak", "two men speak"], ["a two men speak", "speak"]),
        ("{please/kindly} go", ["go", "please kindly please go"], ["go please", "please"]),
        ("{please | would you} go", ["would you please go"], ["would please go"]),
        ("hear <who>", ["hear the talker", "hear the person speaking"], ["hear the person"]),
        ("into @", ["into @"], ["into french", "into"]),
        ("<never> | hear", ["hear"], [""]),
        ("hear [<never>]", ["hear"], ["hear hear"]),
        ("hear <never>", [], ["hear", ""]),
        ("hear <empty>", ["hear"], [""]),
        ("[the]/<who> gender", ["gender", "the gender", "the speaker gender"], ["speaker gender"]),
        ("{[please]} go", ["go", "please please go"], ["please"]),
    ],
)
def test_what_a_rule_allows(rule: str, sentences: list[str], other_sentences: list[str]) -> None:
    assert all(allows(rule, sentence) for sentence in sentences)
    assert not any(allows(rule, sentence) for sentence in other_sentences)


def test_a_rule_is_in_one_spelling() -> None:
    assert allows("recognise*", "recognize") and allows("recognise*", "recognizing")


@pytest.mark.parametrize("rule", ["[a", "a]", "(a | b", "a / | b", "a/", "{a)"])
def test_broken_rules_are_told(rule: str) -> None:
    with pytest.raises(TemplateError, match="unexpected"):
        parse_rule(rule)


def test_a_rule_that_is_not_there_is_told() -> None:
    with pytest.raises(TemplateError, match=r"no rule <whom>.*who"):
        allows("hear <whom>", "hear")


@pytest.mark.slow
def test_a_rule_that_begins_with_itself_is_told() -> None:
    with pytest.raises(TemplateError, match="begins with itself"):
        PhraseMatcher({"rule": "[please] <rule> go"}, ("rule",)).names(["go"])


def test_several_rules_are_looked_for_at_once() -> None:
    matcher = PhraseMatcher({"one": "a [b]", "other": "a/c b"}, ("one", "other"))
    names = {words: matcher.names(words) for words in ("a", "ab", "cb", "b", "abc")}
    assert names == {
        "a": {"one"}, "ab": {"one", "other"}, "cb": {"other"}, "b": set(), "abc": set(),
    }  # fmt: skip


def test_the_order_of_sentences_does_not_matter() -> None:
    sentences = ["go", "please go", "go please", "please kindly go", "stay"]
    for order in itertools.permutations(sentences):
        matcher = PhraseMatcher({"rule": "{please/kindly} go"}, ("rule",))
        allowed = [sentence for sentence in order if matcher.names(sentence.split())]
        assert sorted(allowed) == ["go", "please go", "please kindly go"]
