"""Losses, compared with sums of single terms computed by numpy."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from tegashiki.training.losses import LossConfig, accuracy_sums, loss_counts, loss_sums, strokes_of_tokens

VOCABULARY, EOS = 5, 2
NAMES = ("tokens", "symbol", "same", "slot", "attention")

# One ink with three strokes and two tokens, padded by a stroke and a token with junk labels, and one empty row.
BATCH = {
    "targets": np.array([[3, 4, EOS, 1], [0, 0, 0, 0]], np.int32),
    "weights": np.array([[1, 1, 1, 0], [0, 0, 0, 0]], np.float32),
    "mask": np.array([[True, True, True, False], [False] * 4]),
    "stroke_tokens": np.array([[0, 1, 1, 0], [2, 2, 2, 2]], np.int32),
    "slots": np.array([[0, -1, 4, 3], [1, 1, 1, 1]], np.int32),
}


def outputs(seed=0):
    rng = np.random.default_rng(seed)
    attention = rng.uniform(size=(2, 4, 4))
    return {
        "logits": rng.normal(size=(2, 4, VOCABULARY)).astype(np.float32),
        "attention": (attention / attention.sum(axis=-1, keepdims=True)).astype(np.float32),
        "symbol": rng.normal(size=(2, 4, VOCABULARY)).astype(np.float32),
        "same": rng.normal(size=(2, 4)).astype(np.float32),
        "slot": rng.normal(size=(2, 4, 7)).astype(np.float32),
    }


def log_softmax(logits):
    return logits - np.log(np.exp(logits).sum())


def cross_entropy(logits, target, smoothing=0.0):
    shares = np.full(len(logits), smoothing / len(logits))
    shares[target] += 1 - smoothing
    return -(shares * log_softmax(logits)).sum()


def sums(outputs, batch=BATCH, smoothing=0.0):
    return {name: float(value) for name, value in loss_sums(outputs, batch, smoothing).items()}


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_tokens_loss(smoothing):
    given = outputs()
    expected = sum(cross_entropy(given["logits"][0, t], [3, 4, EOS][t], smoothing) for t in range(3))
    assert sums(given, smoothing=smoothing)["tokens"] == pytest.approx(expected, rel=1e-5)


def test_symbol_loss_has_the_tokens_of_the_strokes_as_targets():
    given = outputs()
    expected = sum(cross_entropy(given["symbol"][0, s], target) for s, target in enumerate([3, 4, 4]))
    assert sums(given)["symbol"] == pytest.approx(expected, rel=1e-5)


def test_same_loss():
    """Stroke 1 starts a symbol, and stroke 2 continues it; stroke 0 does not count."""
    given = outputs()
    same = 1 / (1 + np.exp(-given["same"][0]))
    assert sums(given)["same"] == pytest.approx(-np.log(1 - same[1]) - np.log(same[2]), rel=1e-5)


def test_slot_loss_skips_unknown_slots():
    given = outputs()
    expected = cross_entropy(given["slot"][0, 0], 0) + cross_entropy(given["slot"][0, 2], 4)
    assert sums(given)["slot"] == pytest.approx(expected, rel=1e-5)


def test_attention_loss():
    """Stroke 0 draws token 0, strokes 1 and 2 draw token 1; the padded stroke 3 has the label of token 0."""
    given = outputs()
    given["attention"][0, 0, 3] = 0  # real attention to padded strokes is zero
    seen = given["attention"][0, 0, 0], given["attention"][0, 1, 1] + given["attention"][0, 1, 2]
    assert sums(given)["attention"] == pytest.approx(-np.log(seen).sum(), rel=1e-4)


def test_counts_are_those_of_known_labels():
    counts = {name: float(value) for name, value in loss_counts(BATCH).items()}
    assert counts == {"tokens": 3, "symbol": 3, "same": 2, "slot": 2, "attention": 2}
    assert set(sums(outputs())) == set(counts) == set(NAMES)


def test_pairs_with_an_unknown_stroke_do_not_count():
    batch = BATCH | {"stroke_tokens": np.array([[0, -1, 1, 0], [2, 2, 2, 2]], np.int32)}
    given = outputs()
    assert float(loss_counts(batch)["same"]) == 0
    assert sums(given, batch)["same"] == 0
    assert float(loss_counts(batch)["symbol"]) == 2
    expected = cross_entropy(given["symbol"][0, 0], 3) + cross_entropy(given["symbol"][0, 2], 4)
    assert sums(given, batch)["symbol"] == pytest.approx(expected, rel=1e-5)


def test_unknown_strokes_have_no_auxiliary_losses_or_gradients():
    batch = BATCH | {"stroke_tokens": np.full((2, 4), -1, np.int32), "slots": np.full((2, 4), -1, np.int32)}
    unknown = [name for name in NAMES if name != "tokens"]
    assert {name: float(loss_counts(batch)[name]) for name in unknown} == dict.fromkeys(unknown, 0)
    assert {name: sums(outputs(), batch)[name] for name in unknown} == dict.fromkeys(unknown, 0)
    gradients = jax.grad(lambda given: sum(loss_sums(given, batch, 0.1)[name] for name in unknown))(outputs())
    assert all((np.asarray(leaf) == 0).all() for leaf in jax.tree.leaves(gradients))


def test_empty_batch_has_zero_counts_and_losses():
    batch = jax.tree.map(lambda leaf: leaf[1:], BATCH)
    assert all(float(count) == 0 for count in loss_counts(batch).values())
    assert set(sums(jax.tree.map(lambda leaf: leaf[1:], outputs()), batch).values()) == {0.0}


def test_nan_in_padding_does_not_change_losses():
    """Masked values must be replaced, because NaN times zero is NaN."""
    given = outputs()
    given["attention"][0, :, 3] = 0
    expected = sums(given)
    for name in ("logits", "symbol", "same", "slot"):
        given[name][1], given[name][0, 3] = np.nan, np.nan
    given["attention"][1] = np.nan
    assert sums(given) == expected


def test_loss_and_gradient_of_zero_attention_are_finite():
    given = outputs() | {"attention": np.zeros((2, 4, 4), np.float32)}
    assert sums(given)["attention"] == pytest.approx(-2 * np.log(1e-6), rel=1e-4)
    gradient = jax.grad(lambda attention: loss_sums(given | {"attention": attention}, BATCH, 0.0)["attention"])
    assert np.isfinite(gradient(jnp.zeros((2, 4, 4)))).all()


def test_strokes_of_tokens():
    owned = np.asarray(strokes_of_tokens(BATCH))
    assert owned[0, :3, :3].tolist() == [[1, 0, 0], [0, 1, 1], [0, 0, 0]]


def test_accuracy_with_and_without_the_end_token():
    """Of three real tokens the first is wrong; the padded token is right but does not count."""
    given = outputs()
    given["logits"] = -10 * np.ones_like(given["logits"])
    for place, token in enumerate([4, 4, EOS, 1]):
        given["logits"][0, place, token] = 0
    counts = {name: float(value) for name, value in accuracy_sums(given, BATCH, EOS).items()}
    assert counts == {"right": 2, "right_without_end": 1, "tokens": 3, "tokens_without_end": 2}


def test_every_loss_has_a_weight():
    config = LossConfig(symbol=0.1, same=0.2, slot=0.3, attention=0.4)
    assert [config.weight(name) for name in NAMES] == [1.0, 0.1, 0.2, 0.3, 0.4]
