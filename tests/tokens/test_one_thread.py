"""BLAS has one thread inside, and what it had before outside."""

from __future__ import annotations

import threading

import numpy as np
import pytest
import threadpoolctl

from audioflan_tasks.tokens import convrvq, get_tokenizer
from audioflan_tasks.tokens.one_thread import ONE_BLAS_THREAD, _controller


def blas_threads() -> set[int]:
    # Libraries that were loaded later, as by scipy, are none of ours.
    pools = _controller().select(user_api="blas").info()
    return {pool["num_threads"] for pool in pools}


def test_threads_that_overlap_give_back_what_was_set() -> None:
    is_inside, may_leave = threading.Event(), threading.Event()

    def stay() -> None:
        with ONE_BLAS_THREAD:
            is_inside.set()
            may_leave.wait()

    with threadpoolctl.threadpool_limits(2, user_api="blas"):
        other = threading.Thread(target=stay)
        with ONE_BLAS_THREAD:
            other.start()
            is_inside.wait()
        assert blas_threads() == {1}
        may_leave.set()
        other.join()
        assert blas_threads() == {2}


def test_encode_and_decode_run_inside(monkeypatch: pytest.MonkeyPatch) -> None:
    counts: list[set[int]] = []
    normalised = convrvq._layer_norm

    def noted(x: convrvq.Floats, norm: tuple[convrvq.Floats, convrvq.Floats]) -> convrvq.Floats:
        counts.append(blas_threads())
        return normalised(x, norm)

    monkeypatch.setattr(convrvq, "_layer_norm", noted)
    with threadpoolctl.threadpool_limits(2, user_api="blas"):
        tokenizer = get_tokenizer("convrvq_16k")
        for run in (lambda: tokenizer.encode(np.zeros(320, np.float32)),
                    lambda: tokenizer.decode(np.zeros((1, 8), np.uint16))):  # fmt: skip
            counts.clear()
            run()
            assert counts
            assert all(count == {1} for count in counts)
        assert blas_threads() == {2}
