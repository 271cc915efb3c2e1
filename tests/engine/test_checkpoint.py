"""States are read as a whole or not at all: a refused one leaves the stream as it was."""

from __future__ import annotations

import base64
import itertools
import json
import random
from typing import Any

import numpy as np
import pytest

from audioflan_tasks.engine import Batches, Stream, batches
from audioflan_tasks.errors import MixtureError
from audioflan_tasks.mixtures import mixture
from audioflan_tasks.mixtures.plan.state import packed
from tests.kinds import first_of

TASKS = ("key_detection", "tempo_comparison", "music_caption")

pytestmark = pytest.mark.usefixtures("quick_tokens")


def stream_of(seed: int | None = None, **options: Any) -> Stream:
    return Stream(mixture(*TASKS), seed=seed, split="test", **options)


def revised_state() -> dict[str, Any]:
    """The state of a stream whose mixture was changed at step 8 and that went on to step 12."""
    stream = Stream(mixture(*TASKS, policy="size"), seed=5, split="test")
    stream.load(stream_of(5).state(8), revise=True)
    return stream.state(12)


# What is wrong, the change, and words of the refusal.
EDITS: list[tuple[str, dict[str, Any], str]] = [
    ("negative step", {"step": -1}, "step"),
    ("step that is no whole number", {"step": 1.5}, "step"),
    ("step beyond 64 bits of sums", {"step": 2**62}, "step"),
    ("step that is a truth value", {"step": True}, "step"),
    ("step as a text", {"step": "8"}, "step"),
    ("step without its counts", {"step": 9}, "counts"),
    ("seed that is none", {"seed": None}, "seed"),
    ("seed as a fraction", {"seed": 0.5}, "seed"),
    ("no counts", {"counts": ""}, "counts"),
    ("counts of fewer tasks", {"counts": packed([8])}, "counts"),
    ("counts that add up to another step", {"counts": packed([1, 2, 3])}, "counts"),
    ("counts that no plan gives", {"counts": packed([8, 0, 0])}, "counts"),
    ("counts that are no base64", {"counts": "§§"}, "base64"),
    ("sources that are no base64", {"sources": "§§"}, "base64"),
    ("sources cut short", {"sources": base64.b64encode(b"abc").decode()}, "counts"),
    ("mixture that is no fingerprint", {"mixture": "audioflan_all"}, "mixture"),
    ("revisions that are no list", {"revisions": 3}, "revisions"),
    ("revision without a step", {"revisions": [{"mixture": "0" * 16}]}, "step"),
    ("revision after the step", {"revisions": [
        {"step": 9, "mixture": "0" * 16, "cursors": packed([3, 3, 3])}]}, "revisions at steps"),
    ("revision without cursors", {"revisions": [{"step": 4, "mixture": "0" * 16}]}, "cursors"),
    ("cursors of fewer tasks", {"revisions": [
        {"step": 4, "mixture": "0" * 16, "cursors": packed([4])}]}, "cursors"),
    ("cursors that do not add up", {"revisions": [
        {"step": 4, "mixture": "0" * 16, "cursors": packed([4, 4, 4])}]}, "cursors"),
    ("options that are none", {"options": []}, "options"),
    ("another version", {"version": 2}, "version 2"),
    ("version as a truth value", {"version": True}, "version True"),
]  # fmt: skip


def places(stream: Stream, step: int) -> list[tuple[int, ...]]:
    """Task, epoch and row of ten steps."""
    draws = stream.draws(np.arange(step, step + 10))
    return list(zip(draws.task.tolist(), draws.epoch.tolist(), draws.row.tolist(), strict=True))


@pytest.mark.parametrize(("edit", "words"), [e[1:] for e in EDITS], ids=[e[0] for e in EDITS])
@pytest.mark.parametrize("seed", [None, 5])
def test_an_edited_state_is_refused_and_nothing_has_changed(
    edit: dict[str, Any], words: str, seed: int | None
) -> None:
    state = {**stream_of(5).state(8), **edit}
    stream = stream_of(seed)
    before, expected = stream.state(6), places(stream, 6)
    with pytest.raises(MixtureError, match=words) as caught:
        stream.load(state)
    assert "\n" not in str(caught.value)
    assert stream.state(6) == before
    assert places(stream, 6) == expected


def test_the_state_of_another_stream_leaves_this_one_as_it_was() -> None:
    stream = stream_of()  # without a seed of its own it would take that of the state
    before, expected = stream.state(6), places(stream, 6)
    others = (
        Stream(mixture("key_detection"), seed=9, split="test").state(3),
        Stream(mixture(*TASKS, policy="size"), seed=9, split="test").state(3),
        Stream(mixture(*TASKS), seed=9, split="train").state(3),
        revised_state(),
    )
    for state in others:
        with pytest.raises(MixtureError, match="belongs to another stream"):
            stream.load(state)
        assert (stream.state(6), places(stream, 6)) == (before, expected)


@pytest.mark.parametrize("state", [None, 7, [], "state", {}, {"version": 1}])
def test_what_is_no_state_is_refused(state: Any) -> None:
    with pytest.raises(MixtureError, match=r"state"):
        stream_of().load(state)


def test_a_state_beyond_the_end_is_refused() -> None:
    longer, shorter = stream_of(5, epochs=3), stream_of(5, epochs=1)
    assert longer.total is not None and shorter.total is not None
    state = longer.state(longer.total)
    state["options"]["epochs"] = 1
    with pytest.raises(MixtureError, match=f"ends at {shorter.total}"):
        shorter.load(state)


def test_a_revised_state_is_loaded_and_written_again() -> None:
    state = revised_state()
    stream = Stream(mixture(*TASKS, policy="size"), split="test")
    assert stream.load(state) == 12
    assert (stream.state(12), stream.begin, stream.seed) == (state, 8, 5)


def batches_of(form: str, **options: Any) -> Batches:
    return batches(
        mixture(*TASKS), batch_size=3, form=form, split="test", num_epochs=2, window=3,  # type: ignore[arg-type]
        lengths={"inputs": 300, "targets": 100}, **options,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("form", "part", "edit"),
    [
        ("bucketed", "window", {"done": -1}),
        ("bucketed", "window", {"size": 7}),
        ("bucketed", "window", {"start": "0"}),
        ("packed", "packed", {"taken": 1.5}),
        ("packed", "packed", {"shard": [0, 2]}),
        ("packed", "packed", {"before": ["3"]}),
    ],
)
def test_batches_are_left_as_they_were_too(form: str, part: str, edit: dict[str, Any]) -> None:
    other = batches_of(form, seed=5)
    next(other)
    state = other.state_dict()
    state[part] = {**state[part], **edit}
    unseeded, reference = batches_of(form), None
    reference = batches_of(form, seed=unseeded.stream.seed)
    first = [next(unseeded), next(reference)]
    with pytest.raises(MixtureError):
        unseeded.load_state_dict(state)
    assert unseeded.state_dict() == reference.state_dict()
    for batch, expected in zip(unseeded, itertools.islice(reference, 2), strict=False):
        assert all(np.array_equal(batch[name], expected[name]) for name in expected)
    assert first[0].keys() == first[1].keys()


def leaves(value: Any) -> list[tuple[Any, Any]]:
    """Each place in a JSON value, as what holds it and the key there."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    places = [(value, key) for key, _ in items]
    return places + [
        inner for holder, key in places if isinstance(holder[key], dict | list)
        for inner in leaves(holder[key])
    ]  # fmt: skip


def edited(state: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    """A state with one to three changes: a value, its type, or its place."""
    copy_ = json.loads(json.dumps(state))
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        holder, key = rng.choice(leaves(copy_))
        value = holder[key]
        edits: list[Any] = [
            None, True, -1, 0, 1, 7, 2**63, 10**40, 0.5, float("nan"), "", "x", "\ud800", [], {},
            [value], {"x": value}, str(value), packed([3, 3, 2]), rng.choice(list(copy_.values())),
        ]  # fmt: skip
        if isinstance(value, str) and value:
            place = rng.randrange(len(value))
            near = chr(ord(value[place]) ^ 1)
            edits += [value[:place] + near + value[place + 1 :], value[:place], value * 2] * 5
        if isinstance(value, int):
            edits += [value + 1, value - 1, value * 2, value + rng.randrange(99)] * 5
        # Without its checksum it is a state of an earlier package, and is read as one.
        if rng.random() < 0.2 and key != "check":
            if isinstance(holder, dict):
                del holder[key]
            else:
                holder.insert(0, value)
            continue
        holder[key] = rng.choice(edits)
    return copy_  # type: ignore[no-any-return]


FORMS: dict[str, dict[str, Any]] = {
    "padded": {}, "bucketed": {"form": "bucketed", "window": 4},
    "packed": {"form": "packed", "pack_length": 600},
}  # fmt: skip


@pytest.mark.parametrize("count", first_of(20, 200))
@pytest.mark.parametrize("seed", [None, 5])
@pytest.mark.parametrize("form", FORMS)
def test_states_edited_at_random_are_refused_or_give_the_same(
    form: str, seed: int | None, count: int
) -> None:
    """Checked against the next batches of the stream itself."""

    def made(own_seed: int | None) -> Batches:
        options = {"batch_size": 4, "seed": own_seed, "split": "test", **FORMS[form]}
        return batches(mixture(*TASKS), **options)

    def next_batches(some: Batches) -> list[list[tuple[str, bytes]]]:
        arrays = [next(some) for _ in range(3)]
        return [[(name, np.asarray(value).tobytes()) for name, value in a.items()] for a in arrays]

    whole = made(5)
    next(whole)
    state = whole.state_dict()
    expected = next_batches(whole)
    rng = random.Random(f"{form}{seed}")
    refusals = 0
    for _ in range(count):
        other = edited(state, rng)
        resumed = made(seed)
        try:
            resumed.load_state_dict(other)
        except MixtureError as error:
            assert "\n" not in str(error)
            refusals += 1
            continue
        assert next_batches(resumed) == expected, other
    assert refusals > count // 2
