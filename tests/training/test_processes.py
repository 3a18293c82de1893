"""Two or four processes with one device each give the same gradients and the same run as one process."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import jax
import numpy as np
import pytest

from tegashiki.training.checkpoint import load_checkpoint

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parent.parent.parent


def launch(processes, devices, folder, *arguments):
    """Start several worker processes, which write to `folder`."""
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        port = probe.getsockname()[1]
    folder.mkdir()
    environment = os.environ | {"JAX_NUM_CPU_DEVICES": str(devices), "JAX_DISABLE_MOST_OPTIMIZATIONS": "1"}
    fixed = [str(processes), str(port), str(folder), *map(str, arguments)]
    return [
        subprocess.Popen(
            [sys.executable, "-m", "tests.training.worker", str(rank), *fixed],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for rank in range(processes)
    ]


def finish(running):
    """Wait for the processes and return their outputs. Processes that hang are killed."""
    try:
        return [process.communicate(timeout=900)[0] for process in running]
    finally:
        for process in running:
            process.kill()


def wait_for_steps(running, folder, count):
    """Wait until `count` lines are logged."""
    log = folder / "run" / "metrics.jsonl"
    while not (log.exists() and len(log.read_text().splitlines()) >= count):
        assert all(process.poll() is None for process in running), "\n".join(finish(running))
        time.sleep(0.2)


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Results of one process with one, two and four devices, and of two and four processes with one device each."""
    root = tmp_path_factory.mktemp("processes")
    for name, processes, devices in (("1x1", 1, 1), ("1x2", 1, 2), ("2x1", 2, 1), ("1x4", 1, 4), ("4x1", 4, 1)):
        running = launch(processes, devices, root / name)
        output = finish(running)
        assert [process.returncode for process in running] == [0] * processes, "\n".join(output)
    return root


def gradients(folder, rank=0):
    stored = np.load(folder / f"gradients{rank}.npz")
    return [stored[name] for name in stored.files]


def test_gradients_equal_those_of_one_process(folders):
    """Compare the metrics and every gradient of the first batch, of which each process gets a part of the rows."""
    one = gradients(folders / "1x1")
    ranks = {"1x2": 1, "2x1": 2, "1x4": 1, "4x1": 4}
    for other in (gradients(folders / name, rank) for name, count in ranks.items() for rank in range(count)):
        assert len(one) == len(other)
        for a, b in zip(one, other, strict=True):
            np.testing.assert_allclose(a, b, atol=1e-6, rtol=0)


@pytest.mark.parametrize("processes", [2, 4])
def test_several_processes_equal_one_process_with_as_many_devices(folders, processes):
    """Random numbers depend on the device, not on the process; all processes share one checkpoint and one log."""
    names = (f"1x{processes}", f"{processes}x1")
    wide, apart = (load_checkpoint(folders / name / "run", "latest") for name in names)
    assert int(apart.state.step) == 4
    pairs = zip(*map(jax.tree.leaves, (wide.state.params, apart.state.params)), strict=True)
    far = np.concatenate([np.abs(np.asarray(a) - np.asarray(b)).ravel() for a, b in pairs])
    # Adam divides gradients by their own size, so that the order of a sum matters where gradients are almost zero.
    # Other random numbers or rows would change almost every parameter, by up to 0.04 in these four steps.
    assert np.quantile(far, 0.99) < 1e-6 and far.max() < 5e-3
    assert wide.progress == apart.progress
    lines = [len((folders / name / "run" / "metrics.jsonl").read_text().splitlines()) for name in names]
    assert lines[0] == lines[1]


ENDLESS = 1_000_000  # steps


def test_sigterm_to_one_process_stops_both_at_the_same_step(tmp_path):
    running = launch(2, 1, tmp_path / "two", ENDLESS)
    wait_for_steps(running, tmp_path / "two", 10)
    running[1].send_signal(signal.SIGTERM)
    ends = [output.splitlines()[-1] for output in finish(running)]
    assert [process.returncode for process in running] == [0, 0]
    assert ends[0] == ends[1] and "stopped='terminated'" in ends[0], "the processes stopped at different steps"
    stopped = load_checkpoint(tmp_path / "two" / "run", "latest")
    assert f"steps={int(stopped.state.step)}," in ends[0]


def test_death_of_a_process_ends_the_other(tmp_path):
    running = launch(2, 1, tmp_path / "two", ENDLESS)
    wait_for_steps(running, tmp_path / "two", 10)
    running[1].kill()
    output = finish(running)[0]
    assert running[0].returncode not in (0, -signal.SIGKILL), "it did not end by itself with an error"
    assert "another task died" in output
