"""The average of models: the mean of their averaged parameters, and errors for models that cannot be averaged."""

from dataclasses import replace

import jax
import numpy as np
import pytest

from tegashiki.cli import main
from tegashiki.errors import UserError
from tegashiki.latex.vocabulary import Vocabulary
from tegashiki.training.checkpoint import Checkpoint, load_checkpoint
from tegashiki.training.parameters import write_parameters
from tegashiki.training.transfer import average
from tests.models.tiny import VOCABULARY
from tests.training.tiny_run import CONFIG, initial_state


def model(factor, config=CONFIG, vocabulary=VOCABULARY, learnt_from=()):
    """A tiny model whose averaged parameters are fixed parameters times a factor."""
    state = initial_state(config, vocabulary)
    state = state.replace(ema=jax.tree.map(lambda leaf: factor * leaf, state.params))
    progress = {
        "step": int(10 * factor),
        "best_step": 0,
        "best_exprate": 1.0,
        "stale": 0,
        "learnt_from": [*learnt_from],
    }
    return Checkpoint(state, config, vocabulary, progress)


def test_average_is_the_mean_of_the_averaged_parameters():
    found = average([("a", model(1.0, learnt_from=["symbols"])), ("b", model(2.0)), ("c", model(6.0))])
    for leaf, one in zip(jax.tree.leaves(found.state.ema), jax.tree.leaves(model(1.0).state.ema), strict=True):
        np.testing.assert_allclose(leaf, 3 * one, rtol=1e-5)
    assert found.progress["best_exprate"] == -1, "the mean has not been validated"
    assert found.progress["step"] == 60, "the step is that of the last model"
    assert found.progress["learnt_from"] == sorted({"symbols", CONFIG.data.dataset})


def test_a_model_given_twice_has_twice_the_weight():
    found = average([("a", model(1.0)), ("a", model(1.0)), ("b", model(4.0))])
    for leaf, one in zip(jax.tree.leaves(found.state.ema), jax.tree.leaves(model(1.0).state.ema), strict=True):
        np.testing.assert_allclose(leaf, 2 * one, rtol=1e-5)


def test_different_models_cannot_be_averaged():
    wider = replace(CONFIG, model=replace(CONFIG.model, encoder_layers=CONFIG.model.encoder_layers + 1))
    with pytest.raises(UserError, match="they cannot be averaged"):
        average([("first", model(1.0)), ("second", model(1.0, wider))])
    others = Vocabulary([*VOCABULARY.decode(range(3, len(VOCABULARY)))][::-1])
    with pytest.raises(UserError, match="second has another vocabulary than first"):
        average([("first", model(1.0)), ("second", model(1.0, vocabulary=others))])
    average([("first", model(1.0)), ("second", model(1.0, replace(CONFIG, model=replace(CONFIG.model, dropout=0.3))))])


def test_average_command_writes_a_file_that_can_be_loaded(tmp_path, capsys):
    paths = [tmp_path / "a.npz", tmp_path / "b.npz"]
    for path, factor in zip(paths, (1.0, 3.0), strict=True):
        write_parameters(path, model(factor).state.ema, model(factor).about)
    output = tmp_path / "mean.npz"
    assert main(["average", *map(str, paths), "--output", str(output)]) == 0
    assert "the average of 2 models" in capsys.readouterr().out
    one, mean = load_checkpoint(paths[0]), load_checkpoint(output)
    for leaf, other in zip(jax.tree.leaves(one.state.ema), jax.tree.leaves(mean.state.ema), strict=True):
        np.testing.assert_allclose(other, 2 * leaf, rtol=2e-3, atol=1e-4)
    assert main(["average", str(paths[0]), "--output", str(output)]) == 2
    assert "give two or more" in capsys.readouterr().err
    assert main(["average", *map(str, paths), "--output", str(tmp_path / "mean.bin")]) == 2
    assert "does not end in .npz" in capsys.readouterr().err
    assert main(["average", *map(str, paths), "--output", str(tmp_path / "no" / "mean.npz")]) == 2
    assert "cannot be written" in capsys.readouterr().err
