"""How many inks a second `tegashiki serve` answers, and how long a client waits for an answer.

    python -m benchmarks.speed.server INK_OR_DIR [--model MODEL.tflite] [--clients 1 2 4 8] [--seconds 5] [-n 5]

The server is a process of its own. Each client is a thread with one connection that it keeps, and sends the next ink as
soon as it has an answer. The first line is the time that the same inks take in this process without a server, so the
difference is what HTTP costs. Other programs on the machine distort the figures.
"""

import argparse
import http.client
import itertools
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tegashiki.ink.files import iterate_inks
from tegashiki.ink.ink import Ink
from tegashiki.ink.json_ink import write_json
from tegashiki.recognizer.recognizer import DEFAULT_MODEL, Recognizer


def main() -> None:
    """Start a server, measure it at each number of clients, print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("inks", type=Path)
    parser.add_argument("--model", type=Path, default=DEFAULT_MODEL, metavar="FILE")
    parser.add_argument("--count", type=int, default=20, metavar="N", help="inks to send in turn (default 20)")
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 2, 4, 8], metavar="N", help="how many at once")
    parser.add_argument("--seconds", type=float, default=5.0, help="for each number of clients (default 5)")
    parser.add_argument("-n", type=int, default=5, help="candidates wanted (default 5)")
    args = parser.parse_args()
    inks = [ink for _, ink in iterate_inks(args.inks) if isinstance(ink, Ink)][: args.count]
    if not inks:
        parser.error(f"{args.inks} holds no ink that can be read")
    alone = measure_reading(Recognizer.load(args.model), inks, args.n)
    print(f"{len(inks)} inks, n = {args.n}; without a server {1000 * alone:.1f} ms an ink, {1 / alone:.1f} a second")
    print("| clients | requests/s | p50 ms | p99 ms |\n| --- | --- | --- | --- |")
    bodies = [write_json(ink).encode() for ink in inks]
    command = [sys.executable, "-m", "tegashiki.cli", "serve", "--port", "0", "--model", str(args.model)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            address = server.stdout.readline().split("//")[1].split("/")[0]
            threading.Thread(target=server.stdout.read, daemon=True).start()  # a line for every request
            ask(address, f"/recognize?n={args.n}", bodies, seconds=0.5)  # the first requests are slower
            for clients in args.clients:
                waits, seconds = measure(address, f"/recognize?n={args.n}", bodies, clients, args.seconds)
                p50, p99 = 1000 * np.percentile(waits, [50, 99])
                print(f"| {clients} | {len(waits) / seconds:.1f} | {p50:.1f} | {p99:.1f} |", flush=True)
        finally:
            server.terminate()


def measure_reading(recognizer: Recognizer, inks: Sequence[Ink], n: int) -> float:
    """Return the seconds that an ink takes without a server."""
    recognizer.recognize(inks[0], n)
    began = time.perf_counter()
    for ink in inks:
        recognizer.recognize(ink, n)
    return (time.perf_counter() - began) / len(inks)


def measure(
    address: str, path: str, bodies: Sequence[bytes], clients: int, seconds: float
) -> tuple[list[float], float]:
    """Return the seconds that each request took, and those that all took together."""
    waits: list[list[float]] = [[] for _ in range(clients)]
    # Each begins with another ink.
    shares = [[*bodies[client % len(bodies) :], *bodies[: client % len(bodies)]] for client in range(clients)]
    threads = [
        threading.Thread(target=lambda mine, share: mine.extend(ask(address, path, share, seconds)), args=pair)
        for pair in zip(waits, shares, strict=True)
    ]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return list(itertools.chain.from_iterable(waits)), time.perf_counter() - began


def ask(address: str, path: str, bodies: Sequence[bytes], seconds: float) -> list[float]:
    """Send the bodies in turn over one connection for so many seconds; return the seconds that each answer took."""
    connection = http.client.HTTPConnection(address, timeout=60)
    end = time.perf_counter() + seconds
    waits = []
    for body in itertools.cycle(bodies):
        began = time.perf_counter()
        if began >= end:
            break
        connection.request("POST", path, body)
        response = connection.getresponse()
        content = response.read()
        if response.status != 200:
            raise SystemExit(f"{response.status}: {content.decode()}")
        waits.append(time.perf_counter() - began)
    connection.close()
    return waits


if __name__ == "__main__":
    main()
