"""Files over http from a real server: slow, cut and failing answers, pages of folders, processes.

They need aiohttp: scripts/check_remote.sh makes an environment with it.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from audioflan_tasks import Corpus
from audioflan_tasks.errors import RemoteError, SettingsError
from audioflan_tasks.folders import walk
from audioflan_tasks.plain_files import is_plain_file, open_plain_file
from audioflan_tasks.remote import open_root, servers
from tests.remote.web import WebServer, running

pytest.importorskip("aiohttp", reason="the extra remote is not installed")

ROOT = Path(__file__).parents[2]
DATA = bytes(range(256)) * 4000
RECORD = (
    b'{"instruction": "What key is it in?", "input": "<|SOA|>a<|EOA|>", "output": "C major", '
    b'"task_type": {"major": ["x"], "minor": ["Key Detection"]}, "split": ["train"], '
    b'"uuid": "1", "audio_path": "a.wav"}\n'
)


@pytest.fixture
def server() -> Iterator[WebServer]:
    with running() as server:
        server.files["/corpus/a"] = DATA
        yield server


@pytest.fixture
def root(server: WebServer, tmp_path: Path) -> Path:
    return open_root(f"{server.address}/corpus", tmp_path, None)


def read(path: Path) -> bytes:
    with open_plain_file(path) as handle:
        return handle.read()


def test_failing_cut_and_silent_answers_are_tried_again(
    server: WebServer, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(servers, "SILENCE_S", 0.2)
    server.failures["/corpus/a"] = ["refuse", "cut", "stall"]
    assert read(root / "a") == DATA
    assert server.gets["/corpus/a"] == 4


def test_a_slow_answer_has_no_limit_of_its_whole_time() -> None:
    timeout = servers._web_options("http")["client_kwargs"]["timeout"]
    assert timeout.total is None and timeout.sock_read == servers.SILENCE_S


def test_a_server_that_is_down_is_no_missing_file(server: WebServer, root: Path) -> None:
    server.failures["/corpus/a"] = ["down"] * 99
    with pytest.raises(RemoteError, match=r"/corpus/a: cannot be looked at .*500.*tried 5 times"):
        is_plain_file(root / "a")
    server.failures["/corpus/b"] = ["deny"] * 9
    with pytest.raises(RemoteError, match=r"/corpus/b: .*403.*credentials"):
        is_plain_file(root / "b")
    assert not is_plain_file(root / "c")


def test_an_answer_that_changes_is_one_version_or_an_error(
    server: WebServer, root: Path, tmp_path: Path
) -> None:
    assert is_plain_file(root / "a")
    server.files["/corpus/a"] = DATA[::-1]
    with pytest.raises(RemoteError, match="has changed since"):
        read(root / "a")
    open_root(f"{server.address}/corpus", tmp_path, None)
    assert read(root / "a") == DATA[::-1]


def test_a_server_that_does_not_say_sizes(server: WebServer, root: Path) -> None:
    server.has_sizes = False
    assert read(root / "a") == DATA


def test_pages_of_folders_are_lists(server: WebServer, root: Path, tmp_path: Path) -> None:
    for name in ("b c#1.wav", "deep/er/x.wav"):
        server.files[f"/corpus/{name}"] = b"x"
    files = [Path(parent, name) for parent, _, names in walk(root) for name in names]
    assert sorted(path.relative_to(root).as_posix() for path in files) == [
        "a", "b c#1.wav", "deep/er/x.wav",
    ]  # fmt: skip
    assert read(root / "b c#1.wav") == b"x"
    # To the page of a folder a server leads on; it is no file.
    assert not is_plain_file(root / "deep")


def test_a_corpus_over_http(server: WebServer, tmp_path: Path) -> None:
    server.files["/records/all.jsonl"] = RECORD
    corpus = Corpus(f"{server.address}/records", cache_dir=tmp_path)
    assert [instance.uuid for instance in corpus.instances()] == ["1"]
    server.has_pages = False
    with pytest.raises(SettingsError, match=r"/records: no such corpus.*list of what it holds"):
        Corpus(f"{server.address}/records", cache_dir=tmp_path)
    one = Corpus(f"{server.address}/records/all.jsonl", cache_dir=tmp_path)
    assert [instance.uuid for instance in one.instances()] == ["1"]


_READ = """
import sys
from pathlib import Path
from audioflan_tasks.plain_files import open_plain_file
from audioflan_tasks.remote import open_root
root = open_root(sys.argv[1], Path(sys.argv[2]), None)
for name in sys.argv[3:]:
    with open_plain_file(root / name) as handle:
        print(hash(handle.read() == bytes(range(256)) * 4000))
"""


def reader(server: WebServer, cache: Path, *names: str) -> subprocess.Popen[str]:
    """A process that reads files of the server, and prints 1 for each that is right."""
    arguments = [f"{server.address}/corpus", str(cache), *names]
    return subprocess.Popen(
        [sys.executable, "-c", _READ, *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )


def test_processes_of_a_host_fetch_a_file_once(server: WebServer, tmp_path: Path) -> None:
    names = [f"f{number}" for number in range(6)]
    server.files |= {f"/corpus/{name}": DATA for name in names}
    processes = [reader(server, tmp_path, *names) for _ in range(2)]
    assert [process.communicate()[0].split() for process in processes] == [["1"] * 6] * 2
    assert [server.gets[f"/corpus/{name}"] for name in names] == [1] * 6


def test_what_a_killed_process_had_fetched_of_a_file_is_not_used(
    server: WebServer, root: Path, tmp_path: Path
) -> None:
    server.failures["/corpus/a"] = ["stall"]
    process = reader(server, tmp_path, "a")
    server.is_stalled.wait()
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert not (root / "a").exists()
    server.resume.set()
    assert read(root / "a") == DATA
