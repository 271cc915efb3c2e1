"""Mel-cepstral distance and its alignment against the libraries that define them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from fastdtw.fastdtw import fastdtw
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from mel_cepstral_distance import compare_audio_files
from scipy.spatial.distance import euclidean

from audioflan_tasks import catalogue
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.metrics import AudioAnswer, metric
from audioflan_tasks.metrics.batch import read_batch
from audioflan_tasks.metrics.warping import warping_path

RATE = 16_000


@pytest.mark.slow
@hypothesis_settings(max_examples=60)
@given(st.integers(1, 90), st.integers(1, 90), st.integers(1, 12), st.integers(0, 10**6))
def test_the_path_is_fastdtws(rows: int, columns: int, radius: int, seed: int) -> None:
    generator = np.random.default_rng(seed)
    one, other = (np.cumsum(generator.standard_normal((n, 3)), 0) for n in (rows, columns))
    cost, path = fastdtw(one, other, dist=euclidean, radius=radius)
    found = warping_path(one, other, radius)
    assert found.tolist() == [list(step) for step in path]
    assert np.linalg.norm(one[found[:, 0]] - other[found[:, 1]], axis=1).sum() == pytest.approx(
        cost
    )


def test_equal_paths_are_chosen_alike() -> None:
    """Whole numbers make many ties."""
    generator = np.random.default_rng(0)
    for rows, columns in ((7, 7), (40, 31), (64, 90)):
        one, other = (generator.integers(0, 2, (n, 1)).astype(float) for n in (rows, columns))
        _, path = fastdtw(one, other, dist=euclidean, radius=4)
        assert warping_path(one, other, 4).tolist() == [list(step) for step in path]


def test_nothing_cannot_be_aligned() -> None:
    with pytest.raises(ValueError, match="cannot align 0 with 3 frames"):
        warping_path(np.zeros((0, 2)), np.zeros((3, 2)), 10)


@pytest.mark.slow
def test_values_are_the_librarys(tmp_path: Path) -> None:
    """Speech, music and effects of the bundled corpus; also a silent and a missing answer."""
    corpus = Corpus()
    clips = []
    for task in ("text_to_speech", "text_to_music_generation", "text_guided_audio_generation"):
        instance = corpus.instance(task, "test", 0)
        (audio_id,) = (p.value for p in instance.output_pieces if p.kind == "audio")
        clips.append(corpus.audio(audio_id, RATE, instance)[: 2 * RATE])
    silence = np.zeros(8_000, np.float32)
    said = [clips[1], clips[2], silence, 0.5 * clips[0]]
    wanted = [clips[0], clips[1], clips[2], clips[0]]
    row = catalogue.get("text_to_speech")
    for reference, answer in zip(wanted, said, strict=True):
        batch = read_batch([AudioAnswer(reference, RATE)], [AudioAnswer(answer, RATE)], row=row)
        ours = metric("mcd").compute(batch)["mcd"]
        assert ours == pytest.approx(by_files(tmp_path, reference, answer), rel=1e-9)
        assert ours > 1
    missing = read_batch([AudioAnswer(clips[0], RATE)], [None], row=row)
    theirs = by_files(tmp_path, clips[0], np.zeros(RATE // 10, np.float32))
    assert metric("mcd").compute(missing)["mcd"] == pytest.approx(theirs, rel=1e-9)


def by_files(folder: Path, *waves: np.ndarray) -> float:
    """The library's own comparison of two files, with one count of noise in each."""
    paths = [folder / f"{place}.wav" for place in range(2)]
    for path, wave in zip(paths, waves, strict=True):
        noise = np.random.default_rng(0).uniform(-1, 1, len(wave)) / 32768
        soundfile.write(path, np.clip(wave + noise, -1, 1), RATE, subtype="PCM_16")
    value, _ = compare_audio_files(*paths, norm_audio=False)
    return float(value)
