"""A corpus and a store of S3, from a real server of its protocol on loopback.

They need s3fs and moto's server: scripts/check_remote.sh makes an environment with them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from audioflan_tasks import Corpus
from audioflan_tasks.config import settings
from audioflan_tasks.errors import RemoteError, SettingsError
from audioflan_tasks.plain_files import open_plain_file
from audioflan_tasks.remote import open_root
from audioflan_tasks.store import Store, build_store
from tests.store.conftest import make_tree
from tests.store.tokenizers import SMALL_UNITS

s3fs = pytest.importorskip("s3fs", reason="the extra remote is not installed")
moto_server = pytest.importorskip("moto.server", reason="moto[server] is not installed")

KEY = ("text_to_speech", "train")


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a tree and a store of it."""
    folder = tmp_path_factory.mktemp("local")
    make_tree(folder / "tree", most=3)
    build_store(folder / "tree", folder / "store", **SMALL_UNITS)
    return folder


@pytest.fixture(scope="module")
def s3(local: Path) -> Iterator[object]:
    """A client of the server, which has the folder as `s3://bucket`."""
    server = moto_server.ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
        patch.setenv("AWS_ACCESS_KEY_ID", "testing")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        client = s3fs.S3FileSystem(use_listings_cache=False)
        client.mkdir("bucket")
        client.put(str(local), "bucket/local", recursive=True)
        yield client
    server.stop()


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "cache_dir", tmp_path / "cache")


def test_a_tree_and_a_build_from_it(s3: object, local: Path, tmp_path: Path) -> None:
    remote, here = Corpus("s3://bucket/local/tree"), Corpus(local / "tree")
    assert list(remote.instances()) == list(here.instances())
    instance = here.instance(*KEY, 0)
    for audio_id in instance.audio_ids:
        wave = remote.audio(audio_id, 16_000, instance)
        assert np.array_equal(wave, here.audio(audio_id, 16_000, instance))
    build_store("s3://bucket/local/tree", tmp_path / "out", workers=2, **SMALL_UNITS)
    built, expected = Store(tmp_path / "out"), Store(local / "store")
    assert built.facts.shards == expected.facts.shards
    assert np.array_equal(built.codes(*KEY, 0)[0], expected.codes(*KEY, 0)[0])


def test_a_store_in_a_small_cache(s3: object, local: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    largest = max(path.stat().st_size for path in (local / "store").rglob("*") if path.is_file())
    monkeypatch.setattr(settings, "remote_cache_bytes", 2 * largest)
    remote, here = Corpus("s3://bucket/local/store"), Corpus(local / "store")
    assert list(remote.instances()) == list(here.instances())
    files = (settings.cache_dir or Path()).rglob("remote-files/s3/**/*")
    assert sum(path.stat().st_size for path in files if path.is_file()) <= 2 * largest


def test_a_change_is_noticed(s3: object, tmp_path: Path) -> None:
    s3.pipe("bucket/x/a", b"1" * 100)  # type: ignore[attr-defined]
    root = open_root("s3://bucket/x", tmp_path, None)
    with open_plain_file(root / "a") as handle:
        assert handle.read() == b"1" * 100
    s3.pipe("bucket/x/a", b"2" * 100)  # type: ignore[attr-defined]
    root = open_root("s3://bucket/x", tmp_path, None)
    with open_plain_file(root / "a") as handle:
        assert handle.read() == b"2" * 100


def test_what_is_not_there_and_who_may_not(s3: object, monkeypatch: pytest.MonkeyPatch) -> None:
    for address in ("s3://bucket/nowhere", "s3://no-such-bucket/x"):
        with pytest.raises(SettingsError, match=f"{address}: no such corpus"):
            Corpus(address)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    s3fs.S3FileSystem.clear_instance_cache()
    with pytest.raises(RemoteError, match=r"s3://bucket/other.*credentials"):
        Corpus("s3://bucket/other")
