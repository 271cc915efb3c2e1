"""Fact sheets, the document made of them, and what an import costs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from audioflan_tasks import catalogue
from audioflan_tasks.metrics import METRICS, metrics_of, metrics_on_scores

ROOT = Path(__file__).parents[2]


def test_sheets_are_filled_in_and_consistent() -> None:
    for name, info in METRICS.items():
        assert name == info.name
        assert info.low <= info.best <= info.high
        assert info.low <= info.worst <= info.high or abs(info.worst) == float("inf")
        assert (info.worst < info.best) == (info.better == "higher")
        assert len(info.reference) > 10
        assert info.library
        assert info.on_empty
        assert not info.module or info.extra


def test_every_task_has_a_metric_that_a_plain_install_can_compute() -> None:
    for row in catalogue.tasks():
        for info in metrics_of(row):
            assert not info.extra, (row.id, info.name)
            assert not set(info.needs) & {"scores", "judge"}, (row.id, info.name)
        assert METRICS[row.metrics[0]].needs == ()
        asked = (*metrics_on_scores(row), *row.optional_metrics)
        assert set(asked) <= set(METRICS)
        assert not set(asked) & set(row.metrics)


def test_every_metric_is_named_by_a_task_but_the_tempo() -> None:
    named = {
        name
        for row in catalogue.tasks()
        for name in (*row.metrics, *metrics_on_scores(row), *row.optional_metrics)
    }
    assert set(METRICS) - named == {"tempo_accuracy"}


def test_the_document_is_up_to_date() -> None:
    check = [sys.executable, str(ROOT / "scripts" / "metric_table.py"), "--check"]
    done = subprocess.run(check, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    text = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
    for row in catalogue.tasks():
        assert text.count(f"\n| {row.minor} | ") == 1


def test_importing_the_metrics_imports_no_library_of_them() -> None:
    code = (
        "import sys, audioflan_tasks.metrics as m; from audioflan_tasks import catalogue;"
        "m.parse(catalogue.get('chord_estimation'), '0-2 Am7');"
        "print([n for n in sys.modules if n in {names!r}])"
    )
    heavy = {
        "jiwer", "sacrebleu", "mir_eval", "sklearn", "rouge_score", "pystoi", "fast_bss_eval",
        "pyannote", "mel_cepstral_distance", "nltk", "scipy", "soundfile", "tensorflow", "seqio",
        "torch", "transformers", "pesq", "pyworld", "onnxruntime", "whisper_normalizer", "rich",
        "pandas", "librosa",
    }  # fmt: skip
    code = code.replace("{names!r}", repr(heavy))
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("folder", ["metrics", "metrics/parsing"])
def test_files_are_small(folder: str) -> None:
    for file in (ROOT / folder).glob("*.py"):
        assert len(file.read_text(encoding="utf-8").splitlines()) < 330, file
