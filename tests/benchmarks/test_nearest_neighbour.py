import itertools

import numpy as np
import pytest

from benchmarks.accuracy.nearest_neighbour import POINTS, group, outline


def line(*points):
    """A stroke through the given corners, ten points a leg."""
    legs = [np.linspace(start, end, 10) for start, end in itertools.pairwise(points)]
    return np.concatenate(legs).astype(float)


PLUS = [line((0, 5), (10, 5)), line((5, 0), (5, 10))]
EQUALS = [line((20, 3), (30, 3)), line((20, 7), (30, 7))]
ONE = [line((40, 0), (40, 10))]
BAR = [line((0, 20), (80, 20))]  # of a fraction under all of them


def test_strokes_that_cross_and_bars_above_each_other_are_symbols():
    assert group([*PLUS, *EQUALS, *ONE]) == [[0, 1], [2, 3], [4]]


def test_a_fraction_bar_joins_nothing():
    assert group([*ONE, *BAR, *EQUALS]) == [[0], [1], [2, 3]]


def test_a_dot_joins_what_it_stands_above():
    assert group([line((0, 0), (0, 10)), line((0, -3), (0.2, -3)), *EQUALS]) == [[0, 1], [2, 3]]


def test_an_outline_does_not_know_size_or_place_but_direction():
    points = outline(PLUS)
    assert points.shape == (2 * POINTS,)
    np.testing.assert_allclose(outline([100 + 7 * stroke for stroke in PLUS]), points, atol=1e-12)
    assert np.abs(outline([stroke[::-1] for stroke in PLUS]) - points).max() > 0.5


@pytest.mark.parametrize("stroke", [np.zeros((1, 2)), np.zeros((3, 2))])
def test_an_outline_of_a_dot_is_its_centre(stroke):
    np.testing.assert_array_equal(outline([stroke]), np.zeros(2 * POINTS))
