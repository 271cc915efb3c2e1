"""Characters of the world's scripts, as patterns and tables need them.

Scripts without blanks are those whose words follow each other without a blank: Han, kana,
Bopomofo, Thai, Lao, Khmer, Myanmar, Tai, Javanese and Balinese. Hangul and Ethiopic have blanks,
Tibetan has a mark between syllables.
"""

from __future__ import annotations

__all__ = ["INVISIBLE", "MARKS", "ONE_APOSTROPHE", "UNSPACED"]

# Letters, marks and digits; punctuation of these blocks is none of them.
_UNSPACED = """
3005-3007 3021-3029 3400-4dbf 4e00-9fff f900-faff 20000-323af 3041-3096 3099-309a 309d-309f
30a1-30fa 30fc-30ff 3105-312f 31a0-31bf 31f0-31ff 1aff0-1b16f e01-e3a e40-e4e e50-e59 e81-ece
ed0-ed9 edc-edf 1000-1049 1050-109d 1780-17d3 17d7 17dc-17dd 17e0-17e9 1950-1974 1980-19da
1a20-1a99 1aa7 1b00-1b59 1b6b-1b73 a980-a9c0 a9cf-a9d9 a9e0-a9fe aa60-aa76 aa7a aa80-aadd
"""
# Stretches that begin and end with a combining mark and hold no punctuation: what letters stand
# between the marks are letters of words all the same. Unicode 14.
_MARKS = """
300-34e 350-36f 483-489 591-5bd 5bf 5c1-5c2 5c4-5c5 5c7 610-61a 64b-65f 670 6d6-6dc 6df-6e8 6ea-6ed
711-7f3 7fd 816-82d 859-85b 898-8e1 8e3-963 981-9e3 9fe-a75 a81-ae3 afa-b63 b82-bd7 c00-c63 c81-c83
cbc-d4d d57-d63 d81-df3 e31-e3a e47-e4e eb1-ecd f18-f19 f35 f37 f39 f3e-f84 f86-fbc fc6 102b-103e
1056-109d 135d-135f 1712-1734 1752-17d3 17dd 1885-193b 1a17-1a1b 1a55-1a7f 1ab0-1b44 1b6b-1b73
1b80-1bf3 1c24-1c37 1cd0-1cd2 1cd4-1dff 20d0-20e2 20e4-20f0 2cef-2cf1 2d7f-2dff 302a-302f a66f-a672
a674-a67d a69e-a6f1 a802-a827 a82c a880-a8c5 a8e0-a8f1 a8ff-a92d a947-a953 a980-a9c0 a9e5-aa4d
aa7b-aac1 aaeb-aaef aaf5-aaf6 abe3-abea abec-abed fb1e fe20-fe2f 101fd-1037a 10a01-10a3f 10ae5-10ae6
10d24-10eac 10f46-10f50 10f82-10f85 11000-11046 11070-110ba 110c2 11100-11134 11145-11173
11180-111c0 111c9-111cc 111ce-111cf 1122c-11237 1123e 112df-11446 1145e-114c3 115af-115c0
115dc-11640 116ab-116b7 1171d-1172b 1182c-1183a 11930-11943 119d1-119e0 119e4-11a3e 11a47-11a99
11c2f-11c3f 11c92-11ef6 16af0-16af4 16b30-16b36 16f4f-16f92 16fe4-16ff1 1bc9d-1bc9e 1e000-1e136
1e2ae-1e2ef 1e8d0-1e94a
"""
# Format characters, selectors of variants, the frame of a keycap, the stroke that makes an Arabic
# word longer on the page, and the Hangul letters that are blank.
_INVISIBLE = """
ad 34f 61c 640 115f 1160 17b4 17b5 180b-180f 200b-200f 202a-202e 2060-206f 20e3 3164 fe00-fe0f feff
ffa0 fff9-fffb e0000-e01ef
"""
_APOSTROPHES = "’‘‛ʼʻʹʽ′`´ꞌ׳"


def _points(text: str) -> list[tuple[int, int]]:
    bounds = [part.partition("-") for part in text.split()]
    return [(int(first, 16), int(last or first, 16)) for first, _, last in bounds]


def _class(text: str) -> str:
    """The inside of a character class."""
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in _points(text))


UNSPACED = _class(_UNSPACED)
MARKS = _class(_MARKS)
# For `str.translate`: what a reader does not see, and apostrophes of every kind.
INVISIBLE = dict.fromkeys(p for a, b in _points(_INVISIBLE) for p in range(a, b + 1))
ONE_APOSTROPHE = dict.fromkeys(map(ord, _APOSTROPHES), "'")
