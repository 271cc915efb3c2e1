"""One record of the corpus in its canonical form.

The fields are those of Audio-FLAN's record (arXiv 2502.16584, appendix A.3), with
`split` and the names settled, and `audio_path`, `audio_start` and `audio_end`
(seconds) as CMI-Bench adds them. Spans in `input` and `output` are canonical.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any, Literal

import msgspec

from audioflan_tasks import catalogue
from audioflan_tasks.records.lead_ins import ANSWER, with_lead_in
from audioflan_tasks.records.spans import Piece, answer_pieces, audio_ids, pieces

__all__ = ["Instance", "Piece", "Split", "path_id", "writes_audio"]

Split = Literal["train", "validation", "test"]

_TEXT_DEPENDENCE = re.compile(r"\btext[- ]?(independent|dependent)\b", re.IGNORECASE)
_RELEASE_SPLIT = {"validation": "dev"}


class Instance(msgspec.Struct, frozen=True, kw_only=True):
    """One instruction with its input and answer.

    `task` is the id of a task in the catalogue, or "" where the record's name is
    unknown; `minor` and `major` are then as the record writes them. `output` is the
    answer alone: words before it ("The accent is ") are in `lead_in`, and a sentence around it
    with `{answer}` in its place ("A {answer} is playing."). `raw` holds
    what a name read before it was settled. `corpus` is the corpus that it was made from, by
    its folder or the beginning of its uuid or audio id ("" if unknown); `source` is where the
    recording was made ("studio"). `vocabulary` names the list that its label is of
    (`audioflan_tasks.vocabularies`), "" if none is known. `where` is "file:line".
    """

    instruction: str
    input: str
    output: str
    lead_in: str = ""
    uuid: str = ""
    split: Split = "train"
    task: str = ""
    minor: str = ""
    major: str = ""
    paper_category: str = ""
    unseen: bool = False
    domain: str = ""
    corpus: str = ""
    vocabulary: str = ""
    source: tuple[str, ...] = ()
    other: Mapping[str, Any] = {}
    audio_path: tuple[str, ...] = ()
    audio_start: float | None = None
    audio_end: float | None = None
    where: str = ""
    raw: Mapping[str, str] = {}

    @property
    def input_pieces(self) -> tuple[Piece, ...]:
        """The labelled values of `input`, in order."""
        return pieces(self.input, self._texts())

    @property
    def output_pieces(self) -> tuple[Piece, ...]:
        """The values of `output`: its labelled spans, or one text that is never cut."""
        return answer_pieces(self.output, writes_audio(self.task))

    @property
    def has_plain_lead_in(self) -> bool:
        """Whether words stand before the answer, and none after it."""
        return bool(self.lead_in) and ANSWER not in self.lead_in

    @property
    def output_audio_ids(self) -> list[str]:
        """Ids of the spans of `output`; a task that writes text has none, whatever is in it."""
        return audio_ids(self.output) if writes_audio(self.task) else []

    @property
    def audio_ids(self) -> tuple[str, ...]:
        """Ids of the spans, input before output, each once."""
        return tuple(dict.fromkeys((*audio_ids(self.input), *self.output_audio_ids)))

    @property
    def category(self) -> str:
        """generation where the output holds audio, else what the record or the paper says."""
        if self.output_audio_ids:
            return "generation"
        return self.paper_category or "understanding"

    @property
    def grade(self) -> str:
        """R, P, S or W of the demo corpus; "" elsewhere."""
        return str(self.other.get("grade", ""))

    @property
    def benchmark(self) -> str:
        """The public benchmark that the question is of; "" for none."""
        return str(self.other.get("benchmark", ""))

    @property
    def licence(self) -> str:
        """Licence of the audio, where the record says it."""
        return str(self.other.get("licence", ""))

    @property
    def language(self) -> str:
        """The language, such as "English": the record's, else the corpus's; "" if unknown."""
        return str(self.other.get("language") or "") or catalogue.language_of(self.corpus)

    @property
    def languages(self) -> frozenset[str]:
        """The language, and that into which a translation goes, where the record says it."""
        slots = self.other.get("slots")
        target = slots.get("target_language") if isinstance(slots, Mapping) else ""
        return frozenset({self.language, str(target or "")} - {""})

    @property
    def text_dependence(self) -> str:
        """text-dependent or text-independent, where a verification says which; else ""."""
        flag = self.other.get("text_dependent")
        if isinstance(flag, bool):
            return "text-dependent" if flag else "text-independent"
        words = (self.raw.get("minor", ""), self.other.get("text_dependence", ""))
        match = _TEXT_DEPENDENCE.search("\n".join(map(str, (*words, self.instruction))))
        return "" if match is None else f"text-{match[1].lower()}"

    @property
    def options(self) -> tuple[str, ...]:
        """Labels to choose from, where the record lists them."""
        options = self.other.get("options")
        return tuple(map(str, options)) if isinstance(options, list | tuple) else ()

    @property
    def slots(self) -> dict[str, str]:
        """Facts that the instruction must carry, by name."""
        slots = self.other.get("slots")
        return {str(k): str(v) for k, v in slots.items()} if isinstance(slots, Mapping) else {}

    def path_of(self, audio_id: str) -> str:
        """The `audio_path` of an id: the one it was derived from, or its place among the ids."""
        for path in self.audio_path:
            if path_id(path, self.audio_start, self.audio_end) == audio_id:
                return path
        ids = self.audio_ids
        if len(ids) == len(self.audio_path) and audio_id in ids:
            return self.audio_path[ids.index(audio_id)]
        return ""

    def replace(self, **changes: Any) -> Instance:
        """A copy with some fields changed."""
        return msgspec.structs.replace(self, **changes)

    def record(self) -> dict[str, Any]:
        """The record as the release writes it; reading it gives an equal instance."""
        record: dict[str, Any] = {
            "instruction": self.instruction,
            "input": self.input,
            "output": with_lead_in(self.lead_in, self.output),
            "uuid": self.uuid,
            "split": [_RELEASE_SPLIT.get(self.split, self.split)],
            "task_type": {
                "major": [self.major],
                "minor": [self.minor],
                "U/G": [self.paper_category],
                "unseen": self.unseen,
            },
            "domain": self.domain,
            "source": list(self.source),
            "other": dict(self.other) or None,
        }
        if self.audio_path:
            record |= {
                "audio_path": list(self.audio_path),
                "audio_start": self.audio_start,
                "audio_end": self.audio_end,
            }
        return record

    def _texts(self) -> int:
        row = catalogue.find(self.task) if self.task else None
        return sum(piece.kind == "text" for piece in row.inputs) if row else 0


def writes_audio(task: str) -> bool:
    """Whether spans in outputs of a task (id) are audio; of a task that nobody knows they are."""
    row = catalogue.find(task) if task else None
    return row is None or "audio" in row.writes


def path_id(path: str, start: float | None, end: float | None) -> str:
    """The id of a record that names a path instead: stem and a hash of path, start and end.

    Whole paths are hashed since stems repeat over folders; characters other than
    letters, digits, `_`, `-` and `.` become `_`.
    """
    whole = path.replace("\\", "/")
    # 0 and "to the end" mean the same as no limits.
    key = f"{whole}\x1f{float(start or 0.0):.6f}\x1f{-1.0 if end is None else float(end):.6f}"
    digest = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:10]
    stem = PurePosixPath(whole).stem
    safe = "".join(c if c.isascii() and (c.isalnum() or c in "_-.") else "_" for c in stem)
    return f"{safe.strip('.') or 'audio'}_{digest}"
