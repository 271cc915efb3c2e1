"""`audioflan preview NAME`."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from audioflan_tasks import catalogue
from audioflan_tasks.audio.write import write
from audioflan_tasks.catalogue import PREFIX
from audioflan_tasks.config import settings
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.corpus.examples import Example, ExampleMaker
from audioflan_tasks.errors import SettingsError, UnknownNameError
from audioflan_tasks.mixtures import standard_mixtures
from audioflan_tasks.preprocessors.render import RenderedExample, Segment
from audioflan_tasks.records import Instance
from audioflan_tasks.tokens import tokenizer_of

__all__ = ["preview_examples", "rates_of"]


def preview_examples(
    name: str, count: int, split: str, seed: int, root: Path | None, play_to: Path | None
) -> None:
    """Prints `count` examples of a task or mixture and writes their audio to `play_to`."""
    from rich.console import Console

    corpus = Corpus(root)
    maker = ExampleMaker(corpus, settings.example_options())
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"corpus {'(demo) ' if corpus.is_demo else ''}{corpus.root}", markup=False)
    shown = 0
    for instance in itertools.islice(_draw(name, split, seed, corpus), count):
        example = maker.example(instance, seed)
        if example is None:
            continue
        shown += 1
        asked, rendered, shots = maker.question(instance, seed)
        named = {i: one for one in (*shots, asked) for i in one.audio_ids}
        console.print(_heading(shown, asked, example), style="bold", markup=False)
        for title, segments in (("inputs", rendered.inputs), ("targets", rendered.targets)):
            console.print(f"{title}:", style="dim")
            console.print(_text(segments, maker, corpus, named), markup=False)
        console.print(_ids(example), style="dim", markup=False)
        console.print()
        if play_to is not None:
            for path in _play(rendered, named, corpus, play_to):
                console.print(f"wrote {path}", markup=False)
    if not shown:
        raise SettingsError(f"nothing to show; skipped: {dict(maker.skipped)}")


def _draw(name: str, split: str, seed: int, corpus: Corpus) -> Iterator[Instance]:
    """Instances of a task in a seeded order, or of a mixture at its rates."""
    sizes = corpus.sizes(split)
    rates = rates_of(name, sizes)
    if not sum(rates.values()):
        raise SettingsError(f"{name}: no records in split {split!r} of {corpus.root}")
    generator = random.Random(seed)
    names = list(rates)
    while True:
        task = generator.choices(names, list(rates.values()))[0]
        yield corpus.instance(task, split, generator.randrange(sizes[task]))


def rates_of(name: str, sizes: dict[str, int]) -> dict[str, float]:
    """Rate by task name of a standard mixture, or of a task alone."""
    mixtures = {row.name: row for row in standard_mixtures()}
    if name in mixtures:
        row = mixtures[name]
        return row.policy.rates({task: sizes.get(task, 0) for task in row.tasks})
    rows = catalogue.tasks()
    known = {row.id for row in rows} | {row.name for row in rows}
    if name not in known:
        raise UnknownNameError("task or mixture", name, known | set(mixtures))
    task = PREFIX + name.removeprefix(PREFIX)
    return {task: float(sizes.get(task, 0))}


def _heading(number: int, instance: Instance, example: Example) -> str:
    p = example.provenance
    grade = f", grade {p['grade']}" if p["grade"] else ""
    return (
        f"[{number}] {p['task']} ({p['domain']} / {p['major']} / {p['paper_category']}{grade}) "
        f"template {p['template']} uuid {instance.uuid}"
    )


def _text(
    segments: Sequence[Segment],
    maker: ExampleMaker,
    corpus: Corpus,
    named: Mapping[str, Instance],
) -> str:
    parts = []
    tokenizer = tokenizer_of(settings.example_options())
    coder = corpus.coder(tokenizer)
    for segment in segments:
        if segment.kind == "text":
            parts.append(segment.value)
            continue
        codes = coder(segment.value, named[segment.value])
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


def _play(
    rendered: RenderedExample, named: Mapping[str, Instance], corpus: Corpus, folder: Path
) -> Iterator[Path]:
    tokenizer = tokenizer_of(settings.example_options())
    coder = corpus.coder(tokenizer)
    ids = [s.value for s in (*rendered.inputs, *rendered.targets) if s.kind == "audio"]
    folder.mkdir(parents=True, exist_ok=True)
    for audio_id in dict.fromkeys(ids):
        stem, instance = audio_id.replace("/", "_"), named[audio_id]
        original = folder / f"{stem}.original.wav"
        write(
            original, corpus.audio(audio_id, tokenizer.sample_rate, instance), tokenizer.sample_rate
        )
        yield original
        trip = folder / f"{stem}.roundtrip.wav"
        write(trip, tokenizer.decode(coder(audio_id, instance)), tokenizer.sample_rate)
        yield trip
