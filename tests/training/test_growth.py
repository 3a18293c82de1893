"""A larger model reads as the smaller one from which it grew, and can learn in every layer."""

from dataclasses import replace

import jax
import numpy as np
import pytest

from tegashiki.training.checkpoint import Checkpoint
from tegashiki.training.config import Config
from tegashiki.training.growth import grow
from tegashiki.training.optimizer import make_optimizer
from tegashiki.training.state import create_state
from tests.models.tiny import VOCABULARY, tiny_batch, tiny_config, tiny_params


def checkpoint(kind="transformer"):
    config = Config(name="tiny", model=tiny_config(kind))
    state = create_state(tiny_params(kind), make_optimizer(config.optimizer, config.train.steps))
    return Checkpoint(state, config, VOCABULARY, {"step": 3})


@pytest.mark.parametrize(
    "more", [{"encoder_layers": 3}, {"decoder_layers": 3}, {"encoder_layers": 2, "decoder_layers": 4}]
)
def test_deeper_model_reads_the_same(more):
    shallow = checkpoint()
    wanted = tiny_config("transformer", **more)
    deeper = grow(shallow, wanted)
    assert deeper.config.model == wanted
    fresh = jax.eval_shape(deeper.model.init, jax.random.key(0), tiny_batch(1))["params"]
    jax.tree.map(lambda new, stored: np.testing.assert_equal(np.shape(stored), new.shape), fresh, deeper.state.ema)
    batch = tiny_batch(3)
    before = shallow.model.apply({"params": shallow.state.ema}, batch)
    after = deeper.model.apply({"params": deeper.state.ema}, batch)
    np.testing.assert_allclose(after["logits"], before["logits"], atol=1e-5)


def test_wider_model_reads_the_same(monkeypatch):
    """With twice the width, layer normalisation sees every channel twice; only position encodings differ."""
    for part in ("stem", "transformer"):
        monkeypatch.setattr(f"tegashiki.models.{part}.sinusoids", lambda length, width: np.zeros((length, width)))
    narrow = checkpoint()
    old = narrow.config.model
    wanted = replace(old, width=2 * old.width, heads=2 * old.heads, encoder_layers=old.encoder_layers + 1)
    wider = grow(narrow, wanted)
    assert wider.config.model == wanted
    batch = tiny_batch(3)
    before = narrow.model.apply({"params": narrow.state.ema}, batch)
    after = wider.model.apply({"params": wider.state.ema}, batch)
    for name in before:
        np.testing.assert_allclose(after[name], before[name], atol=1e-4, err_msg=name)
    copies = np.asarray(wider.state.ema["model"]["encoder_0"]["out"]["kernel"])[: 2 * old.width // old.heads]
    assert np.abs(copies[: len(copies) // 2] - copies[len(copies) // 2 :]).max() > 1e-3, "copies stay alike"


@pytest.mark.slow
def test_new_layers_can_learn():
    """The output projections of a new layer are zero but have gradients."""
    deeper = grow(checkpoint(), tiny_config("transformer", encoder_layers=2))
    batch = tiny_batch(3)
    slope = jax.grad(lambda params: (deeper.model.apply({"params": params}, batch)["logits"] ** 2).mean())(
        deeper.state.ema
    )["model"]["encoder_1"]
    assert np.abs(slope["out"]["kernel"]).max() > 0
    assert np.abs(slope["mlp"]["out"]["kernel"]).max() > 0


def test_models_that_cannot_grow_stay_unchanged():
    shallow = checkpoint()
    model = shallow.config.model
    smaller = replace(model, decoder_layers=1)
    other_heads = replace(model, width=2 * model.width)
    for wanted in (model, smaller, other_heads, tiny_config("gru")):
        assert grow(shallow, wanted).config == shallow.config
