"""The training loop: resumes exactly, stops on SIGTERM, early or at numbers that are not finite, compiles once."""

import contextlib
import json
import logging
import os
import shutil
import signal
from dataclasses import replace
from itertools import pairwise

import jax
import numpy as np
import orbax.checkpoint as ocp
import pytest

from tegashiki.errors import UserError
from tegashiki.evaluation.metrics import Scores
from tegashiki.latex.vocabulary import Vocabulary
from tegashiki.safe_files import WriteError
from tegashiki.training import checkpoint, loop
from tegashiki.training.checkpoint import find_checkpoint, load_checkpoint
from tegashiki.training.loop import TrainingError, train
from tegashiki.training.validation import Validation
from tegashiki.training.workdir import Workdir
from tests.models.tiny import VOCABULARY
from tests.training.tiny_run import BUCKETS, CONFIG, feed, initial_state, shrink


@pytest.fixture(scope="module", autouse=True)
def compiled():
    """Log messages of JAX about compilations in this module."""
    messages = []
    handler = logging.Handler()
    handler.emit = lambda record: messages.append(record.getMessage())
    logging.getLogger("jax").addHandler(handler)
    with jax.log_compiles():
        yield messages
    logging.getLogger("jax").removeHandler(handler)


@pytest.fixture(autouse=True)
def tiny(monkeypatch):
    shrink(monkeypatch)


@pytest.fixture(scope="module")
def straight(tmp_path_factory):
    """Work directory and result of a run of four steps without interruption."""
    workdir = tmp_path_factory.mktemp("straight")
    with pytest.MonkeyPatch.context() as patch:
        shrink(patch)
        return workdir, train(CONFIG, workdir, VOCABULARY)


def changed(**settings):
    return replace(CONFIG, train=replace(CONFIG.train, **settings))


def before_step(monkeypatch, number, action):
    """Call `action` just before step `number` (counted from 1) of all later runs."""
    step = loop._Run._step

    def watched(self, *args):
        if self.step + 1 == number:
            action()
        step(self, *args)

    monkeypatch.setattr(loop._Run, "_step", watched)


def fake_steps(monkeypatch, metrics):
    """Replace the training step by one that only counts; `metrics` overrides metrics by step number, from 1."""

    def step(state, batch):
        state = state.replace(step=state.step + 1)
        values = {"loss": 1.0, "accuracy": 0.5, "gradient_norm": 1.0, "inks": 8} | metrics.get(int(state.step), {})
        return state, {name: jax.numpy.float32(value) for name, value in values.items()}

    monkeypatch.setattr(loop, "make_train_step", lambda *args: step)


def fake_validations(monkeypatch, rates):
    """Let the n-th validation return the n-th ExpRate."""
    rates = iter(rates)

    def validate(params):
        return Validation(Scores(1, next(rates), 0.0, 0.0, 1.0), 1.0, 0.0, 0.0, [()], [()])

    monkeypatch.setattr(loop, "make_validate", lambda *args: validate)


def metrics(workdir, kind):
    lines = [json.loads(line) for line in (workdir / "metrics.jsonl").read_text().splitlines()]
    return [{k: v for k, v in line.items() if k not in ("time", "seconds")} for line in lines if line["kind"] == kind]


def assert_same_state(workdir, expected):
    one, other = load_checkpoint(workdir, "latest"), load_checkpoint(expected, "latest")
    jax.tree.map(np.testing.assert_array_equal, one.state, other.state)
    assert one.progress == other.progress


def test_run_writes_metrics_and_latest_and_best_checkpoints(straight):
    workdir, result = straight
    assert (result.steps, result.stopped) == (4, "finished")
    assert [line["step"] for line in metrics(workdir, "train")] == [1, 2, 3, 4]
    assert [line["step"] for line in metrics(workdir, "validation")] == [2, 4]
    assert [line["step"] for line in metrics(workdir, "goodput")] == [2, 4, 4]
    names = {"loss", "loss_tokens", "loss_attention", "accuracy", "accuracy_without_end", "gradient_norm", "inks"}
    assert names <= set(metrics(workdir, "train")[0])
    assert {"exprate", "cer", "loss_tokens", "accuracy"} <= set(metrics(workdir, "validation")[0])
    latest, best = load_checkpoint(workdir, "latest"), load_checkpoint(workdir, "best")
    assert int(latest.state.step) == 4
    assert int(best.state.step) == best.progress["best_step"]
    assert latest.config == CONFIG
    assert latest.vocabulary == VOCABULARY
    moved = [
        np.abs(a - b).max() for a, b in zip(*map(jax.tree.leaves, (latest.state.params, latest.state.ema)), strict=True)
    ]
    assert max(moved) > 1e-3


# Metrics of the last step of the run above, with jax 0.10.2 on x86-64. Other versions differ in the last digits.
GOLDEN = {
    "accuracy": 0.07143,
    "accuracy_without_end": 0.1,
    "gradient_norm": 2.02932,
    "inks": 8.0,
    "loss": 4.75382,
    "loss_attention": 0.76661,
    "loss_same": 0.64521,
    "loss_slot": 2.67219,
    "loss_symbol": 2.37925,
    "loss_tokens": 2.50486,
    "step": 4,
}


def test_golden_run(straight):
    """The metrics of the fourth step from fixed parameters on fixed inks, with dropout and augmentation."""
    found = {
        name: round(value, 5) for name, value in sorted(metrics(straight[0], "train")[-1].items()) if name != "kind"
    }
    assert found == pytest.approx(GOLDEN, rel=1e-3), (
        "the metrics of training have changed. If the change to the model, the losses, the augmentation, the batches "
        f"or the optimiser is intended, mention it in the commit message and update GOLDEN: {found}"
    )


class Killed(BaseException):
    pass


def test_killed_and_resumed_run_equals_an_uninterrupted_one(straight, tmp_path, monkeypatch):
    """Parameters, average, moments and metrics are exactly equal."""

    def kill():
        raise Killed

    with monkeypatch.context() as patch:
        before_step(patch, 3, kill)
        with pytest.raises(Killed):
            train(CONFIG, tmp_path, VOCABULARY)
    assert int(load_checkpoint(tmp_path, "latest").state.step) == 2
    result = train(CONFIG, tmp_path, VOCABULARY)
    assert result == straight[1]
    assert_same_state(tmp_path, straight[0])
    for kind in ("train", "validation"):
        assert metrics(tmp_path, kind) == metrics(straight[0], kind)


def test_steps_after_the_last_checkpoint_are_repeated(straight, tmp_path, monkeypatch):
    """The run is killed before step 4 with a checkpoint of step 2. Step 3 is repeated and may be logged twice."""

    def kill():
        raise Killed

    with monkeypatch.context() as patch:
        before_step(patch, 4, kill)
        with pytest.raises(Killed):
            train(CONFIG, tmp_path, VOCABULARY)
    train(CONFIG, tmp_path, VOCABULARY)
    assert_same_state(tmp_path, straight[0])
    assert [line["step"] for line in metrics(tmp_path, "train")] in ([1, 2, 3, 3, 4], [1, 2, 3, 4])


def test_sigterm_saves_a_checkpoint_and_the_run_can_be_resumed(straight, tmp_path, monkeypatch):
    handler = signal.getsignal(signal.SIGTERM)
    with monkeypatch.context() as patch:
        before_step(patch, 3, lambda: os.kill(os.getpid(), signal.SIGTERM))
        result = train(CONFIG, tmp_path, VOCABULARY)
    assert (result.steps, result.stopped) == (3, "terminated")
    assert int(load_checkpoint(tmp_path, "latest").state.step) == 3, "not a regular checkpoint"
    assert signal.getsignal(signal.SIGTERM) == handler
    assert train(CONFIG, tmp_path, VOCABULARY).stopped == "finished"
    assert_same_state(tmp_path, straight[0])


def test_finished_run_is_not_changed(straight, tmp_path, monkeypatch):
    shutil.copytree(straight[0], tmp_path / "copy")
    before_step(monkeypatch, 5, pytest.fail)
    assert train(CONFIG, tmp_path / "copy", VOCABULARY) == straight[1]
    assert metrics(tmp_path / "copy", "validation") == metrics(straight[0], "validation")


def test_run_with_only_a_best_checkpoint_resumes_from_it(straight, tmp_path, monkeypatch):
    """A run can be killed after its first best checkpoint and before its first latest one."""
    shutil.copytree(straight[0], tmp_path / "copy")
    shutil.rmtree(tmp_path / "copy" / "checkpoints" / "latest")
    start = loop._start(CONFIG, tmp_path / "copy", VOCABULARY, None)
    assert int(start.state.step) == load_checkpoint(straight[0], "best").progress["best_step"] > 0


def test_error_for_a_changed_config_lists_the_changes(straight):
    other = replace(CONFIG, name="other", optimizer=replace(CONFIG.optimizer, learning_rate=0.5))
    with pytest.raises(TrainingError, match="another --workdir") as caught:
        train(other, straight[0], VOCABULARY)
    lines = [line.strip() for line in str(caught.value).splitlines()]
    assert "optimizer.learning_rate: 0.01 -> 0.5" in lines
    assert "name: 'tiny' -> 'other'" in lines
    assert len(lines) == 3


def test_resumed_run_keeps_its_vocabulary(straight, tmp_path):
    shutil.copytree(straight[0], tmp_path / "copy")
    start = loop._start(CONFIG, tmp_path / "copy", Vocabulary(["q"]), None)
    assert start.vocabulary == VOCABULARY


def test_init_starts_from_the_average_of_another_run(straight, tmp_path):
    """A work directory that already holds a run is resumed instead."""
    other = load_checkpoint(straight[0]).state.ema
    start = loop._start(CONFIG, tmp_path, VOCABULARY, straight[0])
    jax.tree.map(np.testing.assert_array_equal, start.state.params, other)
    jax.tree.map(np.testing.assert_array_equal, start.state.ema, other)
    assert int(start.state.step) == 0
    assert start.progress["learnt_from"] == [CONFIG.data.dataset], "the terms of the ink still apply"
    fresh = initial_state(CONFIG, VOCABULARY)
    jax.tree.map(np.testing.assert_array_equal, start.state.opt_state, fresh.opt_state)
    shutil.copytree(straight[0], tmp_path / "copy")
    assert int(loop._start(CONFIG, tmp_path / "copy", VOCABULARY, straight[0]).state.step) == 4


def test_source_datasets_of_synthetic_ink_are_stored_in_the_checkpoint(tmp_path, monkeypatch):
    """Their terms apply to the parameters."""
    monkeypatch.setattr(loop, "open_feed", lambda *args: replace(feed(), made_from=("crohme/1.0.0", "symbols/1.0.1")))
    train(changed(validate_every=1000), tmp_path, VOCABULARY)
    assert load_checkpoint(tmp_path).progress["learnt_from"] == ["crohme", "symbols"]


def test_nan_in_ink_stops_the_run_at_its_step(tmp_path, monkeypatch):
    """This also works for steps that are not logged, and the checkpoint before is intact."""
    broken = replace(feed(), train=[*feed().train])
    ink = broken.train[-1]
    broken.train[-1] = replace(ink, points=np.full_like(ink.points, np.nan))
    source = broken.source(CONFIG)
    bad = next(t for t in range(4) if np.isnan(source[t]["points"]).any())
    monkeypatch.setattr(loop, "open_feed", lambda *args: broken)
    config = changed(log_every=1000, checkpoint_every=1, validate_every=1000)
    with pytest.raises(TrainingError, match=rf"not finite at step {bad + 1} \(.*loss_tokens nan"):
        train(config, tmp_path, VOCABULARY)
    if bad:
        saved = load_checkpoint(tmp_path, "latest").state
        assert int(saved.step) == bad
        assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(saved))
    else:
        assert find_checkpoint(tmp_path, "latest") is None


def test_infinite_gradient_with_a_finite_loss_is_not_saved(tmp_path, monkeypatch):
    fake_steps(monkeypatch, {3: {"gradient_norm": float("inf")}})
    with pytest.raises(TrainingError, match=r"at step 3 \(gradient_norm inf\).*learning_rate"):
        train(changed(checkpoint_every=1, validate_every=1000), tmp_path, VOCABULARY)
    assert int(load_checkpoint(tmp_path, "latest").state.step) == 2


def test_batch_without_ink_stops_the_run_at_its_step(tmp_path, monkeypatch):
    fake_steps(monkeypatch, {3: {"inks": 0}})
    with pytest.raises(TrainingError, match="the batch of step 3 holds no ink"):
        train(changed(checkpoint_every=1, validate_every=1000), tmp_path, VOCABULARY)
    assert int(load_checkpoint(tmp_path, "latest").state.step) == 2


def test_full_disk_ends_the_run_and_keeps_earlier_checkpoints(tmp_path, monkeypatch):
    """The error is inside one of Orbax; the same command continues the run."""
    fake_steps(monkeypatch, {})
    fake_validations(monkeypatch, [0.0] * 9)
    config = changed(checkpoint_every=1, validate_every=1000, steps=3)
    save = ocp.CheckpointManager.save

    def full(self, step, **arguments):
        if step == 2:
            raise ValueError("INTERNAL: while writing") from OSError(28, "No space left on device")
        return save(self, step, **arguments)

    with monkeypatch.context() as patch:
        patch.setattr(ocp.CheckpointManager, "save", full)
        with pytest.raises(WriteError, match=r"No space left on device.*the same command again"):
            train(config, tmp_path, VOCABULARY)
    assert int(load_checkpoint(tmp_path, "latest").state.step) == 1
    assert train(config, tmp_path, VOCABULARY).stopped == "finished"


@pytest.mark.parametrize("what", ["parameters", "checkpoint"])
def test_parameters_match_the_best_checkpoint_after_a_full_disk(tmp_path, monkeypatch, what):
    fake_steps(monkeypatch, {})
    fake_validations(monkeypatch, [10.0, 20.0, 20.0, 15.0])  # step 2 twice
    config = changed(checkpoint_every=1, validate_every=1, steps=3)
    save, write = ocp.CheckpointManager.save, checkpoint.write_parameters

    def full(self, step, **arguments):
        if step == 2 and self.directory.name == "best":
            raise OSError(28, "No space left on device")
        return save(self, step, **arguments)

    def full_for_parameters(path, params, about):
        if about["progress"]["step"] == 2:
            raise OSError(28, "No space left on device")
        write(path, params, about)

    with monkeypatch.context() as patch:
        if what == "checkpoint":
            patch.setattr(ocp.CheckpointManager, "save", full)
        else:
            patch.setattr(checkpoint, "write_parameters", full_for_parameters)
        with pytest.raises(WriteError, match="No space left on device"):
            train(config, tmp_path, VOCABULARY)
    assert train(config, tmp_path, VOCABULARY).stopped == "finished"
    assert load_checkpoint(tmp_path / "parameters.npz").progress == load_checkpoint(tmp_path, "best").progress


def test_unfinished_files_of_a_killed_run_are_removed(tmp_path, monkeypatch):
    fake_steps(monkeypatch, {})
    fake_validations(monkeypatch, [0.0] * 9)
    config = changed(checkpoint_every=1, validate_every=1000, steps=2)
    train(config, tmp_path, VOCABULARY)
    begun = (tmp_path / ".parameters.npz.99", tmp_path / "checkpoints" / "latest" / "2.orbax-checkpoint-tmp")
    begun[0].write_bytes(b"half")
    shutil.copytree(tmp_path / "checkpoints" / "latest" / "2", begun[1])
    train(config, tmp_path, VOCABULARY)
    assert not any(path.exists() for path in begun)


def test_patience_ends_a_run_that_no_longer_improves(tmp_path, monkeypatch):
    """The run is best at step 2 and equally good at step 3, which is kept; it ends after two such validations."""
    fake_steps(monkeypatch, {})
    fake_validations(monkeypatch, [10.0, 30.0, 30.0, 20.0, 99.0])
    config = changed(steps=100, validate_every=1, checkpoint_every=50, patience=2)
    result = train(config, tmp_path, VOCABULARY)
    assert (result.steps, result.stopped, result.best_exprate) == (4, "early", 30.0)
    assert load_checkpoint(tmp_path).progress == {"step": 3, "best_step": 3, "best_exprate": 30.0, "stale": 1}
    assert load_checkpoint(tmp_path, "latest").progress["stale"] == 2
    assert train(config, tmp_path, VOCABULARY) == result


def test_run_without_patience_does_not_stop_early(tmp_path, monkeypatch):
    fake_steps(monkeypatch, {})
    fake_validations(monkeypatch, [10.0] + [5.0] * 9)
    assert train(changed(steps=10, validate_every=1), tmp_path, VOCABULARY).stopped == "finished"


def test_the_first_and_every_nth_step_are_logged(tmp_path, monkeypatch):
    fake_steps(monkeypatch, {})
    fake_validations(monkeypatch, [0.0] * 9)
    train(changed(steps=7, log_every=3, validate_every=100, checkpoint_every=100), tmp_path, VOCABULARY)
    assert [line["step"] for line in metrics(tmp_path, "train")][:3] == [1, 3, 6]


def test_every_shape_is_compiled_once_for_all_runs(straight, compiled):
    """Neither the second step of a run nor the first step after a resume is compiled again."""
    for bucket in BUCKETS:
        shape = f"float32[8,1,{bucket.strokes},32,2]"
        found = [message for message in compiled if message.startswith("Compiling") and shape in message]
        assert len(found) == 1, f"{len(found)} compilations of {bucket}"
    shapes = [batch["mask"].shape for batch in (feed().source(CONFIG)[t] for t in range(4))]
    assert any(one != other for one, other in pairwise(shapes))


@pytest.mark.slow
def test_profile_writes_a_trace(tmp_path, monkeypatch):
    monkeypatch.setattr(loop, "PROFILE_AFTER", 1)
    monkeypatch.setattr(loop, "PROFILED", 2)
    train(CONFIG, tmp_path, VOCABULARY, profile=True)
    assert list((tmp_path / "profile").rglob("perfetto_trace.json.gz"))


def test_profiled_steps():
    assert loop.profiled_steps(0, 1000) == range(100, 110)
    assert loop.profiled_steps(500, 1000) == range(600, 610)
    assert loop.profiled_steps(0, 105) == range(95, 105)  # all ten steps, although the run ends early
    assert loop.profiled_steps(0, 50) == range(40, 50)
    assert loop.profiled_steps(0, 4) == range(4)
    assert not loop.profiled_steps(1000, 1000)


@pytest.fixture
def traces(monkeypatch):
    """Calls of the profiler, which does not record anything."""
    told = []
    monkeypatch.setattr(jax.profiler, "start_trace", lambda *_, **__: told.append("start"))
    monkeypatch.setattr(jax.profiler, "stop_trace", lambda: told.append("stop"))
    return told


@pytest.mark.parametrize("end", ["finished", "terminated", "broken"])
def test_profile_is_written_if_the_run_ends_within_it(end, traces, tmp_path, monkeypatch):
    fake_steps(monkeypatch, {3: {"loss": np.nan}} if end == "broken" else {})
    fake_validations(monkeypatch, [0.0] * 9)
    monkeypatch.setattr(loop, "PROFILE_AFTER", 1)
    if end == "terminated":
        before_step(monkeypatch, 3, lambda: os.kill(os.getpid(), signal.SIGTERM))
    with pytest.raises(TrainingError) if end == "broken" else contextlib.nullcontext():
        assert train(changed(steps=6), tmp_path, VOCABULARY, profile=True).stopped == end
    assert traces == ["start", "stop"]


def test_message_if_the_run_ends_before_the_profile(traces, tmp_path, monkeypatch, capsys):
    fake_steps(monkeypatch, {})
    fake_validations(monkeypatch, [0.0] * 9)
    before_step(monkeypatch, 2, lambda: os.kill(os.getpid(), signal.SIGTERM))
    train(changed(steps=50), tmp_path, VOCABULARY, profile=True)
    assert not traces and "no profile: the run ended at step 2, before step 40" in capsys.readouterr().err


def test_second_run_in_a_work_directory_is_refused(straight):
    workdir, _ = straight
    with Workdir(workdir).exclusive_lock(), pytest.raises(UserError, match="is used by another run"):
        train(CONFIG, workdir, VOCABULARY)
