"""Trees and facts of the corpora of music and of sounds, as `trees` has them for the others."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from zipfile import ZipFile

from tests.recipes.corpora.files import clip, lines

__all__ = ["MUSIC_TREES"]


def _aam(root: Path) -> None:
    for number, (key, chord) in enumerate((("Fmaj", "Fmaj"), ("A#min", "A#min"), ("Fmaj", "Fmaj"))):
        song = f"000{number + 1}"
        beats = [f"{0.1 + 0.2 * n:.1f},1,{n + 1},'{chord}'" for n in range(4)]
        # No line @DATA; the last beat ends the song.
        lines(root, f"annotations/{song}_beatinfo.arff", "@RELATION beatinfo",
              "@ATTRIBUTE 'Start time' NUMERIC", "", *beats, "0.9,2,1,'N.C.'")  # fmt: skip
        lines(root, f"annotations/{song}_segments.arff", "@RELATION segments",
              f"0.0,'A',120.0,'{key}','[ElectricPiano,Drums]','[MelodyLine,Drums]'",
              "0.9,'end',0,'','[]','[]'")  # fmt: skip
        lines(root, f"annotations/{song}_onsets.arff", "@RELATION onsets",
              "@ATTRIBUTE 'Onset time in seconds' NUMERIC",
              "@ATTRIBUTE 'Onset events of ElectricPiano' STRING",
              "@ATTRIBUTE 'Onset events of Drums' STRING", "@DATA",
              "0.1,'[+60,+64]','[]'", "0.3,'[60,64]','[+36]'", "0.5,'[+67]','[]'", "0.9,'[]','[]'",
              )  # fmt: skip
        clip(root, f"audio-mixes-flac/{song}_mix.flac", number)


def _fsld(root: Path) -> None:
    metadata = {}
    for number, (bpm, mode) in enumerate(((90, "minor"), (120, "minor"), (150, "major"))):
        sound = f"10{number}"
        metadata[sound] = {
            "username": f"maker{number}", "license": "http://creativecommons.org/licenses/by/3.0/",
        }  # fmt: skip
        answer = {
            "bpm": str(bpm), "key": "Bb", "mode": mode, "discard": number == 3,
            "genres": ["hip hop"],
            "instrumentation": {"percussion": True, "bass": True, "fx": False},
        }  # fmt: skip
        lines(root, f"FSL10K/annotations/ann/sound-{sound}.json", json.dumps(answer))
        clip(root, f"FSL10K/audio/wav/{sound}_maker.wav", number)
    lines(root, "FSL10K/annotations/other/sound-100.json", json.dumps({**answer, "bpm": "90"}))
    lines(root, "FSL10K/annotations/other/sound-102.json", json.dumps({**answer, "discard": True}))
    lines(root, "FSL10K/metadata.json", json.dumps(metadata))


def _mtg_jamendo(root: Path) -> None:
    # In the repository it is a link to another file, which is lost where links are not kept.
    lines(root, "data/autotagging.tsv", "raw_30s_cleantags_50artists.tsv")
    mood_rows: list[str] = []
    moods = ("calm", "calm", "dark", "dark", "calm", "dark")
    for split, first in (("train", 10), ("validation", 20), ("test", 30)):
        rows = ["TRACK_ID\tARTIST_ID\tALBUM_ID\tPATH\tDURATION\tTAGS"]
        for number, mood in enumerate(moods):
            track = first + number
            rows.append(
                f"track_{track:07d}\tartist_{track}\talbum_{track}\t{track}/{track}.mp3\t212.7\t"
                f"genre---rock\tinstrument---flute\tinstrument---piano\tmood/theme---{mood}\r"
            )
            clip(root, f"audio/{track}/{track}.low.mp3", number)
        lines(root, f"data/splits/split-0/autotagging-{split}.tsv", *rows)
        # The subset of mood and theme has lists and tags of its own.
        own = [re.sub(r"\t(genre|instrument)---\w+", "", row).strip() for row in rows]
        for number in range(5):
            lines(root, f"data/splits/split-{number}/autotagging_moodtheme-{split}.tsv", *own)
        mood_rows += own[1:]
    lines(root, "data/autotagging_moodtheme.tsv", rows[0], *mood_rows)


def _csd(root: Path) -> None:
    for language, stems in (("english", ("en001a", "en001b")), ("korean", ("kr001a",))):
        for number, stem in enumerate(stems):
            lines(root, f"CSD/{language}/csv/{stem}.csv", "start,end,pitch,syllable",
                  "0.1,0.4,60,la", "0.4,0.9,62,li")  # fmt: skip
            lines(root, f"CSD/{language}/lyric/{stem}.txt", "La li", "lo")
            lines(root, f"CSD/{language}/txt/{stem}.txt", "l_a l_i")
            clip(root, f"CSD/{language}/wav/{stem}.wav", number)


def _ccom_huqin(root: Path) -> None:
    base = "CCOM-HuQin-v2.0.1-audios"
    for number, technique in enumerate(("Trill", "Trill", "Pizz", "Pizz", "Trill", "Pizz")):
        clip(root, f"{base}/SinglePT/AltoBanhu/{technique}/{number}.wav", number)
    clip(root, f"{base}/Excerpts/Erhu/piece/piece.wav")


def _fma(root: Path) -> None:
    rows = [",album,album,artist,set,track,track", ",id,title,name,split,genre_top,license",
            "track_id,,,,,,"]  # fmt: skip
    for number in range(4):
        rows.append(f'{number + 2},{number},"One, two",Band {number % 2},training,Rock,CC BY')
        clip(root, f"fma_small/000/{number + 2:06d}.mp3", number)
    # A track of the whole corpus that the small one has not.
    rows.append("999,9,Other,Band 9,test,Rock,CC BY")
    lines(root, "fma_metadata/tracks.csv", *rows)


def _medleydb(root: Path) -> None:
    base = "MedleyDB-Melody"
    facts = {}
    for number, track in enumerate(("MusicDelta_Beethoven", "Band_Song")):
        facts[track] = {"artist": track.split("_")[0], "genre": "Classical", "title": "x"}
        rows = [f"{n * 0.0058:.4f},{0.0 if n < 40 else 220.5}" for n in range(160)]
        lines(root, f"{base}/melody2/{track}_MELODY2.csv", *rows)
        clip(root, f"{base}/audio/{track}_MIX.wav", number)
    lines(root, f"{base}/medleydb_melody_metadata.json", json.dumps(facts))


def _vocadito(root: Path) -> None:
    lines(root, "vocadito_metadata.csv", "track_id,singer_id,average_pitch,language",
          "1,S1,50,Tagalog", "2,S2,65,none", "3,S3,47,Catalan/Valencian")  # fmt: skip
    for number in (1, 2, 3):
        name = f"vocadito_{number}"
        lines(root, f"Annotations/Lyrics/{name}_lyrics.txt", "ako ay", "", "lobo")
        for annotator in ("A1", "A2"):
            lines(root, f"Annotations/Notes/{name}_notes{annotator}.csv", "0.1,440.5,0.3",
                  "0.4,262,0.25")  # fmt: skip
        clip(root, f"Audio/{name}.wav", number)


def _gtzan_rhythm(root: Path) -> None:
    for number, bpm in enumerate((85.53, 85.6, 120.0, 150.0, 119.9)):
        name = f"gtzan_country_0000{number}"
        lines(root, f"gtzan_tempo_beat-main/beats/{name}.beats", "0.2\t1", "0.9 2")
        lines(root, f"gtzan_tempo_beat-main/tempo/{name}.bpm", f"{bpm:.18e}")
        clip(root, f"genres/country/country.0000{number}.{'au' if number else 'wav'}", number)


def _giantsteps_key(root: Path) -> None:
    for number, key in enumerate(("Eb minor", "C major", "D# minor", "C major", "Eb minor", "X")):
        # Names have dots, blanks and brackets.
        name = f"100{number} A. Artist - Song {number} (Mix)"
        lines(root, f"keys_gs+/{name}.txt", key)
        facts = {
            "bpm": "127", "artists": [{"name": f"A. Artist {number}"}, {"name": "B. Artist"}],
            "genres": [{"name": "Techno"}], "sub_genres": [],
        }  # fmt: skip
        if number:  # Some tracks have no such file.
            lines(root, f"meta/{name}.json", json.dumps(facts))
        clip(root, f"audio/{name}.mp3", number)


def _musiccaps(root: Path) -> None:
    rows = ["ytid,start_s,end_s,audioset_positive_labels,aspect_list,caption,author_id,"
            "is_balanced_subset,is_audioset_eval"]  # fmt: skip
    for number, video in enumerate(("-0Gj8-vB1q4", "-0SdAVK79lg", "lost1234567")):
        rows.append(
            f"""{video},30,40,/m/04rlf,"['pop', 'slow tempo']","A song, slow.",4,False,"""
            f"{not number}"
        )
    lines(root, "musiccaps-public.csv", *rows)
    clip(root, "clips/-0Gj8-vB1q4.wav", 1)
    clip(root, "clips/[-0SdAVK79lg]-[30-40].wav", 2)


def workbook(path: Path, rows: list[list[str]]) -> None:
    """A workbook of one sheet; texts are shared, as Office writes them."""
    texts = [text for row in rows for text in row]
    space = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    cells = [
        "".join(
            f'<c r="{chr(65 + column)}{number}" t="s"><v>{texts.index(text)}</v></c>'
            for column, text in enumerate(row)
        )
        for number, row in enumerate(rows, 1)
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    with ZipFile(path, "w") as archive:
        shared = "".join(f"<si><t>{text}</t></si>" for text in texts)
        archive.writestr("xl/sharedStrings.xml", f"<sst {space}>{shared}</sst>")
        sheet = "".join(f"<row>{row}</row>" for row in cells)
        archive.writestr(
            "xl/worksheets/sheet1.xml",
            f"<worksheet {space}><sheetData>{sheet}</sheetData></worksheet>",
        )


def _compmusic(root: Path) -> None:
    for number, (part, raga, tala) in enumerate(
        (("carnatic", "raaga", "taala"), ("hindustani", "raags", "taals"))
    ):
        facts = {
            "artists": [
                {"instrument": {"name": "Mridangam"}, "lead": False},
                {"instrument": {"name": "Voice"}, "lead": True},
            ],
            raga: [{"name": "Śrīranjani", "common_name": "shri ranjani"}],
            tala: [{"name": "Ādi", "common_name": "adi"}],
            "album_artists": [{"name": "A. Singer"}],
        }  # fmt: skip
        base = f"saraga1.5_{part}/A Concert by A. Singer/Piece {number}/Piece {number}"
        lines(root, f"{base}.json", json.dumps(facts))
        clip(root, f"{base}.mp3.mp3", number)
    base = "CMR_full_dataset_1.0"
    workbook(
        root / base / "CMRfullDataset.xlsx",
        [["UID", "MBID", "Name", "Artist", "Lead Instrument", "Taala", "Raaga", "Kalai"],
         ["10003", "5769", "Visvanatham", "Singer", "V", "khandaChapu", "atana", "1"],
         ["10009", "5770", "No audio", "Singer", "V", "adi", "bilahari", "1"]],
    )  # fmt: skip
    stem = "01_10003_1-04_Shri_Visvanatham"
    lines(root, f"{base}/annotations/beats/{stem}.beats", "0.124172,1", "0.788957,2")
    lines(root, f"{base}/annotations/meter/{stem}.meter", "5/8")
    clip(root, f"{base}/audio/{stem}.wav", 3)


def _opensinger(root: Path) -> None:
    for folder in ("ManRaw", "WomanRaw"):
        for number in range(3):
            stem = f"{folder}/0_一如年少/0_一如年少_{number}"
            lines(root, f"{stem}.txt", f"歌词{number}")
            lines(root, f"{stem}.lab", "g e c i")
            clip(root, f"{stem}.wav", number)


def _medleyvox(root: Path) -> None:
    song = "Band_Song"
    for number in (1, 2):
        base = f"duet/{song}/seg_{number}"
        clip(root, f"{base}/mix/{song} - seg_{number}.wav", 0)
        for raw in ("01_01", "02_01"):
            clip(root, f"{base}/gt/{song}_RAW_{raw} - seg_{number}.wav", 1)
    lines(root, f"Metadata/{song}_METADATA.yaml", "stems:", "  S01:", "    raw:", "      R01:",
          f"        filename: {song}_RAW_01_01.wav", "        instrument: male singer",
          "  S02:", "    raw:", "      R01:", f"        filename: {song}_RAW_02_01.wav",
          "        instrument: female singer")  # fmt: skip


def _moisesdb(root: Path) -> None:
    for song in ("0f", "1a"):
        stems = [
            {
                "stemName": name,
                "tracks": [{"id": f"t{n}", "extension": "wav"} for n in range(count)],
            }
            for name, count in (("vocals", 2), ("bass", 1), ("other_keys", 1))
        ]
        facts = {"song": "Song", "artist": f"Artist {song}", "genre": "rock", "stems": stems}
        lines(root, f"moisesdb_v0.1/{song}/data.json", json.dumps(facts))
        for stem in stems:
            for number, track in enumerate(stem["tracks"]):
                assert isinstance(track, dict)
                clip(root, f"moisesdb_v0.1/{song}/{stem['stemName']}/{track['id']}.wav", number)


def _audioset(root: Path) -> None:
    lines(root, "class_labels_indices.csv", "index,mid,display_name",
          '0,/m/09x0r,"Speech"', '1,/m/04rlf,"Music"', '2,/m/0bt9lr,"Bee, wasp, etc."')  # fmt: skip
    lines(root, "balanced_train_segments.csv", "# Segments csv", "# num_ytids=2",
          "# YTID, start_seconds, end_seconds, positive_labels",
          '--aE2O5G5WE, 0.000, 10.000, "/m/04rlf"', '--lost4567_, 30.000, 40.000, "/m/09x0r"',
          '-0DLPzsiXXE, 30.000, 40.000, "/m/09x0r,/m/0bt9lr"')  # fmt: skip
    lines(root, "eval_segments.csv", "# Segments csv", '--4gqARaEJE, 0.000, 10.000, "/m/09x0r"')
    lines(root, "audioset_train_strong.tsv",
          "segment_id\tstart_time_seconds\tend_time_seconds\tlabel",
          "-0DLPzsiXXE_30000\t0.5\t0.9\t/m/0bt9lr",
          "-0DLPzsiXXE_30000\t0.0\t0.4\t/t/dd1")  # fmt: skip
    lines(root, "mid_to_display_name.tsv", "/t/dd1\tTick")
    captions = {"data": [{"id": "Y-0DLPzsiXXE.wav", "caption": "A bee.", "audio": "wav_path"}]}
    lines(root, "json_files/AudioSet_SL/as_final.json", json.dumps(captions))
    for number, name in enumerate(("--aE2O5G5WE", "Y-0DLPzsiXXE_30.000", "Y--4gqARaEJE")):
        clip(root, f"audio/{name}.wav", number)


def _tau(root: Path) -> None:
    base = "TAU-urban-acoustic-scenes-2020-mobile-development"
    names = [
        f"audio/{scene}-lyon-{n}-{n}-a.wav" for scene in ("metro_station", "park") for n in (1, 2)
    ]
    for number, name in enumerate((*names, "audio/park-lyon-9-9-b.wav")):
        clip(root, f"{base}/{name}", number)
    rows = [f"{name}\t{name.split('/')[1].split('-')[0]}\tlyon-1\ta" for name in names]
    lines(root, f"{base}/meta.csv", "filename\tscene_label\tidentifier\tsource_label", *rows,
          "audio/park-lyon-9-9-b.wav\tpark\tlyon-9\tb")  # fmt: skip
    for part, files in (("train", names[:3]), ("evaluate", names[3:])):
        setup = [f"{name}\tpark" for name in files]
        lines(root, f"{base}/evaluation_setup/fold1_{part}.csv", "filename\tscene_label", *setup)
    # The challenge's own test, an archive of its own.
    lines(root, f"{base.replace('development', 'evaluation')}/evaluation_setup/fold1_test.csv",
          "filename", "audio/0.wav")  # fmt: skip


def _freesound(root: Path) -> None:
    for name, rows in (("dev", ('64760,"Bark,Dog",m,train', '64761,"Wind",m,val')),
                       ("eval", ('37199,"Gull_and_seagull",m',))):  # fmt: skip
        split = ",split" if name == "dev" else ""
        lines(root, f"FSD50K.ground_truth/{name}.csv", f"fname,labels,mids{split}", *rows)
        files = [row.split(",")[0] for row in rows]
        facts = {
            file: {"description": "A dog <b>barks</b>\n twice", "license": f"CC of {file}"}
            for file in files
        }
        lines(root, f"FSD50K.metadata/{name}_clips_info_FSD50K.json", json.dumps(facts))
        for number, file in enumerate(files):
            clip(root, f"FSD50K.{name}_audio/{file}.wav", number)


def _wavcaps(root: Path) -> None:
    sounds = (
        "A man speaks",
        "Rain falls on leaves",
        "A woman is talking",
        "An engine roars",
    )
    items = [{"id": str(n), "caption": text, "audio": "wav_path"} for n, text in enumerate(sounds)]
    lines(root, "json_files/FreeSound/fsd_final.json", json.dumps({"data": items}))
    lines(root, "json_files/FreeSound/fsd_final_2s.json", json.dumps({"data": items[:1]}))
    lines(root, "json_files/blacklist/blacklist_exclude_all_ac.json", "{}")
    for number in range(len(sounds)):
        clip(root, f"Zip_files/waveforms/FreeSound_flac/{number}.flac", number)


def _vocal_imitation(root: Path) -> None:
    header = "imitation_id\timitation_filename\tcategory_d1\tcategory_d2\tcategory_d3\tincluded\t"
    rows = [f"{header}participant_id"]
    names = (("Animal", "Dog"), ("Animal", "Cat"), ("Animal", "Cow"), ("Music", "Bell"))
    for number, (kind, sound) in enumerate((*names, ("Animal", "Dog"))):
        rows.append(f"{number}\t{number}_{sound}.wav\t{kind}\tx\t{sound}\t{number != 4}\tp{number}")
        folder = "excluded" if number == 4 else "included"
        clip(root, f"vocal_imitations/{folder}/{number}_{sound}.wav", number)
    lines(root, "vocal_imitations.txt", *rows)


def _vggsound(root: Path) -> None:
    labels = ("dog barking", '"bird chirping, tweeting"', "rain falling")
    rows = []
    for number in range(9):
        video = f"v{number}_4567890"
        rows.append(f"{video}X,{number},{labels[number % 3]},{'test' if number > 5 else 'train'}")
        clip(root, f"audio/{video}X_{number:06d}.wav", number)
    lines(root, "vggsound.csv", *rows, 'lost1234567,30,"dog barking",train')


def _add_2023(root: Path) -> None:
    for split in ("train", "dev"):
        names = [f"ADD2023_T1.2_{split[0].upper()}_0000000{n}.wav" for n in range(2)]
        lines(root, f"Track1.2/{split}/label.txt", f"{names[0]} fake", f"{names[1]} genuine")
        for number, name in enumerate(names):
            clip(root, f"Track1.2/{split}/wav/{name}", number)


MUSIC_TREES: Mapping[str, Callable[[Path], None]] = {
    "AAM": _aam, "Freesound Loop Dataset": _fsld, "MTG-Jamendo": _mtg_jamendo, "CSD": _csd,
    "CCOM-HuQin": _ccom_huqin, "FMA": _fma, "MedleyDB": _medleydb, "Vocadito": _vocadito,
    "GTZAN-Rhythm": _gtzan_rhythm, "GiantSteps Key": _giantsteps_key, "MusicCaps": _musiccaps,
    "CompMusic": _compmusic, "OpenSinger": _opensinger, "MedleyVox": _medleyvox,
    "MoisesDB": _moisesdb, "AudioSet": _audioset, "TAU Urban Acoustic Scenes": _tau,
    "Freesound": _freesound, "WavCaps": _wavcaps, "Vocal Imitation Set": _vocal_imitation,
    "VGGSound": _vggsound, "ADD 2023": _add_2023,
}  # fmt: skip
