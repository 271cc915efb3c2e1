"""Fact sheets, the document made of them, and what an import costs."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from audioflan_tasks import catalogue
from audioflan_tasks.errors import MissingExtraError
from audioflan_tasks.evaluation import evaluate
from audioflan_tasks.metrics import METRICS, metrics_of, metrics_on_scores, score

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
        # A judge says itself what is missing.
        assert "judge" in info.needs or bool(info.module) == bool(info.extra)


def test_the_extra_of_a_metric_brings_its_library() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needs = {"": project["dependencies"], **project["optional-dependencies"]}
    names = {
        extra: {canonicalize_name(Requirement(line).name) for line in lines}
        for extra, lines in needs.items()
    }
    for name, info in METRICS.items():
        if info.library not in ("audioflan_tasks", "numpy") and "judge" not in info.needs:
            assert canonicalize_name(info.library) in names[info.extra], name


def test_a_missing_library_is_named_with_its_pip_line_before_a_model_is_asked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "pyannote.metrics", None)  # as if it were not there
    line = r"'der' needs the package 'pyannote.metrics'.*pip install 'audioflan_tasks\[metrics\]'"
    questions: list[str] = []
    with pytest.raises(MissingExtraError, match=line):
        evaluate(lambda prompt: questions.append(prompt.key), "speaker_diarization", tmp_path)
    assert not questions and not list(tmp_path.iterdir())
    with pytest.raises(MissingExtraError, match=line):
        score(catalogue.get("speaker_diarization"), ["0.0-1.0 a"], ["0.0-1.0 a"])


def test_every_metric_of_a_task_needs_one_extra_at_most() -> None:
    """A plain install has the metrics of labels and music, `metrics` brings all of a task."""
    for row in catalogue.tasks():
        for info in metrics_of(row):
            assert info.extra in ("", "metrics"), (row.id, info.name)
            if row.answer_kind.name == "label":
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


@pytest.mark.slow
def test_the_document_is_up_to_date() -> None:
    check = [sys.executable, str(ROOT / "scripts" / "metric_table.py"), "--check"]
    done = subprocess.run(check, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    text = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
    for row in catalogue.tasks():
        assert text.count(f"\n| {row.minor} | ") == 1


@pytest.mark.slow
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
