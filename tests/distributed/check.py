"""`prepare synthetic` on a Dask cluster makes the same files as one process, also if a worker is killed half-way.

    python -m tests.distributed.check [--inks 2048] [--no-namespaces]

`make test-distributed` makes an environment with Apache Beam's DaskRunner and runs this in it. A scheduler and two
workers start, each worker with a folder of its own, and all see the folder of the dataset. As root on Linux each of
them runs in a network namespace with an address of its own, so that they reach each other only over the network, like
machines. When the first shard is complete, one worker gets SIGKILL.
"""

import argparse
import contextlib
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
CONFIG = Path(__file__).parent / "recombined.py"
RUNNER = "apache_beam.runners.dask.dask_runner.DaskRunner"  # Beam knows it only by its full name
NETWORK = "10.213.77"
PORT = 8786
MACHINES = ["scheduler", "worker1", "worker2"]
START_SECONDS = 300


def main() -> None:
    """Make the dataset twice and compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inks", type=int, default=2048, help="inks to make, 256 a shard (default 2048)")
    parser.add_argument("--no-namespaces", action="store_true", help="use this machine's own addresses")
    args = parser.parse_args()
    namespaces = os.geteuid() == 0 and shutil.which("ip") is not None and not args.no_namespaces
    with tempfile.TemporaryDirectory() as folder:
        one, many = Path(folder, "one"), Path(folder, "many")
        one_seconds = Preparation(one, args.inks).seconds()
        with cluster(Path(folder), namespaces) as (client, address, workers):
            options = f"--runner={RUNNER} --dask_client_address={address} --dask_partition_size=1"
            run = Preparation(many, args.inks, "--beam-options", options, prefix=client)
            killed_after = kill_when_half_way(run, many, workers[1])
            many_seconds = run.seconds()
        differences = compare(one, many)
    print(f"one process {one_seconds:.0f} s; the cluster {many_seconds:.0f} s, with the start of Beam")
    place = "network namespaces" if namespaces else "processes"
    print(f"2 workers in {place}; worker 2 was killed when {killed_after} of the shards were complete")
    if differences:
        sys.exit(f"these files differ: {', '.join(differences)}")
    print("every file is the same, byte for byte")


class Preparation:
    """A run of `tegashiki prepare synthetic`."""

    def __init__(self, data_dir: Path, inks: int, *more: str, prefix: tuple[str, ...] = ()) -> None:
        command = ["prepare", "synthetic", "--config", str(CONFIG), "--inks", str(inks), "--data-dir", str(data_dir)]
        self.began = time.monotonic()
        self.process = start(*prefix, sys.executable, "-m", "tegashiki.cli", *command, *more)

    def seconds(self) -> float:
        """Wait for the end, and return the time since the start."""
        if self.process.wait() != 0:
            sys.exit("prepare synthetic failed")
        return time.monotonic() - self.began


def kill_when_half_way(run: Preparation, data_dir: Path, worker: subprocess.Popen) -> int:
    """Kill a worker as soon as a shard is complete; return how many were."""
    while run.process.poll() is None:
        complete = len(list(data_dir.glob("synthetic/unfinished-*/*.json")))
        if complete:
            worker.send_signal(signal.SIGKILL)
            return complete
        time.sleep(0.02)
    sys.exit("the run ended before a worker could be killed: give more --inks")


def compare(one: Path, many: Path) -> list[str]:
    """Return the names of the files that are not the same in both folders."""
    first, second = (
        {path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).digest() for path in files(root)}
        for root in (one, many)
    )
    print(f"{len(first)} files, {len([name for name in first if 'array_record' in name])} of them with inks")
    return sorted(name for name in {**first, **second} if first.get(name) != second.get(name))


def files(root: Path) -> list[Path]:
    """Return the files of a prepared dataset."""
    return sorted(path for path in root.rglob("*") if path.is_file())


@contextlib.contextmanager
def cluster(folder: Path, namespaces: bool) -> Iterator[tuple[tuple[str, ...], str, list[subprocess.Popen]]]:
    """Run a scheduler and two workers; the context is how to start a client, the address, and the workers."""
    with contextlib.ExitStack() as ends:
        prefixes = ends.enter_context(machines()) if namespaces else dict.fromkeys(MACHINES, ())
        host = f"{NETWORK}.1" if namespaces else "127.0.0.1"
        address = f"tcp://{host}:{PORT}"
        dask = (sys.executable, "-m", "dask")
        where = ["--host", host, "--port", str(PORT), "--no-dashboard"]
        scheduler = start(*prefixes["scheduler"], *dask, "scheduler", *where)
        ends.callback(end, scheduler)
        workers = []
        for name in MACHINES[1:]:
            own = folder / name
            own.mkdir()
            options = ["--local-directory", str(own), "--nthreads", "1", "--no-nanny", "--no-dashboard"]
            workers.append(start(*prefixes[name], *dask, "worker", address, *options))
            ends.callback(end, workers[-1])
        wait_for_workers(prefixes["scheduler"], address)
        yield prefixes["scheduler"], address, workers


def wait_for_workers(prefix: tuple[str, ...], address: str) -> None:
    """Wait until both workers have joined the cluster."""
    code = (
        "import sys, distributed; distributed.Client(sys.argv[1], timeout=sys.argv[2]).wait_for_workers(2, sys.argv[2])"
    )
    if start(*prefix, sys.executable, "-c", code, address, f"{START_SECONDS} s").wait() != 0:
        sys.exit("the cluster did not start")


@contextlib.contextmanager
def machines() -> Iterator[dict[str, tuple[str, ...]]]:
    """Make a network namespace for each machine, joined by a bridge in that of the scheduler."""
    tag = f"tgk{os.getpid()}"
    names = {name: f"{tag}-{name}" for name in MACHINES}
    with contextlib.ExitStack() as ends:
        for name in names.values():
            ip("netns", "add", name)
            ends.callback(ip, "netns", "del", name)
            ip("-n", name, "link", "set", "lo", "up")
        hub = names["scheduler"]
        ip("-n", hub, "link", "add", "bridge", "type", "bridge")
        ip("-n", hub, "addr", "add", f"{NETWORK}.1/24", "dev", "bridge")
        ip("-n", hub, "link", "set", "bridge", "up")
        for number, machine in enumerate(MACHINES[1:], 2):
            pair = ["eth0", "type", "veth", "peer", "name", f"port{number}", "netns", hub]
            ip("-n", names[machine], "link", "add", *pair)
            ip("-n", hub, "link", "set", f"port{number}", "master", "bridge", "up")
            ip("-n", names[machine], "addr", "add", f"{NETWORK}.{number}/24", "dev", "eth0")
            ip("-n", names[machine], "link", "set", "eth0", "up")
        yield {name: ("ip", "netns", "exec", namespace) for name, namespace in names.items()}


def ip(*arguments: str) -> None:
    """Run `ip`."""
    subprocess.run(["ip", *arguments], check=True)


def start(*command: str) -> subprocess.Popen:
    """Start a command that can import tegashiki."""
    path = os.pathsep.join([str(REPOSITORY), *filter(None, [os.environ.get("PYTHONPATH")])])
    return subprocess.Popen(command, env={**os.environ, "PYTHONPATH": path, "JAX_PLATFORMS": "cpu"})


def end(process: subprocess.Popen) -> None:
    """End a process."""
    process.kill()
    process.wait()


if __name__ == "__main__":
    main()
