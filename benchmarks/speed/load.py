"""What load `tegashiki serve` holds: inks a second, waiting times and memory, by number of clients; and a soak.

    python -m benchmarks.speed.load INK_OR_DIR [--workers 2] [--clients 1 16 256] [--seconds 20] [-n 5]
    python -m benchmarks.speed.load INK_OR_DIR --workers 2 --soak 3600

Each number of clients is measured twice. In the closed loop a client sends its next ink as soon as it has an answer,
which shows the most that the server reads. In the open loop inks are due at random times, on average at --load times
the rate of the closed loop, whatever the server does; the times count from when an ink was due. A load above 1 shows
what becomes of inks that cannot be read. Clients and server share the machine's cores, so with as many workers as cores
the clients slow the workers down.

--soak sends inks at --load of the most for so many seconds with 16 clients, and prints a line every minute.
"""

import argparse
import asyncio
from pathlib import Path

from benchmarks.speed.load_client import Server, closed_loop, open_loop, read_bodies, serving

SOAK_CLIENTS = 16
SOAK_LINE = 60.0  # seconds


def main() -> None:
    """Start a server, measure it, print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("inks", type=Path)
    parser.add_argument("--model", metavar="FILE", help="default: the model that comes with the package")
    parser.add_argument("--count", type=int, default=20, metavar="N", help="inks to send in turn (default 20)")
    parser.add_argument("--workers", type=int, default=2, metavar="N", help="workers of the server (default 2)")
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 16, 256], metavar="N", help="default: 1 16 256")
    parser.add_argument("--seconds", type=float, default=20.0, help="for each measurement (default 20)")
    parser.add_argument("--load", type=float, nargs="+", default=[0.7], metavar="SHARE", help="default: 0.7")
    parser.add_argument("--soak", type=float, metavar="SECONDS", help="run for so long, instead of the table")
    parser.add_argument("-n", type=int, default=5, help="candidates wanted (default 5)")
    args = parser.parse_args()
    bodies = read_bodies(args.inks, args.count)
    if not bodies:
        parser.error(f"{args.inks} holds no ink that can be read")
    arguments = ["--workers", str(args.workers), *(["--model", args.model] if args.model else [])]
    with serving(*arguments) as server:
        asyncio.run(closed_loop(server, bodies, args.workers, 2.0, args.n))  # the first inks take longer
        if args.soak:
            asyncio.run(soak(server, bodies, args))
        else:
            asyncio.run(table(server, bodies, args))


async def table(server: Server, bodies: list[bytes], args: argparse.Namespace) -> None:
    """Print a line for each number of clients and each loop."""
    print("| clients | loop | inks/s | p50 ms | p99 ms | other answers | MB server | MB workers |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for clients in args.clients:
        answers = await closed_loop(server, bodies, clients, args.seconds, args.n)
        print(f"| {clients} | closed | {answers.row()} | {_memory(server)} |", flush=True)
        most = len(answers.seconds) / answers.took
        for load in args.load:
            answers = await open_loop(server, bodies, clients, args.seconds, args.n, load * most)
            print(f"| {clients} | open, {load * most:.1f}/s | {answers.row()} | {_memory(server)} |", flush=True)


async def soak(server: Server, bodies: list[bytes], args: argparse.Namespace) -> None:
    """Print a line every minute."""
    answers = await closed_loop(server, bodies, SOAK_CLIENTS, 10.0, args.n)
    rate = args.load[0] * len(answers.seconds) / answers.took
    print(f"{rate:.1f} inks a second are due")
    print("| minute | inks/s | p50 ms | p99 ms | other answers | MB server | MB workers |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for minute in range(max(round(args.soak / SOAK_LINE), 1)):
        answers = await open_loop(server, bodies, SOAK_CLIENTS, SOAK_LINE, args.n, rate, seed=minute)
        print(f"| {minute + 1} | {answers.row()} | {_memory(server)} |", flush=True)


def _memory(server: Server) -> str:
    own, workers = server.memory()
    return f"{own:.0f} | {' + '.join(f'{each:.0f}' for each in workers) or '-'}"


if __name__ == "__main__":
    main()
