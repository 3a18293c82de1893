"""Break training and its files in every way we know, and check that nothing is lost and that what is wrong is said.

    python benchmarks/reliability/faults.py                            # everything, about 40 minutes on a core
    python benchmarks/reliability/faults.py --checks kills --kills 50  # one part

Prints a table (check, case, what happened, seconds, MiB of memory at most, verdict); the exit status is 1 where a
property fails. Everything happens in --work, on the debug config with a checkpoint at every step. Runs are processes
forked from one that has imported the modules, which saves each of them five seconds; what they call is the command's
own function. But for `twice`, and with --own-step, the model's step, which takes seconds to trace, is replaced by
arithmetic that moves every number by what it and the batch are: what is saved, restored and done again is the same. The
checks:

    kills      SIGKILL at random moments of a run, then the same command again: what it goes on from, each checkpoint
               that it saves and how it ends are compared, bitwise, with an undisturbed run
    terminate  SIGTERM at random moments: saved and ended within 30 s
    full       a disk that is full: a small tmpfs where it may be mounted (root), else a limit on the size of files
    flips      one byte of a checkpoint flipped, again and again
    wrong      NaN in a batch, an empty batch, a damaged record, a changed vocabulary, a newer format
    hostile    files that nobody should write, given to the commands that read them
    twice      two runs with one seed
"""

import argparse
import atexit
import hashlib
import json
import os
import pickle
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
STEPS = 12
SETTINGS = {
    **{"train.steps": STEPS, "train.validate_every": 4, "train.checkpoint_every": 1, "train.log_every": 1},
    **{"model.width": 16, "model.decoder_layers": 1, "data.train_inks": 8, "data.inks_per_step": 8},
    "data.validation_inks": 2,
}
DIFFERS = 3  # exit status of a run that found a checkpoint to be another than the undisturbed run's
TERMINATED_WITHIN = 30  # seconds from SIGTERM to the end
READ_WITHIN = 20  # seconds of a core that a command may take for a hostile file, its start included
READ_MEMORY = 1024  # MiB that it may take
GIGABYTE = 10**9
MEBIBYTE = 2**20
own_step = False


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    check: str
    case: str
    happened: str
    good: bool
    seconds: float | None = None
    memory: float | None = None  # MiB

    def cells(self) -> list[str]:
        numbers = ["" if value is None else f"{value:.1f}" for value in (self.seconds, self.memory)]
        return [self.check, self.case, self.happened, *numbers, "ok" if self.good else "FAILED"]


@dataclass(frozen=True)
class Ended:
    """How a process ended."""

    status: int
    output: str
    seconds: float  # by the clock
    work: float  # seconds of a core
    memory: float  # MiB at most

    @property
    def last_line(self) -> str:
        lines = [line for line in self.output.splitlines() if line.strip()]
        return lines[-1].rsplit("\r", 1)[-1] if lines else ""

    def refuses(self, pattern: str) -> bool:
        """Whether it ended as a command does that says what is wrong: status 2, a line, no stack trace."""
        return self.status == 2 and "Traceback" not in self.output and bool(re.search(pattern, self.last_line))


class Process:
    """A process whose output goes to a file: of a command (a list of arguments), or forked to call a function."""

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
        """Do in the child what was asked; it ends as an interpreter ends, and never returns."""
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
                threading._shutdown()
                atexit._run_exitfuncs()
                sys.stdout.flush()
            finally:
                os._exit(status)

    def running(self) -> bool:
        return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None  # it can be waited for later

    def wait(self, seconds: float) -> bool:
        """Wait for its end at most so long; whether it ended."""
        until = time.monotonic() + seconds
        while self.running() and time.monotonic() < until:
            time.sleep(0.005)
        return not self.running()

    def wait_for_work(self, seconds: float) -> bool:
        """Wait until it has worked so long (seconds of a core), however busy the machine is; whether it ended."""
        while self.running() and self.worked() < seconds:
            time.sleep(0.005)
        return not self.running()

    def worked(self) -> float:
        """Seconds of a core that it has used."""
        words = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, words[11:13])) / os.sysconf("SC_CLK_TCK")

    def send(self, what: signal.Signals) -> None:
        os.kill(self.pid, what)

    def ended(self, seconds: float = 900) -> Ended:
        """Wait for its end; it is killed after `seconds`."""
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


def apart(function: Callable, *args: object) -> Any:
    """Call a function in a forked process and return what it returns: this process must stay without JAX's threads."""
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


def train_arguments(workdir: Path, **settings: object) -> list[str]:
    changed = SETTINGS | {name.replace("__", "."): value for name, value in settings.items()}
    words = [word for name, value in changed.items() for word in ("--set", f"{name}={value}")]
    return ["configs/debug.py", "--workdir", str(workdir), "--devices", "1", *words]


def start(
    workdir: Path,
    hook: str = "",
    prepare: Callable[[], None] | None = None,
    real: bool = False,
    **settings: object,
) -> Process:
    """Start training on the debug config in a process, with something slipped in where a hook is named."""
    arguments = train_arguments(workdir, **settings)
    return Process(lambda: inside(hook, arguments, real), workdir.parent, prepare)


def digest(checkpoint: object) -> str:
    """Return what a checkpoint's state and progress are, to the last bit."""
    import jax
    import numpy as np

    found = hashlib.sha256(json.dumps(checkpoint.progress, sort_keys=True).encode())
    for leaf in jax.tree.leaves(checkpoint.state):
        found.update(np.asarray(leaf).tobytes())
    return found.hexdigest()


def inside(hook: str, arguments: list[str], real: bool = False) -> int:
    """Run `train.py` in this process with something slipped in; `real` takes the model's own step."""
    import numpy as np

    from tegashiki.cli import run_command
    from tegashiki.training import loop

    if hook.startswith("digests"):
        watch_checkpoints(Path(hook.removeprefix("digests ")))
    if hook in ("nan", "empty"):
        prefetch = loop.prefetch

        def changed(*args: object) -> Iterator[dict]:
            for number, batch in enumerate(prefetch(*args)):
                if number == STEPS // 2:
                    empty = {name: value * 0 for name, value in batch.items()}
                    broken = batch | {"points": batch["points"] * float("nan")}
                    batch = empty if hook == "empty" else broken
                yield batch

        loop.prefetch = changed
    if not (real or own_step):
        loop.make_train_step = lambda *args: light_step
        loop.make_validate = lambda *args: light_validation
    loop.draw_validation = lambda *args: np.zeros((2, 2, 3), np.uint8)  # a picture takes longer than ten steps
    return run_command("train", arguments)


def light_step(state: Any, batch: dict[str, Any]) -> tuple[Any, dict[str, float]]:
    """In place of the model's step, which takes seconds to trace: every number moves, by what it and the batch are."""
    import jax
    import numpy as np

    ink = np.float32(np.abs(batch["points"]).sum())

    def move(leaf: Any) -> np.ndarray:
        leaf = np.asarray(leaf)
        return leaf + np.int32(1) if leaf.dtype == np.int32 else leaf * np.float32(0.9) + np.sin(ink + leaf)

    loss = float(ink)
    metrics = {"loss": loss, "accuracy": 0.0, "gradient_norm": loss, "inks": int((batch["weights"].sum(-1) > 0).sum())}
    return jax.tree.map(move, jax.device_get(state)), metrics


def light_validation(params: Any) -> Any:
    import jax
    import numpy as np

    from tegashiki.evaluation.metrics import Scores
    from tegashiki.training.validation import Validation

    rate = float(np.abs(jax.tree.leaves(params)[0]).sum()) % 100
    return Validation(Scores(1, rate, 0.0, 0.0, 1.0), 1.0, 0.0, 0.0, [()], [()])


def watch_checkpoints(log: Path) -> None:
    """Note what every checkpoint is, to the last bit, in a file; where it has that step already the two must agree.

    So each checkpoint that is saved, and each that a run goes on from, is compared with that of the undisturbed run.
    """
    from tegashiki.training import loop

    save, load = loop.Checkpoints.save, loop.load_checkpoint
    known = {} if not log.exists() else read_digests(log)

    def compare(kind: str, checkpoint: loop.Checkpoint) -> None:
        step = int(checkpoint.state.step)
        if (kind, step) not in known:
            with log.open("a") as file:
                file.write(json.dumps([kind, step, digest(checkpoint)]) + "\n")
        elif known[kind, step] != digest(checkpoint):
            print(f"{kind} checkpoint of step {step} is another than the undisturbed run's", flush=True)
            os._exit(DIFFERS)

    def watched_save(self: object, kind: str, checkpoint: loop.Checkpoint) -> None:
        compare(kind, checkpoint)
        save(self, kind, checkpoint)

    def watched_load(path: Path, kind: str = "best") -> loop.Checkpoint:
        checkpoint = load(path, kind)
        compare(kind, checkpoint)
        return checkpoint

    loop.Checkpoints.save, loop.load_checkpoint = watched_save, watched_load


def read_digests(log: Path) -> dict[tuple[str, int], str]:
    return {(kind, step): found for kind, step, found in map(json.loads, log.read_text().splitlines())}


class Undisturbed:
    """A run that nobody disturbs: its work directory, what each of its checkpoints is, how long it took."""

    def __init__(self, work: Path) -> None:
        self.workdir = work / "undisturbed" / "run"
        shutil.rmtree(self.workdir.parent, ignore_errors=True)
        self.log = self.workdir.parent / "digests.jsonl"
        self.ended = start(self.workdir, hook=f"digests {self.log}").ended()
        if self.ended.status:
            raise SystemExit(f"the undisturbed run failed:\n{self.ended.output}")
        self.digests = read_digests(self.log)

    def differs(self, workdir: Path, must_have: bool = False) -> str:
        """Say what is wrong with the newest checkpoints of a work directory; "" where nothing is."""
        return apart(self._differs, workdir, must_have)

    def _differs(self, workdir: Path, must_have: bool) -> str:
        from tegashiki.errors import UserError
        from tegashiki.training.checkpoint import PARAMETERS, find_checkpoint, load_checkpoint

        for kind in ("latest", "best"):
            folder = find_checkpoint(workdir, kind)
            if folder is None:
                if must_have:
                    return f"no {kind} checkpoint"
                continue
            try:
                found = load_checkpoint(folder)
            except UserError as error:
                return f"torn: {error}"
            if digest(found) != self.digests[kind, int(folder.name)]:
                return f"{kind}/{folder.name} is another than the undisturbed run's"
        if (workdir / PARAMETERS).exists():
            load_checkpoint(workdir / PARAMETERS)
        return ""


def kills(args: argparse.Namespace, straight: Undisturbed) -> Iterator[Row]:
    """Kill at moments spread evenly over the work of a whole run; go on until enough have been killed."""
    rng = random.Random(args.seed)
    where = {"start": 0, "between saves": 0, "in a save": 0}
    wrong: list[str] = []
    done = finished = resumed = 0
    expected = straight.ended.work
    began = time.monotonic()
    while done < args.kills:
        workdir = args.work / "kills" / str(finished) / "run"
        shutil.rmtree(workdir.parent, ignore_errors=True)
        while True:
            before = newest(workdir)
            launched = time.time()
            process = start(workdir, hook=f"digests {straight.log}")
            if done < args.kills and not process.wait_for_work(rng.uniform(0, expected)):
                process.send(signal.SIGKILL)
            ended = process.ended()
            resumed += bool(before) and f"resuming at step {before} of" in ended.output
            if before and "\r" in ended.output and f"resuming at step {before} of" not in ended.output:
                wrong.append(f"run {finished} did not resume at {before}")
            if ended.status == 0:
                break
            if ended.status != -signal.SIGKILL:
                wrong.append(f"run {finished}: status {ended.status}: {ended.last_line}")
                break
            done += 1
            where[phase(workdir, launched)] += 1
            print(f"kill {done}: after {ended.seconds:.1f} s, {where}, newest {newest(workdir)}", flush=True)
        problem = straight.differs(workdir, must_have=True)
        if problem or newest(workdir) != STEPS:
            wrong.append(f"run {finished} at its end: {problem or f'ends at {newest(workdir)}'}")
        finished += 1
    places = ", ".join(f"{count} {name}" for name, count in where.items())
    happened = f"{resumed} resumed, {finished} runs ended, all bitwise" if not wrong else "; ".join(wrong)
    yield Row("kills", f"{done} times SIGKILL: {places}", happened, not wrong, time.monotonic() - began)


def newest(workdir: Path) -> int:
    """The step of the newest checkpoint of the kind that a run goes on from, 0 where there is none."""
    from tegashiki.training.checkpoint import find_checkpoint

    folder = find_checkpoint(workdir, "latest") or find_checkpoint(workdir, "best")
    return int(folder.name) if folder else 0


def phase(workdir: Path, launched: float) -> str:
    """Where a run was killed, by what it left: unfinished folders or files, or no step since it was launched."""
    unfinished = [*workdir.glob("checkpoints/*/*tmp*"), *workdir.glob(".parameters.npz.*")]
    if any(path.stat().st_mtime >= launched for path in unfinished):
        return "in a save"
    log = workdir / "metrics.jsonl"
    lines = log.read_text().splitlines() if log.exists() else []
    times = [json.loads(line)["time"] for line in lines if line.endswith("}")]
    return "between saves" if times and times[-1] >= launched else "start"


def terminate(args: argparse.Namespace, straight: Undisturbed) -> Iterator[Row]:
    """Terminate runs that save nothing by themselves but at their end, and let each go on to it."""
    rng = random.Random(args.seed)
    longer = {"train__steps": 300, "train__checkpoint_every": 1000, "train__validate_every": 1000}
    whole = args.work / "terminate" / "whole" / "run"
    shutil.rmtree(args.work / "terminate", ignore_errors=True)
    undisturbed = start(whole, **longer).ended()
    for turn in range(args.terminations):
        workdir = args.work / "terminate" / str(turn) / "run"
        process = start(workdir, **longer)
        log = workdir / "metrics.jsonl"
        moment = rng.randrange(1, 250)  # steps
        while process.running() and (not log.exists() or log.read_text().count("\n") < moment):
            time.sleep(0.005)
        told = time.monotonic()
        process.send(signal.SIGTERM)
        ended = process.ended()
        took = time.monotonic() - told
        step = newest(workdir)
        stopped = ended.status == 0 and f"terminated at step {step};" in ended.last_line and took <= TERMINATED_WITHIN
        rest = start(workdir, **longer).ended()
        same = undisturbed.status == rest.status == 0 and same_end(workdir, whole)
        happened = (
            f"saved step {step} of 300, status {ended.status}; to the end, {'bitwise' if same else 'NOT the same'}"
        )
        yield Row("terminate", f"SIGTERM {turn + 1}", happened, stopped and same, took)


def same_end(workdir: Path, other: Path) -> bool:
    """Whether two runs ended with the same state, to the last bit."""
    return apart(end_digest, workdir) == apart(end_digest, other)


def end_digest(workdir: Path) -> str:
    from tegashiki.training.checkpoint import load_checkpoint

    return digest(load_checkpoint(workdir, "latest"))


def read_or_reason(folder: Path) -> str:
    """Read a checkpoint: "" or what is wrong with it."""
    from tegashiki.errors import UserError
    from tegashiki.training.checkpoint import load_checkpoint

    try:
        load_checkpoint(folder)
    except UserError as error:
        return str(error)
    return ""


@contextmanager
def small_disk(folder: Path, size: int) -> Iterator[bool]:
    """A file system of `size` bytes at `folder`, where this user may mount one: yields whether it is."""
    folder.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    mounted = bool(shutil.which("mount")) and subprocess.run(command, capture_output=True, check=False).returncode == 0
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)


def full(args: argparse.Namespace, straight: Undisturbed) -> Iterator[Row]:
    """One size for which the disk fills while a checkpoint is written, and one where little is left for anything."""
    whole = sum(path.stat().st_size for path in straight.workdir.rglob("*") if path.is_file())
    for share in (0.5, 0.75, 0.95):
        folder = args.work / "full" / str(share)
        with small_disk(folder / "disk", int(whole * share)) as mounted:
            if not mounted:
                break
            workdir = folder / "disk" / "run"
            ended = Process(lambda w=workdir: inside("", train_arguments(w, train__steps=1000)), folder).ended(300)
            happened, good = told_and_kept(ended, workdir, straight, "No space left|disk is full")
            yield Row("full", f"tmpfs of {whole * share / MEBIBYTE:.1f} MiB", happened, good, ended.seconds)
    if not mounted:
        print("full: mounting is not permitted here; a limit on the size of files takes the disk's place")
    yield limited(args.work / "full" / "limit" / "run", straight)


def limited(workdir: Path, straight: Undisturbed) -> Row:
    """Let a run whose last checkpoints are gone write no file as large as the largest of them."""
    shutil.rmtree(workdir.parent, ignore_errors=True)
    shutil.copytree(straight.workdir, workdir)
    for path in workdir.glob(f"checkpoints/*/{STEPS}"):
        shutil.rmtree(path)
    files = [path for path in workdir.glob("checkpoints/latest/*/state/**/*") if path.is_file()]
    most = max(path.stat().st_size for path in files) // 2

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    ended = start(workdir, prepare=limit).ended(300)
    happened, good = told_and_kept(ended, workdir, straight, "File too large|cannot be written")
    return Row("full", f"files of at most {most} bytes", happened, good, ended.seconds)


def told_and_kept(ended: Ended, workdir: Path, straight: Undisturbed, pattern: str) -> tuple[str, bool]:
    """Judge a run that could not save: it says so in a line, ends with a status, and its last checkpoint is whole."""
    from tegashiki.training.checkpoint import find_checkpoint

    told = ended.status not in (0, -signal.SIGKILL) and bool(re.search(pattern, ended.last_line))
    traced = "Traceback" in ended.output
    folder = find_checkpoint(workdir, "latest")
    kept = "no checkpoint yet"
    if folder is not None:
        torn = apart(read_or_reason, folder)
        kept = f"TORN: {torn}" if torn else f"step {folder.name} is whole"
    happened = f"status {ended.status}, {kept}: {shortened(ended.last_line)}{', STACK TRACE' if traced else ''}"
    return happened, told and not traced and "TORN" not in kept


def shortened(text: str) -> str:
    """One line for the table, without the paths of this machine."""
    text = re.sub(r"(/[\w.@-]+)+/(?=[\w.@-])", "", text.replace("|", "/"))
    return text if len(text) < 170 else text[:167] + "..."


def flips(args: argparse.Namespace, straight: Undisturbed) -> Iterator[Row]:
    yield apart(flip_bytes, args, straight)


def flip_bytes(args: argparse.Namespace, straight: Undisturbed) -> Row:
    """Flip one byte of a file drawn by lot, the smallest as likely as the largest, and read the checkpoint."""
    from tegashiki.errors import UserError
    from tegashiki.training.checkpoint import find_checkpoint, load_checkpoint, quiet_orbax

    quiet_orbax()
    rng = random.Random(args.seed)
    folder = find_checkpoint(straight.workdir, "latest")
    whole = digest(load_checkpoint(folder))
    workdir = args.work / "flips" / "run"
    shutil.rmtree(workdir, ignore_errors=True)
    shutil.copytree(straight.workdir / "checkpoints", workdir / "checkpoints")
    files = [
        path for path in Path(find_checkpoint(workdir, "latest")).rglob("*") if path.is_file() and path.stat().st_size
    ]
    began = time.monotonic()
    refused = harmless = offered = by_checksum = 0
    wrong: list[str] = []
    for _ in range(args.flips):
        path = rng.choice(files)
        before = path.read_bytes()
        place = rng.randrange(len(before))
        path.write_bytes(before[:place] + bytes([before[place] ^ rng.randint(1, 255)]) + before[place + 1 :])
        try:
            found = load_checkpoint(workdir, "latest")
        except UserError as error:
            refused += 1
            offered += "is whole: remove the damaged folder" in str(error)
            by_checksum += "not what was written" in str(error)
            if str(find_checkpoint(workdir, "latest")) not in str(error):
                wrong.append(f"not named: {shortened(str(error))}")
        except Exception as error:
            wrong.append(f"{type(error).__name__}: {shortened(str(error))}")
        else:
            harmless += 1
            if digest(found) != whole:
                wrong.append(f"not noticed: {path.name} byte {place}")
        path.write_bytes(before)
    happened = (
        f"{refused} refused and named ({by_checksum} by our checksums alone), {offered} with the one before offered, "
        f"{harmless} where nothing is read"
    )
    good = not wrong and offered == refused
    case = f"{args.flips} bytes in {len(files)} files"
    return Row("flips", case, "; ".join([happened, *wrong[:3]]), good, time.monotonic() - began)


def wrong(args: argparse.Namespace, straight: Undisturbed) -> Iterator[Row]:
    folder = args.work / "wrong"
    shutil.rmtree(folder, ignore_errors=True)
    for hook, pattern in (("nan", f"not finite at step {STEPS // 2 + 1}"), ("empty", f"step {STEPS // 2 + 1}")):
        ended = start(folder / hook / "run", hook=hook).ended()
        last = newest(folder / hook / "run")
        good = ended.refuses(pattern) and last == STEPS // 2 and not straight.differs(folder / hook / "run")
        case = {"nan": "NaN in a batch", "empty": "a batch without ink"}[hook]
        yield Row("wrong", case, f"step {last} kept: {shortened(ended.last_line)}", good, ended.seconds)
    yield damaged_record(folder)
    yield from changed_descriptions(folder, straight)


def damaged_record(folder: Path) -> Row:
    data = folder / "record"
    data.mkdir(parents=True)
    command = ["-m", "tegashiki.cli", "prepare", "embedded", "--limit", "20", "--data-dir", str(data)]
    prepared = Process(command, data).ended()
    if prepared.status:
        return Row("wrong", "a damaged record", f"cannot prepare: {prepared.last_line}", False)
    path = next(path for path in data.rglob("*-train.array_record*") if path.is_file())
    content = bytearray(path.read_bytes())
    for place in range(len(content) // 20, len(content) // 5, 500):  # the records; what follows is fill
        content[place] ^= 0xFF
    path.write_bytes(content)
    arguments = train_arguments(data / "run", data__dataset="embedded/limit_20", data__train_inks=0)
    ended = Process(lambda: inside("", [*arguments, "--data-dir", str(data)]), data).ended()
    good = ended.refuses("embedded/limit_20.* record")
    return Row("wrong", "bytes of a dataset's records flipped", shortened(ended.last_line), good, ended.seconds)


def changed_descriptions(folder: Path, straight: Undisturbed) -> Iterator[Row]:
    def vocabulary(about: dict) -> None:
        tokens = json.loads(about["vocabulary"])["tokens"]
        about["vocabulary"] = json.dumps({"tokens": tokens[:-1]})

    cases: dict[str, tuple[Callable[[dict], object], str]] = {
        "a vocabulary with a token less": (vocabulary, "cannot be restored.*; .* is whole"),
        "a newer checkpoint format": (lambda about: about.update(format=99), "has format 99.*update tegashiki"),
        "settings of a newer version": (lambda about: about["config"]["model"].update(x=1), "does not know: x"),
    }
    for number, (case, (change, pattern)) in enumerate(cases.items()):
        workdir = folder / f"about{number}" / "run"
        shutil.copytree(straight.workdir, workdir)
        describe_again(workdir, change)
        ended = start(workdir).ended()
        yield Row("wrong", case, shortened(ended.last_line), ended.refuses(pattern), ended.seconds)


def describe_again(workdir: Path, change: Callable[[dict], object]) -> None:
    """Write another description into the newest checkpoint, sealed as its own version would have done."""
    from tegashiki.training.checkpoint import find_checkpoint
    from tegashiki.training.checksums import of_json

    path = find_checkpoint(workdir, "latest") / "about" / "metadata"
    about = json.loads(path.read_text())
    change(about)
    about["checksums"]["about"] = of_json({name: about[name] for name in about if name != "checksums"})
    path.write_text(json.dumps(about))


def hostile(args: argparse.Namespace, straight: Undisturbed) -> Iterator[Row]:
    """Give each file to the command that reads such files: it must say what is wrong, soon, in little memory."""
    folder = args.work / "hostile"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    ink = folder / "good.json"
    ink.write_text('{"strokes": [[[0, 0], [1, 1]]]}')
    for case, name, write, command in hostile_files(ink):
        path = folder / name
        write(path)
        words = [str(path) if word == "FILE" else word for word in command]
        ended = Process(["-m", "tegashiki.cli", *words], folder).ended(600)
        path.unlink()
        refused = ended.status in (0, 1, 2) and "Traceback" not in ended.output  # 0: it could be read after all
        good = refused and ended.work <= READ_WITHIN and ended.memory <= READ_MEMORY
        happened = f"status {ended.status}: {shortened(ended.last_line)}"
        yield Row("hostile", case, happened, good, ended.work, ended.memory)


def hostile_files(ink: Path) -> Iterator[tuple[str, str, Callable[[Path], object], list[str]]]:
    """Yield what it is, the file's name, what writes it, and the command."""

    def text(content: str, encoding: str = "utf-8") -> Callable[[Path], object]:
        return lambda path: path.write_bytes(content.encode(encoding))

    def large(beginning: bytes) -> Callable[[Path], object]:
        def write(path: Path) -> None:
            path.write_bytes(beginning)
            os.truncate(path, GIGABYTE)  # the rest is zeros, and takes no room on most disks

        return write

    recognize = ["recognize", "FILE"]
    bomb = "".join(f'<!ENTITY e{i + 1} "{f"&e{i};" * 10}">' for i in range(9))
    bomb = f'<!DOCTYPE x [<!ENTITY e0 "ha">{bomb}]><ink><trace>&e9;</trace></ink>'
    strokes = ",".join(["[[0,0]]"] * 1_000_000)
    yield "entity bomb, 10^9 of `ha`", "bomb.inkml", text(bomb), recognize
    quadratic = f'<!DOCTYPE x [<!ENTITY e "{"1 1," * 10**6}">]><ink><trace>{"&e;" * 1000}</trace></ink>'
    yield "quadratic entity bomb", "quadratic.inkml", text(quadratic), recognize
    external = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///dev/zero">]><ink><trace>&e;</trace></ink>'
    yield "entity that is /dev/zero", "external.inkml", text(external), recognize
    yield "InkML of 1 GB", "large.inkml", large(b"<ink><trace>"), recognize
    yield "JSON of 1 GB", "large.json", large(b'{"strokes": ['), recognize
    yield "tar whose ink says 8 GiB", "large.tar", tar_of_large, recognize
    yield "tar.gz that unpacks to 1 GB", "large.tar.gz", packed_tar, recognize
    yield "10^6 strokes as JSON (8 MB)", "many.json", text(f'{{"strokes":[{strokes}]}}'), recognize
    traces = "<trace>0 0</trace>" * 400_000
    yield "400,000 traces as InkML (7 MB)", "many.inkml", text(f"<ink>{traces}</ink>"), recognize
    empty = "<ink>" + "<a/>" * 2_000_000 + "</ink>"
    yield "2 * 10^6 elements (8 MB)", "elements.inkml", text(empty), recognize
    yield "elements 10^6 deep", "deep.inkml", text("<a>" * 10**6), recognize
    yield "lists 4 * 10^6 deep", "deep.json", text("[" * 4 * 10**6), recognize
    number = "1" * 8_000_000
    yield "a number of 8 * 10^6 digits", "digits.json", text(f'{{"strokes":[[[{number},1]]]}}'), recognize
    yield "the same in a trace", "digits.inkml", text(f"<ink><trace>{number} 1</trace></ink>"), recognize
    yield "NaN", "nan.json", text('{"strokes": [[[NaN, 1]]]}'), recognize
    yield "infinity", "inf.inkml", text("<ink><trace>1e999 1, 2 2</trace></ink>"), recognize
    yield "UTF-16 without saying so", "utf16.inkml", text("<ink><trace>1 1</trace></ink>", "utf-16-le"), recognize
    unknown = '<?xml version="1.0" encoding="EBCDIC-XX"?><ink><trace>1 1</trace></ink>'
    yield "an encoding that nobody knows", "ebcdic.inkml", text(unknown), recognize
    score = ["eval", "--predictions", "FILE", "--inkml", str(ink)]
    yield "predictions of 1 GB", "large.tsv", large(b"good\tx\n"), score
    yield "predictions in Latin-1", "latin1.tsv", text("é\tx", "latin-1"), score
    yield "predictions for 10^6 other inks", "other.tsv", text("".join(f"{i}\tx\n" for i in range(10**6))), score
    deep = "{" * 9000 + "}" * 9000
    yield "LaTeX of 9,000 groups, for another ink", "deep.tsv", text(f"good\t{deep}\nother\tx"), score
    model = ["recognize", "FILE", str(ink)]
    yield "model file of 1 GB", "large.tflite", large(b"\x18\0\0\0TFL3"), model
    yield "model file of 1 GB, all vector", "vector.tflite", large(endless_vector()), model
    yield (
        "model file, random bytes",
        "random.tflite",
        lambda path: path.write_bytes(random.Random(0).randbytes(10**6)),
        model,
    )
    init = ["train", "configs/debug.py", "--workdir", str(ink.parent / "run"), "--init", "FILE"]
    yield "parameters of 1 GB", "large.npz", large(b"PK\x03\x04"), init
    yield "parameters that unpack to 1 GB", "bomb.npz", packed_parameters, init
    yield "parameters that say 10^15 numbers", "sizes.npz", endless_parameters, init


def tar_of_large(path: Path) -> None:
    import tarfile

    info = tarfile.TarInfo("a.inkml")
    info.size = 8 * 2**30
    path.write_bytes(info.tobuf(tarfile.GNU_FORMAT))
    os.truncate(path, GIGABYTE)


def packed_tar(path: Path) -> None:
    import gzip
    import tarfile

    info = tarfile.TarInfo("a.inkml")
    info.size = GIGABYTE
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(info.tobuf())
        for _ in range(GIGABYTE // 10**6):
            file.write(bytes(10**6))
        file.write(bytes(3 * 512))


def packed_parameters(path: Path) -> None:
    import zipfile

    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file,
        file.open("about.npy", "w", force_zip64=True) as member,
    ):
        for _ in range(GIGABYTE // 10**6):
            member.write(bytes(10**6))


def endless_parameters(path: Path) -> None:
    import io
    import zipfile

    import numpy as np

    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "|u1", "fortran_order": False, "shape": (10**15,)})
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("about.npy", header.getvalue() + b"{}")


def endless_vector() -> bytes:
    """A .tflite whose list of metadata is as long as a gigabyte allows, and names nothing."""
    import struct

    vtable = struct.pack("<10H", 20, 12, 0, 0, 0, 0, 0, 0, 4, 0)[:20]
    root = 8 + len(vtable)
    table = struct.pack("<iI", len(vtable), 4) + struct.pack("<I", 240_000_000)
    return struct.pack("<I4s", root, b"TFL3") + vtable + table


def twice(args: argparse.Namespace, straight: Undisturbed) -> Iterator[Row]:
    """Two runs of the model's own step, whose compiled code is kept; another seed, which must differ."""
    from tegashiki.training.checkpoint import find_checkpoint, read_checkpoint_about

    folder = args.work / "twice"
    shutil.rmtree(folder, ignore_errors=True)
    runs = [folder / name / "run" for name in ("one", "again", "other")]
    start(runs[0], real=True).ended()
    again = start(runs[1], real=True).ended()
    same = again.status == 0 and same_end(runs[0], runs[1])
    yield Row("twice", "the same seed", "bitwise equal" if same else "NOT equal", same, again.seconds)
    start(runs[2], real=True, train__seed=1).ended()
    other = not same_end(runs[2], runs[0])
    yield Row("twice", "another seed", "differs" if other else "NO difference", other)
    about, config, _ = read_checkpoint_about(find_checkpoint(straight.workdir, "latest"))
    named = {"tegashiki", "python", "jax", "numpy"} <= about["versions"].keys()
    happened = f"seed {config.train.seed}, {len(about['versions'])} versions"
    yield Row("twice", "seed and versions in the checkpoint", happened, named)


CHECKS: dict[str, Callable[[argparse.Namespace, Undisturbed], Iterator[Row]]] = {
    **{"hostile": hostile, "wrong": wrong, "flips": flips, "full": full, "terminate": terminate, "twice": twice},
    "kills": kills,
}


def table(rows: list[Row]) -> str:
    """Lay out the rows as Markdown."""
    head = ["check", "case", "what happened", "s", "MiB", ""]
    lines = [head, ["---"] * len(head), *(row.cells() for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checks", nargs="*", default=[*CHECKS], choices=CHECKS, metavar="NAME", help="default: all")
    parser.add_argument("--kills", type=int, default=50, help="processes to kill (default 50)")
    parser.add_argument("--terminations", type=int, default=3, help="processes to send SIGTERM (default 3)")
    parser.add_argument("--flips", type=int, default=200, help="bytes to flip (default 200)")
    parser.add_argument("--seed", type=int, default=0, help="of moments and places (default 0)")
    parser.add_argument("--own-step", action="store_true", help="the model's own step everywhere: slower")
    parser.add_argument("--work", type=Path, help="folder for the runs, some 100 MB (default: a temporary one)")
    return parser.parse_args()


def main() -> int:
    args = parse()
    import tegashiki.commands.train
    import tegashiki.training.loop  # noqa: F401 (before the forks)

    global own_step  # the runs are forked from here
    own_step = args.own_step
    args.work = (args.work or Path(tempfile.mkdtemp(prefix="faults"))).absolute()
    straight = None if args.checks == ["hostile"] else Undisturbed(args.work)
    rows = []
    if straight is not None:
        happened = f"{len(straight.digests)} checkpoints"
        rows.append(Row("", f"an undisturbed run of {STEPS} steps", happened, True, straight.ended.seconds))
    for name in args.checks:
        for row in CHECKS[name](args, straight):
            rows.append(row)
            print("  ".join(row.cells()), flush=True)
    print(f"\n{table(rows)}\n\nmachine: {os.cpu_count()} cores, Python {sys.version.split()[0]}, seed {args.seed}")
    return 0 if all(row.good for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
