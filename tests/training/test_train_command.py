"""`python train.py` as a process: a run that was stopped or killed is continued by the same command."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import jax
import numpy as np
import pytest

from tegashiki.training.checkpoint import load_checkpoint

ROOT = Path(__file__).parent.parent.parent
SETTINGS = ["train.steps=40", "train.validate_every=20", "train.checkpoint_every=8", "train.log_every=1"]


def train(workdir, *more):
    settings = [word for setting in SETTINGS for word in ("--set", setting)]
    return subprocess.Popen(
        [sys.executable, "train.py", "configs/debug.py", "--workdir", str(workdir), "--devices", "2", *settings, *more],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def stop_after(process, workdir, steps, how):
    """Send a signal once `steps` steps are logged; return the exit status and the output."""
    log = workdir / "metrics.jsonl"
    deadline = time.monotonic() + 900
    while process.poll() is None and time.monotonic() < deadline:
        if log.exists() and log.read_text().count('"train"') >= steps:
            process.send_signal(how)
            break
        time.sleep(0.02)
    output = process.communicate(timeout=900)[0]
    return process.returncode, output


@pytest.mark.slow
def test_terminated_and_killed_run_ends_like_an_uninterrupted_one(tmp_path):
    """SIGTERM saves and exits with 0. SIGKILL loses the steps after the last checkpoint. The final states are equal."""
    stopped, straight = tmp_path / "stopped", tmp_path / "straight"
    status, output = stop_after(train(stopped), stopped, 5, signal.SIGTERM)
    assert status == 0, output
    assert "terminated at step" in output
    saved = int(load_checkpoint(stopped, "latest").state.step)
    assert 5 <= saved < 40
    status, output = stop_after(train(stopped), stopped, saved + 12, signal.SIGKILL)
    assert status == -signal.SIGKILL, output
    assert f"resuming at step {saved} of 40" in output
    for workdir in (stopped, straight):
        process = train(workdir)
        output = process.communicate(timeout=900)[0]
        assert process.returncode == 0, output
        assert "finished at step 40" in output
    one, other = load_checkpoint(stopped, "latest"), load_checkpoint(straight, "latest")
    jax.tree.map(np.testing.assert_array_equal, one.state, other.state)
    assert one.progress == other.progress
    lines = [map(json.loads, (folder / "metrics.jsonl").read_text().splitlines()) for folder in (stopped, straight)]
    last = [[line for line in folder if line["kind"] == "validation"][-1] for folder in lines]
    assert last[0]["loss_tokens"] == last[1]["loss_tokens"]
    assert "goodput" in output
    assert (straight / "validation.png").stat().st_size > 1000


@pytest.mark.slow
def test_dry_run_describes_the_run(tmp_path):
    process = train(tmp_path / "none", "--dry-run")
    output = process.communicate(timeout=900)[0]
    assert process.returncode == 0, output
    for part in (
        "shapes (strokes x tokens: rows)",
        "parameters",
        "MiB on each of 2 devices",
        "40 steps are",
        "ms a step",
    ):
        assert part in output
    assert not (tmp_path / "none").exists()


@pytest.mark.slow
def test_wrong_setting_gives_one_line_and_status_2(tmp_path):
    process = train(tmp_path, "--set", "model.widht=3")
    output = process.communicate(timeout=900)[0]
    assert process.returncode == 2
    assert "widht" in output.splitlines()[-1]
    (tmp_path / "v.npz").write_bytes(b"PK\x03\x04\xff")
    process = train(tmp_path, "--vocabulary", str(tmp_path / "v.npz"))
    output = process.communicate(timeout=900)[0]
    assert process.returncode == 2
    assert "not a vocabulary: 'PK" in output.splitlines()[-1]
    assert "Traceback" not in output
