"""The builder of TFDS: one config of each minor task, over any corpus."""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from tempfile import TemporaryDirectory
from typing import Any, ClassVar

import msgspec
import tensorflow_datasets as tfds

from audioflan_tasks.corpus import Corpus
from audioflan_tasks.corpus.rows import RowIndex
from audioflan_tasks.errors import AudioError, MissingAudioError, SettingsError, UnsafePathError
from audioflan_tasks.tfds_builder.config import AudioFlanConfig, standard_configs
from audioflan_tasks.tfds_builder.corpus_digest import CorpusDigest, corpus_digest, corpus_stamp
from audioflan_tasks.tfds_builder.features import RecordEncoder, features_of, supervised_keys_of

__all__ = ["AudioFlan"]

_LOG = logging.getLogger("audioflan_tasks")

_SPLITS = ("train", "validation", "test")

_LICENCE = (
    "Each source corpus has its own licence, which `other` of a record names where the corpus does."
)

_CITATION = """\
@article{xue2025audioflan,
  title = {Audio-FLAN: A Preliminary Release},
  author = {Xue, Liumeng and Zhou, Ziya and Pan, Jiahao and Li, Zixuan and Fan, Shuai and
            Ma, Yinghao and Cheng, Sitong and Yang, Dongchao and Guo, Haohan and Xiao, Yujia and
            Wang, Xinsheng and Shen, Zixuan and Zhu, Chuanbo and Zhang, Xinshen and
            Liu, Tianchi and Yuan, Ruibin and Tian, Zeyue and Liu, Haohe and
            Benetos, Emmanouil and Zhang, Ge and Guo, Yike and Xue, Wei},
  journal = {arXiv preprint arXiv:2502.16584},
  year = {2025},
}"""


class AudioFlan(tfds.core.GeneratorBasedBuilder):
    """Data sets of the tasks of Audio-FLAN: `audioflan/<task>`.

    What is there is built again only when the corpus or the config's audio is not what it was.
    """

    name = "audioflan"
    # Goes up whenever the same corpus would give other features.
    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES: ClassVar[Mapping[str, str]] = {"1.0.0": "First release."}
    BUILDER_CONFIGS = standard_configs()
    # TFDS 4.9 finds the file of a builder in a package with a library that it does not require.
    code_path = tfds.core.Path(__file__)

    def is_stale(self) -> bool:
        """Whether the data set is there, and was built from another corpus or with other options.

        Of a tree all files are read if one has another size or time of change than at the build.
        """
        if not self.data_path.exists():
            return False
        facts = self._facts()
        return facts.get("made_with") != self._config.made_with() or self._is_other_corpus(facts)

    def download_and_prepare(
        self,
        *,
        download_config: tfds.download.DownloadConfig | None = None,
        **arguments: Any,
    ) -> None:
        """Builds the data set, unless it is there and the corpus is as it was.

        Nothing is downloaded. One that is stale is replaced when the new one is finished.

        Raises:
          SettingsError: the corpus has no records of the task.
          AudioError: audio is missing or unreadable, and the options do not say to skip such
            records; or all records of a split were skipped.
        """
        plan = download_config or tfds.download.DownloadConfig()
        keeps = plan.download_mode is tfds.download.GenerateMode.REUSE_DATASET_IF_EXISTS
        if keeps and self.is_stale():
            self._replace(plan, arguments)
        else:
            super().download_and_prepare(download_config=plan, **arguments)

    def _replace(self, plan: tfds.download.DownloadConfig, arguments: Mapping[str, Any]) -> None:
        """Builds the data set anew beside the old one, which goes when it is finished."""
        _LOG.warning(
            "%s: the corpus or the options are not those that %s was built with; building it again",
            self.info.full_name, self.data_dir,
        )  # fmt: skip
        with TemporaryDirectory(prefix="incomplete_", dir=self.data_dir_root) as folder:
            fresh = type(self)(**{**self._original_state, "data_dir": folder})
            fresh.download_and_prepare(download_config=plan, **arguments)
            self.data_path.rmtree()
            fresh.data_path.rename(self.data_path)
        self.info.read_from_directory(self.data_dir)

    @property
    def _config(self) -> AudioFlanConfig:
        config = self.builder_config
        assert isinstance(config, AudioFlanConfig)
        return config

    def _facts(self) -> dict[str, Any]:
        """The metadata of the data set as it is on the disk."""
        try:
            facts = json.loads((self.data_path / "metadata.json").read_text())
        except (OSError, ValueError):
            return {}
        return facts if isinstance(facts, dict) else {}

    def _is_other_corpus(self, facts: Mapping[str, Any]) -> bool:
        try:
            earlier = msgspec.convert(facts.get("corpus"), CorpusDigest)
        except msgspec.ValidationError:
            return True
        corpus = self._config.open_corpus()
        return (
            earlier.stamp != corpus_stamp(corpus)
            and earlier.content != corpus_digest(corpus).content
        )

    def _as_dataset(self, *arguments: Any, **options: Any) -> Any:
        earlier_facts, own_facts = self._facts().get("made_with"), self._config.made_with()
        if earlier_facts != own_facts:
            raise SettingsError(
                f"{self.data_dir}: built with {earlier_facts}, the config has {own_facts}; build "
                "it again, or give the config a name of its own"
            )
        return super()._as_dataset(*arguments, **options)

    def _info(self) -> tfds.core.DatasetInfo:
        return tfds.core.DatasetInfo(
            builder=self,
            description=(
                "The tasks of Audio-FLAN, an instruction-tuning data set of speech, music and "
                f"sound: records of one task, with their audio as {self._config.audio}."
            ),
            features=features_of(self._config),
            supervised_keys=supervised_keys_of(self._config),
            homepage="https://github.com/lmxue/Audio-FLAN",
            license=_LICENCE,
            citation=_CITATION,
            metadata=tfds.core.MetadataDict(),
        )

    def _split_generators(
        self, dl_manager: tfds.download.DownloadManager
    ) -> dict[str, Iterable[tuple[int, dict[str, Any]]]]:
        config, corpus = self._config, self._config.open_corpus()
        task = config.row.id
        splits = [split for split in _SPLITS if corpus.size(task, split)]
        if not splits:
            tasks = {task for task, _ in corpus.rows.pairs()}
            raise SettingsError(
                f"audioflan/{config.name}: {corpus.address} has no records of {task}; it has "
                f"{', '.join(sorted(tasks)) or 'none of any task'}"
            )
        digest = corpus_digest(corpus)
        self.info.metadata.update(
            corpus=msgspec.to_builtins(digest), made_with=config.made_with(),
            unreadable=_unreadable(corpus), skipped={}, licences={},
        )  # fmt: skip
        return {split: self._generate_examples(corpus, split) for split in splits}

    def _generate_examples(
        self, corpus: Corpus, split: str
    ) -> Iterator[tuple[int, dict[str, Any]]]:
        """Number and features of each record, one in memory at a time."""
        task, encoder = self._config.row.id, RecordEncoder(self._config, corpus)
        skips = self._config.example_options().missing_audio == "skip"
        reasons: Counter[str] = Counter()
        licences: Counter[str] = Counter(self.info.metadata["licences"])
        size, unseen_rows = corpus.size(task, split), set(corpus.unseen_rows(task, split).tolist())
        for row in range(size):
            if row in unseen_rows:
                reasons["unseen: true, never trained on"] += 1
                continue
            instance = corpus.instance(task, split, row)
            try:
                features = encoder.encode(instance)
            except UnsafePathError:
                raise
            except AudioError as error:
                if not skips:
                    raise
                is_missing = isinstance(error, MissingAudioError)
                reasons["missing audio" if is_missing else "unreadable audio"] += 1
                continue
            licences[instance.licence or "not named"] += 1
            yield row, features
        self.info.metadata["licences"] = dict(licences)
        self._say_what_was_skipped(split, size, reasons)

    def _say_what_was_skipped(self, split: str, size: int, reasons: Counter[str]) -> None:
        if not reasons:
            return
        counts = ", ".join(f"{count:,} {reason}" for reason, count in reasons.items())
        place = f"audioflan/{self._config.name}, split {split}"
        if reasons.total() == size:
            raise AudioError(f"{place}: all {size:,} records were skipped ({counts})")
        _LOG.warning("%s: %s of %s records skipped (%s)", place, reasons.total(), size, counts)
        self.info.metadata["skipped"] |= {split: dict(reasons)}


def _unreadable(corpus: Corpus) -> dict[str, int]:
    """Lines of a tree that gave no record, of all tasks, by reason; a store tells its build's."""
    if not isinstance(corpus.rows, RowIndex):
        return {}
    problems = corpus.rows.ledger.problems
    if problems:
        first = next(iter(corpus.rows.ledger.problem_examples.values()))[0]
        _LOG.warning(
            "%s: %s lines gave no record, such as %s (audioflan check lists them)",
            corpus.address, f"{problems.total():,}", first,
        )  # fmt: skip
    return {kind.value: count for kind, count in problems.items()}
