"""Every error that a user can cause, in one tree.

AudioFlanError
├── UnknownNameError (KeyError)      a task, mixture, tokenizer or policy name nobody registered
├── SettingsError (ValueError)       a setting or argument that cannot be used
├── RecordError (ValueError)         a record or metadata file that cannot be read
├── AudioError
│   ├── MissingAudioError            an audio id that resolves to no file
│   ├── AudioReadError               a file that is not readable audio
│   ├── AudioInputError (ValueError) samples of the wrong shape or with NaN
│   └── UnsafePathError              a path that leaves the root, or a pipe
├── FileWriteError                   a file that cannot be written: a full disk, a folder of others
├── SimulationError (ValueError)     a simulation asked for something impossible
├── TokenizerError                   a tokenizer that cannot be built or loaded
│   └── TokenRangeError (ValueError) codes or ids outside their range
├── TemplateError (ValueError)       a template pool that breaks the schema
├── MixtureError (ValueError)        a mixture that is empty, cyclic or has impossible rates
├── StoreError                       a store that cannot be built, opened or trusted
│   └── UnusableRecordsError         records that a build would lose
├── RunnerError                      a cluster that cannot be reached or was lost
├── RemoteError                      a file of a server that cannot be fetched
├── MetricInputError (ValueError)    targets and predictions that cannot be compared
├── EvaluationError                  an evaluation that cannot be run, resumed or compared
│   └── EndpointError                a server that a run cannot go on with
│       └── RunPausedError           one that has stopped answering
└── MissingExtraError (ImportError)  an optional package that is not installed

Messages say what is wrong, where, what was expected, and what to do next.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

__all__ = [
    "AudioError",
    "AudioFlanError",
    "AudioInputError",
    "AudioReadError",
    "EndpointError",
    "EvaluationError",
    "FileWriteError",
    "MetricInputError",
    "MissingAudioError",
    "MissingExtraError",
    "MixtureError",
    "RecordError",
    "RemoteError",
    "RunPausedError",
    "RunnerError",
    "SettingsError",
    "SimulationError",
    "StoreError",
    "TemplateError",
    "TokenRangeError",
    "TokenizerError",
    "UnknownNameError",
    "UnsafePathError",
    "UnusableRecordsError",
    "nearest",
    "reason_of",
]


class AudioFlanError(Exception):
    """Root of every error this package raises on purpose.

    `exit_status` is that of a command that it ends: 1 where what was looked at is wrong.
    """

    exit_status = 2

    def __str__(self) -> str:
        # KeyError's own __str__ shows the repr of the message.
        message = str(self.args[0]) if self.args else ""
        # Names of files need not be UTF-8; what is said of them can be written anywhere.
        return message.encode("utf-8", "backslashreplace").decode("utf-8")


class UnknownNameError(AudioFlanError, KeyError):
    """Nothing is registered under that name; the message offers the nearest ones.

    `hint` says how all are listed; without it the message lists them itself.
    """

    def __init__(self, kind: str, name: str, names: Iterable[str], hint: str = "") -> None:
        choices = sorted(set(names))
        hint = hint or f" (one of {', '.join(choices)})"
        super().__init__(f"no {kind} named {name!r}{nearest(str(name), choices)}{hint}")


class SettingsError(AudioFlanError, ValueError):
    """A setting or argument cannot be used."""


class RecordError(AudioFlanError, ValueError):
    """A record or a metadata file cannot be read."""


class AudioError(AudioFlanError):
    """Anything wrong with audio."""


class MissingAudioError(AudioError):
    """An audio id resolves to no file."""


class AudioReadError(AudioError):
    """A file is not readable audio."""


class AudioInputError(AudioError, ValueError):
    """Samples have the wrong shape, rate or values."""


class UnsafePathError(AudioError):
    """A path leaves the corpus root or would run a command."""


class FileWriteError(AudioFlanError):
    """A file cannot be written: the disk is full, or its folder is somebody else's."""


class SimulationError(AudioFlanError, ValueError):
    """A simulation was asked for something impossible."""


class TokenizerError(AudioFlanError):
    """A tokenizer or vocabulary cannot be built or loaded."""


class TokenRangeError(TokenizerError, ValueError):
    """Codes or ids lie outside their range."""


class TemplateError(AudioFlanError, ValueError):
    """A template pool breaks the schema."""


class MixtureError(AudioFlanError, ValueError):
    """A mixture is empty, cyclic, or has impossible rates."""


class StoreError(AudioFlanError):
    """A store cannot be built or opened, or is not what its checksums say."""


class UnusableRecordsError(StoreError):
    """Records would be lost in a build: of unknown tasks or splits, or all of them."""

    exit_status = 1


class RunnerError(AudioFlanError):
    """A cluster that work is to run on cannot be reached, or was lost."""


class RemoteError(AudioFlanError):
    """A file of a server cannot be fetched, or has changed meanwhile."""


class MetricInputError(AudioFlanError, ValueError):
    """Targets and predictions cannot be compared."""


class EvaluationError(AudioFlanError):
    """An evaluation cannot be run, resumed or compared."""


class EndpointError(EvaluationError):
    """A server that a run cannot go on with: it ends the run, not one task."""


class RunPausedError(EndpointError):
    """A server that has stopped answering; the same command continues the run."""

    # As sysexits.h has it: a failure that may be over when the command is run again.
    exit_status = 75


class MissingExtraError(AudioFlanError, ImportError):
    """An optional package is not installed."""

    def __init__(self, package: str, extra: str, purpose: str) -> None:
        super().__init__(
            f"{purpose} needs the package {package!r}; "
            f"install it with: pip install 'audioflan_tasks[{extra}]'"
        )


def nearest(name: str, names: Iterable[str]) -> str:
    """'; did you mean a, b?' for those of `names` closest to `name`, else ''."""
    close = difflib.get_close_matches(name, list(names), n=3, cutoff=0.55)
    return f"; did you mean {', '.join(close)}?" if close else ""


def reason_of(error: Exception) -> str:
    """What an error says in one line, without the number and path that file errors begin with."""
    words = (isinstance(error, OSError) and error.strerror) or str(error)
    return " ".join(words.split())
