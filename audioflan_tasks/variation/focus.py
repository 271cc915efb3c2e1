"""On which words of an English request its meaning turns.

Nobody can list all words that a good rewrite may have. A word that stands for a purpose or a
manner of speaking ("for a friend of mine") changes nothing; one that names what is asked, narrows
it or is its verb does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set

__all__ = ["focal_words", "object_noun"]

# A phrase after one of these tells why, for whom or from what; it ends before one of the others.
_LOOSE = frozenset(
    "for as like behind using at on from near amid through because since so beside next".split()
)
_STRICT = frozenset(
    "in by with and or that which who whose what how but without into than of not is are".split()
)
_DETERMINERS = frozenset(
    "the a an this that these those its their his her my your our all every each any some both me "
    "us out down up off back over s".split()
)
# Where a noun phrase ends.
_ENDS = _LOOSE | _STRICT | frozenset(
    "when where while to onto between during being was were you he she it they we i can could does "
    "do did has have had along after before again too also please here there now free right together responsible heard played spoken sung used present based if whether".split()
)  # fmt: skip


def focal_words(sentence: Sequence[str], known_words: Set[str]) -> Iterator[str]:
    """The words of a sentence that are not known and stand where they change what is asked."""
    is_loose = False
    for word in sentence:
        if word in _LOOSE or word in _STRICT:
            is_loose = word in _LOOSE
        elif word not in known_words and not is_loose and not word.endswith("ly"):
            yield word


def object_noun(order: Sequence[str]) -> str:
    """The noun of what an order is about: "emotion" of "name the main emotion of …"."""
    noun = ""
    for word in order[1:]:
        if word in _ENDS:
            break
        if word not in _DETERMINERS and not word.endswith("ly"):
            noun = word
    return noun
