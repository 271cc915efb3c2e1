"""The `audioflan` command itself: its groups, and how a command is declared."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Annotated, Any, TypeVar

import typer

from audioflan_tasks.cli.stopping import CONTINUED, note_command

__all__ = ["app", "command", "mix_app", "store_app"]

Command = TypeVar("Command", bound=Callable[..., None])

# Options of lm-evaluation-harness that have another word here.
_HARNESS_WORDS = {"output-path": "out"}


def option_word(word: str) -> str:
    """An option as we spell it: lm-evaluation-harness's spelling (`num_fewshot`) works too."""
    kebab = word.replace("_", "-")
    return _HARNESS_WORDS.get(kebab, kebab)


def _group(name: str, about: str, completion: bool = False) -> typer.Typer:
    # Plain help: rich would read `[n]` in a text as markup and drop it.
    return typer.Typer(
        name=name, help=about, no_args_is_help=True, add_completion=completion,
        pretty_exceptions_enable=False, rich_markup_mode=None,
    )  # fmt: skip


app = _group(
    "audioflan",
    "The 80 tasks of Audio-FLAN: look at them, mix them, store them, measure with them.",
    completion=True,
)
mix_app = _group("mix", "Look into a mixture: its shares, its rows, its faults.")
store_app = _group("store", "Look into a store.")
app.add_typer(mix_app)
app.add_typer(store_app)


def command(
    name: str, *, example: str, group: typer.Typer = app, continues: bool = False
) -> Callable[[Command], Command]:
    """Declares a command; its help ends with `example`, a whole command line.

    One that `continues` goes on where it stopped when it is called again.
    """
    if continues:
        CONTINUED.add(name)
    # \b keeps click from joining the lines.
    return group.command(name, epilog=f"\b\nExample:\n  {example}")


def _version(is_set: bool) -> None:
    if is_set:
        from audioflan_tasks import __version__

        print(f"audioflan_tasks {__version__}")
        raise typer.Exit


_CONTEXT: dict[str, Any] = {
    "help_option_names": ["-h", "--help"],
    "token_normalize_func": option_word,
}


@app.callback(context_settings=_CONTEXT)
def common(
    context: typer.Context,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Log what is being done.")
    ] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
    module_import: Annotated[
        list[str] | None,
        typer.Option(
            "--module-import", metavar="MODULE",
            help="Import a module first, such as one that adds tasks to seqio (repeatable).",
        ),
    ] = None,
) -> None:  # fmt: skip
    """Options that come before the command."""
    note_command(context.invoked_subcommand or "")
    logging.basicConfig(level=logging.INFO if verbose else logging.WARNING, format="%(message)s")
    if module_import:
        from audioflan_tasks.evaluation.models.function import import_module_here

        for name in module_import:
            import_module_here(name)
