"""A bit that changed in a store is named when it is read, or changes nothing that is read."""

from __future__ import annotations

import os
import pickle
import random
import shutil
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from audioflan_tasks.config import settings
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.errors import StoreError
from audioflan_tasks.store import Store, build_store, read_provenance, repair_store, verify_store
from audioflan_tasks.store.layout import FORMAT
from audioflan_tasks.store.packed import packed_arrays
from audioflan_tasks.store.reader.block_checks import FileCheck, StoreChecks
from audioflan_tasks.store.reader.column_check import ColumnCheck
from audioflan_tasks.store.reader.mapped import map_arrays
from audioflan_tasks.store.sums import BLOCK_BYTES, block_ranges, sums_of
from tests.kinds import first_of
from tests.store.conftest import edit_facts, files_of, make_tree
from tests.store.tokenizers import CHEAP_UNITS

# Read by builds, or by people, and never by a reader of rows.
_NOT_READ = (".lock", ".done", ".jsonl", ".clips.arrow")


@pytest.fixture(scope="module")
def small_tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tree(tmp_path_factory.mktemp("small"), most=3)


@pytest.fixture(scope="module")
def cheap_store(small_tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("cheap") / "store"
    build_store(small_tree, out, **CHEAP_UNITS)
    return out


@pytest.fixture
def store(cheap_store: Path, tmp_path: Path) -> Path:
    """A store that the test may change."""
    return Path(shutil.copytree(cheap_store, tmp_path / "store"))


def contents(path: Path) -> list[object]:
    """All that a store gives: its records, codes, ids of texts, lengths, and clips by id."""
    store = Store(path)
    values: list[object] = []
    for key in store.pairs():
        values.append(store.lengths(*key).tobytes())
        for row in range(store.size(*key)):
            instance = store.instance(*key, row)
            values += [instance, *(codes.tobytes() for codes in store.codes(*key, row))]
            values += [ids.tobytes() for ids in store.text_ids(*key, row)]
            values += [np.asarray(store.clip(i)).tobytes() for i in instance.audio_ids]
            shard, place = store.place(*key, row)
            head = shard.heads[place]
            keys = filter(None, (head["prompt"], head["layout"]))
            values += [head.tobytes(), *map(shard.outline, keys)]
            values += read_provenance({0: shard}, np.zeros(1, np.int64), np.array([place]))
    return values


def read_row(store: Store, key: tuple[str, str], row: int) -> list[bytes]:
    """Ids of texts, codes, and uuid of a row."""
    arrays = (*store.text_ids(*key, row), *store.codes(*key, row))
    shard, place = store.place(*key, row)
    (told,) = read_provenance({0: shard}, np.zeros(1, np.int64), np.array([place]))
    return [*(array.tobytes() for array in arrays), told.uuid]


def flips(files: list[Path], count: int, seed: int) -> Iterator[tuple[Path, int, int]]:
    """Places of single bits: the files in turn, so that none is left out."""
    rng = random.Random(seed)
    for number in range(count):
        file = files[number % len(files)]
        yield file, rng.randrange(file.stat().st_size), 1 << rng.randrange(8)


@pytest.mark.slow
@pytest.mark.parametrize("count", first_of(40, 200))
def test_a_bit_that_changed_is_found_or_changes_nothing(store: Path, count: int) -> None:
    whole = contents(store)
    files = [path for path in store.rglob("*") if path.is_file() and path.stat().st_size]
    readable = [path for path in files if not path.name.endswith(_NOT_READ)]
    kinds = {
        (path.relative_to(store).parts[0], path.name.partition(".")[2][17:]): path
        for path in readable
    }
    assert len(kinds) == 12
    found = 0
    for file, place, bit in flips([kinds[kind] for kind in sorted(kinds)], count, seed=count):
        data = file.read_bytes()
        changed = bytearray(data)
        changed[place] ^= bit
        file.write_bytes(changed)
        try:
            assert contents(store) == whole, (file, place)
        except StoreError as error:
            found += 1
            assert str(file.with_suffix("").with_suffix("")) in str(error) or file.parent == store
            assert "audioflan" in str(error) and "\n" not in str(error)
        finally:
            file.write_bytes(data)
    # Others hit what is not read: bytes that align, the order of rows where none is left out.
    assert found > count * 3 // 4


@pytest.mark.slow
def test_the_error_names_file_block_and_remedy_which_works(store: Path) -> None:
    whole = files_of(store)
    file = max(store.glob("codes/*/*/*[0-9a-f].npy"), key=lambda path: path.stat().st_size)
    data = bytearray(file.read_bytes())
    assert len(data) > 2 * BLOCK_BYTES
    data[BLOCK_BYTES + 7] ^= 1
    file.write_bytes(data)
    with pytest.raises(StoreError) as caught:
        contents(store)
    words = str(caught.value)
    assert str(file) in words and "block 1 (bytes 65,536 to 131,072)" in words
    assert words.endswith(f"audioflan verify {store} --repair")
    repair_store(store, verify_store(store))
    assert files_of(store) == whole


@pytest.mark.slow
def test_blocks_are_checked_once_and_only_those_that_are_read(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []

    def counted(data: memoryview) -> int:
        sizes.append(len(data))
        return crc32(data)

    crc32 = zlib.crc32
    monkeypatch.setattr(zlib, "crc32", counted)
    opened = Store(store)
    key = opened.pairs()[0]
    opened.codes(*key, 0)
    first = len(sizes)
    opened.codes(*key, 0)
    assert len(sizes) == first
    assert sum(sizes) < sum(path.stat().st_size for path in store.rglob("*.npy"))


@pytest.mark.slow
def test_a_file_that_is_needed_whole_is_checked_once(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As by lengths, and also where shards are closed and opened again."""
    checks: list[FileCheck] = []
    check_all = FileCheck.check_all

    def noted(check: FileCheck) -> None:
        checks.append(check)
        check_all(check)

    monkeypatch.setattr("audioflan_tasks.store.reader.store._OPEN_SHARDS", 1)
    monkeypatch.setattr(FileCheck, "check_all", noted)
    opened = Store(store)
    assert opened.shard_count > 1
    for key in opened.pairs() * 3:
        opened.lengths(*key)
    assert len(checks) == 2 * opened.shard_count


@pytest.mark.parametrize("name", ["rows", "ids", "refs", "provenance_bytes"])
def test_a_row_of_packed_files_is_checked_alone(store: Path, name: str) -> None:
    """What other rows have may be wrong, and no checksums of blocks are read."""
    for sums in (*store.glob("texts/*/*.sums"), *store.glob("refs/*/*.sums")):
        sums.unlink()
    key = max(Store(store).pairs(), key=lambda key: Store(store).size(*key))
    shard, place = Store(store).place(*key, 1)
    other = Store(store).place(*key, 0)[1]
    item = {"rows": place, "refs": int(shard.starts[place])}.get(name, 0)
    pattern = "refs/*/*.refs" if name == "refs" else "texts/*/*.texts"
    unit = Path(shard.rows.path).name.partition(".")[0]
    (file,) = (path for path in store.glob(pattern) if path.name.startswith(f"{unit}."))
    arrays = {name: array.copy() for name, array in map_arrays(str(file)).items()}
    values = read_row(Store(store), key, 0)
    if name == "ids":
        item = int(arrays["texts"]["start"][arrays["rows"]["text"][place] + 1])
    if name == "provenance_bytes":
        # Inside the uuid, so that it can be read where nothing is checked.
        item = int(arrays["provenance"]["start"][place]) + 3
    arrays[name].view(np.uint8).reshape(len(arrays[name]), -1)[item, 0] ^= 1
    with file.open("wb") as handle:
        packed_arrays(arrays)(handle)
    assert other != place
    assert read_row(Store(store), key, 0) == values
    with pytest.raises(
        StoreError, match=rf"{file}: what it holds of item \d+ has changed .*repair"
    ):
        read_row(Store(store), key, 1)
    assert read_row(Store(store, check=False), key, 1)


@pytest.mark.parametrize("fault", ["cut", "longer", "no sums", "other sums"])
def test_sizes_and_sums_are_checked_when_a_file_is_opened(store: Path, fault: str) -> None:
    file = next(iter(sorted(store.glob("refs/*/*.refs"))))
    sums = next(iter(sorted(file.parent.glob(f"{file.name[:-5]}.sums"))))
    if fault == "no sums":
        sums.unlink()
    elif fault == "other sums":
        sums.write_bytes(sums.read_bytes()[:-1] + b"x")
    else:
        data = file.read_bytes()
        file.write_bytes(data[:-8] if fault == "cut" else data + b"more")
    with pytest.raises(StoreError, match=r"cannot be read|it was written with"):
        contents(store)
    (wrong,) = verify_store(store)
    assert wrong.unit.startswith("refs/")


@pytest.mark.parametrize("name", ["refs/*/*.refs", "refs/*/*.sums", "refs/*/*.done"])
def test_a_pipe_in_the_place_of_a_file_is_not_waited_for(store: Path, name: str) -> None:
    file = next(iter(sorted(store.glob(name))))
    file.unlink()
    os.mkfifo(file)
    (fault,) = verify_store(store)
    assert fault.unit.startswith("refs/")
    if not name.endswith(".done"):
        with pytest.raises(StoreError, match=str(file)):
            contents(store)


@pytest.mark.slow
def test_checks_can_be_turned_off(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for sums in store.rglob("*.sums"):
        sums.unlink()
    opened = Store(store, check=False)
    key = opened.pairs()[0]
    assert opened.codes(*key, 0) and pickle.loads(pickle.dumps(opened)).codes(*key, 0)
    monkeypatch.setattr(settings, "check_store", False)
    assert Corpus(store).rows.instance(*key, 0)
    monkeypatch.setattr(settings, "check_store", True)
    with pytest.raises(StoreError, match="checksums cannot be read"):
        Corpus(store).rows.instance(*key, 0)


@pytest.mark.slow
def test_a_build_adds_checksums_to_what_an_older_package_made(
    store: Path, small_tree: Path
) -> None:
    """As before there were any: such a store is refused, and a build makes no unit again."""
    whole = files_of(store)
    for sums in store.rglob("*.sums"):
        sums.unlink()
    edit_facts(store, lambda facts: facts.update(version=FORMAT - 1))
    with pytest.raises(StoreError, match=f"a store of format {FORMAT - 1}, this package reads"):
        Store(store)
    build_store(small_tree, store, **CHEAP_UNITS)
    assert files_of(store) == whole


def test_a_store_file_that_was_edited_is_refused_and_a_build_writes_it_again(
    store: Path, small_tree: Path
) -> None:
    file = store / "store.json"
    data = file.read_bytes()
    file.write_bytes(data.replace(b'"part_bytes": 4000', b'"part_bytes": 4001'))
    with pytest.raises(StoreError, match=r"store\.json: has changed since a build wrote it"):
        Store(store)
    build_store(small_tree, store, **CHEAP_UNITS)
    assert file.read_bytes() == data


def test_outlines_of_arrow_files_are_checked_first(tmp_path: Path) -> None:
    """What lies between the values says where these are: it is checked before they are read."""
    file = tmp_path / "x.arrow"
    texts = pa.array(["a" * 50_000] * 20)
    words = pa.array(["b" * 100, "c"] * 10).dictionary_encode()
    table = pa.table({"texts": texts, "words": words})
    with pa.OSFile(str(file), "wb") as handle, pa.ipc.new_file(handle, table.schema) as writer:
        writer.write_table(table)
    sums = sums_of(file, ".arrow")
    count = -(-file.stat().st_size // BLOCK_BYTES)
    assert len(sums.crcs) == count and {0, count - 1} <= set(sums.first) and len(sums.first) < 5
    buffer = pa.memory_map(str(file)).read_buffer()
    read = pa.ipc.open_file(pa.BufferReader(buffer)).read_all()
    ranges = block_ranges(read["texts"].chunk(0), buffer.address)
    assert all(0 < begin <= end <= buffer.size for begin, end in ranges)
    assert any(buffer[begin : begin + 3].to_pybytes() == b"aaa" for begin, _ in ranges)


def test_a_row_of_an_arrow_file_is_checked_alone(tmp_path: Path) -> None:
    file = tmp_path / "x.arrow"
    table = pa.table({
        "texts": pa.array([None, *(letter * BLOCK_BYTES for letter in "abcdefgh")]),
        "words": pa.array([None, *("ijklmnop")]).dictionary_encode(),
        "numbers": pa.array(range(9), pa.int32()),
    })  # fmt: skip
    with pa.OSFile(str(file), "wb") as handle, pa.ipc.new_file(handle, table.schema) as writer:
        writer.write_table(table)
    sums = sums_of(file, ".arrow")
    data = file.read_bytes()
    file.write_bytes(data.replace(b"ccc", b"cac", 1))
    buffer = pa.memory_map(str(file)).read_buffer()
    check = FileCheck(StoreChecks(tmp_path, True), str(file), buffer, sums)
    texts, words, numbers = (
        column.chunk(0) for column in pa.ipc.open_file(pa.BufferReader(buffer)).read_all().columns
    )
    for row in range(9):
        ColumnCheck(check, words).check_row(row)
        ColumnCheck(check, numbers).check_row(row)
    # The block that changed has the end of text 2, too.
    for row in (0, 1, 4, 5, 6, 7, 8):
        ColumnCheck(check, texts.slice(row, 1)).check_row(0)
    assert not check.is_done
    with pytest.raises(StoreError, match=r"x\.arrow: block \d \(bytes .* has changed"):
        ColumnCheck(check, texts).check_row(3)
