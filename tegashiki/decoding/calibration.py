"""From a model's log probabilities to ones that mean what they say: of the readings given 0.8, 80 % are right.

Label smoothing teaches a model to keep a tenth of every token's probability to itself, so the probability of a reading
falls with its length whatever the ink. Two numbers undo that: a token's score is `min(0, log p / temperature + bonus)`.
The bonus is the length normalisation of the search too. Fitted on inks that the model has not learnt.
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
    same token with it and without).

    Raises ValueError outside of temperature > 0 and 0 <= bonus * temperature < log 2.
    """

    temperature: float = 1.0
    bonus: float = 0.0

    def __post_init__(self) -> None:
        if not (self.temperature > 0 and 0 <= self.bonus * self.temperature < math.log(2)):
            raise ValueError(
                f"temperature {self.temperature} and bonus {self.bonus}: expected temperature > 0 and "
                "0 <= bonus * temperature < log 2"
            )

    def __call__(self, log_probabilities: np.ndarray) -> np.ndarray:
        """Return the scores of tokens, natural logarithms <= 0, in a new array of the same shape."""
        if self == UNCALIBRATED:
            return log_probabilities
        return np.minimum(log_probabilities / self.temperature + self.bonus, 0.0)


UNCALIBRATED = Calibration()
_TEMPERATURES = np.geomspace(0.4, 2.5, 41)
_BONUSES = np.linspace(0.0, 0.25, 51)


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


def _cross_entropy(probabilities: np.ndarray, outcomes: np.ndarray) -> float:
    kept = probabilities.clip(ALMOST_CERTAIN, 1 - ALMOST_CERTAIN)
    return float(-np.log(np.where(outcomes, kept, 1 - kept)).mean())
