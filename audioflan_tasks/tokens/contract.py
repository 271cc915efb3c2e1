"""What any audio tokenizer must keep, as a test for a user's own.

    from audioflan_tasks.tokens.contract import check_tokenizer

    check_tokenizer(MyTokenizer())  # TokenizerError with everything that is wrong

Or, in pytest, one test a rule: `@pytest.mark.parametrize("rule", RULES)`, `rule(tokenizer)`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.errors import AudioFlanError, TokenizerError
from audioflan_tasks.tokens.protocol import AudioTokenizer

__all__ = ["RULES", "SOUND_RULES", "check_tokenizer"]

Wave = NDArray[np.float32]
Rule = Callable[[AudioTokenizer], None]

_SECONDS = 1.37
_QUIET = 0.01


def check_tokenizer(tokenizer: AudioTokenizer, *, sound: bool = True) -> None:
    """Holds a tokenizer against every rule.

    With `sound=False` the rule about silence is left out, for a model that is not trained.
    How well speech or music comes back is no rule: measure it on your own material.

    Raises:
      TokenizerError: some rules are broken; says which, and how.
    """
    broken = []
    for rule in (*RULES, *(SOUND_RULES if sound else ())):
        try:
            rule(tokenizer)
        except TokenizerError as error:
            broken.append(f"{rule.__name__}: {error}")
        except Exception as error:  # what a stranger's code raises is a finding too
            broken.append(f"{rule.__name__}: {type(error).__name__}: {error}")
    if broken:
        name = getattr(tokenizer, "name", type(tokenizer).__name__)
        raise TokenizerError(f"tokenizer {name} breaks {len(broken)} rules:\n" + "\n".join(broken))


def describes_itself(tokenizer: AudioTokenizer) -> None:
    """Names, rates and sizes are there, of the right type, and stay the same."""
    told = _told(tokenizer)
    name, fingerprint, rate, frames, sizes = told
    _need(isinstance(tokenizer, AudioTokenizer), "is no AudioTokenizer")
    _need(bool(name) and isinstance(name, str), f"name {name!r} is no text")
    _need(bool(fingerprint) and isinstance(fingerprint, str), f"fingerprint {fingerprint!r}")
    _need(isinstance(rate, int) and 1000 <= rate <= 192_000, f"sample_rate {rate!r}")
    _need(0 < frames <= rate, f"frame_rate {frames!r}")
    _need(isinstance(sizes, tuple) and len(sizes) > 0, f"codebook_sizes {sizes!r}")
    fits = all(isinstance(size, int) and 2 <= size <= 1 << 16 for size in sizes)
    _need(fits, f"codebook_sizes {sizes!r}: expected whole numbers from 2 to 65536")
    tokenizer.encode(_tone(tokenizer))
    _need(_told(tokenizer) == told, "what it says of itself changes with use")


def codes_have_their_shape_and_range(tokenizer: AudioTokenizer) -> None:
    """Codes are integers [frames, codebooks], below the sizes of their codebooks."""
    codes = tokenizer.encode(_tone(tokenizer))
    sizes = np.array(tokenizer.codebook_sizes)
    _need(isinstance(codes, np.ndarray), f"encode gives {type(codes).__name__}, no array")
    _need(
        codes.ndim == 2 and codes.shape[1] == len(sizes),
        f"codes {codes.shape}: expected [frames, {len(sizes)}]",
    )
    _need(np.issubdtype(codes.dtype, np.integer), f"codes of type {codes.dtype}")
    inside = bool((codes >= 0).all() and (codes < sizes).all())
    _need(inside, f"codes from {codes.min()} to {codes.max()}, sizes {tuple(sizes)}")


def frames_follow_the_rates(tokenizer: AudioTokenizer) -> None:
    """Frames are as many as sample rate and frame rate say, so no other rate is meant."""
    for seconds in (0.5, _SECONDS):
        frames = len(tokenizer.encode(_tone(tokenizer, seconds)))
        wanted = seconds * tokenizer.frame_rate
        _need(
            abs(frames - wanted) <= 2,
            f"{frames} frames for {seconds} s at {tokenizer.frame_rate:g} frames/s; is the "
            "audio of another sample rate?",
        )


def codes_are_deterministic(tokenizer: AudioTokenizer) -> None:
    """The same samples give the same codes, whatever was encoded before, and are left alone."""
    tone, other = _tone(tokenizer), _noise(tokenizer)
    before = tone.copy()
    first = tokenizer.encode(tone)
    _need(np.array_equal(tone, before), "encode changes the samples it is given")
    tokenizer.encode(other)
    tokenizer.decode(first)
    _need(np.array_equal(first, tokenizer.encode(before)), "the same samples give other codes")


def decoding_is_deterministic(tokenizer: AudioTokenizer) -> None:
    """The same codes give the same samples; only the length, where `decoding_varies` is true."""
    codes = tokenizer.encode(_tone(tokenizer))
    before = codes.copy()
    first, second = tokenizer.decode(codes), tokenizer.decode(codes)
    _need(np.array_equal(codes, before), "decode changes the codes it is given")
    varies = getattr(tokenizer, "decoding_varies", False)
    same = len(first) == len(second) if varies else np.array_equal(first, second)
    _need(same, "the same codes give other samples (say so with decoding_varies = True)")


def lengths_come_back(tokenizer: AudioTokenizer) -> None:
    """Decoded audio is mono float32, finite, and less than two frames longer than it was."""
    frame = tokenizer.sample_rate / tokenizer.frame_rate
    for seconds in (0.1, _SECONDS):
        tone = _tone(tokenizer, seconds)
        back = tokenizer.decode(tokenizer.encode(tone))
        _need(back.dtype == np.float32 and back.ndim == 1, f"{back.dtype} {back.shape}")
        _need(bool(np.isfinite(back).all()), "decoded samples are not finite")
        more = len(back) - len(tone)
        _need(0 <= more < 2 * frame, f"{len(tone)} samples come back as {len(back)}")


def nothing_and_one_sample(tokenizer: AudioTokenizer) -> None:
    """No samples give no frames and back; one sample gives a frame or two."""
    books = len(tokenizer.codebook_sizes)
    none = tokenizer.encode(np.empty(0, np.float32))
    _need(none.shape == (0, books), f"no samples give codes {none.shape}, expected (0, {books})")
    _need(len(tokenizer.decode(none)) == 0, "no codes give samples")
    one = tokenizer.encode(np.full(1, 0.1, np.float32))
    _need(one.shape in ((1, books), (2, books)), f"one sample gives codes {one.shape}")
    _need(bool(np.isfinite(tokenizer.decode(one)).all()), "one frame decodes to no numbers")


def bad_samples_are_refused(tokenizer: AudioTokenizer) -> None:
    """NaN, infinity, several channels and integers are errors of this package, not codes."""
    bad: dict[str, Any] = {
        "NaN": np.array([0.0, np.nan] * 500, np.float32),
        "infinity": np.array([0.0, np.inf] * 500, np.float32),
        "stereo": np.zeros((1000, 2), np.float32),
        "a single channel of two": np.zeros((2, 1000), np.float32),
        "int16": np.zeros(1000, np.int16),
    }
    for what, samples in bad.items():
        _refused(what, partial(tokenizer.encode, samples))


def bad_codes_are_refused(tokenizer: AudioTokenizer) -> None:
    """Codes out of range, of another shape, or no integers are errors of this package."""
    sizes = tokenizer.codebook_sizes
    good = np.zeros((3, len(sizes)), np.int64)
    bad: dict[str, NDArray[Any]] = {
        "a negative code": good - 1,
        "codes without frames": good[0],
        "one codebook too many": np.zeros((3, len(sizes) + 1), np.int64),
        "fractions": good + 0.5,
    }
    for book, size in enumerate(sizes):
        bad[f"code {size} of codebook {book}"] = good.copy()
        bad[f"code {size} of codebook {book}"][1, book] = size
    for what, codes in bad.items():
        _refused(what, partial(tokenizer.decode, codes))


def streams_equal_the_whole(tokenizer: AudioTokenizer) -> None:
    """`encode_stream` and `decode_stream`, where they are offered, give the bits of one call."""
    if not any(hasattr(tokenizer, f"{way}_stream") for way in ("encode", "decode")):
        return
    wave = np.concatenate([_tone(tokenizer), _noise(tokenizer), _tone(tokenizer, 2.3)])
    codes = tokenizer.encode(wave)
    for size in (len(wave) // 3 + 1, 997):
        pieces = [wave[at : at + size] for at in range(0, len(wave), size)]
        made = _streamed(tokenizer, "encode_stream", pieces)
        same = made is None or np.array_equal(made, codes)
        _need(same, f"codes differ from those of the whole when cut every {size} samples")
    whole = tokenizer.decode(codes)
    for frames in (1, 17):
        pieces = [codes[at : at + frames] for at in range(0, len(codes), frames)]
        made = _streamed(tokenizer, "decode_stream", pieces)
        same = made is None or np.array_equal(made, whole)
        _need(same, f"samples differ from those of the whole when cut every {frames} frames")


def silence_stays_silent(tokenizer: AudioTokenizer) -> None:
    """Digital silence decodes to less than 40 dB under full scale."""
    silent = np.zeros(tokenizer.sample_rate, np.float32)
    peak = float(np.abs(tokenizer.decode(tokenizer.encode(silent))).max())
    _need(peak < _QUIET, f"silence comes back with a peak of {peak:.3g}")


RULES: Sequence[Rule] = (
    describes_itself,
    codes_have_their_shape_and_range,
    frames_follow_the_rates,
    codes_are_deterministic,
    decoding_is_deterministic,
    lengths_come_back,
    nothing_and_one_sample,
    bad_samples_are_refused,
    bad_codes_are_refused,
    streams_equal_the_whole,
)
SOUND_RULES: Sequence[Rule] = (silence_stays_silent,)


def _told(tokenizer: AudioTokenizer) -> tuple[Any, ...]:
    return (
        tokenizer.name,
        tokenizer.fingerprint,
        tokenizer.sample_rate,
        tokenizer.frame_rate,
        tokenizer.codebook_sizes,
    )


def _need(holds: bool, otherwise: str) -> None:
    if not holds:
        raise TokenizerError(otherwise)


def _refused(what: str, call: Callable[[], object]) -> None:
    try:
        call()
    except AudioFlanError:
        return
    except Exception as error:  # any other kind is wrong, whichever it is
        _fail(f"{what}: {type(error).__name__} instead of an AudioFlanError: {error}")
    _fail(f"{what} is taken; expected an AudioFlanError")


def _fail(message: str) -> NoReturn:
    raise TokenizerError(message)


def _streamed(tokenizer: AudioTokenizer, name: str, pieces: Sequence[Any]) -> Any:
    stream = getattr(tokenizer, name, None)
    return None if stream is None else np.concatenate(list(stream(iter(pieces))))


def _tone(tokenizer: AudioTokenizer, seconds: float = _SECONDS) -> Wave:
    t = np.arange(round(seconds * tokenizer.sample_rate)) / tokenizer.sample_rate
    return np.asarray(0.4 * np.sin(2 * np.pi * 440 * t), np.float32)


def _noise(tokenizer: AudioTokenizer) -> Wave:
    drawn = np.random.default_rng(0).standard_normal(tokenizer.sample_rate // 2)
    return np.asarray(0.1 * drawn, np.float32)
