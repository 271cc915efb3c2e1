"""Puts the tasks and standard mixtures into seqio's registries."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import seqio

from audioflan_tasks import catalogue
from audioflan_tasks.catalogue import PREFIX
from audioflan_tasks.errors import SettingsError, UnknownNameError
from audioflan_tasks.mixtures import Mix, standard_mixtures
from audioflan_tasks.seqio_tasks.mixture import AudioFlanMixture
from audioflan_tasks.seqio_tasks.task import make_task
from audioflan_tasks.tokens import AudioTextVocabulary

__all__ = ["UnknownProviderError", "register", "register_mixture"]


class UnknownProviderError(UnknownNameError, ValueError):
    """No task or mixture has that name; a ValueError as well, as seqio's own error is."""


def register() -> tuple[str, ...]:
    """Adds what is not registered yet, and returns the names that were new.

    Also tells `Mix.register` where to go.
    """
    seqio.Vocabulary.register(AudioTextVocabulary)
    Mix.registrar = register_mixture
    new = []
    for row in catalogue.tasks():
        if row.name not in seqio.TaskRegistry.names():
            seqio.TaskRegistry.add_provider(row.name, make_task(row))
            new.append(row.name)
    for mix in standard_mixtures():
        if mix.name not in seqio.MixtureRegistry.names():
            seqio.MixtureRegistry.add_provider(mix.name, AudioFlanMixture(mix.name, mix.mix))
            new.append(mix.name)
    _suggest_names()
    return tuple(new)


def register_mixture(name: str, mix: Mix) -> AudioFlanMixture:
    """Adds one mixture under a name.

    Raises:
      SettingsError: the name is taken.
    """
    register()
    taken_names = {*seqio.MixtureRegistry.names(), *seqio.TaskRegistry.names()}
    if name in taken_names:
        raise SettingsError(f"the name {name!r} is registered already; choose another")
    mixture = AudioFlanMixture(name, mix)
    seqio.MixtureRegistry.add_provider(name, mixture)
    return mixture


def _suggest_names() -> None:
    """Makes `seqio.get_mixture_or_task` offer the nearest names, for our prefix only.

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
        if (
            isinstance(name, str)
            and name.startswith(PREFIX.rstrip("_"))
            and name not in known_names
        ):
            own_names = [n for n in known_names if n.startswith(PREFIX)]
            raise UnknownProviderError("task or mixture", name, own_names, " (audioflan tasks)")
        return get(name)

    get_mixture_or_task._suggests_audioflan = True  # type: ignore[attr-defined]
    return get_mixture_or_task
