"""The code of README.md, CONTRIBUTING.md and docs/ runs, page by page, in the order of the page.

A page has one namespace and one empty folder. Python blocks are executed, lines of bash blocks
are commands of `audioflan`, and a TOML block with a file name is written to that file. A block
that cannot run in a test says why behind its language: ```` ```bash notest: needs a GPU ````.
What it takes for given is made before it: ```` ```bash given: corpus, speech ```` (`PROPS`).
"""

from __future__ import annotations

import re
import shlex
import sys
import tomllib
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import seqio
from markdown_it import MarkdownIt

from audioflan_tasks.catalogue import lookup
from audioflan_tasks.cli import main
from audioflan_tasks.config import Settings, settings
from audioflan_tasks.foreign import registry as foreign_registry
from audioflan_tasks.metrics import registry as metric_registry
from tests.docs.props import PROPS, Stage

ROOT = Path(__file__).parents[2]
PAGES = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md")))
LANGUAGES = {"python", "bash", "toml", "text"}


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: its language, what stands behind it, its first line in the page."""

    language: str
    note: str
    line: int
    text: str

    @property
    def props(self) -> list[str]:
        """Names of what it takes for given."""
        kind, _, names = self.note.partition(": ")
        return names.split(", ") if kind == "given" else []

    @property
    def runs(self) -> bool:
        return self.language != "text" and not self.note.startswith("notest")


def blocks_of(page: Path) -> list[Block]:
    fences = [t for t in MarkdownIt().parse(page.read_text("utf-8")) if t.type == "fence" and t.map]
    return [
        Block(*_language_and_note(fence.info), (fence.map or [0])[0] + 2, fence.content)
        for fence in fences
    ]


def _language_and_note(info: str) -> tuple[str, str]:
    language, _, note = info.strip().partition(" ")
    return language, note


@pytest.fixture
def _as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Settings, own tasks and metrics, tasks and mixtures are afterwards what they were."""
    monkeypatch.setattr(lookup, "_user_rows", lookup._user_rows)
    monkeypatch.setattr(metric_registry, "_user_metrics", dict(metric_registry._user_metrics))
    monkeypatch.setattr(foreign_registry, "_text_tasks", dict(foreign_registry._text_tasks))
    values = {name: getattr(settings, name) for name in Settings.model_fields}
    registries = (seqio.TaskRegistry, seqio.MixtureRegistry)
    names = [set(registry.names()) for registry in registries]
    yield
    for name, value in values.items():
        setattr(settings, name, value)
    for registry, known in zip(registries, names, strict=True):
        for name in set(registry.names()) - known:
            registry.remove(name)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_blocks_say_what_they_are(page: Path) -> None:
    for block in blocks_of(page):
        assert block.language in LANGUAGES, f"{page.name}:{block.line}"
        if block.note.startswith("notest"):
            assert re.fullmatch(r"notest: .{8,}", block.note), f"{page.name}:{block.line}"
        assert set(block.props) <= set(PROPS), f"{page.name}:{block.line}"


@pytest.mark.slow
@pytest.mark.usefixtures("_as_before")
@pytest.mark.parametrize(
    "page",
    [page for page in PAGES if any(block.runs for block in blocks_of(page))],
    ids=lambda page: str(page.relative_to(ROOT)),
)
def test_page_runs(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(settings, "cache_dir", tmp_path.parent / "docs-cache")
    namespace: dict[str, Any] = {"__name__": "__main__"}
    with ExitStack() as exits:
        stage = Stage(tmp_path, monkeypatch, exits)
        for block in blocks_of(page):
            if block.runs:
                for name in block.props:
                    stage.place(name)
                _run(block, page, namespace, monkeypatch)


def _run(
    block: Block, page: Path, namespace: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    if block.language == "python":
        # Empty lines before it: a traceback names the line of the page.
        exec(compile("\n" * (block.line - 1) + block.text, page, "exec"), namespace)
    elif block.language == "toml":
        tomllib.loads(block.text)
        if block.note:
            Path(block.note).write_text(block.text, encoding="utf-8")
    else:
        for number, line in enumerate(block.text.splitlines(), block.line):
            _command(line, f"{page.name}:{number}", monkeypatch)


def _command(line: str, place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    words = shlex.split(line, comments=True)
    if not words:
        return
    assert words[0] == "audioflan", f"{place}: only `audioflan` runs here; say notest: …"
    monkeypatch.setattr(sys, "argv", words)
    with pytest.raises(SystemExit) as ended:
        main()
    # A check that finds something ends with 1; the page says so.
    expected = (0, None, 1) if "exit 1" in line else (0, None)
    assert ended.value.code in expected, f"{place}: status {ended.value.code}"
