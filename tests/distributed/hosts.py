"""Training over two hosts survives the death of one, and continues on another number of hosts.

    python -m tests.distributed.hosts [--rate 100mbit]

Each host is a network namespace with an address of its own, on a network of limited rate. The hosts share the work
directory. Only root on Linux can run this.
"""

import argparse
import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.distributed.check import MACHINES, NETWORK, REPOSITORY, machines

HOSTS = MACHINES[1:]
PORT = 8791
STEPS, SAVE = 1_000_000, 20  # the run never ends by itself; a checkpoint every 20 steps

Prefix = tuple[str, ...]


def main() -> None:
    """Train, kill a host, bring it back, and continue on one host."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", default="100mbit", help="rate of each host's network, for tc (default 100mbit)")
    args = parser.parse_args()
    if os.geteuid() != 0 or not shutil.which("ip") or not shutil.which("tc"):
        print("hosts: cannot run, it wants root, ip and tc (iproute2)")
        return
    with tempfile.TemporaryDirectory() as name, machines() as prefixes, host_names(prefixes):
        folder = Path(name)
        hosts = [prefixes[host] for host in HOSTS]
        for prefix in hosts:
            limit = ["tc", "qdisc", "add", "dev", "eth0", "root", "tbf", "rate", args.rate]
            subprocess.run([*prefix, *limit, "burst", "64kb", "latency", "400ms"], check=True)
        reached = train(folder, hosts, 2 * SAVE + 5, signal.SIGKILL)
        print(f"host 2 was killed after step {reached}; host 1 ended")
        resumed = train(folder, hosts, reached + SAVE, signal.SIGTERM)
        print(f"both hosts stopped at step {resumed}")
        print(f"one host continued to step {train(folder, hosts[:1], resumed + SAVE, signal.SIGTERM)}")
        steps = logged(folder)
        missing = set(range(1, max(steps) + 1)) - set(steps)
        if missing:
            sys.exit(f"steps that were never made: {sorted(missing)}")
        repeated = len(steps) - len(set(steps))
        if repeated > SAVE + 5:
            sys.exit(f"{repeated} steps were made twice, more than between two checkpoints")
        print(f"no step is missing, {repeated} were repeated")


def train(folder: Path, hosts: list[Prefix], until: int, end: signal.Signals) -> int:
    """Train on some hosts until a step is logged, send a signal to the last host, and return the last logged step."""
    arguments = [str(len(hosts)), f"{NETWORK}.2:{PORT}", str(folder), str(STEPS), str(SAVE)]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "JAX_PLATFORMS": "cpu", "JAX_NUM_CPU_DEVICES": "1"}
    running = []
    for rank, prefix in enumerate(hosts):
        command = [*prefix, sys.executable, "-m", "tests.training.worker", str(rank), *arguments]
        with (folder / f"host{rank}.log").open("w") as log:
            running.append(subprocess.Popen(command, env=environment, stdout=log, stderr=log))
    try:
        while not (steps := logged(folder)) or steps[-1] < until:
            if any(process.poll() is not None for process in running):
                sys.exit(f"a host ended by itself:\n{(folder / 'host0.log').read_text()[-3000:]}")
            time.sleep(0.2)
        running[-1].send_signal(end)
        statuses = [process.wait(timeout=300) for process in running]
    finally:
        for process in running:
            process.kill()
            process.wait()
    if (statuses[0] == 0) != (end == signal.SIGTERM):
        sys.exit(f"host 1 ended with status {statuses[0]}:\n{(folder / 'host0.log').read_text()[-3000:]}")
    found = re.search(r"goodput .*", (folder / "host0.log").read_text())
    print(found.group() if found else "no line about goodput, since the run did not end by itself", flush=True)
    return logged(folder)[-1]


def logged(folder: Path) -> list[int]:
    """Return the training steps in the log, in the order in which they were made."""
    path = folder / "run" / "metrics.jsonl"
    entries = []
    for line in path.read_text().splitlines() if path.exists() else []:
        with contextlib.suppress(ValueError):  # a line that is being written
            entries.append(json.loads(line))
    return [entry["step"] for entry in entries if entry["kind"] == "train"]


@contextlib.contextmanager
def host_names(prefixes: dict[str, Prefix]) -> Iterator[None]:
    """Let this machine's name mean the host's own address in its namespace: JAX gives that to the other hosts."""
    with contextlib.ExitStack() as ends:
        for number, host in enumerate(HOSTS, 2):
            place = Path("/etc/netns", prefixes[host][-1])
            place.mkdir(parents=True)
            ends.callback(shutil.rmtree, place)
            (place / "hosts").write_text(f"127.0.0.1 localhost\n{NETWORK}.{number} {socket.gethostname()}\n")
        yield


if __name__ == "__main__":
    main()
