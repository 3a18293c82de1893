"""Validation: greedy decoding of every ink, and the loss with known tokens, which may rise together with ExpRate."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jax
import numpy as np
import optax

from tegashiki.evaluation.drawing import SheetEntry, draw_sheet
from tegashiki.evaluation.metrics import Scores, score
from tegashiki.ink.example import place_strokes
from tegashiki.ink.ink import Ink
from tegashiki.ink.preprocess import Strokes
from tegashiki.input_pipeline.batching import EncodedInk
from tegashiki.latex.vocabulary import EOS_ID, PAD_ID, Vocabulary
from tegashiki.models.seq2seq import Seq2Seq
from tegashiki.training.feed import Feed
from tegashiki.training.greedy import PREDICT_INPUTS, make_predict
from tegashiki.training.losses import accuracy_sums, loss_counts, loss_sums
from tegashiki.training.step import add_over_processes, place_locally

SHOWN = 16  # number of inks in the picture
SUMS = ("loss", "count", "right", "tokens", "right_without_end", "tokens_without_end")


@dataclass(frozen=True)
class Validation:
    """Result of a validation."""

    score: Scores
    loss: float  # mean cross-entropy of the tokens, without label smoothing
    accuracy: float  # of teacher-forced tokens, including the end token
    accuracy_without_end: float  # the same without the end token
    predictions: list[tuple[str, ...]] = field(repr=False)
    truths: list[tuple[str, ...]] = field(repr=False)

    def metrics(self) -> dict[str, float]:
        """Return the numbers for the log, by name."""
        return {
            "exprate": self.score.exprate,
            "exprate_le1": self.score.exprate_le1,
            "exprate_le2": self.score.exprate_le2,
            "cer": self.score.cer,
            "loss_tokens": self.loss,
            "accuracy": self.accuracy,
            "accuracy_without_end": self.accuracy_without_end,
        }


def make_validate(
    model: Seq2Seq, vocabulary: Vocabulary, feed: Feed, max_tokens: int
) -> Callable[[optax.Params], Validation]:
    """Build the validation of a run.

    Args:
        model: The model.
        vocabulary: The vocabulary of the run.
        feed: The feed with the validation inks.
        max_tokens: Maximum number of tokens of a reading, including the end token.

    Returns:
        A function params -> `Validation`. Every process makes and reads its share of the batches, and gets the whole
        result.
    """
    predict = make_predict(model, max_tokens)

    @jax.jit
    def teacher_forced(params: optax.Params, batch: dict[str, jax.Array]) -> dict[str, jax.Array]:
        outputs: Any = model.apply({"params": params}, batch)
        sums = {"loss": loss_sums(outputs, batch, 0.0)["tokens"], "count": loss_counts(batch)["tokens"]}
        return sums | accuracy_sums(outputs, batch, EOS_ID)

    truths = [vocabulary.decode(ink.tokens[:-1]) for ink in feed.validation]

    def read_share(params: optax.Params) -> tuple[dict[str, float], np.ndarray]:
        """Return sums over the batches of this process, and ids (N, max_tokens): PAD for inks of other processes."""
        sums = dict.fromkeys(SUMS, 0.0)
        ids = np.full((len(truths), max_tokens), PAD_ID, np.int32)

        def fetch(members: np.ndarray, found: dict[str, jax.Array], read: np.ndarray) -> None:
            for name, value in found.items():
                sums[name] += float(value)
            ids[members] = np.asarray(read)[: len(members)]

        under_way = None
        share = (jax.process_index(), jax.process_count())
        for members, padded in feed.validation_batches(jax.local_device_count(), share):
            batch = place_locally(padded, rows=True)
            inputs = {name: batch[name] for name in PREDICT_INPUTS}
            started = (members, teacher_forced(params, batch), predict(params, inputs))
            if under_way is not None:  # fetched late, so that the next batch is made while the devices read this one
                fetch(*under_way)
            under_way = started
        if under_way is not None:
            fetch(*under_way)
        return sums, ids

    def validate(params: optax.Params) -> Validation:
        sums, read = add_over_processes(read_share(place_locally(params, rows=False)))
        predictions = [vocabulary.decode(ids) for ids in read]
        return Validation(
            score(predictions, truths),
            sums["loss"] / sums["count"],
            sums["right"] / sums["tokens"],
            sums["right_without_end"] / max(sums["tokens_without_end"], 1),
            predictions,
            truths,
        )

    return validate


def draw_validation(
    inks: Sequence[EncodedInk], read: Sequence[Sequence[str]], truths: Sequence[Sequence[str]], path: Path, title: str
) -> np.ndarray:
    """Draw up to SHOWN evenly chosen inks with their readings.

    Args:
        inks: The inks.
        read: The tokens of their readings.
        truths: The tokens of their labels.
        path: The PNG file to write.
        title: Title of the picture.

    Returns:
        The picture, uint8 (height, width, 3).
    """
    from matplotlib.image import imread

    chosen = np.unique(np.linspace(0, len(inks) - 1, SHOWN).astype(int))
    readings = [
        SheetEntry(Ink(place_strokes(Strokes(inks[i].points, inks[i].boxes))), " ".join(read[i]), " ".join(truths[i]))
        for i in chosen
    ]
    draw_sheet(readings, path, title=title)
    return (imread(path)[..., :3] * 255).astype(np.uint8)
