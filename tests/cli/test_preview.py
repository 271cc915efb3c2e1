"""`audioflan preview` shows the stream of a trainer."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
import soundfile

from audioflan_tasks.cli.preview import _file_stem
from audioflan_tasks.config import settings
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.engine.stream import Stream
from audioflan_tasks.mixtures import mixture_named
from tests.cli.conftest import Run


@pytest.mark.slow
@pytest.mark.parametrize(("name", "seed"), [("audioflan_all", 0), ("audioflan_music", 7)])
def test_the_examples_are_those_of_the_stream(
    run: Run, quick_tokens: None, name: str, seed: int
) -> None:
    printed = run("preview", name, "--count", "12", "--seed", seed)
    stream = Stream(mixture_named(name), Corpus(), seed=seed)
    draws = stream.draws(np.arange(12))
    instances = [
        stream.rows.instance(stream.tasks[task], row)
        for task, row in zip(draws.task.tolist(), draws.row.tolist(), strict=True)
    ]
    headings = re.findall(
        r"^\[(\d+)\] (\w+) .* template (\S+)(?: \(\w+\))? uuid (\w+)$", printed, re.MULTILINE
    )
    assert [int(step) for step, *_ in headings] == list(range(12))
    assert [uuid for *_, uuid in headings] == [instance.uuid for instance in instances]
    examples = stream.examples(np.arange(12))
    for (_, task, template, _), entry in zip(headings, examples, strict=True):
        assert entry.example is not None
        facts = entry.example.provenance
        assert (task, template) == (facts["task"], facts["template"])
        assert f"ids: {len(entry.example.inputs)} in [" in printed


@pytest.mark.slow
def test_a_file_is_previewed(run: Run, quick_tokens: None, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text('select = ["key_detection", "denoising"]')
    printed = run("preview", tmp_path / "mine.toml", "--count", "8")
    assert printed.count("audioflan_key_detection") + printed.count("audioflan_denoising") == 8


@pytest.mark.slow
def test_the_languages_of_the_settings(
    run: Run, quick_tokens: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "languages", ("zh",))
    printed = run("preview", "gender_recognition", "--count", "4")
    assert printed.count("template gender_recognition/zh/") == 4
    assert "性别" in printed


@pytest.mark.slow
def test_every_span_is_written_with_its_round_trip(run: Run, tmp_path: Path) -> None:
    arguments = ("preview", "denoising", "--count", "1", "--out", str(tmp_path / "wav"))
    printed = run(*arguments)
    assert "audioflan_denoising" in printed
    assert len(list((tmp_path / "wav").glob("*.original.wav"))) == 2
    assert len(list((tmp_path / "wav").glob("*.roundtrip.wav"))) == 2
    assert run(*arguments) == printed


def test_two_ids_never_have_one_file() -> None:
    long = "x" * 200
    ids = ["a/b", "a_b", "a%2Fb", "a+b", "a b", "A", "..", ".", "", "é", "\ud800", "a\0b", "\n",
           long, long + "y", f"{long[:120]}+"]  # fmt: skip
    stems = [_file_stem(audio_id) for audio_id in ids]
    assert len(set(stems)) == len(ids)
    assert not any(mark in stem for stem in stems for mark in "/\0\n")
    assert max(map(len, stems)) < 200
    assert _file_stem("01_Asterisk_EN_12") == "01_Asterisk_EN_12"


@pytest.mark.slow
def test_a_mixture_of_one_task_in_another_split(run: Run, quick_tokens: None) -> None:
    printed = run("preview", "audioflan_major_audio_caption", "--count", "2", "--split", "test")
    assert printed.count("audioflan_audio_caption (audio / Audio Caption") == 2
    assert "<|SOA|>" in printed


def test_nothing_to_preview(run: Run, tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_text("")
    message = run("preview", "denoising", "--root", str(tmp_path / "x.jsonl"), status=2)
    assert "no task of the mixture has a split 'train' with records" in message


@pytest.mark.slow
def test_a_page_plays_every_span(run: Run, quick_tokens: None, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    printed = run("preview", "denoising", "--count", "2", "--html", str(page))
    assert f"wrote {page}" in printed
    text = page.read_text("utf-8")
    tree = ElementTree.fromstring(re.sub(r"<(meta [^>]*)>", r"<\1/>", text.split("\n", 1)[1])
                                  .replace("<audio controls", "<audio"))  # fmt: skip
    players = tree.findall(".//audio")
    assert len(players) == 2 * 2 * 2  # examples, clips, original and round trip
    stream = Stream(mixture_named("denoising"), Corpus(), seed=0)
    for player, length in zip(players, _clip_lengths(stream, 2), strict=True):
        kind, data = player.attrib["src"].split(",", 1)
        assert kind == "data:audio/flac;base64"
        samples, rate = soundfile.read(io.BytesIO(base64.b64decode(data)))
        assert rate == stream.maker.tokenizer.sample_rate
        assert abs(len(samples) - length) <= rate / stream.maker.tokenizer.frame_rate


def _clip_lengths(stream: Stream, steps: int) -> Iterator[int]:
    """Samples of every clip, twice: it is played as it is and as tokens."""
    draws = stream.draws(np.arange(steps))
    for task, row in zip(draws.task.tolist(), draws.row.tolist(), strict=True):
        instance = stream.rows.instance(stream.tasks[task], row)
        for audio_id in instance.audio_ids:
            samples = Corpus().audio(audio_id, stream.maker.tokenizer.sample_rate, instance)
            yield from (len(samples), len(samples))
