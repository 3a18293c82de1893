"""The training loop: before each step it validates and saves a checkpoint if they are due.

Running the same command again resumes from the latest checkpoint. SIGTERM saves a checkpoint and stops the run. A loss
or gradient that is not finite ends the run with an error that names the step.
"""

import contextlib
import re
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax
import numpy as np
from etils import epath
from jax.experimental import multihost_utils
from tqdm import tqdm

from tegashiki.errors import UserError
from tegashiki.latex.vocabulary import EOS_ID, Vocabulary
from tegashiki.models.seq2seq import Seq2Seq
from tegashiki.safe_files import explain_write_errors
from tegashiki.training.checkpoint import Checkpoint, Checkpoints, find_checkpoint, load_checkpoint
from tegashiki.training.config import Config, differences
from tegashiki.training.feed import Feed, open_feed, prefetch
from tegashiki.training.goodput import Goodput, seconds_since
from tegashiki.training.growth import grow
from tegashiki.training.log import RunLog
from tegashiki.training.optimizer import make_optimizer
from tegashiki.training.state import TrainState, abstract_state, initial_state
from tegashiki.training.step import Metrics, StepConfig, make_train_step, replicate, split_over_devices
from tegashiki.training.transfer import transfer_params
from tegashiki.training.validation import Validation, draw_validation, make_validate
from tegashiki.training.workdir import Workdir

PROFILE_AFTER, PROFILED = 100, 10  # steps to skip before a profile, until most shapes are compiled; steps to record


class TrainingError(UserError):
    """Training cannot start or continue."""


@dataclass(frozen=True)
class Result:
    """Outcome of a call of `train`."""

    steps: int
    best_exprate: float  # percent, on validation; -1 before the first validation
    stopped: str  # "finished", "early" or "terminated"


def train(
    config: Config,
    workdir: str | Path,
    vocabulary: Vocabulary,
    data_dir: str | Path | None = None,
    init: str | Path | None = None,
    workers: int = 0,
    profile: bool = False,
) -> Result:
    """Start or resume the run in a work directory.

    Args:
        config: The config of the run.
        workdir: A folder, or an address in object storage such as gs://bucket/run. The run writes checkpoints/,
            parameters.npz, metrics.jsonl, tensorboard/ and validation.png there.
        vocabulary: Vocabulary of a new run. A resumed run uses the one in its checkpoint.
        data_dir: Directory of the prepared datasets; None for the default one.
        init: A model with whose averaged parameters a new run starts; None for random parameters.
        workers: Number of processes that recombine ink; see `tegashiki.training.feed.prefetch`.
        profile: Whether to write a trace of some steps to `workdir`/profile, for Perfetto and TensorBoard.

    Raises:
        TrainingError: The work directory holds a run with another config, or the loss is no longer finite.
        WriteError: The work directory cannot be written, for example because the disk is full.
        UserError: There is no data, a checkpoint does not fit, or another run uses the work directory.
    """
    first = jax.process_index() == 0
    with contextlib.ExitStack() as ends:
        folder = Workdir(workdir)
        if first:
            ends.enter_context(folder.exclusive_lock())
        goodput = Goodput()
        start = _start(config, folder.path, vocabulary, init)
        goodput.lose(seconds_since(folder.local / "metrics.jsonl", int(start.state.step)))
        feed = open_feed(config, start.vocabulary, data_dir, jax.device_count() * config.train.accumulate)
        if feed.made_from:
            names = [re.sub(r"/\d[\d.]*$", "", name) for name in feed.made_from]  # without versions
            start.progress["learnt_from"] = sorted({*start.progress.get("learnt_from", []), *names})
        if first:
            print(*feed.notes, sep="\n", flush=True)
        checkpoints = Checkpoints(folder.path)
        ends.callback(checkpoints.close)
        log = RunLog(folder.local) if first else None
        if log is not None:
            ends.callback(folder.publish)
            ends.callback(log.close)
        terminated = ends.enter_context(_termination())
        run = _Run(config, folder, start, feed, checkpoints, log, terminated, goodput)
        result = run.run(workers, profile)
        with goodput.of("saving"):
            checkpoints.wait()
        if log is not None:
            log.scalars(result.steps, "goodput", goodput.values())
            print(goodput.line(), flush=True)
        return result


def _start(config: Config, workdir: epath.Path, vocabulary: Vocabulary, init: str | Path | None) -> Checkpoint:
    """Return the checkpoint to start from: the latest one, or a new one with parameters of `init` or random ones."""
    # A run that was killed after its first best checkpoint may have no latest one yet.
    kind = next((kind for kind in ("latest", "best") if find_checkpoint(workdir, kind) is not None), None)
    if kind is not None:
        start = load_checkpoint(workdir, kind)
        changed = differences(start.config.to_json(), config.to_json())
        if changed:
            raise TrainingError(
                f"{workdir} holds a run with another config; give another --workdir, or undo these changes:\n  "
                + "\n  ".join(changed)
            )
        unused = f"; --init {init} is ignored: it is for the start of a run" if init else ""
        print(f"resuming at step {int(start.state.step):,} of {config.train.steps:,}{unused}", flush=True)
        return start
    progress: dict[str, Any] = {"step": 0, "best_step": -1, "best_exprate": -1.0, "stale": 0}
    state = initial_state(config, vocabulary)
    if init is not None:
        before = grow(load_checkpoint(init), config.model)
        params = transfer_params(before, state.params, vocabulary)
        state = state.replace(params=params, ema=params)
        progress["learnt_from"] = sorted(before.datasets)
    return Checkpoint(state, config, vocabulary, progress)


@contextmanager
def _termination() -> Iterator[threading.Event]:
    """Yield an event that SIGTERM sets.

    Nothing sets the event outside of the main thread, where Python allows no signal handlers, or if there are several
    processes, in which JAX handles the signal.
    """
    event = threading.Event()
    if threading.current_thread() is not threading.main_thread() or jax.process_count() > 1:
        yield event
        return
    before = signal.signal(signal.SIGTERM, lambda *_: event.set())
    try:
        yield event
    finally:
        signal.signal(signal.SIGTERM, before)


def make_step(config: Config, model: Seq2Seq) -> Callable[..., tuple[TrainState, Metrics]]:
    """Build the training step of a config; see `make_train_step`."""
    settings = StepConfig(
        config.loss, config.augment, EOS_ID, config.optimizer.ema, config.train.seed, config.train.accumulate
    )
    return make_train_step(model, make_optimizer(config.optimizer, config.train.steps), settings)


def profiled_steps(step: int, steps: int) -> range:
    """Return the steps that the profile of a run records.

    Args:
        step: Number of steps done at the start.
        steps: Number of steps at the end.

    Returns:
        PROFILED steps after PROFILE_AFTER others, or the last PROFILED steps of a run that is too short for this.
    """
    first = min(step + PROFILE_AFTER, max(step, steps - PROFILED))
    return range(first, min(first + PROFILED, steps))


class _Profile:
    """Recording of a trace of some steps. It ends after the last of them or with the run."""

    def __init__(self, folder: Path, steps: range) -> None:
        self._folder, self._steps, self._recording, self._step = folder, steps, False, 0

    def __enter__(self) -> "_Profile":
        return self

    def before(self, step: int, state: TrainState) -> None:
        """Start the trace if `step` is the first to record."""
        self._step = step
        if self._steps and step == self._steps[0]:
            jax.block_until_ready(state)
            jax.profiler.start_trace(self._folder, create_perfetto_trace=True)
            self._recording = True

    def after(self, step: int, state: TrainState) -> None:
        """End the trace if the last step to record is done."""
        self._step = step
        if self._recording and step > self._steps[-1]:
            jax.block_until_ready(state)
            self._write()

    def __exit__(self, *_: object) -> None:
        if self._recording:
            self._write()
        elif self._steps and self._step < self._steps[0]:
            print(f"no profile: the run ended at step {self._step:,}, before step {self._steps[0]:,}", file=sys.stderr)

    def _write(self) -> None:
        """Write the trace. A write error is printed, because it must not end the run or hide the reason of its end."""
        self._recording = False
        try:
            jax.profiler.stop_trace()
        except Exception as error:  # the profiler raises exceptions of various types
            print(f"{self._folder}: the profile cannot be written: {error}", file=sys.stderr)


class _Run:
    """State of one call of `train`."""

    def __init__(
        self,
        config: Config,
        workdir: Workdir,
        start: Checkpoint,
        feed: Feed,
        checkpoints: Checkpoints,
        log: RunLog | None,
        terminated: threading.Event,
        goodput: Goodput,
    ) -> None:
        self.config, self.workdir, self.feed = config, workdir, feed
        self.checkpoints, self.log, self.terminated, self.goodput = checkpoints, log, terminated, goodput
        self.shapes: set[tuple[int, ...]] = set()  # of the arrays of the batches so far
        self.vocabulary, self.progress = start.vocabulary, dict(start.progress)
        self.train_step = make_step(config, start.model)
        self.validate = make_validate(start.model, start.vocabulary, feed, config.data.limits.tokens)
        self.state: TrainState = replicate(jax.tree.map(np.array, start.state))
        self.step = int(start.state.step)
        # Number, start time and metrics of the last step, until the metrics are fetched.
        self.pending: tuple[int, float, dict[str, jax.Array]] | None = None
        self.metrics_fetched_at = 0.0  # time at which the metrics of the step before were fetched

    def run(self, workers: int, profile: bool) -> Result:
        """Train to the end of the run."""
        config = self.config.train
        traced = profiled_steps(self.step, config.steps) if profile and self.log is not None else range(0)
        source = self.feed.source(self.config, (jax.process_index(), jax.process_count()))
        batches = prefetch(source, self.step, workers)
        progress = tqdm(
            total=config.steps,
            initial=self.step,
            unit="step",
            file=sys.stdout,
            mininterval=0.5 if sys.stdout.isatty() else 30.0,
            disable=self.log is None,
            smoothing=0.05,
        )
        stopped = "finished"
        self.goodput.started()
        with progress, _Profile(self.workdir.local / "profile", traced) as recording:
            while self.step < config.steps:
                if self.step % config.validate_every == 0 and self.step > self.progress["step"]:
                    self._validate(progress)
                if config.patience and self.progress["stale"] >= config.patience:
                    stopped = "early"
                    break
                if self.step % config.checkpoint_every == 0 and self.step > 0:
                    self._checkpoint("latest")
                if self._asked_to_stop():
                    stopped = "terminated"
                    break
                recording.before(self.step, self.state)
                self._step(self._wait_for_batch(batches), progress)
                recording.after(self.step, self.state)
            self._fetch_metrics(None)
        if stopped == "finished" and self.step > self.progress["step"]:
            self._validate(None)
        self._checkpoint("latest")
        return Result(self.step, self.progress["best_exprate"], stopped)

    def _asked_to_stop(self) -> bool:
        """Return whether SIGTERM came. Several processes stop together at the first step that none has passed."""
        if jax.process_count() > 1:
            return multihost_utils.reached_preemption_sync_point(self.step)
        return self.terminated.is_set()

    def _wait_for_batch(self, batches: Iterator[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
        """Return the next batch. Waiting costs nothing while the device still computes the step before."""
        began = time.perf_counter()
        batch = next(batches)
        if self.pending is None or self.pending[2]["loss"].is_ready():  # type: ignore[attr-defined]  # JAX's stub lacks it
            self.goodput.add("waiting", time.perf_counter() - began)
        return batch

    def _step(self, batch: dict[str, np.ndarray], progress: tqdm) -> None:
        began = time.perf_counter()
        shape = tuple(size for array in batch.values() for size in array.shape)
        is_new = shape not in self.shapes
        if is_new:
            self._fetch_metrics(progress)  # they need not wait for the compilation
        self.state, metrics = self.train_step(self.state, split_over_devices(batch, jax.local_device_count()))
        if is_new:
            self.shapes.add(shape)
            self.goodput.add("compiling", time.perf_counter() - began)
        # On CPUs several processes deadlock if they do not wait for each step.
        if jax.process_count() > 1 and jax.default_backend() == "cpu":
            jax.block_until_ready(self.state)
        self._fetch_metrics(progress)
        self.step += 1
        self.pending = (self.step, began, metrics)
        progress.update()

    def _fetch_metrics(self, progress: tqdm | None) -> None:
        """Fetch the metrics of the last step. This is called one step late, so that the device need not wait for it."""
        if self.pending is None:
            return
        step, began, metrics = self.pending
        self.pending = None
        jax.block_until_ready(metrics)
        before, self.metrics_fetched_at = self.metrics_fetched_at, time.perf_counter()
        # The gradient may become infinite or NaN before the loss does, and would spoil the next checkpoint.
        if not np.isfinite([metrics["loss"], metrics["gradient_norm"]]).all():
            values = {name: float(value) for name, value in metrics.items()}
            parts = ", ".join(f"{name} {value:.3g}" for name, value in values.items() if not np.isfinite(value))
            raise TrainingError(
                f"the loss or its gradient is not finite at step {step} ({parts}); the last good checkpoint is kept. "
                "Try a lower optimizer.learning_rate or optimizer.clip, or look for damaged ink"
            )
        if not metrics["inks"]:
            raise TrainingError(
                f"the batch of step {step} holds no ink, which is a bug in the input pipeline; the last checkpoint "
                "before this step is kept"
            )
        if step % self.config.train.log_every and step > 1 and progress is not None:
            return
        values = {name: float(value) for name, value in metrics.items()}
        values["seconds"] = self.metrics_fetched_at - max(began, before)
        if self.log is not None:
            self.log.scalars(step, "train", values)
        if progress is not None:
            progress.set_postfix(
                loss=f"{values['loss']:.3f}",
                accuracy=f"{values['accuracy']:.3f}",
                best=f"{self.progress['best_exprate']:.1f}",
                refresh=False,
            )

    def _validate(self, progress: tqdm | None) -> None:
        if not self.feed.validation:
            return
        self._fetch_metrics(None)
        with self.goodput.of("validating"):
            found = self.validate(jax.device_get(self.state.ema))
            if self.log is not None:
                self._report(found, self.log, progress)
        if self.log is not None:
            self.log.scalars(self.step, "goodput", self.goodput.values())
        exprate, best = found.score.exprate, self.progress["best_exprate"]
        self.progress |= {"step": self.step, "stale": 0 if exprate > best else self.progress["stale"] + 1}
        if exprate >= best:  # of equally good states the later one is kept, since its learning rate was lower
            self.progress |= {"best_exprate": exprate, "best_step": self.step}
            self._checkpoint("best")

    def _report(self, found: Validation, log: RunLog, progress: tqdm | None) -> None:
        log.scalars(self.step, "validation", found.metrics())
        line = (
            f"step {self.step:,}: validation ExpRate {found.score.exprate:.2f} % (<=1 {found.score.exprate_le1:.2f}, "
            f"<=2 {found.score.exprate_le2:.2f}), CER {found.score.cer:.4f}, loss {found.loss:.3f}"
        )
        (progress.write if progress is not None else print)(line)
        sys.stdout.flush()
        title = f"{self.config.name}, step {self.step:,}: ExpRate {found.score.exprate:.1f} %"
        path = self.workdir.local / "validation.png"
        with explain_write_errors(self.workdir.path):
            image = draw_validation(self.feed.validation, found.predictions, found.truths, path, title)
        log.picture(self.step, "validation", image)
        self.workdir.publish()

    def _checkpoint(self, kind: str) -> None:
        self._fetch_metrics(None)
        with self.goodput.of("saving"):
            state = jax.device_get(self.state)
            self.checkpoints.save(kind, Checkpoint(state, self.config, self.vocabulary, dict(self.progress)))


def describe_run(config: Config, vocabulary: Vocabulary, data_dir: str | Path | None) -> str:
    """Describe a run without training: inks, shapes, parameters, memory, steps, and time on this machine.

    Args:
        config: The config of the run.
        vocabulary: The vocabulary of the run.
        data_dir: Directory of the prepared datasets; None for the default one.

    Returns:
        Several lines of text.
    """
    devices = jax.device_count()
    feed = open_feed(config, vocabulary, data_dir, devices * config.train.accumulate)
    shapes = abstract_state(config, vocabulary)
    parameters = sum(int(np.prod(leaf.shape)) for leaf in jax.tree.leaves(shapes.params))
    size = sum(int(np.prod(leaf.shape)) * leaf.dtype.itemsize for leaf in jax.tree.leaves(shapes))
    source = feed.source(config)
    seconds = _time_steps(config, vocabulary, source)
    total = seconds * config.train.steps
    lines = [
        *feed.notes,
        f"{parameters:,} parameters; the training state takes {size / 2**20:.0f} MiB on each of {devices} devices",
        f"{config.train.steps:,} steps are {config.train.steps / source.steps_per_epoch:.1f} epochs of "
        f"{source.steps_per_epoch:,} steps",
        f"about {seconds * 1000:.0f} ms a step on this machine: {total / 60:.0f} minutes without validation and "
        "compilation",
    ]
    return "\n".join(lines)


def _time_steps(config: Config, vocabulary: Vocabulary, source: Any) -> float:
    """Measure the seconds of a step, without compilation, with one shape. Steps of all shapes take about as long."""
    start = Checkpoint(initial_state(config, vocabulary), config, vocabulary, {})
    step = make_step(config, start.model)
    state = replicate(jax.tree.map(np.array, start.state))
    batch = split_over_devices(next(prefetch(source, 0)), jax.local_device_count())
    state, _ = step(state, batch)
    jax.block_until_ready(state)
    began = time.perf_counter()
    for _ in range(3):
        state, _ = step(state, batch)
    jax.block_until_ready(state)
    return (time.perf_counter() - began) / 3
