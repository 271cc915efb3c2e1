"""Small trees of the speech corpora that have several languages, speakers at once, or forgeries."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.recipes.corpora.files import clip, lines

__all__ = ["SPEECH_TREES", "textgrid"]

_SPLITS = ("train", "dev", "test")


def _aishell_2(root: Path) -> None:
    parts = (
        ("AISHELL-2/iOS/data", "C0001", "IC"),
        ("AISHELL-DEV-TEST-SET/iOS/dev", "D0011", "ID"),
        ("AISHELL-DEV-TEST-SET/iOS/test", "T0011", "IT"),
    )
    for folder, speaker, prefix in parts:
        texts, paths = [], []
        for number, text in enumerate(("打开Ａ股'行情'", "放一首歌Let's go")):
            name = f"{prefix}{speaker[1:]}W000{number}"
            texts.append(f"{name}\t{text}")
            paths.append(f"{name}\twav/{speaker}/{name}.wav")
            clip(root, f"{folder}/wav/{speaker}/{name}.wav", number)
        lines(root, f"{folder}/trans.txt", *texts)
        lines(root, f"{folder}/wav.scp", *paths)
    # Age groups are letters; dev and test speakers are not listed.
    lines(root, "AISHELL-2/iOS/data/spk_info.txt", "C0001\tB\t女\tNorth")


def _aidatatang(root: Path) -> None:
    texts = []
    for number, (part, speaker) in enumerate(
        zip(_SPLITS, ("G0013", "G0002", "G0003"), strict=True)
    ):
        for take in range(2):
            name = f"T0055{speaker}S000{take}"
            texts.append(f"{name} 看看 我 的 日程表 ok{number}")
            clip(root, f"corpus/{part}/{speaker}/{name}.wav", number)
            lines(root, f"corpus/{part}/{speaker}/{name}.trn", "看看 我 的 日程表")
    lines(root, "transcript/aidatatang_200_zh_transcript.txt", *texts)


def textgrid(*tiers: tuple[str, tuple[tuple[float, float, str], ...]], end: float) -> str:
    """A TextGrid in Praat's long form."""
    items = []
    for number, (name, intervals) in enumerate(tiers, 1):
        parts = [
            f"        intervals [{n}]:\n            xmin = {a}\n            xmax = {b}\n"
            f'            text = "{text}"\n'
            for n, (a, b, text) in enumerate(intervals, 1)
        ]
        items.append(
            f'    item [{number}]:\n        class = "IntervalTier"\n        name = "{name}"\n'
            f"        xmin = 0\n        xmax = {end}\n        intervals: size = {len(parts)}\n"
            + "".join(parts)
        )
    return (
        'File type = "ooTextFile"\nObject class = "TextGrid"\n\nxmin = 0\n'
        f"xmax = {end}\ntiers? <exists>\nsize = {len(items)}\nitem []:\n" + "".join(items)
    )


def _alimeeting(root: Path) -> None:
    for number, folder in enumerate(
        ("Train_Ali_far", "Eval_Ali/Eval_Ali_far", "Test_Ali/Test_Ali_far")
    ):
        session = f"R000{number}_M000{number}"
        # Names of tiers have two forms; the last interval ends before it begins.
        grid = textgrid(
            (f"{session}_F_SPK0093", ((0.0, 0.4, "你好"), (0.4, 0.6, ""))),
            ("M_SPK0094", ((0.3, 1.0, "他说 \"\"好\"\""), (0.9, 0.8, "坏"))),
            end=1.0,
        )  # fmt: skip
        encoding = "utf-16" if number == 2 else "utf-8"
        lines(root, f"{folder}/textgrid_dir/{session}.TextGrid", grid, encoding=encoding)
        clip(root, f"{folder}/audio_dir/{session}_MS002.wav", number)


def _librimix(root: Path) -> None:
    for number, part in enumerate(("train-100", "dev", "test")):
        for take in range(2):
            name = f"{number}4-208-000{take}_{number}6-300-000{take}.wav"
            for form in ("wav16k/min", "wav8k/min"):
                for folder in ("mix_clean", "s1", "s2"):
                    clip(root, f"Libri2Mix/{form}/{part}/{folder}/{name}", number)
    lines(root, "Libri2Mix/wav16k/min/metadata/mixture_dev_mix_clean.csv", "mixture_ID,length")


def _dns(root: Path) -> None:
    pairs = "test_set/synthetic/no_reverb"
    for number, snr in enumerate((15, -5)):
        clip(
            root, f"{pairs}/noisy/clnsp{number}_train_1_snr{snr}_tl-21_fileid_{number}.wav", number
        )
        clip(root, f"{pairs}/clean/clean_fileid_{number}.wav", number)
    # What the challenge's program writes.
    clip(root, "training/noisy/book_1_reader_1_x_snr3_tl-20_fileid_7.wav", 2)
    clip(root, "training/clean/clean_fileid_7.wav", 3)
    clip(root, "clean/book_00000_chp_0009_reader_06709_0.wav", 4)
    clip(root, "german_speech/M-AILABS/a_1.wav", 5)
    clip(root, "noise/door_1.wav", 5)
    clip(root, "impulse_responses/SLR26/room_1.wav", 3)


def _asvspoof_2021(root: Path) -> None:
    for number in range(3):
        clip(root, f"ASVspoof2021_LA_eval/flac/LA_E_100000{number}.flac", number)
    lines(
        root, "keys/LA/CM/trial_metadata.txt",
        "LA_0009 LA_E_1000000 alaw ita_tx A07 spoof notrim progress",
        "LA_0010 LA_E_1000001 none - bonafide bonafide notrim eval",
        "LA_0010 LA_E_1000002 none - A08 spoof trim hidden",
    )  # fmt: skip
    clip(root, "ASVspoof2021_DF_eval/flac/DF_E_2000011.flac", 3)
    clip(root, "ASVspoof2021_DF_eval_part01/ASVspoof2021_DF_eval/flac/DF_E_2000012.flac", 4)
    clip(root, "ASVspoof2021_DF_eval_part01/ASVspoof2021_DF_eval/flac/DF_E_2000013.flac", 5)
    lines(
        root, "keys/DF/CM/trial_metadata.txt",
        "LA_0023 DF_E_2000011 nocodec asvspoof A14 spoof notrim eval traditional_vocoder - - - -",
        "TEF2 DF_E_2000012 low_mp3 vcc2020 - bonafide notrim eval bonafide - - - -",
        "TEF2 DF_E_2000013 mp3m4a vcc2020 Task1-team20 spoof notrim eval unknown - - - -",
    )  # fmt: skip


def _cvss(root: Path) -> None:
    for number, split in enumerate(_SPLITS):
        name = f"common_voice_zh-CN_{number}.mp3"
        for version in ("c", "t"):
            row = f'{name}\tHe said "no" {number}.'
            lines(root, f"cvss_{version}_zh-CN_en_v1.0/{split}.tsv", row)
            clip(root, f"cvss_{version}_zh-CN_en_v1.0/{split}/{name}.wav", number)
        clip(root, f"cv-corpus-4-2019-12-10/zh-CN/clips/{name}", number)
        lines(root, f"cv-corpus-4-2019-12-10/zh-CN/{split}.tsv", "client_id\tpath", f"a\t{name}")


def _genshin(root: Path) -> None:
    """As sorted by characters."""
    voices = {
        "中文 - Chinese/数据集 - Datasets/派蒙/vo_1": "<color=#1>旅行者</color>，{RUBY#[S]x}快来！",
        "中文 - Chinese/数据集 - Datasets/派蒙/vo_2": "#{NICKNAME}，你好。",
        "英语 - English/数据集 - Datasets/Paimon/vo_1": "Come on, Traveler!",
    }
    for number, (path, text) in enumerate(voices.items()):
        lines(root, f"{path}.lab", text)
        clip(root, f"{path}.wav", number)


def _starrail(root: Path) -> None:
    """As a list beside the files; many voices have no text or no speaker."""
    voices = {
        "0586907bf153a66f.wav": {"language": "English(US)", "text": "Hello.", "talkRole": "Mei"},
        "0586907bf153a670.wav": {
            "language": "Chinese", "transcription": "你好。", "speaker": "三月七"
        },
        "0586907bf153a671.wav": {"language": "Chinese", "text": None},
    }  # fmt: skip
    for number, name in enumerate(voices):
        clip(root, name, number)
    lines(root, "result.json", json.dumps(voices, ensure_ascii=False))


def _hifi_tts(root: Path) -> None:
    for reader, quality in (("92", "clean"), ("9017", "other")):
        for number, part in enumerate(_SPLITS):
            rows = []
            for take in range(2):
                path = f"audio/{reader}_{quality}/8345/light_0{number}_000{take}.flac"
                rows.append({
                    "audio_filepath": path, "text": "he said no", "duration": 1.0,
                    "text_normalized": f"He said: \"No {take}\"",
                })  # fmt: skip
                clip(root, path, number)
            texts = [json.dumps(row) for row in rows]
            lines(root, f"{reader}_manifest_{quality}_{part}.json", *texts)


def _parallel_audiobooks(root: Path) -> None:
    for book, speakers in (("emma", ("sbe", "mth")), ("huck", ("mth",))):
        names = [f"chp01_utt00{n}" for n in range(2)]
        texts = [f"{name}\tText {n} of {book}, said he." for n, name in enumerate(names)]
        lines(root, f"{book}/txt.punc", *texts)
        lines(root, f"{book}/txt.clean", *texts)
        lines(root, f"{book}/spk2gender", *(f"{s} {'f' if s == 'sbe' else 'm'}" for s in speakers))
        for speaker in speakers:
            for number, name in enumerate(names):
                clip(root, f"{book}/wav/{speaker}/{name}.wav", number)
    # Copies that macOS leaves in archives are no audio.
    lines(root, "emma/wav/sbe/._chp01_utt000.wav", "Mac OS X")


SPEECH_TREES: Mapping[str, Callable[[Path], None]] = {
    "AISHELL-2": _aishell_2, "aidatatang_200zh": _aidatatang, "AliMeeting": _alimeeting,
    "LibriMix": _librimix, "DNS": _dns, "ASVspoof 2021": _asvspoof_2021, "CVSS": _cvss,
    "Genshin": _genshin, "StarRail": _starrail, "Hi-Fi TTS": _hifi_tts,
    "Parallel Audiobook Corpus": _parallel_audiobooks,
}  # fmt: skip
