"""Strokes found in drawn ink: their shape, number, direction and order."""

import numpy as np
import pytest

pytest.importorskip("skimage", reason="the extra `pictures` is not installed")

from tegashiki.pictures.pen import pen_width
from tegashiki.pictures.render import draw_owners
from tegashiki.pictures.skeleton import find_chains, thin
from tegashiki.pictures.trace import trace
from tegashiki.pictures.writing_order import direct

from .pictures import distance, embedded_inks, place


def line(*points):
    return np.array(points, float)


def traced(*strokes, pen=4.0, size=(240, 120)):
    """Return the lines of strokes that are found in a drawing, and the owner of each stroke's pixels."""
    owners = draw_owners(strokes, pen, size)
    lines = trace(owners > 0, pen)
    found = [stroke for each in lines for stroke in each]
    drawn = []
    for stroke in found:
        x, y = np.rint(stroke).astype(int).T
        drawn.append(int(np.bincount(owners[y, x]).argmax()) - 1)
    return lines, drawn


PLUS = [line((20, 40), (60, 40)), line((40, 20), (40, 60))]
CROSS = [line((20, 20), (60, 70)), line((60, 20), (20, 70))]
NARROW_CROSS = [line((30, 20), (50, 80)), line((50, 20), (30, 80))]
ONE = [line((20, 40), (40, 20), (40, 80))]
M = [line((20, 70), (20, 30), (22, 60), (30, 34), (40, 34), (44, 70), (46, 48), (56, 34), (64, 36), (66, 70))]
T = [line((20, 20), (80, 20)), line((50, 20), (50, 80))]
ZERO = [line(*[(50 + 20 * np.sin(a), 50 - 30 * np.cos(a)) for a in np.linspace(0, 2 * np.pi, 40)])]
EQUALS = [line((20, 30), (60, 30)), line((20, 45), (60, 45))]


@pytest.mark.parametrize("pen", [1.0, 2.0, 3.0, 4.0, 5.0, 7.0])
@pytest.mark.parametrize(
    ("name", "strokes"),
    {"plus": PLUS, "cross": CROSS, "one": ONE, "T": T, "zero": ZERO, "equals": EQUALS}.items(),
)
def test_a_sign_has_the_strokes_that_drew_it(name, strokes, pen):
    [found], drawn = traced(*strokes, pen=pen)
    assert sorted(drawn) == list(range(len(strokes)))
    assert distance(found, strokes) < 0.5 + 0.2 * pen
    assert distance(strokes, found) < 1.0 + 0.4 * pen, "nothing of the strokes is missing"


def test_strokes_go_straight_through_a_crossing_that_thinning_pulls_apart():
    [found], drawn = traced(*NARROW_CROSS, pen=5)
    assert sorted(drawn) == [0, 1]
    assert all(np.ptp(stroke, axis=0)[0] > 12 for stroke in found), "no stroke turns back"


def test_a_letter_with_retraced_legs_is_one_stroke():
    [found], _ = traced(*M, pen=3)
    assert len(found) == 1


def test_a_dot_is_one_point_and_small_pieces_are_kept():
    [found], _ = traced(line((40, 20)), line((40, 35), (40, 70)), pen=4)
    assert sorted(map(len, found))[0] == 1
    assert abs(min(found, key=len) - [40, 20]).max() <= 1


def test_a_hook_shorter_than_the_pen_is_no_stroke():
    [found], _ = traced(line((20, 40), (100, 40)), line((60, 40), (60, 42)), pen=4)
    assert len(found) == 1


def test_a_fraction_is_written_numerator_bar_denominator():
    bar = line((20, 50), (90, 50))
    numerator = [line((35, 20), (35, 40)), line((60, 20), (60, 40))]
    denominator = [line((30, 60), (30, 85)), line((70, 60), (70, 85))]
    after = line((110, 45), (130, 45))
    [_], drawn = traced(bar, *denominator, after, *numerator, pen=3)
    assert drawn == [4, 5, 0, 1, 2, 3]


def test_a_root_sign_comes_before_what_is_under_it_and_a_sum_before_its_limits():
    root = line((20, 60), (28, 80), (40, 25), (110, 25))
    [_], drawn = traced(line((60, 40), (60, 75)), line((85, 40), (85, 75)), root, pen=3)
    assert drawn == [2, 0, 1]
    total = line((60, 35), (25, 35), (42, 55), (25, 75), (60, 75))
    [_], drawn = traced(line((42, 15), (42, 27)), line((40, 84), (40, 100)), total, pen=3)
    assert drawn == [2, 1, 0]


def test_a_long_bar_that_touches_a_symbol_still_parts_a_fraction():
    bar = line((20, 50), (120, 50))
    touching = line((40, 20), (40, 50))
    [_], drawn = traced(bar, touching, line((70, 20), (70, 40)), line((60, 62), (60, 90)), pen=3)
    assert drawn == [1, 2, 0, 3]


def test_lines_of_writing_are_told_apart():
    words = [line((x, y), (x, y + 30)) for y in (10, 70, 130) for x in (20, 60, 100)]
    lines, drawn = traced(*words[::-1], pen=3, size=(160, 180))
    assert [len(each) for each in lines] == [3, 3, 3]
    assert drawn == list(range(8, -1, -1)), "from the top, each from the left"


def test_a_fraction_alone_and_an_i_are_one_line():
    fraction = [line((50, 10), (50, 30)), line((20, 50), (90, 50)), line((50, 70), (50, 95))]
    assert len(traced(*fraction, pen=3)[0]) == 1
    assert len(traced(line((50, 30)), line((50, 45), (50, 70)), pen=3)[0]) == 1


@pytest.mark.parametrize(
    ("ends", "begins"),
    [([(0, 0), (30, 2)], (0, 0)), ([(0, 0), (0, 30)], (0, 0)), ([(30, 0), (0, 40)], (30, 0)), ([(9, 9)], (9, 9))],
)
def test_a_stroke_begins_at_its_upper_left_end(ends, begins):
    for stroke in (line(*ends), line(*ends[::-1])):
        assert tuple(direct(stroke)[0]) == begins


def test_a_loop_begins_at_its_top_and_runs_against_the_clock():
    for loop in (ZERO[0], ZERO[0][::-1], np.roll(ZERO[0][:-1], 7, axis=0)[[*range(39), 0]]):
        found = direct(loop)
        assert found[0, 1] == loop[:, 1].min() and found[8, 0] < 45
        assert (found[0] == found[-1]).all()


def test_embedded_ink_is_found_again():
    written = found = 0
    for ink in embedded_inks(40, seed=2):
        placed, size = place(ink.strokes, 90)
        mask = draw_owners(placed, 3, size) > 0
        strokes = [stroke for each in trace(mask, pen_width(mask)) for stroke in each]
        assert distance(strokes, placed) < 1.0 and distance(placed, strokes) < 1.5
        written, found = written + len(placed), found + len(strokes)
    assert 0.9 * written < found < 1.15 * written


def test_tracing_is_deterministic_and_noise_ends():
    mask = np.random.default_rng(0).random((150, 200)) < 0.3
    one, other = trace(mask, 2.0), trace(mask, 2.0)
    assert all((a == b).all() for x, y in zip(one, other, strict=True) for a, b in zip(x, y, strict=True))
    assert trace(np.zeros((5, 5), bool), 1.0) == []
    assert len(trace(np.ones((1, 1), bool), 1.0)[0]) == 1


def test_every_piece_of_ink_keeps_a_pixel_when_it_is_thinned():
    rng = np.random.default_rng(1)
    mask = np.zeros((60, 60), bool)
    for row, column in rng.integers(2, 55, (25, 2)):
        mask[row : row + rng.integers(1, 4), column : column + rng.integers(1, 4)] = True
    lines, pieces = thin(mask)
    assert set(np.unique(pieces[lines])) == set(range(1, pieces.max() + 1))
    assert not (lines & ~mask).any()


def test_chains_hold_every_pixel_and_end_at_ends_and_junctions():
    lines = np.zeros((12, 12), bool)
    lines[5, 1:11] = lines[1:6, 5] = True  # a T
    lines[9, 2] = True  # a dot
    skeleton = find_chains(lines)
    assert sorted(len(chain) for chain in skeleton.chains) == [1, 5, 5, 6]
    assert {pixel for chain in skeleton.chains for pixel in chain} == set(range(int(lines.sum())))
    staircase = np.eye(8, dtype=bool) | np.eye(8, k=1, dtype=bool)
    assert len(find_chains(staircase).chains) == 1


@pytest.mark.parametrize("pen", [1, 2, 3, 4, 6, 9])
def test_the_width_of_the_pen_is_estimated(pen):
    placed, size = place(embedded_inks(1, seed=3)[0].strokes, 40 * pen)
    assert pen_width(draw_owners(placed, pen, size) > 0) == pytest.approx(pen, rel=0.25, abs=0.5)


def test_a_gap_in_a_line_is_mended_and_two_minus_signs_stay_two():
    owners = draw_owners([line((20, 40), (100, 70))], 4, (140, 100))
    owners[:, 58:60] = 0
    assert len(trace(owners > 0, 4.0)[0]) == 1
    assert len(traced(line((20, 40), (50, 40)), line((62, 40), (100, 40)))[0][0]) == 2
