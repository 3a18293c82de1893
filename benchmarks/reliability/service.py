"""Does `tegashiki serve` lose an ink when clients, workers or the server itself misbehave?

    python -m benchmarks.reliability.service INK_OR_DIR [--workers 2] [--seconds 15]

Well-behaved clients send inks at a steady rate (open loop), while
- 300 other connections send their headers byte by byte (slow-loris),
- others send broken bodies, close early, or send two mebibytes of blanks,
- a worker is killed every four seconds,
- the server gets SIGTERM in the end. Each client sends inks until it is told that its connection ends.

Each line says what the well-behaved clients got. Anything but 200 is a fault, or 503 if the server had too much to do.
"""

import argparse
import asyncio
import contextlib
import itertools
import os
import signal
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from benchmarks.speed.load_client import Answers, Client, Server, closed_loop, open_loop, read_bodies, serving

CLIENTS = 16
LOAD = 0.5  # of the most that the server reads
SLOW_CONNECTIONS = 300
KILL_SECONDS = 4.0
BROKEN = [
    b"POST /recognize HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n<ink",
    b"POST /recognize HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n<ink",
    b"POST /recognize HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"POST /recognize HTTP/1.1\r\nHost: x\r\nContent-Length: 2097152\r\n\r\n" + b" " * 2097152,
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"",
]


def main() -> None:
    """Start a server, disturb it, print a line for each disturbance."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("inks", type=Path)
    parser.add_argument("--workers", type=int, default=2, metavar="N", help="workers of the server (default 2)")
    parser.add_argument("--seconds", type=float, default=15.0, help="for each disturbance (default 15)")
    args = parser.parse_args()
    bodies = read_bodies(args.inks, 20)
    if not bodies:
        parser.error(f"{args.inks} holds no ink that can be read")
    with serving("--workers", str(args.workers)) as server:
        asyncio.run(check(server, bodies, args.seconds))


async def check(server: Server, bodies: list[bytes], seconds: float) -> None:
    """Print a line for each disturbance."""
    await closed_loop(server, bodies, 2, 2.0, 1)
    most = await closed_loop(server, bodies, CLIENTS, 5.0, 1)
    rate = LOAD * len(most.seconds) / most.took
    print(f"{rate:.1f} inks a second are due")
    print("| disturbance | inks/s | p50 ms | p99 ms | other answers |\n| --- | --- | --- | --- | --- |")
    disturbances: dict[str, Callable[[Server], Coroutine[Any, Any, None]]] = {
        "none": idle,
        f"{SLOW_CONNECTIONS} slow connections": send_slowly,
        "broken bodies": send_broken,
        f"a worker killed every {KILL_SECONDS:.0f} s": kill_workers,
    }
    for name, disturb in disturbances.items():
        other = asyncio.ensure_future(disturb(server))
        answers = await open_loop(server, bodies, CLIENTS, seconds, 1, rate)
        other.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await other
        print(f"| {name} | {answers.row()} |", flush=True)
    answers = await terminate(server, bodies)
    print(f"| SIGTERM with {CLIENTS} clients | {answers.row()} |", flush=True)


async def idle(_: Server) -> None:
    """Disturb nothing."""


async def send_slowly(server: Server) -> None:
    """Send headers byte by byte over many connections."""

    async def drip() -> None:
        while True:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection(server.host, server.port)
                for byte in itertools.cycle(b"GET / HTTP/1.1\r\nX: " + b"y" * 1000):
                    writer.write(bytes([byte]))
                    await asyncio.sleep(1.0)
                    if writer.is_closing():
                        break

    await asyncio.gather(*(drip() for _ in range(SLOW_CONNECTIONS)))


async def send_broken(server: Server) -> None:
    """Send broken requests, and leave after a moment."""
    for request in itertools.cycle(BROKEN):
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection(server.host, server.port)
            writer.write(request)
            await asyncio.sleep(0.05)
            writer.close()


async def kill_workers(server: Server) -> None:
    """Kill one worker after the other."""
    for number in itertools.count():
        await asyncio.sleep(KILL_SECONDS)
        if workers := server.workers():
            os.kill(workers[number % len(workers)], signal.SIGKILL)


async def terminate(server: Server, bodies: list[bytes]) -> Answers:
    """End the server while every client sends one ink after the other on an open connection."""
    answers, turn = Answers(), itertools.cycle(bodies)
    began = time.perf_counter()

    async def work(client: Client) -> None:
        while True:
            due = time.perf_counter()
            answers.note(await client.send(next(turn)), due)
            if not client.open:
                return

    clients = [Client(server, 1) for _ in range(CLIENTS)]
    workers = [asyncio.ensure_future(work(client)) for client in clients]
    await asyncio.sleep(2.0)
    server.process.terminate()
    await asyncio.gather(*workers)
    answers.took = time.perf_counter() - began
    return answers


if __name__ == "__main__":
    main()
