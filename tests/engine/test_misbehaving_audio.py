"""Audio that is missing, unreadable, empty, replaced or gone while it is read, in every form."""

from __future__ import annotations

import json
import pickle
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from audioflan_tasks import Corpus
from audioflan_tasks.config import settings
from audioflan_tasks.engine import Batches, batches
from audioflan_tasks.errors import AudioError, AudioFlanError
from tests.engine.batching.test_resume import examples_of

FORMS = ("padded", "bucketed", "one_task", "packed")
ROWS = 12


def tree(folder: Path) -> Path:
    """Twelve records, each with a clip of its own."""
    lines = []
    for row in range(ROWS):
        tone = 0.3 * np.sin(np.arange(4000) * (0.02 + 0.01 * row))
        soundfile.write(folder / f"clip{row}.wav", tone.astype(np.float32), 16000)
        record = {
            "instruction": f"Who speaks in clip {row}?", "input": f"audio: <|SOA|>clip{row}<|EOA|>",
            "output": "male", "uuid": f"u{row}", "split": ["train"],
            "task_type": {"major": ["Paralinguistic Attribute Recognition"],
                          "minor": ["Gender Recognition"], "U/G": ["understanding"],
                          "unseen": False},
            "domain": "speech", "source": ["x"], "other": None, "audio_path": f"clip{row}.wav",
        }  # fmt: skip
        lines.append(json.dumps(record))
    (folder / "records.jsonl").write_text("\n".join(lines) + "\n")
    return folder


def made(root: Path, form: Any, missing: str, cache: Path) -> Batches:
    options = settings.example_options().replace(missing_audio=missing)
    return batches(
        "gender_recognition", batch_size=3, seed=1, num_epochs=1, form=form, pack_length=400,
        corpus=Corpus(root, cache_dir=cache), options=options,
    )  # fmt: skip


def unlink(path: Path) -> None:
    path.unlink()


def empty(path: Path) -> None:
    path.write_bytes(b"")


def garbage(path: Path) -> None:
    path.write_bytes(b"RIFF but no more")


def no_samples(path: Path) -> None:
    soundfile.write(path, np.zeros(0, np.float32), 16000)


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:30])


def not_finite(path: Path) -> None:
    soundfile.write(path, np.full(4000, np.nan, np.float32), 16000, subtype="FLOAT")


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


DAMAGES = (unlink, empty, garbage, no_samples, cut_short, not_finite, folder)


CASES = [(form, damage) for form in FORMS for damage in DAMAGES if form == "padded"
         or damage in (unlink, garbage)]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("form", "damage"), CASES)
def test_bad_audio_is_skipped_and_counted(
    form: str, damage: Callable[[Path], None], tmp_path: Path
) -> None:
    root = tree(tmp_path)
    stream = made(root, form, "skip", tmp_path / "cache")
    first = examples_of(next(stream))
    done = len(first)
    # Files go bad while the stream is read; those that were read are in memory or in the cache.
    for row in range(ROWS):
        damage(root / f"clip{row}.wav") if row % 2 else None
    rest = [e for batch in stream for e in examples_of(batch)]
    # Packed examples, and those of windows, are made ahead.
    assert ROWS // 2 - done <= len(rest) <= ROWS - done
    again = made(root, form, "skip", tmp_path / "cache")
    assert sum(len(examples_of(batch)) for batch in again) == ROWS // 2
    assert sum(again.skipped.values()) == ROWS // 2
    assert set(again.skipped) <= {"missing audio", "unreadable audio"}
    strict, errors = made(root, form, "error", tmp_path / "cache"), 0
    found: Counter[Any] = Counter()
    for _ in range(100):
        try:
            found.update(examples_of(next(strict)))
        except StopIteration:
            break
        except AudioError:
            errors += 1
    assert 1 <= errors <= ROWS // 2
    assert max(found.values(), default=1) == 1
    assert form != "packed" or sum(found.values()) == ROWS // 2


def test_a_replaced_file_is_read_anew(tmp_path: Path) -> None:
    root, cache = tree(tmp_path), tmp_path / "cache"
    corpus = Corpus(root, cache_dir=cache)
    instance = corpus.instance("gender_recognition", "train", 0)
    before = corpus.audio("clip0", 16000, instance)
    soundfile.write(root / "clip0.wav", np.zeros(8000, np.float32), 16000)
    assert len(corpus.audio("clip0", 16000, instance)) == 8000 != len(before)


def test_long_audio_comes_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from audioflan_tasks.audio import load
    from audioflan_tasks.tokens import tokenizer_of

    monkeypatch.setattr(load, "MAX_SECONDS", 0.1)
    corpus = Corpus(tree(tmp_path), cache_dir=tmp_path / "cache")
    instance = corpus.instance("gender_recognition", "train", 0)
    tokenizer = tokenizer_of(settings.example_options())
    codes = corpus.coder(tokenizer)("clip0", instance)
    samples, _ = soundfile.read(tmp_path / "clip0.wav", dtype="float32")
    assert np.array_equal(codes, tokenizer.encode(samples))


def test_a_file_that_changes_while_it_is_read_leaves_no_codes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, cache = tree(tmp_path), tmp_path / "cache"
    corpus = Corpus(root, cache_dir=cache)
    blocks = corpus.clip_reader.blocks

    def replacing(*arguments: Any) -> Any:
        yield from list(blocks(*arguments))
        soundfile.write(root / "clip0.wav", np.zeros(8000, np.float32), 16000)

    monkeypatch.setattr(corpus.clip_reader, "blocks", replacing)
    from audioflan_tasks.tokens import tokenizer_of

    codes = corpus.coder(tokenizer_of(settings.example_options()))
    instance = corpus.instance("gender_recognition", "train", 0)
    with pytest.raises(AudioError, match="changed while it was read"):
        codes("clip0", instance)
    assert not list(cache.rglob("*.npy"))


def test_what_is_sent_is_refused_where_it_would_mean_something_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from audioflan_tasks.tokens import registry
    from tests.conftest import Loudness

    root = tree(tmp_path)
    sent = pickle.dumps(made(root, "padded", "error", tmp_path / "cache"))
    assert next(pickle.loads(sent))["task"][0] == 0
    with monkeypatch.context() as patch:
        registry._cached_tokenizer.cache_clear()
        patch.setattr(Loudness, "fingerprint", "loudness-v2")
        with pytest.raises(AudioFlanError, match="tokenizer_fingerprint was 'loudness-v1'"):
            next(pickle.loads(sent))
    registry._cached_tokenizer.cache_clear()
    lines = (root / "records.jsonl").read_text().splitlines()
    (root / "records.jsonl").write_text("\n".join(lines[:-1]) + "\n")
    with pytest.raises(AudioFlanError, match="records changed in: audioflan_gender_recognition"):
        next(pickle.loads(sent))


def test_states_say_which_weights_and_pools(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from audioflan_tasks.engine import stream as stream_module
    from tests.conftest import Loudness

    root = tree(tmp_path)
    state = made(root, "padded", "error", tmp_path / "cache").state_dict()
    with monkeypatch.context() as patch:
        patch.setattr(Loudness, "fingerprint", "loudness-v2")
        with pytest.raises(AudioFlanError, match=r"'loudness-v1' and is 'loudness-v2'.* weights"):
            made(root, "padded", "error", tmp_path / "cache").load_state_dict(state)
    monkeypatch.setattr(stream_module, "prompt_digest", lambda *arguments: "0" * 8)
    with pytest.raises(AudioFlanError, match="words of its prompts changed"):
        made(root, "padded", "error", tmp_path / "cache").load_state_dict(state)
    made(root, "padded", "error", tmp_path / "cache").load_state_dict(state, revise=True)
