import math

import numpy as np
import pytest

from tegashiki.decoding.calibration import UNCALIBRATED, Calibration, fit, fit_symbol_cost
from tegashiki.decoding.search import search
from tests.decoding.fake_backend import FakeBackend


def test_a_token_score_uses_temperature_and_bonus_and_never_exceeds_0():
    logs = np.log([0.9, 0.5, 1e-9])
    expected = [0.0, math.log(0.5) / 0.5 + 0.2, math.log(1e-9) / 0.5 + 0.2]
    np.testing.assert_allclose(Calibration(0.5, 0.2)(logs * [0.1, 1, 1]), expected)
    np.testing.assert_array_equal(UNCALIBRATED(logs), logs)


@pytest.mark.parametrize("numbers", [(0, 0), (-1, 0), (1, -0.1), (1, math.log(2)), (2, 0.35), (math.nan, 0)])
def test_out_of_range_parameters_are_refused(numbers):
    with pytest.raises(ValueError, match="temperature"):
        Calibration(*numbers)


@pytest.mark.parametrize("seed", range(10))
def test_calibration_changes_scores_but_not_greedy_readings(seed):
    backend, calibration = FakeBackend(12, 15, seed), Calibration(0.7, 0.3)
    (plain,) = search(backend, backend.encoded())
    (scored,) = search(backend, backend.encoded(), calibration=calibration)
    assert scored.ids == plain.ids
    np.testing.assert_allclose(scored.token_log_probabilities, calibration(plain.token_log_probabilities))


def test_beam_search_ranks_by_calibrated_scores():
    backend, calibration = FakeBackend(7, 5, 1, beam_sizes=(1, 400)), Calibration(1.3, 0.4)
    every = search(backend, backend.encoded(), beams=400, results=400)
    expected = {h.ids: calibration(h.token_log_probabilities).sum() for h in every}
    found = search(backend, backend.encoded(), beams=400, results=400, calibration=calibration)
    # Approximately, because Python 3.12's sum() compensates for rounding and numpy's does not.
    assert [h.log_probability for h in found] == pytest.approx(sorted(expected.values(), reverse=True))
    assert all(h.log_probability == pytest.approx(expected[h.ids]) for h in found)


def smoothed(random, count, smoothing, temperature):
    """Return readings of a perfectly calibrated model whose probabilities were distorted by label smoothing."""
    logs, right = [], []
    for _ in range(count):
        chances = random.beta(20, 0.6, size=random.integers(2, 15))
        logs.append((np.log(chances) + np.log(1 - smoothing)) * temperature)
        right.append(random.random() < chances.prod())
    return logs, right


def test_the_fit_recovers_temperature_and_bonus():
    random = np.random.default_rng(0)
    logs, right = smoothed(random, 4000, smoothing=0.1, temperature=1.25)
    calibration = fit(logs, right)
    assert calibration.temperature == pytest.approx(1.25, rel=0.12)
    assert calibration.bonus == pytest.approx(-math.log(0.9), abs=0.02)
    logs, right = smoothed(random, 2000, smoothing=0.1, temperature=1.25)
    said = np.exp([calibration(tokens).sum() for tokens in logs])
    assert np.mean(said) == pytest.approx(np.mean(right), abs=0.03)
    assert np.mean(np.exp([tokens.sum() for tokens in logs])) < np.mean(right) - 0.2


@pytest.mark.parametrize("symbol_cost", [-0.1, math.nan, math.inf])
def test_an_out_of_range_symbol_cost_is_refused(symbol_cost):
    with pytest.raises(ValueError, match="symbol_cost"):
        Calibration(symbol_cost=symbol_cost)


def test_weighing_redistributes_probability_by_symbols():
    logs = np.log([0.4, 0.3, 0.1])
    weighed = Calibration(symbol_cost=1.0).weigh(logs.tolist(), [3, 2, 2])
    expected = np.array([0.4 * math.exp(-1), 0.3, 0.1])
    np.testing.assert_allclose(np.exp(weighed), 0.8 * expected / expected.sum())
    assert Calibration(symbol_cost=1.0).weigh([-0.5], [7]) == [-0.5], "one alone keeps its own"
    assert UNCALIBRATED.weigh(logs.tolist(), [3, 2, 2]) == logs.tolist()
    assert sum(np.exp(Calibration(symbol_cost=1.0).weigh([-0.1, -0.2], [1, 2]))) == pytest.approx(1), (
        "never more than all"
    )


def test_the_fit_recovers_the_symbol_cost():
    """The right readings are drawn with the probabilities that a symbol cost of 1.2 gives."""
    random, readings = np.random.default_rng(0), []
    for _ in range(3000):
        logs, symbols = np.log(random.dirichlet(np.ones(4))), random.integers(1, 6, 4)
        odds = np.exp(logs - 1.2 * symbols)
        readings.append((logs.tolist(), symbols.tolist(), int(random.choice(4, p=odds / odds.sum()))))
    assert fit_symbol_cost(readings) == pytest.approx(1.2, abs=0.1)
    assert fit_symbol_cost([]) == 0


def test_fitting_without_readings_calibrates_nothing():
    assert fit([], []) == UNCALIBRATED
