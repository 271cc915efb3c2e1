"""The 28 music tasks of the demo corpus."""

from __future__ import annotations

from pathlib import Path

import music_notes
import music_recorded
import music_tasks
import music_voices
from common import Builder
from music_pieces import FOLDER, pieces
from music_render import check_programs
from speech_material import CC0

RENDER_CREDITS = (
    "Composed by this project's seeded script (CC0 1.0) and played by FluidSynth 2.3.1 with the\n"
    "soundfont FluidR3 GM by Frank Wen, which is under the MIT licence:\n\n"
    "Copyright (c) 2000-2002, 2008 Frank Wen <getfrank@gmail.com>\n"
)


def build(builder: Builder, raw: Path) -> None:
    """Collects the clips and writes the records."""
    check_programs()
    builder.folder(FOLDER, "CC0 1.0", CC0, RENDER_CREDITS)
    made = pieces(builder)
    music_tasks.build(builder, made)
    music_notes.build(builder, RENDER_CREDITS)
    music_voices.build(builder)
    music_recorded.build(builder, raw, made)
