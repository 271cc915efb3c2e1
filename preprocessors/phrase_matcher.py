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
    """A place in the rules, from which some words lead on, or a phrase; without, an end.

    `end` is the state after them. `same` are states that are here as well, `closure` all of them
    that have words or are ends; both are looked up when a sentence first comes here.
    """

    __slots__ = ("closure", "end", "phrase", "same", "words")

    def __init__(
        self,
        end: _State | None = None,
        words: frozenset[str] = frozenset(),
        phrase: Phrase | None = None,
    ) -> None:
        self.end = end
        self.words = words
        self.phrase = phrase
        self.same: Sequence[_State] | None = None if phrase else ()
        self.closure: frozenset[_State] | None = None


class _PhraseState:
    """All states in which a sentence can be after some words."""

    __slots__ = ("ends", "next", "states")

    def __init__(self, states: frozenset[_State], ends: frozenset[str]) -> None:
        self.states = [(state.words, state.end) for state in states if state.words and state.end]
        self.ends = ends
        self.next: dict[str, _PhraseState] = {}


class PhraseMatcher:
    """Finds which of several rules allow a sentence as a whole.

    `rules` are texts by name; `names` are those that are looked for.
    """

    def __init__(self, rules: Mapping[str, str], names: Sequence[str]) -> None:
        self._rules = rules
        self._starts = [(_State(), RuleName(name)) for name in names]
        self._ends = dict(zip([end for end, _ in self._starts], names, strict=True))
        self._places: dict[frozenset[_State], _PhraseState] = {}
        self._first: _PhraseState | None = None

    def names(self, words: Iterable[str]) -> frozenset[str]:
        """The names of the rules that allow these words in a row.

        Raises:
          TemplateError: a rule is not there, breaks the notation, or begins with itself.
        """
        place = self._start()
        for word in words:
            place = place.next.get(word) or self._step(place, word)
        return place.ends

    def _start(self) -> _PhraseState:
        if self._first is None:
            phrases = [self._closure(_State(end, phrase=phrase)) for end, phrase in self._starts]
            self._first = self._place(frozenset().union(*phrases))
        return self._first

    def _step(self, place: _PhraseState, word: str) -> _PhraseState:
        targets = [self._closure(end) for words, end in place.states if word in words]
        if len(self._places) > _MOST_PLACES:
            self._places.clear()
        states = targets[0] if len(targets) == 1 else frozenset().union(*targets)
        following_place = self._place(states)
        # A word that leads nowhere is not kept: there are as many as there are words.
        if targets:
            place.next[word] = following_place
        return following_place

    def _place(self, states: frozenset[_State]) -> _PhraseState:
        if states not in self._places:
            ends = frozenset(name for end, name in self._ends.items() if end in states)
            self._places[states] = _PhraseState(states, ends)
        return self._places[states]

    def _closure(self, state: _State) -> frozenset[_State]:
        """The states with words, and ends, that are where a state is."""
        if state.closure is None:
            visited, queue = {state}, [state]
            while queue:
                if len(visited) > _MOST_STATES:
                    raise TemplateError("a rule begins with itself, expected rules that do not")
                for other in self._same(queue.pop()):
                    if other not in visited:
                        visited.add(other)
                        queue.append(other)
            state.closure = frozenset(s for s in visited if s.phrase is None)
        return state.closure

    def _same(self, state: _State) -> Sequence[_State]:
        phrase, end = state.phrase, state.end
        if state.same is None and phrase is not None and end is not None:
            states: list[_State] = []
            if isinstance(phrase, Repeat):
                states.append(end)
                self._add_before(phrase.phrase, state, states)
            else:
                self._add_before(phrase, end, states)
            state.same = states
        return state.same or ()

    def _add_before(self, phrase: Phrase, end: _State, states: list[_State]) -> None:
        """Adds the states before a phrase that ends in a state."""
        if isinstance(phrase, Words):
            states.append(_State(end, phrase.words))
        elif isinstance(phrase, Choice):
            for alternative in phrase.phrases:
                self._add_before(alternative, end, states)
        elif isinstance(phrase, RuleName):
            self._add_before(self._phrase(phrase.name), end, states)
        elif isinstance(phrase, Repeat):
            states.append(_State(end, phrase=phrase))
        elif phrase.parts:
            rest = phrase.parts[1:]
            following = _State(end, phrase=Row(rest)) if rest else end
            self._add_before(phrase.parts[0], following, states)
        else:
            states.append(end)

    def _phrase(self, name: str) -> Phrase:
        if name not in self._rules:
            raise TemplateError(f"no rule <{name}>{nearest(name, self._rules)}")
        return parse_rule(self._rules[name])
