"""What is told of a row beside its ids, as bytes, so that no record is read for it.

A shard has it in MessagePack, one value for each row (`provenance_bytes`), beside where each begins
(`provenance`, a `layout.TEXT_SLICE` each, whose check is that of a text).
"""

from __future__ import annotations

import msgspec

__all__ = ["RowProvenance", "decode_provenance", "encode_provenance"]


class RowProvenance(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """UTF-8 texts of a row; stored as an array.

    `audio_ids` are those of the input, then of the output, each once. `pool_answer` is the gold
    answer where a pool asks, `own_answer` where the record keeps its own words, None if it is the
    same: an answer as of `corpus.examples.Example`.
    """

    uuid: bytes
    grade: bytes
    audio_ids: tuple[bytes, ...]
    pool_answer: bytes
    own_answer: bytes | None

    def answer(self, *, is_own: bool) -> bytes:
        """The answer in the record's own words, or as a pool asks for it."""
        return self.own_answer if is_own and self.own_answer is not None else self.pool_answer


encode_provenance = msgspec.msgpack.Encoder().encode
decode_provenance = msgspec.msgpack.Decoder(RowProvenance).decode
