import pytest

from tegashiki.evaluation.breakdown import align, break_down, count_confusions, features_of, kind_of_symbol, wilson
from tegashiki.latex.normalize import normalize
from tests.evaluation.ink_results import ink_result


@pytest.mark.parametrize(
    ("latex", "depth", "kinds"),
    [
        ("x+y", 0, ["one line"]),
        ("x^2", 1, ["superscript"]),
        (r"\sum_{i=1}^{n^2} \frac{1}{i}", 2, ["big operator", "both scripts", "fraction", "subscript", "superscript"]),
        (r"\sqrt[3]{\sqrt{x}}", 2, ["root", "root with index"]),
        (r"\begin{matrix}1&2\end{matrix}", 1, ["matrix"]),
        (r"\hat{x}+\binom{a}{b}+\sin y", 1, ["accent", "function", "stack"]),
        (r"\frac{1}{1+\frac{1}{x_1^2}}", 3, ["both scripts", "fraction", "subscript", "superscript"]),
    ],
)
def test_features(latex, depth, kinds):
    found = features_of(normalize(latex))
    assert (found.depth, list(found.kinds)) == (depth, kinds)


def test_inks_named_by_source_kind_and_person_are_grouped_by_them():
    results = [
        ink_result("x", "x", "unipen/sums/anne/00"),
        ink_result("y", "z", "unipen/numbers/anne/01"),
        ink_result("z", "z", "crohme/sums/bert/00"),
    ]
    found = [(group.name, group.inks, group.exprate) for group in break_down(results).part]
    sources, kinds = [("crohme", 1, 100), ("unipen", 2, 50)], [("*/numbers", 1, 0), ("*/sums", 2, 100)]
    assert found == sources + kinds + [("crohme/sums", 1, 100), ("unipen/numbers", 1, 0), ("unipen/sums", 1, 100)]
    assert not break_down([*results, ink_result("x", "x", "A/1.inkml")]).part


def test_inks_are_grouped_by_properties_of_their_truths():
    results = [
        ink_result("x", "x", "A/1.inkml"),
        ink_result("x + y + z", "x + y + 2", "A/2.inkml"),
        ink_result("x ^ { 2 }", "x _ { 2 }", "B/3.inkml"),
        ink_result("y", None, "B/4.inkml"),
    ]
    found = break_down(results)
    assert [(group.name, group.inks, group.exprate) for group in found.length] == [("1-4", 2, 50), ("5-9", 2, 0)]
    assert [(group.name, group.inks) for group in found.depth] == [("0", 3), ("1", 1)]
    assert [(group.name, group.inks, group.cer) for group in found.folder] == [("A", 2, 1 / 6), ("B", 2, 2 / 6)]
    assert [group.name for group in found.structure] == ["one line", "superscript"]
    symbols = {score.token: score for score in found.symbols}
    assert (symbols["z"].count, symbols["z"].right, symbols["z"].read_as) == (1, 0, (("2", 1),))
    assert (symbols["x"].count, symbols["x"].right, symbols["x"].kind) == (3, 3, "small letters")
    assert (symbols["y"].count, symbols["y"].right) == (2, 1)  # one of them in the ink that was not read
    kinds = {score.kind: (score.count, score.right) for score in found.kinds}
    assert kinds == {"small letters": (6, 4), "operators": (2, 2), "digits": (1, 1)}
    assert sorted(found.confusions) == [("^", "_", 1), ("z", "2", 1)]


def test_alignment_and_confusions():
    assert list(align(["a", "c"], ["a", "b", "c"])) == [(0, 0), (None, 1), (1, 2)]
    assert list(align(["a", "b", "c"], ["a", "c"])) == [(0, 0), (1, None), (2, 1)]
    results = [ink_result("a + b", "a - b"), ink_result("a b", "a"), ink_result("a", "a c"), ink_result("x", None)]
    assert count_confusions(results) == {("+", "-"): 1, ("b", ""): 1, ("", "c"): 1}


def test_wilsons_interval():
    # Brown, Cai, DasGupta (2001): for 0 of n the upper limit is z^2 / (n + z^2)
    assert wilson(0, 10) == (0.0, pytest.approx(3.8415 / 13.8415, abs=1e-4))
    low, high = wilson(50, 100)
    assert (low + high) / 2 == pytest.approx(0.5)
    assert high - low == pytest.approx(2 * 0.0962, abs=1e-3)


def test_kinds_of_symbols():
    kinds = ["digits", "small letters", "Greek", "relations", "others"]
    assert [kind_of_symbol(token) for token in ("7", "x", r"\pi", "=", r"\infty")] == kinds
