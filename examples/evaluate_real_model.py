"""Real pretrained weights under test: voice activity, pitch and speech recognition.

    pip install onnxruntime pocketsphinx                # runs the networks; recognises English
    pip install --no-deps silero-vad swift-f0           # 4 MB, weights included, no torch
    python examples/evaluate_real_model.py [FOLDER]

Three small models that their wheels carry whole (nothing else is downloaded) answer five tasks
of the bundled test split: Silero VAD 6 (MIT) finds speech, SwiftF0 (MIT) the pitch of notes and
melodies, PocketSphinx (BSD) words, of English only. They make one function from `Prompt` to
text, which is all that `audioflan_tasks.evaluate` asks of a model. Baselines stand beside each
score, and the run stops if the answers do not depend on the audio.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import audioflan_tasks as af
from audioflan_tasks.evaluation import Prompt

RATE = 16_000
TASKS = (
    "voice_activity_detection", "speech_nonspeech_detection", "pitch_classification",
    "melody_extraction", "automatic_speech_recognition",
)  # fmt: skip
PACKAGES = {
    "onnxruntime": "onnxruntime", "pocketsphinx": "pocketsphinx",
    "silero_vad": "--no-deps silero-vad", "swift_f0": "--no-deps swift-f0",
}  # fmt: skip
NOTES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")

Samples = NDArray[np.float32]


class Silero:
    """Speech probability of frames of 32 ms. The wheel's own loader would import torch."""

    FRAME, CONTEXT = 512, 64

    def __init__(self) -> None:
        import onnxruntime

        found = importlib.util.find_spec("silero_vad")
        folder = Path(found.submodule_search_locations[0])  # type: ignore[union-attr, index]
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._network = onnxruntime.InferenceSession(
            str(folder / "data" / "silero_vad.onnx"), options, providers=["CPUExecutionProvider"]
        )

    def probabilities(self, samples: Samples) -> NDArray[np.float64]:
        """[frames], of samples [n] at 16 kHz."""
        state, before = np.zeros((2, 1, 128), np.float32), np.zeros(self.CONTEXT, np.float32)
        found = []
        padded = np.pad(samples, (0, -len(samples) % self.FRAME))
        for frame in padded.reshape(-1, self.FRAME):
            given = np.concatenate([before, frame])[None].astype(np.float32)
            feed = {"input": given, "state": state, "sr": np.array(RATE, np.int64)}
            probability, state = self._network.run(None, feed)
            found.append(float(probability[0, 0]))
            before = frame[-self.CONTEXT :]
        return np.array(found)

    def speech(self, samples: Samples) -> Iterator[tuple[float, float]]:
        """Start and end in seconds; pauses under 0.2 s belong to the speech around them."""
        step = self.FRAME / RATE
        active = np.flatnonzero(self.probabilities(samples) > 0.5)
        if not len(active):
            return
        for run in np.split(active, np.flatnonzero(np.diff(active) * step > 0.2) + 1):
            yield run[0] * step, min((run[-1] + 1) * step, len(samples) / RATE)


class RealModel:
    """Answers the five tasks in the form in which their instructions ask for it."""

    def __init__(self) -> None:
        from pocketsphinx import Decoder
        from swift_f0 import SwiftF0

        self._vad, self._pitch, self._words = (
            Silero(),
            SwiftF0(threads=1),
            Decoder(loglevel="FATAL"),
        )

    def __call__(self, prompt: Prompt) -> str:
        heard = prompt.sounds(RATE)
        if not heard:
            return ""  # without audio there is nothing to say
        return str(getattr(self, f"_{prompt.row.id}")(heard[0]))

    def _voice_activity_detection(self, samples: Samples) -> str:
        return "; ".join(f"{start:.2f}-{end:.2f}" for start, end in self._vad.speech(samples))

    def _speech_nonspeech_detection(self, samples: Samples) -> str:
        parts, last = [], 0.0
        for start, end in self._vad.speech(samples):
            parts += [(last, start, "nonspeech"), (start, end, "speech")]
            last = end
        parts.append((last, len(samples) / RATE, "nonspeech"))
        return "; ".join(f"{s:.2f}-{e:.2f} {what}" for s, e, what in parts if e - s > 0.05)

    def _pitch_classification(self, samples: Samples) -> str:
        found = self._pitch.detect(samples, RATE)
        voiced = found.pitch_hz[found.confidence >= 0.5]
        if not len(voiced):
            return ""
        midi = round(69 + 12 * np.log2(float(np.median(voiced)) / 440))
        return f"{NOTES[midi % 12]}{midi // 12 - 1}"

    def _melody_extraction(self, samples: Samples) -> str:
        found = self._pitch.detect(samples, RATE)
        hz = np.where(found.confidence >= 0.5, found.pitch_hz, 0.0)
        times = np.arange(0, len(samples) / RATE, 0.1)
        at = np.abs(found.timestamps[None] - times[:, None]).argmin(axis=1)
        return "; ".join(f"{time:.2f} {hz[n]:.1f}" for time, n in zip(times, at, strict=True))

    def _automatic_speech_recognition(self, samples: Samples) -> str:
        self._words.start_utt()
        scaled = (np.clip(samples, -1, 1) * 32767).astype(np.int16)
        self._words.process_raw(scaled.tobytes(), no_search=False, full_utt=True)
        self._words.end_utt()
        found: Any = self._words.hyp()
        return "" if found is None else found.hypstr


def main() -> None:
    """Evaluates and prints the report."""
    missing = [name for name in PACKAGES if importlib.util.find_spec(name) is None]
    if missing:
        wanted = "\n".join(f"  pip install {PACKAGES[name]}" for name in missing)
        raise SystemExit(f"this example needs {', '.join(missing)}:\n{wanted}")
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "real-model")
    print(f"asking {', '.join(TASKS)}; the report follows in some minutes", flush=True)
    model, baselines = RealModel(), ["random", "majority", "blind", "shuffled"]
    af.evaluate(
        model, "audioflan_all", folder, tasks=TASKS, baselines=baselines, proof_of_hearing=16,
        robustness=["level", "noise"],
    )  # fmt: skip
    print((folder / "report.md").read_text(encoding="utf-8"))
    # The recogniser knows English only: what it does where it can do something.
    english = af.mixture("automatic_speech_recognition", rows={"language": "English"})
    results = af.evaluate(model, english, folder / "english", baselines=baselines)
    (task,) = results.tasks
    scores = {m.name: round(m.value, 3) for m in task.metrics}
    others = {name: round(found.value, 3) for name, found in task.baselines.items()}
    print(f"English alone, {task.answered} questions: {scores}; WER of baselines: {others}")


if __name__ == "__main__":
    main()
