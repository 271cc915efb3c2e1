"""The table of simulations."""

from __future__ import annotations

from collections.abc import Mapping

from audioflan_tasks.preprocessors.simulate import (
    channels,
    distortion,
    mixing,
    noise,
    rooms,
    timing,
    vocoders,
)
from audioflan_tasks.preprocessors.simulate.base import Kind

__all__ = ["KINDS"]

_ROWS = (
    Kind("add_noise", "speech and noise at a ratio", 1, 2, noise.AddNoise, noise.add_noise,
         "snr_db, gain", "Reddy et al. 2020"),
    Kind("reverberate", "a room of a decay time, or a measured response", 1, 2,
         rooms.Reverberate, rooms.reverberate, "t60_s, gain",
         "Allen & Berkley 1979, Schroeder 1965"),
    Kind("clip", "peaks cut at a share of the highest", 1, 1, distortion.Clip, distortion.clip,
         "level, clipped_fraction"),
    Kind("band_limit", "high frequencies removed", 1, 1, distortion.BandLimit,
         distortion.band_limit, "bandwidth_hz, gain"),
    Kind("resample", "another sample rate", 1, 1, distortion.Resample, distortion.resample,
         "rate_hz, gain"),
    Kind("cut_gap", "a part set to zero", 1, 1, distortion.CutGap, distortion.cut_gap,
         "start_s, end_s"),
    Kind("mix", "sounds summed at levels; part k alone", 1, None, mixing.Mix, mixing.mix,
         "levels_db, gain"),
    Kind("place", "events in a background at times; part k alone", 1, None, mixing.Place,
         mixing.place, "segments, levels_db, gain"),
    Kind("concatenate", "sounds one after another", 1, None, timing.Concatenate,
         timing.concatenate, "segments, gain"),
    Kind("take", "a part of a sound", 1, 1, timing.Take, timing.take, "start_s, end_s"),
    Kind("repeat", "a sound looped with cross-fades", 1, 1, timing.Repeat, timing.repeat,
         "seconds, gain"),
    Kind("channel", "a recording or transmission channel", 1, 1, channels.Channel,
         channels.channel, "preset, gain", "ITU-T G.711"),
    Kind("vocode", "analysis and resynthesis", 1, 1, vocoders.Vocode, vocoders.vocode,
         "method, gain", "Griffin & Lim 1984, Makhoul 1975, Shannon et al. 1995"),
    Kind("noise", "coloured noise alone", 0, 0, noise.Noise, noise.noise,
         "level_db, color, gain"),
    Kind("gain", "another level", 1, 1, timing.Gain, timing.gain, "gain_db, gain"),
    Kind("fade", "faded in and out", 1, 1, timing.Fade, timing.fade, "in_s, out_s"),
    Kind("normalise", "a stated RMS level", 1, 1, timing.Normalise, timing.normalise,
         "rms_db, gain"),
)  # fmt: skip

KINDS: Mapping[str, Kind] = {row.name: row for row in _ROWS}
