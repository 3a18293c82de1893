"""Comparison of an exported file with its model: both read the same inks, with known tokens and greedily."""

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
from tegashiki.models.multiply_adds import ink_multiply_adds
from tegashiki.models.seq2seq import Seq2Seq
from tegashiki.training.greedy import make_predict, predict_all, words

LOGITS = 1e-4  # maximum difference between the logits of a float32 file and of the model
SAME_TOKENS = 0.995  # minimum share of known tokens after which file and model predict the same next token
EXPRATE = 0.5  # maximum loss of ExpRate, in percentage points
ROWS = 16  # inks in a batch of the model
EVERY_SHAPE = 2  # number of inks that are compared in every shape of the file that can hold them

Ids = tuple[int, ...]


class ParityError(UserError):
    """An exported file does not read inks as its model does."""


@dataclass(frozen=True)
class ModelReading:
    """Outputs of the model for one ink."""

    logits_LV: np.ndarray  # float32, with known tokens as input
    ids: Ids  # the greedy reading, without the end token


@dataclass(frozen=True)
class Parity:
    """Result of comparing a file with its model."""

    inks: int
    tokens: int  # number of known tokens compared, over all shapes of the file
    logits: float  # largest difference
    same_tokens: float  # share of known tokens after which file and model predict the same next token
    exprate_model: float  # percent of the inks, read greedily without a grammar
    exprate_file: float  # percent
    differing: tuple[tuple[str, Ids, Ids], ...]  # differently read inks: name, reading of the model, of the file

    def check(self, quantize: str) -> None:
        """Check that the file is close enough to the model.

        Args:
            quantize: The kind of quantisation, one of `quantize.KINDS`. The logits are checked for "none" only.

        Raises:
            ParityError: A difference is above its limit; the message gives both.
        """
        if quantize == "none" and not self.logits <= LOGITS:
            raise ParityError(f"logits differ by up to {self.logits:.2g} from the model's; the limit is {LOGITS:g}")
        if not self.same_tokens >= SAME_TOKENS:
            raise ParityError(
                f"file and model predict the same next token after {self.same_tokens:.2%} of {self.tokens} known "
                f"tokens; at least {SAME_TOKENS:.1%} is required"
            )
        if not self.exprate_model - self.exprate_file <= EXPRATE:
            raise ParityError(
                f"the file reads {self.exprate_file:.2f} % of {self.inks} inks, the model {self.exprate_model:.2f} %; "
                f"the file may lose at most {EXPRATE} points"
            )

    def __str__(self) -> str:
        return (
            f"{self.inks} inks, {self.tokens} known tokens: largest logit difference {self.logits:.2g}, "
            f"same next token {self.same_tokens:.2%}; read greedily {self.exprate_model:.2f} % by the model, "
            f"{self.exprate_file:.2f} % by the file; {len(self.differing)} inks read differently"
        )


def compare(model: Sequence[ModelReading], backend: Backend, inks: Mapping[str, EncodedInk]) -> Parity:
    """Compare a file with its model.

    Args:
        model: The outputs of the model for the inks, from `read_with_model`.
        backend: The loaded file.
        inks: At least one labelled ink, by name.

    Returns:
        The differences.
    """
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
    """Read inks with the JAX model in batches: with known tokens by `__call__`, and greedily.

    Args:
        model: The model.
        params: Its parameters.
        inks: Labelled inks.
        max_tokens: Maximum number of tokens of a greedy reading, including the end token.

    Returns:
        The outputs for each ink, in the order of the inks.
    """
    cost = partial(ink_multiply_adds, model.config, model.vocabulary_size)
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
    """Encode an ink padded to `size` strokes, or by default to the smallest size that holds it."""
    return encode_padded(backend, [backend.stem(points_P2) for points_P2 in ink.points], ink.boxes, size)


def _known_tokens(backend: Backend, encoded: Any, ink: EncodedInk, beams: int) -> np.ndarray:
    """Feed the known tokens to all rows and return the logits (L, V) of the last row."""
    cache = backend.init_cache(encoded, beams)
    logits = []
    for position, token in enumerate([BOS_ID, *ink.tokens[:-1]]):
        logits_WV, _, cache = backend.decode_step(encoded, cache, np.full(beams, token, np.int32), position)
        logits.append(logits_WV[-1])
    return np.array(logits)
