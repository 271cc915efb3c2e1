"""Asking a model, with a log of all replies: what was asked once is not asked again."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import msgspec

from audioflan_tasks.errors import AudioFlanError, reason_of
from audioflan_tasks.evaluation.answers import Answer, Failure
from audioflan_tasks.evaluation.models import EndpointModel
from audioflan_tasks.evaluation.models.outage import REFUSED, SERVER_ERROR
from audioflan_tasks.evaluation.results import UNREADABLE_JSON

__all__ = ["JsonModel", "ModelReply", "ReplyLog", "Schema", "VariationError"]

# What a reply looks like, in the words of JSON Schema.
Schema: TypeAlias = Mapping[str, Any]
_INPUT, _OUTPUT = "prompt_tokens", "completion_tokens"


class VariationError(AudioFlanError):
    """Variations cannot be made: what, and what to do."""


class ModelReply(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A reply as the log has it: by a key of model and prompt; `tokens` are those in and out."""

    key: str
    model: str
    text: str = ""
    is_cut: bool = False
    tokens: tuple[int, int] = (0, 0)
    date: str = ""


class JsonModel:
    """A model at an endpoint that is asked for JSON.

    It is held to the schema of the reply (`response_format`). A server that refuses schemas, or
    fails at them before its first reply, is held to a JSON object from then on, and one that does
    so with objects too is asked without.
    """

    def __init__(self, name: str, url: str, **options: Any) -> None:
        self.name = name
        self._endpoint = EndpointModel(name, url, **options)
        self._refused_count, self._has_replied = 0, False

    def ask(self, prompt: str, schema: Schema) -> Answer:
        """The reply to a prompt; `schema` is of an object.

        Raises:
          VariationError: the endpoint gives none, retries included.
        """
        for number, form in enumerate(_formats(schema)):
            if number < self._refused_count:
                continue
            reply = self._endpoint.complete(prompt, form)
            if not isinstance(reply, Failure):
                # Now it is known that the forms before were refused, and not the prompt.
                self._refused_count = max(number, self._refused_count)
                self._has_replied = True
                return reply
            failure = reply
            may_fail_at_form = failure.kind == SERVER_ERROR and not self._has_replied
            if failure.kind != REFUSED and not may_fail_at_form:
                break
        raise VariationError(
            f"{self.name}: {failure.kind}: {failure.message[:200]}; what is there is kept, run it "
            "again to go on"
        )


def _formats(schema: Schema) -> Sequence[Mapping[str, Any]]:
    """Fields of a request that hold its reply to JSON, the strictest first."""
    named_schema = {"name": "reply", "strict": True, "schema": schema}
    return (
        {"response_format": {"type": "json_schema", "json_schema": named_schema}},
        {"response_format": {"type": "json_object"}},
        {},
    )


class ReplyLog:
    """All replies of a run, one JSON line each, written as soon as they are there.

    An incomplete last line, of a run that was killed, is dropped. `on_reply` is called with the
    number of replies that were asked for since, after each. `kept_count` replies were there before.
    """

    def __init__(
        self,
        file: Path,
        date: Callable[[], str],
        on_reply: Callable[[int], None] = lambda count: None,
    ) -> None:
        self._file, self._date, self._on_reply = file, date, on_reply
        self._lock = threading.Lock()
        self._replies: dict[str, ModelReply] = {}
        self._read()
        self.kept_count = len(self._replies)

    def reply(self, model: JsonModel, prompt: str, schema: Schema) -> ModelReply:
        """The reply to a prompt: that of the log, else of the model.

        Raises:
          VariationError: the model gives none.
        """
        key = hashlib.sha256(f"{model.name}\x00{prompt}".encode()).hexdigest()[:24]
        with self._lock:
            if key in self._replies:
                return self._replies[key]
        answer = model.ask(prompt, schema)
        reply = ModelReply(
            key=key,
            model=model.name,
            text=answer.text,
            is_cut=answer.note.get("finish_reason") == "length",
            tokens=_tokens(answer.note),
            date=self._date(),
        )
        with self._lock:
            self._replies[key] = reply
            with self._file.open("ab") as stream:
                stream.write(msgspec.json.encode(reply) + b"\n")
            self._on_reply(len(self._replies) - self.kept_count)
        return reply

    def tokens(self, model: str) -> tuple[int, int]:
        """Tokens that a model read and wrote, over all replies."""
        pairs = [reply.tokens for reply in self._replies.values() if reply.model == model]
        return sum(pair[0] for pair in pairs), sum(pair[1] for pair in pairs)

    def _read(self) -> None:
        try:
            data = self._file.read_bytes() if self._file.exists() else b""
            lines = data.split(b"\n")
            for line in filter(None, lines[:-1]):
                reply = msgspec.json.decode(line, type=ModelReply)
                self._replies[reply.key] = reply
            if lines[-1]:
                self._file.write_bytes(data[: -len(lines[-1])])
        except OSError as error:
            raise VariationError(f"{self._file}: {reason_of(error)}") from error
        except UNREADABLE_JSON as error:
            raise VariationError(
                f"{self._file}: not a log of replies ({error}); give another folder"
            ) from error


def _tokens(note: Mapping[str, Any]) -> tuple[int, int]:
    pair = [note.get(name, 0) for name in (_INPUT, _OUTPUT)]
    tokens_in, tokens_out = (n if isinstance(n, int) else 0 for n in pair)
    return tokens_in, tokens_out
