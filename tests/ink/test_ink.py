import pickle

import numpy as np
import pytest

from tegashiki.errors import UserError
from tegashiki.ink import ink as limits
from tegashiki.ink.ink import Ink, InkError, MathNode, SymbolGroup


def test_strokes_are_read_only_copies():
    raw = np.array([[1, 2], [3, 4]])
    ink = Ink((raw, [[5, 6]]))
    raw[0, 0] = 99
    assert isinstance(ink.strokes, tuple) and ink.strokes[0].dtype == np.float64
    assert ink.strokes[0].tolist() == [[1, 2], [3, 4]]
    with pytest.raises(ValueError, match="read-only"):
        ink.strokes[0][0] = 0


@pytest.mark.parametrize(
    ("stroke", "reason"),
    [
        ([], "shape"),
        ([1, 2], "shape"),
        ([[1, 2, 3]], "shape"),
        ([[1], [2, 3]], "not a list"),
        ([["a", 2]], "not a list"),
        ([[1, 2], [1, np.nan]], "point 1.*nan"),
        ([[np.inf, 2]], "not finite"),
        ([[1, -1e13]], "above 1e\\+12"),
        ([[10**400, 1]], "not a list"),
    ],
)
def test_refuses_invalid_strokes(stroke, reason):
    with pytest.raises(InkError, match=f"^here: stroke 1.*{reason}"):
        Ink(([[0, 0]], stroke), source="here")


def test_limits(monkeypatch):
    monkeypatch.setattr(limits, "MAX_STROKES", 2)
    monkeypatch.setattr(limits, "MAX_POINTS", 4)
    monkeypatch.setattr(limits, "MAX_STROKE_POINTS", 3)
    dot = [[0, 0]]
    Ink((dot * 3, dot))
    with pytest.raises(InkError, match="3 strokes, the limit is 2"):
        Ink((dot, dot, dot))
    with pytest.raises(InkError, match="5 points, the limit is 4"):
        Ink((dot * 3, dot * 2))
    with pytest.raises(InkError, match="stroke 0: 4 points, the limit is 3"):
        Ink((dot * 4,))


@pytest.mark.parametrize(
    "fields", [{"symbols": (SymbolGroup("x", (0, 2)),)}, {"truth": MathNode("mi", "x", "x_1", (-1,))}]
)
def test_refuses_references_to_missing_strokes(fields):
    with pytest.raises(InkError, match="names stroke"):
        Ink(([[0, 0]], [[1, 1]]), **fields)


def test_math_nodes_are_walked_in_document_order():
    leaf = MathNode("mi", "x", "x_1", (2,))
    tree = MathNode("mfrac", id="-_1", strokes=(1,), children=(leaf, MathNode("mn", "2", "2_1", (0, 3))))
    assert [node.id for node in tree.walk()] == ["-_1", "x_1", "2_1"]


def test_ink_error_is_a_user_error_and_can_be_pickled():
    error = pickle.loads(pickle.dumps(InkError("too long", place="line 3", source="a.inkml")))
    assert isinstance(error, UserError) and isinstance(error, ValueError)
    assert str(error) == "a.inkml: line 3: too long" and error.place == "line 3"
