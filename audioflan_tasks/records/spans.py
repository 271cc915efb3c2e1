"""Audio spans in text: found in every spelling, written in one.

A field of a record is text with audio spans, canonically `<|SOA|>ID<|EOA|>`
(Audio-FLAN, arXiv 2502.16584, section 2.3). The paper itself prints the markers
in several ways, so each of `<`, `|` and `>` may be absent as long as one of them
stands between the marker and the id; case does not matter, and the id is trimmed.

`pieces` cuts a field into labelled values. Nothing is lost: the `before` and
`after` of the pieces hold what is not a value, and `join` gives the field back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal, NamedTuple

__all__ = [
    "END",
    "PLACEHOLDER",
    "START",
    "AudioSpan",
    "Markers",
    "Piece",
    "answer_pieces",
    "audio_ids",
    "canonical",
    "is_canonical",
    "is_label",
    "join",
    "pieces",
    "scan",
    "span",
]

START = "<|SOA|>"
END = "<|EOA|>"
PLACEHOLDER = "<AUDIO>"

_LABEL_WORDS_TEXT = 4
_LABEL_WORDS_AUDIO = 8
_ID_LENGTH = 512
_ONLY_PUNCTUATION = re.compile(r"[\s.,;:!?\"'()\[\]-]*\Z")
# The words of labels: those of the paper's prompt in appendix A.4, of
# its examples, and of the task table. A text label is recognised only when all
# its words are here, so that "He said: come" stays whole.
_NOUNS = """
    text texts transcript transcription words sentence content script prompt speech description
    caption characteristics style tone voice timbre lyrics lyric score notes target label labels
    category class question query audio sound music song recording clip sample input source
    reference mixture mix enrolment enrollment speaker excerpt instrument melody waveform signal
    track output answer
"""
_ADJECTIVES = """
    spoken descriptive given first second original desired requested generated to read say sing of
    the a b event events
"""
_LABEL_NOUNS = frozenset(_NOUNS.split())
_LABEL_ADJECTIVES = frozenset(_ADJECTIVES.split())
# An id holds no other start, so that what follows a start is looked at once.
_CANONICAL = re.compile(
    rf"{re.escape(START)}((?:(?!{re.escape(START)})[^\n]){{1,{_ID_LENGTH}}}?){re.escape(END)}"
)
# Spans as they nearly always are, and no other marker's character anywhere.
_PLAIN_SPANS = re.compile(
    rf"[^<>|]*(?:{re.escape(START)}[^<>|\s]{{1,{_ID_LENGTH}}}{re.escape(END)}[^<>|]*)+\Z"
).match
_WORD = re.compile(r"[A-Za-z]+|\d+")


@dataclass(frozen=True, slots=True)
class Markers:
    """Names of the markers without their delimiters; some models use others than SOA and EOA."""

    start: str = "SOA"
    end: str = "EOA"


class AudioSpan(NamedTuple):
    """A span in a text: `text[begin:stop]` holds markers and id; `exact` if canonical already."""

    begin: int
    stop: int
    audio_id: str
    exact: bool


@dataclass(frozen=True, slots=True)
class Piece:
    """One value of a field.

    `before` is what stands between the previous value and this one (label, colon,
    line break; None in a piece made by hand), `after` what follows the last value;
    neither counts for equality.
    """

    label: str
    kind: Literal["text", "audio"]
    value: str
    before: str | None = field(default=None, compare=False, repr=False)
    after: str = field(default="", compare=False, repr=False)


def span(audio_id: str) -> str:
    """The id as a canonical span."""
    return f"{START}{audio_id}{END}"


def audio_ids(text: str) -> list[str]:
    """Ids of a canonical text, in order, repeats included."""
    return _CANONICAL.findall(text) if START in text else []


def is_canonical(text: str) -> bool:
    """Whether every span of `text` is canonical, or there is none.

    This is the common path of the reader, hence no scanner: it may say False for a text
    that needs no repair, never the reverse.
    """
    if START not in text:
        return not _may_hold_marker(text)
    if _PLAIN_SPANS(text) is not None:
        return True
    end = 0
    while (begin := text.find(START, end)) >= 0:
        if begin > end and _may_hold_marker(text[end:begin]):
            return False
        begin += len(START)
        stop = text.find(END, begin)
        audio_id = text[begin:stop] if stop > begin else ""
        if (
            not audio_id
            or "<" in audio_id
            or "|" in audio_id
            or ">" in audio_id
            or "\n" in audio_id
            or audio_id != audio_id.strip()
            or len(audio_id) > _ID_LENGTH
        ):
            return False
        end = stop + len(END)
    return not _may_hold_marker(text[end:] if end else text)


def scan(text: str, markers: Markers | None = None) -> Iterator[AudioSpan]:
    """Every span of `text` in any spelling, from left to right."""
    for match in _pattern(markers or Markers()).finditer(text):
        audio_id = match["id"].strip()
        if audio_id:
            exact = match[0] == span(audio_id)
            yield AudioSpan(match.start(), match.end(), audio_id, exact)


def canonical(text: str, markers: Markers | None = None) -> tuple[str, int]:
    """`text` with its spans written canonically, and how many had to be changed."""
    parts = []
    changes = end = 0
    for audio in scan(text, markers):
        parts += [text[end : audio.begin], span(audio.audio_id)]
        end = audio.stop
        changes += not audio.exact
    return "".join([*parts, text[end:]]), changes


def pieces(text: str, texts: int = 0) -> tuple[Piece, ...]:
    """Cuts a canonical field into its pieces, in order.

    A label is what stands before ': ' on the line of a span (up to 8 words), or at
    a line's start when all its words (up to 4) are known label words. Lines of text
    without a label belong to the text before them. Punctuation and blanks around
    spans are no pieces. If `texts` is given and the text lines without a label are
    exactly that many, each is a piece of its own.
    """
    if not text:
        return ()
    if ":" not in text and "\n" not in text and not _may_hold_marker(text):
        # The common case: one line of text that has no label.
        value = text.strip()
        lead = len(text) - len(text.lstrip())
        piece = Piece("", "text", value, text[:lead], text[lead + len(value) :])
        return (piece,) if value else ()
    cut_pieces: list[Piece] = []
    end = 0
    pending = ""
    for audio in scan(text):
        run, label = _label_before_span(text[end : audio.begin])
        text_pieces, tail = _text_pieces(pending + run, texts)
        cut_pieces += text_pieces
        gap = tail + text[end + len(run) : audio.begin]
        cut_pieces.append(Piece(label, "audio", audio.audio_id, gap))
        pending = ""
        end = audio.stop
    text_pieces, tail = _text_pieces(text[end:], texts, alone=not cut_pieces)
    cut_pieces += text_pieces
    if cut_pieces and tail:
        last = cut_pieces[-1]
        cut_pieces[-1] = Piece(last.label, last.kind, last.value, last.before, tail)
    return tuple(cut_pieces)


def answer_pieces(text: str, has_audio: bool = True) -> tuple[Piece, ...]:
    """The pieces of an output without lead-in: its spans with their labels, else one text.

    A text is never cut: "Speech: 0.00-1.00" and "Text: a new line" are answers as they stand.
    Without `has_audio` what looks like a span is text too.
    """
    if has_audio and START in text:
        return pieces(text)
    value = text.strip()
    lead = len(text) - len(text.lstrip())
    piece = Piece("", "text", value, text[:lead], text[lead + len(value) :])
    return (piece,) if value else ()


def join(parts: Iterable[Piece]) -> str:
    """The field that `pieces` cut; pieces made by hand are joined as the release joins them."""
    parts_written: list[str] = []
    for part in parts:
        value = span(part.value) if part.kind == "audio" else part.value
        lead = part.before
        if lead is None:
            lead = ("\n" if parts_written else "") + (f"{part.label}: " if part.label else "")
        parts_written += [lead, value, part.after]
    return "".join(parts_written)


def _label_before_span(run: str) -> tuple[str, str]:
    """Splits the text before a span into what is not its label, and the label."""
    line = run[run.rfind("\n") + 1 :]
    bare = line.strip().removesuffix(":").rstrip()
    if not bare or _ONLY_PUNCTUATION.match(bare):
        return run, ""
    words = bare.split()
    has_colon = line.rstrip().endswith(":")
    if (has_colon and len(words) <= _LABEL_WORDS_AUDIO) or is_label(bare):
        return run[: len(run) - len(line)], bare
    return run, ""


def _text_pieces(run: str, texts: int, alone: bool = False) -> tuple[list[Piece], str]:
    """Pieces of a run of text without spans, and the characters after the last value."""
    if not run or (not alone and _ONLY_PUNCTUATION.match(run)):
        return [], run
    values = list(_labelled_blocks(run))
    if texts > 1 and len(values) == 1 and not values[0][0]:
        lines = values[0][1].splitlines(keepends=True)
        if len(lines) == texts:
            values = [("", line) for line in lines]
    text_pieces: list[Piece] = []
    pending = ""
    for label, block in values:
        head = len(block) - len(_without_label(block, label))
        body = block[head:]
        value = body.strip()
        lead = body[: len(body) - len(body.lstrip())]
        if value:
            text_pieces.append(Piece(label, "text", value, pending + block[:head] + lead))
            pending = body[len(lead) + len(value) :]
        else:
            pending += block
    return text_pieces, pending


def _labelled_blocks(run: str) -> Iterator[tuple[str, str]]:
    """Consecutive blocks of lines, each begun by a label or the run's start; they join to run."""
    block: list[str] = []
    label = ""
    for line in run.splitlines(keepends=True):
        next_label = _line_label(line)
        if next_label:
            if block:
                yield label, "".join(block)
            label, block = next_label, [line]
        else:
            block.append(line)
    if block:
        yield label, "".join(block)


def _line_label(line: str) -> str:
    head, colon, value = line.partition(":")
    if not colon or (value and not value[0].isspace()):
        return ""
    return head.strip() if is_label(head) else ""


def _without_label(block: str, label: str) -> str:
    return block.partition(":")[2] if label else block


@lru_cache(maxsize=4096)
def is_label(head: str) -> bool:
    """Whether words are a label as the paper writes them: up to 4 known words of labels."""
    if len(head) > 60 or len(head.split()) > _LABEL_WORDS_TEXT:
        return False
    words = _WORD.findall(head)
    label_words = {word.lower() for word in words if not word.isdigit()}
    return bool(label_words & _LABEL_NOUNS) and label_words <= _LABEL_NOUNS | _LABEL_ADJECTIVES


def _may_hold_marker(text: str) -> bool:
    # Every marker of a start has | or > after its name.
    return ("|" in text or ">" in text) and ("soa" in text.lower() or "eoa" in text.lower())


@lru_cache(maxsize=16)
def _pattern(markers: Markers) -> re.Pattern[str]:
    # The group after the name is atomic, so that no delimiter is given back to the id.
    start = rf"(?:(?:<\|?|\|)|(?<!\w)){re.escape(markers.start)}(?>\|>?|>)"
    end = rf"(?:<\|?|\|){re.escape(markers.end)}(?:\|>?|>|(?!\w))"
    return re.compile(
        rf"{start}(?!\s*{end})(?P<id>(?:(?!{start})[^\n]){{1,{_ID_LENGTH}}}?){end}", re.I | re.A
    )
