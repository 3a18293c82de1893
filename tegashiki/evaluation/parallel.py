"""Read inks one after the other or in several processes, in their order, with a limited number of them in memory."""

import multiprocessing
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from tegashiki.evaluation.samples import EvaluationError
from tegashiki.recognizer.recognizer import Recognizer

OpenRecognizer = Callable[[], Recognizer]
Work = Callable[[Recognizer, Any], Any]

IN_FLIGHT = 512  # inks whose results are not yet taken: enough to keep processes busy, few enough to fit in memory


def map_inks(open_recognizer: OpenRecognizer, work: Work, inks: Iterable[Any], processes: int = 1) -> Iterator[Any]:
    """Yield `work(recognizer, ink)` for each ink, in the order of the inks. The inks are consumed lazily.

    Args:
        open_recognizer: Returns a new recogniser. Each process opens its own.
        work: What to do with an ink. It and `open_recognizer` must be picklable if `processes` is more than 1.
        inks: The inks, in any form that `work` takes.
        processes: The number of processes that read in parallel.

    Raises:
        EvaluationError: A process was killed.
    """
    recognizer = open_recognizer()  # with several processes: checks that it can be opened before they start
    if processes == 1:
        yield from (work(recognizer, ink) for ink in inks)
        return
    context = multiprocessing.get_context("spawn")  # a fork would copy the model runtime's threads in an unknown state
    executor = ProcessPoolExecutor(processes, context, _start_worker, (open_recognizer, work))
    pending: deque[Future] = deque()
    try:
        for ink in inks:
            pending.append(executor.submit(_work, ink))
            while pending and (len(pending) >= IN_FLIGHT or pending[0].done()):
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
    except BrokenProcessPool as error:
        raise EvaluationError(
            f"one of --processes {processes} was killed, probably because the system ran out of memory: give fewer, "
            f"such as --processes {processes // 2}"
        ) from error
    finally:
        executor.shutdown(cancel_futures=True)


_recognizer: Recognizer  # of this process
_of_process: Work


def _start_worker(open_recognizer: OpenRecognizer, work: Work) -> None:
    global _recognizer, _of_process
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # only the parent handles Ctrl-C; it ends its workers
    _recognizer, _of_process = open_recognizer(), work


def _work(ink: Any) -> Any:
    return _of_process(_recognizer, ink)
