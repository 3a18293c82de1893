"""Is a file the model? Both read the same inks, with known tokens and on their own, and are compared."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import numpy as np
from tqdm import tqdm

from tegashiki.decoding.backend import Backend, encode_padded
from tegashiki.decoding.search import search
from tegashiki.errors import UserError
from tegashiki.input_pipeline.batching import EncodedInk, evaluation_batches, lengths
from tegashiki.input_pipeline.buckets import choose_buckets
from tegashiki.latex.vocabulary import BOS_ID
from tegashiki.models.flops import ink_flops
from tegashiki.models.seq2seq import Seq2Seq
from tegashiki.training.greedy import make_predict, predict_all, words

LOGITS = 1e-4  # largest difference of a float32 file's logits from the model's
SAME_TOKENS = 0.995  # least share of known tokens after which a quantised file expects the same next one
EXPRATE = 0.5  # most that a quantised file's ExpRate may be under the model's, in points
ROWS = 16  # inks the model reads together
EVERY_SHAPE = 2  # inks that are read in every shape of the file that holds them

Ids = tuple[int, ...]


class ParityError(UserError):
    """An exported file that does not read as its model does."""


@dataclass(frozen=True)
class ModelReading:
    """How one ink was read."""

    logits_LV: np.ndarray  # after each known token
    ids: Ids  # greedily, without the end token


@dataclass(frozen=True)
class Parity:
    """How near a file is to its model."""

    inks: int
    tokens: int  # known tokens compared, over all shapes of the file
    logits: float  # largest difference
    same_tokens: float  # share of known tokens after which both expect the same next one
    exprate_model: float  # percent of the inks, greedily, no grammar
    exprate_file: float
    differing: tuple[tuple[str, Ids, Ids], ...]  # inks read differently: name, by the model, by the file

    def check(self, quantize: str) -> None:
        """Raise ParityError where the file is not near enough to be the model."""
        if quantize == "none" and not self.logits <= LOGITS:
            raise ParityError(f"logits differ by up to {self.logits:.2g} from the model's, over {LOGITS:g}")
        if not self.same_tokens >= SAME_TOKENS:
            raise ParityError(
                f"after {self.same_tokens:.2%} of {self.tokens} known tokens the file expects the token that the model "
                f"expects, under {SAME_TOKENS:.1%}"
            )
        if not self.exprate_model - self.exprate_file <= EXPRATE:
            raise ParityError(
                f"the file reads {self.exprate_file:.2f} % of {self.inks} inks, the model {self.exprate_model:.2f} %: "
                f"over {EXPRATE} points less"
            )

    def __str__(self) -> str:
        return (
            f"{self.inks} inks, {self.tokens} known tokens: largest logit difference {self.logits:.2g}, "
            f"same next token {self.same_tokens:.2%}; read greedily {self.exprate_model:.2f} % by the model, "
            f"{self.exprate_file:.2f} % by the file, {len(self.differing)} inks differently"
        )


def compare(model: Sequence[ModelReading], backend: Backend, inks: Mapping[str, EncodedInk]) -> Parity:
    """Compare a file with how its model read the same inks (`read_with_model`); the keys are the inks' names."""
    tokens = same = 0
    logits = 0.0
    right_model = right_file = 0
    differing = []
    named = tqdm(inks.items(), desc="comparing", disable=None)
    for index, ((name, ink), expected) in enumerate(zip(named, model, strict=True)):
        fitting = [size for size in backend.stroke_sizes if size >= len(ink.boxes)]
        shapes = [(size, beams) for size in fitting for beams in backend.beam_sizes]
        for size, beams in shapes if index < EVERY_SHAPE else shapes[:1]:
            found_LV = _known_tokens(backend, encode(backend, ink, size), ink, beams)
            logits = max(logits, float(np.abs(found_LV - expected.logits_LV).max()))
            same += int((found_LV.argmax(axis=1) == expected.logits_LV.argmax(axis=1)).sum())
            tokens += len(ink.tokens)
        ids = search(backend, encode(backend, ink))[0].ids
        truth = tuple(ink.tokens[:-1].tolist())
        right_model += expected.ids == truth
        right_file += ids == truth
        if ids != expected.ids:
            differing.append((name, expected.ids, ids))
    count = len(inks)
    return Parity(
        count, tokens, logits, same / tokens, 100 * right_model / count, 100 * right_file / count, tuple(differing)
    )


def read_with_model(model: Seq2Seq, params: dict, inks: Sequence[EncodedInk], max_tokens: int) -> list[ModelReading]:
    """Read inks in JAX, batched: with known tokens by `__call__`, and greedily."""
    cost = partial(ink_flops, model.config, model.vocabulary_size)
    buckets = choose_buckets(*lengths(inks), cost, 1 + (len(inks) > ROWS))
    batches = list(evaluation_batches(inks, buckets, [ROWS] * len(buckets), cost))

    @jax.jit
    def known(params: dict, batch: Any) -> Any:
        outputs: Any = model.apply({"params": params}, batch)
        return outputs["logits"]

    logits: list[np.ndarray] = [np.zeros(0)] * len(inks)
    for members, batch in tqdm(batches, desc="reading with the model", disable=None):
        for index, row_LV in zip(members, np.asarray(known(params, batch)), strict=False):
            logits[index] = row_LV[: len(inks[index].tokens)]
    ids = predict_all(make_predict(model, max_tokens), params, batches, len(inks), max_tokens)
    return [ModelReading(*pair) for pair in zip(logits, map(words, ids), strict=True)]


def encode(backend: Backend, ink: EncodedInk, size: int | None = None) -> Any:
    """Encode an ink padded to `size` strokes, or to the smallest size that holds it."""
    return encode_padded(backend, [backend.stem(points_P2) for points_P2 in ink.points], ink.boxes, size)


def _known_tokens(backend: Backend, encoded: Any, ink: EncodedInk, beams: int) -> np.ndarray:
    """Return the logits (L, V) of the last row when all rows are fed the known tokens."""
    cache = backend.init_cache(encoded, beams)
    logits = []
    for position, token in enumerate([BOS_ID, *ink.tokens[:-1]]):
        logits_WV, _, cache = backend.decode_step(encoded, cache, np.full(beams, token, np.int32), position)
        logits.append(logits_WV[-1])
    return np.array(logits)
