"""Asking a model in batches and threads, with every answer written to disk immediately."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager

from audioflan_tasks.errors import EvaluationError
from audioflan_tasks.evaluation.answers import AnswerFile, Reply
from audioflan_tasks.evaluation.models.protocol import Model
from audioflan_tasks.evaluation.prompt import Prompt

__all__ = ["ask"]

_BatchReplies = tuple[Sequence[Prompt], Sequence[Reply], float]


def ask(
    model: Model,
    prompts: Sequence[Prompt],
    file: AnswerFile,
    *,
    batch_size: int = 1,
    workers: int = 1,
    progress: Callable[[int], None] = lambda count: None,
) -> int:
    """Asks the prompts that have no answer in the file and returns their number.

    Each batch is written to the file when its answers arrive. With several workers batches
    are asked at the same time, in threads. The questions do not depend on `batch_size` or
    `workers`, so a run may be resumed with other values.

    Raises:
      EvaluationError: the model returned another number of answers than prompts.
      Exception: any error of the model; answers that came before are on disk.
    """
    todo = [p for p in prompts if not file.has_answer(p.key, p.digest)]
    progress(len(prompts) - len(todo))
    batches = (todo[start : start + batch_size] for start in range(0, len(todo), batch_size))
    run = _ask_in_threads(model, batches, workers) if workers > 1 else _ask_in_turn(model, batches)
    for batch, replies, seconds in run:
        if len(replies) != len(batch):
            raise EvaluationError(
                f"{model.name}: asked {len(batch)} questions, got {len(replies)} answers"
            )
        for prompt, reply in zip(batch, replies, strict=True):
            file.add(prompt.key, prompt.instance.uuid, prompt.digest, reply, seconds / len(batch))
        progress(len(batch))
    return len(todo)


def _answer_batch(model: Model, batch: Sequence[Prompt]) -> _BatchReplies:
    start = time.perf_counter()
    replies = model.answer(batch)
    return batch, replies, time.perf_counter() - start


def _ask_in_turn(model: Model, batches: Iterable[Sequence[Prompt]]) -> Iterator[_BatchReplies]:
    for batch in batches:
        yield _answer_batch(model, batch)


@contextmanager
def _threads(workers: int) -> Iterator[ThreadPoolExecutor]:
    """Threads that are waited for, but not where the process is told to stop."""
    pool = ThreadPoolExecutor(workers)
    try:
        yield pool
    except (Exception, GeneratorExit):
        pool.shutdown()
        raise
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    pool.shutdown()


def _ask_in_threads(
    model: Model, batches: Iterator[Sequence[Prompt]], workers: int
) -> Iterator[_BatchReplies]:
    """Batches in the order in which they finish, at most `workers` at the same time."""
    with _threads(workers) as pool:
        running: set[Future[_BatchReplies]] = set()
        for batch in itertools.islice(batches, workers):
            running.add(pool.submit(_answer_batch, model, batch))
        first_error: BaseException | None = None
        while running:
            ready, running = wait(running, return_when=FIRST_COMPLETED)
            for future in ready:
                error = future.exception()
                if error is not None:
                    # Batches that were sent are still waited for: they may cost money.
                    first_error = first_error or error
                    continue
                yield future.result()
                next_batch = None if first_error else next(batches, None)
                if next_batch is not None:
                    running.add(pool.submit(_answer_batch, model, next_batch))
        if first_error is not None:
            raise first_error
