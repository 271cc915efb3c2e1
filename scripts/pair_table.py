"""Writes the table of hand-made pairs in docs/variation.md: what rules and a judge say of them.

    python scripts/pair_table.py [--check]
    python scripts/pair_table.py --endpoint URL --model NAME --out FOLDER [--list three_e]

With `--check` nothing is written, and the exit status is 1 if the page is not up to date. With a
model, that one judges the pairs of a list, eight in a request at most, and its line is printed; one
that ended early is continued.
"""

from __future__ import annotations

import argparse
import datetime
import sys
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from pathlib import Path

from generated_page import between, write_or_check

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from audioflan_tasks import catalogue  # noqa: E402
from audioflan_tasks.errors import AudioFlanError  # noqa: E402
from audioflan_tasks.variation.asking import JsonModel, ReplyLog  # noqa: E402
from audioflan_tasks.variation.judge import RewriteJudge, judge_rewrites  # noqa: E402
from audioflan_tasks.variation.prompts import read_prompts  # noqa: E402
from tests.variation.pairs import LISTS, WIDE, Pair, judged_refusals, pairs  # noqa: E402

TARGET = ROOT / "docs" / "variation.md"
REQUEST = 8
Refusal = Callable[[Pair], bool]


def main() -> int:
    """Writes the table, or says whether it is up to date; with a model prints its line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--endpoint", default="", help="server with OpenAI's API")
    parser.add_argument("--model", default="")
    parser.add_argument("--out", type=Path, help="folder of its replies")
    parser.add_argument("--list", default=WIDE[-1], choices=(*LISTS, *WIDE))
    parser.add_argument("--timeout", type=float, default=120.0, help="seconds of a request")
    arguments = parser.parse_args()
    if arguments.check or not arguments.model:
        return write_or_check(TARGET, between("pairs", table(), TARGET.read_text("utf-8")))
    if not (arguments.endpoint and arguments.out):
        parser.error("--model needs --endpoint and --out")
    arguments.out.mkdir(parents=True, exist_ok=True)
    log = ReplyLog(arguments.out / "replies.jsonl", lambda: str(datetime.date.today()))
    model = JsonModel(
        arguments.model, arguments.endpoint, temperature=0.0, timeout_s=arguments.timeout
    )
    try:
        line = judge_line(arguments.list, RewriteJudge(model, log, read_prompts()))
    except AudioFlanError as error:
        print(error, file=sys.stderr)
        return 2
    print(HEAD + line, end="")
    return 0


HEAD = (
    "| pairs | judged by | unfaithful found | faithful refused |\n"
    "|---|---|---|---|\n"
)  # fmt: skip


def table() -> str:
    """One line for the pairs of each language, one for each list in wide words."""
    lines = [HEAD]
    for language, name in (("en", "English"), ("zh", "Mandarin")):
        some = [pair for one in LISTS for pair in pairs(one) if pair.language == language]
        lines.append(_line(f"{len(LISTS)} lists, {name}", "rules", some, _by_rules))
    lines += [_line(f"`{one}`", "rules", pairs(one), _by_rules) for one in WIDE]
    last = WIDE[-1]
    refused = judged_refusals(last)
    lines.append(
        _line(f"`{last}`", "rules for facts, a large model", pairs(last), refused.__getitem__)
    )
    return "".join(lines)


def judge_line(name: str, judge: RewriteJudge) -> str:
    """The line of a model that judges the pairs of a list."""
    refused = dict[Pair, bool]()
    for task, some in _requests(name):
        numbered = dict(enumerate(some, 1))
        findings = judge_rewrites(
            judge,
            catalogue.get(task),
            {number: (pair.original, pair.rewrite) for number, pair in numbered.items()},
            {number: pair.objections for number, pair in numbered.items()},
        )
        refused |= {pair: bool(findings[n].objections) for n, pair in numbered.items()}
        print(f"{len(refused)} of {len(pairs(name))}", file=sys.stderr)
    judges = f"rules for facts, {judge.model.name}"
    return _line(f"`{name}`", judges, pairs(name), refused.__getitem__)


def _requests(name: str) -> Iterator[tuple[str, Sequence[Pair]]]:
    """The pairs of one task and language, some at a time."""

    def place(pair: Pair) -> tuple[str, str]:
        return pair.task, pair.language

    for (task, _), group in groupby(sorted(pairs(name), key=place), place):
        some = list(group)
        for begin in range(0, len(some), REQUEST):
            yield task, some[begin : begin + REQUEST]


def _by_rules(pair: Pair) -> bool:
    return bool(pair.objections)


def _line(name: str, judges: str, some: Sequence[Pair], is_refused: Refusal) -> str:
    refused = {pair for pair in some if is_refused(pair)}
    cells = []
    for is_faithful in (False, True):
        own = [pair for pair in some if pair.is_faithful is is_faithful]
        count = len(refused.intersection(own))
        cells.append(f"{count:,} of {len(own):,} ({count / len(own):.1%})".replace("%", " %"))
    return f"| {name} | {judges} | {' | '.join(cells)} |\n"


if __name__ == "__main__":
    raise SystemExit(main())
