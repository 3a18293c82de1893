"""Score given tokens with a model: whole sequences, or the tokens that may follow a prefix."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from tegashiki.decoding.backend import Backend
from tegashiki.decoding.calibration import UNCALIBRATED, Calibration
from tegashiki.decoding.search import check_stop, log_softmax
from tegashiki.latex.vocabulary import BOS_ID, EOS_ID


def force(
    backend: Backend,
    encoded: Any,
    sequences: Sequence[Sequence[int]],
    calibration: Calibration = UNCALIBRATED,
    stop: Callable[[], bool] | None = None,
) -> list[np.ndarray]:
    """Score several sequences of ids for one encoded ink, in one batch.

    Args:
        backend: The model.
        encoded: The ink as `backend.encode` returns it.
        sequences: The ids of each sequence, without the end token; at most as many as the largest of
            `backend.beam_sizes`.
        calibration: The calibration of the scores.
        stop: Called before every step of the model. Scoring ends when it returns True.

    Returns:
        For each sequence the log probabilities of its tokens and the end token, float64 (length + 1,).

    Raises:
        Stopped: `stop` returned True.
    """
    rows = next(size for size in backend.beam_sizes if size >= len(sequences))
    length = 1 + max(map(len, sequences))
    targets_WL = np.full((rows, length), EOS_ID, np.int32)
    for row, ids in enumerate(sequences):
        targets_WL[row, : len(ids)] = ids
    inputs_WL = np.concatenate([np.full((rows, 1), BOS_ID, np.int32), targets_WL[:, :-1]], axis=1)
    scores_WL = np.zeros((rows, length))
    for position, logits_WV in enumerate(_logits(backend, encoded, inputs_WL, stop)):
        scores_WV = calibration(log_softmax(logits_WV))
        scores_WL[:, position] = np.take_along_axis(scores_WV, targets_WL[:, position, None], axis=1)[:, 0]
    return [scores_WL[row, : len(ids) + 1] for row, ids in enumerate(sequences)]


def following(backend: Backend, encoded: Any, ids: Sequence[int], stop: Callable[[], bool] | None = None) -> np.ndarray:
    """Return the uncalibrated log probabilities, float64 (V,), of the token after `ids`.

    Raises:
        Stopped: `stop` returned True.
    """
    *_, logits_WV = _logits(backend, encoded, _one(backend, ids), stop)
    return log_softmax(logits_WV[:1])[0]


def likeliest(backend: Backend, encoded: Any, ids: Sequence[int]) -> list[int]:
    """Return the likeliest id after each prefix of `ids`, from the empty one to all of `ids`: len(ids) + 1 ids.

    No grammar or restriction applies.
    """
    return [int(logits_WV[0].argmax()) for logits_WV in _logits(backend, encoded, _one(backend, ids))]


def _one(backend: Backend, ids: Sequence[int]) -> np.ndarray:
    """Return the input ids (W, L) of one sequence, W being the smallest beam size."""
    return np.tile(np.array([BOS_ID, *ids], np.int32), (backend.beam_sizes[0], 1))


def _logits(
    backend: Backend, encoded: Any, inputs_WL: np.ndarray, stop: Callable[[], bool] | None = None
) -> Iterator[np.ndarray]:
    """Yield the logits (W, V) of the token after each of the given tokens."""
    cache = backend.init_cache(encoded, len(inputs_WL))
    for position in range(inputs_WL.shape[1]):
        check_stop(stop)
        logits_WV, _, cache = backend.decode_step(encoded, cache, inputs_WL[:, position], position)
        yield logits_WV
