"""The widget's Python side. `web/test/notebook.test.ts` writes on it in JupyterLab."""

import pytest

from tegashiki.errors import UserError
from tegashiki.memory.memory import WriterMemory
from tegashiki.notebook.requests import to_json
from tegashiki.recognizer.recognizer import Recognizer

pytest.importorskip("anywidget", reason="the notebook extra is not installed")
from tegashiki.notebook import Pad

PLUS = [[[0.0, 5.0], [10.0, 5.0]], [[5.0, 0.0], [5.0, 10.0]]]
READ = {"strokes": [{"key": str(i), "points": points} for i, points in enumerate(PLUS)], "n": 5}


@pytest.fixture
def pad():
    pad = Pad()
    pad.sent = []
    pad.send = pad.sent.append
    return pad


def hear(pad, **message):
    pad._handle_custom_msg(message, [])


def test_a_request_is_answered(pad):
    hear(pad, kind="read", id=7, request=READ)
    [answer] = pad.sent
    assert (answer["kind"], answer["id"]) == ("answer", 7)
    assert answer["reading"]["candidates"][0]["latex"] == "+"


def test_a_request_that_fails_is_answered_too(pad, monkeypatch):
    hear(pad, kind="read", id=1, request={"strokes": [], "n": 5})
    assert "no strokes" in pad.sent.pop()["error"]

    def interrupted(request):
        raise KeyboardInterrupt

    monkeypatch.setattr(pad._reader, "read", interrupted)
    with pytest.raises(KeyboardInterrupt):
        hear(pad, kind="read", id=2, request=READ)
    assert "interrupted" in pad.sent.pop()["error"]


def test_readings_and_finished_formulas_can_be_observed(pad):
    seen = []
    pad.observe(lambda change: seen.append(change.new), ["candidates", "formulas"])
    session = pad.recognizer.session()
    session.add_strokes(PLUS)
    shown = to_json(session.candidates(2))
    hear(pad, kind="reading", candidates=shown)
    commit = {"kind": "commit", "lines": [{"candidate": shown[0], "strokes": PLUS}], "latex": "+"}
    hear(pad, **commit)
    hear(pad, **commit)
    assert [candidate.latex for candidate in pad.candidates] == [one["latex"] for one in shown]
    assert seen == [pad.candidates, ["+"], ["+", "+"]]


def test_a_memory_learns_each_line_of_finished_formulas():
    recognizer = Recognizer.load(memory=WriterMemory())
    pad = Pad(recognizer)
    session = recognizer.session()
    session.add_strokes(PLUS)
    plus = {"candidate": to_json(session.candidates(1))[0], "strokes": PLUS}
    session.erase(1)
    minus = {"candidate": to_json(session.candidates(1))[0], "strokes": PLUS[:1]}
    hear(pad, kind="commit", lines=[plus, minus], latex=r"\begin{gathered}+\\-\end{gathered}")
    assert [formula.latex for formula in recognizer.memory.formulas] == [
        one["candidate"]["latex"] for one in (plus, minus)
    ]


def test_the_ink_is_that_of_the_sheet(pad):
    pad.strokes = PLUS
    assert [stroke.tolist() for stroke in pad.ink.strokes] == PLUS


def test_the_formula_as_a_sympy_object(pad):
    sympy = pytest.importorskip("sympy")
    pytest.importorskip("antlr4")
    x = sympy.Symbol("x")
    pad.latex = r"x^{2}-5x+6=0"
    assert sympy.solve(pad.sympy(), x) == [2, 3]
    pad.latex = "+"
    with pytest.raises(UserError, match="SymPy cannot read"):
        pad.sympy()
