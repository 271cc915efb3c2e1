"""What the paper (arXiv 2502.16584) says of the whole release, to stand beside counts of ours.

Table 2's numbers by major task are columns of the catalogue. Its text contradicts itself in
places; the numbers are as printed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

__all__ = ["PAPER_ATTRIBUTES", "PAPER_PARTS", "PaperPart"]


@dataclass(frozen=True, slots=True)
class PaperPart:
    """Section 3's numbers of a category, or of a domain in it."""

    majors: int
    minors: int
    datasets: int
    instances: int


# By category and domain; "" stands for all domains, and for both categories.
PAPER_PARTS: Mapping[tuple[str, str], PaperPart] = MappingProxyType(
    {
        ("understanding", "speech"): PaperPart(6, 20, 24, 57_420_000),
        ("understanding", "music"): PaperPart(5, 21, 19, 1_460_000),
        ("understanding", "audio"): PaperPart(5, 10, 8, 3_560_000),
        ("understanding", ""): PaperPart(16, 51, 51, 62_440_000),
        ("generation", "speech"): PaperPart(2, 14, 12, 43_000_000),
        ("generation", "music"): PaperPart(2, 7, 13, 710_000),
        ("generation", "audio"): PaperPart(3, 8, 6, 2_350_000),
        ("generation", ""): PaperPart(7, 29, 31, 46_060_000),
        ("", ""): PaperPart(23, 80, 52, 108_500_000),
    }
)

# Section 3.2's shares of Figure 3 in percent, as far as the text gives them. Of the domain of
# audio, music, object and human are shares of "others", which has 24.1 %.
PAPER_ATTRIBUTES: Mapping[str, Mapping[str, float]] = MappingProxyType(
    {
        "speech": {
            "content": 35.5, "language": 32.1, "gender": 8.8, "age": 5.7, "dialect": 5.5,
            "distortion": 4.2, "device": 1.1,
        },
        "music": {
            "vocals": 19.4, "instrumental": 17.6, "timbre": 12.9, "ethnomusicology": 12.3,
            "melody": 5.3, "pitch": 5.1, "key": 4.9, "chord": 2.2,
        },
        "audio": {
            "scene": 33.4, "others": 24.1, "event": 22.2, "speech": 20.3,
            "music": 0.241 * 28.3, "object": 0.241 * 26.1, "human": 0.241 * 25.3,
        },
    }
)  # fmt: skip
