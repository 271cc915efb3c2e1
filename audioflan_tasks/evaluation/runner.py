"""Asking a model: batches, threads, and every answer on disk at once."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from audioflan_tasks.errors import EvaluationError
from audioflan_tasks.evaluation.answers import AnswerFile, Reply
from audioflan_tasks.evaluation.models.protocol import Model
from audioflan_tasks.evaluation.prompt import Prompt

__all__ = ["ask"]

_Done = tuple[Sequence[Prompt], Sequence[Reply], float]


def ask(
    model: Model,
    prompts: Sequence[Prompt],
    file: AnswerFile,
    *,
    batch_size: int = 1,
    workers: int = 1,
    progress: Callable[[int], None] = lambda count: None,
) -> int:
    """Asks what is not answered yet and returns how many prompts that were.

    Each batch goes to disk when it is back; with several workers batches are asked at the
    same time, from threads. What is asked does not depend on either number, so a run may be
    resumed with others.

    Raises:
      EvaluationError: the model gave another number of answers than it was asked for.
      Exception: whatever the model raised; what was answered before is on disk.
    """
    todo = [p for p in prompts if not file.answered(p.key, p.digest)]
    progress(len(prompts) - len(todo))
    batches = (todo[at : at + batch_size] for at in range(0, len(todo), batch_size))
    run = _threaded(model, batches, workers) if workers > 1 else _one_by_one(model, batches)
    for batch, replies, seconds in run:
        if len(replies) != len(batch):
            raise EvaluationError(
                f"{model.name}: asked {len(batch)} questions, got {len(replies)} answers"
            )
        for prompt, reply in zip(batch, replies, strict=True):
            file.add(prompt.key, prompt.instance.uuid, prompt.digest, reply, seconds / len(batch))
        progress(len(batch))
    return len(todo)


def _timed(model: Model, batch: Sequence[Prompt]) -> _Done:
    start = time.perf_counter()
    replies = model.answer(batch)
    return batch, replies, time.perf_counter() - start


def _one_by_one(model: Model, batches: Iterable[Sequence[Prompt]]) -> Iterator[_Done]:
    for batch in batches:
        yield _timed(model, batch)


def _threaded(model: Model, batches: Iterator[Sequence[Prompt]], workers: int) -> Iterator[_Done]:
    """Batches as they come back; no more than `workers` are under way."""
    with ThreadPoolExecutor(workers) as pool:
        running: set[Future[_Done]] = set()
        for batch in itertools.islice(batches, workers):
            running.add(pool.submit(_timed, model, batch))
        failed: BaseException | None = None
        while running:
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                error = future.exception()
                if error is not None:
                    # The others under way are waited for: they may cost money.
                    failed = failed or error
                    continue
                yield future.result()
                following = None if failed else next(batches, None)
                if following is not None:
                    running.add(pool.submit(_timed, model, following))
        if failed is not None:
            raise failed
