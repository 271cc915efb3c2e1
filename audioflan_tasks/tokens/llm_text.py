"""The text side of a user's own LLM: a Hugging Face `tokenizer.json`.

Text gets the very ids that the LLM knows, audio follows after its vocabulary. What a
transcript writes like a special token (`<|endoftext|>`) is encoded as its characters;
only `encode_markup`, for chat templates, gives the special ids themselves.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from audioflan_tasks.errors import MissingExtraError, TokenizerError
from audioflan_tasks.tokens.text_protocol import ChatFormat, utf8

__all__ = ["LLMText"]

# In the order of preference, where no tokenizer_config.json says which token ends a text.
_ENDS = ("<|im_end|>", "<|eot_id|>", "<|endoftext|>", "</s>", "<eos>", "<|end_of_text|>", "[SEP]")


class LLMText:
    """A `tokenizer.json`, with `tokenizer_config.json` and `config.json` beside it if there.

    The first names the end and padding tokens, the second the size of the embedding table,
    which is often larger than the tokenizer.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        data = path.read_bytes()
        # Two of them, as threads share this object: one for texts, one for markup.
        self._tokenizer, self._markup = _loaded(data, path), _loaded(data, path)
        self._tokenizer.encode_special_tokens = True
        named = _json(path.with_name("tokenizer_config.json"))
        model = _json(path.with_name("config.json"))
        known: dict[str, int] = self._tokenizer.get_vocab(True)
        added = self._tokenizer.get_added_tokens_decoder().items()
        self._specials = {token_id for token_id, token in added if token.special}
        self.size = max(max(known.values()) + 1, int(model.get("vocab_size") or 0))
        self.eos = _id(known, named, "eos_token", _ENDS, path)
        self.pad = _id(known, named, "pad_token", ("<pad>", "<|pad|>", "[PAD]"), path, self.eos)
        self.unk = _id(known, named, "unk_token", ("<unk>", "[UNK]"), path, self.pad)
        self.chat = ChatFormat(
            _chat_template(path, named),
            {k: _content(v) for k, v in named.items() if k.endswith("_token") and v},
            tuple(token.content for _, token in added if token.special),
        )
        self.fingerprint = f"tokenizer-{hashlib.sha256(data).hexdigest()[:12]}-{self.size}"

    def __reduce__(self) -> tuple[type[LLMText], tuple[Path]]:
        return LLMText, (self._path,)

    def encode(self, text: str) -> list[int]:
        """Ids of the text; no special token, whatever the text looks like."""
        clean = utf8(text).decode("utf-8")
        return list(self._tokenizer.encode(clean, add_special_tokens=False).ids)

    def encode_markup(self, text: str) -> list[int]:
        """Ids of a piece of a chat template, special tokens included."""
        return list(self._markup.encode(text, add_special_tokens=False).ids)

    def decode(self, ids: Sequence[int]) -> str:
        """Text of the ids; special tokens and ids that are none of this model are skipped."""
        kept = [int(i) for i in ids if 0 <= i < self.size and i not in self._specials]
        return str(self._tokenizer.decode(kept, skip_special_tokens=False))


def _loaded(data: bytes, path: Path) -> Any:
    try:
        from tokenizers import Tokenizer
    except ImportError as error:
        raise MissingExtraError("tokenizers", "hf", f"text={str(path)!r}") from error
    try:
        tokenizer = Tokenizer.from_buffer(data)
    except Exception as error:  # the binding raises plain Exception
        raise TokenizerError(f"{path}: not a Hugging Face tokenizer ({error})") from error
    # Saved settings of a training run must not cut or fill our texts.
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def _json(path: Path) -> Mapping[str, Any]:
    if not path.is_file():
        return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise TokenizerError(f"{path}: not readable as JSON ({error})") from error
    if not isinstance(found, dict):
        raise TokenizerError(f"{path}: expected a JSON object")
    return found


def _id(
    known: Mapping[str, int],
    named: Mapping[str, Any],
    key: str,
    usual: Iterable[str],
    path: Path,
    default: int | None = None,
) -> int:
    """The id of a token that the configuration names, else of the first usual one."""
    token = _content(named.get(key))
    if token is not None and token not in known:
        raise TokenizerError(f"{path}: {key} {token!r} of tokenizer_config.json is not in it")
    for name in (token, *usual):
        if isinstance(name, str) and name in known:
            return known[name]
    if default is None:
        raise TokenizerError(
            f"{path}: which token ends a text? put a tokenizer_config.json with {key!r} beside it"
        )
    return default


def _content(token: Any) -> Any:
    """A token as the configuration writes it: a string, or an object with its content."""
    return token.get("content") if isinstance(token, dict) else token


def _chat_template(path: Path, named: Mapping[str, Any]) -> str:
    """The Jinja source of the chat template beside the tokenizer, or ""."""
    file = path.with_name("chat_template.jinja")
    if file.is_file():
        return file.read_text(encoding="utf-8")
    found = named.get("chat_template", "")
    # Some models bring several by name.
    several = {t.get("name"): t.get("template") for t in found} if isinstance(found, list) else {}
    return str(several.get("default", "") if several else found or "")
