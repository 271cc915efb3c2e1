"""Which phrases a sentence is: a finite automaton, made while sentences are read.

The rules become states with the words that lead from one to the next. The states in which a
sentence can be are looked up word by word; each set of them is made once.
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


class _State:
    """A place in the rules: the words that lead on, and the states that are here as well."""

    __slots__ = ("closure", "same", "targets")

    def __init__(self, *same: _State) -> None:
        self.targets: list[tuple[frozenset[str], _State]] = []
        self.same = list(same)
        self.closure: frozenset[_State] | None = None

    def all_same(self) -> frozenset[_State]:
        """This state and all that are reached without a word."""
        if self.closure is None:
            states, queue = {self}, [self]
            while queue:
                for state in queue.pop().same:
                    if state not in states:
                        states.add(state)
                        queue.append(state)
            self.closure = frozenset(states)
        return self.closure


class _Place:
    """All states in which a sentence can be after some words."""

    __slots__ = ("ends", "next", "states")

    def __init__(self, states: frozenset[_State], ends: frozenset[str]) -> None:
        self.states = [state for state in states if state.targets]
        self.ends = ends
        self.next: dict[str, _Place] = {}


class PhraseMatcher:
    """Finds which of several rules allow a sentence as a whole.

    `rules` are texts by name; `names` are those that are looked for.

    Raises:
      TemplateError: a rule is not there, names itself, or breaks the notation.
    """

    def __init__(self, rules: Mapping[str, str], names: Sequence[str]) -> None:
        self._rules = rules
        self._starts: dict[tuple[str, _State], _State | None] = {}
        self._ends = {_State(): name for name in names}
        starts = (self._start(RuleName(name), end) for end, name in self._ends.items())
        self._first = _State(*(start for start in starts if start is not None))
        self._places: dict[frozenset[_State], _Place] = {}

    def names(self, words: Iterable[str]) -> frozenset[str]:
        """The names of the rules that allow these words in a row."""
        place = self._place(self._first.all_same())
        for word in words:
            place = place.next.get(word) or self._step(place, word)
        return place.ends

    def _step(self, place: _Place, word: str) -> _Place:
        targets = [
            target.all_same()
            for state in place.states
            for words, target in state.targets
            if word in words
        ]
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

    def _start(self, phrase: Phrase, end: _State) -> _State | None:
        """The state before a phrase that ends in a state; None where nothing is allowed."""
        match phrase:
            case Words(words):
                state = _State()
                state.targets.append((words, end))
                return state
            case Row(parts):
                return self._start_of_row(parts, end)
            case Choice(phrases):
                starts = [self._start(alternative, end) for alternative in phrases]
                return _joined([start for start in starts if start is not None])
            case Repeat(repeated):
                state = _State(end)
                inner = self._start(repeated, state)
                state.same += [] if inner is None else [inner]
                return state
            case RuleName(name):
                return self._start_of_rule(name, end)

    def _start_of_row(self, parts: Sequence[Phrase], end: _State) -> _State | None:
        state: _State | None = end
        for part in reversed(parts):
            state = None if state is None else self._start(part, state)
        return state

    def _start_of_rule(self, name: str, end: _State) -> _State | None:
        if name not in self._rules:
            raise TemplateError(f"no rule <{name}>{nearest(name, self._rules)}")
        if (name, end) not in self._starts:
            self._starts[name, end] = None
            self._starts[name, end] = self._start(parse_rule(self._rules[name]), end)
        return self._starts[name, end]


def _joined(states: Sequence[_State]) -> _State | None:
    if len(states) < 2:
        return states[0] if states else None
    return _State(*states)
