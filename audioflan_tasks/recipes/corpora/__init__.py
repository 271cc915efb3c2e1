"""Readers of corpora by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from audioflan_tasks.recipes.corpora.aam import AAM
from audioflan_tasks.recipes.corpora.chinese_speech import CHINESE_SPEECH
from audioflan_tasks.recipes.corpora.compmusic import COMPMUSIC
from audioflan_tasks.recipes.corpora.english_speech import ENGLISH_SPEECH
from audioflan_tasks.recipes.corpora.multilingual_speech import MULTILINGUAL_SPEECH
from audioflan_tasks.recipes.corpora.music import MUSIC
from audioflan_tasks.recipes.corpora.processed_speech import PROCESSED_SPEECH
from audioflan_tasks.recipes.corpora.reader import CorpusReader
from audioflan_tasks.recipes.corpora.singing import SINGING
from audioflan_tasks.recipes.corpora.sounds import SOUNDS
from audioflan_tasks.recipes.corpora.stems import STEMS
from audioflan_tasks.recipes.corpora.tracks import TRACKS

__all__ = ["READERS", "CorpusReader"]

_SPEECH = (*CHINESE_SPEECH, *ENGLISH_SPEECH, *MULTILINGUAL_SPEECH, *PROCESSED_SPEECH)
_SOUND = (*MUSIC, AAM, COMPMUSIC, *TRACKS, *SINGING, *STEMS, *SOUNDS)
READERS: Mapping[str, CorpusReader] = MappingProxyType(
    {reader.name: reader for reader in (*_SPEECH, *_SOUND)}
)
