"""Calibrate a model's probabilities: of the readings with probability 0.8, 80 % should be right.

Label smoothing teaches a model to give a tenth of every token's probability to the other tokens. The probability of a
reading therefore falls with its length, regardless of the ink. Two numbers correct that: the score of a token is
`min(0, log p / temperature + bonus)`. The bonus also serves as the length normalisation of the search. A third number,
the symbol cost, weighs the readings of one ink against each other: formulas repeat their symbols, so `x + x` is
likelier than `x + X` before any stroke is considered. All three are fitted on inks that the model was not trained on.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

# The fit clips probabilities to this distance from 0 and 1, so that no single error has an infinite cost.
ALMOST_CERTAIN = 1e-3


@dataclass(frozen=True)
class Calibration:
    """The calibration of a model: it turns the log probabilities of tokens into scores.

    Attributes:
        temperature: Divisor of a log probability, as of logits.
        bonus: Nats added to the score of every token, including the end token. It is small enough that only a token
            with more than half of the probability can reach a score of 0, so greedy search takes the same token with
            and without the bonus.
        symbol_cost: Nats subtracted for each distinct symbol of a reading when several readings are compared.

    Raises:
        ValueError: Unless temperature > 0, 0 <= bonus * temperature < log 2 and symbol_cost >= 0.
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
        """Return the scores of tokens: natural logarithms <= 0, in an array of the same shape."""
        if (self.temperature, self.bonus) == (1.0, 0.0):
            return log_probabilities
        return np.minimum(log_probabilities / self.temperature + self.bonus, 0.0)

    def weigh(self, log_probabilities_N: Sequence[float], symbols_N: Sequence[int]) -> list[float]:
        """Weigh the readings of one ink against each other.

        Args:
            log_probabilities_N: The calibrated natural log probability of each reading.
            symbols_N: The number of distinct symbols of each reading.

        Returns:
            The new log probabilities. The total probability of the readings stays the same, but is at most 1. A single
            reading keeps its log probability.
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
    """Find the temperature and bonus with which the probabilities of readings best predict whether they are right.

    Args:
        token_log_probabilities: For each reading the uncalibrated log probabilities of its tokens, the end token last.
        right: For each reading whether it is right.

    Returns:
        The calibration with the lowest cross-entropy on a grid, or `UNCALIBRATED` if there are no readings.
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
    """Find the symbol cost that gives the right readings the highest probability among the readings of their ink.

    Args:
        readings: For each ink the calibrated log probabilities of its readings, their numbers of distinct symbols, and
            the index of the right reading. Leave out inks without a right reading.

    Returns:
        The cost with the lowest cross-entropy on a grid, or 0 if there are no readings.
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
