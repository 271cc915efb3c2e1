"""Reports by hand-worked numbers, pages, lock files, findings."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from audioflan_tasks.errors import MixtureError
from audioflan_tasks.mixtures import mixture, mixture_named, paper_sizes
from audioflan_tasks.mixtures.plan.plan import Plan
from audioflan_tasks.mixtures.reporting.html import as_html, write_png
from audioflan_tasks.mixtures.reporting.lint import lint
from audioflan_tasks.mixtures.spec.lock import lock, read_lock

PAPER = paper_sizes()
SIZES = {
    "audioflan_denoising": 900, "audioflan_key_detection": 90, "audioflan_audio_caption": 10,
}  # fmt: skip
EVEN = mixture(*SIZES, policy="equal")


def test_a_report_by_hand() -> None:
    found = EVEN.report(
        SIZES, steps=300, tokens=dict(zip(SIZES, (10, 20, 70), strict=True)),
        seconds=dict(zip(SIZES, (36, 0, 108), strict=True)),
    )  # fmt: skip
    lines = {line.name: line for line in found.levels["task"]}
    caption = lines["audio_caption"]
    assert caption.instances == 10
    assert (caption.size_share, caption.share) == pytest.approx((0.01, 1 / 3))
    assert (caption.epochs, caption.tokens, caption.hours) == pytest.approx((10, 0.7, 3))
    assert caption.seconds == pytest.approx(0.75)
    assert caption.notes == "over-repeated"
    assert lines["denoising"].notes == ""
    domains = {line.name: line.share for line in found.levels["domain"]}
    assert domains == pytest.approx({"speech": 1 / 3, "music": 1 / 3, "audio": 1 / 3})
    assert found.notes()[0].endswith("audio_caption")
    short = EVEN.report({**SIZES, "audioflan_audio_caption": 0}, steps=30)
    assert short.left_out == ("audioflan_audio_caption",)
    assert {line.notes for line in short.levels["task"]} == {"starved"}
    assert all(line.tokens is None for line in short.levels["major"])
    with pytest.raises(MixtureError, match="at least 1"):
        EVEN.report(SIZES, steps=0)


def test_a_report_follows_a_schedule_and_a_cap() -> None:
    points = [[0, {"denoising": 1}], [100, {"key_detection": 1}]]
    ramp = mixture("denoising", "key_detection", shape="linear", points=points)
    lines = {line.name: line for line in ramp.report(SIZES, steps=100).levels["task"]}
    assert lines["denoising"].share == pytest.approx(0.5)
    assert lines["denoising"].rate == pytest.approx(1.0)
    capped = mixture(*SIZES, policy="equal", max_epochs=2, steps=300).report(SIZES, steps=300)
    assert any("held by the cap" in note and "audio_caption" in note for note in capped.notes())
    assert {line.name: line for line in capped.levels["task"]}[
        "audio_caption"
    ].epochs == pytest.approx(2)


@pytest.mark.slow
def test_pages_show_every_line(tmp_path: Path) -> None:
    found = mixture_named("audioflan_all").report(PAPER, steps=10**7)
    page = as_html("all <tasks>", found)
    assert "all &lt;tasks&gt;" in page
    assert page.count("<tr>") == 4 + 80 + 23 + 3 + 2
    assert page.count('class="bar after"') == 108
    assert "http" not in page
    pytest.importorskip("matplotlib")
    write_png("all", found, tmp_path / "x.png")
    assert (tmp_path / "x.png").read_bytes()[:4] == b"\x89PNG"


def test_a_lock_gives_the_same_stream(tmp_path: Path) -> None:
    mix = mixture(
        "music", shape="linear", points=[[0, "size"], [5000, "temperature"]], tags={"a": "b"}
    )
    found = mix.resolve(PAPER)
    path = tmp_path / "m.lock.json"
    path.write_text(lock(mix, found, split="train", sources="", version="1"))
    held = read_lock(path)
    assert held.fingerprint == mix.fingerprint == mixture_named(path).fingerprint
    again = held.resolve(PAPER)
    for one, other in zip(found.shares.pieces, again.shares.pieces, strict=True):
        assert np.array_equal(one.begin, other.begin)
        assert np.array_equal(one.end, other.end)
    a, b = (Plan(r.shares, r.sizes, 4).take(4000, 3000) for r in (found, again))
    assert np.array_equal(a.row, b.row)
    assert held.tags["audioflan_key_detection"] == {"a": "b"}
    with pytest.raises(
        MixtureError, match=r"key_detection had .* rows when the mixture was locked"
    ):
        held.resolve({**PAPER, "audioflan_key_detection": 3})
    path.write_text(json.dumps({"lock": 2}))
    with pytest.raises(MixtureError, match=r"m.lock.json: .*version 2"):
        read_lock(path)
    path.write_text("[]")
    with pytest.raises(MixtureError, match="not a lock file"):
        read_lock(path)


def test_lint(tmp_path: Path) -> None:
    for name in ("audioflan_seen", "audioflan_unseen"):
        assert all("overlap" in finding.message for finding in lint(name, PAPER))
    said = [f.message for f in lint("audioflan_all", PAPER)]
    assert any("is held out" in s for s in said)
    assert any("key_comparison and audioflan_key_detection overlap" in s for s in said)
    path = tmp_path / "m.toml"
    path.write_text(
        '[[group]]\nname="a"\nselect=["music"]\n[[group]]\nname="b"\nselect=["music"]\n'
    )
    (finding,) = lint(str(path), PAPER)
    assert finding.kind == "error"
    assert "stands twice" in finding.message
    path.write_text('select = ["denoising", "key_detection"]\n')
    said = [f.message for f in lint(str(path), {"audioflan_denoising": 5})]
    assert any("key_detection has no records" in s for s in said)
    (finding,) = lint(str(path), {})
    assert finding.kind == "error"
    path.write_text("weights = { denoising = 1, key_detection = 1e-9 }\n")
    assert any("one example in a million" in f.message for f in lint(str(path), PAPER))
