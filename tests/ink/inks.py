"""Random inks for hypothesis, and a comparison of two inks."""

import numpy as np
from hypothesis import strategies as st

from tegashiki.ink.ink import MAX_COORDINATE, Ink, MathNode, SymbolGroup

# Text that XML can hold, without blanks at its ends, which readers strip because files are indented.
texts = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=12).map(
    str.strip
)
names = st.from_regex("[a-z]{1,8}", fullmatch=True)
coordinates = st.floats(-MAX_COORDINATE, MAX_COORDINATE) | st.integers(-500, 500).map(float)
strokes = st.lists(st.tuples(coordinates, coordinates), min_size=1, max_size=5)


@st.composite
def inks(draw: st.DrawFn) -> Ink:
    drawn = draw(st.lists(strokes, min_size=1, max_size=5))
    indices = st.lists(st.integers(0, len(drawn) - 1), min_size=1, unique=True).map(lambda found: tuple(sorted(found)))
    ids = draw(st.lists(names, unique=True, max_size=4))
    groups = tuple(SymbolGroup(draw(texts.filter(bool)), draw(indices), href) for href in ids)
    leaves = tuple(MathNode("mi", draw(texts), group.href, group.strokes) for group in groups)
    truth = MathNode("math", children=(MathNode("mrow", children=leaves),)) if leaves else None
    extra = draw(st.dictionaries(names, texts.filter(bool), max_size=3))
    extra = {name: text for name, text in extra.items() if name not in ("truth", "label", "writer")}
    return Ink(tuple(np.array(stroke) for stroke in drawn), draw(texts), draw(texts), "", groups, truth, extra)


def assert_same(left: Ink, right: Ink) -> None:
    assert len(left.strokes) == len(right.strokes)
    for one, other in zip(left.strokes, right.strokes, strict=True):
        np.testing.assert_array_equal(one, other)
    for name in ("label", "writer", "symbols", "truth", "annotations"):
        assert getattr(left, name) == getattr(right, name), name
