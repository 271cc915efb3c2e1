"""Questions as a file, for a model that runs elsewhere; `answers:FILE` scores what it says."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from audioflan_tasks.arguments import check_count, check_path
from audioflan_tasks.audio.write import remove_leftovers, write
from audioflan_tasks.config import options_or_settings
from audioflan_tasks.corpus import Corpus, open_corpus
from audioflan_tasks.corpus.examples import ExampleMaker
from audioflan_tasks.errors import AudioError
from audioflan_tasks.evaluation.prompt import Prompt, make_prompts
from audioflan_tasks.evaluation.selection import select, task_records
from audioflan_tasks.evaluation.setup import check_corpus
from audioflan_tasks.mixtures import Mix, Split
from audioflan_tasks.options import ExampleOptions
from audioflan_tasks.whole_files import WholeFiles

__all__ = ["AUDIO_MARK", "QuestionLine", "QuestionsSummary", "write_questions"]

# As in the chat files of ms-swift and LLaMA-Factory, which call the list of files `audios`, too.
AUDIO_MARK = "<audio>"


class QuestionLine(msgspec.Struct, frozen=True, kw_only=True):
    """One question. `prompt` has `<audio>` where each of the files in `audios` is heard.

    `answer_is` is "text" or "audio". An answer file needs `key`, and `answer` or `audio`.
    """

    key: str
    uuid: str
    task: str
    prompt: str
    audios: list[str]
    options: list[str]
    answer_is: str


@dataclass(frozen=True, slots=True)
class QuestionsSummary:
    """What was written: questions, tasks, audio files, and questions whose audio is missing."""

    questions: int
    tasks: int
    audio_files: int
    skipped: tuple[str, ...]


def write_questions(
    mixture: str | Mix | Split,
    out: str | Path,
    *,
    corpus: Corpus | None = None,
    tasks: Iterable[str] = (),
    split: str = "test",
    limit: float | None = None,
    num_fewshot: int = 0,
    seed: int = 0,
    sample_rate: int = 16_000,
    progress: Callable[[int, int], None] = lambda done, total: None,
    options: ExampleOptions | None = None,
) -> QuestionsSummary:
    """Writes the questions that `evaluate` asks with the same arguments, without the answers.

    Audio goes as 16-bit WAV into the folder beside `out` with `_audio` at its name's end; paths
    in the file are relative to it. The file appears when all is written.

    Args:
      mixture, corpus, tasks, split, limit, num_fewshot, seed, options: as for `evaluate`.
      out: the JSONL file.
      sample_rate: of the WAV files, in Hz.
      progress: called with the number of questions that are done, and of all.

    Raises:
      UnknownNameError: no such mixture or task.
      EvaluationError: there is nothing to ask.
      FileWriteError: `out`, or the audio beside it, cannot be written.
    """
    path = check_path("out", out)
    options = options_or_settings(options).replace(
        shots=check_count("num_fewshot", num_fewshot), inversion=0.0
    )
    corpus = check_corpus(corpus) or open_corpus()
    task_rows = task_records(corpus, select(mixture, tasks), split, limit, seed)
    maker, total = ExampleMaker(corpus, options), sum(len(task.rows) for task in task_rows)
    prompts = (
        prompt
        for task in task_rows
        for prompt in make_prompts(maker, corpus, task.row, split, task.rows, seed)
    )
    remove_leftovers(path.with_name(f"{path.stem}_audio"))
    clips = _ClipFolder(path.with_name(f"{path.stem}_audio"), sample_rate)
    skipped: list[str] = []
    with WholeFiles() as files:
        file = files.open(path)
        for done, prompt in enumerate(prompts, 1):
            file.writelines(_line(prompt, clips, skipped))
            progress(done, total)
    return QuestionsSummary(total - len(skipped), len(task_rows), clips.count, tuple(skipped))


def _line(prompt: Prompt, clips: _ClipFolder, skipped: list[str]) -> Iterator[str]:
    """The line of a question; none if its audio cannot be read."""
    try:
        audios = [clips.file_of(prompt, audio_id) for audio_id in prompt.audio_ids]
    except AudioError as error:
        skipped.append(f"{prompt.key}: {error}")
        return
    question = QuestionLine(
        key=prompt.key, uuid=prompt.instance.uuid, task=prompt.row.name,
        prompt=prompt.text(AUDIO_MARK), audios=audios, options=list(prompt.options),
        answer_is="audio" if prompt.writes_audio else "text",
    )  # fmt: skip
    # Half a surrogate pair, of a name that is not UTF-8, is escaped as the file is written.
    yield json.dumps(msgspec.to_builtins(question), ensure_ascii=False) + "\n"


class _ClipFolder:
    """WAV files of clips, each written once."""

    def __init__(self, folder: Path, sample_rate: int) -> None:
        self._folder, self._rate = folder, sample_rate
        self._names: dict[str, str] = {}

    @property
    def count(self) -> int:
        """Number of files."""
        return len(self._names)

    def file_of(self, prompt: Prompt, audio_id: str) -> str:
        """The path of a clip of the prompt, relative to the folder of the questions."""
        if audio_id not in self._names:
            # Numbered: two ids may differ in what a file name cannot hold.
            name = f"{len(self._names):06d}.wav"
            write(self._folder / name, prompt.sound(audio_id, self._rate), self._rate)
            self._names[audio_id] = f"{self._folder.name}/{name}"
        return self._names[audio_id]
