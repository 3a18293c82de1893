"""A server in a process of its own, and clients that send it ink: what `load.py` and `reliability/service.py` share."""

import asyncio
import contextlib
import itertools
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from tegashiki.ink.files import iterate_inks
from tegashiki.ink.ink import Ink
from tegashiki.ink.json_ink import write_json

ANSWER_SECONDS = 60.0  # a client waits so long


@dataclass
class Answers:
    """What clients got.

    Attributes:
        statuses: How often each status came; 0 counts connections that ended without an answer.
        seconds: For each answer of status 200 the time since the ink was due.
        took: The seconds that everything took.
    """

    statuses: Counter[int] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    took: float = 0.0

    def note(self, status: int, due: float) -> None:
        """Count an answer to an ink that was due at a time of `perf_counter`."""
        self.statuses[status] += 1
        if status == 200:
            self.seconds.append(time.perf_counter() - due)

    def row(self) -> str:
        """Return inks read a second, p50 and p99 in ms, and the other answers."""
        p50, p99 = 1000 * np.percentile(self.seconds, [50, 99]) if self.seconds else (np.nan, np.nan)
        others = [f"{count} x {status or 'none'}" for status, count in sorted(self.statuses.items()) if status != 200]
        return f"{len(self.seconds) / self.took:.1f} | {p50:.0f} | {p99:.0f} | {', '.join(others) or '-'}"


class Server:
    """`tegashiki serve` in a process of its own."""

    def __init__(self, *arguments: str) -> None:
        command = [sys.executable, "-m", "tegashiki.cli", "serve", "--port", "0", *arguments]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.host, _, port = self.process.stdout.readline().split("//")[1].split("/")[0].rpartition(":")
        self.port = int(port)
        threading.Thread(target=self.process.stdout.read, daemon=True).start()  # a line for every request

    def workers(self) -> list[int]:
        """Return the ids of the processes that read ink."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [int(child) for child in children if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()]

    def memory(self) -> tuple[float, list[float]]:
        """Return the MB of the server and of each worker. A page that several share counts in parts."""
        return memory_of(self.process.pid), [memory_of(worker) for worker in self.workers()]


@contextlib.contextmanager
def serving(*arguments: str) -> Iterator[Server]:
    """Run a server; the context is the server."""
    server = Server(*arguments)
    try:
        yield server
    finally:
        server.process.terminate()
        server.process.wait()


def memory_of(process: int) -> float:
    """Return the proportional set size of a process in MB."""
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def read_bodies(path: Path, count: int) -> list[bytes]:
    """Return up to `count` inks as the bodies of requests."""
    inks = itertools.islice((ink for _, ink in iterate_inks(path) if isinstance(ink, Ink)), count)
    return [write_json(ink).encode() for ink in inks]


class Client:
    """One connection, opened again whenever it has ended."""

    def __init__(self, server: Server, n: int) -> None:
        self._address = server.host, server.port
        self._head = f"POST /recognize?n={n} HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def send(self, body: bytes) -> int:
        """Send an ink; return the status, 0 if there was no answer."""
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                if self._streams is None:
                    self._streams = await asyncio.open_connection(*self._address)
                reader, writer = self._streams
                writer.write((self._head % len(body)).encode() + body)
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                await reader.readexactly(int(head.split(b"content-length:")[1].split(b"\r\n")[0]))
                if b"connection: close" in head:
                    self.close()
                return int(head.split()[1])
        except (OSError, asyncio.IncompleteReadError, TimeoutError):
            self.close()
            return 0

    @property
    def open(self) -> bool:
        """Whether the connection can take another ink."""
        return self._streams is not None

    def close(self) -> None:
        """End the connection."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


@contextlib.asynccontextmanager
async def clients_of(server: Server, count: int, n: int) -> AsyncIterator[list[Client]]:
    """Make clients; the context is their list."""
    clients = [Client(server, n) for _ in range(count)]
    try:
        yield clients
    finally:
        for client in clients:
            client.close()


async def closed_loop(server: Server, bodies: Sequence[bytes], clients: int, seconds: float, n: int) -> Answers:
    """Let each client send its next ink as soon as it has an answer. A refused client waits a second."""
    answers, turn = Answers(), itertools.cycle(bodies)
    began = time.perf_counter()

    async def work(client: Client) -> None:
        while (due := time.perf_counter()) < began + seconds:
            status = await client.send(next(turn))
            answers.note(status, due)
            if status != 200:
                await asyncio.sleep(1.0)

    async with clients_of(server, clients, n) as made:
        await asyncio.gather(*map(work, made))
    answers.took = time.perf_counter() - began
    return answers


async def open_loop(
    server: Server, bodies: Sequence[bytes], clients: int, seconds: float, n: int, rate: float, seed: int = 0
) -> Answers:
    """Send inks at random times, `rate` a second on average, whether or not earlier ones are answered.

    An ink that is due when all clients wait for an answer is sent by the first that is free. Its time still counts from
    when it was due.
    """
    answers, turn = Answers(), itertools.cycle(bodies)
    generator = np.random.default_rng(seed)
    dues = np.cumsum(generator.exponential(1 / rate, int(seconds * rate * 1.5) + 20))
    due_inks: asyncio.Queue[float | None] = asyncio.Queue()
    began = time.perf_counter()

    async def work(client: Client) -> None:
        while (due := await due_inks.get()) is not None:
            answers.note(await client.send(next(turn)), due)

    async with clients_of(server, clients, n) as made:
        workers = [asyncio.ensure_future(work(client)) for client in made]
        for due in began + dues[dues < seconds]:
            await asyncio.sleep(max(due - time.perf_counter(), 0))
            due_inks.put_nowait(float(due))
        for _ in made:
            due_inks.put_nowait(None)
        await asyncio.gather(*workers)
    answers.took = time.perf_counter() - began
    return answers
