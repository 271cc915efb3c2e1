"""Audio tokenizers by name: of this package, of the user, and of other packages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from importlib.metadata import entry_points
from typing import Any

from audioflan_tasks.errors import TokenizerError, UnknownNameError
from audioflan_tasks.tokens.protocol import AudioTokenizer

__all__ = ["ENTRY_POINTS", "get_tokenizer", "register_tokenizer", "tokenizer_names"]

ENTRY_POINTS = "audioflan_tasks.tokenizers"

Factory = Callable[..., AudioTokenizer]

_registered_factories: dict[str, Factory] = {}


def register_tokenizer(name: str, factory: Factory) -> None:
    """Registers a user's own tokenizer in this process.

    Packages can declare an entry point in the group `audioflan_tasks.tokenizers` instead.

    Raises:
      TokenizerError: the name is taken.
    """
    if name in tokenizer_names():
        raise TokenizerError(f"a tokenizer named {name!r} exists already; choose another name")
    _registered_factories[name] = factory


def tokenizer_names() -> tuple[str, ...]:
    """Names that `get_tokenizer` takes."""
    return (*_BUILT_IN, *_registered_factories, *(e.name for e in entry_points(group=ENTRY_POINTS)))


def get_tokenizer(name: str = "convrvq_16k", **options: Any) -> AudioTokenizer:
    """The tokenizer of that name; equal options give the same object.

    Raises:
      UnknownNameError: no such tokenizer; with the nearest names.
      TokenizerError: it cannot be made with these options.
    """
    return _cached_tokenizer(name, tuple(sorted(options.items())))


@lru_cache(maxsize=16)
def _cached_tokenizer(name: str, options: tuple[tuple[str, Any], ...]) -> AudioTokenizer:
    factory = _factory(name)
    try:
        tokenizer = factory(**dict(options))
    except TypeError as error:
        raise TokenizerError(f"tokenizer {name} with options {dict(options)}: {error}") from error
    if not isinstance(tokenizer, AudioTokenizer):
        raise TokenizerError(
            f"tokenizer {name}: {type(tokenizer).__name__} is no AudioTokenizer; it needs name, "
            "fingerprint, sample_rate, frame_rate, codebook_sizes, encode and decode"
        )
    return tokenizer


def _factory(name: str) -> Factory:
    if name in _BUILT_IN:
        return _BUILT_IN[name]()
    if name in _registered_factories:
        return _registered_factories[name]
    for entry in entry_points(group=ENTRY_POINTS):
        if entry.name == name:
            factory: Factory = entry.load()
            return factory
    raise UnknownNameError("tokenizer", name, tokenizer_names())


def _convrvq() -> Factory:
    from audioflan_tasks.tokens.convrvq import ConvRVQ

    return ConvRVQ


def _codec2() -> Factory:
    from audioflan_tasks.tokens.codec2 import Codec2

    return Codec2


def _neural(family: str) -> Factory:
    from audioflan_tasks.tokens.neural import Neural

    return partial(Neural, family)


# Each is imported at its first use.
_BUILT_IN: Mapping[str, Callable[[], Factory]] = {
    "convrvq_16k": _convrvq,
    "codec2": _codec2,
    **{family: partial(_neural, family) for family in ("encodec", "dac", "mimi", "xcodec")},
}
