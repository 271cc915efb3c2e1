"""Times and intervals in text.

Canonical forms: `0.52, 1.04`; `0.00-1.52 speaker 1; 1.70-3.10 speaker 2`. Read
as well: `0.5s`, `520 ms`, `1:02.3`, lists in Python or JSON, numbered lines, RTTM, subtitle
arrows, `from 0.5 to 1.2`, tab-separated label files.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from audioflan_tasks.metrics.parsing.clean import literal, table_rows
from audioflan_tasks.metrics.parsing.figures import without_numbering
from audioflan_tasks.metrics.parsing.onsets import onsets
from audioflan_tasks.metrics.values import Interval, ParsedAnswer, Status

__all__ = ["MAX_ITEMS", "read_intervals", "read_times", "to_seconds"]

MAX_ITEMS = 20_000
_MOST_SECONDS = 1e6

_PLAIN = r"(?:\d{1,12}(?:\.\d{0,12})?|\.\d{1,12})"
_CLOCK = r"(?:\d{1,3}:)?\d{1,4}:\d{2}(?:[.,]\d{1,9})?"
_UNIT = r"(?:milliseconds?|msecs?|ms|seconds?|secs?|ss|s|minutes?|mins?|秒)"
_OTHER_UNIT = r"(?:bpm|k?hz|db|%|beats?\b|bars?\b|times\b|cents?\b|semitones?\b|(?:st|nd|rd|th)\b)"
# Chinese has no blanks between words.
_WORD_LETTER = r"[^\W\d_\u3400-\u9fff]"
_TIME = rf"(?:{_CLOCK}|{_PLAIN}(?:\s?{_UNIT}(?!{_WORD_LETTER}))?)"
_ONE_TIME = re.compile(
    rf"(?<![\w.:])(-\s?)?({_CLOCK}|{_PLAIN})(?!\d|\.\d)"
    rf"(?:\s?({_UNIT})(?!{_WORD_LETTER}))?(?!{_WORD_LETTER})(?!\s?{_OTHER_UNIT})",
    re.IGNORECASE,
)
_ITEM_NUMBER = re.compile(r"^[ \t]*(?:[-*•]\s*)?(\d{1,4})[.):][ \t]+(?=[\d(\[\"'])", re.MULTILINE)
_BEAT_NUMBER = re.compile(r"\b(?:down)?beats?\s*#?\d{1,4}\s*(?:[:=@-]|at|is)\s*", re.IGNORECASE)
_OTHER_COUNTS = re.compile(
    r"\bevery\s+\d{1,5}(?:\.\d{1,9})?\s?[a-z]{1,12}\b|"
    r"\b\d{1,5}(?:\.\d{1,9})?\s?[a-z]{1,12} (?:apart|long)\b|"
    r"\b\d{1,5}\s+(?:beats?|bars?|measures?|times|notes?|downbeats?)\b|\b\d{1,4}\s?bpm\b",
    re.IGNORECASE,
)
_RANGE = re.compile(
    rf"(?<![\w.:])[\[(\"']{{0,3}}({_TIME})[\"']{{0,2}}\s*"
    rf"(?:-->|->|→|[-–—~～至到]|\bto\b|\buntil\b|\btill\b|\bthrough\b|"
    rf"(?:,?\s*and\s+|,\s*)?(?:ends?|ending|stops?|finishes|offset)(?:\s+at|\s?[:=])?|\band\b|[,;](?=\s*[\"'\d.]))"
    rf"\s*[\"']{{0,2}}({_TIME})(?!\.{{0,3}}\d)[\"'\])]{{0,3}}",
    re.IGNORECASE,
)
_COLUMNS = re.compile(rf"^\s*({_PLAIN})[ \t]+({_PLAIN})(?:[ \t]+(\S.*?))?\s*$")
_NAMED_COLUMNS = re.compile(rf"^\s*([^\W\d]\S{{0,40}})[ \t]+({_PLAIN})[ \t]+({_PLAIN})\s*$")
_CELL_BORDER = re.compile(r"[ \t]*\|[ \t]*")
_RTTM = re.compile(
    rf"^\s*SPEAKER\s+\S+\s+\S+\s+({_PLAIN})\s+({_PLAIN})\s+\S+\s+\S+\s+(\S+)", re.MULTILINE
)
_FINDS = (
    r"(?:speech|voices?|voice activity|vocals|(?:sound |audio )?events?|sounds?|beats?|onsets?|"
    r"activity|intervals?)"
)
_NONE = re.compile(
    rf"\A\W*(?:none|nothing|no one (?:is )?(?:speak|talk)(?:s|ing)|no (?:\w+ )?{_FINDS}"
    rf"(?: (?:is |was |are |were |(?:can|could) be )?"
    r"(?:detected|present|found|heard|identified|observed))?"
    r"(?: (?:in|within|throughout|during) (?:this|the) (?:\w+ )?(?:audio|clip|recording|sample))?"
    rf"|there (?:is|are) no (?:\w+ )?{_FINDS}[^.]{{0,40}}"
    r"|(?:the )?(?:whole |entire )?(?:audio|clip|recording) is (?:\w+ )?silent"
    r"|\[\s*\]|n/?a|silence|empty"
    r"|(?:[\u4e00-\u9fff]{0,5}[里中]|[\u4e00-\u9fff]{0,3}(?:音频|录音))?都?(?:没有|未|无(?!法))"
    r"(?:能|检测到?|听到|发现|出现|识别到?|任何|明显的?){0,4}"
    r"(?:语音|人声|声音|节拍|说话人|人?在?说话|音乐)?(?:事件|活动|片段)?)\W*\Z",
    re.IGNORECASE,
)
_MOST_OF_NONE = 120
_TIME_BEFORE = re.compile(rf"(?:{_PLAIN}|{_UNIT})\s*\Z")
_BETWEEN_BEFORE = re.compile(r"between\W*\Z", re.IGNORECASE)
_MINUS_BEFORE = re.compile(r"(?:^|\s)-\Z")
_AND = re.compile(r"[\w.)\]\s]\s+and\s+[\d.(\[]")
_LETTER = re.compile(r"[A-Za-z]")
_NUMBER = re.compile(rf"{_CLOCK}|{_PLAIN}")
_WORD = re.compile(r"\w")
_BORDER = re.compile(r"[;\n；]|(?<=[^\W\d_]),(?=\s*[\[(]?\d)")
_TWO_NUMBERS = re.compile(r"(?<![\d.:])\d[\d.:]*[^\d.:]\D*\d")
_BEFORE_NAME = re.compile(
    r"^(?:\d{1,3}[.)]\s+|(?:label|event|class|name)\s?[=:]\s?|(?:and|from|between|is|at|the|during)\b\s*|有)",
    re.IGNORECASE,
)
_AFTER_NAME = re.compile(
    r"(?:[\s,]{0,3}\b(?:and|then|from|between|(?:starts?|begins?|onset)(?: at)?|at|is heard|"
    r"occurs|is)){1,3}$",
    re.IGNORECASE,
)
_TIME_TITLE = re.compile(r"time|sec|onset|start|position|时间|秒", re.IGNORECASE)
_REACH = 24
_STARTS = ("start", "start_time", "onset", "begin", "from", "start_s", "t0")
_ENDS = ("end", "end_time", "offset", "stop", "to", "end_s", "t1")
_NAMES = ("label", "event", "event_label", "speaker", "class", "name", "chord", "technique", "text")


def read_times(text: str) -> ParsedAnswer:
    """Rising times in seconds without repeats; a negative or endless one is malformed.

    Of intervals the onsets count (see `onsets`).
    """
    text = _without_numbering(_times_of_table(text))
    value = literal(text)
    if text.startswith("{") and isinstance(value, list) and value:
        # Of an object only the list of its beats counts, not the tempo beside it.
        listed = [_time_of(item) for item in value]
        text = ", ".join(map(str, listed)) if None not in listed else text
    starts = onsets(text, value, _TIME, _seconds)
    if starts is not None and max(starts) <= _MOST_SECONDS:
        return ParsedAnswer(tuple(sorted(set(starts))), Status.OK)
    text = without_numbering(text)
    if _LETTER.search(text):
        text = _BEAT_NUMBER.sub(" ", _OTHER_COUNTS.sub(" ", text))
    times = []
    for match in itertools.islice(_ONE_TIME.finditer(text), MAX_ITEMS + 1):
        if match[1] and not _TIME_BEFORE.search(_before(text, match)):
            return ParsedAnswer(None, Status.MALFORMED)
        times.append(to_seconds(match[2], match[3] or ""))
    if not times:
        return ParsedAnswer(() if _says_none(text) else None, _ok_if(_says_none(text)))
    if len(times) > MAX_ITEMS or max(times) > _MOST_SECONDS:
        return ParsedAnswer(None, Status.MALFORMED)
    return ParsedAnswer(tuple(sorted(set(times))), Status.OK)


def _times_of_table(text: str) -> str:
    """The column of a table that has times, or all of them with blanks between."""
    titles, *rows = table_rows(text) or [[]]
    places = [n for n, title in enumerate(titles) if _TIME_TITLE.search(title)]
    if not rows or any(len(row) != len(titles) for row in rows):
        return text
    columns = places[:1] if len(places) == 1 else range(len(titles))
    return "\n".join(" ".join(row[n] for n in columns) for row in rows)


def read_intervals(text: str) -> ParsedAnswer:
    """Intervals in the order of the text; the words "none" or "[]" are none at all.

    One that ends before it begins makes the whole answer malformed.
    """
    if _says_none(text):
        return ParsedAnswer((), Status.OK)
    intervals = _from_literal(literal(text)) or _from_rttm(text) or _from_lines(text)
    if not intervals or len(intervals) > MAX_ITEMS:
        return ParsedAnswer(None, Status.MALFORMED)
    if any(not 0 <= i.start <= i.end <= _MOST_SECONDS for i in intervals):
        return ParsedAnswer(None, Status.MALFORMED)
    return ParsedAnswer(tuple(intervals), Status.OK)


def to_seconds(number: str, unit: str = "") -> float:
    """Seconds of `1.5`, `1500` with unit ms, `2` with unit min, or `1:02.3`."""
    if ":" in number:
        total = 0.0
        for part in number.split(":"):
            total = 60 * total + float(part.replace(",", "."))
        return total
    value = float(number)
    if not unit:
        return value
    unit = unit.strip().casefold()
    if unit.startswith(("ms", "milli")):
        return value / 1000
    return value * 60 if unit.startswith("min") else value


def _says_none(text: str) -> bool:
    return len(text) <= _MOST_OF_NONE and bool(_NONE.match(text))


def _before(text: str, match: re.Match[str]) -> str:
    """The few characters before a match."""
    return text[max(0, match.start() - _REACH) : match.start()]


def _ok_if(fine: bool) -> Status:
    return Status.OK if fine else Status.MALFORMED


def _without_numbering(text: str) -> str:
    """`text` without the numbers of a numbered list: 1., 2., 3. before times."""
    numbers = [int(n) for n in _ITEM_NUMBER.findall(text)]
    is_count = len(numbers) > 1 and numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    return _ITEM_NUMBER.sub("", text) if is_count and numbers[0] in (0, 1) else text


def _time_of(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value) if abs(value) <= _MOST_SECONDS else None
    match = _ONE_TIME.fullmatch(value.strip()) if isinstance(value, str) else None
    return to_seconds(match[2], match[3] or "") if match and not match[1] else None


def _from_literal(value: Any) -> list[Interval]:
    """Intervals of a list of (start, end, label) or of mappings; [] if it is none."""
    if isinstance(value, Mapping):
        value = [value]
    if isinstance(value, list | tuple) and value and _time_of(value[0]) is not None:
        value = [value]
    if not isinstance(value, list | tuple):
        return []
    intervals = [_from_item(item) for item in value[: MAX_ITEMS + 1]]
    return [i for i in intervals if i is not None] if all(intervals) else []


def _from_item(item: Any) -> Interval | None:
    if isinstance(item, Mapping):
        keys = {str(k).casefold(): v for k, v in item.items()}
        start, end = _first(keys, _STARTS), _first(keys, _ENDS)
        label = _first(keys, _NAMES)
    elif isinstance(item, list | tuple) and len(item) in (2, 3):
        times = [(position, t) for position, v in enumerate(item) if (t := _time_of(v)) is not None]
        if len(times) < 2:
            return None
        start, end = item[times[0][0]], item[times[1][0]]
        labels = [
            v for position, v in enumerate(item) if position not in (times[0][0], times[1][0])
        ]
        label = labels[0] if labels else ""
    else:
        return None
    begin, finish = _time_of(start), _time_of(end)
    if begin is None or finish is None:
        return None
    return Interval(begin, finish, str(label if label is not None else "").strip())


def _first(keys: Mapping[str, Any], names: Iterable[str]) -> Any:
    return next((keys[name] for name in names if name in keys), None)


def _from_rttm(text: str) -> list[Interval]:
    if "SPEAKER" not in text:
        return []
    rows = [(float(m[1]), float(m[2]), m[3]) for m in _RTTM.finditer(text)]
    return [Interval(start, start + length, name) for start, length, name in rows]


def _from_lines(text: str) -> list[Interval]:
    intervals: list[Interval] = []
    for part in _parts(_without_numbering(text)):
        part = _CELL_BORDER.sub("\t", part.strip(" |")) if "|" in part else part
        columns = _COLUMNS.match(part)
        if columns:
            intervals.append(
                Interval(float(columns[1]), float(columns[2]), (columns[3] or "").strip())
            )
            continue
        row = _NAMED_COLUMNS.match(part)
        if row:
            intervals.append(Interval(float(row[2]), float(row[3]), row[1]))
            continue
        intervals += _from_part(part)
        if len(intervals) > MAX_ITEMS:
            break
    return intervals


def _parts(text: str) -> Iterator[str]:
    """The pieces of a text that have two numbers; "rain, 0.5-1.0" is one with its name."""
    start = name_start = 0
    for border in [*_BORDER.finditer(text), None]:
        end = len(text) if border is None else border.start()
        if _TWO_NUMBERS.search(text, start, end):
            yield text[name_start:end]
            name_start = end + 1
        elif border is None or border[0] != ",":
            name_start = end + 1
        start = end + 1


def _from_part(part: str) -> list[Interval]:
    """Intervals of one line, their names all before or all after them.

    A name before several intervals that are not named themselves is the name of all.
    """
    matches = itertools.islice(_RANGE.finditer(part), MAX_ITEMS + 1)
    ranges = [m for m in matches if _joins(part, m)]
    if not ranges:
        return []
    if _MINUS_BEFORE.search(part[: ranges[0].start()]):
        return [Interval(-1.0, 0.0, "")]  # begins before the recording
    if len(ranges) == 1:
        (match,) = ranges
        name = _name(part[match.end() :]) or _name(part[: match.start()])
        return [Interval(_seconds(match[1]), _seconds(match[2]), name)]
    edges = [0, *(edge for m in ranges for edge in m.span()), len(part)]
    texts = [_name(part[a:b]) for a, b in zip(edges[::2], edges[1::2], strict=True)]
    follow = bool(texts[-1]) or not texts[0]
    names = texts[1:] if follow else texts[:-1]
    if not follow and not any(names[1:]):
        names = [texts[0]] * len(ranges)
    return [
        Interval(_seconds(m[1]), _seconds(m[2]), name)
        for m, name in zip(ranges, names, strict=True)
    ]


def _joins(part: str, match: re.Match[str]) -> bool:
    """Whether two times are one interval: "0.5 and 1.0" is only after "between"."""
    return not _AND.search(match[0]) or bool(_BETWEEN_BEFORE.search(_before(part, match)))


def _seconds(text: str) -> float:
    if text.isdecimal() and text.isascii():
        return float(text)
    number = _NUMBER.match(text)
    return to_seconds(number[0], text[number.end() :]) if number else math.inf


def _name(text: str) -> str:
    plain = text.strip(" \t,.:：，；|-–—()[]{}\"'*•=>")
    if not plain:
        return ""
    plain = _AFTER_NAME.sub("", _BEFORE_NAME.sub("", plain))
    plain = plain.strip(" \t,.:|-–—()[]{}\"'*")
    if plain.count("(") > plain.count(")"):
        plain += ")"  # "D:7(#9)" keeps what closes it
    return plain if _WORD.search(plain) else ""
