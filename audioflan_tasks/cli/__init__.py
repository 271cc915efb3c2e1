"""The `audioflan` command. Each command is a small module; none has logic of its own."""

from __future__ import annotations

import io
import sys

__all__ = ["main"]


def main() -> None:
    """Runs the command line; errors of the package and of files are one line and exit status 2.

    The status is 1 where a command found what it looked at to be wrong, and 128 with the number
    of the signal where SIGINT or SIGTERM stopped it.
    """
    from audioflan_tasks.cli.app import app
    from audioflan_tasks.cli.stopping import Stop, end, stopped_by_signals
    from audioflan_tasks.errors import AudioFlanError

    if isinstance(sys.stdout, io.TextIOWrapper):
        # Names of files need not be UTF-8.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        with stopped_by_signals():
            app(prog_name="audioflan")
    except Stop as stop:
        end(stop)
    except AudioFlanError as error:
        print(f"audioflan: {error}", file=sys.stderr)
        raise SystemExit(error.exit_status) from None
    except BrokenPipeError:
        # The reader of a pipe (head, less) left: nothing is wrong.
        sys.stderr.close()
        raise SystemExit(0) from None
    except OSError as error:
        # A file that cannot be written, a full disk: the message names it.
        name = f"{error.filename}: " if error.filename else ""
        print(f"audioflan: {name}{error.strerror or error}", file=sys.stderr)
        raise SystemExit(2) from None
