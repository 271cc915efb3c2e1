"""Puts the tasks and standard mixtures into seqio's registries."""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import seqio

from audioflan_tasks import catalogue
from audioflan_tasks.catalogue import PREFIX
from audioflan_tasks.config import settings
from audioflan_tasks.corpus import Corpus, open_corpus
from audioflan_tasks.errors import SettingsError, UnknownNameError
from audioflan_tasks.foreign.registry import connect_seqio
from audioflan_tasks.mixtures import Mix, standard_mixtures
from audioflan_tasks.options import ExampleOptions
from audioflan_tasks.seqio_tasks.foreign_task import SeqioRegistries
from audioflan_tasks.seqio_tasks.mixture import AudioFlanMixture
from audioflan_tasks.seqio_tasks.task import make_task
from audioflan_tasks.tokens import AudioTextVocabulary

__all__ = ["UnknownProviderError", "register", "register_mixture"]

_PREFIX_FORM = re.compile(r"[A-Za-z][\w:]*[_:]")


class UnknownProviderError(UnknownNameError, ValueError):
    """No task or mixture has that name; a ValueError as well, as seqio's own error is."""


@dataclass(frozen=True, slots=True)
class _TaskFamily:
    """What the tasks of one prefix are over; None is what the settings say."""

    corpus: Corpus | str | os.PathLike[str] | None = None
    options: ExampleOptions | None = None


_families: dict[str, _TaskFamily] = {}


def register(
    prefix: str = PREFIX,
    *,
    corpus: Corpus | str | os.PathLike[str] | None = None,
    options: ExampleOptions | None = None,
) -> tuple[str, ...]:
    """Adds a family of tasks and standard mixtures to seqio's registries.

    That of the prefix `audioflan_` is there as soon as seqio and this package are imported. Others
    stand beside it, over a corpus and with options of their own:

        af.register("mine_", corpus="/corpora/mine", options=af.ExampleOptions(languages=("zh",)))
        seqio.get_mixture_or_task("mine_all").get_dataset()

    The feature `task` of examples is the name in the catalogue (`audioflan_…`) in every family.
    Called again with the same arguments it adds what the catalogue has gained.

    Args:
      prefix: stands in the names where `audioflan_` does.
      corpus: a `Corpus` or its root; None takes that of the settings when a dataset is made.
      options: of examples; None takes the settings when a dataset is made.

    Returns:
      the names that are new.

    Raises:
      SettingsError: the prefix cannot be used, or is that of another family.
    """
    family = _TaskFamily(corpus, options)
    _check_family(prefix, family)
    new_names = _add_tasks(prefix, family)
    for mix in standard_mixtures():
        name = prefix + mix.name.removeprefix(PREFIX)
        if name not in seqio.MixtureRegistry.names():
            mixture = AudioFlanMixture(name, mix.mix, prefix)
            seqio.MixtureRegistry.add_provider(name, mixture)
            new_names.append(name)
    _suggest_names()
    return tuple(new_names)


def register_mixture(name: str, mix: Mix, prefix: str = PREFIX) -> AudioFlanMixture:
    """Adds one mixture of the tasks of a family under a name.

    Raises:
      SettingsError: the name is taken, or there is no such family.
    """
    register()
    if prefix not in _families:
        raise SettingsError(
            f"prefix={prefix!r}: no family of tasks has it; there are {', '.join(_families)} "
            "(audioflan_tasks.register adds one)"
        )
    taken_names = {*seqio.MixtureRegistry.names(), *seqio.TaskRegistry.names()}
    if name in taken_names:
        raise SettingsError(f"the name {name!r} is registered already; choose another")
    mixture = AudioFlanMixture(name, mix, prefix)
    seqio.MixtureRegistry.add_provider(name, mixture)
    return mixture


def _check_family(prefix: str, family: _TaskFamily) -> None:
    """Raises unless the prefix is new, or that of this very family."""
    if not isinstance(prefix, str) or not _PREFIX_FORM.fullmatch(prefix):
        raise SettingsError(
            f"prefix={prefix!r}: expected a letter, then letters, digits and _ or :, with one of "
            "these two at its end, such as 'mine_'"
        )
    if _families.get(prefix, family) != family:
        raise SettingsError(
            f"prefix={prefix!r} is that of a family with another corpus or options; choose another"
        )
    if prefix not in _families:
        names = {*seqio.TaskRegistry.names(), *seqio.MixtureRegistry.names()}
        taken_names = names & {prefix + row.id for row in catalogue.tasks()}
        if taken_names:
            raise SettingsError(
                f"prefix={prefix!r}: the name {min(taken_names)!r} is registered already; "
                "choose another"
            )


def _add_tasks(prefix: str, family: _TaskFamily) -> list[str]:
    """Registers the tasks of a family that are not there, and returns their names."""
    seqio.Vocabulary.register(AudioTextVocabulary)
    Mix.registrar = register_mixture
    connect_seqio(SeqioRegistries())
    _families[prefix] = family
    open_family = _opener(family.corpus)
    options = family.options
    options_of = settings.example_options if options is None else lambda: options
    new_names = []
    for row in catalogue.tasks():
        name = prefix + row.id
        if name not in seqio.TaskRegistry.names():
            seqio.TaskRegistry.add_provider(name, make_task(row, open_family, options_of, name))
            new_names.append(name)
    return new_names


def _opener(corpus: Corpus | str | os.PathLike[str] | None) -> Callable[[], Corpus]:
    """What opens the corpus of a family, once."""
    if corpus is None:
        return open_corpus
    family_corpus = corpus if isinstance(corpus, Corpus) else Corpus(corpus)
    return lambda: family_corpus


def _suggest_names() -> None:
    """Makes `seqio.get_mixture_or_task` offer the nearest names, for our prefixes only.

    seqio writes near names to the log and raises without them.
    """
    current = seqio.get_mixture_or_task
    if getattr(current, "_suggests_audioflan", False):
        return
    suggesting = _with_suggestions(current)
    seqio.get_mixture_or_task = suggesting
    seqio.dataset_providers.get_mixture_or_task = suggesting


def _with_suggestions(get: Callable[[str], Any]) -> Callable[[str], Any]:
    @functools.wraps(get)
    def get_mixture_or_task(task_or_mixture_name: str) -> Any:
        name = task_or_mixture_name
        known_names = {*seqio.TaskRegistry.names(), *seqio.MixtureRegistry.names()}
        if isinstance(name, str) and name not in known_names:
            for prefix in _families:
                if name.startswith(prefix[:-1]):
                    own_names = [n for n in known_names if n.startswith(prefix)]
                    raise UnknownProviderError(
                        "task or mixture", name, own_names, f" ({prefix[:-1]} tasks)"
                    )
        return get(name)

    get_mixture_or_task._suggests_audioflan = True  # type: ignore[attr-defined]
    return get_mixture_or_task
