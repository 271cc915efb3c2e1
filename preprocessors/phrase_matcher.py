"""Which phrases a sentence is: a finite automaton, made while sentences are read.

The rules become states with the words that lead from one to the next, a rule when a sentence first
comes to it. The states in which a sentence can be are looked up word by word; each set of them is
made once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from audioflan_tasks.errors import TemplateError, nearest
from audioflan_tasks.preprocessors.phrase_rules import (
    Choice,
    Phrase,
    Repeat,
    Row,
    RuleName,
    Words,
    parse_rule,
)

__all__ = ["PhraseMatcher"]

# Sets of states are forgotten when there are more, so that odd sentences do not fill the memory.
_MOST_PLACES = 20_000
# More states at one place than any rules need that do not begin with themselves.
_MOST_STATES = 50_000


class _State:
    """A place in the rules: before a phrase, and what comes after it.

    `same` are the states that are here as well, and `words` lead on to `end`; both are looked up
    when a sentence first comes here. The end of all has no phrase.
    """

    __slots__ = ("closure", "end", "phrase", "same", "words")

    def __init__(self, phrase: Phrase | None = None, end: _State | None = None) -> None:
        self.phrase = phrase
        self.end = end
        self.words: frozenset[str] = frozenset()
        self.same: Sequence[_State] | None = None
        self.closure: frozenset[_State] | None = None


class _Place:
    """All states in which a sentence can be after some words."""

    __slots__ = ("ends", "next", "states")

    def __init__(self, states: frozenset[_State], ends: frozenset[str]) -> None:
        self.states = [(state.words, state.end) for state in states if state.words and state.end]
        self.ends = ends
        self.next: dict[str, _Place] = {}


class PhraseMatcher:
    """Finds which of several rules allow a sentence as a whole.

    `rules` are texts by name; `names` are those that are looked for.
    """

    def __init__(self, rules: Mapping[str, str], names: Sequence[str]) -> None:
        self._rules = rules
        self._ends = {_State(): name for name in names}
        self._first = _State()
        self._first.same = [_State(RuleName(name), end) for end, name in self._ends.items()]
        self._places: dict[frozenset[_State], _Place] = {}

    def names(self, words: Iterable[str]) -> frozenset[str]:
        """The names of the rules that allow these words in a row.

        Raises:
          TemplateError: a rule is not there, breaks the notation, or begins with itself.
        """
        place = self._place(self._closure(self._first))
        for word in words:
            place = place.next.get(word) or self._step(place, word)
            if not place.states and not place.ends:
                break
        return place.ends

    def _step(self, place: _Place, word: str) -> _Place:
        targets = [self._closure(end) for words, end in place.states if word in words]
        if len(self._places) > _MOST_PLACES:
            self._places.clear()
        following_place = self._place(frozenset().union(*targets))
        # A word that leads nowhere is not kept: there are as many as there are words.
        if targets:
            place.next[word] = following_place
        return following_place

    def _place(self, states: frozenset[_State]) -> _Place:
        if states not in self._places:
            ends = frozenset(name for end, name in self._ends.items() if end in states)
            self._places[states] = _Place(states, ends)
        return self._places[states]

    def _closure(self, state: _State) -> frozenset[_State]:
        """A state and all that are reached from it without a word."""
        if state.closure is None:
            states, queue = {state}, [state]
            while queue:
                if len(states) > _MOST_STATES:
                    raise TemplateError("a rule begins with itself, expected rules that do not")
                for other in self._same(queue.pop()):
                    if other not in states:
                        states.add(other)
                        queue.append(other)
            state.closure = frozenset(states)
        return state.closure

    def _same(self, state: _State) -> Sequence[_State]:
        """The states that are where a state is; sets them and the words that lead on."""
        if state.same is None:
            state.same = ()
            if state.phrase is not None and state.end is not None:
                state.same = self._starts(state, state.phrase, state.end)
        return state.same

    def _starts(self, state: _State, phrase: Phrase, end: _State) -> Sequence[_State]:
        match phrase:
            case Words(words):
                state.words = words
                return ()
            case Row(()):
                return [end]
            case Row((first, *rest)):
                return [_State(first, _State(Row(tuple(rest)), end) if rest else end)]
            case Choice(phrases):
                return [_State(alternative, end) for alternative in phrases]
            case Repeat(repeated):
                return [end, _State(repeated, state)]
            case RuleName(name):
                return [_State(self._phrase(name), end)]

    def _phrase(self, name: str) -> Phrase:
        if name not in self._rules:
            raise TemplateError(f"no rule <{name}>{nearest(name, self._rules)}")
        return parse_rule(self._rules[name])
