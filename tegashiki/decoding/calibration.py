"""From a model's log probabilities to ones that mean what they say: of the readings given 0.8, 80 % are right.

Label smoothing teaches a model to keep a tenth of every token's probability to itself, so the probability of a reading
falls with its length whatever the ink. Two numbers undo that: a token's score is `min(0, log p / temperature + bonus)`.
The bonus is the length normalisation of the search too. A third number weighs the readings of one ink against each
other: formulas repeat their symbols, so one of `x + x` and `x + X` is the likelier whatever the strokes. All are fitted
on inks that the model has not learnt.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

ALMOST_CERTAIN = (
    1e-3  # a reading's probability is judged as if it kept this far from 0 and 1: no error costs infinitely
)


@dataclass(frozen=True)
class Calibration:
    """How a token's log probability is scored.

    temperature: divides it, as it would divide logits. bonus: nats given back to every token, the end token included;
    small enough that only a token likelier than all others together can reach a score of 0 (so greedy search takes the
    same token with it and without). symbol_cost: nats that each different symbol costs a reading among others.

    Raises ValueError outside of temperature > 0, 0 <= bonus * temperature < log 2 and symbol_cost >= 0.
    """

    temperature: float = 1.0
    bonus: float = 0.0
    symbol_cost: float = 0.0

    def __post_init__(self) -> None:
        if not (self.temperature > 0 and 0 <= self.bonus * self.temperature < math.log(2)):
            raise ValueError(
                f"temperature {self.temperature} and bonus {self.bonus}: expected temperature > 0 and "
                "0 <= bonus * temperature < log 2"
            )
        if not 0 <= self.symbol_cost < math.inf:
            raise ValueError(f"symbol_cost {self.symbol_cost}: expected 0 or more")

    def __call__(self, log_probabilities: np.ndarray) -> np.ndarray:
        """Return the scores of tokens, natural logarithms <= 0, in a new array of the same shape."""
        if (self.temperature, self.bonus) == (1.0, 0.0):
            return log_probabilities
        return np.minimum(log_probabilities / self.temperature + self.bonus, 0.0)

    def weigh(self, log_probabilities_N: Sequence[float], symbols_N: Sequence[int]) -> list[float]:
        """Weigh the readings of one ink against each other.

        Args:
            log_probabilities_N: natural logarithms, calibrated, one a reading.
            symbols_N: how many different symbols each reading has.

        Returns:
            Their log probabilities: what they had together (1 at most), shared out anew; a single one keeps its own.
        """
        if not self.symbol_cost or len(log_probabilities_N) < 2:
            return list(log_probabilities_N)
        ranks = [log - self.symbol_cost * count for log, count in zip(log_probabilities_N, symbols_N, strict=True)]
        shift = min(0.0, _log_sum(log_probabilities_N)) - _log_sum(ranks)
        return [rank + shift for rank in ranks]


def _log_sum(logs: Sequence[float]) -> float:
    peak = max(logs)
    return peak + math.log(sum(math.exp(log - peak) for log in logs))


UNCALIBRATED = Calibration()
_TEMPERATURES = np.geomspace(0.4, 2.5, 41)
_BONUSES = np.linspace(0.0, 0.25, 51)
_SYMBOL_COSTS = np.linspace(0.0, 4.0, 81)


def fit(token_log_probabilities: Sequence[np.ndarray], right: Sequence[bool]) -> Calibration:
    """Find the calibration under which the readings' probabilities best predict which of them are right.

    Args:
        token_log_probabilities: for each reading the uncalibrated ones of its tokens, the end token last.
        right: whether it is what the ink says.

    Returns:
        The calibration of least cross-entropy on a grid; `UNCALIBRATED` without readings.
    """
    if not len(right):
        return UNCALIBRATED
    tokens = np.concatenate(token_log_probabilities)
    starts = np.cumsum([0, *map(len, token_log_probabilities[:-1])])
    outcomes = np.asarray(right, bool)
    best = (math.inf, UNCALIBRATED)
    for temperature in _TEMPERATURES.tolist():
        for bonus in _BONUSES[_BONUSES * temperature < math.log(2)].tolist():
            calibration = Calibration(round(temperature, 4), round(bonus, 4))
            loss = _cross_entropy(np.exp(np.add.reduceat(calibration(tokens), starts)), outcomes)
            best = min(best, (loss, calibration), key=lambda pair: pair[0])
    return best[1]


def fit_symbol_cost(readings: Sequence[tuple[Sequence[float], Sequence[int], int]]) -> float:
    """Find what a different symbol should cost, so that the right ones of several readings get most.

    Args:
        readings: for each ink the log probabilities of its readings, calibrated, how many different symbols each has,
            and which one is right. Inks of which none is say nothing and are left out.

    Returns:
        The cost of least cross-entropy on a grid; 0 without readings.
    """
    if not readings:
        return 0.0
    losses = []
    for symbol_cost in _SYMBOL_COSTS.tolist():
        loss = 0.0
        for logs, symbols, right in readings:
            ranks = [log - symbol_cost * count for log, count in zip(logs, symbols, strict=True)]
            loss += _log_sum(ranks) - ranks[right]
        losses.append(loss)
    return round(float(_SYMBOL_COSTS[int(np.argmin(losses))]), 4)


def _cross_entropy(probabilities: np.ndarray, outcomes: np.ndarray) -> float:
    kept = probabilities.clip(ALMOST_CERTAIN, 1 - ALMOST_CERTAIN)
    return float(-np.log(np.where(outcomes, kept, 1 - kept)).mean())
