"""The workers that read ink, and the bounded queue of the inks that wait for one of them."""

import asyncio
import math
import multiprocessing
import time
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Self

from tegashiki.recognizer.candidate import RecognizerError
from tegashiki.recognizer.litert import read_description
from tegashiki.recognizer.reader import Reader
from tegashiki.recognizer.recognizer import find_model
from tegashiki.server.reading import Outcome, read_in_worker, read_ink, start_worker

WAITING_PER_WORKER = 32  # about a second of work at the usual speed
DEADLINE = 10.0  # seconds
TRIES = 3  # an ink that kills its workers is not given to a fourth one
REVIVAL_SECONDS = 1.0  # time before a worker that died while it started is started again
LONGEST_RETRY = 60  # seconds, the most that a Retry-After says

Read = Callable[[bytes, int, float], Outcome]


class BusyError(Exception):
    """An ink was not read because there is too much to do.

    Attributes:
        retry_after: The number of seconds after which the client should try again.
    """

    def __init__(self, reason: str, retry_after: int) -> None:
        super().__init__(f"{reason}: try again in {retry_after} s")
        self.retry_after = retry_after


class ReadingPool:
    """Reads inks with several workers, one ink a worker at a time, the longest waiting first.

    An ink whose worker dies is read by the next one that is free. Make a pool with `in_thread` or `in_processes`, and
    use it as a context, which starts and ends the workers. `read` belongs to one event loop.

    Attributes:
        widest: The largest number of candidates that can be asked for.
        workers: The number of workers.
        waiting: The number of inks that wait for a worker.
        busy: The number of workers that read an ink now.
    """

    def __init__(
        self,
        make_executor: Callable[[], Executor],
        read: Read,
        widest: int,
        *,
        workers: int = 1,
        most_waiting: int | None = None,
        deadline: float = DEADLINE,
    ) -> None:
        """Make a pool.

        Args:
            make_executor: Makes what runs one worker.
            read: Reads an ink in a worker: the body, the number of candidates, the seconds left.
            widest: The largest number of candidates that can be asked for.
            workers: The number of workers.
            most_waiting: The number of inks that may wait, by default `WAITING_PER_WORKER` for each worker.
            deadline: The seconds after which an ink is given up, whether it waits or is being read.
        """
        self.widest, self.workers, self.deadline = widest, workers, deadline
        self.most_waiting = WAITING_PER_WORKER * workers if most_waiting is None else most_waiting
        self.waiting = self.busy = 0
        self._read = read
        self._usual = 0.1  # seconds that reading takes, a moving average
        self._workers = [_Worker(make_executor) for _ in range(workers)]
        self._revivals: set[asyncio.Task[None]] = set()
        self._free: asyncio.Queue[_Worker] = asyncio.Queue()
        for worker in self._workers:
            self._free.put_nowait(worker)

    @classmethod
    def in_thread(cls, recognizer: Reader, *, most_waiting: int | None = None, deadline: float = DEADLINE) -> Self:
        """Make a pool of one thread in this process, which reads with a loaded model."""
        return cls(
            partial(ThreadPoolExecutor, 1),
            partial(read_ink, recognizer),
            recognizer.backend.beam_sizes[-1],
            most_waiting=most_waiting,
            deadline=deadline,
        )

    @classmethod
    def in_processes(
        cls, model: Path, workers: int, *, most_waiting: int | None = None, deadline: float = DEADLINE
    ) -> Self:
        """Make a pool of processes, each of which loads the model file.

        Raises:
            RecognizerError: The file does not exist or is not a model file.
        """
        context = multiprocessing.get_context("spawn")  # the server has threads, which do not survive a fork
        return cls(
            partial(ProcessPoolExecutor, 1, context, start_worker, (model,)),
            read_in_worker,
            read_description(find_model(model)).beam_sizes[-1],
            workers=workers,
            most_waiting=most_waiting,
            deadline=deadline,
        )

    def __enter__(self) -> Self:
        """Start the workers, and wait until each is ready.

        Raises:
            RecognizerError: A worker ended while it started.
        """
        try:
            started = [worker.executor.submit(bool) for worker in self._workers]
            for future in started:
                future.result()
        except BrokenExecutor as error:
            self.__exit__()
            raise RecognizerError(f"a worker ended while it loaded the model: {error}") from error
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._workers:
            worker.executor.shutdown()

    @property
    def healthy(self) -> bool:
        """Whether at least one worker lives."""
        return any(worker.healthy for worker in self._workers)

    @property
    def restarts(self) -> int:
        """The number of workers that died and were replaced."""
        return sum(worker.restarts for worker in self._workers)

    @property
    def retry_after(self) -> int:
        """The number of seconds in which the inks that wait now will be read, from 1 to LONGEST_RETRY."""
        return min(max(math.ceil(self.waiting * self._usual / self.workers), 1), LONGEST_RETRY)

    async def read(self, body: bytes, n: int) -> Outcome:
        """Read the ink of one request as soon as a worker is free. An ink whose reading is cancelled leaves the queue.

        Raises:
            BusyError: The queue is full, or the ink has waited until its deadline.
            ReadingError: The recogniser has a bug.
            BrokenExecutor: TRIES workers died of it.
        """
        arrived = time.monotonic()
        for tries in range(1, TRIES + 1):
            worker = await self._free_worker(arrived, accepted=tries > 1)
            waited = time.monotonic() - arrived
            # A worker cannot be interrupted. If this is cancelled, its task goes on, and then gives the worker back.
            reading = asyncio.ensure_future(self._read_with(worker, body, n, self.deadline - waited))
            try:
                outcome = await asyncio.shield(reading)
                break
            except BrokenExecutor:
                if tries == TRIES:
                    raise
        self._usual += 0.1 * (outcome.seconds - self._usual)
        return replace(outcome, waited=waited)

    async def _free_worker(self, arrived: float, accepted: bool) -> "_Worker":
        if not accepted and self._free.empty() and self.waiting >= self.most_waiting:
            raise BusyError(f"{self.waiting} inks wait to be read, which is the limit", self.retry_after)
        self.waiting += 1
        try:
            async with asyncio.timeout(arrived + self.deadline - time.monotonic()):
                return await self._free.get()
        except TimeoutError:
            raise BusyError(f"the ink was not read within {self.deadline:g} s", self.retry_after) from None
        finally:
            self.waiting -= 1

    async def _read_with(self, worker: "_Worker", body: bytes, n: int, seconds: float) -> Outcome:
        self.busy += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(worker.executor, self._read, body, n, seconds)
        except BrokenExecutor:
            worker.healthy = False
            raise
        finally:
            self.busy -= 1
            if worker.healthy:
                self._free.put_nowait(worker)
            else:
                revival = asyncio.ensure_future(self._revive(worker))
                self._revivals.add(revival)  # or the task might be collected
                revival.add_done_callback(self._revivals.discard)

    async def _revive(self, worker: "_Worker") -> None:
        """Replace a worker that died. Others read meanwhile."""
        while not worker.healthy:
            worker.restart()
            try:
                await asyncio.get_running_loop().run_in_executor(worker.executor, bool)
                worker.healthy = True
            except BrokenExecutor:
                await asyncio.sleep(REVIVAL_SECONDS)
        self._free.put_nowait(worker)


class _Worker:
    """One worker: an executor of one thread or process, and how to replace it."""

    def __init__(self, make_executor: Callable[[], Executor]) -> None:
        self._make_executor = make_executor
        self.executor = make_executor()
        self.healthy = True
        self.restarts = 0

    def restart(self) -> None:
        self.executor.shutdown(wait=False)
        self.executor = self._make_executor()
        self.restarts += 1
