import pytest

from tegashiki.evaluation.label_graph import LabelGraphError, strokes_graph, symbols_graph, write_graphs
from tegashiki.evaluation.samples import Sample
from tegashiki.latex.normalize import normalize
from tests.evaluation.ink_results import ink_result


def lines(graph):
    return [line for line in graph.splitlines() if line and not line.startswith("#")]


def test_a_graph_by_paths_has_the_format_of_crohme_2019():
    # The example in convert2symLG/README.txt of the organisers.
    assert lines(symbols_graph(normalize("F_z x"), "file")) == [
        *["O, F_1, F, 1.0, O", "O, z_1, z, 1.0, OSub", "O, x_1, x, 1.0, ORight"],
        *["R, F_1, z_1, Sub, 1.0", "R, F_1, x_1, Right, 1.0"],
    ]


def test_a_graph_by_strokes_has_the_format_of_lgeval():
    # UN19_1002_em_21.lg from the tests of LgEval, in our order: M \rightarrow \frac{M}{\sqrt{c}}
    tokens = normalize(r"M \rightarrow \frac{M}{\sqrt{c}}")
    strokes = {"M": [[0], [3]], r"\rightarrow": [[1, 2]], r"\frac": [[4]], r"\sqrt": [[5]], "c": [[6]]}
    of_token = [strokes[token].pop(0) if token in strokes else [] for token in tokens]
    assert lines(strokes_graph(tokens, of_token, "UN19_1002_em_21")) == [
        r"O, M_1, M, 1.0, 0",
        r"O, \rightarrow_1, \rightarrow, 1.0, 1, 2",
        r"O, -_1, -, 1.0, 4",
        r"O, M_2, M, 1.0, 3",
        r"O, \sqrt_1, \sqrt, 1.0, 5",
        r"O, c_1, c, 1.0, 6",
        r"R, M_1, \rightarrow_1, Right, 1.0",
        r"R, \rightarrow_1, -_1, Right, 1.0",
        r"R, -_1, M_2, Above, 1.0",
        r"R, -_1, \sqrt_1, Below, 1.0",
        r"R, \sqrt_1, c_1, Inside, 1.0",
    ]


def test_labels_that_would_break_the_format_are_replaced_or_refused():
    assert lines(symbols_graph(("a", ",", "<"), "f"))[1:3] == [
        "O, COMMA_1, COMMA, 1.0, ORight",
        r"O, \lt_1, \lt, 1.0, ORightRight",
    ]
    assert lines(strokes_graph(("a", "b"), [[0, 1], []], "f"))[1] == "O, b_1, b, 1.0, none1"
    with pytest.raises(LabelGraphError, match="table"):
        symbols_graph(normalize(r"\begin{matrix}a\end{matrix}"), "f")


def test_graphs_are_written_in_pairs_and_old_ones_deleted(tmp_path):
    samples = [
        Sample("a/1.inkml", None, "x", strokes_of_token=((0,),)),
        Sample("a/2.inkml", None, "y", strokes_of_token=None),
        Sample("a/3.inkml", None, "z"),
        Sample("a/4.inkml", None, ""),
    ]
    results = [ink_result("x", "y", "a/1.inkml"), ink_result("y", "y", "a/2.inkml"), ink_result("z", None, "a/3.inkml")]
    assert write_graphs(tmp_path, samples, [*results, ink_result("", "x", "a/4.inkml")]) == 3
    written = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.lg"))
    assert written == [
        *["strokes/read/1.lg", "strokes/truth/1.lg", "symbols/read/1.lg", "symbols/read/2.lg", "symbols/read/4.lg"],
        *["symbols/truth/1.lg", "symbols/truth/2.lg", "symbols/truth/3.lg"],
    ]
    assert "O, y_1, y, 1.0, 0" in (tmp_path / "strokes/read/1.lg").read_text()
    theirs = tmp_path / "crohme" / "truth" / "1.lg"
    theirs.parent.mkdir(parents=True)
    theirs.write_text("a graph from elsewhere")
    write_graphs(tmp_path, samples[:1], [ink_result("x", None, "a/1.inkml")])
    left = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.lg"))
    assert left == ["crohme/truth/1.lg", "symbols/truth/1.lg"], "only graphs of an earlier run are deleted"
    with pytest.raises(LabelGraphError, match="1 names belong to more than one ink, such as 1"):
        write_graphs(tmp_path, samples[:2], [results[0], ink_result("x", "y", "b/1.inkml")])
