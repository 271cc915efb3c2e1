"""Words of a text and the closed classes of words that the grammar of clauses knows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from audioflan_tasks.vocabularies.spelling import TOKEN

__all__ = [
    "PHRASES",
    "PRONOUNS",
    "Mark",
    "Role",
    "Token",
    "has_verb",
    "phrase_at",
    "tokens_of",
    "word_set",
]

_GLUE = "-_‐‑–"


class Token(NamedTuple):
    """A word: its key, its place [start, end) in the folded text, the mark that glues it on.

    `glue` is "-" or "_" where that alone stands between it and the word before, else "".
    """

    key: str
    start: int
    end: int
    glue: str


def word_set(text: str) -> frozenset[str]:
    """The words of a text with blanks between."""
    return frozenset(text.split())


class Role(StrEnum):
    """What a word or phrase does in a sentence."""

    NOT = "not"  # denies what follows in its clause
    EXCLUDE = "exclude"  # denies; denied itself it leaves open: "can't be ruled out"
    NOR = "nor"  # goes on with a negation, or is one
    INSTEAD = "instead"  # denies the next name
    NONE_OF = "none of"  # denies a whole list
    ANY_OF = "any of"  # takes a negation to the end of a list
    WRONG = "wrong"  # denies the subject before it
    REFUTED = "refuted"  # denies the claim before it, whatever its verb
    LOW = "low"  # denies a claim whose likelihood it is
    YES = "yes"  # looks like a negation and is none
    BUT = "but"
    THOUGH = "though"
    IF = "if"
    BARRING = "barring"  # opens what would be without it: "if it weren't for"
    UNSURE = "unsure"
    WOULD = "would"
    SHOULD = "should"  # what would be, after a condition
    REASON = "reason"
    AND = "and"
    WITH = "with"


class Mark(NamedTuple):
    """A function word or phrase: token positions [start, end), and what it does."""

    start: int
    end: int
    role: Role


_PHRASES: Mapping[Role, str] = {
    Role.NOT: (
        "not|no|never|without|nobody|nothing|nowhere|no one|cannot|dont|doesnt|isnt|arent|"
        "hardly|barely|scarcely|unlikely|improbable|implausible|inconceivable|impossible|"
        "doubt|doubts|doubtful|far from|anything but|everything but|all but|refuse to believe|"
        "less likely|less probable|less plausible|"
        "deny|denies|denied|denying|disagree|disagrees|surprise me if|"
        "lack|lacks|lacking|fail to|fails to|"
        "failed to|absence of|wrong to|incorrect to|"
        "a mistake to|false that|wrong that|incorrect that|untrue that|be surprised if|"
        "hard to believe|difficult to believe|"
        "hard to imagine|hard to call|hard to accept|difficult to accept|be deaf to|"
        "take a miracle for|free of|no longer|have yet to|has yet to|"
        "a stretch to|a lie to|lying if|absurd to|"
        "ridiculous to|an error to|misleading to|inaccurate to|an exaggeration to|"
        "little to suggest|little evidence|little reason|little chance|little indication|"
        "little likelihood|scant evidence|slim chance|small chance|low probability|"
        "low likelihood|low chance|zero chance|不|没有|没|非|并非|无|未|不可能|绝不|而不是|"
        "不再|绝非|很难相信|难以相信|很难想象|难以想象|毫无"
    ),
    Role.EXCLUDE: (
        "rule out|ruled out|rules out|exclude|excludes|excluded|reject|rejects|rejected|refute|"
        "refutes|refuted|dismiss|dismissed|disprove|disproves|argues against|speaks against|"
        "evidence against|dismissed the idea that|rejected the idea that|排除|否定"
    ),
    Role.NOR: "nor",
    Role.INSTEAD: (
        "rather than|instead of|opposed to|unlike|except|than|less of|less like|not so much|"
        "与其说|与其|比"
    ),
    Role.ANY_OF: "any of|either of|the following",
    Role.NONE_OF: "neither|none of|none|neither of|no other|以上|都没有|都不",
    Role.WRONG: (
        "wrong|incorrect|false|unlikely|improbable|implausible|unsupported|unfounded|"
        "impossible|absent|out of the question|mistaken|misleading|deceptive|错"
    ),
    Role.LOW: (
        "zero|nil|negligible|nonexistent|slim|low|small|tiny|minimal|remote|next to nothing|"
        "close to zero|next to zero|against it"
    ),
    Role.REFUTED: (
        "可能性不大|可能性很低|可能性很小|可能性不高|可能性极低|可能性极小|可能性为零|可能性微乎其微|"
        "概率很低|概率不大|概率很小|几率很低|几率很小|相比|found none|found nothing|find none|"
        "heard none|there are none|there is none|dismissed it|rejected it|ruled it out|"
        "ruled that out|dismissed the idea|rejected the idea"
    ),
    Role.YES: (
        "no doubt|no question|no wonder|not only|not just|not merely|not simply|not to mention|"
        "nothing but|none other than|without question|no less|can't help but|cannot help but|"
        "couldn't be more|could not be more|in which|so far as to|little doubt|few doubts|"
        "不管|不论|不妨|不用说|不难|不禁|不愧|不由|比较|对比|比如|不如说|毫无疑问|无疑|不仅|不只|不但|没错|不错|差不多|不得不|非常|无论"
    ),
    Role.BUT: "but|however|yet|但是|但|而是|不过|然而|可是|却|而|其实|实际上|事实上",
    Role.THOUGH: (
        "although|though|even though|even if|while|whereas|despite|in spite of|虽然|尽管|即使|虽"
    ),
    Role.IF: "if|whether|unless|as if|如果|是否|是不是|要是|假如|假设|倘若|若是",
    Role.BARRING: (
        "if it weren't for|if it wasn't for|if it were not for|if not for|were it not for|"
        "had it not been for|要不是|若不是"
    ),
    Role.UNSURE: (
        "not sure|unsure|uncertain|not certain|not necessarily|not entirely|not exactly|not clear|"
        "unclear|don't know|do not know|can't say|cannot say|can not say|couldn't say|不能说|"
        "could not say|doesn't mean|does not mean|不意味着|不代表|不确定|不知道|不清楚|"
        "很难说|难说|未必|不一定|不见得|about to say|going to say|tempted to say|"
        "can't tell if|can't tell whether|can't tell it's|can't tell it is|can't tell that|"
        "would have said|could have sworn|forgiven for thinking|in name only|only in name|"
        "supposedly|allegedly|at first glance|on the surface|need more evidence|is due to|"
        "are due to|"
        "is caused by|are caused by|are explained by|be explained by|be attributed to|"
        "choose between|decide between|torn between|somewhere between|toss-up between|"
        "need more proof"
    ),
    Role.WOULD: "would|it'd|they'd|he'd|she'd|that'd",
    Role.SHOULD: "应该|应当|本该",
    Role.REASON: "because|since|therefore|so|which|who|因为|由于|所以|因此",
    Role.AND: "and|then|并且|而且",
    Role.WITH: (
        "with|influenced|reminiscent|inspired|tinged|elements|traces|hint|touch|a little|"
        "a bit|close to|"
        "similar to|flavoured|influences|也有|还有|有一些|有点|带有|带点|带|近似"
    ),
}  # fmt: skip
PRONOUNS = word_set("it they he she this these those i we you both 它 他 她 这 我")
_VERBS = word_set(
    "is are was were am be has have had do does did can could may might will would should "
    "must sounds seems appears feels looks comes gives plays recalls carries speaks says "
    "belongs has contains features remains stays suggests makes sings reads matches "
    "choose think believe hear say stands wins 是"
)
_CLITICS = ("n't", "'s", "'re", "'m", "'d", "'ll", "'ve")


def _table() -> Mapping[str, Sequence[tuple[tuple[str, ...], Role]]]:
    phrases: dict[str, list[tuple[tuple[str, ...], Role]]] = defaultdict(list)
    for role, texts in _PHRASES.items():
        for text in texts.split("|"):
            words = tuple(TOKEN.findall(text))
            phrases[words[0]].append((words, role))
    for entries in phrases.values():
        entries.sort(key=lambda entry: -len(entry[0]))
    return MappingProxyType(phrases)


# By the first word, the longest first.
PHRASES = _table()


def phrase_at(tokens: Sequence[Token], position: int) -> Mark | None:
    """The longest phrase that begins at a word; None if none does."""
    key = tokens[position].key
    phrases = PHRASES.get(key, ())
    if phrases:
        most = len(phrases[0][0])
        following = tuple([token.key for token in tokens[position : position + most]])
        for words, role in phrases:
            if following[: len(words)] == words:
                return Mark(position, position + len(words), role)
    return Mark(position, position + 1, Role.NOT) if key.endswith("n't") else None


def has_verb(tokens: Sequence[Token], start: int, end: int, in_span: set[int]) -> bool:
    """Whether one of the words [start, end) is a finite verb, or has one as its ending."""
    return any(
        tokens[n].key in _VERBS or tokens[n].key.endswith(_CLITICS)
        for n in range(start, end)
        if n not in in_span
    )


def tokens_of(text: str) -> list[Token]:
    """The words of a folded text."""
    tokens: list[Token] = []
    end = -2
    for match in TOKEN.finditer(text):
        start, stop = match.span()
        glue = text[end] if start - end == 1 and text[end] in _GLUE else ""
        tokens.append(tuple.__new__(Token, (match[0], start, stop, glue)))
        end = stop
    return tokens
