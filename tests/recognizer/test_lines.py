"""Lines are told apart by the boxes of strokes."""

import pytest

from tegashiki.recognizer.lines import Box, Place, place


def line(y, count=8, x=0.0):
    """Return symbols of size 10 beside each other."""
    return [Box(x + 12 * index, y, x + 12 * index + 10, y + 10) for index in range(count)]


SIGN = [Box(0, 0, 12, 24)]  # a sum
FRACTION = [Box(2, 0, 8, 10), Box(0, 14, 40, 15)]  # a numerator and its bar

CASES = {
    "the first stroke": ([], Box(0, 0, 10, 10), None, Place(0, new=True)),
    "beside": ([line(0)], Box(96, 2, 106, 12), 0, Place(0)),
    "a superscript": ([line(0)], Box(96, -8, 102, -2), 0, Place(0)),
    "below at the left": ([line(0)], Box(0, 20, 10, 30), 0, Place(1, new=True)),
    "below with an indent": ([line(0)], Box(36, 20, 46, 30), 0, Place(1, new=True)),
    "below at the right": ([line(0)], Box(84, 20, 94, 30), 0, Place(0)),
    "close below": ([line(0)], Box(0, 14, 10, 24), 0, Place(0)),
    "a dot below": ([line(0)], Box(0, 30, 1, 31), 0, Place(0)),
    "a limit below a sign": ([SIGN], Box(0, 36, 6, 42), 0, Place(0)),
    "a denominator": ([FRACTION], Box(2, 28, 12, 38), 0, Place(0)),
    "below a fraction": ([[*FRACTION, *line(18, 4)]], Box(2, 40, 12, 50), 0, Place(1, new=True)),
    "between two lines": ([line(0), line(80)], Box(0, 30, 10, 40), 1, Place(1, new=True)),
    "back to a former line": ([line(0), line(30)], Box(96, 0, 106, 10), 1, Place(0)),
    "between close lines, to the one being written": ([line(0), line(18)], Box(0, 13, 10, 14), 1, Place(1)),
    "far above": ([line(100)], Box(0, 0, 10, 10), 0, Place(0, new=True)),
    "a first stroke that was too close": (
        [[*line(0), Box(0, 16, 10, 17)]],
        Box(0, 26, 10, 36),
        0,
        Place(0),
    ),
    "a first stroke that was too far right": (
        [[*line(0, 6), Box(60, 28, 70, 38)]],
        Box(10, 28, 20, 38),
        0,
        Place(1, True, 1),
    ),
    "a bracket around two lines": ([line(0), line(30)], Box(-12, -2, -6, 42), 1, Place(0, joined=(1,))),
}


@pytest.mark.parametrize(("lines", "box", "current", "wanted"), CASES.values(), ids=CASES)
def test_strokes_find_their_lines(lines, box, current, wanted):
    assert place(lines, box, current) == wanted


@pytest.mark.parametrize("scale", [1e-3, 1e4])
def test_the_unit_does_not_matter(scale):
    def scaled(box):
        return Box(*(scale * value for value in (box.left, box.top, box.right, box.bottom)))

    for lines, box, current, wanted in CASES.values():
        assert place([[scaled(each) for each in line] for line in lines], scaled(box), current) == wanted
