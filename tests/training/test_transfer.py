"""A deepened model reads the same as the original one, and can learn in every layer."""

from dataclasses import replace

import jax
import numpy as np
import pytest

from tegashiki.training.checkpoint import Checkpoint
from tegashiki.training.config import Config
from tegashiki.training.optimizer import make_optimizer
from tegashiki.training.state import create_state
from tegashiki.training.transfer import deepen
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
    deeper = deepen(shallow, wanted)
    assert deeper.config.model == wanted
    fresh = jax.eval_shape(deeper.model.init, jax.random.key(0), tiny_batch(1))["params"]
    jax.tree.map(lambda new, stored: np.testing.assert_equal(np.shape(stored), new.shape), fresh, deeper.state.ema)
    batch = tiny_batch(3)
    before = shallow.model.apply({"params": shallow.state.ema}, batch)
    after = deeper.model.apply({"params": deeper.state.ema}, batch)
    np.testing.assert_allclose(after["logits"], before["logits"], atol=1e-5)


def test_new_layers_can_learn():
    """The output projections of a new layer are zero but have gradients."""
    deeper = deepen(checkpoint(), tiny_config("transformer", encoder_layers=2))
    batch = tiny_batch(3)
    slope = jax.grad(lambda params: (deeper.model.apply({"params": params}, batch)["logits"] ** 2).mean())(
        deeper.state.ema
    )["model"]["encoder_1"]
    assert np.abs(slope["out"]["kernel"]).max() > 0
    assert np.abs(slope["mlp"]["out"]["kernel"]).max() > 0


def test_models_that_cannot_be_deepened_stay_unchanged():
    shallow = checkpoint()
    for wanted in (shallow.config.model, replace(shallow.config.model, decoder_layers=1), tiny_config("gru")):
        assert deepen(shallow, wanted).config == shallow.config
