"""What is cut from which recording for the audio domain: events, beds, speech and music.

Times are seconds in the recording as packaged. A class has other recordings in each split
where three were to be had; else the splits hold other parts of one recording (`shared`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from common import Split

Store = Literal["opensfx", "sonicpi", "minetest"]


@dataclass(frozen=True, slots=True)
class Cut:
    """One event: part of a recording (several recordings: one after another), and what it is."""

    label: str
    split: Split
    store: Store
    recordings: tuple[str, ...]
    start: float
    end: float
    caption: str


@dataclass(frozen=True, slots=True)
class Bed:
    """A sound without events, for backgrounds and for the class noise; None: generated."""

    name: str
    store: Store
    recording: str
    starts: tuple[float, float, float]
    seconds: float


@dataclass(frozen=True, slots=True)
class Scene:
    """A scene and the events that are heard in it."""

    name: str
    events: tuple[str, ...]


def _cut(
    label: str, split: Split, store: Store, name: str, start: float, end: float, caption: str
) -> Cut:
    return Cut(label, split, store, tuple(name.split("+")), start, end, caption)


CUTS = (
    _cut("bird call", "train", "opensfx", "osfx_66", 0.10, 0.90, "A tropical bird calls once."),
    _cut("bird call", "train", "opensfx", "osfx_66", 0.95, 2.03, "A tropical bird calls shrilly."),
    _cut("bird call", "dev", "opensfx", "osfx_72", 0.11, 0.95, "A tropical bird chirps."),
    _cut("bird call", "dev", "opensfx", "osfx_72", 0.98, 2.10, "A tropical bird calls at length."),
    _cut("bird call", "test", "sonicpi", "misc_crow", 0.0, 0.48, "A crow caws once."),
    _cut("jet aircraft", "train", "opensfx", "osfx_09", 0.3, 1.8,
         "A passenger jet takes off."),
    _cut("jet aircraft", "train", "opensfx", "osfx_09", 1.8, 3.2,
         "The roar of a departing passenger jet."),
    _cut("jet aircraft", "dev", "opensfx", "osfx_59", 1.0, 2.2, "A jet comes closer overhead."),
    _cut("jet aircraft", "dev", "opensfx", "osfx_59", 2.2, 3.6, "A landing jet roars close by."),
    _cut("jet aircraft", "test", "opensfx", "osfx_61", 0.6, 1.6, "A military jet approaches."),
    _cut("jet aircraft", "test", "opensfx", "osfx_61", 1.6, 2.6, "A military jet flies past."),
    _cut("propeller plane", "train", "opensfx", "osfx_08", 0.1, 1.2,
         "The propeller engine of a small plane starts."),
    _cut("propeller plane", "train", "opensfx", "osfx_08", 1.2, 2.4,
         "A small propeller plane flies away."),
    _cut("propeller plane", "dev", "opensfx", "osfx_69", 0.4, 1.5,
         "A propeller plane comes closer."),
    _cut("propeller plane", "test", "opensfx", "osfx_69", 1.6, 2.8,
         "A propeller plane hums past."),
    _cut("bus engine", "train", "opensfx", "osfx_25", 0.8, 2.0, "An old bus pulls away."),
    _cut("bus engine", "train", "opensfx", "osfx_25", 2.0, 3.3, "The engine of a truck revs up."),
    _cut("bus engine", "dev", "opensfx", "osfx_27", 0.6, 1.6, "A modern bus starts off."),
    _cut("bus engine", "dev", "opensfx", "osfx_27", 1.6, 2.7, "A bus accelerates and leaves."),
    _cut("bus engine", "test", "opensfx", "osfx_28", 0.4, 1.4, "The engine of an old bus starts."),
    _cut("bus engine", "test", "opensfx", "osfx_28", 1.4, 2.6, "An old bus engine runs fast."),
    _cut("train", "train", "opensfx", "osfx_04", 0.0, 1.4,
         "A steam train sounds its whistle as it departs."),
    _cut("train", "train", "opensfx", "osfx_71", 0.0, 1.4, "A train passes by."),
    _cut("train", "dev", "opensfx", "osfx_65", 0.5, 1.8, "A metro train leaves the station."),
    _cut("train", "test", "opensfx", "osfx_10", 0.0, 1.6, "The horn of a distant locomotive."),
    _cut("ship horn", "train", "opensfx", "osfx_07", 0.0, 1.4, "A ferry sounds its horn."),
    _cut("ship horn", "train", "opensfx", "osfx_07", 1.4, 2.6, "The long horn of a ferry."),
    _cut("ship horn", "dev", "opensfx", "osfx_06", 0.0, 1.0, "A ship sounds its deep horn."),
    _cut("ship horn", "test", "opensfx", "osfx_06", 1.0, 2.0, "The deep horn of a ship."),
    _cut("crash", "train", "opensfx", "osfx_17", 0.0, 1.3, "Something crashes loudly."),
    _cut("crash", "train", "opensfx", "osfx_19", 0.0, 1.5, "A long and heavy crash."),
    _cut("crash", "dev", "opensfx", "osfx_15", 0.0, 1.2,
         "A heavy object crashes to the ground."),
    _cut("crash", "test", "opensfx", "osfx_16", 0.0, 1.25, "Metal things crash together."),
    _cut("footsteps", "train", "minetest",
         "default_gravel_footstep.1+default_gravel_footstep.2+default_gravel_footstep.3"
         "+default_gravel_footstep.4", 0, 0, "Someone walks on gravel."),
    _cut("footsteps", "train", "minetest",
         "default_grass_footstep.1+default_grass_footstep.2+default_grass_footstep.3", 0, 0,
         "Someone walks through grass."),
    _cut("footsteps", "dev", "minetest",
         "default_snow_footstep.1+default_snow_footstep.2+default_snow_footstep.3"
         "+default_snow_footstep.5", 0, 0, "Someone walks on snow."),
    _cut("footsteps", "test", "minetest",
         "default_sand_footstep.1+default_sand_footstep.2+default_sand_footstep.3", 0, 0,
         "Someone walks on sand."),
    _cut("fire", "train", "minetest", "fire_large", 1.0, 2.2, "A large fire burns."),
    _cut("fire", "train", "minetest", "fire_large", 4.0, 5.2, "A big fire roars and crackles."),
    _cut("fire", "dev", "minetest", "fire_small", 0.5, 1.7, "A small fire burns quietly."),
    _cut("fire", "dev", "minetest", "fire_small", 2.2, 3.4, "A little fire crackles."),
    _cut("fire", "test", "minetest", "fire_small", 3.8, 5.0, "A small fire crackles."),
    _cut("fire", "test", "minetest", "fire_small", 5.2, 6.4, "A little fire burns."),
    _cut("running water", "train", "minetest", "env_sounds_water.1", 1.4, 2.6,
         "Water runs in a stream."),
    _cut("running water", "train", "minetest", "env_sounds_water.1", 3.0, 4.2,
         "A small stream flows."),
    _cut("running water", "dev", "minetest", "env_sounds_water.2", 1.6, 2.8,
         "Water flows and gurgles."),
    _cut("running water", "dev", "minetest", "env_sounds_water.2", 3.2, 4.4, "A brook runs."),
    _cut("running water", "test", "minetest", "env_sounds_water.3", 1.6, 2.8,
         "Running water in a brook."),
    _cut("running water", "test", "minetest", "env_sounds_water.3", 3.2, 4.4,
         "A stream gurgles."),
    _cut("water splash", "train", "minetest", "default_water_footstep.1", 0.3, 1.8,
         "Water splashes as someone wades."),
    _cut("water splash", "dev", "minetest", "default_water_footstep.2", 0.2, 1.5,
         "A step splashes in water."),
    _cut("water splash", "test", "minetest", "default_water_footstep.3", 0.4, 1.7,
         "Someone splashes through water."),
    _cut("door", "train", "minetest", "doors_door_open", 0.0, 0.42, "A door is opened."),
    _cut("door", "train", "minetest", "doors_door_close", 0.0, 0.57, "A door falls shut."),
    _cut("door", "dev", "minetest", "doors_steel_door_close", 0.0, 0.55,
         "A steel door bangs shut."),
    _cut("door", "test", "minetest", "doors_glass_door_close", 0.0, 0.5, "A glass door closes."),
    _cut("breaking glass", "train", "minetest", "default_break_glass.1", 0.0, 0.45,
         "Glass breaks."),
    _cut("breaking glass", "dev", "minetest", "default_break_glass.2", 0.03, 0.80,
         "A pane of glass shatters."),
    _cut("breaking glass", "test", "minetest", "default_break_glass.3", 0.0, 0.45,
         "Glass breaks into pieces."),
    _cut("applause", "train", "opensfx", "osfx_29", 0.8, 1.5, "An audience begins to applaud."),
    _cut("applause", "train", "opensfx", "osfx_29", 1.5, 2.2, "A large audience applauds."),
    _cut("applause", "dev", "opensfx", "osfx_29", 2.2, 2.8, "An audience claps."),
    _cut("applause", "test", "opensfx", "osfx_29", 2.8, 3.5, "Applause of a crowd."),
    _cut("power saw", "train", "opensfx", "osfx_56", 0.3, 1.3, "A chainsaw runs."),
    _cut("power saw", "train", "opensfx", "osfx_56", 1.3, 2.3, "A chainsaw cuts a tree."),
    _cut("power saw", "dev", "opensfx", "osfx_40", 0.5, 1.6, "A circular saw starts cutting."),
    _cut("power saw", "test", "opensfx", "osfx_40", 1.7, 2.9, "A circular saw cuts wood."),
    _cut("jackhammer", "train", "opensfx", "osfx_33", 0.0, 0.6, "A jackhammer starts."),
    _cut("jackhammer", "train", "opensfx", "osfx_33", 0.6, 1.2, "A jackhammer hammers."),
    _cut("jackhammer", "dev", "opensfx", "osfx_33", 1.2, 1.8, "A jackhammer rattles."),
    _cut("jackhammer", "test", "opensfx", "osfx_33", 1.8, 2.4, "An air hammer at work."),
    _cut("crossing bell", "train", "opensfx", "osfx_14", 0.0, 0.7,
         "The bell of a level crossing rings."),
    _cut("crossing bell", "dev", "opensfx", "osfx_14", 0.7, 1.4,
         "A warning bell rings at a level crossing."),
    _cut("crossing bell", "test", "opensfx", "osfx_14", 1.4, 2.1, "A railway crossing bell."),
    _cut("farm animal", "train", "opensfx", "osfx_37", 0.1, 1.4, "A cow moos."),
    _cut("farm animal", "dev", "opensfx", "osfx_36", 0.0, 1.25, "A sheep bleats."),
    _cut("farm animal", "test", "opensfx", "osfx_38", 0.0, 1.8, "A horse neighs."),
)  # fmt: skip

LABELS = tuple(sorted({c.label for c in CUTS}))

# These last long enough, and evenly enough, to be continued, repaired or widened.
STEADY = frozenset(
    {"jet aircraft", "propeller plane", "bus engine", "train", "ship horn", "fire",
     "running water", "power saw", "water splash"}
)  # fmt: skip

# Starts in the train, dev and test split.
BEDS = (
    Bed("wind", "opensfx", "osfx_52", (0.4, 1.15, 1.9), 0.7),
    Bed("hiss", "sonicpi", "vinyl_hiss", (0.0, 3.3, 5.7), 2.2),
    Bed("rumble", "minetest", "default_furnace_active", (0.6, 3.6, 6.6), 2.8),
    Bed("lava", "minetest", "env_sounds_lava.2", (0.2, 2.6, 4.9), 2.0),
)

SCENES = (
    Scene("farm", ("farm animal", "bird call")),
    Scene("railway station", ("train", "crossing bell")),
    Scene("harbour", ("ship horn", "water splash")),
    Scene("airport", ("jet aircraft", "propeller plane")),
    Scene("building site", ("jackhammer", "power saw")),
    Scene("theatre", ("applause", "footsteps")),
)

# Voice, language, licence and how many prompts; one speaker per split.
SPEAKERS: tuple[tuple[Split, str, str, str, str], ...] = (
    ("train", "en", "en_US_f_Allison", "Allison Smith", "English"),
    ("dev", "fr", "fr_CA_f_June", "June Wallack", "French"),
    ("test", "it", "it_IT_m_Carlo", "Carlo Flora", "Italian"),
)
PROMPTS: dict[Split, int] = {"train": 14, "dev": 7, "test": 7}

# Track, artist, split, and where its excerpts start. The music domain cuts the same tracks
# (`_HELD` in music_recorded.py): no part of one that is in another split there.
TRACKS: tuple[tuple[str, str, Split, tuple[int, ...]], ...] = (
    ("macroform-cold_day", "Paul Shuler (Macroform)", "train", (20, 60, 100, 140, 180, 220)),
    ("manolo_camp-morning_coffee", "Manolo Camp", "dev", (24, 30, 45)),
    ("reno_project-system", "Reno Project", "test", (250, 265, 280)),
)
