import sys

import pytest

from tegashiki.evaluation.metrics import Scores, bleu, edit_distance, mathwriting_tokens, score


def test_edit_distance_counts_tokens_not_characters():
    assert edit_distance([r"\alpha", "+", "1"], [r"\beta", "+", "1"]) == 1
    assert edit_distance([], ["a", "b"]) == 2
    assert edit_distance(["a", "b", "c"], ["a", "c"]) == 1
    assert edit_distance(["x", "^", "{", "2", "}"], ["x", "_", "{", "2", "}"]) == 1
    assert edit_distance(("a",), ["a"]) == 0
    # kitten -> sitting
    assert edit_distance(list("kitten"), list("sitting")) == 3


def test_scores_agree_with_a_calculation_by_hand():
    truths = ["x ^ { 2 }", "a + b", "1", r"\frac { a } { b }", "y"]
    predictions = ["x ^ { 2 }", "a - b", "1 2 3", "a b", None]
    # Edits: 0, 1, 2, 5 (only a and b of \frac { a } { b } are right), 1 (unread). Truth tokens: 5 + 3 + 1 + 7 + 1 = 17.
    scores = score([p and p.split() for p in predictions], [t.split() for t in truths])
    assert scores == Scores(5, 20.0, 40.0, 60.0, pytest.approx((0 + 1 + 2 + 5 + 1) / 17))


def test_cer_is_micro_averaged():
    # the mean of the rates of both inks would be 0.5
    assert score([["x"], ["a"] * 9], [["y"], ["a"] * 9]).cer == pytest.approx(0.1)


def test_an_unread_ink_is_wrong_in_every_rate():
    scores = score([None, None], [["x"], []])
    assert (scores.exprate, scores.exprate_le1, scores.exprate_le2, scores.cer) == (0, 0, 0, 1.0)


def test_an_unknown_truth_adds_no_edits():
    assert score([None, ["x"]], [[], ["x"]]) == Scores(2, 50.0, 50.0, 50.0, 0.0)


def test_nothing_to_score_is_an_error():
    with pytest.raises(ValueError, match="0 inks"):
        score([], [])
    with pytest.raises(ValueError):
        score([["x"]], [])


@pytest.mark.parametrize(
    ("latex", "tokens"),
    [
        (r"\frac{1}{16}", [r"\frac", "{", "1", "}", "{", "1", "6", "}"]),
        (r"\int x", [r"\int", " ", "x"]),  # a space is a token in MathWriting
        (r"\mathbb{R}_n", [r"\mathbb{R}", "_", "n"]),
        (r"\begin{matrix}a\\ b\end{matrix}", [r"\begin{matrix}", "a", "\\\\", " ", "b", r"\end{matrix}"]),
        (r"\operatorname*{max}", [r"\operatorname*", "{", "m", "a", "x", "}"]),
        (r"\mathcal{L}", [r"\mathcal", "{", "L", "}"]),  # a single token in our vocabulary
        ("\\", ["\\"]),
        ("", []),
    ],
)
def test_mathwriting_tokens(latex, tokens):
    assert mathwriting_tokens(latex) == tokens


def test_bleu_of_known_cases():
    pytest.importorskip("sacrebleu")
    assert bleu(["a b c d e"], ["a b c d e"]) == pytest.approx(100)
    # Equal lengths, so BLEU is the geometric mean of the 1- to 4-gram precisions 4/5, 3/4, 2/3, 1/2.
    assert bleu(["a b c d x"], ["a b c d e"]) == pytest.approx(100 * (4 / 5 * 3 / 4 * 2 / 3 * 1 / 2) ** 0.25)
    assert bleu([r"\frac { a } { b }"], [r"\frac { a } { b }"]) == pytest.approx(100)


def test_bleu_without_sacrebleu_is_none(monkeypatch):
    monkeypatch.setitem(sys.modules, "sacrebleu.metrics", None)
    assert bleu(["a"], ["a"]) is None
