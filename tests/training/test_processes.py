"""Two processes of one device each do what one process does: the same batches, gradients and run."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import jax
import numpy as np
import pytest

from tegashiki.training.checkpoint import load_checkpoint

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parent.parent.parent


def start(processes, devices, folder):
    """Run the worker in some processes; returns their output. A process that hangs is killed."""
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        port = probe.getsockname()[1]
    folder.mkdir()
    environment = os.environ | {"JAX_NUM_CPU_DEVICES": str(devices), "JAX_DISABLE_MOST_OPTIMIZATIONS": "1"}
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.training.worker", str(rank), str(processes), str(port), str(folder)],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for rank in range(processes)
    ]
    try:
        output = [process.communicate(timeout=900)[0] for process in running]
    finally:
        for process in running:
            process.kill()
    assert [process.returncode for process in running] == [0] * processes, "\n".join(output)
    return output


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Results of: one process with one device, one with two, two with one each."""
    root = tmp_path_factory.mktemp("processes")
    for name, processes, devices in (("one", 1, 1), ("wide", 1, 2), ("two", 2, 1)):
        start(processes, devices, root / name)
    return root


def gradients(folder, rank=0):
    stored = np.load(folder / f"gradients{rank}.npz")
    return [stored[name] for name in stored.files]


def test_gradients_are_those_of_one_process(folders):
    """Loss and every gradient of the first batch, of which each process had half of the rows."""
    one = gradients(folders / "one")
    for other in (gradients(folders / "wide"), gradients(folders / "two"), gradients(folders / "two", rank=1)):
        assert len(one) == len(other)
        for a, b in zip(one, other, strict=True):
            np.testing.assert_allclose(a, b, atol=1e-6, rtol=0)


def test_a_run_of_two_processes_is_one_of_two_devices(folders):
    """Dice are rolled by device, whichever process has it; one checkpoint and one log are written for both."""
    wide, two = (load_checkpoint(folders / name / "run", "latest") for name in ("wide", "two"))
    assert int(two.state.step) == 4
    for a, b in zip(*map(jax.tree.leaves, (wide.state.params, two.state.params)), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-4, rtol=0)
    assert wide.progress == two.progress
    lines = (folders / "two" / "run" / "metrics.jsonl").read_text().splitlines()
    assert len(lines) == len((folders / "wide" / "run" / "metrics.jsonl").read_text().splitlines())
