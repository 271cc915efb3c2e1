"""The words of the whole command line: spelling, types and help of every option."""

from __future__ import annotations

import inspect
import os
import re
import shlex
from collections import defaultdict
from collections.abc import Iterator
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

import pytest
import typer.main

from audioflan_tasks.cli.app import app

ROOT = typer.main.get_command(app)


def contexts(command: Any = ROOT, parent: Any = None) -> Iterator[Any]:
    """A context of every command and group, 80 columns wide."""
    settings = {**command.context_settings, "terminal_width": 80, "max_content_width": 80}
    context = command.context_class(
        command, parent=parent, info_name=command.name if parent else "audioflan", **settings
    )
    yield context
    for member in getattr(command, "commands", {}).values():
        yield from contexts(member, context)


CONTEXTS = list(contexts())
LEAVES = [c for c in CONTEXTS if not hasattr(c.command, "commands")]


def path(context: Any) -> str:
    return str(context.command_path)


def options(context: Any) -> list[Any]:
    return [p for p in context.command.params if p.param_type_name == "option"]


def types(context: Any) -> dict[str, Any]:
    """Type of each parameter of a command's function, without None."""
    hints = get_type_hints(inspect.unwrap(context.command.callback))
    return {name: _without_none(hint) for name, hint in hints.items()}


def _without_none(hint: Any) -> Any:
    members = [m for m in get_args(hint) if m is not NoneType]
    return members[0] if get_origin(hint) is UnionType else hint


def squeezed(text: str) -> str:
    return "".join(text.split())


def test_every_command_is_walked() -> None:
    paths = {path(context) for context in LEAVES}
    assert len(paths) == 31
    assert {"audioflan evaluate", "audioflan mix where", "audioflan store info"} <= paths


@pytest.mark.parametrize("context", CONTEXTS, ids=path)
def test_names_are_in_kebab_case(context: Any) -> None:
    assert re.fullmatch("audioflan( [a-z]+(-[a-z]+)*)*", path(context))
    for option in options(context):
        for word in (*option.opts, *option.secondary_opts):
            assert re.fullmatch("--[a-z]+(-[a-z]+)*|-[a-zA-Z]", word)


@pytest.mark.parametrize("kind", ["option", "argument"])
def test_a_thing_has_one_spelling_one_type_and_one_word_everywhere(kind: str) -> None:
    words = defaultdict(set)
    for context in LEAVES:
        hints = types(context)
        for param in context.command.params:
            if param.param_type_name == kind and param.name != "help":
                first_word = param.help.split()[0].rstrip(".,:;")
                words[param.name].add((*param.opts, str(hints[param.name]), first_word))
    assert len(words) > 9
    assert {name: forms for name, forms in words.items() if len(forms) > 1} == {}


def test_one_word_for_processes() -> None:
    spellings = {word for context in LEAVES for option in options(context) for word in option.opts}
    assert "--workers" in spellings
    assert not spellings & {"--jobs", "--processes", "--num-workers", "--threads", "-j"}


def test_no_workers_are_one_per_core() -> None:
    verify = next(context for context in LEAVES if path(context) == "audioflan verify")

    def workers(*arguments: str) -> int:
        words = ["store", *arguments]
        return int(verify.command.make_context("verify", words).params["workers"])

    cores = len(os.sched_getaffinity(0))
    assert [workers(), workers("--workers", "0"), workers("--workers", "3")] == [cores, cores, 3]


@pytest.mark.parametrize("context", CONTEXTS, ids=path)
def test_help_says_everything_in_80_columns(context: Any) -> None:
    page = context.command.get_help(context)
    assert max(map(len, page.splitlines())) <= 80
    assert context.command.help
    for param in context.command.params:
        assert param.help.endswith(".")
        assert squeezed(param.help) in squeezed(page)
    # A summary that does not fit into the list of commands would be cut.
    assert "..." not in page.partition("Commands:")[2]


@pytest.mark.parametrize("context", LEAVES, ids=path)
def test_help_ends_with_an_example_that_works(context: Any) -> None:
    page = context.command.get_help(context)
    example = page.splitlines()[-1].strip()
    assert page.splitlines()[-2].strip() == "Example:"
    assert example.startswith(f"{path(context)} ")
    arguments = shlex.split(example)[len(path(context).split()) :]
    # Parses the line, and raises at an option or a value that is not known.
    context.command.make_context(context.info_name, arguments, parent=context.parent)
