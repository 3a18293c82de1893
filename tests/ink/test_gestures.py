"""Scratch-outs and strikes take ink away, and what looks like them does not."""

import itertools

import numpy as np
import pytest

from tegashiki.ink.gestures import MOST_SWEEPS, struck


def zigzag(centre, reach, spread, sweeps, angle=0.0):
    """Return a zigzag with eight points a sweep."""
    at = np.linspace(0, sweeps, 8 * sweeps + 1)
    ends = np.stack([np.resize([-reach, reach], sweeps + 1), np.linspace(-spread, spread, sweeps + 1)])
    line = np.stack([np.interp(at, np.arange(sweeps + 1), end) for end in ends], axis=1)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return np.asarray(centre) + line @ turn


def line(*ends):
    return np.array(ends, np.float64)


CIRCLE = np.stack([50 + 20 * np.cos(np.linspace(0, 6, 40)), 50 + 20 * np.sin(np.linspace(0, 6, 40))], axis=1)
BAR = line((0, 80), (100, 80))
MINUS = line((120, 50), (150, 50))
DOT = line((50, 50))


@pytest.mark.parametrize("angle", np.linspace(0, np.pi, 9))
def test_a_scratch_out_takes_the_strokes_under_it(angle):
    assert struck([BAR, CIRCLE, MINUS], zigzag((50, 50), 25, 20, 7, angle)) == (1,)


@pytest.mark.parametrize("angle", np.linspace(0, np.pi, 9))
def test_a_strike_there_and_back_takes_what_it_crosses(angle):
    assert struck([BAR, CIRCLE, MINUS], zigzag((50, 50), 25, 2, 3, angle)) == (1,)


def test_a_scratch_out_over_a_fraction_takes_all_of_it_and_one_over_its_numerator_leaves_the_bar():
    below = CIRCLE + np.array([0, 60])
    assert struck([CIRCLE, BAR, below, MINUS], zigzag((50, 80), 55, 60, 11)) == (0, 1, 2)
    assert struck([CIRCLE, BAR, below], zigzag((50, 50), 24, 28, 9, np.pi / 2)) == (0,)


def test_a_dot_and_a_minus_between_sweeps_go_with_the_rest():
    assert struck([CIRCLE, DOT], zigzag((50, 50), 25, 20, 7)) == (0, 1)
    assert struck([MINUS], zigzag((135, 50), 22, 10, 7)) == (0,)


def test_what_crosses_nothing_is_ink():
    assert struck([], zigzag((50, 50), 25, 20, 7)) == ()
    assert struck([CIRCLE], zigzag((150, 50), 25, 20, 7)) == ()
    assert struck([DOT], zigzag((50, 51), 25, 20, 6)) == ()  # a letter written around a dot


@pytest.mark.parametrize(
    "stroke",
    [
        line((25, 50), (75, 50)),  # the bar of \theta
        line((30, 75), (70, 25)),  # the slash of \emptyset
        zigzag((50, 50), 25, 20, 2),  # a wedge
        zigzag((50, 50), 25, 20, 4),  # w, M
        DOT,
        line((50, 50), (50, 50), (50, 50)),
        CIRCLE,
    ],
)
def test_what_signs_are_made_of_is_ink(stroke):
    assert struck([CIRCLE], stroke) == ()


def test_curved_strokes_are_ink():
    at = np.linspace(0, 6 * np.pi, 120)
    coil = np.stack([50 + 20 * np.cos(at), 40 + at + 20 * np.sin(at)], axis=1)
    assert struck([CIRCLE], coil) == ()


@pytest.mark.parametrize("angle", [0.3, 1.2])
def test_the_steps_of_a_mouse_that_moves_from_pixel_to_pixel_do_not_matter(angle):
    ends = zigzag((50, 50), 25, 20, 7, angle)
    path = np.concatenate([np.linspace(a, b, 9)[:-1] for a, b in itertools.pairwise(ends)]).round()
    assert struck([CIRCLE], path[np.append(True, np.any(np.diff(path, axis=0) != 0, axis=1))]) == (0,)


@pytest.mark.parametrize("scale", [1e-6, 1, 1e9])
def test_the_unit_does_not_matter(scale):
    stroke = zigzag((50, 50), 25, 20, 7) * scale
    assert struck([CIRCLE * scale, BAR * scale], stroke) == (0,)


def test_a_scribble_of_many_sweeps_is_bounded():
    assert struck([CIRCLE], zigzag((50, 50), 25, 20, 40 * MOST_SWEEPS)) == (0,)
