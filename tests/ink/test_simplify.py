import json
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tegashiki.ink import simplify
from tegashiki.ink.preprocess import unit_stroke
from tegashiki.ink.simplify import rdp_mask

from .golden import PATH
from .strokes import procedural_strokes, random_stroke, rdp_of_package

GOLDEN = json.loads(PATH.read_text())

lattice = st.integers(-4, 4)  # few values, to get many closed strokes, repeats, collinear and equally distant points
lattice_strokes = st.lists(st.tuples(lattice, lattice), min_size=1, max_size=90)
wild = st.floats(width=64)  # NaN, infinities, subnormal and huge numbers included
wild_strokes = st.lists(st.tuples(wild, wild), min_size=1, max_size=12)


def assert_as_rdp(points, epsilon):
    np.testing.assert_array_equal(rdp_mask(points, epsilon), rdp_of_package(points, epsilon))


@pytest.mark.parametrize("epsilon", [0.0, 0.01, 0.02, 0.3])
def test_equals_rdp_on_procedural_strokes(epsilon):
    for points in procedural_strokes().values():
        assert_as_rdp(unit_stroke(points)[0], epsilon)
        assert_as_rdp(points, epsilon)


@pytest.mark.parametrize("seed", range(30))
def test_equals_rdp_on_random_strokes(seed):
    random = np.random.default_rng(seed)
    points = random_stroke(random, int(random.integers(2, 300)))  # short ones for the loop, long ones for numpy
    assert_as_rdp(unit_stroke(points)[0], 0.02)
    assert_as_rdp(points, float(random.uniform(0, 30)))


@settings(max_examples=150, deadline=None)
@given(lattice_strokes, st.sampled_from([0.0, 0.5, 1.0, 2.0]))
def test_equals_rdp_for_equally_distant_points(points, epsilon):
    assert_as_rdp(points, epsilon)


@settings(max_examples=300, deadline=None)
@given(wild_strokes, st.sampled_from([0.0, 5e-324, 0.02, 1e300, np.inf]))
@example([(0, 0), (1e-200, 1e-200), (2e-200, 0)], 0.0)
@example([(0, 0), (1e300, 1e300), (1e300, 0)], 0.02)
@example([(0, 0), (np.nan, 1), (3, 3), (6, 0)], 0.02)
def test_equals_rdp_on_extreme_numbers(points, epsilon):
    assert_as_rdp(points, epsilon)


@settings(max_examples=80, deadline=None)
@given(lattice_strokes, st.floats(0, 3))
def test_loop_and_numpy_agree(points, epsilon):
    array = np.array(points, dtype=float)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(simplify, "_SHORT", 0)
        by_numpy = rdp_mask(array, epsilon)
        patch.setattr(simplify, "_SHORT", 10**6)
        by_loop = rdp_mask(array, epsilon)
    np.testing.assert_array_equal(by_numpy, by_loop)


@pytest.mark.parametrize("golden", GOLDEN["strokes"], ids=lambda golden: golden["name"])
def test_golden_masks(golden):
    assert np.flatnonzero(rdp_mask(golden["unit"], GOLDEN["epsilon"])).tolist() == golden["kept"]


def test_ends_are_kept_and_nothing_is_farther_than_epsilon():
    points = unit_stroke(random_stroke(np.random.default_rng(7), 200))[0]
    mask = rdp_mask(points, 0.02)
    assert mask[0] and mask[-1] and 2 < mask.sum() < 200
    kept = np.flatnonzero(mask)
    for first, last in pairwise(kept):
        chord = points[last] - points[first]
        away = points[first] - points[first : last + 1]
        assert (np.abs(chord[0] * away[:, 1] - chord[1] * away[:, 0]) <= 0.02 * np.hypot(*chord) + 1e-12).all()


def test_no_points_give_an_empty_mask():
    assert rdp_mask(np.zeros((0, 2)), 0.02).shape == (0,)


@pytest.mark.parametrize("epsilon", [-1e-9, np.nan])
def test_refuses_epsilon(epsilon):
    with pytest.raises(ValueError, match="epsilon"):
        rdp_mask([[0, 0], [1, 1]], epsilon)


def test_refuses_shape():
    with pytest.raises(ValueError, match="shape"):
        rdp_mask([[0, 0, 0]], 0.02)


def test_equals_rdp_for_distances_equal_up_to_rounding():
    """All points have the same distance from a chord up to rounding, so every rounding decides which one is chosen."""
    random = np.random.default_rng(0)
    for _ in range(300):
        start, chord = random.normal(size=2), random.normal(size=2)
        aside = np.array([-chord[1], chord[0]]) * random.choice([-1.0, 1.0], size=(12, 1))
        points = start + random.uniform(size=(12, 1)) * chord + 0.3 * aside
        stroke = np.vstack((start, points, start + chord))
        assert_as_rdp(stroke, 0.02)
        assert_as_rdp(stroke, float(random.choice(rdp_distances(stroke))))


def rdp_distances(points):
    chord, away = points[-1] - points[0], points[0] - points[1:-1]
    return np.abs(chord[0] * away[:, 1] - chord[1] * away[:, 0]) / np.linalg.norm(chord)
