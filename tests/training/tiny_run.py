"""A tiny run of two shapes and four steps. All tests share its compiled programs."""

from collections.abc import Callable
from functools import cache

import numpy as np
import optax
import pytest

from tegashiki.input_pipeline.batching import Limits
from tegashiki.input_pipeline.buckets import Bucket
from tegashiki.latex.vocabulary import Vocabulary
from tegashiki.models.seq2seq import Seq2Seq
from tegashiki.training import loop
from tegashiki.training.config import Config, DataConfig, TrainConfig
from tegashiki.training.feed import Feed
from tegashiki.training.optimizer import OptimizerConfig, make_optimizer
from tegashiki.training.state import TrainState, create_state
from tegashiki.training.step import Metrics, StepConfig, make_train_step
from tegashiki.training.validation import Validation, make_validate
from tests.models.tiny import VOCABULARY, random_inks, tiny_config, tiny_params

BUCKETS = (Bucket(4, 5), Bucket(8, 9))
CONFIG = Config(
    name="tiny",
    model=tiny_config("transformer", decoder_layers=1, dropout=0.1),
    data=DataConfig(limits=Limits(8, 10)),
    optimizer=OptimizerConfig(learning_rate=1e-2, warmup_steps=1),
    train=TrainConfig(steps=4, validate_every=2, checkpoint_every=2, log_every=1),
)


def area(strokes: np.ndarray, tokens: np.ndarray) -> np.ndarray:
    return strokes * tokens


@cache
def feed() -> Feed:
    """Two shapes with one batch per epoch each, so that four steps are two epochs."""
    inks = random_inks(60)
    short = [ink for ink in inks if len(ink.boxes) <= 4 and len(ink.tokens) <= 5]
    long = [ink for ink in inks if len(ink.boxes) > 4]
    return Feed(short[:8] + long[:8], None, random_inks(6, seed=2), BUCKETS, (8, 8), BUCKETS[1:], area, ("a note",))


def initial_state(config: Config, vocabulary: Vocabulary) -> TrainState:
    params = tiny_params("transformer", decoder_layers=1, dropout=0.1)
    return create_state(params, make_optimizer(config.optimizer, config.train.steps))


@cache
def compiled_step(
    model: Seq2Seq, config: StepConfig
) -> Callable[[TrainState, dict[str, np.ndarray]], tuple[TrainState, Metrics]]:
    """The same compiled step for every run, also for resumed ones."""
    return make_train_step(model, make_optimizer(CONFIG.optimizer, CONFIG.train.steps), config)


@cache
def compiled_validate(model: Seq2Seq) -> Callable[[optax.Params], Validation]:
    return make_validate(model, VOCABULARY, feed(), CONFIG.data.limits.tokens)


def shrink(patch: pytest.MonkeyPatch) -> None:
    """Let `train` use the inks and parameters of this module, compile nothing twice, and draw no pictures."""
    patch.setattr(loop, "open_feed", lambda *args: feed())
    patch.setattr(loop, "initial_state", initial_state)
    patch.setattr(loop, "make_train_step", lambda model, optimizer, config: compiled_step(model, config))
    patch.setattr(loop, "make_validate", lambda model, *args: compiled_validate(model))
    patch.setattr(loop, "draw_validation", lambda *args: np.zeros((2, 2, 3), np.uint8))
