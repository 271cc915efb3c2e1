"""Chinese speech: AISHELL-1, -2 and -3, aidatatang_200zh, KeSpeech, AliMeeting."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from audioflan_tasks.recipes.corpora.reader import (
    CorpusReader,
    below,
    files_below,
    lines_of,
)
from audioflan_tasks.recipes.corpora.textgrid import tiers_of
from audioflan_tasks.recipes.recording import Recording, TimedLabel, gender_of
from audioflan_tasks.recipes.text_files import key_values
from audioflan_tasks.records.instance import Split
from audioflan_tasks.records.settle import split_name

__all__ = ["CHINESE_SPEECH", "MEETING_SPLITS", "chinese_text", "meeting_windows"]

# Letters and digits of full width, which some transcripts have beside those of half width.
_HALF_WIDTH = {
    code + 0xFEE0: code for code in (*range(0x30, 0x3A), *range(0x41, 0x5B), *range(0x61, 0x7B))
}
_HAN = r"[\u3400-\u9fff\U00020000-\U0003ffff]"
# Blanks beside characters separate words for other tools; so do apostrophes quote, not elide.
_NOT_WRITTEN = re.compile(rf"(?<={_HAN})[\s']+|\s+(?={_HAN})")


def chinese_text(text: str) -> str:
    """A transcript as it is written: no blanks but between words of Latin letters."""
    return _NOT_WRITTEN.sub("", text.translate(_HALF_WIDTH).strip())


def _aishell_1(root: Path) -> Iterator[Recording]:
    texts = key_values(root / "data_aishell" / "transcript" / "aishell_transcript_v0.8.txt")
    info = root / "resource_aishell" / "speaker.info"
    genders = key_values(info) if info.is_file() else {}
    for audio in files_below(root, "data_aishell/wav", ".wav"):
        folders, stem = audio.split("/"), Path(audio).stem
        speaker = folders[-2]
        yield Recording(
            id=stem, audio=audio, place=str(root / audio), language="Chinese",
            split=split_name(folders[2]), speaker=speaker, text=chinese_text(texts.get(stem, "")),
            gender=gender_of(genders.get(speaker.removeprefix("S"), "")),
        )  # fmt: skip


# The folders of AISHELL-2 by the split that they are; the last two are an archive of their own.
_AISHELL_2: tuple[tuple[str, Split], ...] = (
    ("AISHELL-2/iOS/data", "train"),
    ("AISHELL-DEV-TEST-SET/iOS/dev", "validation"),
    ("AISHELL-DEV-TEST-SET/iOS/test", "test"),
)
# The one transcript that is known to be another utterance's.
_AISHELL_2_TEXTS = MappingProxyType({"ID1042W0075": "打开爱芒果电视"})


def _aishell_2(root: Path) -> Iterator[Recording]:
    """The channel of the training data (iOS); Android and Mic repeat dev and test."""
    for name, split in _AISHELL_2:
        folder = root / name
        if not (folder / "trans.txt").is_file():
            continue
        texts = {**key_values(folder / "trans.txt"), **_AISHELL_2_TEXTS}
        genders = _aishell_2_genders(folder / "spk_info.txt")
        for utterance, path in key_values(folder / "wav.scp").items():
            speaker = Path(path).parent.name
            yield Recording(
                id=utterance, audio=f"{name}/{path}", place=f"{folder}: {utterance}",
                split=split, language="Chinese", text=chinese_text(texts.get(utterance, "")),
                speaker=speaker, gender=genders.get(speaker, ""),
            )  # fmt: skip


def _aishell_2_genders(path: Path) -> Mapping[str, str]:
    """Of the training speakers: the third of four cells is 男 or 女."""
    if not path.is_file():
        return {}
    rows = (line.split("\t") for _, line in lines_of(path))
    return {cells[0].strip(): gender_of(cells[2]) for cells in rows if len(cells) >= 3}


def _aishell_3(root: Path) -> Iterator[Recording]:
    genders = {}
    for _, line in lines_of(root / "spk-info.txt"):
        cells = line.split("\t")
        if len(cells) >= 3 and not line.startswith("#"):
            genders[cells[0].strip()] = gender_of(cells[2])
    for part in ("train", "test"):
        content = root / part / "content.txt"
        for number, line in lines_of(content):
            name, _, rest = line.partition("\t")
            # Characters and pinyin alternate.
            tokens = rest.split()
            stem = name.removesuffix(".wav")
            yield Recording(
                id=stem, audio=f"{part}/wav/{stem[:7]}/{stem}.wav", place=f"{content}:{number}",
                split=split_name(part), language="Chinese", text="".join(tokens[0::2]),
                phones=" ".join(tokens[1::2]), phone_set="pinyin", speaker=stem[:7],
                gender=genders.get(stem[:7], ""),
            )  # fmt: skip


def _aidatatang(root: Path) -> Iterator[Recording]:
    texts = key_values(root / "transcript" / "aidatatang_200_zh_transcript.txt")
    for audio in files_below(root, "corpus", ".wav"):
        folders, stem = audio.split("/"), Path(audio).stem
        yield Recording(
            id=stem, audio=audio, place=str(root / audio), split=split_name(folders[1]),
            language="Chinese", speaker=folders[-2], text=chinese_text(texts.get(stem, "")),
        )  # fmt: skip


def _kespeech(root: Path) -> Iterator[Recording]:
    meta = root / "Metadata"
    speakers = key_values(meta / "utt2spk")
    by_speaker = {
        fact: key_values(meta / name) if (meta / name).is_file() else {}
        for fact, name in (("gender", "spk2gender"), ("age", "spk2age"))
    }
    splits = _kespeech_splits(root / "Tasks" / "ASR")
    for phase in ("phase1", "phase2"):
        paths = meta / f"{phase}.wav.scp"
        if not paths.is_file():
            continue
        texts = key_values(meta / f"{phase}.text")
        dialects = meta / f"{phase}.utt2subdialect"
        dialect_of = key_values(dialects) if dialects.is_file() else {}
        for utterance, path in key_values(paths).items():
            speaker = speakers.get(utterance, "")
            yield Recording(
                id=utterance, audio=path, place=f"{paths}: {utterance}", language="Chinese",
                split=splits.get(utterance),
                text=texts.get(utterance, "").replace("<SPOKEN_NOISE>", "").strip(),
                speaker=speaker, gender=gender_of(by_speaker["gender"].get(speaker, "")),
                age=by_speaker["age"].get(speaker, ""), dialect=dialect_of.get(utterance, ""),
                style=phase,
            )  # fmt: skip


def _kespeech_splits(folder: Path) -> Mapping[str, Split | None]:
    """Those of the corpus's own recognition task: `train_phase1`, `dev_phase2`, `test`."""
    return {
        utterance: split_name(paths.parent.name.partition("_")[0])
        for paths in sorted(folder.glob("*/wav.scp"))
        for utterance in key_values(paths)
    }


MEETING_SPLITS: Mapping[str, Split] = MappingProxyType(
    {"Train": "train", "Eval": "validation", "Test": "test"}
)
# Meetings of half an hour are asked about in parts of so many seconds.
_WINDOW_S = 30.0
_LEAST_S = 1.0


def _alimeeting(root: Path) -> Iterator[Recording]:
    """The far microphones, whose channels are averaged, in windows in which anybody speaks."""
    for folder in sorted((*root.glob("*_Ali_far"), *root.glob("*_Ali/*_Ali_far"))):
        split = MEETING_SPLITS.get(folder.name.split("_")[0])
        sounds = {path.stem.rpartition("_")[0]: path for path in folder.glob("audio_dir/*.wav")}
        for grid in sorted(folder.glob("textgrid_dir/*.TextGrid")):
            # The writer counts sessions whose sound is not there.
            audio = sounds.get(grid.stem, folder / "audio_dir" / f"{grid.stem}.wav")
            yield from meeting_windows(
                grid.stem, below(root, audio), _turns(grid), split, str(grid)
            )


def _turns(grid: Path) -> list[TimedLabel]:
    """Who speaks when in a session; a tier is a speaker: `R0003_M0046_F_SPK0093`, `F_SPK0093`."""
    return sorted(
        TimedLabel(interval.start, interval.end, name.split("_")[-1])
        for name, intervals in tiers_of(grid)
        for interval in intervals
        if interval.label.strip()
    )


def meeting_windows(
    session: str, audio: str, turns: list[TimedLabel], split: Split | None, place: str
) -> Iterator[Recording]:
    """A recording for each window of a meeting in which anybody speaks."""
    for start, end, parts in _windows(turns):
        yield Recording(
            id=f"{session}_{start:04.0f}", audio=audio, place=place, start=start, end=end,
            split=split, language="Chinese", piece=session, speaker_turns=parts,
        )  # fmt: skip


def _windows(turns: list[TimedLabel]) -> Iterator[tuple[float, float, tuple[TimedLabel, ...]]]:
    """Start, end and turns (in seconds from the start) of each window with speech."""
    last = max((turn.end for turn in turns), default=0.0)
    for number in range(int(last // _WINDOW_S) + 1):
        start = number * _WINDOW_S
        end = min(start + _WINDOW_S, last)
        parts = tuple(
            TimedLabel(max(turn.start, start) - start, min(turn.end, end) - start, turn.label)
            for turn in turns
            if turn.start < end and turn.end > start
        )
        if parts and end - start >= _LEAST_S:
            yield start, end, parts


CHINESE_SPEECH: tuple[CorpusReader, ...] = (
    CorpusReader(
        name="AISHELL-1",
        expects=(
            "data_aishell/transcript/aishell_transcript_v0.8.txt",
            # Speakers are archives of their own.
            "data_aishell/wav/*/*/*.wav",
        ),
        read=_aishell_1,
    ),
    CorpusReader(
        name="AISHELL-2",
        expects=(
            "AISHELL-2/iOS/data/trans.txt or AISHELL-DEV-TEST-SET/iOS/*/trans.txt",
            "AISHELL-2/iOS/data/wav/*/*.wav or AISHELL-DEV-TEST-SET/iOS/*/wav/*/*.wav",
        ),
        read=_aishell_2,
    ),
    CorpusReader(
        name="AISHELL-3",
        expects=(
            "spk-info.txt",
            "train/content.txt",
            "test/content.txt",
            "train/wav/*/*.wav or test/wav/*/*.wav",
        ),
        read=_aishell_3,
    ),
    CorpusReader(
        name="aidatatang_200zh",
        expects=(
            "transcript/aidatatang_200_zh_transcript.txt",
            # Speakers are archives of their own.
            "corpus/*/*/*.wav",
        ),
        read=_aidatatang,
    ),
    CorpusReader(
        name="KeSpeech",
        expects=(
            "Metadata/utt2spk",
            "Metadata/phase1.wav.scp",
            "Audio/*.wav or Audio/*/*.wav or Audio/*/*/*.wav",
        ),
        read=_kespeech,
    ),
    CorpusReader(
        name="AliMeeting",
        expects=(
            "*_Ali_far/textgrid_dir/*.TextGrid or *_Ali/*_Ali_far/textgrid_dir/*.TextGrid",
            "*_Ali_far/audio_dir/*.wav or *_Ali/*_Ali_far/audio_dir/*.wav",
        ),
        read=_alimeeting,
    ),
)
