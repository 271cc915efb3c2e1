"""Codes, computed at first use and cached: in memory for the latest clips, on disk for all.

A file of the cache holds the codes of one clip by one tokenizer. It is written in a folder of
temporary files and then renamed, so that several processes may share the cache. What killed
processes left there is removed when the cache is next opened.
"""

from __future__ import annotations

import hashlib
import logging
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.claimed_files import claimed_file, remove_unclaimed
from audioflan_tasks.errors import TokenRangeError
from audioflan_tasks.npy_files import read_npy
from audioflan_tasks.tokens.checks import check_codes
from audioflan_tasks.tokens.encoding import encode_blocks
from audioflan_tasks.tokens.protocol import AudioTokenizer

__all__ = ["CodeCache"]

_LOG = logging.getLogger("audioflan_tasks")
_IN_MEMORY = 4096
_TEMPORARY = "temporary"


class CodeCache:
    """Codes of one tokenizer by clip key; `folder` None keeps them in memory only.

    `counts` has the clips that were `made` and `read`, and the `damaged` files among them.
    """

    def __init__(self, folder: Path | None, tokenizer: AudioTokenizer) -> None:
        self._tokenizer = tokenizer
        name = "".join(c if c.isalnum() or c in "_-" else "_" for c in tokenizer.fingerprint)
        self._folder = None if folder is None else folder / "codes" / name
        if self._folder is not None:
            remove_unclaimed(self._folder / _TEMPORARY)
        self._latest: OrderedDict[str, NDArray[np.uint16]] = OrderedDict()
        self._lock = Lock()
        self.counts: Counter[str] = Counter()

    def codes(
        self, key: str, make: Callable[[], Iterable[NDArray[np.float32]]]
    ) -> NDArray[np.uint16]:
        """Codes [frames, codebooks] of the clip that `key` identifies.

        `make` gives its samples at the tokenizer's rate, in blocks; it is called if they are not
        cached.

        Raises:
          TokenRangeError: what the tokenizer gives are no codes; nothing is kept.
        """
        with self._lock:
            if key in self._latest:
                self._latest.move_to_end(key)
                return self._latest[key]
        clip_codes = self._read(key)
        if clip_codes is None:
            clip_codes = encode_blocks(self._tokenizer, make())
            self.counts["made"] += 1
            self._write(key, clip_codes)
        clip_codes.setflags(write=False)
        with self._lock:
            self._latest[key] = clip_codes
            while len(self._latest) > _IN_MEMORY:
                self._latest.popitem(last=False)
        return clip_codes

    def _path(self, key: str) -> Path | None:
        if self._folder is None:
            return None
        digest = hashlib.sha256(key.encode("utf-8")).hexdigest()
        return self._folder / digest[:2] / f"{digest[2:34]}.npy"

    def _read(self, key: str) -> NDArray[np.uint16] | None:
        path = self._path(key)
        if path is None:
            return None
        try:
            with path.open("rb") as file:
                clip_codes: NDArray[np.uint16] = read_npy(file)
        except FileNotFoundError:
            return None
        except (OSError, ValueError):
            self.counts["damaged"] += 1
            return None
        try:
            check_codes(clip_codes, self._tokenizer.codebook_sizes)
        except TokenRangeError:
            self.counts["damaged"] += 1
            return None
        self.counts["read"] += 1
        return clip_codes

    def _write(self, key: str, codes: NDArray[np.uint16]) -> None:
        path = self._path(key)
        if path is None or self._folder is None:
            return
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with claimed_file(self._folder / _TEMPORARY) as (handle, temporary):
                np.save(handle, codes, allow_pickle=False)
                handle.flush()
                temporary.replace(path)
        except OSError as error:
            _LOG.warning(
                "codes cannot be kept in %s (%s); keeping them in memory only. "
                "Set AUDIOFLAN_CACHE_DIR to a folder with room.",
                self._folder, error.strerror,
            )  # fmt: skip
            self._folder = None
