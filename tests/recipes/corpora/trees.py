"""Small trees of corpora, as their archives unpack by their documents, with real audio."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.recipes.corpora.files import clip, lines
from tests.recipes.corpora.music_trees import MUSIC_TREES
from tests.recipes.corpora.speech_trees import SPEECH_TREES

__all__ = ["TREES"]


def _ljspeech(root: Path) -> None:
    ids = ["LJ001-0001", "LJ001-0002", "LJ002-0001"]
    # The last line has no end, and quotation marks are text.
    lines(
        root, "metadata.csv", *(f'{i}|Chapter {n} says "no"|Chapter two' for n, i in enumerate(ids))
    )
    for number, name in enumerate(ids):
        clip(root, f"wavs/{name}.wav", number)


def _vctk(root: Path) -> None:
    lines(
        root, "speaker-info.txt", "ID  AGE  GENDER  ACCENTS  REGION COMMENTS",
        "p225  23  F    English    Southern  England", "p226  22  M    English    Surrey",
        "p227  38  F    English    Cumbria",
    )  # fmt: skip
    for number, speaker in enumerate(("p225", "p226", "p227")):
        for take in ("001", "002"):
            lines(root, f"txt/{speaker}/{speaker}_{take}.txt", f"Please call Stella {take}. \n")
            clip(root, f"wav48_silence_trimmed/{speaker}/{speaker}_{take}_mic1.flac", number)
            clip(root, f"wav48_silence_trimmed/{speaker}/{speaker}_{take}_mic2.flac", number)
    # p315 has audio and no text in the corpus itself.
    clip(root, "wav48_silence_trimmed/p225/p225_003_mic1.flac", 5)


def _libritts_r(root: Path) -> None:
    lines(root, "speakers.tsv", "READER\tGENDER\tSUBSET\tNAME", "14\tF\ttrain-clean-360\tK. R.",
          "16\tM\tdev-clean\tA. B.")  # fmt: skip
    lines(root, "SPEAKERS.txt", ";ID  |SEX| SUBSET           |MINUTES| NAME",
          "14   | F | train-clean-360  | 25.03 | K. R.", "16   | M | dev-clean        | 8 | A. B.",
          )  # fmt: skip
    for folder, reader in (("train-clean-100", "14"), ("dev-clean", "16")):
        base = f"{folder}/{reader}/208"
        names = [f"{reader}_208_000001_00000{n}" for n in range(3)]
        for number, name in enumerate(names):
            clip(root, f"{base}/{name}.wav", number)
            lines(root, f"{base}/{name}.normalized.txt", f"Words of chapter {number}.")
        lines(root, f"{base}/{reader}_208.trans.tsv",
              *(f"{name}\tW. {n}.\tWords of chapter {n}." for n, name in enumerate(names)),
              )  # fmt: skip
        lines(root, f"{base}/{reader}_208.book.tsv",
              *(f"{name}\tWords.\tWords.\t{17.5 + n}" for n, name in enumerate(names)))  # fmt: skip


def _fluent(root: Path) -> None:
    header = ",path,speakerId,transcription,action,object,location"
    for split in ("train", "valid", "test"):
        rows = [header]
        for number, (text, intent) in enumerate(
            (
                ("Turn on the lights", "activate,lights,none"),
                ("Louder, please", "increase,volume,none"),
            )
        ):
            path = f"wavs/speakers/{split}{number}/0a{number}.wav"
            rows.append(f'{number},{path},{split}{number},"{text}",{intent}')
            clip(root, path, number)
        lines(root, f"data/{split}_data.csv", *rows)
    lines(root, "data/speaker_demographics.csv", "speakerId,Self-reported fluency level,gender",
          "train0,native,female", "train1,native,male")  # fmt: skip


def _emov(root: Path) -> None:
    lines(root, "cmuarctic.data", '( arctic_a0001 "Author of the danger trail." )',
          '( arctic_a0002 "Not at this case." )', '( arctic_b0001 "Other words." )')  # fmt: skip
    for speaker in ("bea", "josh"):
        for number, emotion in enumerate(("Amused", "Neutral")):
            for sentence in ("0001", "0002"):
                clip(root, f"{speaker}_{emotion}/{emotion.lower()}_1-15_{sentence}.wav", number)


def _aishell_1(root: Path) -> None:
    texts = []
    for number, (split, speaker) in enumerate(
        (("train", "S0002"), ("dev", "S0724"), ("test", "S0764"))
    ):
        for take in ("W0121", "W0122"):
            name = f"BAC009{speaker}{take}"
            texts.append(f"{name} 今天 天气 很 好 {number}")
            clip(root, f"data_aishell/wav/{split}/{speaker}/{name}.wav", number)
    lines(root, "data_aishell/transcript/aishell_transcript_v0.8.txt", *texts)
    lines(root, "resource_aishell/speaker.info", "0002 F", "0724 M", "0764 F")


def _aishell_3(root: Path) -> None:
    lines(root, "spk-info.txt", "# id age gender accent", "SSB0005\tB\tfemale\tnorth",
          "SSB0009\tB\tmale\tsouth")  # fmt: skip
    for split, speaker in (("train", "SSB0005"), ("test", "SSB0009")):
        rows = []
        for number in range(2):
            name = f"{speaker}000{number}"
            rows.append(f"{name}.wav\t广 guang3 州 zhou1 女 nv3")
            clip(root, f"{split}/wav/{speaker}/{name}.wav", number)
        lines(root, f"{split}/content.txt", *rows)
    # Of the training part alone, with marks of pauses.
    lines(root, "train/label_train-set.txt", "# a comment",
          *(f"SSB0005000{n}|guang3 zhou1 % nv3 $|广州%女$" for n in range(2)))  # fmt: skip


def _esd(root: Path) -> None:
    chinese = {"中立": ("Neutral", 1), "生气": ("Angry", 351)}
    for speaker, encoding in (("0001", "gb18030"), ("0002", "utf-8")):
        rows = []
        for emotion, (folder, first) in chinese.items():
            for number in range(2):
                rows.append(f"{speaker}_{first + number:06d}\t打远一看{number}\t{emotion}")
                clip(root, f"{speaker}/{folder}/train/{speaker}_{first + number:06d}.wav", number)
        lines(root, f"{speaker}/{speaker}.txt", *rows, encoding=encoding)
    rows = []
    for folder, first in (("Neutral", 1), ("Happy", 701)):
        for number in range(2):
            rows.append(f"0011_{first + number:06d}\tThe nine the eggs {number}.\t{folder}")
            clip(root, f"0011/{folder}/0011_{first + number:06d}.wav", number)
    lines(root, "0011/0011.txt", *rows)


def _kespeech(root: Path) -> None:
    ids = [f"100000{n}_utt" for n in range(5)]
    speakers = ["100", "100", "200", "200", "200"]
    dialects = ["Mandarin", "Beijing", "Jiang-Huai", "Beijing", "Mandarin"]
    for number, name in enumerate(ids):
        clip(root, f"Audio/{name}.wav", number)
    for file, values in (
        ("phase1.wav.scp", [f"Audio/{name}.wav" for name in ids]),
        ("phase1.text", ["我们<SPOKEN_NOISE>走吧"] * 5),
        ("phase1.utt2subdialect", dialects),
        ("utt2spk", speakers),
    ):
        rows = (f"{name} {value}" for name, value in zip(ids, values, strict=True))
        lines(root, f"Metadata/{file}", *rows)
    parts = ("train_phase1", "train_phase2", "dev_phase1", "dev_phase2", "test")
    for part, name, speaker, dialect in zip(parts, ids, speakers, dialects, strict=True):
        for file, value in (
            ("wav.scp", f"Audio/{name}.wav"), ("text", "我们<SPOKEN_NOISE>走吧"),
            ("utt2subdialect", dialect), ("utt2spk", speaker),
        ):  # fmt: skip
            lines(root, f"Tasks/ASR/{part}/{file}", f"{name} {value}")
    lines(root, "Metadata/spk2gender", "100 Male", "200 F")
    lines(root, "Metadata/spk2age", "100 25", "200 41")


def _common_voice(root: Path) -> None:
    header = "client_id\tpath\tsentence\tup_votes\tage\tgender\taccents\tvariant\tlocale"
    for number, split in enumerate(("train", "dev", "test")):
        name = f"common_voice_de_{number}.mp3"
        row = f'abc{number}\t{name}\tSie sagte: "Nein \t2\tfourties\tfemale_feminine\t\t\tde'
        lines(root, f"de/{split}.tsv", header, row)
        clip(root, f"de/clips/{name}", number)


def _mls(root: Path) -> None:
    base = "mls_german"
    lines(root, f"{base}/metainfo.txt", " SPEAKER   |   GENDER   | PARTITION  | MINUTES",
          "252 |  M  | train | 10", "253 | F | test | 10", "254 | F | dev | 10")  # fmt: skip
    for split, speaker in (("train", "252"), ("dev", "254"), ("test", "253")):
        rows = []
        for number in range(2):
            name = f"{speaker}_77_00000{number}"
            rows.append(f"{name}\tguten tag {number}")
            clip(root, f"{base}/{split}/audio/{speaker}/77/{name}.flac", number)
        lines(root, f"{base}/{split}/transcripts.txt", *rows)


def _fleurs(root: Path) -> None:
    for language, gender in (("de_de", "FEMALE"), ("en_us", "MALE")):
        for split in ("train", "dev", "test"):
            rows = []
            for number in range(2):
                name = f"1{number}.wav"
                text = f"{language} text {number}"
                rows.append(f"{number + 5}\t{name}\t{text}!\t{text}\tt e x t\t16000\t{gender}")
                clip(root, f"{language}/audio/{split}/{name}", number)
            lines(root, f"{language}/{split}.tsv", *rows)


def _nsynth(root: Path) -> None:
    for shift, split in enumerate(("train", "valid", "test")):
        facts = {}
        for number, (family, pitch) in enumerate(
            (("guitar", 60), ("synth_lead", 61), ("guitar", 62))
        ):
            name = f"{family}_acoustic_{shift}0{number}-0{pitch}-100"
            facts[name] = {
                "pitch": pitch, "velocity": 100, "instrument_family_str": family,
                "instrument_str": f"{family}_acoustic_{shift}0{number}",
            }  # fmt: skip
            clip(root, f"nsynth-{split}/audio/{name}.wav", number)
        lines(root, f"nsynth-{split}/examples.json", json.dumps(facts))


def _vocalset(root: Path) -> None:
    for singer in ("female1", "male1", "male2"):
        for number, technique in enumerate(("vibrato", "vocal_fry")):
            name = f"{singer[0]}1_scales_{technique}_a"
            path = f"{singer}/scales/{technique}/{name}.wav"
            for view in ("data_by_singer", "data_by_technique"):
                clip(root, f"FULL/{view}/{path}", number)


def _jazznet(root: Path) -> None:
    rows = ["id,name,type,mode,octave,inversion,split"]
    for number, split in enumerate(("train", "validation", "test")):
        for kind, mode in (("scale", "dorian-scale"), ("progression", "ii-V7-I")):
            name = f"C#-{number}-{mode}-0"
            rows.append(f"{number},{name},{kind},{mode},4,0,{split}")
            clip(root, f"{kind}s/{mode}/{name}.wav", number)
    lines(root, "metadata/small.csv", *rows)


def _opencpop(root: Path) -> None:
    for split, first in (("train", 2001000001), ("test", 2044000001)):
        rows = []
        for number in range(2):
            name = str(first + number)
            rows.append(
                f"{name}|感受|g an sh ou|C4 C4 D4 D4|0.2 0.3 0.2 0.4|0.1 0.2 0.1 0.3|0 0 0 0"
            )
            clip(root, f"segments/wavs/{name}.wav", number)
        lines(root, f"segments/{split}.txt", *rows)


def _m4singer(root: Path) -> None:
    items = []
    for singer in ("Alto-1", "Tenor-3"):
        for number in range(3):
            items.append({"item_name": f"{singer}#美错#{number:04d}", "txt": f"歌词{number}"})
            clip(root, f"{singer}#美错/{number:04d}.wav", number)
    lines(root, "meta.json", json.dumps(items, ensure_ascii=False))


TREES: Mapping[str, Callable[[Path], None]] = {
    **SPEECH_TREES, **MUSIC_TREES,
    "LJSpeech": _ljspeech, "VCTK": _vctk, "LibriTTS-R": _libritts_r,
    "Fluent Speech Commands": _fluent, "EmoV-DB": _emov, "AISHELL-1": _aishell_1,
    "AISHELL-3": _aishell_3, "ESD": _esd, "KeSpeech": _kespeech, "Common Voice": _common_voice,
    "MLS": _mls, "FLEURS": _fleurs, "NSynth": _nsynth, "VocalSet": _vocalset,
    "JazzNet": _jazznet, "Opencpop": _opencpop, "M4Singer": _m4singer,
}  # fmt: skip
