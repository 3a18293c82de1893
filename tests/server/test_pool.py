"""The queue of the server: its order, its limits, and workers that die."""

import asyncio
import os
import signal
import threading
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from http import HTTPStatus
from multiprocessing import get_context
from pathlib import Path

import pytest

from tegashiki.recognizer.candidate import RecognizerError
from tegashiki.recognizer.recognizer import DEFAULT_MODEL, Recognizer
from tegashiki.server.pool import BusyError, ReadingPool
from tegashiki.server.reading import EXAMPLE_INK, Outcome, ReadingError, read_ink
from tests.recognizer.fake_recognizer import fake_recognizer


def outcome(body):
    return Outcome(HTTPStatus.OK, body, 1, 0.01)


class Gate:
    """Reads an ink when it is told to."""

    def __init__(self):
        self.open = threading.Event()
        self.read = []

    def __call__(self, body, n, seconds):
        self.open.wait(30)
        self.read.append(body)
        return outcome(body)


def pool_of(read, **settings):
    return ReadingPool(partial(ThreadPoolExecutor, 1), read, 5, **settings)


async def soon(condition):
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0.005)


def test_inks_are_read_in_the_order_of_their_arrival_and_more_than_the_limit_are_refused():
    gate = Gate()

    async def check(pool):
        jobs = [asyncio.ensure_future(pool.read(bytes([number]), 1)) for number in range(4)]
        await soon(lambda: (pool.busy, pool.waiting) == (1, 3))
        with pytest.raises(BusyError, match="3 inks wait to be read, which is the limit: try again in 1 s") as refused:
            await pool.read(b"more", 1)
        assert refused.value.retry_after == 1
        gate.open.set()
        return await asyncio.gather(*jobs)

    with pool_of(gate, most_waiting=3) as pool:
        outcomes = asyncio.run(check(pool))
        assert (pool.busy, pool.waiting) == (0, 0)
    assert gate.read == [one.content for one in outcomes] == [bytes([number]) for number in range(4)]
    assert outcomes[3].waited >= outcomes[0].waited


def test_an_ink_that_waits_too_long_is_given_up():
    gate = Gate()

    async def check(pool):
        job = asyncio.ensure_future(pool.read(b"first", 1))
        await soon(lambda: pool.busy)
        with pytest.raises(BusyError, match=r"not read within 0\.2 s"):
            await pool.read(b"second", 1)
        gate.open.set()
        await job
        return await pool.read(b"third", 1)

    with pool_of(gate, deadline=0.2) as pool:
        assert asyncio.run(check(pool)).content == b"third"
    assert gate.read == [b"first", b"third"]


def test_a_cancelled_ink_leaves_the_queue_and_a_cancelled_reading_keeps_its_worker():
    gate = Gate()

    async def check(pool):
        first, second = [asyncio.ensure_future(pool.read(body, 1)) for body in (b"first", b"second")]
        await soon(lambda: (pool.busy, pool.waiting) == (1, 1))
        second.cancel()
        await soon(lambda: pool.waiting == 0)
        first.cancel()
        await asyncio.sleep(0.05)
        assert pool.busy == 1
        gate.open.set()
        return await pool.read(b"third", 1)

    with pool_of(gate) as pool:
        assert asyncio.run(check(pool)).content == b"third"
    assert gate.read == [b"first", b"third"]


def test_the_time_to_retry_follows_the_queue():
    with pool_of(Gate(), workers=2) as pool:
        pool._usual, pool.waiting = 0.5, 9
        assert pool.retry_after == 3
        pool.waiting = 10_000
        assert pool.retry_after == 60
        pool.waiting = 0


def read_or_die(flag, body, n, seconds):
    """Read an ink in a worker. `once` kills the first worker, `always` each."""
    if body == b"always" or (body == b"once" and not flag.exists()):
        flag.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return outcome(body)


def test_an_ink_whose_worker_dies_is_read_by_the_next(tmp_path):
    async def check(pool):
        assert (await pool.read(b"once", 1)).content == b"once"
        await soon(lambda: (pool.restarts, pool.healthy) == (1, True))
        with pytest.raises(Exception, match="terminated abruptly"):
            await pool.read(b"always", 1)
        assert (await pool.read(b"other", 1)).content == b"other"
        assert (pool.restarts, pool.healthy, pool.busy) == (4, True, 0)

    make = partial(ProcessPoolExecutor, 1, get_context("spawn"))
    with ReadingPool(make, partial(read_or_die, tmp_path / "flag"), 5, deadline=60) as pool:
        asyncio.run(check(pool))


def test_processes_read_like_the_recogniser_and_survive_a_kill(tmp_path):
    async def check(pool):
        outcomes = await asyncio.gather(*[pool.read(EXAMPLE_INK, 2) for _ in range(4)])
        [process] = pool._workers[0].executor._processes
        os.kill(process, signal.SIGKILL)
        outcomes += await asyncio.gather(*[pool.read(EXAMPLE_INK, 2) for _ in range(4)])
        await soon(lambda: pool.restarts == 1)
        return outcomes

    with ReadingPool.in_processes(DEFAULT_MODEL, 2, deadline=60) as pool:
        outcomes = asyncio.run(check(pool))
    wanted = read_ink(Recognizer.load(), EXAMPLE_INK, 2, 60)
    assert {one.content for one in outcomes} == {wanted.content}


def serve_until_killed(connection):
    """Open a pool of two workers and send their process ids."""
    with ReadingPool.in_processes(DEFAULT_MODEL, 2) as pool:
        connection.send([process.pid for worker in pool._workers for process in worker.executor._processes.values()])
        time.sleep(60)


def test_workers_end_when_the_server_is_killed():
    context = get_context("spawn")
    here, there = context.Pipe()
    server = context.Process(target=serve_until_killed, args=(there,))
    server.start()
    workers = here.recv()
    server.kill()
    server.join()
    end = time.monotonic() + 30
    while any(alive(pid) for pid in workers) and time.monotonic() < end:
        time.sleep(0.05)
    assert len(workers) == 2 and not any(alive(pid) for pid in workers)


def alive(pid):
    """Whether a process runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_damaged_model_is_an_error_at_the_start(tmp_path):
    damaged = bytearray(DEFAULT_MODEL.read_bytes())
    damaged[1000:200_000] = bytes(199_000)
    path = tmp_path / "damaged.tflite"
    path.write_bytes(damaged)
    with pytest.raises(RecognizerError), ReadingPool.in_processes(path, 2):
        pass
    with pytest.raises(RecognizerError):
        ReadingPool.in_processes(tmp_path / "none.tflite", 2)


def test_an_ink_that_is_not_read_in_time_is_stopped():
    found = read_ink(fake_recognizer(), EXAMPLE_INK, 1, 0.0)
    assert (found.status, found.strokes) == (503, 2)
    assert b"not read in time" in found.content


def test_a_bug_keeps_its_stack_trace():
    recognizer = fake_recognizer()
    recognizer.decode = None
    with pytest.raises(ReadingError, match="'NoneType' object is not callable"):
        read_ink(recognizer, EXAMPLE_INK, 1, 1.0)
