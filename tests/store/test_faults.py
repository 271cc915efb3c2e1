"""What a build survives, each fault made for real."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from audioflan_tasks import Corpus
from audioflan_tasks.errors import StoreError
from audioflan_tasks.store import Store, Summary, build_store, repair_store, verify_store
from audioflan_tasks.store.files import file_sha256, read_json, write_json
from audioflan_tasks.store.packed import packed_arrays
from audioflan_tasks.store.reader.mapped import map_arrays
from tests.kinds import first_of
from tests.store.conftest import (
    edit_facts,
    files_of,
    make_tree,
    markers_of,
    written_since,
)
from tests.store.tokenizers import CHEAP_UNITS

ROOT = Path(__file__).parents[2]
MULAW = ("tests.store.tokenizers",)


def run(*args: object, **options: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *map(str, args)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, **options)  # type: ignore[call-overload,no-any-return]


@pytest.fixture
def victim(own_tree: Path) -> tuple[int, str]:
    """Checksum of the samples and id of one clip that the records use."""
    corpus = Corpus(own_tree)
    ids = sorted({one for i in corpus.instances() for one in i.audio_ids} - set(corpus.recipes))
    return zlib.crc32(corpus.audio(ids[3], 8000).tobytes()), ids[3]


@pytest.mark.slow
@pytest.mark.parametrize("times", first_of(3, 60))
def test_stopped_at_random_moments_gives_identical_bytes(
    own_tree: Path, tmp_path: Path, times: int
) -> None:
    out = tmp_path / "store"
    ended = run("-m", "tests.store.killed_build", own_tree, out, times, 7)
    assert ended.returncode == 0, ended.stderr
    builds = [tuple(map(int, line.split())) for line in ended.stdout.splitlines()]
    whole = tmp_path / "whole"
    units = len(list(whole.rglob("*.done")))
    # Nearly all were stopped, and many of them amid the units.
    stopped = [done for status, done in builds if status in (-signal.SIGKILL, 143, 130)]
    assert len(stopped) >= 0.8 * times and {status for status, _ in builds} <= {-9, 143, 130, 0}
    assert sum(0 < done < units for done in stopped) >= times // 3
    build_store(own_tree, out, **CHEAP_UNITS)
    assert files_of(out) == files_of(whole)


ENDS = {signal.SIGKILL: -9, signal.SIGTERM: 143, signal.SIGINT: 130}
STOPS = [(signal.SIGKILL, "codes", 2), (signal.SIGTERM, "publish", 9), (signal.SIGINT, "codes", 1)]
# Of each signal at each place: seven, and with two workers as with one.
MORE_STOPS = [
    (number, place, count)
    for count in range(1, 8)
    for number in ENDS
    for place in ("codes", "publish")
]


@pytest.mark.slow
@pytest.mark.parametrize("stops", first_of(STOPS, MORE_STOPS), ids=len)
def test_workers_end_with_their_parent_and_the_build_continues(
    own_tree: Path, tmp_path: Path, stops: Sequence[tuple[signal.Signals, str, int]]
) -> None:
    out = tmp_path / "store"
    for signal_number, place, count in stops:
        # It ends only when no process holds its output any more.
        ended = run(
            "-m", "tests.store.killed_workers", own_tree, out, int(signal_number), place, count,
            timeout=600,
        )  # fmt: skip
        assert ended.returncode == ENDS[signal_number], ended.stderr
        is_killed = signal_number == signal.SIGKILL
        assert is_killed or ended.stderr == "audioflan: stopped; the same command continues\n"
        assert not (out / "store.json").exists()
    build_store(own_tree, out, **CHEAP_UNITS)
    build_store(own_tree, tmp_path / "whole", **CHEAP_UNITS)
    assert files_of(out) == files_of(tmp_path / "whole")


@pytest.mark.slow
def test_a_full_disk_keeps_what_is_finished(own_tree: Path, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", str(disk)], capture_output=True
    )
    if mounted.returncode:
        pytest.skip("this machine does not let tests mount a small disk")
    try:
        with pytest.raises(StoreError, match=r"the disk is full: make room and run the build"):
            build_store(own_tree, disk / "store", **CHEAP_UNITS)
        assert not list((disk / "store").rglob(".tmp-*"))
        kept = {p.name for p in (disk / "store").rglob("*.done")}
        assert kept
        subprocess.run(["mount", "-o", "remount,size=30m", str(disk)], check=True)
        markers = markers_of(disk / "store")
        build_store(own_tree, disk / "store", **CHEAP_UNITS)
        again = {path.name for path in written_since(disk / "store", markers)}
        assert again and not kept & again
        build_store(own_tree, tmp_path / "whole", **CHEAP_UNITS)
        assert files_of(disk / "store") == files_of(tmp_path / "whole")
    finally:
        subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
class TestPermissions:
    """Run as a user without rights, since root may do everything."""

    @pytest.fixture
    def open_to_all(self) -> Iterator[Path]:
        """A folder that others may use; pytest's own are private."""
        with tempfile.TemporaryDirectory() as name:
            Path(name).chmod(0o777)
            yield Path(name)

    @pytest.fixture
    def readable(self, open_to_all: Path) -> Path:
        made = make_tree(open_to_all / "tree", most=1)
        subprocess.run(["chmod", "-R", "a+rX", str(made)], check=True)
        return made

    def as_nobody(self, tree: Path, code: str) -> subprocess.CompletedProcess[str]:
        """Runs code without rights, in a process that has loaded all it needs before."""
        prelude = (
            "import os, tempfile, audioflan_tasks.store as s\n"
            "from audioflan_tasks.errors import AudioFlanError\n"
            "with tempfile.TemporaryDirectory() as name:\n"
            f"    s.build_store({str(tree)!r}, name + '/store', tokenizer=None)\n"
            "os.setgid(65534); os.setuid(65534)\n"
        )
        return run("-c", prelude + code)

    def test_an_unreadable_folder_is_named(self, readable: Path, open_to_all: Path) -> None:
        folder = next(p.parent for p in sorted(readable.glob("metadata/**/*.jsonl")))
        folder.chmod(0o700)
        done = self.as_nobody(
            readable,
            f"try: s.build_store({str(readable)!r}, {str(open_to_all / 'store')!r},\n"
            "    tokenizer=None)\n"
            "except AudioFlanError as e: print(e)",
        )
        assert f"{folder}: the folder cannot be read (Permission denied)" in done.stdout, (
            done.stderr
        )

    def test_a_read_only_store_is_read_but_not_built(
        self, readable: Path, open_to_all: Path
    ) -> None:
        out = open_to_all / "store"
        build_store(readable, out, tokenizer=None)
        subprocess.run(["chmod", "-R", "a+rX,a-w", str(out)], check=True)
        done = self.as_nobody(
            readable,
            f"store = s.open_store({str(out)!r})\n"
            "print(store.instance(*store.pairs()[0], 0).uuid)\n"
            f"print(s.verify_store({str(out)!r}))\n"
            f"try: s.build_store({str(readable)!r}, {str(out)!r}, tokenizer=None)\n"
            "except AudioFlanError as e: print(e)",
        )
        uuid, faults, error = done.stdout.splitlines()
        assert len(uuid) > 8 and faults == "[]"
        assert "cannot be written (Permission denied)" in error


@pytest.mark.slow
def test_two_builds_at_once_do_not_harm_each_other(own_tree: Path, tmp_path: Path) -> None:
    """The first to come is held in its work until the two others have met its lock."""
    out, said, refused = tmp_path / "store", list[str](), threading.Semaphore(0)

    def wait_for_the_others(stage: str, done: int, total: int, amount: float, unit: str) -> None:
        if len(said) < 2:
            assert refused.acquire(timeout=600) and refused.acquire(timeout=600)

    def build() -> None:
        try:
            build_store(own_tree, out, progress=wait_for_the_others, **CHEAP_UNITS)
        except StoreError as error:
            said.append(str(error))
            refused.release()

    threads = [threading.Thread(target=build) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(said) == 2
    # One that comes between the lock and the name in it is told that a build begins.
    assert all("another build is writing it (" in one for one in said)
    build_store(own_tree, tmp_path / "whole", **CHEAP_UNITS)
    assert files_of(out) == files_of(tmp_path / "whole")


@pytest.mark.slow
class TestClips:
    """Faults of one clip, with a tokenizer that fails on it."""

    def build(
        self,
        tree: Path,
        out: Path,
        victim: tuple[int, str],
        poison: str,
        **more: Any,
    ) -> Summary:
        flag = str(more.pop("flag", ""))
        options = {"poison": poison, "victim": victim[0], "flag": flag}
        return build_store(
            tree, out, tokenizer="mulaw", imports=MULAW, options=options, text=None,
            clips_per_bucket=40, **more,
        )  # fmt: skip

    def test_a_tokenizer_that_raises_on_one_clip(
        self, own_tree: Path, tmp_path: Path, victim: tuple[int, str]
    ) -> None:
        out = tmp_path / "store"
        with pytest.raises(StoreError, match=r"1 clips could not be encoded:\n.*ZeroDivisionError"):
            self.build(own_tree, out, victim, "raise")
        summary = self.build(own_tree, out, victim, "raise", policy="skip")
        assert summary.unreadable == 1 and summary.rows == summary.records - summary.without_audio
        reasons = (out / "quarantine.jsonl").read_text("utf-8")
        assert "does not like this clip" in reasons and victim[1] in reasons
        # It is tried again, and a tokenizer that was mended finds the rest done.
        assert self.build(own_tree, out, victim, "").rows == summary.records

    def test_a_worker_that_dies_of_one_clip_gives_up_that_clip_only(
        self, own_tree: Path, tmp_path: Path, victim: tuple[int, str]
    ) -> None:
        out = tmp_path / "store"
        summary = self.build(own_tree, out, victim, "die", workers=2, policy="skip")
        assert summary.unreadable == 1
        assert f"audio id '{victim[1]}': ends the process" in (out / "quarantine.jsonl").read_text()

    @pytest.mark.full
    def test_a_worker_that_dies_by_chance_costs_nothing(
        self, own_tree: Path, tmp_path: Path, victim: tuple[int, str]
    ) -> None:
        flag = tmp_path / "died"
        summary = self.build(own_tree, tmp_path / "store", victim, "die once", workers=2, flag=flag)
        assert flag.exists() and summary.unreadable == 0 and summary.rows == summary.records

    def test_a_file_that_changes_during_the_build_is_not_stored_half(
        self, own_tree: Path, tmp_path: Path, victim: tuple[int, str]
    ) -> None:
        out, name = tmp_path / "store", victim[1].removeprefix("01_Asterisk_EN_")
        file = next(own_tree.rglob(f"{name}.flac"))
        with pytest.raises(StoreError, match=f"{victim[1]}.*the file changed during the build"):
            self.build(own_tree, out, victim, "touch", flag=file)
        # The file has its final form now: the next build takes that.
        assert self.build(own_tree, out, victim, "").unreadable == 0
        assert Store(out).clip(victim[1]) is not None


@pytest.mark.slow
def test_a_clock_that_jumps_changes_nothing(own_tree: Path, tmp_path: Path) -> None:
    out = tmp_path / "store"
    build_store(own_tree, out, **CHEAP_UNITS)
    files = files_of(out)
    for number, path in enumerate(sorted(out.rglob("*"))):
        moment = time.time() + (-1) ** number * 3.6e8
        os.utime(path, (moment, moment))
    build_store(own_tree, out, **CHEAP_UNITS)
    assert files_of(out) == files
    # A source whose time went back is looked at again and found the same.
    clip = next(iter(sorted(own_tree.rglob("*.flac"))))
    os.utime(clip, (1e9, 1e9))
    codes = {p.name for p in out.glob("codes/**/*.done")}
    build_store(own_tree, out, **CHEAP_UNITS)
    assert {p.name for p in out.glob("codes/**/*.done")} == codes


class TestDamage:
    @pytest.fixture
    def store(self, built: Path, tmp_path: Path) -> Path:
        shutil.copytree(built, tmp_path / "store")
        return tmp_path / "store"

    @pytest.mark.slow
    @pytest.mark.parametrize(
        "pattern",
        ["manifest/*[0-9a-f].arrow", "clips/*/*.arrow", "codes/*/*/*[0-9a-f].npy",
         "codes/*/*/*.index.npy", "refs/*/*.refs", "texts/*/*.texts", "manifest/*.done"],
    )  # fmt: skip
    @pytest.mark.parametrize("damage", first_of("bit", "half", "gone"))
    def test_verify_finds_it_and_repair_makes_only_that(
        self, store: Path, built: Path, pattern: str, damage: str
    ) -> None:
        path = max(store.glob(pattern), key=lambda p: p.stat().st_size)
        unit = path.name.rpartition(".")[0]
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 0b100
        if damage == "gone":
            path.unlink()
        else:
            path.write_bytes(data if damage == "bit" else data[: len(data) // 2])
        faults = verify_store(store)
        assert len(faults) == 1
        assert unit.startswith(Path(faults[0].unit).name)
        markers = markers_of(store)
        repair_store(store, faults)
        assert files_of(store) == files_of(built)
        assert verify_store(store) == []
        assert len(written_since(store, markers)) == 1

    @pytest.mark.slow
    def test_a_build_does_not_copy_damaged_codes(
        self, store: Path, tree: Path, built: Path
    ) -> None:
        path = next(iter(sorted(store.glob("codes/*/*/*[0-9a-f].npy"))))
        data = bytearray(path.read_bytes())
        data[-3] ^= 1
        path.write_bytes(data)
        build_store(tree, store, part_bytes=12_000, clips_per_bucket=100)
        assert verify_store(store) == []
        whole, mended = Store(built), Store(store)
        for key in whole.pairs():
            for one, other in zip(whole.codes(*key, 0), mended.codes(*key, 0), strict=True):
                assert np.array_equal(one, other)

    def test_repair_without_the_source_says_so(self, store: Path, tmp_path: Path) -> None:
        edit_facts(store, lambda facts: facts.update(source="/gone/for/ever"))
        path = next(iter(store.glob("codes/*/*/*.index.npy")))
        path.unlink()
        faults = verify_store(store)
        with pytest.raises(StoreError, match="its source /gone/for/ever is gone"):
            repair_store(store, faults)

    def test_references_to_nowhere_are_found(self, store: Path) -> None:
        path = max(store.glob("refs/*/*.refs"), key=lambda p: p.stat().st_size)
        arrays = map_arrays(str(path))
        refs = arrays["refs"].copy()
        refs["start"] += 10_000_000
        path.unlink()
        with path.open("wb") as handle:
            packed_arrays({**arrays, "refs": refs})(handle)
        # Even where the checksum was made to fit.
        marker = path.with_name(path.name.replace(".refs", ".done"))
        said = read_json(marker)
        said["files"][".refs"]["sha256"] = file_sha256(path)
        said.pop("check")
        whole = json.dumps(said, sort_keys=True).encode()
        write_json(marker, said | {"check": hashlib.sha256(whole).hexdigest()[:16]})
        faults = verify_store(store)
        assert {fault.what.split(" bucket")[0] for fault in faults} == {
            "refers past the end of code"
        }

    def test_opening_what_is_no_store(self, tmp_path: Path, store: Path) -> None:
        with pytest.raises(StoreError, match="no finished store; build one, or finish it, with:"):
            Store(tmp_path / "nothing")
        (store / "store.json").write_text('{"version": 99}')
        with pytest.raises(StoreError, match="a store of format 99, this package reads"):
            Store(store)
        (store / "store.json").write_text('{"version": ')
        with pytest.raises(StoreError, match="no finished store"):
            Store(store)
