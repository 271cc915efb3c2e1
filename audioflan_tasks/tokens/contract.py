"""The contract of an audio tokenizer, as a test for a user's own.

    from audioflan_tasks.tokens.contract import check_tokenizer

    check_tokenizer(MyTokenizer())  # TokenizerError with everything that is wrong

Or, in pytest, one test per rule: `@pytest.mark.parametrize("rule", RULES)`, `rule(tokenizer)`.
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
    """Checks a tokenizer against every rule.

    With `sound=False` the rule about silence is left out, for a model that is not trained.
    The quality of decoded speech or music is no rule: measure it on your own material.

    Raises:
      TokenizerError: some rules are broken; the message has all of them.
    """
    failures = []
    for rule in (*RULES, *(SOUND_RULES if sound else ())):
        try:
            rule(tokenizer)
        except TokenizerError as error:
            failures.append(f"{rule.__name__}: {error}")
        except Exception as error:  # whatever a user's code raises is a finding
            failures.append(f"{rule.__name__}: {type(error).__name__}: {error}")
    if failures:
        name = getattr(tokenizer, "name", type(tokenizer).__name__)
        raise TokenizerError(
            f"tokenizer {name} breaks {len(failures)} rules:\n" + "\n".join(failures)
        )


def describes_itself(tokenizer: AudioTokenizer) -> None:
    """Names, rates and sizes are there, of the right type, and stay the same."""
    description = _description(tokenizer)
    name, fingerprint, rate, frames, sizes = description
    _need(isinstance(tokenizer, AudioTokenizer), "is no AudioTokenizer")
    _need(bool(name) and isinstance(name, str), f"name {name!r} is no text")
    _need(bool(fingerprint) and isinstance(fingerprint, str), f"fingerprint {fingerprint!r}")
    _need(isinstance(rate, int) and 1000 <= rate <= 192_000, f"sample_rate {rate!r}")
    _need(0 < frames <= rate, f"frame_rate {frames!r}")
    _need(isinstance(sizes, tuple) and len(sizes) > 0, f"codebook_sizes {sizes!r}")
    fits = all(isinstance(size, int) and 2 <= size <= 1 << 16 for size in sizes)
    _need(fits, f"codebook_sizes {sizes!r}: expected whole numbers from 2 to 65536")
    tokenizer.encode(_tone(tokenizer))
    _need(_description(tokenizer) == description, "what it says of itself changes with use")


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
    in_range = bool((codes >= 0).all() and (codes < sizes).all())
    _need(in_range, f"codes from {codes.min()} to {codes.max()}, sizes {tuple(sizes)}")


def frames_follow_the_rates(tokenizer: AudioTokenizer) -> None:
    """The number of frames follows from sample rate and frame rate."""
    for seconds in (0.5, _SECONDS):
        frames = len(tokenizer.encode(_tone(tokenizer, seconds)))
        expected_frames = seconds * tokenizer.frame_rate
        _need(
            abs(frames - expected_frames) <= 2,
            f"{frames} frames for {seconds} s at {tokenizer.frame_rate:g} frames/s; is the "
            "audio of another sample rate?",
        )


def codes_are_deterministic(tokenizer: AudioTokenizer) -> None:
    """The same samples give the same codes, whatever was encoded before, and are not changed."""
    tone, other = _tone(tokenizer), _noise(tokenizer)
    tone_copy = tone.copy()
    first = tokenizer.encode(tone)
    _need(np.array_equal(tone, tone_copy), "encode changes the samples it is given")
    tokenizer.encode(other)
    tokenizer.decode(first)
    _need(np.array_equal(first, tokenizer.encode(tone_copy)), "the same samples give other codes")


def decoding_is_deterministic(tokenizer: AudioTokenizer) -> None:
    """The same codes give the same samples; only the length, where `decoding_varies` is true."""
    codes = tokenizer.encode(_tone(tokenizer))
    code_copy = codes.copy()
    first, second = tokenizer.decode(codes), tokenizer.decode(codes)
    _need(np.array_equal(codes, code_copy), "decode changes the codes it is given")
    varies = getattr(tokenizer, "decoding_varies", False)
    is_equal = len(first) == len(second) if varies else np.array_equal(first, second)
    _need(is_equal, "the same codes give other samples (say so with decoding_varies = True)")


def lengths_come_back(tokenizer: AudioTokenizer) -> None:
    """Decoded audio is mono float32, finite, and at most two frames longer than the input."""
    frame = tokenizer.sample_rate / tokenizer.frame_rate
    for seconds in (0.1, _SECONDS):
        tone = _tone(tokenizer, seconds)
        decoded_wave = tokenizer.decode(tokenizer.encode(tone))
        _need(
            decoded_wave.dtype == np.float32 and decoded_wave.ndim == 1,
            f"{decoded_wave.dtype} {decoded_wave.shape}",
        )
        _need(bool(np.isfinite(decoded_wave).all()), "decoded samples are not finite")
        extra_samples = len(decoded_wave) - len(tone)
        _need(
            0 <= extra_samples < 2 * frame, f"{len(tone)} samples come back as {len(decoded_wave)}"
        )


def nothing_and_one_sample(tokenizer: AudioTokenizer) -> None:
    """No samples give no frames, and no frames no samples; one sample gives a frame or two."""
    books = len(tokenizer.codebook_sizes)
    empty_codes = tokenizer.encode(np.empty(0, np.float32))
    _need(
        empty_codes.shape == (0, books),
        f"no samples give codes {empty_codes.shape}, expected (0, {books})",
    )
    _need(len(tokenizer.decode(empty_codes)) == 0, "no codes give samples")
    single_codes = tokenizer.encode(np.full(1, 0.1, np.float32))
    shape = single_codes.shape
    _need(shape in ((1, books), (2, books)), f"one sample gives codes {shape}")
    is_finite = bool(np.isfinite(tokenizer.decode(single_codes)).all())
    _need(is_finite, "one frame decodes to no numbers")


def bad_samples_are_refused(tokenizer: AudioTokenizer) -> None:
    """NaN, infinity, several channels and integers are errors of this package, not codes."""
    bad: dict[str, Any] = {
        "NaN": np.array([0.0, np.nan] * 500, np.float32),
        "infinity": np.array([0.0, np.inf] * 500, np.float32),
        "stereo": np.zeros((1000, 2), np.float32),
        "a single channel of two": np.zeros((2, 1000), np.float32),
        "int16": np.zeros(1000, np.int16),
    }
    for description, samples in bad.items():
        _check_refused(description, partial(tokenizer.encode, samples))


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
    for description, codes in bad.items():
        _check_refused(description, partial(tokenizer.decode, codes))


def streams_equal_the_whole(tokenizer: AudioTokenizer) -> None:
    """`encode_stream` and `decode_stream`, where they are offered, give the bits of one call."""
    if not any(hasattr(tokenizer, f"{way}_stream") for way in ("encode", "decode")):
        return
    wave = np.concatenate([_tone(tokenizer), _noise(tokenizer), _tone(tokenizer, 2.3)])
    codes = tokenizer.encode(wave)
    for size in (len(wave) // 3 + 1, 997):
        pieces = [wave[start : start + size] for start in range(0, len(wave), size)]
        output = _stream_output(tokenizer, "encode_stream", pieces)
        is_equal = output is None or np.array_equal(output, codes)
        _need(is_equal, f"codes differ from those of the whole when cut every {size} samples")
    whole = tokenizer.decode(codes)
    for frames in (1, 17):
        pieces = [codes[start : start + frames] for start in range(0, len(codes), frames)]
        output = _stream_output(tokenizer, "decode_stream", pieces)
        is_equal = output is None or np.array_equal(output, whole)
        _need(is_equal, f"samples differ from those of the whole when cut every {frames} frames")


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


def _description(tokenizer: AudioTokenizer) -> tuple[Any, ...]:
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


def _check_refused(description: str, call: Callable[[], object]) -> None:
    try:
        call()
    except AudioFlanError:
        return
    except Exception as error:  # any other kind is wrong, whichever it is
        _fail(f"{description}: {type(error).__name__} instead of an AudioFlanError: {error}")
    _fail(f"{description} is accepted; expected an AudioFlanError")


def _fail(message: str) -> NoReturn:
    raise TokenizerError(message)


def _stream_output(tokenizer: AudioTokenizer, name: str, pieces: Sequence[Any]) -> Any:
    stream = getattr(tokenizer, name, None)
    return None if stream is None else np.concatenate(list(stream(iter(pieces))))


def _tone(tokenizer: AudioTokenizer, seconds: float = _SECONDS) -> Wave:
    t = np.arange(round(seconds * tokenizer.sample_rate)) / tokenizer.sample_rate
    return np.asarray(0.4 * np.sin(2 * np.pi * 440 * t), np.float32)


def _noise(tokenizer: AudioTokenizer) -> Wave:
    samples = np.random.default_rng(0).standard_normal(tokenizer.sample_rate // 2)
    return np.asarray(0.1 * samples, np.float32)
