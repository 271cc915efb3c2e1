"""A model behind a local server that rewrites as it is told, or misbehaves."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from audioflan_tasks.variation.asking import JsonModel, ReplyLog
from audioflan_tasks.variation.attempts import RewriteSource
from audioflan_tasks.variation.judge import RewriteJudge
from audioflan_tasks.variation.prompts import read_prompts
from tests.evaluation.server import Server, serving

Item = dict[str, Any]
# What a reply becomes before it is sent: a list of rewrites to a list of them, or to any text.
Fault = Callable[[list[Item]], Any]

DATE = "2026-11-27"


class Rewriter:
    """Answers requests with prepared rewrites, each next one of an instruction in turn.

    `faults` are taken one for each reply; without one the reply is right. Asked for verdicts, it
    says that all rewrites but those of `different` ask the same.
    """

    def __init__(
        self,
        rewrites: Mapping[str, Sequence[str]],
        faults: Sequence[Fault] = (),
        different: Sequence[str] = (),
    ) -> None:
        self._rewrites, self._different = rewrites, different
        self.faults = list(faults)
        self.prompts: list[str] = []
        self._counts: dict[str, int] = {}

    def answer(self, prompt: str, sounds: Any) -> Any:
        self.prompts.append(prompt)
        if '"labels" has' in prompt:
            return json.dumps({"labels": {"audio": ["recording: "]}, "lead_ins": ["Answer: "]})
        if '"verdicts" is' in prompt:
            return _text({"verdicts": [self._verdict(json.loads(s)) for s in _pair_lines(prompt)]})
        items = list(self._items(prompt))
        fault = self.faults.pop(0) if self.faults else None
        reply = fault(items) if fault else {"rewrites": items}
        return reply if isinstance(reply, str | dict) and "message" in reply else _text(reply)

    def _items(self, prompt: str) -> Iterator[Item]:
        body = prompt.split("Answer with a JSON object")[0]
        for line in body.splitlines():
            if line.startswith('{"id"'):
                record = json.loads(line)
                yield {**record, "instruction": self._next(record["instruction"])}
            elif match := re.match(r"(\d+)\. (.*)", line):
                yield {"id": int(match[1]), "instruction": self._next(match[2])}

    def _verdict(self, pair: Item) -> Item:
        is_same = pair["second"] not in self._different
        difference = "" if is_same else "asks for another thing"
        return {"id": pair["id"], "difference": difference, "same": is_same}

    def _next(self, instruction: str) -> str:
        texts = self._rewrites.get(instruction, ("Something else entirely.",))
        number = self._counts.get(instruction, 0)
        self._counts[instruction] = number + 1
        return texts[number % len(texts)]


def _pair_lines(prompt: str) -> list[str]:
    return [line for line in prompt.splitlines() if line.startswith('{"id"')]


def _text(reply: Any) -> str:
    return reply if isinstance(reply, str) else json.dumps(reply, ensure_ascii=False)


@contextmanager
def rewriting(rewriter: Rewriter) -> Iterator[Server]:
    with serving(rewriter.answer) as server:
        yield server


def asker(
    server: Server, folder: Path, attempts: int = 2, name: str = "tiny", judge: str = ""
) -> RewriteSource:
    log = ReplyLog(folder / "replies.jsonl", lambda: DATE)
    models = [JsonModel(one, server.url, backoff_s=0.01, retries=3) for one in (name, judge)]
    own_judge = RewriteJudge(models[1], log, read_prompts()) if judge else None
    return RewriteSource(models[0], log, read_prompts(), attempts, own_judge)
