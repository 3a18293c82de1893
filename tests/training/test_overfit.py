"""Each model must overfit a few inks: after 300 steps it must read all of them exactly."""

import jax
import numpy as np
import pytest

from tegashiki.input_pipeline.batching import evaluation_batches, lengths, pad_batch
from tegashiki.input_pipeline.buckets import Bucket
from tegashiki.latex.vocabulary import EOS_ID, Vocabulary
from tegashiki.models.seq2seq import Seq2Seq
from tegashiki.synthesis.embedded import generate
from tegashiki.training.config import Config, TrainConfig
from tegashiki.training.greedy import make_predict, predict_all
from tegashiki.training.losses import LossConfig
from tegashiki.training.optimizer import OptimizerConfig, make_optimizer
from tegashiki.training.state import initial_state
from tegashiki.training.step import StepConfig, make_train_step, replicate, split_over_devices
from tests.input_pipeline.encoding import encode_example
from tests.models.tiny import KINDS, tiny_config

pytestmark = pytest.mark.slow
STEPS, INKS, ROWS = 300, 14, 16


@pytest.fixture(scope="module")
def examples():
    return generate("train", INKS, seed=7)


@pytest.mark.parametrize("count", [1, INKS])
@pytest.mark.parametrize("kind", KINDS)
def test_model_overfits_a_few_inks(kind, count, examples):
    vocabulary = Vocabulary(sorted({token for example in examples for token in example.tokens}))
    every = [encode_example(example, vocabulary) for example in examples]
    inks, bucket = every[:count], Bucket(*map(int, np.max(lengths(every), axis=1)))
    config = Config(
        model=tiny_config(kind, width=32),
        optimizer=OptimizerConfig(learning_rate=5e-3, warmup_steps=20),
        train=TrainConfig(steps=STEPS),
    )
    state = initial_state(config, vocabulary)
    optimizer = make_optimizer(config.optimizer, STEPS)
    model = Seq2Seq(config.model, len(vocabulary))
    step = make_train_step(model, optimizer, StepConfig(LossConfig(), None, EOS_ID, 0.99))
    state, batch = replicate(state), split_over_devices(pad_batch(inks, bucket, ROWS), jax.device_count())
    for _ in range(STEPS):
        state, metrics = step(state, batch)
        jax.block_until_ready(metrics)
    batches = evaluation_batches(inks, [bucket], [ROWS], lambda strokes, tokens: strokes * tokens)
    longest = bucket.tokens + 2
    read = predict_all(make_predict(model, longest), jax.device_get(state.params), batches, count, longest)
    wrong = [
        (vocabulary.decode(ids), vocabulary.decode(ink.tokens))
        for ids, ink in zip(read, inks, strict=True)
        if vocabulary.decode(ids) != vocabulary.decode(ink.tokens)
    ]
    assert not wrong, (
        f"{len(wrong)} of {count} inks are read wrongly after {STEPS} steps at loss {metrics['loss']}: {wrong}"
    )
