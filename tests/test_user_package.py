"""A task that a user's own package brings: it must show up wherever the 80 do."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]

MODULE = """
from pathlib import Path

from audioflan_tasks.metrics import register_metric
from audioflan_tasks.catalogue import InputPiece, Major, TaskRow

@register_metric(
    "breath_bias", unit="breaths", better="lower", best=0.0, worst=100.0, high=100.0,
    reads="number", library="breath_tasks", reference="Mean of |answer - reference|, at most 100",
)
def bias(batch):
    errors = [100.0 if a is None else min(100.0, abs(a - r))
              for r, a in zip(batch.references, batch.answers)]
    return {"breath_bias": sum(errors) / len(errors)}


ROWS = [
    TaskRow(
        minor="Breath Counting",
        group=Major("Breath Analysis", "audio", "understanding", 0),
        definition="Say how many breaths are heard in a recording.",
        inputs=(InputPiece("audio", "audio"),),
        writes=("text",),
        answer="number",
        metrics=("mae", "breath_bias"),
        pool=str(Path(__file__).with_name("breath_counting.toml")),
    )
]
"""

POOL = """
task = "breath_counting"

[[instruction]]
ask = "Count the breaths in this recording."
mood = "command"

[[instruction]]
ask = "How often does the reader take a breath?"
mood = "question"

[inputs]
audio = ["", "Recording: "]

[answer]
lead_ins = ["", "Breaths: "]
"""

STREAM = """
import json

import audioflan_tasks, seqio

task = seqio.get_mixture_or_task("audioflan_breath_counting")
example = next(task.get_dataset(seed=1).as_numpy_iterator())
vocabulary = task.output_features["inputs"].vocabulary
mixtures = ("audioflan_all", "audioflan_audio", "audioflan_understanding", "audioflan_seen",
            "audioflan_major_breath_analysis")
mixed = next(seqio.get_mixture_or_task("audioflan_all").get_dataset(seed=1).as_numpy_iterator())
print(json.dumps({
    "asked": "".join(s.text for s in vocabulary.decode_segments(example["inputs"])),
    "answer": example["targets_pretokenized"].decode(),
    "major": example["major"].decode(),
    "mixed": mixed["task"].decode(),
    "in": [n for n in mixtures
           if task.name in [t.name for t in seqio.get_mixture_or_task(n).tasks]],
    "score": task.metric_fns[0](["4"], ["Breaths: 5"]),
    "own": task.metric_fns[1](["4", "4"], ["Breaths: 6", "many"]),
}))
"""


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An installed package with an entry point, and a corpus of its task."""
    site = tmp_path_factory.mktemp("site")
    (site / "breath_tasks.py").write_text(MODULE)
    (site / "breath_counting.toml").write_text(POOL)
    info = site / "breath_tasks-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: breath-tasks\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[audioflan_tasks.tasks]\nbreath = breath_tasks:ROWS\n"
        "[audioflan_tasks.metrics]\nbreath_bias = breath_tasks:bias\n"
    )
    corpus = tmp_path_factory.mktemp("corpus")
    shutil.copy(ROOT / "tests" / "data" / "librivox_0870.flac", corpus / "reading.flac")
    record = {
        "instruction": "Count the breaths.", "input": "<|SOA|>reading<|EOA|>", "output": "4",
        "uuid": "breath-1", "split": ["train"], "domain": "audio", "audio_path": "reading.flac",
        "task_type": {"major": ["Breath Analysis"], "minor": ["breath counting"]},
    }  # fmt: skip
    (corpus / "breath.jsonl").write_text(json.dumps(record) + "\n")
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(site)]),
        "AUDIOFLAN_DATA_DIR": str(corpus),
        "AUDIOFLAN_CACHE_DIR": str(tmp_path_factory.mktemp("cache")),
    }


def run(environment: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, env=environment, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def test_the_command_line_knows_it(environment: dict[str, str]) -> None:
    cli = ("-m", "audioflan_tasks.cli")
    assert "breath_counting" in run(environment, *cli, "tasks", "--domain", "audio")
    assert "audioflan_major_breath_analysis" in run(environment, *cli, "tasks", "--mixtures")
    assert "How often does the reader" in run(environment, *cli, "show", "breath_counting")
    assert "reading" in run(environment, *cli, "preview", "breath_counting", "--count", "1")
    report = json.loads(
        run(environment, *cli, "check", environment["AUDIOFLAN_DATA_DIR"], "--json")
    )
    assert report["records"] == 1


def test_seqio_streams_mixes_and_scores_it(environment: dict[str, str]) -> None:
    made = json.loads(run(environment, "-c", STREAM))
    assert any(words in made["asked"] for words in ("Count the breaths", "How often does"))
    assert made["answer"] == "4"
    assert made["major"] == "Breath Analysis"
    assert made["mixed"] == "audioflan_breath_counting"
    assert len(made["in"]) == 5
    assert made["score"]["mae"] == 1.0
    assert made["own"] == {"breath_bias": 51.0, "breath_bias_unparsed": 0.5}
