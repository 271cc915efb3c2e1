"""Postprocessors of tasks whose answer is audio."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from audioflan_tasks import catalogue, settings
from audioflan_tasks.audio.load import load
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.demo import demo_root
from audioflan_tasks.errors import MissingAudioError
from audioflan_tasks.metrics import AudioAnswer
from audioflan_tasks.seqio_tasks.task import AudioFlanTask, make_task

pytestmark = pytest.mark.usefixtures("quick_tokens")

RATE = 16_000


def task_over(folder: Path, task: str, count: int = 2) -> AudioFlanTask:
    """A task over a folder of JSONL in which only `audio_path` says where the audio is."""
    demo, records = Corpus(demo_root()), []
    for row in range(count):
        instance = demo.instance(task, "train", row).replace(split="test")
        paths: list[str] = []
        for audio_id in instance.audio_ids:
            place = demo.clip_reader.place(audio_id)
            if place is None:
                pytest.skip("the demo's record is simulated")
            name = f"{row}_{len(paths)}{place.path.suffix}"
            shutil.copy(place.path, folder / name)
            paths.append(name)
        renamed = [(audio_id, f"own_{row}_{n}") for n, audio_id in enumerate(instance.audio_ids)]
        changes = {"input": instance.input, "output": instance.output}
        for old, new in renamed:
            changes = {k: v.replace(f"|>{old}<|", f"|>{new}<|") for k, v in changes.items()}
        record = instance.replace(**changes, uuid=f"u{row}", audio_path=tuple(paths)).record()
        records.append(json.dumps(record))
    (folder / "records.jsonl").write_text("\n".join(records) + "\n")
    corpus = Corpus(folder)
    return make_task(catalogue.get(task), lambda: corpus, settings.example_options)


@pytest.mark.slow
@pytest.mark.parametrize("with_example", [False, True])
def test_a_reference_is_found_where_only_its_record_says_the_path(
    tmp_path: Path, with_example: bool
) -> None:
    task = task_over(tmp_path, "text_to_speech")
    for row in range(2):
        example = {"uuid": f"u{row}".encode(), "audio_ids": [f"own_{row}_0".encode()]}
        answer = task.postprocess_fn(
            f"own_{row}_0".encode(), is_target=True, example=example if with_example else None
        )
        assert isinstance(answer, AudioAnswer)
        (path,) = tmp_path.glob(f"{row}_0.*")
        assert np.array_equal(answer.samples, load(path, RATE))


def test_an_id_of_no_record_is_missing_audio(tmp_path: Path) -> None:
    task = task_over(tmp_path, "text_to_speech")
    with pytest.raises(MissingAudioError, match="own_9_0"):
        task.postprocess_fn(b"own_9_0", is_target=True)


@pytest.mark.slow
def test_every_row_of_the_dataset_has_its_reference(tmp_path: Path) -> None:
    task = task_over(tmp_path, "text_to_speech")
    dataset = task.get_dataset(split="test", shuffle=False)
    examples = list(dataset.as_numpy_iterator())
    assert len(examples) == 2
    for example in examples:
        reference = example["targets_pretokenized"]
        answer = task.postprocess_fn(reference, is_target=True, example=example)
        assert isinstance(answer, AudioAnswer) and len(answer.samples) > RATE // 10
