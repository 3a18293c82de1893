import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tegashiki.ink.ink import MAX_COORDINATE, Ink
from tegashiki.ink.preprocess import (
    MAX_BOX,
    POINTS_PER_STROKE,
    RDP_EPSILON,
    frame_stroke,
    normalize_boxes,
    preprocess,
    simplify_stroke,
    unit_size,
)

from .golden import PATH
from .strokes import procedural_strokes, random_stroke

GOLDEN = json.loads(PATH.read_text())

coordinate = st.integers(-2000, 2000)
strokes = st.lists(st.tuples(coordinate, coordinate), min_size=1, max_size=60)
inks = st.lists(strokes, min_size=1, max_size=8)


@pytest.mark.parametrize("golden", GOLDEN["strokes"], ids=lambda golden: golden["name"])
def test_golden_frames(golden):
    points, box = frame_stroke(golden["stroke"])
    np.testing.assert_allclose(points, golden["points"], atol=1e-6)
    np.testing.assert_allclose(box, golden["box"], rtol=1e-12)


def test_golden_ink():
    assert (GOLDEN["epsilon"], GOLDEN["points_per_stroke"]) == (RDP_EPSILON, POINTS_PER_STROKE)
    framed = preprocess([golden["stroke"] for golden in GOLDEN["strokes"]])
    np.testing.assert_allclose(framed.boxes_S3, GOLDEN["ink_boxes"], rtol=1e-6)
    assert framed.points_SP2.dtype == framed.boxes_S3.dtype == np.float32


@settings(max_examples=100, deadline=None)
@given(strokes, st.integers(-20, 20), coordinate, coordinate)
def test_frame_is_exactly_invariant_to_exact_scales_and_shifts(stroke, exponent, dx, dy):
    """Scaling by powers of two and shifting by whole numbers are exact in float64, so the result is the same."""
    raw, scale = np.array(stroke, dtype=float), 2.0**exponent
    points, box = frame_stroke(raw)
    moved, moved_box = frame_stroke((raw + np.array([dx, dy])) * scale)
    np.testing.assert_array_equal(moved, points)
    np.testing.assert_array_equal(moved_box, [(box[0] + dx) * scale, (box[1] + dy) * scale, box[2] * scale])


@pytest.mark.parametrize("seed", range(20))
def test_frame_is_invariant_to_any_scale_and_shift(seed):
    random = np.random.default_rng(seed)
    raw = random_stroke(random, 40)
    scale, shift = 10 ** random.uniform(-4, 4), random.normal(size=2) * 1000
    np.testing.assert_allclose(frame_stroke(raw * scale + shift * scale)[0], frame_stroke(raw)[0], atol=1e-5)


@settings(max_examples=100, deadline=None)
@given(inks)
def test_a_stroke_does_not_change_as_strokes_are_added(ink):
    """Because of this, an input method has to run the stem only once per stroke."""
    whole = preprocess([np.array(stroke, dtype=float) for stroke in ink])
    for count in range(1, len(ink)):
        part = preprocess([np.array(stroke, dtype=float) for stroke in ink[:count]])
        assert part.points_SP2.tobytes() == whole.points_SP2[:count].tobytes()
    assert np.abs(whole.points_SP2).max() <= 0.5


@settings(max_examples=60, deadline=None)
@given(inks, st.integers(-20, 20), coordinate, coordinate)
def test_boxes_are_invariant_to_scale_and_shift(ink, exponent, dx, dy):
    raw = [np.array(stroke, dtype=float) for stroke in ink]
    moved = preprocess([(stroke + np.array([dx, dy])) * 2.0**exponent for stroke in raw])
    np.testing.assert_array_equal(moved.boxes_S3, preprocess(raw).boxes_S3)


def test_repeated_points_change_nothing():
    raw = random_stroke(np.random.default_rng(3), 30)
    points, box = frame_stroke(raw)
    repeated, repeated_box = frame_stroke(np.repeat(raw, 3, axis=0))
    np.testing.assert_array_equal(repeated, points)
    np.testing.assert_array_equal(repeated_box, box)


def test_points_are_evenly_spaced_along_the_simplified_line():
    points, box = frame_stroke([[0, 0], [4, 0], [4, 4]])
    np.testing.assert_array_equal(box, [2, 2, 4])
    steps = np.abs(np.diff(points.astype(float), axis=0)).sum(axis=1)  # the line is parallel to the axes
    np.testing.assert_allclose(steps, 2 / 31, atol=1e-6)
    np.testing.assert_array_equal(points[[0, -1]], [[-0.5, -0.5], [0.5, 0.5]])


def test_dot():
    points, box = frame_stroke([[7, -3], [7, -3]])
    assert not points.any() and points.shape == (POINTS_PER_STROKE, 2)
    np.testing.assert_array_equal(box, [7, -3, 0])
    assert simplify_stroke([[7, -3], [7, -3]])[0].tolist() == [[0, 0]]


def test_frame_stroke_spaces_the_line_of_simplify_stroke():
    for raw in procedural_strokes().values():
        simplified, box = simplify_stroke(raw)
        np.testing.assert_array_equal(box, frame_stroke(raw)[1])
        np.testing.assert_allclose(simplified[[0, -1]], frame_stroke(raw)[0][[0, -1]], atol=1e-7)


def test_normalize_boxes():
    boxes = normalize_boxes([[10, 20, 4], [14, 28, 8], [18, 20, 0]])
    assert boxes.dtype == np.float32
    np.testing.assert_array_equal(boxes, [[0, 0, 1], [1, 2, 2], [2, 0, 0]])


def test_the_unit_is_the_largest_size_if_the_median_is_zero():
    np.testing.assert_array_equal(normalize_boxes([[3, 1, 0], [5, 1, 0], [9, 1, 2]]), [[0, 0, 0], [1, 0, 0], [3, 0, 1]])


@pytest.mark.parametrize("unit", [1e-6, 1.0, 10.0, 1e5])
@pytest.mark.parametrize(
    ("dots", "boxes"),
    [
        ([(0, 0), (0, 10)], [[0, -0.5], [0, 0.5]]),
        ([(0, 1), (5, 1), (10, 1)], [[0, 0], [1, 0], [2, 0]]),
        ([(0, 0), (4, -8), (8, 0)], [[0, 0], [1, -2], [2, 0]]),
        ([(7, -3)], [[0, 0]]),
        ([(7, -3), (7, -3)], [[0, 0], [0, 0]]),
    ],
)
def test_the_unit_of_only_dots_is_their_distance(dots, boxes, unit):
    found = normalize_boxes([[x * unit, y * unit, 0] for x, y in dots])
    np.testing.assert_allclose(found, [[x, y, 0] for x, y in boxes], rtol=1e-6)


def test_the_unit_of_dots_and_a_stroke_is_the_size_of_the_stroke():
    """The rule for dots does not change inks that have a stroke with a size above 0."""
    assert unit_size([[0, 0, 0], [0, 10, 0], [0, 20, 0.5]]) == 0.5
    assert unit_size([[0, 0, 2], [0, 10, 0], [0, 20, 6]]) == 2


def test_no_strokes():
    framed = preprocess(Ink(()))
    assert framed.points_SP2.shape == (0, POINTS_PER_STROKE, 2) and framed.boxes_S3.shape == (0, 3)
    assert len(framed) == 0


wild = st.floats(-MAX_COORDINATE, MAX_COORDINATE)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.lists(st.tuples(wild, wild), min_size=1, max_size=10), min_size=1, max_size=6))
def test_any_ink_gives_finite_arrays(strokes):
    framed = preprocess(Ink(strokes))
    assert np.abs(framed.points_SP2).max() <= 0.5
    assert np.isfinite(framed.boxes_S3).all() and np.abs(framed.boxes_S3).max() <= MAX_BOX


def test_a_tiny_stroke_far_from_the_origin_stays_in_its_frame():
    points, box = frame_stroke([[1e12, 0], [np.nextafter(1e12, 2e12), 0]])
    assert np.abs(points).max() <= 0.5 and box[2] > 0
