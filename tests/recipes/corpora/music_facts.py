"""Facts of one recording of each tree of `music_trees`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["MUSIC_FACTS"]

# By hand, from the descriptions of the corpora: facts of one recording of each tree.
MUSIC_FACTS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "AAM": (
        "0002",
        {
            "key": "A# minor", "tempo_bpm": 120.0, "instruments": ("drums", "electric piano"),
            "chords": ((0.1, 0.9, "A#:min"),), "beats": (0.1, 0.3, 0.5, 0.7, 0.9),
            "melody_notes": ((0.1, 0.5, "E4"), (0.5, 0.9, "G4")),
            "instrument_parts": ((0.1, 0.9, "electric piano"), (0.3, 0.5, "drums")),
        },
    ),
    "Freesound Loop Dataset": (
        "101",
        {
            "key": "A# minor", "tempo_bpm": 120.0, "genres": ("hip hop",),
            "licence": "http://creativecommons.org/licenses/by/3.0/",
            "caption": "A hip hop loop with bass and percussion at 120 bpm in A# minor.",
        },
    ),
    "MTG-Jamendo": (
        "track_0000030",
        {
            "split": "test", "genres": ("rock",), "instruments": ("flute", "piano"),
            "moods": ("calm",), "audio": "audio/30/30.low.mp3",
        },
    ),
    "CSD": (
        "en001b",
        {
            "piece": "en001", "lyrics": "La li / lo", "language": "English",
            "score": "C4 0.30 la | D4 0.50 li",
        },
    ),
    "CCOM-HuQin": (
        "AltoBanhu_Pizz_2", {"technique": "Pizz", "instruments": ("alto banhu",)}
    ),
    "FMA": ("000003", {"artist": "Band 1", "piece": "One, two", "licence": "CC BY"}),
    "MedleyDB": (
        "MusicDelta_Beethoven",
        {"melody": (0.0, 0.0, 0.0, *[220.5] * 7), "genres": ("Classical",)},
    ),
    "Vocadito": (
        "vocadito_3",
        {
            "language": "Catalan or Valencian", "lyrics": "ako ay / lobo",
            "score": "ako ay / lobo | A4 0.30 | C4 0.25",
        },
    ),
    "GTZAN-Rhythm": (
        "country.00000", {"tempo_bpm": 85.53, "beats": (0.2, 0.9), "genres": ("country",)}
    ),
    "GiantSteps Key": (
        "1004 A. Artist - Song 4 (Mix)",
        {"key": "D# minor", "artist": "A. Artist 4, B. Artist", "genres": ("Techno",)},
    ),
    "MusicCaps": (
        "-0SdAVK79lg",
        {"caption": "A song, slow.", "tags": ("pop", "slow tempo"), "split": "train"},
    ),
    "CompMusic": (
        "CMR_full_dataset_1.0_01_10003_1-04_Shri_Visvanatham",
        {
            # The paper's own example.
            "caption": "This is a Carnatic music piece set in the atana raga. It follows the 5/8 "
            "meter and is composed in the khandaChapu taala. The lead instrument featured in this "
            "performance is vocal, accompanied by Mridangam. The kalai of this composition is 1.",
            "beats": (0.124172, 0.788957),
        },
    ),
    "OpenSinger": (
        "WomanRaw_0_一如年少_2",
        {"artist": "WomanRaw_0", "piece": "一如年少", "lyrics": "歌词2", "gender": "female"},
    ),
    "MedleyVox": (
        "duet_Band_Song_seg_1_1",
        {"mixture": "duet_Band_Song_seg_1", "instruments": ("female singer",)},
    ),
    "MoisesDB": (
        "1a_other_keys_t0",
        {"mixture": "1a", "instruments": ("other keys",), "artist": "Artist 1a"},
    ),
    "AudioSet": (
        "-0DLPzsiXXE_30",
        {
            "split": "train", "sounds": ("Speech", "Bee, wasp, etc."), "caption": "A bee.",
            "events": ((0.5, 0.9, "Bee, wasp, etc."), (0.0, 0.4, "Tick")),
        },
    ),
    "TAU Urban Acoustic Scenes": (
        "metro_station-lyon-1-1-a", {"scene": "metro station", "device": "a", "split": "train"}
    ),
    "Freesound": (
        "64760",
        {
            "sounds": ("Bark", "Dog"), "licence": "CC of 64760", "split": "train",
            "caption": "A dog barks twice",
        },
    ),
    "WavCaps": ("FreeSound_1", {"caption": "Rain falls on leaves"}),
    "Vocal Imitation Set": ("0_Dog", {"sounds": ("Dog",), "sound_kind": "Animal"}),
    "VGGSound": ("v7_4567890X_7", {"sounds": ("bird chirping, tweeting",), "split": "test"}),
    "ADD 2023": ("ADD2023_T1.2_D_00000000", {"is_fake": True, "split": "validation"}),
}  # fmt: skip
