"""A store of thousands of shards within the handles and maps of an ordinary process."""

from __future__ import annotations

import itertools
import resource
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from audioflan_tasks.corpus import Corpus
from audioflan_tasks.engine import batches
from audioflan_tasks.mixtures import mixture
from audioflan_tasks.store import Store, build_store
from audioflan_tasks.store.builder.store_file import write_store_file
from audioflan_tasks.store.groups import ShardGroups, group_table
from audioflan_tasks.store.schema import GroupTable
from audioflan_tasks.tokens import registry
from tests.conftest import Loudness
from tests.store.conftest import make_tree

MAPS = Path("/proc/self/maps")
HANDLES = Path("/proc/self/fd")

# More than there may be handles.
SHARDS, MOST_HANDLES = 1500, 1024
# Files of a store that may be open (`store.reader.file_parts`), and the process's own.
MOST_OPEN = 64 + 8
# Maps of the process's own that come and go.
OWN_MAPS = 200

pytestmark = pytest.mark.skipif(not MAPS.is_file(), reason="counts maps as Linux does")


@pytest.fixture
def many_shards(tmp_path: Path) -> Path:
    """A store whose few shards are named again and again."""
    if "loudness" not in registry.tokenizer_names():
        registry.register_tokenizer("loudness", Loudness)
    build_store(make_tree(tmp_path / "tree", 2), tmp_path / "store", tokenizer="loudness")
    store = Store(tmp_path / "store")
    facts = store.facts
    times = -(-SHARDS // len(facts.shards))
    (codes,), (texts,) = facts.codes.values(), facts.texts.values()
    large = msgspec.structs.replace(
        facts, shards=facts.shards * times, groups=_repeated(facts.groups, times),
        codes={facts.default.codes: msgspec.structs.replace(
            codes, ref_units=codes.ref_units * times,
            groups=None if codes.groups is None else _repeated(codes.groups, times),
        )},
        texts={facts.default.text: msgspec.structs.replace(
            texts, text_units=texts.text_units * times
        )},
    )  # fmt: skip
    write_store_file(store.path, large)
    return store.path


def _repeated(table: GroupTable, times: int) -> GroupTable:
    shards = [ShardGroups(table).of_shard(n) for n in range(len(table.counts) // 4)]
    return group_table(shards * times)


@pytest.fixture
def few_handles() -> Iterator[None]:
    """As `ulimit -n 1024`."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (MOST_HANDLES, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, limits)


def maps() -> int:
    return len(MAPS.read_text().splitlines())


@pytest.mark.slow
@pytest.mark.usefixtures("few_handles")
def test_thousands_of_shards_need_few_handles_and_maps(many_shards: Path) -> None:
    corpus = Corpus(many_shards)
    stream = batches(mixture("all"), corpus=corpus, batch_size=64, seed=1)
    next(stream)
    handles, maps_before = len(list(HANDLES.iterdir())), maps()
    for _ in itertools.islice(stream, 40):
        pass
    # Few rows of a shard are read without mapping it; a record is in a file that is mapped.
    assert maps() - maps_before <= OWN_MAPS
    store = stream.stream.rows.store
    assert isinstance(store, Store)
    for number in range(store.shard_count):
        store.shard(number).instance(0)
    assert store.shard_count >= SHARDS > MOST_HANDLES
    assert len(list(HANDLES.iterdir())) <= handles + MOST_OPEN
    assert maps() - maps_before <= store.shard_count + OWN_MAPS
