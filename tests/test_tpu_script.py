"""Tests of the launch script of docs/tpu.md with its commands replaced."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent.parent / "docs" / "tpu.sh"
BASH = shutil.which("bash")

pytestmark = pytest.mark.skipif(BASH is None, reason="there is no bash")


FAILS_TWICE = "[ $(wc -l < calls) -ge 3 ]"


def run(folder, attempts, ends=FAILS_TWICE):
    """Run the script with a trainer that ends with the shell command `ends`.

    Returns:
        The exit status of the script and the arguments of each call of the trainer.
    """
    (folder / ".venv" / "bin").mkdir(parents=True)
    (folder / ".venv" / "bin" / "python").write_text("")
    (folder / ".venv" / "bin" / "python").chmod(0o755)
    (folder / "bucket" / "data" / "crohme").mkdir(parents=True)
    trainer = folder / "trainer.sh"
    trainer.write_text(f'echo "$@" >> calls; {ends}\n')
    settings = {"BUCKET": "bucket", "DATA": "disk", "SYNC": "cp -r", "TRAIN": f"bash {trainer}", "PAUSE": "0"}
    environment = os.environ | settings | {"ATTEMPTS": str(attempts), "CONFIG": "configs/debug.py"}
    done = subprocess.run([BASH, SCRIPT], cwd=folder, env=environment, capture_output=True, text=True, timeout=60)
    return done.returncode, (folder / "calls").read_text().splitlines()


def test_the_data_is_fetched_and_a_failed_run_repeated_until_it_succeeds(tmp_path):
    status, calls = run(tmp_path, 5)
    assert status == 0
    assert len(calls) == 3 and len(set(calls)) == 1
    assert calls[0].startswith("configs/debug.py --workdir bucket/runs/debug --data-dir disk --distributed --workers ")
    assert (tmp_path / "disk" / "data" / "crohme").is_dir() or (tmp_path / "disk" / "crohme").is_dir()


def test_the_script_gives_up_after_the_last_attempt(tmp_path):
    status, calls = run(tmp_path, 2)
    assert (status, len(calls)) == (1, 2)


def test_a_user_error_is_not_retried(tmp_path):
    status, calls = run(tmp_path, 5, "exit 2")
    assert (status, len(calls)) == (2, 1)


@pytest.mark.parametrize("lost", [1, 134, 137])
def test_a_lost_host_is_retried(tmp_path, lost):
    status, calls = run(tmp_path, 3, f"exit {lost}")
    assert (status, len(calls)) == (1, 3)
