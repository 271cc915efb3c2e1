"""Addresses, and the local paths that stand for them."""

from __future__ import annotations

from pathlib import Path

import pytest

from audioflan_tasks.errors import SettingsError
from audioflan_tasks.remote.addresses import (
    address_of,
    is_address,
    is_remote,
    place_of,
    shown_root,
    split_roots,
)


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("s3://bucket/corpus", "s3/bucket/corpus"),
        ("s3://bucket/corpus/", "s3/bucket/corpus"),
        ("gs://bucket/a b/c:d.wav", "gs/bucket/a b/c:d.wav"),
        ("hf://datasets/org/name@main/store", "hf/datasets/org/name@main/store"),
        ("http://127.0.0.1:8000/a%20b/x.jsonl", "http/127.0.0.1:8000/a b/x.jsonl"),
        ("https://host/ä", "https/host/ä"),
    ],
)
def test_an_address_has_one_place_and_a_place_one_address(
    address: str, place: str, tmp_path: Path
) -> None:
    path = place_of(address, tmp_path)
    assert path == tmp_path / "remote-files" / place
    # `Path` takes a slash from it, as a command line does.
    assert place_of(Path(address), tmp_path) == path
    assert is_remote(path) and is_address(address) and is_address(Path(address))
    written = address_of(path)
    assert written is not None and place_of(written, tmp_path) == path
    assert shown_root(path) == written


def test_the_web_has_its_names_quoted(tmp_path: Path) -> None:
    place = place_of("https://host:8443/corpus", tmp_path)
    assert address_of(place / "a b#1%.wav") == "https://host:8443/corpus/a%20b%231%25.wav"


@pytest.mark.parametrize(
    "path",
    ["/corpus", "corpus", "C:/corpus", "s3", "./s3:bucket", "ftp://host/x"],
)
def test_other_paths_are_local(path: str) -> None:
    assert not is_address(path) and not is_remote(path)
    assert address_of(path) is None and shown_root(path) == path


def test_a_folder_of_that_name_is_no_cache_by_itself() -> None:
    assert not is_remote("/data/remote-files/wavs/x.wav")


@pytest.mark.parametrize("address", ["s3://", "s3:///", "s3://b/../c", "https://host/x?sign=1"])
def test_what_cannot_be_joined_with_a_path_is_refused(address: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="not a usable address"):
        place_of(address, tmp_path)


@pytest.mark.parametrize(
    "roots",
    [
        ["s3://a/b", "s3://c/d"],
        ["/local/x", "s3://a/b", "/local/y"],
        ["http://host:8080/x", "https://host:9/y", "relative"],
        ["s3:/a/b", "gs:/c"],
        ["s3://only/one"],
    ],
)
def test_several_roots_in_one_text(roots: list[str]) -> None:
    assert split_roots(":".join(roots)) == roots
