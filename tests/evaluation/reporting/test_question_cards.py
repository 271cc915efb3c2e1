"""Sample questions in the report of a run."""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
import soundfile

from audioflan_tasks.evaluation import evaluate
from audioflan_tasks.evaluation.answers import Failure
from audioflan_tasks.evaluation.prompt import Prompt
from audioflan_tasks.evaluation.reporting.question_cards import STATUS_WORDS
from audioflan_tasks.evaluation.sample_questions import AudioSpace
from audioflan_tasks.metrics import Status

_QUICK: dict[str, Any] = {"baselines": [], "proof_of_hearing": 0}
_HOSTILE = "</dd><script>alert(1)</script><img src=x onerror=alert(2)>&\"'"


def _page(folder: Path) -> ElementTree.Element:
    text = (folder / "report.html").read_text("utf-8")
    assert "<script" not in text and "<img" not in text
    xml = re.sub(r"<(meta [^>]*)>", r"<\1/>", text.split("\n", 1)[1])
    for old, new in (("<audio controls", "<audio"), ("<details open", "<details"), ("<wbr>", "")):
        xml = xml.replace(old, new)
    return ElementTree.fromstring(re.sub(r"class=(\w+)", r'class="\1"', xml))


def _cards(folder: Path) -> list[ElementTree.Element]:
    return _page(folder).findall(".//div[@class='card']")


def _facts(card: ElementTree.Element) -> dict[str, str]:
    terms = ["".join(term.itertext()) for term in card.iter("dt")]
    return dict(zip(terms, ["".join(d.itertext()) for d in card.iter("dd")], strict=True))


@pytest.mark.slow
def test_a_hostile_answer_is_shown_as_it_is_with_its_status(tmp_path: Path) -> None:
    numbers = iter(range(99))

    def model(prompt: Prompt) -> object:
        number = next(numbers)
        if number == 0:
            return Failure("timeout", _HOSTILE)
        return _HOSTILE if number == 1 else prompt.instance.output

    evaluate(model, "key_detection", tmp_path, limit=9, **_QUICK)
    cards = _cards(tmp_path)
    assert len(cards) == 6
    headings = ["".join(card[0].itertext()) for card in cards]
    # All but one have the best score, and are not the worst.
    assert [heading.split(":")[0] for heading in headings] == ["worst"] + ["random"] * 5
    worst = _facts(cards[0])
    assert worst["answer"] == _HOSTILE and worst["status"].startswith("not counted as right")
    assert worst["key_score ↑"] == "0"
    for card in cards[1:]:
        facts = _facts(card)
        if facts["status"].startswith("left out of the score"):
            assert facts["status"] == f"left out of the score: timeout: {_HOSTILE}"
            assert "key_score ↑" not in facts
        else:
            assert (facts["status"], facts["key_score ↑"]) == ("read", "1")
            assert facts["answer"] == facts["reference"]


@pytest.mark.slow
def test_the_audio_of_question_reference_and_answer_is_heard(tmp_path: Path) -> None:
    answer = np.linspace(-0.5, 0.5, 8000, dtype=np.float32)
    evaluate(lambda prompt: (answer, 8000), "denoising", tmp_path, limit=2, **_QUICK)
    for card in _cards(tmp_path):
        players = card.findall(".//audio")
        rates = []
        for player in players:
            kind, data = player.attrib["src"].split(",", 1)
            assert kind == "data:audio/flac;base64"
            samples, rate = soundfile.read(io.BytesIO(base64.b64decode(data)), dtype="float32")
            rates.append(rate)
        assert rates == [16_000, 16_000, 8000]  # what is heard, the reference, the answer
        assert np.abs(samples - answer).max() < 2**-15


def test_nothing_is_shown_where_nothing_is_kept(tmp_path: Path) -> None:
    evaluate(lambda p: "no idea", "key_detection", tmp_path, limit=2, log_samples=False, **_QUICK)
    assert not _cards(tmp_path)
    assert "Sample questions" not in (tmp_path / "report.html").read_text("utf-8")


def test_a_page_holds_no_more_audio_than_it_may() -> None:
    noise = np.random.default_rng(0).uniform(-1, 1, 16_000).astype(np.float32)
    space = AudioSpace(tasks=2, space=100_000)  # a second of noise is about 32 kB
    assert not space.clip(noise, 16_000).flac  # no task has begun
    space.open_task()
    clips = [space.clip(noise, 16_000) for _ in range(3)]
    assert [bool(clip.flac) for clip in clips] == [True, False, False]
    assert clips[1].seconds == 1.0 and "full" in clips[1].note
    space.open_task()
    clips += [space.clip(noise, 16_000) for _ in range(4)]
    assert 64_000 < sum(len(clip.flac) for clip in clips) <= 100_000
    beginning = AudioSpace(1)
    beginning.open_task()
    clip = beginning.clip(np.zeros(16_000 * 21, np.float32), 16_000)
    assert clip.seconds == 21.0 and clip.note == "the first 20 s"
    assert soundfile.info(io.BytesIO(clip.flac)).duration == 20.0


def test_every_status_has_words() -> None:
    assert set(STATUS_WORDS) == set(Status)
