"""What a model thinks of given tokens: the scores of whole sequences, and of what may follow a beginning."""

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
    """Score sequences of ids of one encoded ink, all at once.

    Args:
        backend: the model.
        encoded: what its `encode` returned.
        sequences: without the end token; at most the largest of `backend.beam_sizes`.
        calibration: how tokens are scored.
        stop: asked before every step of the model; where it says True the scoring ends.

    Returns:
        For each sequence the log probabilities of its tokens and the end token, float64 (length + 1,).

    Raises:
        Stopped: because of `stop`.
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
    """Return the log probabilities, float64 (V,), of the token behind `ids`. Raises Stopped as `force`."""
    *_, logits_WV = _logits(backend, encoded, _one(backend, ids), stop)
    return log_softmax(logits_WV[:1])[0]


def likeliest(backend: Backend, encoded: Any, ids: Sequence[int]) -> list[int]:
    """Return the likeliest id behind each beginning of `ids`, from none of them to all: len(ids) + 1 ids.

    They are the model's own: no grammar or restriction is asked.
    """
    return [int(logits_WV[0].argmax()) for logits_WV in _logits(backend, encoded, _one(backend, ids))]


def _one(backend: Backend, ids: Sequence[int]) -> np.ndarray:
    """Inputs (W, L) of one sequence, W the narrowest step that there is."""
    return np.tile(np.array([BOS_ID, *ids], np.int32), (backend.beam_sizes[0], 1))


def _logits(
    backend: Backend, encoded: Any, inputs_WL: np.ndarray, stop: Callable[[], bool] | None = None
) -> Iterator[np.ndarray]:
    """Give the logits (W, V) of what follows each of the given tokens."""
    cache = backend.init_cache(encoded, len(inputs_WL))
    for position in range(inputs_WL.shape[1]):
        check_stop(stop)
        logits_WV, _, cache = backend.decode_step(encoded, cache, inputs_WL[:, position], position)
        yield logits_WV
