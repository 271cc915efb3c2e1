"""The text side of a user's own LLM: a Hugging Face `tokenizer.json`.

Text gets the ids of the LLM, audio follows after its vocabulary. What a
transcript writes like a special token (`<|endoftext|>`) is encoded as its characters;
only `encode_markup`, for chat templates, gives the special ids themselves.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from audioflan_tasks.errors import MissingExtraError, TokenizerError, reason_of
from audioflan_tasks.tokens.text_protocol import ChatFormat, utf8

__all__ = ["LLMText"]

# In the order of preference, where no tokenizer_config.json says which token ends a text.
_ENDS = ("<|im_end|>", "<|eot_id|>", "<|endoftext|>", "</s>", "<eos>", "<|end_of_text|>", "[SEP]")


class LLMText:
    """A `tokenizer.json`, with `tokenizer_config.json` and `config.json` beside it if they exist.

    The first names the end and padding tokens, the second the size of the embedding table,
    which is often larger than the tokenizer.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        data = path.read_bytes()
        # One for texts and one for markup: a shared flag would not be thread safe.
        self._tokenizer, self._markup = _load_tokenizer(data, path), _load_tokenizer(data, path)
        self._tokenizer.encode_special_tokens = True
        config = _json(path.with_name("tokenizer_config.json"))
        model = _json(path.with_name("config.json"))
        ids_by_token: dict[str, int] = self._tokenizer.get_vocab(True)
        extra_tokens = self._tokenizer.get_added_tokens_decoder().items()
        self._specials = {token_id for token_id, token in extra_tokens if token.special}
        self.size = max(max(ids_by_token.values()) + 1, int(model.get("vocab_size") or 0))
        self.eos = _id(ids_by_token, config, "eos_token", _ENDS, path)
        self.pad = _id(
            ids_by_token, config, "pad_token", ("<pad>", "<|pad|>", "[PAD]"), path, self.eos
        )
        self.unk = _id(ids_by_token, config, "unk_token", ("<unk>", "[UNK]"), path, self.pad)
        self.chat = ChatFormat(
            _chat_template(path, config),
            {k: _content(v) for k, v in config.items() if k.endswith("_token") and v},
            tuple(token.content for _, token in extra_tokens if token.special),
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
        text_ids = [int(i) for i in ids if 0 <= i < self.size and i not in self._specials]
        return str(self._tokenizer.decode(text_ids, skip_special_tokens=False))


def _load_tokenizer(data: bytes, path: Path) -> Any:
    try:
        from tokenizers import Tokenizer
    except ImportError as error:
        raise MissingExtraError("tokenizers", "hf", f"text={str(path)!r}") from error
    try:
        tokenizer = Tokenizer.from_buffer(data)
    except Exception as error:  # the binding raises plain Exception
        raise TokenizerError(f"{path}: not a Hugging Face tokenizer ({error})") from error
    # Settings that a training run has saved must not truncate or pad our texts.
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def _json(path: Path) -> Mapping[str, Any]:
    if not path.is_file():
        return {}
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise TokenizerError(f"{path}: not readable as JSON ({reason_of(error)})") from error
    if not isinstance(content, dict):
        raise TokenizerError(f"{path}: expected a JSON object")
    return content


def _id(
    ids_by_token: Mapping[str, int],
    config: Mapping[str, Any],
    key: str,
    usual: Iterable[str],
    path: Path,
    default: int | None = None,
) -> int:
    """The id of a token that the configuration names, else of the first usual one."""
    token = _content(config.get(key))
    if token is not None and token not in ids_by_token:
        raise TokenizerError(f"{path}: {key} {token!r} of tokenizer_config.json is not in it")
    for name in (token, *usual):
        if isinstance(name, str) and name in ids_by_token:
            return ids_by_token[name]
    if default is None:
        raise TokenizerError(
            f"{path}: which token ends a text? put a tokenizer_config.json with {key!r} beside it"
        )
    return default


def _content(token: Any) -> Any:
    """A token as the configuration writes it: a string, or an object with its content."""
    return token.get("content") if isinstance(token, dict) else token


def _chat_template(path: Path, config: Mapping[str, Any]) -> str:
    """The Jinja source of the chat template beside the tokenizer, or ""."""
    file = path.with_name("chat_template.jinja")
    if file.is_file():
        try:
            return file.read_text(encoding="utf-8")
        except (OSError, ValueError) as error:
            raise TokenizerError(f"{file}: cannot be read ({reason_of(error)})") from error
    template = config.get("chat_template") or ""
    if isinstance(template, list):
        # Some models bring several by name.
        named_templates = [t for t in template if isinstance(t, dict)]
        template = next(
            (t.get("template") or "" for t in named_templates if t.get("name") == "default"), ""
        )
    if not isinstance(template, str):
        raise TokenizerError(
            f"{path}: chat_template of tokenizer_config.json is a {type(template).__name__}, "
            "expected a text or a list of named ones"
        )
    return template
