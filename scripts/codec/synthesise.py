"""Writes the synthetic part of the training audio: rendered music and free synthetic voices.

Music: seeded MIDI (chords, bass, melody, drums in random General MIDI voices) rendered by
fluidsynth with a sound font. Speech: sentences from a small grammar spoken by Flite, and
numbers spoken by espeak-ng, which reads digits in each language without any text of ours.
"""

from __future__ import annotations

import argparse
import random
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

# (tick, MIDI message) in any order.
Events = list[tuple[int, bytes]]

TICKS = 480
SCALES = ((0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10), (0, 2, 3, 5, 7, 9, 10))
PROGRESSIONS = ((0, 3, 4, 0), (0, 5, 3, 4), (0, 4, 5, 3), (1, 4, 0, 0), (0, 2, 3, 4), (5, 3, 0, 4))
# General MIDI programs by part; sound effects (120-127) are left out.
LEADS = (*range(16), *range(22, 32), *range(40, 47), *range(56, 88), *range(104, 112))
PADS = (*range(8), *range(16, 24), *range(24, 32), *range(48, 56), *range(88, 96))
BASSES = tuple(range(32, 40))
LANGUAGES = (
    "en-us", "en-gb", "de", "fr", "es", "it", "pt", "nl", "sv", "da", "pl", "cs", "ru", "el",
    "tr", "fi", "hu", "ro", "hi", "cmn", "vi", "id", "sw", "ka",
)  # fmt: skip
VOICES = ("kal16", "awb", "rms", "slt")
SUBJECTS = ("The old captain", "My younger sister", "A quiet teacher", "Their neighbour Joseph",
            "The chief engineer", "Every visitor", "Nobody in the village", "That yellow bird",
            "Our friend from Chicago", "The judge")  # fmt: skip
VERBS = ("carefully measured", "would never believe", "suddenly remembered", "has often described",
         "should have finished", "quickly put away", "kept looking through", "was asked about",
         "could hardly choose", "enjoys watching")  # fmt: skip
OBJECTS = ("the broken window", "seven large boxes", "a thousand stories", "the judge's answer",
           "these three bridges", "fresh bread and cheese", "an unusual journey", "the south road",
           "both of her shoes", "five of the pictures")  # fmt: skip
ENDINGS = (
    "before the rain began.",
    "without saying why.",
    "on Thursday evening?",
    "because the train was late.",
    "as though it were nothing.",
    "in the blue garage.",
    "while others slept.",
    "for the very first time!",
    "just after noon.",
    "with great joy.",
)


def length(value: int) -> bytes:
    """A MIDI variable-length number."""
    out = bytearray([value & 127])
    while value := value >> 7:
        out.insert(0, 128 | (value & 127))
    return bytes(out)


def track(events: Events) -> bytes:
    body = bytearray()
    now = 0
    for when, message in sorted(events, key=lambda event: event[0]):
        body += length(when - now) + message
        now = when
    body += b"\x00\xff\x2f\x00"
    return b"MTrk" + len(body).to_bytes(4, "big") + bytes(body)


def note(events: Events, channel: int, pitch: int, at: int, ticks: int, loud: int) -> None:
    pitch = max(24, min(103, pitch))
    events.append((at, bytes([0x90 | channel, pitch, loud])))
    events.append((at + max(20, ticks), bytes([0x80 | channel, pitch, 0])))


def drums(rng: random.Random, bars: int) -> Events:
    events: Events = []
    hats = rng.choice((42, 44, 46, 51, 70))
    for step in range(bars * 8):
        at = step * TICKS // 2
        note(events, 9, hats, at, 100, rng.randint(40, 90))
        if step % 4 == 0 or rng.random() < 0.12:
            note(events, 9, 36, at, 100, 100)
        if step % 4 == 2 or rng.random() < 0.05:
            note(events, 9, rng.choice((38, 40, 39)), at, 100, 95)
        if rng.random() < 0.04:
            note(events, 9, rng.choice((41, 45, 48, 49, 56, 57, 62, 64)), at, 200, 90)
    return events


def melody(rng: random.Random, chords: list[int], scale: tuple[int, ...], key: int) -> Events:
    events: Events = [(0, bytes([0xC0, rng.choice(LEADS)]))]
    degree, at = rng.randint(0, 6), 0
    while at < len(chords) * 4 * TICKS:
        ticks = rng.choice((TICKS // 4, TICKS // 2, TICKS // 2, TICKS, TICKS * 2))
        degree = max(-7, min(14, degree + rng.choice((-2, -1, -1, 0, 1, 1, 2, 4, -3))))
        if rng.random() < 0.85:
            pitch = key + 12 * (1 + degree // 7) + scale[degree % 7]
            note(events, 0, pitch, at, int(ticks * rng.uniform(0.4, 1.0)), rng.randint(60, 115))
        at += ticks
    return events


def harmony(
    rng: random.Random, chords: list[int], scale: tuple[int, ...], key: int
) -> list[Events]:
    """A chord part and a bass part."""
    pad: Events = [(0, bytes([0xC1, rng.choice(PADS)]))]
    bass: Events = [(0, bytes([0xC2, rng.choice(BASSES)]))]
    broken = rng.random() < 0.5
    for bar, root in enumerate(chords):
        at = bar * 4 * TICKS
        tones = [key + scale[(root + k) % 7] + 12 * ((root + k) // 7) for k in (0, 2, 4)]
        if broken:
            for step in range(8):
                note(pad, 1, tones[step % 3] + 12 * (step % 2), at + step * TICKS // 2, 300, 75)
        else:
            for tone in tones:
                note(pad, 1, tone, at, 4 * TICKS - 40, 70)
        for beat in range(4):
            note(bass, 2, tones[rng.choice((0, 0, 2))] - 24, at + beat * TICKS, 400, 95)
    return [pad, bass]


def song(rng: random.Random) -> bytes:
    """A MIDI file of 8 bars for one to four parts."""
    bars, key, scale = 8, rng.randint(48, 60), rng.choice(SCALES)
    chords = [rng.choice(PROGRESSIONS)[bar % 4] for bar in range(bars)]
    parts = [melody(rng, chords, scale, key)]
    if rng.random() < 0.75:
        parts += harmony(rng, chords, scale, key)
    if rng.random() < 0.5:
        parts.append(drums(rng, bars))
    microseconds = 60_000_000 // rng.randint(70, 170)
    tempo = track([(0, b"\xff\x51\x03" + microseconds.to_bytes(3, "big"))])
    head = b"MThd" + (6).to_bytes(4, "big") + b"\x00\x01" + (len(parts) + 1).to_bytes(2, "big")
    return head + TICKS.to_bytes(2, "big") + tempo + b"".join(track(part) for part in parts)


def render(index: int, out: Path, font: Path) -> None:
    notes = out / f"song{index:03}.mid"
    notes.write_bytes(song(random.Random(f"7/music/{index}")))
    wave = notes.with_suffix(".wav")
    command = ["fluidsynth", "-niq", "-r", "32000", "-g", "0.6"]
    command += ["-F", str(wave), str(font), str(notes)]
    subprocess.run(command, check=True, capture_output=True)


def speak(index: int, out: Path) -> None:
    rng = random.Random(f"7/speech/{index}")
    wave = str(out / f"voice{index:03}.wav")
    if index % 2:
        words = (rng.choice(part) for part in (SUBJECTS, VERBS, OBJECTS, ENDINGS))
        command = ["flite", "-voice", rng.choice(VOICES), "-t", " ".join(words), "-o", wave]
    else:
        figures = " ".join(str(rng.randrange(10 ** rng.randint(1, 5))) for _ in range(5))
        voice = f"{rng.choice(LANGUAGES)}+{rng.choice(('m1', 'm3', 'm5', 'f1', 'f2', 'f4'))}"
        pace, pitch = rng.randint(120, 190), rng.randint(25, 75)
        command = ["espeak-ng", "-v", voice, "-s", str(pace), "-p", str(pitch), "-w", wave, figures]
    subprocess.run(command, check=True, capture_output=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("raw", type=Path, help="folder of unpacked packages; two are added to it")
    parser.add_argument("--font", type=Path, required=True, help="FluidR3_GM.sf2")
    parser.add_argument("--songs", type=int, default=200)
    parser.add_argument("--sentences", type=int, default=300)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    music, speech = options.raw / "rendered-music", options.raw / "synthetic-speech"
    for folder in (music, speech):
        folder.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(options.workers) as pool:
        list(pool.map(lambda index: render(index, music, options.font), range(options.songs)))
        list(pool.map(lambda index: speak(index, speech), range(options.sentences)))


if __name__ == "__main__":
    main()
