"""Which of a set of labels a text names.

The longest label wins and counts as whole words only. Spelling differs freely in case, blanks,
hyphens and underscores (`hip-hop`, `hiphop`), a word in its ending (`belting`, `frustrated`; see
`stems`). A compound of words names the label that is its last part (`indie-rock`), with
underscores also its first (`bass_electronic`); in `non-vocal` there is no `vocal`. Other names of
a label come from `equal_names`: synonyms, Chinese names, and what the vocabularies of the task call
the same thing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from audioflan_tasks.vocabularies.clauses import NameSpan
from audioflan_tasks.vocabularies.equal_names import pairs_of, surfaces_of
from audioflan_tasks.vocabularies.places import Claim, Place, places_of
from audioflan_tasks.vocabularies.spelling import TOKEN, fold, label_key, list_key
from audioflan_tasks.vocabularies.stems import stem_of_label, stem_of_word
from audioflan_tasks.vocabularies.words import PRONOUNS, Role, Token, phrase_at, tokens_of, word_set

__all__ = ["LabelMatcher", "Mention", "matcher"]

_ARTICLES = frozenset(("a", "an", "the"))
# "non-vocal" is not vocal; "no" before a noun is no answer.
_PREFIXES = frozenset(("non", "anti", "un", "pseudo", "not", "no", "half"))
# "No emotion from the list" names none.
_AFTER_KIND = frozenset(("from", "of", "on", "listed"))
_NO = frozenset(("no", "不是"))
# "Sadly, I cannot hear it" says what the speaker thinks of it.
_COMMENTS = word_set("sadly happily surprisingly amazingly astonishingly")
_AFTER_NO = PRONOUNS | word_set("the as because since but and that there not 他 它")
_NAME_AND_NUMBER = re.compile(r"([a-z]{3,}) ?([1-9])")
_ORDINALS = (
    "", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth",
)  # fmt: skip
_MOST_PARTS = 6
# At each end of a text that goes round in circles.
_MOST_NAMES = 150
# Marks and blanks around a name that is a whole text.
_MARKS_AROUND = 40
# Words of which is kept whether a name begins with them.
_MOST_PLAIN_WORDS = 4096
# Hints of how two things compare.
_COMPARING = frozenset(("both", "other", "whereas"))
_NO_LETTERS: Mapping[int, str] = {}
_EDGES = " \t\n.。!！?？,，;；:：\"'`*"
_LEADING = re.compile(r"\s*([^.,;:!?\n。，；：！？(—]{1,80})[.,;:!?\n。，；：！？(—]")


@dataclass(frozen=True, slots=True)
class Mention:
    """A label in a text: where it stands in the folded text, and how it is meant."""

    label: str
    start: int
    end: int
    words: int
    place: Place

    @property
    def denied(self) -> bool:
        """Whether the text says that it does not hold, or leaves it open."""
        return self.place.claim is not Claim.YES


class LabelMatcher:
    """Finds the labels of one set; build it with `matcher`, which keeps them."""

    def __init__(
        self,
        labels: Sequence[str],
        surfaces: Iterable[tuple[str, str]] = (),
        other_names: Iterable[str] = (),
    ) -> None:
        """`surfaces` are (other name, label), `other_names` names of what is no label."""
        self.labels = tuple(labels)
        surfaces = list(surfaces)
        self._exact: dict[str, str] = {}
        for label in labels:
            self._exact.setdefault(label_key(label), label)
        self._label_by_key: dict[str, str | None] = dict(self._exact)
        self._weak = {label_key(s): label for s, label in surfaces if s.startswith("~")}
        surfaces = [(s, label) for s, label in surfaces if not s.startswith("~")]
        for surface, label in surfaces:
            self._exact.setdefault(label_key(surface), label)
            if not surface.startswith("="):
                self._label_by_key.setdefault(label_key(surface), label)
        names = [*((label, label) for label in labels), *surfaces]
        for name, label in names:
            for key in () if name.startswith("=") else _other_keys(name):
                self._label_by_key.setdefault(key, label)
        self._add_plurals(labels)
        for other in other_names:
            self._label_by_key.setdefault(label_key(other), None)
        self._starts = {name[:n] for name in self._label_by_key for n in range(1, len(name) + 1)}
        self._stems = _stems(names, self._label_by_key)
        self._plain_words: dict[str, bool] = {}
        widths = (len(TOKEN.findall(fold(name))) for name, _ in names)
        self._most_words = 2 * max(widths, default=1) + 1
        longest = max((len(key) for key in (*self._exact, *self._label_by_key)), default=0)
        self._longest_text = 3 * max(longest, *map(len, (*labels, ""))) + _MARKS_AROUND
        self._list_keys = frozenset(map(list_key, labels))
        self._by_folded = {fold(label).strip(): label for label in labels}

    def _add_plurals(self, labels: Sequence[str]) -> None:
        for label in labels:  # "trumpets" is a trumpet
            plural = label_key(label) + "s"
            if len(plural) > 3:
                self._label_by_key.setdefault(plural, label)

    @property
    def keys(self) -> frozenset[str]:
        """Keys of the names that it finds inside a text."""
        return frozenset(key for key, label in self._label_by_key.items() if label is not None)

    def has(self, text: str) -> bool:
        """Whether the text is a label in any spelling, commas and all."""
        return list_key(text) in self._list_keys

    def exact(self, text: str) -> str | None:
        """The label that the whole text is, or None."""
        if len(text) > self._longest_text:
            return None
        plain = text.strip(_EDGES).casefold()
        if plain.count(" ") > self._most_words:
            return None
        label = self._by_folded.get(plain)
        if label is not None:
            return label
        key = label_key(plain)
        return self._exact.get(key) or self._label_by_key.get(key)

    def leading(self, text: str) -> str | None:
        """The label before the first punctuation mark, if nothing else is before it."""
        match = _LEADING.match(text)
        return self.exact(match[1]) if match else None

    def subject(self, text: str) -> str | None:
        """The label of the pronoun that begins a folded text: "she" for a woman."""
        first = TOKEN.match(text) if self._weak else None
        return None if first is None else self._weak.get(first[0].split("'")[0])

    def mentions(self, text: str, letters: Mapping[int, str] = _NO_LETTERS) -> list[Mention]:
        """All labels named, in order, the longest at each place.

        `letters` are labels that a letter stands for, by its place in the folded text.
        """
        plain = fold(text)
        tokens = tokens_of(plain)
        names = list(self._names(plain, tokens, letters)) or self._weak_names(tokens)
        if not names:
            return []
        if len(names) > 2 * _MOST_NAMES:
            names = [*names[:_MOST_NAMES], *names[-_MOST_NAMES:]]
        places = places_of(plain, tokens, [span for _, span in names])
        return [
            Mention(label, tokens[span.start].start, tokens[span.end - 1].end,
                    span.end - span.start, place)
            for (label, span), place in zip(names, places, strict=True)
        ]  # fmt: skip

    def _names(
        self, text: str, tokens: Sequence[Token], letters: Mapping[int, str]
    ) -> Iterator[tuple[str, NameSpan]]:
        position, count, starts = 0, len(tokens), self._starts
        while position < count:
            token = tokens[position]
            end, label = position, None
            key = token.key
            if not letters and self._begins_no_name(tokens, position):
                position += 1
                continue
            if key in starts or key in _ARTICLES or (key[-2:] == "'s" and key[:-2] in starts):
                end, label = self._longest(tokens, position)
            if token.start in letters and end < position + 2:
                yield letters[token.start], NameSpan(position, position + 1)
                position += 1
                continue
            if end == position:
                if position + 1 < count and tokens[position + 1].glue:
                    end = _run_end(tokens, position)
                    yield from self._of_compound(tokens, position, end)
                    position = end
                    continue
                label, end = self._stems.get(stem_of_word(key)), position + 1
                if key in _COMMENTS and text[token.end : token.end + 1] == ",":
                    label = None
            if label is not None and not _is_negation(text, tokens, position, end):
                yield label, NameSpan(position, end)
            position = end

    def _weak_names(self, tokens: Sequence[Token]) -> list[tuple[str, NameSpan]]:
        """Words that name a label where nothing else does: "he" for a man."""
        keys = [(n, token.key.split("'")[0]) for n, token in enumerate(tokens)]
        if any(t.key == "not" or t.key[-3:] == "n't" for t in tokens):
            # "One's happy, the other isn't" denies only what it does not name.
            keys = [(n, key) for n, key in keys if key not in _COMPARING]
        return [(self._weak[key], NameSpan(n, n + 1)) for n, key in keys if key in self._weak]

    def _begins_no_name(self, tokens: Sequence[Token], position: int) -> bool:
        """Whether it is plain that no name begins at a token; most begin none."""
        word = tokens[position].key
        if position + 1 == len(tokens):
            return self._is_plain(word)
        following = tokens[position + 1]
        if following.glue:
            return False
        if word not in _ARTICLES or word in self._label_by_key:
            return self._is_plain(word)
        return word + following.key not in self._starts and self._is_plain(following.key)

    def _is_plain(self, word: str) -> bool:
        """Whether no name begins with a word, and none is its stem."""
        is_plain = self._plain_words.get(word)
        if is_plain is None:
            begins = word in self._starts or word.removesuffix("'s") in self._starts
            is_plain = not (begins or word in _ARTICLES or stem_of_word(word) in self._stems)
            if len(self._plain_words) < _MOST_PLAIN_WORDS:
                self._plain_words[word] = is_plain
        return is_plain

    def _longest(self, tokens: Sequence[Token], start: int) -> tuple[int, str | None]:
        """Where the longest name that begins at a token ends, and its label; `start` if none."""
        best, label = start, None
        keys = [""]
        for end in range(start + 1, min(len(tokens), start + self._most_words) + 1):
            word = tokens[end - 1].key
            forms = (word,) if word[-2:] != "'s" else (word, word[:-2])
            longer = [key + form for key in keys for form in forms]
            if word in _ARTICLES and _is_joined(tokens, end):
                if end - start > 1 and tokens[end - 2].key in _ARTICLES:
                    break
                longer += keys  # "brass band and the choir"
            keys = [key for key in longer if not key or key in self._starts]
            if not keys:
                break
            if end < len(tokens) and tokens[end].glue:
                continue
            name = next((key for key in keys if key in self._label_by_key), None)
            if name and (word not in _ARTICLES or name.endswith(word)):
                best, label = end, self._label_by_key[name]
        return best, label

    def _of_compound(
        self, tokens: Sequence[Token], start: int, end: int
    ) -> Iterator[tuple[str, NameSpan]]:
        """The label of a compound's last part, and of its first where underscores join them."""
        if tokens[start].key in _PREFIXES:
            return
        heads = range(max(start + 1, end - _MOST_PARTS), end)
        head = next((n for n in heads if self._whole(tokens, n, end) is not None), end)
        first = end
        if all(token.glue == "_" for token in tokens[start + 1 : end]) or head < end:
            stops = range(min(end - 1, head, start + _MOST_PARTS), start, -1)
            first = next((n for n in stops if self._whole(tokens, start, n) is not None), end)
        if first < end:
            yield self._whole(tokens, start, first) or "", NameSpan(start, first)
        if head < end:
            yield self._whole(tokens, head, end) or "", NameSpan(head, end)

    def _whole(self, tokens: Sequence[Token], start: int, end: int) -> str | None:
        """The label that the words [start, end) are."""
        key = "".join(token.key.removesuffix("'s") for token in tokens[start:end])
        label = self._label_by_key.get(key)
        if label is None and end == start + 1:
            return self._stems.get(stem_of_word(key))
        return label


@lru_cache(maxsize=4096)
def matcher(
    labels: tuple[str, ...], task: str = "", aliases: tuple[tuple[str, str], ...] = ()
) -> LabelMatcher:
    """The matcher of a label set, built once, with the other names that a task's labels have.

    `aliases` are (other name, label) of the caller; they go before all others.
    """
    surfaces = [*aliases, *surfaces_of(labels, task)]
    return LabelMatcher(labels, surfaces, pairs_of(task))


def _is_joined(tokens: Sequence[Token], position: int) -> bool:
    """Whether one character stands before a token: a blank, and no full stop."""
    return position < len(tokens) and tokens[position].start - tokens[position - 1].end == 1


def _run_end(tokens: Sequence[Token], start: int) -> int:
    """Where the compound that begins at a token ends."""
    end = start + 1
    while end < len(tokens) and tokens[end].glue:
        end += 1
    return end


def _is_negation(text: str, tokens: Sequence[Token], start: int, end: int) -> bool:
    """Whether a name denies what follows it: "no difference", "不是男声", "false that"."""
    phrase = phrase_at(tokens, start)
    if phrase is not None and phrase.end > end:
        return phrase.role in (Role.NOT, Role.YES, Role.UNSURE)
    if tokens[start].key == "no" and end < len(tokens) and tokens[end].key in _AFTER_KIND:
        return True
    key = "".join(token.key for token in tokens[start:end])
    if key not in _NO or end == len(tokens):
        return False
    gap = text[tokens[end - 1].end : tokens[end].start]
    return not gap.strip() and tokens[end].key.split("'")[0] not in _AFTER_NO


def _other_keys(name: str) -> Iterator[str]:
    """Keys of a name without its articles, without the ending 's of its words, and without '."""
    words = TOKEN.findall(fold(name))
    name_and_number = _NAME_AND_NUMBER.fullmatch(" ".join(words))
    if name_and_number:  # "the third speaker", "spk3"
        yield _ORDINALS[int(name_and_number[2])] + name_and_number[1]
        yield f"{name_and_number[1]}id{name_and_number[2]}"
        yield f"spk{name_and_number[2]}" if name_and_number[1] == "speaker" else "".join(words)
    if len(words) > 1:
        core = [w for n, w in enumerate(words) if w not in _ARTICLES or n == len(words) - 1]
        yield "".join(core)
        yield "".join(word.removesuffix("'s") for word in core)
        yield "".join(word.removesuffix("'s") for word in words)
    if "," in name:
        yield label_key(name.replace(",", " and "))
    if "'" in name or "’" in name:
        yield "".join(words).replace("'", "")


def _stems(
    names: Iterable[tuple[str, str]], label_by_key: Mapping[str, str | None]
) -> Mapping[str, str]:
    """Labels by the stem of a name that is one word; a stem of two labels is nobody's."""
    labels: dict[str, set[str]] = {}
    for name, label in names:
        stem = stem_of_label(name)
        if stem and label_by_key.get(stem, label) == label:
            labels.setdefault(stem, set()).add(label)
    return {stem: next(iter(owners)) for stem, owners in labels.items() if len(owners) == 1}
