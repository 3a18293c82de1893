from dataclasses import replace

import numpy as np
import pytest

from tegashiki.evaluation.figures import NAMES, figures, label_errors, ratios, resampled
from tegashiki.evaluation.ink_result import Forced, ResultCandidate
from tegashiki.evaluation.metrics import score
from tegashiki.latex.layout import layout
from tests.evaluation.ink_results import ink_result

RESULTS = [
    ink_result("x ^ { 2 }", "x ^ { 2 }"),
    ink_result("a + b", "a - b"),
    ink_result("1", "1 2 3"),
    ink_result(r"\frac { a } { b }", "a b"),
    ink_result("y", None),
    ink_result("x ^ { 2 }", "x _ { 2 }", "x.inkml"),
]


def test_figures_agree_with_a_calculation_by_hand():
    found = {name: float(ratio.value()) for name, ratio in ratios(RESULTS).items()}
    assert found["exprate"] == found["among_candidates"] == pytest.approx(100 / 6)
    # edits 0, 1, 2, 5, 1 (all of `y`), 1; truths of 5, 3, 1, 7, 1, 5 tokens; the longer sequence has 5, 3, 3, 7, 1, 5
    assert found["cer"] == pytest.approx(10 / 22)
    assert found["edit_similarity"] == pytest.approx(100 * (1 - 10 / 24))
    # Right structure: x^2 and a-b. Symbols at the right place: x 2 | a b | 1 | none of - a b | none of y | x
    assert found["structure_rate"] == pytest.approx(100 * 2 / 6)
    assert found["symbol_rate"] == pytest.approx(100 * 6 / 12)


def test_variants_of_a_sign_count_as_equal_in_one_figure_only():
    results = [ink_result(r"\epsilon + 1", r"\varepsilon + 1"), ink_result(r"\phi", r"\psi"), ink_result("y", None)]
    found = ratios(results)
    assert float(found["exprate"].value()) == 0
    assert float(found["exprate_variants"].value()) == pytest.approx(100 / 3)


@pytest.mark.parametrize(
    ("read", "truth", "errors"),
    [
        ("x ^ { 2 }", "x ^ { 2 }", 0),
        ("y ^ { 2 }", "x ^ { 2 }", 1),
        ("x _ { 2 }", "x ^ { 2 }", 4),  # each tree has one symbol that the other lacks, with its relation
        ("x", "x y", 2),
        ("a b c", "b c", 4),  # an added symbol shifts the paths after it: a/b, b/c, and c with its relation
        (r"\frac { 1 } { 2 }", r"\frac { 1 } { 3 }", 1),
    ],
)
def test_label_errors_agree_with_a_calculation_by_hand(read, truth, errors):
    assert label_errors(layout(read.split()), layout(truth.split())) == errors
    assert float(ratios([ink_result(truth, read)])["label_errors_le1"].value()) == 100 * (errors <= 1)


def test_figures_agree_with_the_scores_of_the_table():
    scores = score([r.tokens if r.comparable else None for r in RESULTS], [r.truth.split() for r in RESULTS])
    found = ratios(RESULTS)
    for name in ("exprate", "exprate_le1", "exprate_le2", "cer"):
        assert float(found[name].value()) == pytest.approx(getattr(scores, name))


def test_mathwriting_cer_uses_the_label_as_written():
    one = replace(ink_result(r"\int x", r"\int y"), plain_truth=r"\int x")
    assert float(ratios([one])["cer_mathwriting"].value()) == pytest.approx(1 / 3)  # \int, space, x
    # Our LaTeX has the prime as a token in braces. A label that is spelled differently costs edits.
    spelled = replace(ink_result("f ^ { \\prime }", "f ^ { \\prime }"), plain_truth="f'")
    assert float(ratios([spelled])["cer_mathwriting"].value()) == pytest.approx(4 / 2)
    assert float(ratios([spelled])["cer"].value()) == 0


def test_among_candidates_counts_a_right_second_candidate():
    wrong = ink_result("x", "y")
    second = replace(wrong, candidates=(*wrong.candidates, ResultCandidate(("x",), 0.1)))
    assert float(ratios([wrong, second])["among_candidates"].value()) == 50
    assert float(ratios([wrong, second])["exprate"].value()) == 0


FORCED = [
    ink_result("x ^ { 2 }", "x", forced=Forced(right=4, end=True)),
    ink_result("a + b", "a", forced=Forced(right=3, end=False)),
    ink_result("y z", None),  # could not be read: all of its truth is wrong
    replace(ink_result("", "y", "none"), comparable=False),  # its truth is unknown
]


def test_token_accuracy_with_and_without_end_tokens():
    found = {name: float(ratio.value()) for name, ratio in ratios(FORCED).items()}
    assert found["accuracy"] == pytest.approx(100 * (4 + 1 + 3) / (5 + 1 + 3 + 1 + 2 + 1))
    assert found["accuracy_without_end"] == pytest.approx(100 * (4 + 3) / (5 + 3 + 2))


def test_the_interval_of_exprate_agrees_with_the_binomial_one():
    results = [ink_result("x", "x" if i < 60 else "y", f"{i}") for i in range(100)]
    found = figures(results, resamples=4000)["exprate"]
    assert found.value == pytest.approx(60)
    # a normal interval: 60 -+ 1.96 * sqrt(0.6 * 0.4 / 100) = 50.4 .. 69.6
    assert found.low == pytest.approx(50.4, abs=1.0)
    assert found.high == pytest.approx(69.6, abs=1.0)
    assert figures(results, seed=1)["exprate"] == figures(results, seed=1)["exprate"]
    assert figures(results, seed=1)["exprate"] != figures(results, seed=2)["exprate"]


def test_resamples_have_the_size_of_the_set_and_come_in_parts(monkeypatch):
    monkeypatch.setattr("tegashiki.evaluation.figures._CELLS_AT_ONCE", 70)
    parts = list(resampled(10, 25, seed=0))
    assert [len(part) for part in parts] == [7, 7, 7, 4]
    assert (np.concatenate(parts).sum(axis=1) == 10).all()


def test_every_figure_has_a_name_and_no_results_are_an_error():
    assert ratios(FORCED).keys() | {"bleu"} == NAMES.keys()
    assert NAMES.keys() - ratios(RESULTS).keys() == {"accuracy", "accuracy_without_end", "bleu"}  # no teacher forcing
    with pytest.raises(ValueError, match="0 inks"):
        ratios([])
