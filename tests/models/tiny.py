"""Tiny models with random parameters and ink, which cost only their compilation. No zero parameter hides a path."""

from collections.abc import Callable
from functools import cache
from typing import Any

import jax
import numpy as np
import optax

from tegashiki.ink.preprocess import POINTS_PER_STROKE
from tegashiki.input_pipeline.batching import EncodedInk, pad_batch
from tegashiki.input_pipeline.buckets import Bucket
from tegashiki.latex.vocabulary import EOS_ID, Vocabulary
from tegashiki.models.seq2seq import ModelConfig, Seq2Seq

KINDS = ("transformer", "gru")
VOCABULARY = Vocabulary([*"xy12+-", "{", "}", "^"])
BUCKET = Bucket(strokes=8, tokens=9)  # larger than all inks below, so that every row is padded
SIZES = ((3, 4), (5, 6), (7, 8), (1, 2), (6, 3), (2, 7), (4, 5), (7, 4), (5, 8), (3, 2), (2, 3), (6, 6), (1, 1))


def tiny_config(kind: str, **settings: Any) -> ModelConfig:
    tiny: dict[str, Any] = {"width": 16, "heads": 2, "encoder_layers": 1, "decoder_layers": 2, "dropout": 0.0}
    return ModelConfig(kind=kind, **tiny | settings)


@cache
def tiny_model(kind: str, **settings: Any) -> Seq2Seq:
    return Seq2Seq(tiny_config(kind, **settings), len(VOCABULARY))


@cache
def tiny_params(kind: str, seed: int = 0, **settings: Any) -> optax.Params:
    """Random parameters without compilation, also for the last layer of coverage, which is zero before training."""
    batch = tiny_batch(1)
    shapes = jax.eval_shape(tiny_model(kind, **settings).init, jax.random.key(0), batch)["params"]
    rng = np.random.default_rng(seed)

    def draw(path: tuple[jax.tree_util.DictKey, ...], leaf: jax.ShapeDtypeStruct) -> np.ndarray:
        name, noise = path[-1].key, rng.normal(size=leaf.shape)
        if name == "kernel":
            return (noise / np.sqrt(np.prod(leaf.shape[:-1]))).astype(np.float32)
        return ({"bias": 0.0, "scale": 1.0, "table": 0.0}[name] + noise * (1 if name == "table" else 0.1)).astype(
            np.float32
        )

    return jax.tree_util.tree_map_with_path(draw, shapes)


def random_ink(rng: np.random.Generator, strokes: int, tokens: int) -> EncodedInk:
    """Random strokes along a line, and `tokens` tokens and the end token. The last of several strokes is a dot."""
    points = rng.uniform(-0.5, 0.5, (strokes, POINTS_PER_STROKE, 2)).astype(np.float32)
    boxes = np.stack(
        [np.cumsum(rng.uniform(0, 1, strokes)), rng.normal(0, 0.5, strokes), rng.lognormal(0, 0.3, strokes)], axis=-1
    ).astype(np.float32)
    if strokes > 1:
        points[-1], boxes[-1, 2] = 0, 0
    return EncodedInk(
        points,
        boxes,
        np.asarray([*rng.integers(3, len(VOCABULARY), tokens), EOS_ID], np.int32),
        stroke_tokens=rng.integers(-1, tokens, strokes).astype(np.int32),
        slots=rng.integers(-1, 7, strokes).astype(np.int32),
    )


def random_inks(count: int, seed: int = 0) -> list[EncodedInk]:
    """Inks with the sizes in SIZES, repeated."""
    rng = np.random.default_rng(seed)
    return [random_ink(rng, *SIZES[i % len(SIZES)]) for i in range(count)]


def tiny_batch(inks: int, rows: int | None = None, seed: int = 0, bucket: Bucket = BUCKET) -> dict[str, np.ndarray]:
    """A batch of random inks with `rows` rows; the rows after the inks are empty."""
    return pad_batch(random_inks(inks, seed), bucket, rows or inks)


def with_junk(batch: dict[str, np.ndarray], junk: float = 1e3, seed: int = 1) -> dict[str, np.ndarray]:
    """The batch with junk in all padding: padded strokes and their labels, padded tokens, empty rows."""
    rng = np.random.default_rng(seed)
    batch = {name: value.copy() for name, value in batch.items()}
    empty_BS, empty_BL = ~batch["mask"], batch["weights"] == 0
    for name in ("points", "boxes"):
        signs = rng.choice([-1.0, 1.0], batch[name][empty_BS].shape)
        batch[name][empty_BS] = junk * signs.astype(np.float32)
    batch["stroke_tokens"][empty_BS] = rng.integers(0, batch["inputs"].shape[1], empty_BS.sum())
    batch["slots"][empty_BS] = rng.integers(0, 7, empty_BS.sum())
    for name in ("inputs", "targets"):
        batch[name][empty_BL] = rng.integers(0, len(VOCABULARY), empty_BL.sum())
    return batch


@cache
def forward(kind: str, **settings: Any) -> Callable[[optax.Params, dict[str, np.ndarray]], dict[str, jax.Array]]:
    """The compiled function (params, batch) -> outputs, shared by all tests."""
    model = tiny_model(kind, **settings)
    return jax.jit(lambda params, batch: model.apply({"params": params}, batch))
