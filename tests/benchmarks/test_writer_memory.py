import numpy as np

from benchmarks.accuracy.writer_memory import Writing, cut_out
from tegashiki.ink.ink import Ink


def test_the_first_drawing_of_each_symbol_of_the_introduction_is_cut_out():
    strokes = tuple(np.full((2, 2), number) for number in range(4))
    samples = [
        Writing(Ink(strokes), r"q x ^ { 2 } \alpha", ((0,), (1, 2), (), (), (3,), (), ())),
        Writing(Ink(strokes[:2]), "x 7", ((0,), (1,))),
        Writing(Ink(strokes[:1]), "9"),  # no strokes known
    ]
    found = cut_out(samples)
    assert [(each.truth, [int(stroke[0, 0]) for stroke in each.ink.strokes]) for each in found] == [
        ("x", [1, 2]),
        ("2", [3]),
        ("7", [1]),
    ]
