"""Lists of audio with faults: each line is an entry, or counted; no file of a clip is waited for.

The lists of a small corpus are changed (bytes, line ends, names, keys), and its clips are cut, or
something else stands in their place.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest
import soundfile

from audioflan_tasks.audio.check import check
from audioflan_tasks.records.repairs import Ledger, ProblemKind, Repair
from audioflan_tasks.records.scp import read_scp
from tests.audio_faults import mutated, whole_files
from tests.kinds import first_of
from tests.record_faults import good_lines, write_corpus

CLIPS = 8
LIST = b"".join(b"clip_%d a%d.wav\n" % (n, n) for n in range(CLIPS))
# Longer than any line of a list.
LONG = 200_000
PATHS = (
    b"", b" ", b".", b"..", b"/", b"/dev/zero", b"../a0.wav", b"a0.wav |", b"| cat", b"x.ark:7",
    b"a\0b", b"a\tb", b"x" * 300, b"x" * LONG, b"\xff\xfe", b"\xed\xa0\x80", b"\xe2\x80\xa8",
    b"\\a", b"C:\\a0.wav", b"gone.wav", b"folder.wav", b"pipe.wav", b"loop.wav", b"other.wav",
    "é".encode(),
)  # fmt: skip

Mutation = Callable[[random.Random, bytes], bytes]


def _with_line(draw: random.Random, data: bytes, change: Callable[[bytes], bytes]) -> bytes:
    lines = data.split(b"\n")
    place = draw.randrange(len(lines) - 1)
    lines[place] = change(lines[place])
    return b"\n".join(lines)


def _path(draw: random.Random, data: bytes) -> bytes:
    return _with_line(draw, data, lambda line: line[:7] + draw.choice(PATHS))


def _key(draw: random.Random, data: bytes) -> bytes:
    return _with_line(draw, data, lambda line: draw.choice(PATHS) + line[6:])


def _twice(draw: random.Random, data: bytes) -> bytes:
    return _with_line(draw, data, lambda line: line + b"\n" + line)


def _conflict(draw: random.Random, data: bytes) -> bytes:
    return _with_line(draw, data, lambda line: line + b"\nclip_0 " + draw.choice(PATHS))


def _ends(draw: random.Random, data: bytes) -> bytes:
    return data.replace(b"\n", draw.choice([b"\r\n", b"\r", b"\n\n", b" \n", b"\x85\n", b"\0\n"]))


def _encoded(draw: random.Random, data: bytes) -> bytes:
    return data.decode().encode(draw.choice(["utf-8-sig", "utf-16", "utf-16-be", "utf-32"]))


def _bytes(draw: random.Random, data: bytes) -> bytes:
    return mutated(draw, data, draw.randrange(100))


MUTATIONS: tuple[Mutation, ...] = (_path, _key, _twice, _conflict, _ends, _encoded, _bytes)


def faulty_list(draw: random.Random, number: int) -> bytes:
    """The list with one fault; kinds of faults take turns."""
    return MUTATIONS[number % len(MUTATIONS)](draw, LIST)


def is_blank(line: bytes) -> bool:
    try:
        return not line.removeprefix(b"\xef\xbb\xbf").decode("utf-8").strip()
    except UnicodeDecodeError:
        return False


@pytest.mark.parametrize("count", first_of(200, 20_000))
def test_every_line_is_an_entry_or_counted(tmp_path: Path, count: int) -> None:
    draw, path = random.Random(count), tmp_path / "wav.scp"
    kinds: set[ProblemKind] = set()
    for number in range(count):
        data, ledger = faulty_list(draw, number), Ledger()
        path.write_bytes(data)
        table = read_scp(path, ledger=ledger)
        lines = [line for line in data.split(b"\n") if not is_blank(line)]
        problems = ledger.problems
        # A path that is refused is an entry too, whose id has no other file then.
        left_out = problems.total() - problems[ProblemKind.UNSAFE_PATH]
        left_out += ledger.repairs[Repair.SCP_DUPLICATE]
        assert len(lines) == len(table.entries) + left_out, data
        assert all("\n" not in str(p) for ps in ledger.problem_examples.values() for p in ps)
        kinds |= problems.keys()
    assert kinds == {
        ProblemKind.UNSAFE_PATH, ProblemKind.SCP_CONFLICT, ProblemKind.SCP_LINE,
        ProblemKind.INVALID_UTF8, ProblemKind.LINE_TOO_LONG,
    }  # fmt: skip


def write_clips(draw: random.Random, root: Path, number: int) -> None:
    """The clips of the list, one of them with a fault or something else in its place."""
    wav = whole_files()["WAV_PCM_16.wav"]
    for clip in range(CLIPS):
        (root / f"a{clip}.wav").write_bytes(wav)
    (root / "other.wav").write_bytes(wav)
    victim = root / f"a{draw.randrange(CLIPS)}.wav"
    victim.unlink()
    places: list[Callable[[], object]] = [
        lambda: None, victim.mkdir, lambda: os.mkfifo(victim), lambda: victim.write_bytes(b""),
        lambda: victim.symlink_to(victim.name), lambda: victim.symlink_to("/dev/zero"),
        lambda: soundfile.write(victim, [0.0] * 100, 1),
        lambda: victim.write_bytes(mutated(draw, wav, number)),
    ]  # fmt: skip
    places[number % len(places)]()


def corpus_of_lists(root: Path) -> None:
    """Records whose clips are those of the list, and what is no clip."""
    lines = [line.replace(b"clip_3", b"clip_7") for line in good_lines(24)]
    write_corpus(root, lines)
    for clip in root.glob("clip_*.wav"):
        clip.unlink()
    (root / "folder.wav").mkdir()
    os.mkfifo(root / "pipe.wav")
    (root / "loop.wav").symlink_to("loop.wav")


@pytest.mark.slow
@pytest.mark.parametrize("count", first_of(40, 1000))
def test_every_reference_is_found_or_counted(tmp_path: Path, count: int) -> None:
    draw, faults = random.Random(count), set[str]()
    for number in range(count):
        root = tmp_path / str(number)
        corpus_of_lists(root)
        write_clips(draw, root, number)
        (root / "wav.scp").write_bytes(faulty_list(draw, number))
        report = check(root)
        assert report.records == 24
        assert report.faults.total() <= report.references
        faults |= report.faults.keys()
        report.lines()
    assert faults >= {"missing", "unsafe", "unreadable"}


@pytest.mark.parametrize("place", ["pipe", "folder", "loop", "gone"])
def test_what_stands_in_the_place_of_a_list(tmp_path: Path, place: str) -> None:
    corpus_of_lists(tmp_path)
    path = tmp_path / "wav.scp"
    makers: dict[str, Callable[[], object]] = {
        "pipe": lambda: os.mkfifo(path), "folder": path.mkdir,
        "loop": lambda: path.symlink_to("wav.scp"), "gone": lambda: path.symlink_to("nowhere"),
    }  # fmt: skip
    makers[place]()
    report = check(tmp_path)
    assert report.records == 24
    # A folder is none of the files of a corpus.
    assert report.ledger.problems[ProblemKind.UNREADABLE] == (place != "folder")
