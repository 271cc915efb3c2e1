"""Running text: transcripts, captions, phones."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from audioflan_tasks.metrics.parsing.clean import literal, unquote
from audioflan_tasks.metrics.values import ParsedAnswer, Status
from audioflan_tasks.vocabularies import without_prefix

__all__ = ["LEAD_IN", "plain_label", "read_phones", "running_text", "strings_of"]

_TEXT_LEAD_IN = re.compile(
    r"\A(?:(?:sure|certainly|of course|okay|ok)[,.!]\s*)?(?:here(?: is|'s)[^:\n]{0,60}:|"
    r"(?:the )?(?:spoken |english |original |corrected )?(?:transcript(?:ion)?|text|words|"
    r"translation|caption|description|phones|phonemes?|content|lyrics|answer|speech)"
    r"(?: (?:of|in|for|to) [^:\n]{0,40}?)?(?: (?:is|are|reads?)(?: as follows)?)?\s*[:：]|"
    r"(?:the |this )?(?:audio|clip|recording|sound) (?:can|could|may) be described as"
    r"(?: follows)?\s*:|"
    r"(?:这段|该|这)?(?:音频|录音|语音)(?:的)?(?:内容|文本|文字|转写|描述)?(?:是|为|如下)?\s*[:：])\s*",
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
LEAD_IN = re.compile(r"\A[^\W\d_][\w' ()]{0,60}[:：]\s+")


def running_text(text: str) -> str:
    """A transcript or caption without "The transcription is:" and outer quotes."""
    if text[:1] in "[{":
        strings = strings_of(literal(text))
        text = strings[0] if strings is not None and len(strings) == 1 else text
    quotation = _SAYS.match(text)
    if quotation:
        return unquote((quotation[1] or quotation[2]).strip())
    body = _TEXT_LEAD_IN.sub("", text, count=1)
    return unquote(body) if body.strip() else text


def plain_label(text: str) -> str:
    """One label of an open set: without lead-in, quotes, final stop, case, doubled blanks."""
    bare = without_prefix(LEAD_IN.sub("", text.strip()))
    return " ".join(bare.strip(" .\"'`*\n\t").casefold().split())


def read_phones(text: str) -> ParsedAnswer:
    """Phone symbols; slashes and brackets around them go, an unspaced string is cut up."""
    strings = strings_of(literal(text)) if text[:1] == "[" and '"' in text else None
    plain = running_text(text) if strings is None else " ".join(strings)
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
