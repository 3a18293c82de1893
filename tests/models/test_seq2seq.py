"""Properties of both models: masks, causality, stepwise decoding, blindness, and the shapes of the contract."""

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from tegashiki.errors import UserError
from tegashiki.input_pipeline.buckets import Bucket
from tegashiki.latex.normalize import SLOTS
from tegashiki.models.layers import TokenEmbedding
from tegashiki.models.seq2seq import SLOT_COUNT, Seq2Seq, stem_width
from tests.models.tiny import (
    BUCKET,
    KINDS,
    VOCABULARY,
    forward,
    tiny_batch,
    tiny_config,
    tiny_model,
    tiny_params,
    with_junk,
)

ROWS = 4


@pytest.fixture(params=KINDS)
def kind(request):
    return request.param


def real(batch, outputs):
    """The outputs for real tokens and strokes, without padding."""
    tokens, strokes = batch["weights"] > 0, batch["mask"]
    attention = np.asarray(outputs["attention"]) * strokes[:, None] * tokens[..., None]
    return {
        "logits": np.asarray(outputs["logits"])[tokens],
        "attention": attention,
        **{name: np.asarray(outputs[name])[strokes] for name in ("symbol", "same", "slot")},
    }


def assert_close(actual, expected, tolerance):
    for name in expected:
        np.testing.assert_allclose(actual[name], expected[name], atol=tolerance, rtol=0, err_msg=name)


def test_junk_in_padding_does_not_change_real_outputs(kind):
    batch = tiny_batch(ROWS - 1, ROWS)
    outputs = forward(kind)(tiny_params(kind), batch)
    junk = forward(kind)(tiny_params(kind), with_junk(batch))
    assert not np.allclose(outputs["logits"], junk["logits"], atol=1e-2), "the junk did not even change padded outputs"
    assert_close(real(batch, junk), real(batch, outputs), 1e-5)


def test_more_padding_does_not_change_real_outputs(kind):
    narrow, wide = tiny_batch(ROWS), tiny_batch(ROWS, bucket=Bucket(BUCKET.strokes + 5, BUCKET.tokens + 3))
    expected = real(narrow, forward(kind)(tiny_params(kind), narrow))
    actual = real(wide, forward(kind)(tiny_params(kind), wide))
    actual["attention"] = actual["attention"][:, : BUCKET.tokens, : BUCKET.strokes]
    assert_close(actual, expected, 1e-5)


def test_logits_do_not_depend_on_later_tokens(kind):
    """The gradient of the logits at t by the vector of token t' is exactly 0 for t' > t, and not 0 for t' <= t."""
    model, params, batch = tiny_model(kind), tiny_params(kind), tiny_batch(1)
    length = batch["inputs"].shape[1]

    def gradient_size(shown_L):
        def shown_logits(shift_1LD):
            def shift(call, args, kwargs, context):
                vectors = call(*args, **kwargs)
                return vectors + shift_1LD if isinstance(context.module, TokenEmbedding) else vectors

            with nn.intercept_methods(shift):
                logits_BLV = model.apply({"params": params}, batch)["logits"]
            direction = jnp.sin(jnp.arange(logits_BLV.size)).reshape(logits_BLV.shape)
            return jnp.sum(logits_BLV * direction * shown_L[None, :, None])

        return jnp.abs(jax.grad(shown_logits)(jnp.zeros((1, length, 16)))).sum(axis=(0, 2))

    sizes_LL = np.asarray(jax.jit(jax.vmap(gradient_size))(jnp.eye(length)))
    assert (sizes_LL[np.triu_indices(length, 1)] == 0).all()
    assert (sizes_LL[np.tril_indices(length)] > 1e-6).all()


def test_stepwise_decoding_equals_teacher_forcing(kind):
    model, batch = tiny_model(kind), tiny_batch(ROWS)
    expected = forward(kind)(tiny_params(kind), batch)
    room = BUCKET.tokens + 4  # a cache longer than the tokens, whose unused places must not count

    @jax.jit
    def stepwise(params, batch):
        def apply(method, *args):
            return model.apply({"params": params}, *args, method=method)

        rows, strokes, points, _ = batch["points"].shape
        stems = apply("stem", batch["points"].reshape(-1, points, 2)).reshape(rows, strokes, -1)
        encoded = apply("encode", stems, batch["boxes"], batch["mask"])

        def step(cache, token):
            position, tokens = token
            logits, attention, _, cache = apply("decode_step", encoded, cache, tokens, position)
            return cache, (logits, attention)

        places = jnp.arange(BUCKET.tokens, dtype=jnp.int32)
        return jax.lax.scan(step, apply("init_cache", encoded, room), (places, batch["inputs"].T))[1]

    logits_LBV, attention_LBS = stepwise(tiny_params(kind), batch)
    np.testing.assert_allclose(logits_LBV.swapaxes(0, 1), expected["logits"], atol=1e-5, rtol=0)
    np.testing.assert_allclose(attention_LBS.swapaxes(0, 1), expected["attention"], atol=1e-5, rtol=0)


def test_attention_is_a_distribution_over_real_strokes(kind):
    batch = tiny_batch(ROWS)
    attention = np.asarray(forward(kind)(tiny_params(kind), batch)["attention"])
    np.testing.assert_allclose(attention.sum(axis=-1), 1, atol=1e-5)
    assert (attention >= 0).all()
    assert (attention.swapaxes(1, 2)[~batch["mask"]] == 0).all()


def test_logits_of_a_blind_model_do_not_depend_on_the_ink(kind):
    """Other strokes and boxes, or more of them, do not change its logits; those of an ordinary model change."""
    one, other = tiny_batch(ROWS, seed=0), tiny_batch(ROWS, seed=5)
    other["inputs"] = one["inputs"]
    more = other | {"mask": np.ones_like(other["mask"])}
    blind = [forward(kind, blind=True)(tiny_params(kind), batch)["logits"] for batch in (one, other, more)]
    seeing = [forward(kind)(tiny_params(kind), batch)["logits"] for batch in (one, other)]
    np.testing.assert_array_equal(blind[0], blind[1])
    np.testing.assert_allclose(blind[0], blind[2], atol=2e-6)  # rounding of a mean depends on the count
    assert np.abs(seeing[0] - seeing[1]).max() > 0.1


def test_contract_shapes(kind):
    """`encode` takes the outputs of `stem` for single strokes; arrays of the ink and the cache have rows first."""
    model, config = tiny_model(kind), tiny_config(kind)
    variables = {"params": tiny_params(kind)}

    def line(points, boxes, mask, tokens):
        stems = model.apply(variables, points, method="stem")
        encoded = model.apply(variables, stems[None], boxes[None], mask[None], method="encode")
        cache = model.apply(variables, encoded, 7, method="init_cache")
        return stems, encoded, cache, model.apply(variables, encoded, cache, tokens, jnp.int32(0), method="decode_step")

    stems, encoded, cache, (logits, attention, hidden, after) = jax.eval_shape(
        line, np.zeros((5, 32, 2), np.float32), np.zeros((5, 3), np.float32), np.ones(5, bool), np.ones(1, np.int32)
    )
    assert stems.shape == (5, stem_width(config))
    assert logits.shape == (1, len(VOCABULARY))
    assert attention.shape == (1, 5)
    assert hidden.shape == (1, config.width)
    assert {leaf.shape[0] for leaf in jax.tree.leaves((encoded, cache))} == {1}
    assert jax.tree.map(lambda leaf: (leaf.shape, leaf.dtype), cache) == jax.tree.map(
        lambda leaf: (leaf.shape, leaf.dtype), after
    )
    if kind == "transformer":
        assert cache["key0"].shape == (1, 2, 7, 8)


@pytest.mark.parametrize("kind", KINDS)
def test_bfloat16_is_used_inside_but_outputs_are_float32(kind):
    model = tiny_model(kind, dtype="bfloat16")
    shapes = jax.eval_shape(model.init, jax.random.key(0), tiny_batch(2))["params"]
    assert {leaf.dtype for leaf in jax.tree.leaves(shapes)} == {jnp.dtype("float32")}
    outputs = jax.eval_shape(lambda: model.apply({"params": tiny_params(kind)}, tiny_batch(2)))
    assert {leaf.dtype for leaf in jax.tree.leaves(outputs)} == {jnp.dtype("float32")}
    text = (
        jax.jit(lambda params, batch: model.apply({"params": params}, batch))
        .lower(tiny_params(kind), tiny_batch(2))
        .as_text()
    )
    products = [line for line in text.splitlines() if "dot_general" in line and "loc" not in line[:4]]
    narrow = [line for line in products if "bf16" in line]
    assert len(narrow) > 0.8 * len(products), f"{len(narrow)} of {len(products)} products are in bfloat16"


def test_empty_rows_and_dots_give_finite_outputs(kind):
    """Neither rows without strokes nor an ink of dots gives NaN."""
    batch = tiny_batch(ROWS - 1, ROWS)
    batch["points"][0], batch["boxes"][0] = 0, 0
    outputs = forward(kind)(tiny_params(kind), batch)
    assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(outputs))


def test_slot_count_is_that_of_latex():
    assert len(SLOTS) == SLOT_COUNT


def test_error_names_an_unknown_kind():
    with pytest.raises(UserError, match=r"model\.kind is 'lstm'.*transformer.*gru"):
        jax.eval_shape(Seq2Seq(tiny_config("lstm"), 12).init, jax.random.key(0), tiny_batch(1))
