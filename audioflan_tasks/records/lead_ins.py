"""The words that stand before an answer, and where the answer begins.

Audio-FLAN's records were rewritten by language models that were told to put such words before
answers (arXiv 2502.16584, appendix A.4): "The accent is Shandong.", "SNR: 35.1", "Transcription
is: …", "Generated speech is: <span>". They are no part of the answer. What they look like is a
small grammar over the nouns of a task (`TaskRow.answer_nouns`):

* a title: the noun and a colon, with up to two words before it ("Estimated SNR: ");
* a sentence: an article, up to three words, the noun, a phrase that says of what, a verb
  ("The language in the given speech is "); the full stop at the end belongs to it;
* the same in Chinese ("说话人的性别是", "口音：").

Prose (transcripts, captions) may begin with anything. There a lead-in speaks of the speech and
has a colon ("The text of the given speech is: "), or is a word for the text itself
("Transcription: ").
Records and the references and answers of a score are read by this one grammar.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from audioflan_tasks.catalogue import TaskRow
from audioflan_tasks.records.answer_sentences import AnswerSentence, SentenceGrammar, owns_stop
from audioflan_tasks.records.carriers import own_nouns
from audioflan_tasks.records.spans import END, START, is_label

__all__ = ["ANSWER", "LeadInGrammar", "OutputParts", "grammar_of", "split_answer", "with_lead_in"]

# Stands for the answer in a lead-in that goes on after it: "A {answer} is playing."
ANSWER = "{answer}"

# What any answer may be called.
_ANY_ANSWER = (
    "answer", "result", "label", "output", "prediction", "response", "final answer",
    "答案", "结果", "标签", "回答",
)  # fmt: skip
# Words for a text about audio: nobody takes them for a part of it. "Text", "words" and "speech"
# are none: a text that is read aloud may begin with them.
_TEXT_TITLES = frozenset(
    (
        "transcription", "transcript", "translation", "caption", "description",
        "descriptive text", "speaking style", "transcribed text", "recognized text",
        "translated text", "transcription result", "转写", "转录", "转写文本", "转写结果",
        "识别结果", "译文", "翻译", "翻译结果", "描述", "音频描述", "音乐描述", "字幕",
    )
)  # fmt: skip
# Nouns of rows that stand without an article.
_PRONOUNS = ("this", "it", "they")
_QUOTES = "\"'“*`"
_LONGEST = 240
# A second title in a list of named parts stands before this.
_REPETITION_REACH = 4_000
_MOST_LEAD_INS = 3
_AUDIO_WORDS = 16
_PLAIN_CLIPS = (START, f"audio: {START}")
_SHORT = 64
_MOST_SHORT = 4096

_ARTICLE = re.compile(
    r"(?!an?\s+(?:cap+ella|tempo)\b)(?:the\s+(?:sound|key|scale|mode|genre|style|class|category)\s+of(?:\s+an?)?"
    r"|an?|the|their|his|her)\s+(?=\w)"
)
_DETERMINER = r"(?:(?i:the|this|that|these|those|its|their|his|her|a|an)\s+)"
# "The first one is faster" names an excerpt, and "the same key" is an answer.
_ADJECTIVE = (
    r"(?:(?!(?i:first|second|third|fourth|last|former|latter|one|same|different|other|both|neither|"
    r"faster|slower|no|not)\b)[^\W\d_][\w'’-]*\s+)"
)
_PREPOSITION = (
    r"(?:of|in|for|from|at|on|to|by|with|between|during|within|across|throughout|behind|being|"
    r"heard|spoken|sung|shown|you|[a-z]{2,}ed|[a-z]{3,}ing)"
)
_COPULA = r"(?:is|are|was|were)"
_VERB = (
    rf"(?:{_COPULA}|sounds?|seems?|appears?|feels?|falls?|occurs?|belongs|contains?|includes?|"
    r"features?|expresses|conveys|says|reads|comes?|wants|wishes|intends|would\s+like)"
)
_PARTICIPLE = r"(?:[a-z]+ed|spoken|sung|made|known|heard|best\s+described)"
_OF_WHAT = (
    rf"(?:\s+(?:that|which|who)\s+(?:{_COPULA}|can\s+be)\s+\w+(?:\s+[^\s.,:;：，。；]+){{0,8}}?"
    rf"|\s+(?:that|which|who|{_PREPOSITION})\s+[^\s.,:;：，。；]+(?:\s+[^\s.,:;：，。；]+){{0,9}}?"
    rf"|\s+(?:heard|spoken|sung|shown|[a-z]{{2,}}ed|[a-z]{{3,}}ing)|\s*\([^()\n]{{1,30}}\))?"
)
# Between a task's noun and the names of intervals no other word may stand: "Dog event: 0.5-1.2"
# names one of them.
_INTERVAL_ADJECTIVE = r"(?:(?i:detected|estimated|predicted|identified|following|final)\s+)"
_OF_A_CLIP = (
    r"(?:\s+(?:spoken|heard|said|sung|uttered))?\s+(?:of|in|for|from)\s+"
    r"(?:(?:the|this|that|given|provided|input|following|above|audio|speech|spoken|music)\s+){0,4}?"
    r"(?:speech|audio|recording|clip|utterance|sample|sound|music|song|voice|speaker)"
)
_OF_SPEECH = (
    r"\s+(?:of|in)\s+(?:(?:the|this|that|given|provided|input|above)\s+){0,3}?"
    r"(?:speech|audio|recording|clip|utterance|sample)"
)
_IN_LANGUAGE = r"(?:\s+(?:in|into)\s+[A-Z][a-z]+(?:\s+[A-Z][a-z]+)?)"
_LINK_WORD = r"(?:at|in|on|as|like|from|by|with|of|to\s+be|to)"
_LINK_OF_PARTICIPLE = rf"(?:{_LINK_WORD}|using|through)"
_SENTENCE_VERB = (
    rf"\s+(?:{_COPULA}\s+as\s+follows"
    rf"|{_COPULA}\s+(?:most\s+likely\s+|likely\s+|probably\s+)?{_PARTICIPLE}\s+"
    rf"{_LINK_OF_PARTICIPLE}"
    rf"|{_VERB}(?:\s+(?:most\s+likely|likely|probably))?(?:\s+{_LINK_WORD}(?=\s)){{0,2}})"
)
# Between a verb and a name: "is a band called Low", "is none other than Kurt Vile".
_NAMING = re.compile(
    r"(?:an?|the)\s+(?:\w+\s+){1,3}(?:called|named|known\s+as)\s+"
    r"|(?:none\s+other\s+than|one\s+of|that\s+of)\s+"
)
_HERE_IS = r"(?:Here(?:\s+is|\s+are|'s)\s+)"
_CLAUSE = r"(?:(?i:based\s+on|judging\s+by|from|in|at|on|according\s+to|for)\s[^,.:;\n]{3,50},\s+)?"
_COLON = r"(?:\s*:\s+|\s*：\s*)"
_ZH = "\u3400-\u4dbf\u4e00-\u9fff"
# "说话人不是男性" denies what follows.
_ZH_WORD = rf"(?:(?![不没非未])[{_ZH}])"
_ZH_OF_WHAT = rf"(?:[{_ZH}A-Za-z0-9]{{1,16}}的)?{_ZH_WORD}{{0,6}}?"
_WORD = re.compile(r"\w")
_STOP = re.compile(r"(?<![.。…])[.。]\s*\Z")
_NEGATION = re.compile(r"(?:not\b|neither\b|n't\b|no\s+longer\b|不(?!同)|没)")
_VERB_BEFORE_COLON = re.compile(r"(?:is|are|was|were|be|reads|follows)\s*[:：]?\s*\Z")


class OutputParts(NamedTuple):
    """An output in two: the words before the answer ("" if there are none), and the answer.

    Where words stand after it too, `lead_in` has `ANSWER` in its place.
    """

    lead_in: str
    answer: str


class LeadInGrammar:
    """The lead-ins of one form of answer with these nouns.

    `may_lead` says quickly, for the many outputs that do not, whether one may begin with one.
    """

    def __init__(self, row: TaskRow) -> None:
        nouns = tuple(dict.fromkeys((*row.answer_nouns, *_ANY_ANSWER)))
        kind = row.answer_kind
        self._kind = kind
        self._sentences = SentenceGrammar(row, nouns)
        self._is_prose = kind.is_prose
        self._may_be_audio = kind.is_audio or kind.may_be_audio
        self.may_lead = (
            _clip_may_lead if kind.is_audio
            else _prose_may_lead if kind.is_prose
            else _text_may_lead
        )  # fmt: skip
        pattern = _prose_pattern(nouns) if kind.is_prose else _plain_pattern(row, nouns)
        self._pattern = re.compile(pattern)
        self._memo: dict[str | tuple[str, ...], OutputParts] = {}
        self._repetition = re.compile(rf"(?i:{_alternatives(nouns)})[^\n:：]{{0,30}}[:：]")

    def split(self, output: str, options: tuple[str, ...] = ()) -> OutputParts:
        """The words before an answer, and the answer; ("", output) where there are none.

        `options` are names that the record lists.
        """
        key = (output, *options) if options else output
        short = self._memo.get(key)
        if short is not None:
            return short
        answer = self._split(output, options)
        if len(output) <= _SHORT and len(self._memo) < _MOST_SHORT:
            # Labels repeat.
            self._memo[key] = answer
        return answer

    def _split(self, output: str, options: tuple[str, ...]) -> OutputParts:
        if START in output and self._may_be_audio:
            return _split_audio(output)
        if self._kind.is_audio:
            return OutputParts("", output)
        sentence = self._sentences.split(output, options)
        if sentence is not None:
            return _parts_of(sentence)
        begin = 0
        for _ in range(_MOST_LEAD_INS):
            end = self._lead_in_end(output, begin, options)
            if end == begin:
                break
            begin = end
        if not begin:
            return OutputParts("", output)
        lead_in, answer = output[:begin], output[begin:].rstrip()
        return OutputParts(lead_in, self._without_stop(lead_in, answer, options))

    def _lead_in_end(self, output: str, begin: int, options: tuple[str, ...]) -> int:
        """Where the lead-in at `begin` ends; `begin` if there is none."""
        match = self._pattern.match(output[begin : begin + _LONGEST])
        if match is None:
            return begin
        end = begin + match.end()
        remainder = output[end:]
        if not _WORD.search(remainder) or _NEGATION.match(remainder):
            return begin
        if self._knows(output[begin:], options) or not self._may_be_answer(
            match, remainder, options
        ):
            return begin
        if not self._is_prose and self._repetition.search(remainder, 0, _REPETITION_REACH):
            # "Speech segment: 0.0-1.0; other segment: 1.0-2.0" is a list of named parts.
            return begin
        return end + self._article_length(match[0], remainder, options)

    def _may_be_answer(
        self, match: re.Match[str], remainder: str, options: tuple[str, ...]
    ) -> bool:
        """Whether what follows a lead-in can be an answer of the task.

        After a title of what the answer is said of ("Songs: Ohia") only a name from a list can,
        and words that only say that something is heard ("present") are none.
        """
        if self._kind.is_measured:
            return self._knows(remainder, options)
        if not self._kind.lists_options:
            return True
        if self._sentences.is_polar:
            return self._knows(remainder, options) or self._sentences.says_value(remainder)
        if match["loose"] is not None:
            # "Spoken with vibrato" names two techniques.
            words = match[0].split()
            is_maker = words[-1] == "by" and not self._sentences.has_lists
            is_label = self._sentences.knows_all(remainder.rstrip(" .。"), options)
            return is_maker or (is_label and not self._knows(words[0], options))
        is_carrier = remainder == remainder.lower() and self._sentences.carries(remainder)
        return not is_carrier or self._knows(remainder, options)

    def _article_length(self, lead_in: str, remainder: str, options: tuple[str, ...]) -> int:
        """The length of "a " in "The speaker is a woman", a part of the sentence."""
        if not self._kind.lists_options or lead_in.rstrip().endswith((":", "：")):
            return 0
        article = _NAMING.match(remainder) or _ARTICLE.match(remainder)
        if article is None:
            return 0
        is_of_name = self._knows(remainder, options)
        return (
            0
            if is_of_name and not self._knows(remainder[article.end() :], options)
            else (article.end())
        )

    def _knows(self, text: str, options: tuple[str, ...]) -> bool:
        return not self._is_prose and self._sentences.knows(text.strip().rstrip(".。"), options)

    def _without_stop(self, lead_in: str, answer: str, options: tuple[str, ...]) -> str:
        """A title has no full stop of its own, that of prose is the text's, and R.E.M. has one."""
        if self._is_prose or owns_stop(answer):
            return answer
        is_title = lead_in.rstrip().endswith((":", "：")) and not _VERB_BEFORE_COLON.search(lead_in)
        if is_title and not self._knows(answer, options):
            return answer
        return _STOP.sub("", answer)


def _clip_may_lead(output: str) -> bool:
    return not output.startswith(_PLAIN_CLIPS)


def _prose_may_lead(output: str) -> bool:
    return ":" in output or "：" in output


def _text_may_lead(output: str) -> bool:
    """A lead-in begins with a letter, and is more than a word.

    A sentence may be in quotes, or begin with a name that is a number.
    """
    first = output[:1]
    if not first.isalpha():
        return first in _QUOTES or (output[-1:] == "." and " " in output)
    return " " in output or ":" in output or not output.isascii()


def split_answer(row: TaskRow, output: str) -> OutputParts:
    """The words before the answer of a task, and the answer."""
    grammar = grammar_of(row)
    return grammar.split(output) if grammar.may_lead(output) else OutputParts("", output)


@lru_cache(maxsize=1024)
def grammar_of(row: TaskRow) -> LeadInGrammar:
    """The lead-ins of a task's answers."""
    return LeadInGrammar(row)


def with_lead_in(lead_in: str, answer: str) -> str:
    """The output of which these are the parts."""
    return lead_in.replace(ANSWER, answer, 1) if ANSWER in lead_in else lead_in + answer


def _parts_of(sentence: AnswerSentence) -> OutputParts:
    opening, answer, ending = sentence
    return OutputParts(f"{opening}{ANSWER}{ending}" if ending else opening, answer)


def _plain_pattern(row: TaskRow, nouns: tuple[str, ...]) -> str:
    """A title or a sentence about one of the nouns.

    Without an article it must be one that names the answer. The group `loose` has the lead-ins
    that may be the beginning of a name: "Songs: Ohia".
    """
    noun_end = r"(?:['’]s?)?(?:\s+(?:value|name|label|type|class|category|id))?"
    noun = _alternatives([n for n in nouns if n.isascii()]) + noun_end
    own_noun = _alternatives(own_nouns(row.minor, nouns)) + noun_end
    pronouns = tuple(p for p in _PRONOUNS if p in nouns)
    bare_noun = _alternatives((*own_nouns("", nouns), *pronouns)) + noun_end
    zh_noun = _alternatives([n for n in nouns if not n.isascii()])
    kind = row.answer_kind
    adjective = _INTERVAL_ADJECTIVE if kind.names == "intervals" else _ADJECTIVE
    before_title = rf"{_HERE_IS}?{_DETERMINER}?{adjective}{{0,2}}?"
    title = rf"{before_title}{own_noun if kind.lists_options else noun}{_OF_WHAT}{_COLON}"
    sentence = (
        rf"{_CLAUSE}(?:{_DETERMINER}{adjective}{{0,3}}?{noun}"
        rf"|(?=[A-Z]){adjective}{{0,2}}?{bare_noun})"
        rf"{_OF_WHAT}{_SENTENCE_VERB}(?:{_COLON}|\s+)"
    )
    made_by = (
        rf"(?:Performed|Recorded|Played|Sung|Spoken|Captured)\s+{_LINK_OF_PARTICIPLE}"
        rf"(?:{_COLON}|\s+)"
    )
    zh = rf"{_ZH_OF_WHAT}{zh_noun}{_ZH_WORD}{{0,3}}?(?:\s*[:：]\s*|(?:是|为)\s*[:：]?\s*)"
    loose = rf"(?P<loose>{before_title}{noun}{_OF_WHAT}{_COLON}|{made_by})"
    forms = [title, sentence, zh] + ([loose] if kind.lists_options else [])
    return "|".join(f"(?:{form})" for form in forms)


def _prose_pattern(nouns: tuple[str, ...]) -> str:
    """A sentence that ends in a colon, or a word for the text itself."""
    english = [n for n in nouns if n.isascii()]
    chinese = [n for n in nouns if not n.isascii()]
    noun, zh_noun = _alternatives(english), _alternatives(chinese)
    title = _alternatives([n for n in english if n in _TEXT_TITLES])
    zh_title = _alternatives([n for n in chinese if n in _TEXT_TITLES])
    start = rf"{_DETERMINER}?{_ADJECTIVE}{{0,2}}?"
    of_what = rf"(?:{_OF_A_CLIP})?{_IN_LANGUAGE}?"
    # "The result is: nobody came" may be said; of the speech itself only the record speaks.
    of_speech = rf"{start}(?:{title}{of_what}|{noun}{_OF_SPEECH}{_IN_LANGUAGE}?)"
    forms = (
        rf"{of_speech}\s+(?:{_COPULA}|reads)(?:\s+as\s+follows)?{_COLON}",
        rf"{_HERE_IS}{of_speech}{_COLON}",
        rf"{of_speech}{_COLON}",
        rf"[{_ZH}]{{0,4}}(?:语音|音频|录音)[里中]?的{zh_noun}[{_ZH}]{{0,3}}?(?:是|为|如下)\s*[:：]\s*",
        rf"[{_ZH}]{{0,4}}{zh_title}(?:是|为|如下)\s*[:：]\s*",
        rf"{zh_title}(?:结果)?\s*[:：]\s*",
    )
    return "|".join(f"(?:{form})" for form in forms)


def _alternatives(nouns: Sequence[str]) -> str:
    """A pattern of any of the nouns, in the plural too; without nouns it never matches."""
    words = sorted(nouns, key=len, reverse=True)
    forms = (re.escape(word).replace(r"\ ", r"[\s_-]+") for word in words)
    plural = "|".join(
        f"{form}(?:e?s)?" if word.isascii() else form
        for form, word in zip(forms, words, strict=True)
    )
    return rf"(?:(?i:{plural}))" if plural else r"(?!)"


def _split_audio(output: str) -> OutputParts:
    """A lone span after a phrase ("Generated speech is: "); a plain label ("audio: ") stays."""
    lead_in, _, remainder = output.partition(START)
    audio_id, _, tail = remainder.partition(END)
    phrase = lead_in.strip()
    if START in tail or _WORD.search(tail) or not _WORD.search(phrase) or "\n" in phrase:
        return OutputParts("", output)
    if is_label(phrase.rstrip(":：").rstrip()) or len(phrase.split()) > _AUDIO_WORDS:
        return OutputParts("", output)
    return OutputParts(lead_in, f"{START}{audio_id}{END}")
