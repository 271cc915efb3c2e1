"""The models of the judges: opened from a package or a folder, used, and freed.

Nothing is fetched: a folder is what `save_pretrained` of transformers wrote. One model is in
memory at a time.
"""

from __future__ import annotations

import gc
import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.errors import MissingExtraError, SettingsError
from audioflan_tasks.metrics.dnsmos import DnsmosJudge
from audioflan_tasks.metrics.judge import JudgeModel
from audioflan_tasks.metrics.values import AudioAnswer
from audioflan_tasks.metrics.waveforms import resample

__all__ = ["ClapJudge", "SphinxJudge", "WhisperJudge", "XVectorJudge", "open_judge"]

_RATE = 16000
_CLAP_RATE = 48000


class SphinxJudge(JudgeModel):
    """English words by PocketSphinx with the model that its package ships."""

    def __init__(self) -> None:
        if importlib.util.find_spec("pocketsphinx") is None:
            raise MissingExtraError("pocketsphinx", "judges", "the metric 'asr_wer'")
        from pocketsphinx import Decoder

        self._decoder = Decoder(loglevel="FATAL")

    def text_of(self, answer: AudioAnswer) -> str:
        wave = np.clip(resample(answer, _RATE), -1, 1)
        self._decoder.start_utt()
        self._decoder.process_raw((wave * 32767).astype(np.int16).tobytes(), False, True)
        self._decoder.end_utt()
        hypothesis = self._decoder.hyp()
        return "" if hypothesis is None else str(hypothesis.hypstr)


class WhisperJudge(JudgeModel):
    """Words by a Whisper model in a folder."""

    def __init__(self, folder: Path) -> None:
        transformers = _transformers("asr_wer")
        self._processor = transformers.WhisperProcessor.from_pretrained(folder)
        self._model = transformers.WhisperForConditionalGeneration.from_pretrained(folder)

    def text_of(self, answer: AudioAnswer) -> str:
        wave = resample(answer, _RATE)
        features = self._processor(wave, sampling_rate=_RATE, return_tensors="pt").input_features
        ids = self._model.generate(features)
        return str(self._processor.batch_decode(ids, skip_special_tokens=True)[0])


class XVectorJudge(JudgeModel):
    """Speaker vectors by a WavLM model with an x-vector head in a folder."""

    def __init__(self, folder: Path) -> None:
        transformers = _transformers("speaker_similarity")
        self._features = transformers.AutoFeatureExtractor.from_pretrained(folder)
        self._model = transformers.WavLMForXVector.from_pretrained(folder)

    def vector_of(self, answer: AudioAnswer) -> NDArray[np.floating]:
        import torch

        wave = resample(answer, _RATE)
        values = self._features(wave, sampling_rate=_RATE, return_tensors="pt")
        with torch.no_grad():
            return np.asarray(self._model(**values).embeddings[0].numpy())


class ClapJudge(JudgeModel):
    """Vectors of audio and of text by a CLAP model in a folder."""

    def __init__(self, folder: Path) -> None:
        transformers = _transformers("clap_score")
        self._processor = transformers.ClapProcessor.from_pretrained(folder)
        self._model = transformers.ClapModel.from_pretrained(folder)

    def vector_of(self, answer: AudioAnswer) -> NDArray[np.floating]:
        wave = resample(answer, _CLAP_RATE).astype(np.float32)
        values = self._processor(audio=wave, sampling_rate=_CLAP_RATE, return_tensors="pt")
        return self._vector(self._model.get_audio_features, values)

    def vector_of_text(self, text: str) -> NDArray[np.floating]:
        values = self._processor(text=[text], return_tensors="pt", padding=True)
        return self._vector(self._model.get_text_features, values)

    def _vector(self, function: Any, values: Any) -> NDArray[np.floating]:
        import torch

        with torch.no_grad():
            output = function(**values)
        # Newer versions of transformers wrap the tensor.
        return np.asarray(getattr(output, "pooler_output", output)[0].numpy())


_FROM_FOLDER = {
    "asr_wer": WhisperJudge,
    "speaker_similarity": XVectorJudge,
    "fad": ClapJudge,
    "clap_score": ClapJudge,
}


@contextmanager
def open_judge(metric: str, weights: JudgeModel | Path | str | None) -> Iterator[JudgeModel | None]:
    """The judge of a metric: one that is given, from a folder, or the package's own.

    It is freed when the caller has let go of it.

    Raises:
      SettingsError: the folder does not exist or holds no such model.
      MissingExtraError: a package that the model needs is not installed.
    """
    if isinstance(weights, JudgeModel):
        yield weights
        return
    try:
        yield _packaged_judge(metric) if weights is None else _from_folder(metric, Path(weights))
    finally:
        gc.collect()


def _packaged_judge(metric: str) -> JudgeModel | None:
    """The judge whose weights a package brings."""
    if metric == "asr_wer":
        return SphinxJudge()
    if metric == "dnsmos":
        return DnsmosJudge()
    return None


def _from_folder(metric: str, folder: Path) -> JudgeModel:
    if not folder.is_dir():
        raise SettingsError(f"{folder}: no such folder with a model for {metric!r}")
    try:
        if metric not in _FROM_FOLDER:
            raise SettingsError(f"{metric} takes no folder; those are {', '.join(_FROM_FOLDER)}")
        return _FROM_FOLDER[metric](folder)
    except SettingsError:
        raise
    except (OSError, ValueError, KeyError) as error:
        raise SettingsError(f"{folder}: holds no model for {metric!r}: {error}") from error


def _transformers(metric: str) -> Any:
    for package in ("torch", "transformers"):
        if importlib.util.find_spec(package) is None:
            raise MissingExtraError(package, "neural", f"the metric {metric!r} from a folder")
    import transformers

    return transformers
