"""Rules about what a rewrite asks, and of what, which way round and in which form."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Set

from audioflan_tasks.variation.focus import object_noun, swapped_parts
from audioflan_tasks.variation.instruction_rewrite import (
    InstructionRewrite,
    InstructionRule,
    difference,
)
from audioflan_tasks.variation.lexicon import Lexicon, lexicon, needs_of
from audioflan_tasks.variation.reading import InstructionContent
from audioflan_tasks.variation.task_wording import (
    allowed_concepts,
    character_pairs,
    harmless_stems,
    harmless_words,
    needed_concepts,
    readings,
    stem,
    usual_directions,
    usual_marks,
    usual_pairs,
    usual_roles,
    wordings,
)
from audioflan_tasks.variation.vocabulary import unknown_parts, unknown_words

__all__ = ["QUESTION_RULES"]

_QUESTION_WORD = re.compile(
    r"^(?:what|which|who|when|where|why|how (?:many|long|loud)) (?!about|would|if|might)"
    r"|(?:多少|什么|为什么|哪)"
)
_TELLS_WHICH = re.compile(
    r"\b(?:say|tell|state|name|guess|decide) (?:me |us )?(?:which|whether|who|how|why|if)\b"
)
# Does not ask for yes or no, or for more.
_ASKS_WHICH = re.compile(
    r"^(?:what|which|who) (?!of|option|answer|label|verdict|one|choice|is it|applies|holds|fits)"
)
_NAMES_IT = re.compile(r"\b(?:name|identify|specify) (?:it|them|which|both)\b")
_ONLY, _ONLY_WORDS = "only", {"nothing but", "no others", "nobody else", "no one else", "solely", "exclusively"}
# What is left when the rest is gone is "only" this.
_TAKING_AWAY = {"extract", "remove", "clean"}
_ALL = re.compile(r"\b(?:all|every|each)\b")
_ONE = re.compile(r"\b(?:best|one|single)\b")
_OR = re.compile(r"\bor\b|还是|或")
_OF_THESE = re.compile(r"\b(?:these|following|labels|candidates|choices|classes)\b|以下|下列|下面|这些|其中")
_EDGES = (re.compile(r"\b(?:start|begin|onset)|开始|起"), re.compile(r"\b(?:end|stop|finish|offset)|结束|止"))
# What is named with something else: "the note with its octave".
_ADDED_NOUN = re.compile(r"\b(?:and|with) (?:its|their|the) (\w+)\b")
# Of pieces of the input, which one alone cannot take from another.
_PIECE_SENSES = ("content", "manner", "likeness", "possessed", "owner", "work")
# Something may be taken from any piece; from English is not into English.
_ORIGINS = ("left", "possessed")
_TEXTS = ("text", "description")
_SLOT_ROLES = ("slot", "somelanguage")
_RESULTS, _RESULT_SENSES = ("speech", "voice", "语音", "人声"), {"reached", "agent"}
_ASKED_PAIR = re.compile(
    r"(?:的|什么|哪一?[种类个位首段件])"
    # A pair of which one is a particle is no noun.
    r"(?=((?!.?[是也在有还都就要会能和与把被让给向对从用做不一几哪这那每呢吗])[\u4e00-\u9fff]{2}))"
)
_ASKED_WORD = re.compile(r"\b(?:which|what) (\w+)")
# A word before what is asked ("which regional dialect"), or a verb ("which describes the clip").
_BEFORE_ASKED = re.compile(r"\b(?:which|what) (\w+) (\w+)")


def _mark(rule: str) -> InstructionRule:
    """A rule about words that turn a question or narrow it."""

    def broken(case: InstructionRewrite) -> str:
        words = lexicon(case.language)
        marks = _same_marks(case.request_content.marks[rule])
        original_marks = _same_marks(case.original_content.marks[rule])
        # What an instruction of the pool says beside its question is emphasis.
        if case.original in wordings(case.row, case.language):
            original_marks &= marks
        free_words = _same_marks(usual_marks(case.row, case.language, rule))
        free_words |= {word for word in marks if _is_of_needs(case, word)}
        if case.row.reads.count("audio") > 1:
            free_words |= words.pieces
        needs = {name for group in needs_of(case.row) for name in group}
        if _TAKING_AWAY & needs:
            free_words |= {_ONLY, "no", "without"}
        if "order" in needs:
            free_words |= {"first", "last"}
        return difference(original_marks - free_words, marks - free_words)

    return broken


def _same_marks(marks: frozenset[str]) -> frozenset[str]:
    """Marks with one word for all that mean "only"."""
    return frozenset(_ONLY if mark in _ONLY_WORDS else mark for mark in marks)


def _is_of_needs(case: InstructionRewrite, word: str) -> bool:
    """Whether a word is how the task is asked: a gap is "missing"."""
    words = lexicon(case.language)
    names = {name for group in needs_of(case.row) for name in group}
    return any(
        table[name].fullmatch(word)
        for table in (words.concepts, words.hints)
        for name in names & table.keys()
    )


def _direction(case: InstructionRewrite) -> str:
    """A side of two opposites that neither the instruction nor the task takes."""
    usual = usual_directions(case.row, case.language)
    matches = []
    for number, patterns in enumerate(lexicon(case.language).directions):
        sides = _sides(case.original_content, number) or {s for n, s in usual if n == number}
        new = _sides(case.request_content, number) - sides if sides else set[int]()
        # "The same or different?" takes neither side.
        if new and sides & _sides(case.request_content, number) and _OR.search(case.request):
            continue
        matches += [patterns[side].search(case.request_content.text) for side in sorted(new)]
    return ", ".join(match[0] for match in matches if match)


def _sides(reading: InstructionContent, number: int) -> set[int]:
    return {side for pair, side in reading.directions if pair == number}


def _roles(case: InstructionRewrite) -> str:
    """A role in another sense than before, or than the instructions of the pool use it in."""
    pieces = lexicon(case.language).pieces
    senses: dict[str, set[str]] = {}
    known_roles = case.original_content.roles | usual_roles(case.row, case.language)
    for sense, role in known_roles:
        senses.setdefault(role, set()).add(sense)
    for role, role_senses in senses.items():
        # "Free from noise", "sung by a voice": what goes may be left, what comes out may act.
        role_senses |= {"likeness", "owner"} if _is_voice_only(role_senses) else set()
        role_senses |= {"left"} if "removed" in role_senses else set()
        role_senses |= _RESULT_SENSES if case.row.writes == ("audio",) and role in _RESULTS else set()
    has_removed = any(sense == "removed" for sense, _ in known_roles)
    wrong = [
        f"{role} ({sense})"
        for sense, role in sorted(case.rewrite_content.roles)
        if (role in senses or (has_removed and sense == "removed"))
        and sense not in senses.get(role, ())
        and (len(case.row.inputs) > 1 or sense not in _PIECE_SENSES or role in _SLOT_ROLES)
        and (role not in (*pieces, *_TEXTS) or sense not in _ORIGINS)
    ]
    return ", ".join(wrong)


def _is_voice_only(senses: Set[str]) -> bool:
    """Whether a role gives a voice and no words."""
    return "manner" in senses and "content" not in senses


def _concept(rule: str) -> InstructionRule:
    """A rule about concepts that the instruction, or the task, does not have."""

    def broken(case: InstructionRewrite) -> str:
        words = lexicon(case.language)
        concepts = case.request_content.concepts
        allowed = case.original_content.concepts | allowed_concepts(case.row, case.language)
        if _ALL.search(case.original_content.text):
            allowed |= {"several"}
        known_spans = _spans(case, concepts & allowed - words.quiet)
        new = sorted(name for name in concepts - allowed - words.quiet if words.rules[name] == rule)
        return ", ".join(
            f"{name} ({match[0]})"
            for name in new
            for match in words.concepts[name].finditer(case.request_content.text)
            if name.endswith("_output") or not _is_inside(match, known_spans)
        )

    return broken


def _is_inside(match: re.Match[str], spans: Iterable[tuple[int, int]]) -> bool:
    return any(begin <= match.start() and match.end() <= end for begin, end in spans)


def _spans(case: InstructionRewrite, names: Iterable[str]) -> list[tuple[int, int]]:
    """Where the words of concepts stand."""
    concepts = lexicon(case.language).concepts
    return [
        match.span()
        for name in names
        for match in concepts[name].finditer(case.request_content.text)
    ]


def _head(case: InstructionRewrite) -> str:
    """No order is to make audio where a text is asked for, or the reverse."""
    words = lexicon(case.language)
    own_words = harmless_words(case.row, case.language)
    foreign_heads = words.harmless["text"] | words.harmless["audio"] - own_words
    foreign_heads -= own_words
    if case.row.writes == ("text",):
        foreign_heads |= words.performing_heads
    instructions = (case.original, *wordings(case.row, case.language))
    known_heads = {stem(head) for text in instructions for head in _heads(text, words)}
    known_words = {word for text in instructions for word in words.normal(text).split()}
    turned_words = {stem(word) for word in known_words} - own_words - known_words
    names = allowed_concepts(case.row, case.language)
    patterns = [table[name] for table in (words.concepts, words.hints) for name in names & table.keys()]
    return ", ".join(
        head
        for sentence, head in _headed(case.request, words)
        if head in foreign_heads | turned_words
        and stem(head) not in known_heads
        and (
            head in turned_words | words.performing_heads
            or not any(pattern.match(sentence) for pattern in patterns)
        )
    )


def _names_options(case: InstructionRewrite) -> bool:
    """Whether the options say what is asked, as some instruction of the pool leaves it to them."""
    if "options" not in case.rewrite_content.slots or not _OF_THESE.search(case.request):
        return False
    names = {name for group in needed_concepts(case.row, case.language) for name in group}
    return any(
        "options" in content.slots and not names & content.hinted_concepts
        for content in readings(case.row, case.language)
        if case.row.reads.count("audio") == 1
    )


def _lost_edges(case: InstructionRewrite) -> bool:
    """Whether start and end are asked for, and then only one of them."""
    original, rewrite = case.original_content.text, case.rewrite_content.text
    is_both = all(edge.search(original) for edge in _EDGES)
    return is_both and sum(bool(edge.search(rewrite)) for edge in _EDGES) == 1


def _added_nouns(case: InstructionRewrite) -> Iterator[str]:
    """What the instruction names with something else and the rewrite does not."""
    words, text = lexicon(case.language), case.rewrite_content.text
    shared_concepts = case.original_content.concepts & case.rewrite_content.hinted_concepts
    stems = harmless_stems(case.row, case.language).union(map(stem, text.split()))
    for noun in _ADDED_NOUN.findall(case.original_content.text):
        is_meant = any(
            table[name].search(noun)
            for table in (words.concepts, words.hints)
            for name in shared_concepts & table.keys()
        )
        if stem(noun) not in stems and not is_meant:
            yield noun


def _heads(instruction: str, words: Lexicon) -> Iterator[str]:
    return (head for _, head in _headed(instruction, words))


def _headed(instruction: str, words: Lexicon) -> Iterator[tuple[str, str]]:
    """Each sentence behind what is only polite, and its first word."""
    if not words.is_spaced:
        return
    for sentence in words.sentences(instruction):
        text = " ".join(sentence) + " "
        polite = words.polite.match(text)
        remainder = text[polite.end() if polite else 0 :]
        if remainder.strip():
            yield remainder, remainder.split()[0]


def _asked(case: InstructionRewrite) -> str:
    """What stands after "which", or what one is told to name, is of the task or names nothing."""
    words = lexicon(case.language)
    if not words.is_spaced:
        return _asked_unspaced(case)
    groups = needed_concepts(case.row, case.language)
    patterns = [
        words.concepts[name] for names in groups for name in names if name in words.concepts
    ]
    known_words = _known_asked_words(case)

    def is_known(word: str) -> bool:
        return word in known_words or any(pattern.fullmatch(word) for pattern in patterns)

    attributes = {
        word
        for word, noun in _BEFORE_ASKED.findall(case.request_content.text)
        if (noun not in words.neutral and is_known(noun))
        or (word.endswith("s") and noun in words.determiners)
    }
    return ", ".join(
        word
        for word in _asked_words(case.request, words) - attributes
        if not word.isdigit() and not is_known(word)
    )


def _known_asked_words(case: InstructionRewrite) -> frozenset[str]:
    words = lexicon(case.language)
    instructions = (case.original, *wordings(case.row, case.language))
    asked_words = (_asked_words(instruction, words) for instruction in instructions)
    after_which = _ASKED_WORD.findall(case.request_content.text)
    own_words = set(case.original_content.text.split()).intersection(after_which)
    compared = words.compared if case.row.reads.count("audio") > 1 else ()
    return frozenset().union(words.neutral, words.outputs, own_words, compared, *asked_words)


def _asked_words(instruction: str, words: Lexicon) -> frozenset[str]:
    """The words after "which" and "what", and the nouns that an order to name something has."""
    nouns = {
        object_noun(order.split(), words)
        for order, head in _headed(instruction, words)
        if head in words.naming_heads
    }
    return frozenset(_ASKED_WORD.findall(words.normal(instruction))) | (nouns - {""})


def _asked_unspaced(case: InstructionRewrite) -> str:
    """As `_asked` for Chinese: what stands after "的" or "什么" is in some instruction."""
    known_spans = _spans(case, allowed_concepts(case.row, case.language))
    known_pairs = usual_pairs(case.language) | character_pairs(case.original_content.text)
    return ", ".join(
        match[1]
        for match in _ASKED_PAIR.finditer(case.request_content.text)
        if match[1] not in known_pairs
        and not any(begin < match.end(1) and match.start(1) < end for begin, end in known_spans)
    )


def _needs(case: InstructionRewrite) -> str:
    """What a task is not asked without, unless an instruction of somebody's own lacks it too."""
    # A placeholder is named by the concept that it fills: {emotion}.
    names = case.rewrite_content.hinted_concepts.union(case.rewrite_content.slots)
    is_pool = case.original in wordings(case.row, case.language)
    if _names_options(case):
        return ""
    absent = [
        " or ".join(group)
        for group in needed_concepts(case.row, case.language)
        if not names.intersection(group)
        and (is_pool or case.original_content.concepts.intersection(group))
    ]
    return ", ".join(absent)


def _detail(case: InstructionRewrite) -> str:
    """Times, orders and more than one answer are asked for or not, as in the instruction.

    For one of the pool `needs` says which the task is not asked without.
    """
    nouns = tuple(_added_nouns(case))
    if _lost_edges(case):
        return ", ".join((*nouns, "start or end"))
    is_several = "several" in case.original_content.concepts - case.rewrite_content.concepts
    if is_several and _ONE.search(case.request_content.text):
        return "several"
    if case.original in wordings(case.row, case.language):
        return ", ".join(nouns)
    concepts = (
        name
        for name in ("time", "order", "several")
        if name in case.original_content.concepts and name not in case.rewrite_content.concepts
    )
    return ", ".join((*nouns, *concepts))


def _form(case: InstructionRewrite) -> str:
    """A question of yes and no only where the instruction is one, or the task answers so."""
    if case.row.writes == ("audio",):
        is_question = case.request.rstrip().endswith(("?", "？"))
        match = is_question and _QUESTION_WORD.search(case.request_content.text)
        texts = [reading.text for reading in readings(case.row, case.language)]
        if match and not any(map(_QUESTION_WORD.search, texts)):
            return match[0]
        if (match := _TELLS_WHICH.search(case.request_content.text)) and not any(
            map(_TELLS_WHICH.search, texts)
        ):
            return match[0]
        is_polar = case.request_content.is_polar and not case.original_content.is_polar
        return case.request[:40] if is_polar else ""
    if case.original_content.is_polar and not case.request_content.is_polar:
        if match := _ASKS_WHICH.search(case.request_content.text):
            return match[0]
    if case.original_content.is_polar and (match := _NAMES_IT.search(case.request_content.text)):
        return match[0]
    if (
        {"yes", "no"} <= set(case.row.labels)
        or case.original_content.is_polar
        or not case.request_content.is_polar
    ):
        return ""
    return case.request[:40]


def _vocabulary(case: InstructionRewrite) -> str:
    """A word that nobody needs who asks for the same."""
    is_spaced = lexicon(case.language).is_spaced
    return ", ".join(unknown_words(case) if is_spaced else unknown_parts(case))


def _swapped(case: InstructionRewrite) -> str:
    """Two parts of the instruction have changed places, and all else stands."""
    original, rewrite = case.original_content.text, case.rewrite_content.text
    if lexicon(case.language).is_spaced:
        return " / ".join(" ".join(part) for part in swapped_parts(original.split(), rewrite.split()))
    return " / ".join("".join(part) for part in swapped_parts(original, rewrite))


QUESTION_RULES: Mapping[str, InstructionRule] = {
    "polarity": _mark("polarity"),
    "direction": _direction,
    "roles": _roles,
    "scope": _mark("scope"),
    "manner": _mark("manner"),
    "target": _concept("target"),
    "kind": _concept("kind"),
    "other_task": _concept("other_task"),
    "head": _head,
    "asked": _asked,
    "needs": _needs,
    "detail": _detail,
    "swapped": _swapped,
    "form": _form,
    "vocabulary": _vocabulary,
}
