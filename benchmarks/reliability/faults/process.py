"""Processes whose output, time and memory are recorded: commands, and functions called in a fork of this process."""

import atexit
import os
import pickle
import re
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]


@dataclass(frozen=True)
class Ended:
    """How a process ended."""

    status: int
    output: str
    seconds: float  # wall-clock
    work: float  # CPU seconds
    memory: float  # peak MiB

    @property
    def last_line(self) -> str:
        lines = [line for line in self.output.splitlines() if line.strip()]
        return lines[-1].rsplit("\r", 1)[-1] if lines else ""

    def refuses(self, pattern: str) -> bool:
        """Whether it reported an error as a command should: status 2, one line that matches, no stack trace."""
        return self.status == 2 and "Traceback" not in self.output and bool(re.search(pattern, self.last_line))


class Process:
    """A process whose output goes to a file.

    Args:
      what: the arguments of a Python command, or a function that is called in a fork of this process.
      folder: where `output.txt` is written.
      prepare: called in the new process first.
    """

    def __init__(
        self, what: list[str] | Callable[[], int], folder: Path, prepare: Callable[[], None] | None = None
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._log = folder / "output.txt"
        self.began = time.monotonic()
        self.pid = os.fork()
        if self.pid == 0:
            self._become(what, prepare)

    def _become(self, what: list[str] | Callable[[], int], prepare: Callable[[], None] | None) -> None:
        """Do the work in the child, then exit as an interpreter exits. Never returns."""
        status = 1
        try:
            os.chdir(ROOT)
            file = os.open(self._log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(file, 1)
            os.dup2(file, 2)
            if prepare:
                prepare()
            if not callable(what):
                os.execv(sys.executable, [sys.executable, *what])
            status = what()
        except BaseException:
            traceback.print_exc()
        finally:
            try:
                threading._shutdown()  # type: ignore[attr-defined]
                atexit._run_exitfuncs()
                sys.stdout.flush()
            finally:
                os._exit(status)

    def running(self) -> bool:
        # WNOWAIT leaves the exit status in place for `ended`.
        return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None

    def wait(self, seconds: float) -> bool:
        """Wait at most `seconds` for the process to end. Returns whether it ended."""
        until = time.monotonic() + seconds
        while self.running() and time.monotonic() < until:
            time.sleep(0.005)
        return not self.running()

    def wait_for_work(self, seconds: float) -> bool:
        """Wait until the process has used `seconds` of CPU time or has ended. Returns whether it has ended."""
        while self.running() and self.worked() < seconds:
            time.sleep(0.005)
        return not self.running()

    def worked(self) -> float:
        """CPU seconds used so far."""
        words = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, words[11:13])) / os.sysconf("SC_CLK_TCK")

    def send(self, what: signal.Signals) -> None:
        os.kill(self.pid, what)

    def ended(self, seconds: float = 900) -> Ended:
        """Wait for the process to end, and kill it after `seconds`."""
        if not self.wait(seconds):
            self.send(signal.SIGKILL)
        _, status, usage = os.wait4(self.pid, 0)
        took = time.monotonic() - self.began
        return Ended(
            os.waitstatus_to_exitcode(status),
            self._log.read_text(errors="replace"),
            took,
            usage.ru_utime + usage.ru_stime,
            usage.ru_maxrss / 1024,
        )


def in_fork(function: Callable[..., Any], *args: object) -> Any:
    """Call a function in a forked process and return its result, so that JAX starts no threads in this process."""
    source, sink = os.pipe()
    pid = os.fork()
    if pid == 0:
        with os.fdopen(sink, "wb") as file:
            try:
                pickle.dump(function(*args), file)
            except BaseException:
                traceback.print_exc()
        os._exit(0)
    os.close(sink)
    with os.fdopen(source, "rb") as file:
        content = file.read()
    os.waitpid(pid, 0)
    return pickle.loads(content)
