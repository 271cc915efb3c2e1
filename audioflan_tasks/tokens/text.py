"""The text side of the vocabulary: SentencePiece by default, bytes, or that of a user's own LLM.

References: Kudo & Richardson 2018 (SentencePiece), Xue et al. 2022 (ByT5's ids).
The first two are lossless for every text that UTF-8 can write. SentencePiece itself is
not: it writes a space as U+2581, so that character is encoded by its bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from audioflan_tasks.errors import TokenizerError
from audioflan_tasks.tokens.llm_text import LLMText
from audioflan_tasks.tokens.text_protocol import ChatFormat, TextSide, utf8

__all__ = ["EOS", "PAD", "UNK", "Bytes", "SentencePiece", "text_side"]

PAD, EOS, UNK = 0, 1, 2
_SPACE_MARK = "▁"


class Bytes:
    """One id a UTF-8 byte, from 3 on."""

    size = 3 + 256
    fingerprint = "bytes"
    pad, eos, unk = PAD, EOS, UNK
    chat = ChatFormat()

    def encode(self, text: str) -> list[int]:
        """Ids of the text's bytes."""
        return [byte + 3 for byte in utf8(text)]

    encode_markup = encode

    def decode(self, ids: Sequence[int]) -> str:
        """Text of byte ids; bytes that are no UTF-8 become U+FFFD, other ids are skipped."""
        return bytes(i - 3 for i in ids if 3 <= i < self.size).decode("utf-8", "replace")


class SentencePiece:
    """A SentencePiece model with byte fallback, pad 0, eos 1, unk 2 and no normalisation."""

    pad, eos, unk = PAD, EOS, UNK
    chat = ChatFormat()

    def __init__(self, model: bytes) -> None:
        import sentencepiece

        self._model = model
        self._processor: Any = sentencepiece.SentencePieceProcessor(model_proto=model)
        self.size = int(self._processor.get_piece_size())
        self.fingerprint = f"sentencepiece-{hashlib.sha256(model).hexdigest()[:12]}"
        special_ids = (
            self._processor.pad_id(), self._processor.eos_id(), self._processor.unk_id()
        )  # fmt: skip
        if special_ids != (PAD, EOS, UNK):
            raise TokenizerError(
                f"text model: pad, eos and unk are {special_ids}; expected {(PAD, EOS, UNK)}"
            )
        if self._processor.piece_to_id("<0xE2>") == UNK:
            raise TokenizerError("text model: has no byte fallback; train it with byte_fallback")
        self._mark = [
            int(self._processor.piece_to_id(f"<0x{b:02X}>")) for b in _SPACE_MARK.encode()
        ]

    def __reduce__(self) -> tuple[type[SentencePiece], tuple[bytes]]:
        return SentencePiece, (self._model,)

    def encode(self, text: str) -> list[int]:
        """Ids of the text."""
        clean = utf8(text).decode("utf-8")
        if _SPACE_MARK not in clean:
            return list(self._processor.encode(clean))
        ids: list[int] = []
        for number, part in enumerate(clean.split(_SPACE_MARK)):
            ids += self._mark if number else []
            ids += self._processor.encode(part)
        return ids

    encode_markup = encode

    def decode(self, ids: Sequence[int]) -> str:
        """Text of the ids; padding, end and ids that are none of this model are skipped."""
        return str(self._processor.decode([int(i) for i in ids if UNK < i < self.size]))


@lru_cache(maxsize=8)
def text_side(name: str) -> TextSide:
    """The text side of that name.

    `sentencepiece` (the model that ships), `bytes`, or a path: a SentencePiece model, a
    Hugging Face `tokenizer.json`, or a folder that holds one.

    Raises:
      TokenizerError: no such file, or no usable model.
    """
    if name == "bytes":
        return Bytes()
    if name == "sentencepiece":
        return SentencePiece((files("audioflan_tasks.tokens") / "data" / "text.model").read_bytes())
    path = Path(name).expanduser()
    path = path / "tokenizer.json" if path.is_dir() else path
    if not path.is_file():
        raise TokenizerError(
            f"text={name!r}: expected 'sentencepiece', 'bytes', the path of a SentencePiece model, "
            "or that of a tokenizer.json"
        )
    if path.suffix == ".json":
        return LLMText(path)
    try:
        return SentencePiece(path.read_bytes())
    except RuntimeError as error:
        raise TokenizerError(f"{path}: not a SentencePiece model ({error})") from error
