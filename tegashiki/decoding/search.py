"""Greedy and beam search over any `decode_step`, in numpy."""

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from tegashiki.decoding.backend import Backend, Cache
from tegashiki.decoding.calibration import UNCALIBRATED, Calibration
from tegashiki.decoding.constraint import Constraint, TokenGrammar
from tegashiki.decoding.pin import Pin
from tegashiki.errors import UserError
from tegashiki.latex.vocabulary import BOS_ID, EOS_ID


class SearchError(UserError, ValueError):
    """A search that cannot be run, or a model whose numbers cannot be searched."""


class NoReadingError(SearchError):
    """No sequence obeys the rules of a search, or the search found none."""


class Stopped(Exception):  # noqa: N818 (not an error: the caller asked for it)
    """A search was stopped before its end."""


@dataclass(frozen=True, eq=False)
class Hypothesis:
    """One reading.

    Its probability is the calibrated probability of the model. It is not renormalised over the allowed tokens.

    Attributes:
        ids: The token ids, without the start and end tokens.
        log_probability: The natural logarithm of the probability of the ids and the end token.
        token_log_probabilities: float64 (len(ids) + 1,), the end token last. Their sum is `log_probability`.
        attention: float32 (len(ids), S), the model's attention over the strokes for each id.
    """

    ids: tuple[int, ...]
    log_probability: float
    token_log_probabilities: np.ndarray
    attention: np.ndarray


def search(
    backend: Backend,
    encoded: Any,
    *,
    beams: int = 1,
    results: int = 1,
    grammar: TokenGrammar | None = None,
    restrict: np.ndarray | None = None,
    pin: Pin | None = None,
    refused: Collection[tuple[int, ...]] = (),
    calibration: Calibration = UNCALIBRATED,
    stop: Callable[[], bool] | None = None,
) -> list[Hypothesis]:
    """Find the likeliest token sequences of one encoded ink.

    Args:
        backend: The model.
        encoded: The ink as `backend.encode` returns it.
        beams: The number of hypotheses kept at each step; 1 is greedy search. At most the largest of
            `backend.beam_sizes`.
        results: The maximum number of hypotheses to return, at most `beams`.
        grammar: The grammar that results must obey, None for no grammar. Every result has at most
            `backend.max_tokens` tokens in either case.
        restrict: bool (V,), the ids that may be used, None for all.
        pin: The accepted tokens that every result must hold.
        refused: The sequences that may not be results.
        calibration: The calibration of the scores.
        stop: Called before every step of the model. The search ends when it returns True.

    Returns:
        At least one hypothesis, the likeliest first.

    Raises:
        SearchError: `beams` or `results` is out of range, or logits are not finite.
        NoReadingError: No sequence obeys the rules.
        Stopped: `stop` returned True.
    """
    widest = backend.beam_sizes[-1]
    if not 1 <= beams <= widest:
        raise SearchError(f"a beam of {beams} is outside 1 to {widest}, which is what this model was exported for")
    if not 1 <= results <= beams:
        raise SearchError(f"{results} results cannot come out of a beam of {beams}: ask for 1 to {beams}, or widen it")
    constraint = Constraint(backend.vocabulary_size, backend.max_tokens, grammar, restrict, pin, refused)
    if beams == 1:
        return [greedy_search(backend, encoded, constraint, calibration, stop)]
    return beam_search(backend, encoded, constraint, beams, results, calibration, stop)


def greedy_search(
    backend: Backend,
    encoded: Any,
    constraint: Constraint,
    calibration: Calibration = UNCALIBRATED,
    stop: Callable[[], bool] | None = None,
) -> Hypothesis:
    """Take the likeliest allowed token at every step."""
    rows = backend.beam_sizes[0]
    tokens_W = np.full(rows, BOS_ID, np.int32)
    cache = backend.init_cache(encoded, rows)
    state = constraint.start()
    ids: list[int] = []
    log_probabilities: list[float] = []
    attention: list[np.ndarray] = []
    for position in range(constraint.max_tokens):
        check_stop(stop)
        logits_WV, attention_WS, cache = backend.decode_step(encoded, cache, tokens_W, position)
        scores_1V = calibration(log_softmax(logits_WV[:1]))
        scores_V = constraint.scores(state, position, scores_1V[0], attention_WS[0])
        token = int(scores_V.argmax())
        if scores_V[token] == -np.inf:
            break
        log_probabilities.append(float(scores_V[token]))
        if token == EOS_ID:
            return _hypothesis(ids, log_probabilities, attention, attention_WS.shape[1])
        ids.append(token)
        attention.append(np.array(attention_WS[0]))
        state = constraint.advance(state, token)
        tokens_W = np.full(rows, token, np.int32)
    raise NoReadingError(_DEAD_END)


def check_stop(stop: Callable[[], bool] | None) -> None:
    """Raise Stopped if `stop` returns True."""
    if stop is not None and stop():
        raise Stopped


class _Row(NamedTuple):
    """One unfinished hypothesis after a step."""

    score: float  # log probability so far
    parent: int  # its row in the previous step
    token: int
    token_score: float
    state: Any  # of the constraint


class _Step(NamedTuple):
    rows: list[_Row]
    attention_WS: np.ndarray  # of the parent rows, for the tokens of `rows`


class _End(NamedTuple):
    """A finished hypothesis: `row` is its row before the end token, `position` the index of the end token."""

    score: float  # log probability
    position: int
    row: int
    token_score: float


def beam_search(
    backend: Backend,
    encoded: Any,
    constraint: Constraint,
    beams: int,
    results: int = 1,
    calibration: Calibration = UNCALIBRATED,
    stop: Callable[[], bool] | None = None,
) -> list[Hypothesis]:
    """Keep the `beams` likeliest unfinished hypotheses, and those that end among the `beams` best of their step.

    The search stops when no unfinished hypothesis can overtake the worst of the `results` best finished ones. This
    loses nothing, because a log probability can only fall. With one beam the result is that of `greedy_search`.
    """
    width = next(size for size in backend.beam_sizes if size >= beams)
    cache = backend.init_cache(encoded, width)
    rows = [_Row(0.0, 0, BOS_ID, 0.0, constraint.start())]
    steps: list[_Step] = []
    ends: list[_End] = []
    for position in range(constraint.max_tokens):
        check_stop(stop)
        tokens_W = np.full(width, BOS_ID, np.int32)
        tokens_W[: len(rows)] = [row.token for row in rows]
        logits_WV, attention_WS, cache = backend.decode_step(encoded, cache, tokens_W, position)
        steps_WV = calibration(log_softmax(logits_WV[: len(rows)]))
        rows, step_ends = _expand(rows, steps_WV, attention_WS, constraint, beams, position)
        ends = sorted(ends + step_ends, key=lambda end: -end.score)[:results]
        best = max((row.score for row in rows), default=-np.inf)
        if not rows or (len(ends) == results and ends[-1].score >= best):
            break
        steps.append(_Step(rows, np.array(attention_WS[:beams])))
        cache = _reorder(cache, [row.parent for row in rows])
    if not ends:
        raise NoReadingError(_DEAD_END)
    return [_trace(steps, end, attention_WS.shape[1]) for end in ends]


def _expand(
    rows: Sequence[_Row],
    steps_WV: np.ndarray,
    attention_WS: np.ndarray,
    constraint: Constraint,
    beams: int,
    position: int,
) -> tuple[list[_Row], list[_End]]:
    """Return the unfinished hypotheses after a step, and those that end in it. `steps_WV` scores the next tokens."""
    size = steps_WV.shape[1]
    allowed = zip(rows, steps_WV, attention_WS, strict=False)
    scores_WV = np.array([row.score + constraint.scores(row.state, position, *step) for row, *step in allowed])
    # At most `beams` of 2 * beams candidates are end tokens, so at least `beams` rows can continue.
    best = _top(scores_WV.ravel(), 2 * beams)
    children: list[_Row] = []
    ends: list[_End] = []
    for rank, (index, score) in enumerate(best):
        parent, token = divmod(index, size)
        if token == EOS_ID:
            if rank < beams:
                ends.append(_End(score, position, parent, float(steps_WV[parent, token])))
        elif len(children) < beams:
            state = constraint.advance(rows[parent].state, token)
            children.append(_Row(score, parent, token, float(steps_WV[parent, token]), state))
    return _beside_parents(children), ends


def _top(scores: np.ndarray, count: int) -> list[tuple[int, float]]:
    """Return (index, score) of the `count` highest finite scores, best first, equal scores by ascending index.

    Overwrites these scores with -inf. For the small counts of a beam, repeated `argmax` is several times faster than
    one `argpartition`.
    """
    best = []
    for _ in range(min(count, len(scores))):
        index = int(scores.argmax())
        score = float(scores[index])
        if score == -np.inf:
            break
        best.append((index, score))
        scores[index] = -np.inf
    return best


def _beside_parents(children: list[_Row]) -> list[_Row]:
    """Order children so that one child of each parent keeps the parent's row. Its cache then need not be copied."""
    placed: list[_Row | None] = [None] * len(children)
    others = []
    for child in children:
        if child.parent < len(placed) and placed[child.parent] is None:
            placed[child.parent] = child
        else:
            others.append(child)
    rest = iter(others)
    return [next(rest) if child is None else child for child in placed]


def _reorder(cache: Cache, parents: list[int]) -> Cache:
    """Copy row `parents[r]` of every array to row r, leaving rows that keep their place untouched."""
    moved = [row for row, parent in enumerate(parents) if row != parent]
    if not moved:
        return cache
    sources = np.array([parents[row] for row in moved])
    targets = np.array(moved)
    reordered = {}
    for name, array in cache.items():
        if not isinstance(array, np.ndarray) or not array.flags.writeable:
            array = np.array(array)
        array[targets] = array[sources]
        reordered[name] = array
    return reordered


def log_softmax(logits_WV: np.ndarray) -> np.ndarray:
    """Return the log probabilities (W, V), float64, of logits.

    Raises:
        SearchError: The logits are not finite. This is the only check of a model's numbers.
    """
    logits_WV = np.asarray(logits_WV, np.float64)
    peak_W1 = logits_WV.max(axis=1, keepdims=True)
    if not math.isfinite(peak_W1.sum()):
        raise SearchError("the model's logits are not finite: its weights or the ink's coordinates are damaged")
    shifted_WV = logits_WV - peak_W1
    return shifted_WV - np.log(np.exp(shifted_WV).sum(axis=1, keepdims=True))


def _trace(steps: Sequence[_Step], end: _End, strokes: int) -> Hypothesis:
    """Collect the tokens of a finished hypothesis, from its last one back to its first one."""
    ids: list[int] = []
    log_probabilities = [end.token_score]
    attention: list[np.ndarray] = []
    place = end.row
    for step in reversed(steps[: end.position]):
        row = step.rows[place]
        ids.append(row.token)
        log_probabilities.append(row.token_score)
        attention.append(step.attention_WS[row.parent])
        place = row.parent
    return _hypothesis(ids[::-1], log_probabilities[::-1], attention[::-1], strokes)


def _hypothesis(
    ids: list[int], log_probabilities: list[float], attention: list[np.ndarray], strokes: int
) -> Hypothesis:
    attention_LS = np.array(attention, np.float32).reshape(len(ids), strokes)
    return Hypothesis(tuple(ids), sum(log_probabilities), np.array(log_probabilities), attention_LS)


_DEAD_END = "no sequence obeys the grammar, the restriction and the length limit together: lift the restriction"
