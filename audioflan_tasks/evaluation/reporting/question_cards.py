"""Sample questions of a report: what was asked, the reference, the answer, and the audio of all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape

from audioflan_tasks.catalogue import PREFIX
from audioflan_tasks.evaluation.reporting.formatting import metric_name, number
from audioflan_tasks.evaluation.reporting.players import (
    PLAYER_STYLE,
    clip_box,
    player,
    text_with_clips,
)
from audioflan_tasks.evaluation.results import Results, TaskResult
from audioflan_tasks.evaluation.sample_questions import AUDIO_BYTES, EmbeddedClip, SampleQuestion
from audioflan_tasks.metrics import Status

__all__ = ["STATUS_WORDS", "question_sections"]

STATUS_WORDS: Mapping[str, str] = {
    Status.OK: "read",
    Status.OUT_OF_SET: "not counted as right: none of the labels asked for",
    Status.AMBIGUOUS: "not counted as right: several values where one is asked for",
    Status.REFUSAL: "not counted as right: a refusal",
    Status.PROMPT_ECHO: "not counted as right: a copy of an example in the instruction",
    Status.EMPTY: "not counted as right: empty",
    Status.RUNAWAY: "read, over three times as long as the reference",
    Status.MALFORMED: "not counted as right: not in the form of the task",
}
_MOST_CHARACTERS = 2000  # of a text
_FEW_TASKS = 3  # up to so many are unfolded
_STYLE = """<style>
details { border-top: 1px solid var(--line); padding: .4rem 0 }
summary { cursor: pointer; overflow-wrap: anywhere }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(25rem, 100%), 1fr));
  gap: .7rem; margin: .6rem 0 }
.card { border: 1px solid var(--line); border-radius: 6px; padding: .5rem 1rem; min-width: 0 }
.card .span { display: grid; grid-template-columns: 1fr; max-width: 22rem }
.card .span b { grid-column: auto }
.card .span audio { width: 100% }
.card .text { max-height: 16rem; overflow-y: auto }
.card dd { white-space: pre-wrap; max-height: 16rem; overflow-y: auto }
</style>"""


def question_sections(
    results: Results, questions: Mapping[str, Sequence[SampleQuestion]]
) -> list[str]:
    """A section for each task that can be unfolded; [] where nothing was kept."""
    tasks = [task for task in results.tasks if questions.get(task.task)]
    if not tasks:
        return []
    note = (
        "Of each task the three with the lowest scores and others at random, six in all; samples/ "
        f"beside this page has all. The page holds at most {AUDIO_BYTES // 1_000_000} MB of audio: "
        "what the model heard and the reference at 16 kHz, its own answer at the rate it gave."
    )
    is_open = len(tasks) <= _FEW_TASKS
    sections = [_task_section(task, questions[task.task], is_open) for task in tasks]
    head = [PLAYER_STYLE, _STYLE, "<h2>Sample questions</h2>", f'<p class="soft">{note}</p>']
    return [*head, *sections]


def _task_section(task: TaskResult, questions: Sequence[SampleQuestion], is_open: bool) -> str:
    name = task.task.removeprefix(PREFIX)
    counts = ", ".join(f"{n:,} {status}" for status, n in (task.statuses | task.errors).items())
    head = f"{escape(name)} <span class=soft>{task.examples:,} questions: {escape(counts)}</span>"
    metric = "" if task.primary is None else metric_name(task.primary)
    cards = "".join(_card(question, metric) for question in questions)
    return (
        f"<details{' open' if is_open else ''}><summary>{head}</summary>"
        f'<div class="cards">{cards}</div></details>'
    )


def _card(question: SampleQuestion, metric: str) -> str:
    sample = question.sample
    grade = f", grade {sample.grade}" if sample.grade else ""
    heading = f"{question.reason}: {sample.key}{grade}"
    facts = "".join(
        f"<dt>{title}</dt><dd>{html}</dd>" for title, html in _facts(question, metric) if html
    )
    asked = text_with_clips(question.segments, lambda audio_id: _clip(question, audio_id))
    return (
        f'<div class="card"><div class="soft">{escape(heading)}</div>{asked}<dl>{facts}</dl></div>'
    )


def _facts(question: SampleQuestion, metric: str) -> Iterator[tuple[str, str]]:
    sample = question.sample
    is_clip = sample.target in question.clips
    yield "reference", _clip(question, sample.target) if is_clip else _short(sample.target)
    if question.answer is None:
        yield "answer", _short(sample.resps) or '<span class="soft">none</span>'
    else:
        yield "answer", _box("of the model", question.answer)
    yield "status", escape(_status(sample.status, sample.error))
    yield escape(metric), number(sample.value)


def _status(status: str, error: str) -> str:
    """Why an answer is not counted, or that it is."""
    if error:
        return f"left out of the score: {error}"
    return STATUS_WORDS.get(status, status) or "left out of the score: not asked"


def _short(text: str) -> str:
    rest = len(text) - _MOST_CHARACTERS
    tail = f' <span class="soft">… {rest:,} more characters</span>' if rest > 0 else ""
    return escape(text[:_MOST_CHARACTERS]) + tail


def _clip(question: SampleQuestion, audio_id: str) -> str:
    return _box(audio_id, question.clips.get(audio_id, EmbeddedClip(note="not kept")))


def _box(name: str, clip: EmbeddedClip) -> str:
    facts = [f"{clip.seconds:.2f} s" if clip.seconds else "", clip.note]
    heading = ": ".join((name, ", ".join(filter(None, facts))))
    return clip_box(heading, [player(clip.flac)] if clip.flac else [])
