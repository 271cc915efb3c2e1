"""Speech that was mixed, made noisy or forged: LibriMix, DNS, ASVspoof 2021."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from audioflan_tasks.errors import RecordError
from audioflan_tasks.recipes.corpora.reader import CorpusReader, below, files_below, lines_of
from audioflan_tasks.recipes.recording import Recording, Role
from audioflan_tasks.records.instance import Split
from audioflan_tasks.records.settle import split_name

__all__ = ["PROCESSED_SPEECH"]

# The same mixtures at two rates, ending with the shortest or the longest voice: one is read.
_LIBRIMIX_FORMS = ("wav16k/min", "wav16k/max", "wav8k/min", "wav8k/max")
_LIBRIMIX_MIXTURES = ("mix_clean", "mix_both")


def _librimix(root: Path) -> Iterator[Recording]:
    for base in sorted(root.glob("Libri[23]Mix")):
        forms = [base / form for form in _LIBRIMIX_FORMS if (base / form).is_dir()]
        for part in sorted(path for form in forms[:1] for path in form.iterdir()):
            yield from _librimix_part(root, part, base.name)


def _librimix_part(root: Path, part: Path, corpus: str) -> Iterator[Recording]:
    """The mixtures of `train-100` or such, without noise if there are some, and their voices."""
    mixtures = [part / name for name in _LIBRIMIX_MIXTURES if (part / name).is_dir()]
    for path in sorted(path for folder in mixtures[:1] for path in folder.glob("*.wav")):
        # `4077-13754-0001_5142-33396-0065`: the utterances of s1, s2 and so on.
        mixture = f"{corpus}_{part.name}_{path.stem}"
        split = split_name(part.name.split("-")[0])
        yield Recording(
            id=mixture, audio=below(root, path), place=str(path), split=split,
            language="English", mixture=mixture,
        )  # fmt: skip
        for number, utterance in enumerate(path.stem.split("_"), 1):
            yield Recording(
                id=f"{mixture}_s{number}", audio=below(root, part / f"s{number}" / path.name),
                place=str(path), split=split, language="English", mixture=mixture,
                speaker=utterance.split("-")[0], sentence=utterance,
            )  # fmt: skip


# `clnsp1_train_69005_1_snr15_tl-21_fileid_158.wav`; the clean one is `clean_fileid_158.wav`.
_DNS_NOISY = re.compile(r"_snr(?P<snr>-?\d+)_.*fileid_(?P<number>\d+)$")
_DNS_READER = re.compile(r"_reader_(?P<reader>\d+)_")
_DNS_TEST_SET = "test_set/synthetic/no_reverb/noisy"
_DNS_ROLES: tuple[tuple[str, Role], ...] = (("noise", "noise"), ("impulse_responses", "room"))
_DNS_LANGUAGES = ("French", "German", "Italian", "Russian", "Spanish")


def _dns(root: Path) -> Iterator[Recording]:
    """Pairs of noisy and clean speech, and the speech, noise and rooms that pairs are made of.

    The archives hold speech, noise, rooms and a test set of pairs; the challenge's own program
    writes other pairs.
    """
    for noisy in sorted((*root.glob("*/noisy"), *root.glob(_DNS_TEST_SET))):
        for path in sorted(noisy.glob("*.wav")):
            yield from _dns_pair(root, path)
    folders = (*root.glob("*_speech"), *root.glob("clean*"), *root.glob("french_data"))
    for folder in sorted(path.name for path in folders):
        for audio in files_below(root, folder, ".wav"):
            reader = _DNS_READER.search(audio)
            yield Recording(
                id=audio.removesuffix(".wav"), audio=audio, place=str(root / audio),
                language=_dns_language(audio), speaker=reader["reader"] if reader else "",
            )  # fmt: skip

    for folder, role in _DNS_ROLES:
        for audio in files_below(root, folder, ".wav"):
            yield Recording(
                id=audio.removesuffix(".wav"), audio=audio, place=str(root / audio), role=role,
                domain="audio",
            )  # fmt: skip


def _dns_pair(root: Path, noisy: Path) -> Iterator[Recording]:
    facts = _DNS_NOISY.search(noisy.stem)
    if facts is None:
        return
    clean = noisy.parent.with_name("clean") / f"clean_fileid_{facts['number']}.wav"
    mixture = below(root, noisy).removesuffix(".wav")
    split: Split | None = "test" if mixture.startswith("test_set/") else None
    yield Recording(
        id=mixture, audio=below(root, noisy), place=str(noisy), split=split, mixture=mixture,
        snr_db=float(facts["snr"]),
    )  # fmt: skip
    yield Recording(
        id=f"{mixture}_clean", audio=below(root, clean), place=str(noisy), split=split,
        mixture=mixture,
    )  # fmt: skip


def _dns_language(audio: str) -> str:
    """By the folder (`german_speech`); books are English, acted and sung clips have none."""
    *folders, name = audio.split("/")
    words = [folder.split("_")[0].capitalize() for folder in folders]
    is_book = "read_speech" in folders or name.startswith("book_")
    return next((word for word in words if word in _DNS_LANGUAGES), "English" if is_book else "")


def _asvspoof_2021(root: Path) -> Iterator[Recording]:
    """The tracks of synthetic speech, LA and DF; the attacks of PA are replayed recordings."""
    for track in ("LA", "DF"):
        table = root / "keys" / track / "CM" / "trial_metadata.txt"
        if not table.is_file():
            continue
        folders = _asvspoof_folders(root, track)
        paths = {
            Path(path).stem: path
            for folder in folders
            for path in files_below(root, folder, ".flac")
        }
        for number, line in lines_of(table):
            # SPEAKER TRIAL CODEC SOURCE ATTACK bonafide|spoof TRIM PHASE [VOCODER ...]; "bonafide"
            # stands in the column of attacks too.
            cells = line.split()
            if len(cells) < 8 or cells[5] not in ("bonafide", "spoof"):
                raise RecordError(f"{table}:{number}: expected bonafide or spoof in column 6 of 8")
            speaker, trial, is_fake = cells[0], cells[1], cells[5] == "spoof"
            vocoder = cells[8] if is_fake and len(cells) > 8 else ""
            yield Recording(
                id=trial, audio=paths.get(trial, f"{folders[0]}/{trial}.flac"),
                place=f"{table}:{number}", language="English", speaker=speaker, is_fake=is_fake,
                # Nobody can be asked for a class that is not known.
                vocoder="" if vocoder in ("-", "unknown") else vocoder,
            )  # fmt: skip


def _asvspoof_folders(root: Path, track: str) -> list[str]:
    """Where the audio may be: DF's four archives unpack into one folder, or beside each other."""
    name = f"ASVspoof2021_{track}_eval"
    parts = sorted(root.glob(f"{name}_part*/{name}/flac"))
    return [f"{name}/flac", *(below(root, part) for part in parts)]


PROCESSED_SPEECH: tuple[CorpusReader, ...] = (
    CorpusReader(
        name="LibriMix",
        expects=(
            "Libri[23]Mix/wav*/*/*/mix_clean/*.wav or Libri[23]Mix/wav*/*/*/mix_both/*.wav",
            "Libri[23]Mix/wav*/*/*/s1/*.wav",
        ),
        read=_librimix,
    ),
    CorpusReader(
        name="DNS",
        expects=(
            f"clean*/*.wav or clean*/*/*.wav or *_speech/*.wav or */noisy/*.wav or "
            f"{_DNS_TEST_SET}/*.wav",
        ),
        read=_dns,
    ),
    CorpusReader(
        name="ASVspoof 2021",
        expects=(
            "keys/LA/CM/trial_metadata.txt or keys/DF/CM/trial_metadata.txt",
            "ASVspoof2021_*_eval/flac/*.flac or ASVspoof2021_*_eval_part*/*/flac/*.flac",
        ),
        read=_asvspoof_2021,
    ),
)
