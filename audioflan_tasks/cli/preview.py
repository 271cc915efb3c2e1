"""`audioflan preview MIXTURE`."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

import numpy as np

from audioflan_tasks import catalogue
from audioflan_tasks.audio.write import write
from audioflan_tasks.cli.preview_page import HeardClip, example_section, preview_page
from audioflan_tasks.config import settings
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.corpus.examples import Example, ExampleMaker, Question
from audioflan_tasks.engine.stream import Stream
from audioflan_tasks.errors import SettingsError
from audioflan_tasks.mixtures import mixture_named
from audioflan_tasks.preprocessors.compiled_pool import checked_languages
from audioflan_tasks.preprocessors.prompt_signature import keep_reason
from audioflan_tasks.preprocessors.render import KEEP, RenderedExample, Segment
from audioflan_tasks.records import Instance
from audioflan_tasks.whole_files import write_whole

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["preview_examples"]


# File systems end names at 255 bytes.
_LONGEST_STEM = 120


class _Preview(NamedTuple):
    """An example of the stream and the question that it was made of; a foreign task has none."""

    step: int
    example: Example
    question: Question | None


def preview_examples(
    name: str,
    count: int,
    split: str,
    seed: int,
    root: Path | None,
    out: Path | None,
    html: Path | None,
) -> None:
    """Prints the first `count` steps of a mixture's stream.

    Their audio goes into the folder `out`, and all of it as a page to `html`.
    """
    from rich.console import Console

    corpus = Corpus(root)
    stream = Stream(mixture_named(name), corpus, split=split, seed=seed)
    console = Console(highlight=False, soft_wrap=True, markup=False)
    corpus_line = f"corpus {'(demo) ' if corpus.is_demo else ''}{corpus.address}"
    console.print(corpus_line)
    previews, sections = 0, []
    for step, example, question in _previews(stream, count):
        previews += 1
        if question is None:
            _print_foreign(console, step, example, stream.maker)
            continue
        instances = _instances(question)
        heading = _heading(step, question.instance, example)
        console.print(heading, style="bold")
        sides = question.prompt
        for title, segments in (("inputs", sides.inputs), ("targets", sides.targets)):
            console.print(f"{title}:", style="dim")
            console.print(_text(segments, stream.maker, corpus, instances))
        console.print(_ids(example), style="dim")
        console.print()
        if out is not None:
            for path in _write_audio(sides, stream.maker, corpus, instances, out):
                console.print(f"wrote {path}")
        if html is not None:
            span = partial(_span, maker=stream.maker, corpus=corpus, instances=instances)
            sections.append(
                example_section(heading, sides.inputs, sides.targets, span, _ids(example))
            )
    if not previews:
        raise SettingsError(f"nothing to show; skipped: {dict(stream.maker.skipped)}")
    if html is not None:
        write_whole(html, preview_page(name, corpus_line, sections))
        console.print(f"wrote {html}")


def _print_foreign(console: Console, step: int, example: Example, maker: ExampleMaker) -> None:
    """Prints an example of a foreign task, which is text alone."""
    p = example.provenance
    console.print(f"[{step}] {p['task']} ({p['domain']}) uuid {p['uuid']}", style="bold")
    for title, ids in (("inputs", example.inputs), ("targets", example.targets)):
        console.print(f"{title}:", style="dim")
        console.print("  " + maker.vocabulary.decode(ids.tolist()).replace("\n", "\n  "))
    console.print(_ids(example), style="dim")
    console.print()


def _previews(stream: Stream, count: int) -> Iterator[_Preview]:
    """The examples at steps 0 to count - 1, without those that a trainer would skip."""
    for step in range(count):
        (entry,) = stream.examples(np.array([step]))
        if entry.example is not None and stream.tasks[entry.task] in stream.rows.foreign:
            yield _Preview(step, entry.example, None)
        elif entry.example is not None:
            instance = stream.rows.instance(stream.tasks[entry.task], entry.row)
            question = stream.maker.question(instance, stream.seed, entry.epoch)
            yield _Preview(step, entry.example, question)


def _instances(question: Question) -> dict[str, Instance]:
    """The record of each audio id."""
    return {i: record for record in (*question.shots, question.instance) for i in record.audio_ids}


def _heading(step: int, instance: Instance, example: Example) -> str:
    p = example.provenance
    grade = f", grade {p['grade']}" if p["grade"] else ""
    return (
        f"[{step}] {p['task']} ({p['domain']} / {p['major']} / {p['paper_category']}{grade}) "
        f"template {p['template']}{_reason(instance, p['template'])} uuid {instance.uuid}"
    )


def _reason(instance: Instance, template: str) -> str:
    """Why a record keeps its own words; "" where it does not, or is only set to."""
    if template != KEEP:
        return ""
    languages = checked_languages(settings.example_options().wordings)
    reason = keep_reason(instance, catalogue.get(instance.task), languages)
    return f" ({reason})" if reason else ""


def _text(
    segments: Sequence[Segment],
    maker: ExampleMaker,
    corpus: Corpus,
    instances: Mapping[str, Instance],
) -> str:
    parts = []
    tokenizer = maker.tokenizer
    coder = corpus.coder(tokenizer)
    for segment in segments:
        if segment.kind == "text":
            parts.append(segment.value)
            continue
        codes = coder(segment.value, instances[segment.value])
        ids = len(maker.vocabulary.audio_block(codes))
        seconds = len(codes) / tokenizer.frame_rate
        parts.append(f"<|SOA|>{segment.value}: {seconds:.2f} s, {ids} ids<|EOA|>")
    return "  " + "".join(parts).replace("\n", "\n  ")


def _ids(example: Example) -> str:
    def head(ids: Sequence[int]) -> str:
        return " ".join(str(i) for i in ids[:10]) + (" ..." if len(ids) > 10 else "")

    return (
        f"ids: {len(example.inputs)} in [{head(example.inputs.tolist())}], "
        f"{len(example.targets)} out [{head(example.targets.tolist())}]"
    )


def _write_audio(
    sides: RenderedExample,
    maker: ExampleMaker,
    corpus: Corpus,
    instances: Mapping[str, Instance],
    folder: Path,
) -> Iterator[Path]:
    ids = [s.value for s in (*sides.inputs, *sides.targets) if s.kind == "audio"]
    for audio_id in dict.fromkeys(ids):
        span = _span(audio_id, maker, corpus, instances)
        for name, samples in (("original", span.original), ("roundtrip", span.round_trip)):
            path = folder / f"{_file_stem(audio_id)}.{name}.wav"
            yield write(path, samples, span.sample_rate)


def _file_stem(audio_id: str) -> str:
    """A file name for an audio id, which no other id has."""
    stem = quote(audio_id, safe=" ,;=@()[]", errors="surrogatepass")
    if len(stem) <= _LONGEST_STEM:
        return stem
    # `quote` writes no "+".
    digest = hashlib.sha256(audio_id.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{stem[:_LONGEST_STEM]}+{digest}"


def _span(
    audio_id: str, maker: ExampleMaker, corpus: Corpus, instances: Mapping[str, Instance]
) -> HeardClip:
    """A clip as it is, and as it comes back from its codes."""
    tokenizer, instance = maker.tokenizer, instances[audio_id]
    codes = corpus.coder(tokenizer)(audio_id, instance)
    return HeardClip(
        audio_id,
        corpus.audio(audio_id, tokenizer.sample_rate, instance),
        tokenizer.decode(codes),
        tokenizer.sample_rate,
        len(maker.vocabulary.audio_block(codes)),
    )
