from dataclasses import replace

import numpy as np
import pytest

from tegashiki.evaluation.figures import NAMES, figures, label_errors, ratios, resampled
from tegashiki.evaluation.ink_result import Forced, ResultCandidate
from tegashiki.evaluation.metrics import score
from tegashiki.latex.layout import layout
from tests.evaluation.ink_results import ink_result

READINGS = [
    ink_result("x ^ { 2 }", "x ^ { 2 }"),
    ink_result("a + b", "a - b"),
    ink_result("1", "1 2 3"),
    ink_result(r"\frac { a } { b }", "a b"),
    ink_result("y", None),
    ink_result("x ^ { 2 }", "x _ { 2 }", "x.inkml"),
]


def test_the_figures_by_hand():
    found = {name: float(ratio.value()) for name, ratio in ratios(READINGS).items()}
    assert found["exprate"] == found["among_candidates"] == pytest.approx(100 / 6)
    # edits 0, 1, 2, 5, all of `y`, 1; truths of 5, 3, 1, 7, 1, 5 tokens; the longer of both 5, 3, 3, 7, 1, 5
    assert found["cer"] == pytest.approx(10 / 22)
    assert found["edit_similarity"] == pytest.approx(100 * (1 - 10 / 24))
    # right structure: x^2 and a-b. Symbols in their places: x 2 | a b | 1 | none of - a b | none of y | x
    assert found["structure_rate"] == pytest.approx(100 * 2 / 6)
    assert found["symbol_rate"] == pytest.approx(100 * 6 / 12)


@pytest.mark.parametrize(
    ("read", "truth", "errors"),
    [
        ("x ^ { 2 }", "x ^ { 2 }", 0),
        ("y ^ { 2 }", "x ^ { 2 }", 1),
        ("x _ { 2 }", "x ^ { 2 }", 4),  # two symbols that one of the trees lacks, and their relations
        ("x", "x y", 2),
        ("a b c", "b c", 4),  # everything behind an added symbol has another path: a/b, b/c, and c with its relation
        (r"\frac { 1 } { 2 }", r"\frac { 1 } { 3 }", 1),
    ],
)
def test_label_errors_by_hand(read, truth, errors):
    assert label_errors(layout(read.split()), layout(truth.split())) == errors
    assert float(ratios([ink_result(truth, read)])["label_errors_le1"].value()) == 100 * (errors <= 1)


def test_they_agree_with_the_scores_of_the_table():
    scores = score([r.tokens if r.comparable else None for r in READINGS], [r.truth.split() for r in READINGS])
    found = ratios(READINGS)
    for name in ("exprate", "exprate_le1", "exprate_le2", "cer"):
        assert float(found[name].value()) == pytest.approx(getattr(scores, name))


def test_mathwritings_cer_takes_the_label_as_it_is():
    one = replace(ink_result(r"\int x", r"\int y"), plain_truth=r"\int x")
    assert float(ratios([one])["cer_mathwriting"].value()) == pytest.approx(1 / 3)  # \int, space, x
    # our truth has the prime as a token in braces, and so had theirs; a label spelled otherwise costs edits
    spelled = replace(ink_result("f ^ { \\prime }", "f ^ { \\prime }"), plain_truth="f'")
    assert float(ratios([spelled])["cer_mathwriting"].value()) == pytest.approx(4 / 2)
    assert float(ratios([spelled])["cer"].value()) == 0


def test_the_right_one_may_be_among_the_candidates():
    wrong = ink_result("x", "y")
    second = replace(wrong, candidates=(*wrong.candidates, ResultCandidate(("x",), 0.1)))
    assert float(ratios([wrong, second])["among_candidates"].value()) == 50
    assert float(ratios([wrong, second])["exprate"].value()) == 0


FORCED = [
    ink_result("x ^ { 2 }", "x", forced=Forced(right=4, end=True)),
    ink_result("a + b", "a", forced=Forced(right=3, end=False)),
    ink_result("y z", None),  # could not be read: all of its truth is wrong
    replace(ink_result("", "y", "none"), comparable=False),  # and nobody knows the truth of this one
]


def test_token_accuracy_by_hand_with_and_without_end_tokens():
    found = {name: float(ratio.value()) for name, ratio in ratios(FORCED).items()}
    assert found["accuracy"] == pytest.approx(100 * (4 + 1 + 3) / (5 + 1 + 3 + 1 + 2 + 1))
    assert found["accuracy_without_end"] == pytest.approx(100 * (4 + 3) / (5 + 3 + 2))


def test_intervals_are_the_binomial_ones_where_those_are_known():
    results = [ink_result("x", "x" if i < 60 else "y", f"{i}") for i in range(100)]
    found = figures(results, resamples=4000)["exprate"]
    assert found.value == pytest.approx(60)
    # a normal interval: 60 -+ 1.96 * sqrt(0.6 * 0.4 / 100) = 50.4 .. 69.6
    assert found.low == pytest.approx(50.4, abs=1.0)
    assert found.high == pytest.approx(69.6, abs=1.0)
    assert figures(results, seed=1)["exprate"] == figures(results, seed=1)["exprate"]
    assert figures(results, seed=1)["exprate"] != figures(results, seed=2)["exprate"]


def test_resamples_are_as_large_as_the_set_and_come_in_parts_of_any_size(monkeypatch):
    monkeypatch.setattr("tegashiki.evaluation.figures._CELLS_AT_ONCE", 70)
    parts = list(resampled(10, 25, seed=0))
    assert [len(part) for part in parts] == [7, 7, 7, 4]
    assert (np.concatenate(parts).sum(axis=1) == 10).all()


def test_every_figure_has_a_name_and_nothing_is_refused():
    assert ratios(FORCED).keys() | {"bleu"} == NAMES.keys()
    assert NAMES.keys() - ratios(READINGS).keys() == {"accuracy", "accuracy_without_end", "bleu"}  # nobody was asked
    with pytest.raises(ValueError, match="0 inks"):
        ratios([])
