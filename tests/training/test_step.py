"""One training step: gradients do not depend on the number of devices, on padding, or on accumulation.

Gradients are compared instead of updated parameters, because Adam divides by their size and so amplifies noise.
"""

from functools import cache, partial

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from tegashiki.latex.vocabulary import EOS_ID
from tegashiki.training.augment import AugmentConfig
from tegashiki.training.losses import LossConfig, loss_counts, loss_sums
from tegashiki.training.optimizer import OptimizerConfig, make_optimizer
from tegashiki.training.state import TrainState, create_state
from tegashiki.training.step import (
    DEVICES,
    StepConfig,
    gradients_and_metrics,
    make_train_step,
    replicate,
    split_over_devices,
)
from tests.models.tiny import KINDS, forward, tiny_batch, tiny_model, tiny_params, with_junk

ROWS = 16
LOSS = LossConfig(label_smoothing=0.1)
PLAIN = StepConfig(LOSS, None, EOS_ID, 0.99)


@pytest.fixture(params=KINDS)
def kind(request):
    return request.param


@cache
def ragged_batch():
    """13 inks of different lengths in 16 rows: of 8 devices one has no ink and another has ink in one of two rows."""
    return tiny_batch(13, ROWS)


def state_of(params, step=0):
    return TrainState(step=np.int32(step), params=params, ema=None, opt_state=None)


@cache
def over_devices(model, config, devices):
    """The compiled function (state, whole batch) -> (gradients, metrics) on the first devices."""
    mapped = jax.pmap(
        partial(gradients_and_metrics, model, config=config),
        axis_name=DEVICES,
        in_axes=(None, 0),
        out_axes=None,
        devices=jax.local_devices()[:devices],
    )
    return lambda state, batch: jax.device_get(mapped(state, split_over_devices(batch, devices)))


def tiny_gradients(kind, batch, devices=8, config=PLAIN):
    return over_devices(tiny_model(kind), config, devices)(state_of(tiny_params(kind)), batch)


def assert_same(actual, expected, tolerance):
    def compare(path, one, other):
        np.testing.assert_allclose(one, other, atol=tolerance, rtol=0, err_msg=jax.tree_util.keystr(path))

    jax.tree_util.tree_map_with_path(compare, actual, expected)


def test_eight_devices_equal_one(kind):
    """Compare all metrics and all gradients of a ragged batch."""
    expected = tiny_gradients(kind, ragged_batch(), devices=1)
    assert_same(tiny_gradients(kind, ragged_batch()), expected, 1e-6)
    gradients, metrics = expected
    flat = jax.tree_util.tree_leaves_with_path(gradients)
    zero = {jax.tree_util.keystr(path) for path, leaf in flat if np.abs(leaf).max() < 1e-5}
    # These biases add the same number to the logits of all strokes, which does not change a softmax. All other
    # gradients are large enough to compare.
    assert all("['pairs']['mlp']['out']['bias']" in name or "['coverage_out']['bias']" in name for name in zero), zero
    assert metrics["inks"] == 13


def test_metrics_are_those_of_the_whole_batch(kind):
    """They equal sums over the batch divided by counts over the batch, from a plain forward pass."""
    batch = ragged_batch()
    outputs = forward(kind)(tiny_params(kind), batch)
    sums, counts = loss_sums(outputs, batch, LOSS.label_smoothing), loss_counts(batch)
    metrics = tiny_gradients(kind, batch)[1]
    for name in sums:
        assert metrics[f"loss_{name}"] == pytest.approx(float(sums[name] / counts[name]), abs=1e-5)
    total = sum(LOSS.weight(name) * metrics[f"loss_{name}"] for name in sums)
    assert metrics["loss"] == pytest.approx(total, abs=1e-5)
    right = (np.asarray(outputs["logits"]).argmax(axis=-1) == batch["targets"])[batch["weights"] > 0]
    assert metrics["accuracy"] == pytest.approx(right.mean(), abs=1e-6)


def test_junk_in_padding_does_not_change_gradients(kind):
    """Padded strokes and rows hold 1e3, padded tokens and labels random values."""
    assert_same(tiny_gradients(kind, with_junk(ragged_batch())), tiny_gradients(kind, ragged_batch()), 1e-5)


def test_gradient_accumulation_equals_one_batch():
    """Two ragged pieces of 8 rows give the same as all 16 rows."""
    pieces = StepConfig(LOSS, None, EOS_ID, 0.99, accumulate=2)
    together = tiny_gradients("transformer", ragged_batch(), devices=1)
    assert_same(tiny_gradients("transformer", ragged_batch(), devices=1, config=pieces), together, 1e-6)


class Dice:
    """A fake model, whose logits are its parameters plus random numbers from the dropout key."""

    def apply(self, variables, batch, deterministic, rngs):
        assert not deterministic
        rows, length = batch["targets"].shape
        strokes = batch["mask"].shape[1]
        rolled = jax.random.normal(rngs["dropout"], (1, 1, 5))
        return {
            "logits": jnp.broadcast_to(variables["params"][None, None] + rolled, (rows, length, 5)),
            "attention": jnp.full((rows, length, strokes), 0.1),
            "symbol": jnp.zeros((rows, strokes, 5)),
            "same": jnp.zeros((rows, strokes)),
            "slot": jnp.zeros((rows, strokes, 7)),
        }


def test_random_numbers_depend_on_step_device_piece_and_seed():
    """The loss of one ink changes with each of them."""
    one = {name: value[:1] % 5 if name == "targets" else value[:1] for name, value in tiny_batch(1).items()}

    def loss(row, step=0, seed=0):
        batch = {name: np.zeros((4, *value.shape[1:]), value.dtype) for name, value in one.items()}
        for name in batch:
            batch[name][row] = one[name][0]
        config = StepConfig(LOSS, None, EOS_ID, 0.99, seed=seed, accumulate=2)
        return float(over_devices(DICE, config, 2)(state_of(np.zeros(5, np.float32), step), batch)[1]["loss_tokens"])

    losses = [loss(0), loss(0, step=1), loss(2), loss(1), loss(0, seed=1)]
    assert len(set(losses)) == 5
    assert loss(0) == losses[0]


DICE = Dice()


def test_gradients_equal_numerical_ones(kind, monkeypatch):
    """Compare with central differences in float64, along random directions of all parameters."""
    monkeypatch.setattr(jnp, "float32", jnp.float64)  # models compute some parts in float32, whatever their dtype
    first_carry = nn.GRUCell.initialize_carry
    monkeypatch.setattr(nn.GRUCell, "initialize_carry", lambda *args: first_carry(*args).astype(jnp.float64))
    model = tiny_model(kind, dtype="float64")
    with jax.enable_x64(True):
        wide = jax.tree.map(
            lambda leaf: leaf.astype(np.float64) if leaf.dtype == np.float32 else leaf,
            (tiny_params(kind), tiny_batch(3, 4)),
        )

        @jax.jit
        def loss_and_gradient(params, batch):
            def mean_loss(params):
                sums = loss_sums(model.apply({"params": params}, batch), batch, 0.1)
                return sum(LOSS.weight(name) * sums[name] / loss_counts(batch)[name] for name in sums)

            return jax.value_and_grad(mean_loss)(params)

        params, batch = wide
        loss, gradient = loss_and_gradient(params, batch)
        assert loss.dtype == np.float64
        rng, step = np.random.default_rng(0), 1e-6
        for _ in range(3):
            direction = jax.tree.map(lambda leaf: rng.normal(size=leaf.shape), params)
            ends = [
                loss_and_gradient(jax.tree.map(lambda leaf, way, far=far: leaf + far * way, params, direction), batch)[
                    0
                ]
                for far in (step, -step)
            ]
            slopes = jax.tree.map(lambda slope, way: float((slope * way).sum()), gradient, direction)
            # The tolerance is so small that even a parameter with a millionth of the total effect is checked.
            numerical = float(ends[0] - ends[1]) / (2 * step)
            assert sum(jax.tree.leaves(slopes)) == pytest.approx(numerical, rel=1e-6)


# Metrics of a step of the GRU with jax 0.10.2 on x86-64; other versions differ in the last digits. Those of the
# Transformer are in test_loop.py.
GOLDEN = {
    "accuracy": 0.125,
    "accuracy_without_end": 0.13559,
    "gradient_norm": 0.81862,
    "inks": 13.0,
    "loss": 4.60805,
    "loss_attention": 1.1992,
    "loss_same": 0.73124,
    "loss_slot": 2.0707,
    "loss_symbol": 2.16238,
    "loss_tokens": 2.46662,
}


def test_golden_step(caplog):
    """The metrics of the third step from fixed parameters on a fixed batch, with dropout and augmentation."""
    optimizer = make_optimizer(OptimizerConfig(learning_rate=1e-2, warmup_steps=1), 100)
    config = StepConfig(LOSS, AugmentConfig(), EOS_ID, 0.99)
    step = make_train_step(tiny_model("gru", dropout=0.1), optimizer, config)
    state = replicate(create_state(jax.tree.map(jnp.asarray, tiny_params("gru")), optimizer))
    with jax.log_compiles():
        for _ in range(3):
            state, metrics = step(state, split_over_devices(ragged_batch(), 8))
    found = {name: round(float(value), 5) for name, value in sorted(metrics.items())}
    assert found == pytest.approx(GOLDEN, rel=1e-3), (
        "the metrics of a training step have changed. If the change to the model, the losses, the augmentation or the "
        f"optimiser is intended, mention it in the commit message and update GOLDEN: {found}"
    )
    assert int(state.step) == 3
    compiled = [record.message for record in caplog.records if record.message.startswith("Compiling")]
    assert sum("float32[8,2,8,32,2]" in message for message in compiled) == 1, "a later step was compiled again"
    assert sum("jit(update)" in message for message in compiled) == 1, "the update was compiled again"
