"""Sounds: AudioSet, Freesound, WavCaps, VGGSound, TAU, Vocal Imitation Set, ADD 2023."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

from audioflan_tasks.errors import RecordError
from audioflan_tasks.recipes.corpora.reader import (
    ANY_AUDIO,
    CorpusReader,
    below,
    csv_rows,
    lines_of,
    read_json,
    reading,
    table_rows,
    text_of,
)
from audioflan_tasks.recipes.recording import Recording, TimedLabel
from audioflan_tasks.records.instance import Split
from audioflan_tasks.records.settle import split_name

__all__ = ["SOUNDS"]

_AUDIO = frozenset({".wav", ".flac", ".mp3", ".ogg", ".opus", ".m4a"})
# Names of clips of YouTube: the id of 11 characters, after a Y or not, and perhaps their times.
_CLIP_OF_YOUTUBE = re.compile(r"Y?([\w-]{11})(?:_([\d.]+))?(?:_[\d.]+)?")
_AUDIOSET_LISTS: tuple[tuple[str, Split], ...] = (
    ("balanced_train_segments.csv", "train"),
    ("unbalanced_train_segments.csv", "train"),
    ("eval_segments.csv", "test"),
)
_MOST_WORDS = 40


def _audio_below(root: Path) -> Iterator[Path]:
    return (path for path in root.rglob("*.*") if path.suffix.lower() in _AUDIO)


def _youtube_clips(root: Path) -> Mapping[str, list[tuple[str, Path]]]:
    """Files by the id of their video, each with the start that its name has."""
    files = defaultdict[str, list[tuple[str, Path]]](list)
    for path in sorted(_audio_below(root)):
        match = _CLIP_OF_YOUTUBE.fullmatch(path.stem)
        if match:
            files[match[1]].append((match[2] or "", path))
    return files


def _file_at(clips: list[tuple[str, Path]], start: float) -> Path | None:
    """The clip that begins at a second: names have seconds or milliseconds, or no time at all."""
    for text, path in clips:
        if not text or float(text) in (start, 1000 * start):
            return path
    return None


def _audioset(root: Path) -> Iterator[Recording]:
    """Clips of which there is audio, with the captions of WavCaps where its list is there too."""
    labels = next(root.rglob("class_labels_indices.csv"))
    rows = table_rows(labels, ("mid", "display_name"))
    names = {row["mid"]: row["display_name"] for _, row in rows}
    names |= dict(_pairs(root, "mid_to_display_name.tsv"))
    events = _strong_events(root, names)
    captions = _wavcaps_captions(root, "AudioSet_SL")
    files = _youtube_clips(root)
    for name, split in _AUDIOSET_LISTS:
        for table in sorted(root.rglob(name)):
            for number, line in lines_of(table):
                if line.startswith("#"):
                    continue
                with reading(table):
                    video, start, _, mids = (cell.strip(' "') for cell in line.split(", ", 3))
                    path = _file_at(files.get(video, []), float(start))
                if path is not None:
                    yield Recording(
                        id=f"{video}_{float(start):g}", audio=below(root, path), split=split,
                        place=f"{table}:{number}", domain="audio", caption=captions.get(video, ""),
                        sounds=tuple(names[mid] for mid in mids.split(",") if mid in names),
                        events=tuple(events.get(f"{video}_{round(1000 * float(start))}", ())),
                    )  # fmt: skip


def _pairs(root: Path, name: str) -> Iterator[tuple[str, str]]:
    for path in root.rglob(name):
        for _, line in lines_of(path):
            first, _, second = line.partition("\t")
            yield first, second.strip()


def _strong_events(root: Path, names: Mapping[str, str]) -> Mapping[str, list[TimedLabel]]:
    """Events with times by clip; their times are from the start of the clip."""
    events = defaultdict[str, list[TimedLabel]](list)
    for table in sorted(root.rglob("audioset_*_strong.tsv")):
        columns = ("segment_id", "start_time_seconds", "end_time_seconds", "label")
        for _, row in table_rows(table, columns, "\t"):
            with reading(table):
                start, end = float(row["start_time_seconds"]), float(row["end_time_seconds"])
            label = names.get(row["label"], row["label"])
            events[row["segment_id"]].append(TimedLabel(start, end, label))
    return events


def _wavcaps_lists(root: Path) -> Iterator[tuple[str, Path]]:
    """Source and file of each list of WavCaps, without the shorter one of Freesound."""
    for path in sorted(root.glob("**/json_files/*/*_final.json")):
        yield path.parent.name, path


def _wavcaps_items(path: Path) -> Iterator[Mapping[str, str]]:
    """Id and caption of each clip."""
    if text_of(path).startswith("version https://git-lfs"):
        raise RecordError(f"{path}: is a pointer of Git LFS; fetch the file that it stands for")
    with reading(path):
        for item in read_json(path)["data"]:
            yield {"id": str(item["id"]), "caption": str(item["caption"])}


def _wavcaps_captions(root: Path, source: str) -> Mapping[str, str]:
    """Captions by id, which for AudioSet is that of the video."""
    return {
        _wavcaps_id(item["id"]): item["caption"]
        for name, path in _wavcaps_lists(root)
        if name == source
        for item in _wavcaps_items(path)
    }


def _wavcaps_id(file: str) -> str:
    stem = file.removesuffix(".wav").removesuffix(".flac")
    match = _CLIP_OF_YOUTUBE.fullmatch(stem)
    return match[1] if match and stem.startswith("Y") else stem


def _wavcaps(root: Path) -> Iterator[Recording]:
    """The lists say `wav_path` of every file: it is found by its source and id."""
    files = {
        (path.parent.name.removesuffix("_flac"), path.stem): path for path in _audio_below(root)
    }
    for source, table in _wavcaps_lists(root):
        for item in _wavcaps_items(table):
            stem = item["id"].removesuffix(".wav").removesuffix(".flac")
            path = files.get((source, stem))
            if path is not None:
                yield Recording(
                    id=f"{source}_{stem}", audio=below(root, path), place=f"{table}: {stem}",
                    domain="audio", caption=item["caption"],
                )  # fmt: skip


def _freesound(root: Path) -> Iterator[Recording]:
    """FSD50K, the labelled part of Freesound that can be had whole."""
    captions = _wavcaps_captions(root, "FreeSound")
    for name in ("dev", "eval"):
        information = next(root.glob(f"**/{name}_clips_info_FSD50K.json"), None)
        clips = read_json(information) if information is not None else {}
        table = next(root.glob(f"**/FSD50K.ground_truth/{name}.csv"))
        for place, row in table_rows(table, ("fname", "labels")):
            facts = clips.get(row["fname"], {})
            audio = table.parent.parent / f"FSD50K.{name}_audio" / f"{row['fname']}.wav"
            yield Recording(
                id=row["fname"], audio=below(root, audio), place=place, domain="audio",
                split=split_name(row.get("split", "test")), licence=str(facts.get("license", "")),
                sounds=tuple(label.replace("_", " ") for label in row["labels"].split(",")),
                caption=captions.get(row["fname"]) or _sentence(str(facts.get("description", ""))),
            )  # fmt: skip


def _sentence(text: str) -> str:
    """A description of the uploader as a caption; "" for what is long or has an address in it."""
    words = re.sub(r"<[^>]*>", " ", text).split()
    is_caption = 3 <= len(words) <= _MOST_WORDS and "http" not in text and "www." not in text
    return " ".join(words) if is_caption else ""


def _vggsound(root: Path) -> Iterator[Recording]:
    table = next(root.glob("**/vggsound.csv"))
    files = _youtube_clips(root)
    for place, cells in csv_rows(table):
        if len(cells) != 4:
            raise RecordError(f"{place}: {len(cells)} of 4 cells")
        video, start, label, split = cells
        with reading(table):
            path = _file_at(files.get(video, []), float(start))
        if path is not None:
            yield Recording(
                id=f"{video}_{start}", audio=below(root, path), place=place, domain="audio",
                split=split_name(split), sounds=(label,),
            )  # fmt: skip


def _tau(root: Path) -> Iterator[Recording]:
    """Clips of the official setup; others of the development set are in neither of its parts."""
    meta = next(root.glob("**/meta.csv"))
    base = meta.parent
    splits: dict[str, Split] = {}
    for name, split in (("train", "train"), ("evaluate", "test")):
        setup = base / "evaluation_setup" / f"fold1_{name}.csv"
        for _, row in table_rows(setup, ("filename",), "\t"):
            splits[row["filename"]] = split  # type: ignore[assignment]
    columns = ("filename", "scene_label", "identifier", "source_label")
    for place, row in table_rows(meta, columns, "\t"):
        if row["filename"] in splits:
            yield Recording(
                id=Path(row["filename"]).stem, audio=below(root, base / row["filename"]),
                place=place, domain="audio", split=splits[row["filename"]],
                scene=row["scene_label"].replace("_", " "), device=row["source_label"],
                piece=row["identifier"],
            )  # fmt: skip


def _vocal_imitation(root: Path) -> Iterator[Recording]:
    """Imitations that raters found to be good; of their category the last name is the sound's."""
    table = next(root.glob("**/vocal_imitations.txt"))
    columns = ("imitation_filename", "category_d1", "included", "participant_id")
    for place, row in table_rows(table, columns, "\t"):
        kinds = [row[f"category_d{n}"].strip() for n in range(1, 7) if row.get(f"category_d{n}")]
        names = [kind for kind in kinds if kind]
        if row["included"] == "True" and len(names) > 1:
            audio = table.parent / "vocal_imitations" / "included" / row["imitation_filename"]
            yield Recording(
                id=Path(row["imitation_filename"]).stem, audio=below(root, audio), place=place,
                domain="audio", speaker=row["participant_id"], style="imitation",
                sounds=(names[-1],), sound_kind=names[0],
            )  # fmt: skip


def _add_2023(root: Path) -> Iterator[Recording]:
    """Track 1.2; labels of its tests are not public."""
    for name in ("train", "dev"):
        for table in sorted(root.glob(f"**/Track1.2/{name}/label.txt")):
            for number, line in lines_of(table):
                file, _, label = line.strip().partition(" ")
                if label not in ("fake", "genuine"):
                    raise RecordError(f"{table}:{number}: expected FILE fake|genuine")
                yield Recording(
                    id=Path(file).stem, audio=below(root, table.parent / "wav" / file),
                    place=f"{table}:{number}", domain="audio", split=split_name(name),
                    is_fake=label == "fake", language="Chinese",
                )  # fmt: skip


SOUNDS: tuple[CorpusReader, ...] = (
    CorpusReader(
        name="AudioSet",
        expects=("**/class_labels_indices.csv", "**/*_segments.csv", ANY_AUDIO),
        read=_audioset,
    ),
    CorpusReader(
        name="TAU Urban Acoustic Scenes",
        expects=(
            "**/meta.csv", "**/evaluation_setup/fold1_train.csv",
            "**/evaluation_setup/fold1_evaluate.csv", "**/audio/*.wav",
        ),
        read=_tau,
    ),
    CorpusReader(
        name="Freesound",
        expects=(
            "**/FSD50K.ground_truth/dev.csv", "**/FSD50K.ground_truth/eval.csv",
            "**/FSD50K.*_audio/*.wav",
        ),
        read=_freesound,
    ),
    CorpusReader(
        name="WavCaps", expects=("**/json_files/*/*_final.json", ANY_AUDIO), read=_wavcaps
    ),
    CorpusReader(
        name="Vocal Imitation Set",
        expects=("**/vocal_imitations.txt", "**/vocal_imitations/included/*.wav"),
        read=_vocal_imitation,
    ),
    CorpusReader(name="VGGSound", expects=("**/vggsound.csv", ANY_AUDIO), read=_vggsound),
    CorpusReader(
        name="ADD 2023",
        expects=("**/Track1.2/train/label.txt", "**/Track1.2/train/wav/*.wav"),
        read=_add_2023,
    ),
)  # fmt: skip
