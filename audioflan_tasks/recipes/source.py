"""A corpus that is to become one in the release's layout, wherever its recordings come from."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from audioflan_tasks.claimed_files import sole_claim
from audioflan_tasks.errors import SettingsError
from audioflan_tasks.recipes.audio_files import AudioFiles, checked_mode
from audioflan_tasks.recipes.cards import card, cards
from audioflan_tasks.recipes.corpora import READERS
from audioflan_tasks.recipes.corpus_writer import CorpusCounts, Progress, served_tasks, write_corpus
from audioflan_tasks.recipes.draft import Draft
from audioflan_tasks.recipes.loaders import loader_reader
from audioflan_tasks.recipes.local_paths import refuse_address
from audioflan_tasks.recipes.makers import makers_of
from audioflan_tasks.recipes.recording import Recording
from audioflan_tasks.recipes.splits import with_splits
from audioflan_tasks.runners import LocalRunner, Runner

__all__ = ["Questions", "SourceCorpus", "known_corpus"]

# Makes ready-made questions of the clips whose audio is there.
Questions = Callable[[Iterable[Recording]], Iterator[Draft]]

_NAME = re.compile(r"\d{2,}_[A-Za-z0-9][\w.-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceCorpus:
    """Recordings, where their audio begins, and what they are called.

    `recordings` gives them anew each time it is called. `questions` gives what a corpus of
    ready-made questions has instead of tasks that follow from facts; it needs one task. `seed` is
    that of splits. `unused_columns` gives those of its table that are no known fact. `path_hint`
    ends the message about a file that is not there.
    """

    folder: str
    audio_root: Path
    recordings: Callable[[], Iterable[Recording]]
    default_tasks: tuple[str, ...] = ()
    questions: Callable[[Sequence[str]], Questions] | None = None
    seed: int = 0
    unused_columns: Callable[[], tuple[str, ...]] = tuple
    path_hint: str = ""

    def served_tasks(self) -> Mapping[str, int]:
        """The tasks whose facts it has, each with the number of clips that have them."""
        return {} if self.questions is not None else served_tasks(self.recordings())

    def write(
        self,
        out: Path,
        tasks: Sequence[str] = (),
        *,
        name: str = "",
        audio: str = "copy",
        sample_rate: int | None = None,
        workers: int = 1,
        runner: Runner | None = None,
        progress: Progress | None = None,
    ) -> CorpusCounts:
        """Writes the corpus; what is there of its audio is kept.

        Args:
          out: root of the corpus, new or with others in it.
          tasks: ids; none means those of the paper, or all that it serves.
          name: its folder, a number and a name, such as `90_Mine`.
          audio: copy, link or flac.
          sample_rate: of FLAC, in Hz.
          workers: processes that write audio; the result does not depend on them.
          runner: does the work instead of these processes.
          progress: called with `audio` or `simulations`, and how many clips of it are done.

        Raises:
          RecordError: a label cannot be read, two clips have one id, or none is usable.
          SettingsError: there is no task for it, the name has another form, `out` is the
            folder of the audio, or another process writes the same corpus there.
          RunnerError: worker processes go on dying.
        """
        folder = name or self.folder
        if not _NAME.fullmatch(folder):
            raise SettingsError(f"name {folder!r}: expected a number and a name, such as 90_Mine")
        if out.resolve() == self.audio_root.resolve():
            raise SettingsError(f"{out}: the audio is there already; give --out another folder")
        task_ids = tasks or self.default_tasks or tuple(self.served_tasks())
        mode = checked_mode(audio)
        files = AudioFiles(self.audio_root, out, folder, mode, sample_rate, self.path_hint)
        drafts = self.questions(task_ids) if self.questions is not None else None
        if drafts is None and not task_ids:
            unused = ", ".join(self.unused_columns())
            raise SettingsError(
                f"{self.audio_root}: no task follows from its labels; columns that are not used: "
                f"{unused or 'none'} (--column FACT=NAME, such as text=NAME, says what one is)"
            )
        refusal = f"{out}: another process writes {folder}; wait for it"
        with sole_claim(out / f".{folder}.lock", refusal), ExitStack() as stack:
            files.remove_leftovers()
            return write_corpus(
                self.recordings, files, out, folder, () if drafts else task_ids,
                runner or stack.enter_context(LocalRunner(max(1, workers))),
                progress=progress, drafts=drafts, seed=self.seed,
            )  # fmt: skip


def known_corpus(name: str, root: Path, seed: int = 0, loader: str = "") -> SourceCorpus:
    """A corpus of the paper's Table 3, as its archives unpack below `root`.

    Args:
      name: the corpus, by any spelling that the catalogue knows.
      root: its folder.
      seed: of the split of recordings that have none.
      loader: lhotse, mirdata, soundata or tfds, in place of our own reader; the card says which.

    Raises:
      UnknownNameError: no such corpus, or no such loader.
      SettingsError: there is no reader for it, the loader has none, or the root is the address of
        a server.
      MissingExtraError: the loader is not installed.
    """
    refuse_address(root)
    facts = card(name)
    if facts.name not in READERS:
        note = f" ({facts.note})" if facts.note else ""
        raise SettingsError(
            f"{facts.name}: there is no reader for it{note}; those with one are "
            f"{', '.join(sorted(READERS))}. A table of its clips can be imported (docs/import.md)"
        )
    number = 1 + [*cards()].index(facts.name)
    reader = loader_reader(facts.name, loader) if loader else READERS[facts.name]
    return SourceCorpus(
        folder=f"{number:02d}_{re.sub(r'[^A-Za-z0-9]+', '-', facts.name)}",
        audio_root=root,
        recordings=lambda: with_splits(reader.recordings(root), seed),
        default_tasks=tuple(task for task in facts.tasks if makers_of(task)),
        seed=seed,
    )
