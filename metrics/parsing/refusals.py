"""Refusals: that something cannot be told, was not given, or is asked for.

A small grammar instead of a list of sentences: an inability with a verb of knowing ("cannot
determine"), a thing that is not given ("the lyrics are not provided", "gives no clue"), a request
for the recording ("please upload it"), or the speaker's own doubt ("I don't know"). Denying that
something is heard ("I don't hear a man") is an answer. All patterns look at a bounded stretch.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache
from typing import NamedTuple

__all__ = ["Remainder", "refuses_to_write", "without_refusals"]

_MOST = 2000
_PIECE = re.compile(
    r"(?:[.!?;:](?=\s|\Z)|[\n。！？；，]|,?\s+(?:but|however|although|though|yet)\b,?|但是?|"
    r",\s+(?=(?:maybe|probably|perhaps|possibly|most likely|i['’]d|i would|i guess)\b))+",
    re.IGNORECASE,
)
_CANNOT = (
    r"\b(?:can(?:no|['’]?)t|can not|could(?:n['’]?t| not)|won['’]?t be able to|(?:un|in)able to|"
    r"not (?:able|possible|allowed|equipped|designed) to|(?:not |in)capable of|impossible to|"
    r"hard to|difficult to|no way (?:to|of)|"
    r"(?:do not|don['’]?t) have (?:the |any )?(?:ability|capability|capacity|means|tools) "
    r"(?:to|of))"
)
_KNOW = (
    r"(?:determin|identif|tell|say|judg|classif|recogni|estimat|know|nam|describ|transcrib|"
    r"process|access|analy[sz]|listen|provid|answer|assist|help|compl[yi]|guess|measur|mak|assess|"
    r"infer|discern|distinguish|fulfil|play|track|extract|count|comput|calculat|locat|"
    r"interpret|comment|respond|be (?:sure|certain)|perform|translat|summari|assign|caption|"
    r"compar|produc|generat|diari[sz]|understand|detect)"
    r"\w*"
)
_CLIP = (
    r"(?:audio|recordings?|clips?|sound files?|audio files?|files?|attachments?|voice notes?|"
    r"audio content|sound|input|track|song|music|speech|voices?|waveform|signal)"
)
_DETERMINERS = r"(?:(?:the|any|your|this|that|an?|attached|actual|given|provided|audio)\s+){0,3}"
_GIVEN = (
    r"(?:provided|given|available|attached|shared|specified|included|supplied|uploaded|received|"
    r"stated|mentioned|clear|accessible|sufficient|identifiable|known|enough(?!\s+(?:to|for))|loaded)"
)
_NOT_GIVEN = (
    rf"(?:(?:is|was|are|were|has|have|had|do|does|did)(?:n['’]t|\s+not)(?:\s+been|\s+be)?|"
    rf"not|never)(?:\s+\w+){{0,1}}?\s+{_GIVEN}\b(?!\s+(?:away|up|out)\b)"
)
_TOLD = (
    r"(?:can(?:no|['’])t|can not|could(?:n['’]t| not)) be\s+(?:\w+\s+){0,1}?"
    r"(?:determined|identified|"
    r"recogni[sz]ed|told(?! apart)|established|transcribed|understood|"
    r"classified|inferred|estimated|known|"
    r"judged|assessed|processed|accessed|made out|provided|discerned)\b"
)
_REQUEST = (
    r"(?:\b(?:please|kindly|(?:can|could|would|will) you|you (?:need to|should|may|can|could)|"
    r"if you|once you|when you|let me|send|need to)\b(?:[^.!?\n]{0,40}?"
    r"(?:provid|upload|shar|attach|suppl|listen|resend|submit|send|hear)\w*)?\s+(?:to\s+)?"
    r"|\b(?:i|we)(?: would|['’]d)? (?:first )?need\s+(?:to (?:hear|listen to) )?)"
)
_WRITE_NOUNS = (
    r"(?:audio|recording|clip|audio file|sound file|audio content|lyrics|transcript|transcription|"
    r"spoken words|words|speech content|content of the (?:audio|recording))"
)

_REFUSALS = re.compile(
    rf"{_CANNOT}(?:\s+[\w'’]+){{0,2}}?\s+{_KNOW}"
    r"(?!\s+(?:they|it'?s|it is|that|th(?:e|ose|ese|em) apart|them)\b)"
    rf"|{_CANNOT}(?:\s+\w+){{0,2}}?\s+(?:hear|perceive|see|find|detect|view|open|receive)\s+"
    rf"{_DETERMINERS}(?:{_CLIP}|anything(?! that)|it|you)\b"
    rf"|{_TOLD}"
    r"|\b(?:no|not enough|insufficient|not sufficient|not any|isn['’]t enough|n['’]t any|"
    r"lack of)\s+"
    r"(?:\w+\s+){0,1}?(?:information|clues?|context|data|idea|details)\b"
    r"|n(?:['’]|o)t (?:contain|provide|give|have|include|reveal|offer)\s+(?:\w+\s+){0,2}?"
    r"(?:information|clues?|details)\b|\bnot a (?:clue|hint)\b(?! of)"
    rf"|\bno\s+(?:audio|recording|clip|sound file|audio file|attachment)\b"
    rf"(?=\s+(?:came|was|were|is|has|had|could|in|to|file|clip|provided|attached|received|given)|\W*\Z)"
    rf"|\b(?:do not|don['’]t|did not|didn['’]t) (?:hear|have|see|receive|get)\s+(?:access|enough|"
    rf"{_DETERMINERS}(?:audio|recordings?|clips?|files?|attachments?|information)\b)"
    rf"|{_REQUEST}{_DETERMINERS}(?:{_CLIP}|it|link|lyrics|transcript|again|them)\b"
    r"|\b(?:would|i['’]d|i) (?:rather|prefer to|prefer) not\b|\b(?:decline|refuse) to\b(?! believe)"
    r"|\b(?:i|we) (?:do not|don['’]?t|won['’]t|will not) (?:determin|identif|infer|guess|assess)\w*"
    r"|\b(?:prefer not to|not (?:going|willing) to guess|not comfortable)\b"
    r"|\b(?:i|we) (?:really )?(?:do not|don['’]t) know\b"
    r"|\b(?:i['’]?m|i am|we are) (?:not (?:really |entirely |quite )?(?:sure|certain|confident)|"
    r"unsure|uncertain)\b|\A\W*not (?:sure|certain)\b|\bno idea\b"
    r"|\bas an? (?:\w+[- ]){0,2}?(?:ai|artificial|language|text)\b"
    r"|\bi(?:['’]m| am) (?:just |only )?an? (?:ai|artificial|(?:large )?language model|text)"
    r"|抱歉|对不起|无法|没办法|难以(?:判断|确定|区分|辨别|分辨|识别)|无从|不能.{0,5}(?:确定|判断|识别|听|处理|分析|提供|回答)|不知道|不清楚|不确定"
    r"|没有?(?:听到|提供|收到|上传).{0,8}(?:音频|录音|文件|信息|线索)|没有.{0,10}(?:线索|信息)"
    r"|未(?:提供|收到)|请(?:先)?(?:提供|上传|发送|分享)|作为.{0,6}(?:模型|人工智能|AI)",
    re.IGNORECASE,
)
# One of them is in every refusal and politeness in English.
_TRIGGERS = (
    "n't", "not", "no ", "cannot", "cant", "able", "impossible", "capable", "to tell", "hard to",
    "difficult", "insufficient", "lack of", "please", "kindly", " you", "you ", "need", "let me",
    "send", "rather", "prefer", "decline", "refuse", "sure", "certain", "as a", "i'm", "i am",
    "i'd", "happy to", "glad", "pleased", "delighted", "sorry", "afraid", "apolog", "unfortunately",
    "never", "won't",
)  # fmt: skip
_POLITE = re.compile(
    r"\b(?:i|we)(?:['’](?:m|d|ll|re)|\s+am|\s+are|\s+would|\s+will)?(?:\s+be)?(?:\s+\w+)?\s+"
    r"(?:happy|glad|pleased|delighted|sorry|afraid)\b(?:\s+to(?:\s+\w+){1,2})?"
    r"|\b(?:my )?apologies\b|\bsorry\b|\bunfortunately\b"
    r"|我?[很非常]{0,2}(?:高兴|乐意)(?:能|可以)?(?:为|帮)",
    re.IGNORECASE,
)
# Transcripts may say all of the above: there a refusal speaks of itself and of the recording.
_WRITES_NOT = re.compile(
    rf"\A\W*(?:(?:(?:i['’]m|i am|we are)?\s*(?:very |so )?sorry|apologies|unfortunately|"
    rf"i apologi[sz]e|(?:i['’]m|i am) afraid|抱歉|很抱歉|对不起)\W*(?:but\s+|that\s+|但)?)?(?:"
    rf"as an? (?:\w+[- ]){{0,3}}?(?:ai|artificial|language|text|model)\b"
    rf"|(?:(?:i|we)(?:['’]m|['’]d|\s+am|\s+are|\s+do)?\s+(?:\w+\s+)?|it is |it's )?"
    rf"(?:not\s+)?{_CANNOT}"
    rf"(?:\s+\w+){{0,2}}?\s+(?:{_KNOW}|hear|perceive|open)\b[^.!?\n]{{0,60}}?\b"
    rf"(?:audio|recording|sounds?|speech|clip|files?|music|transcri\w+|requests?)\b"
    rf"|(?:i|we) (?:do not|don['’]t) have (?:access to|the (?:\w+ )?(?:ability|capability))"
    rf"[^.!?\n]{{0,40}}\b(?:audio|recording|clip|sound|file)"
    rf"|(?:it seems(?: that)? |there (?:is|was) )?no "
    rf"(?:audio|recording|audio file|sound file|lyrics)\b"
    rf"(?=[^.!?\n]{{0,20}}\b(?:{_GIVEN}|came|in your))"
    rf"|(?:the |your )?(?:\w+ )?{_WRITE_NOUNS}(?: (?:of|in|for|from|to) [^.,!?\n]{{1,40}}?)? "
    rf"(?:{_NOT_GIVEN}|{_TOLD}|(?:is|was|are) too \w+ (?:\w+ )?to {_KNOW})"
    rf"|(?:i['’]d be (?:happy|glad) to[^.!?\n]{{0,30}}?(?:, )?(?:but )?|sure\W+)?"
    rf"{_REQUEST}{_DETERMINERS}"
    rf"(?:audio|recording|clip|sound file|audio file)\b"
    rf"|(?:the |this )?(?:audio|recording|clip|file) (?:\w+ ){{0,4}}?"
    r"(?:silent|empty|blank|corrupted)\b"
    rf"(?:,? (?:so|and) [^.!?\n]{{0,60}})?\W*\Z"
    rf"|no (?:speech|voices?|spoken words|words|one speaking)(?: (?:is|was|were|can be|could be))?"
    rf" (?:detected|found|heard|present|recogni[sz]ed)\W*\Z"
    rf"|[^。！？\n]{{0,20}}(?:无法|没办法|难以)(?:转录|转写|识别|听清|翻译|辨认)"
    rf"|我?(?:无法|不能|没有).{{0,6}}"
    rf"(?:听|处理|识别|转录|访问|播放|分析|收到).{{0,6}}(?:音频|录音|声音|文件)"
    rf"|(?:音频|录音)(?:内容)?.{{0,4}}(?:无法|不能|没有)|请(?:先)?(?:提供|上传|发送|分享).{{0,6}}(?:音频|录音|文件)"
    rf"|没有(?:检测到|听到|识别到)?(?:任何)?(?:语音|人声|说话声|语音内容)\W*\Z"
    rf"|我?(?:无法|不能)(?:处理|听取)|作为.{{0,6}}(?:模型|人工智能|AI))",
    re.IGNORECASE,
)


class Remainder(NamedTuple):
    """An answer without the pieces that refuse; `refuses` where there were any."""

    text: str
    refuses: bool


def without_refusals(text: str, nouns: Collection[str] = ()) -> Remainder:
    """The pieces of an answer that decline nothing, without politeness.

    `nouns` are what the question asks for: "the genre is not specified" declines.
    """
    folded = text[:_MOST].casefold()
    if folded.isascii() and not any(trigger in folded for trigger in _TRIGGERS):
        return Remainder(text, False)
    head, tail = text[:_MOST], text[_MOST:]
    pieces, start, refuses = [], 0, False
    about = _about(tuple(nouns))
    for border in [*_PIECE.finditer(head), None]:
        end = len(head) if border is None else border.start()
        piece = head[start:end]
        mark = "" if border is None else border[0]
        if _REFUSALS.search(piece) or about.search(piece):
            refuses, mark = True, " but " if "but" in mark or "但" in mark else ". "
        else:
            pieces.append(_POLITE.sub(" ", piece))
        pieces.append(mark)
        start = end if border is None else border.end()
    return Remainder("".join([*pieces, tail]), refuses)


def refuses_to_write(text: str) -> bool:
    """Whether a text declines to be a transcript or caption: it speaks of the recording."""
    return bool(_WRITES_NOT.match(text[:_MOST]))


@lru_cache(maxsize=256)
def _about(nouns: tuple[str, ...]) -> re.Pattern[str]:
    """The pattern of "the genre is not specified" for the nouns of a task."""
    names = [re.escape(noun) for noun in nouns if noun.isascii() and len(noun) > 2]
    subject = "|".join([*names, r"lyrics", r"information", r"audio", r"recording", r"words"])
    return re.compile(
        rf"\b(?:{subject})\b(?:\s+[\w'’]+){{0,4}}?\s+{_NOT_GIVEN}"
        rf"|{_CANNOT}\s+(?:hear|perceive|detect|find|see)\s+{_DETERMINERS}(?:{subject})s?\b",
        re.IGNORECASE,
    )
