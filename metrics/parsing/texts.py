"""Running text: transcripts, captions, phones."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from audioflan_tasks.metrics.parsing.clean import literal, unquote
from audioflan_tasks.metrics.values import ParsedAnswer, Status
from audioflan_tasks.vocabularies import without_prefix

__all__ = [
    "LEAD_IN",
    "plain_label",
    "read_phones",
    "running_text",
    "spoken_text",
    "strings_of",
]

_COURTESY = (
    r"(?:(?:(?:sure|certainly|of course|okay|ok|absolutely|no problem|great)(?: thing)?|"
    r"好的|当然可以|当然|没问题)[,.!，。！]\s*)?"
)
_ABOUT_TEXT = (
    r"(?:transcri|translat|caption|description|spoken content|转录|转写|翻译|译文|识别|描述|内容)"
)
_TEXT_LEAD_IN = re.compile(
    rf"\A{_COURTESY}(?:here(?: is|'s)[^:\n]{{0,60}}:|"
    r"(?:the )?(?:(?:spoken|english|original|corrected|phonetic|final|full|complete|"
    r"(?:trans\w+|recogni[sz])ed) )?(?:transcript(?:ion)?|text|words|"
    r"translation|caption|description|phones|phonemes?|ipa|arpabet|content|lyrics|answer|speech)"
    r"(?: (?:of|in|for|to) [^:\n]{0,40}?)?(?: (?:is|are|reads?)(?: as follows)?)?\s*[:：]|"
    r"(?:the |this )?(?:audio|clip|recording|sound) (?:can|could|may) be "
    r"(?:describ|caption|summari[sz]|transcrib)ed as"
    r"(?: follows)?\s*:|"
    r"(?:这段|该|这)?(?:音频|录音|语音)(?:的)?(?:内容|文本|文字|转写|描述)?(?:是|为|如下)?\s*[:：]|"
    r"(?:转录|转写|识别|翻译|[英中德法日]译)(?:的)?(?:内容|文本|文字|结果)?(?:是|为|如下)?\s*[:：]|"
    r"[（(](?:转录|转写|翻译|译文|transcri\w{2,6}|translation)[)）]|"
    rf"[^\n:：]{{0,60}}?{_ABOUT_TEXT}[^\n:：]{{0,40}}[:：][ \t]*\n)\s*",
    re.IGNORECASE,
)
_SAYS = re.compile(
    r"\A(?:the (?:speaker|person|voice|man|woman|audio|recording) (?:says?|said|is saying)|"
    r"the (?:spoken |whole )?(?:transcription|transcript|translation|text|sentence) is)[:,]?\s*"
    r"([\"“'‘「].*[\"”'’」])\s*\.?\Z"
    r"|\A(?:这段|该|这)?(?:音频|录音|语音|说话人|说话者|他|她)(?:中|里|内)?(?:的?(?:人|内容))?"
    r"(?:说(?:的|的话|的内容)?)?(?:是|为|道|了)?\s*[:：,，]?\s*([\"“「『].*[\"”」』])\s*[.。]?\Z",
    re.IGNORECASE | re.DOTALL,
)
# What is said of a recording, and one quotation: 'The person in the clip says: "…"'.
_QUOTED = re.compile(
    r"\A[^\n\"“”「」『』]{0,80}?(?:audio|recording|clip|speech|speaker|spoken|utterance|transcri|"
    r"translat|heard|following|音频|录音|语音|说话|听到|翻译|译文|转写|转录|识别)[^\n\"“”「」『』]{0,60}"
    r"(\"[^\"]*\"|“[^“”]*”|「[^「」]*」|『[^『』]*』)\s*[.。]?\Z",
    re.IGNORECASE,
)
_QUOTE_MARK = re.compile(r"^>[ \t]?", re.MULTILINE)
_CLOCK = r"(?:\d{1,2}:)?\d{1,2}:\d{2}(?:[.,]\d{1,3})?"
_SPAN = rf"{_CLOCK}\s?(?:-->|-|–|—|~)\s?{_CLOCK}"
# "[00:01.5] ", "(0:01 - 0:03) ", "00:00:01,000 --> 00:00:02,000" of subtitles, "Speaker 1: "
_CLOSING_QUOTES = frozenset("\"”'’」』")
# What stands in every title, and in every line with a time or a speaker, or that is quoted.
_TITLE_END = re.compile(r"[:：)）]")
_MARKED_LINE = re.compile(r"[:：>]")
_STAMP = re.compile(
    rf"^[ \t]*(?:\d{{1,4}}[ \t]*\n[ \t]*(?={_CLOCK}\s?-->))?"
    rf"(?:[\[(]\s?(?:{_SPAN}|{_CLOCK})\s?[\])]|{_CLOCK}\s?-->\s?{_CLOCK})[ \t]*(?:[:：-][ \t])?\s?",
    re.MULTILINE,
)
_SPEAKER = re.compile(
    r"^[ \t]*[\[(]?(?:(?:speaker|spk)[ _-]?(?:\d{1,2}|[A-Z])|说话人[ _]?[\dA-Z一二三四]{1,2})"
    r"[\])]?[ \t]*[:：][ \t]*",
    re.MULTILINE | re.IGNORECASE,
)
LEAD_IN = re.compile(r"\A[^\W\d_][\w' ()]{0,60}(?::\s+|：\s*)")


def running_text(text: str) -> str:
    """A caption, or a transcript without "The transcription is:" and outer quotes."""
    if text[:1] in "[{":
        strings = strings_of(literal(text))
        text = strings[0] if strings is not None and len(strings) == 1 else text
    quotation = _SAYS.match(text) if _ends_in_quote(text) else None
    if quotation:
        return unquote((quotation[1] or quotation[2]).strip())
    body = _TEXT_LEAD_IN.sub("", text, count=1) if _TITLE_END.search(text) else text
    return unquote(body) if body.strip() else text


def spoken_text(text: str) -> str:
    """A transcript without what stands before it, times, and names of speakers."""
    quotation = _QUOTED.match(text) if _ends_in_quote(text) else None
    body = unquote(quotation[1]) if quotation else running_text(text)
    if not _MARKED_LINE.search(body):
        return body
    words = _SPEAKER.sub("", _STAMP.sub("", _QUOTE_MARK.sub("", body))).strip()
    return unquote(" ".join(words.split())) if words and words != body else body


def _ends_in_quote(text: str) -> bool:
    return text.rstrip(" .。\n\t")[-1:] in _CLOSING_QUOTES


def plain_label(text: str) -> str:
    """One label of an open set: without lead-in, quotes, final stop, case, doubled blanks."""
    bare = without_prefix(LEAD_IN.sub("", text.strip()))
    return " ".join(bare.strip(" .\"'`*\n\t").casefold().split())


def read_phones(text: str) -> ParsedAnswer:
    """Phone symbols; slashes and brackets around them go, an unspaced string is cut up."""
    strings = strings_of(literal(text)) if text[:1] == "[" and '"' in text else None
    plain = spoken_text(text) if strings is None else " ".join(strings)
    body = unicodedata.normalize("NFC", plain).strip().strip("/[]⟨⟩|").strip()
    phones = body.split()
    if len(phones) == 1 and len(body) > 3 and not body.isascii():
        phones = re.findall(r"[^\W_][\u0300-\u036fːˑʰʲʷˠˤ˞]*", body)
    return (
        ParsedAnswer(tuple(phones), Status.OK) if phones else ParsedAnswer(None, Status.MALFORMED)
    )


def strings_of(value: Any) -> list[str] | None:
    if isinstance(value, str):
        return [value]
    if isinstance(value, list | tuple | set) and all(isinstance(i, str | int) for i in value):
        return [str(i) for i in value]
    return None
