import pytest

from tegashiki.evaluation.predictions import judge_predictions
from tegashiki.evaluation.samples import EvaluationError, Sample

SAMPLES = [Sample("a/1.inkml", None, "x^2"), Sample("a/2.inkml", None, "y"), Sample("a/3.inkml", None, "x ^ {")]


@pytest.fixture
def predictions(tmp_path):
    def write(text):
        path = tmp_path / "predictions.tsv"
        path.write_text(text)
        return path

    return write


def test_equivalent_latex_is_right_and_missing_lines_are_wrong(predictions):
    report = judge_predictions(predictions("a/1.inkml\t{x}^{2}\n3\tx\n"), SAMPLES)
    assert report.scores.exprate == pytest.approx(100 / 3)
    assert [result.edits for result in report.per_ink] == [0, None, None]
    assert report.per_ink[1].error == "no prediction"
    assert "does not parse" in report.per_ink[2].error


def test_latex_that_does_not_parse_is_compared_token_by_token(predictions):
    report = judge_predictions(predictions("1\tx ^ { 2 } }\n2\ty }\n"), SAMPLES[:2])
    assert [result.edits for result in report.per_ink] == [1, 1]
    assert report.figures["structure_rate"].value == 0


def test_unicode_symbols_are_accepted_and_unknown_ones_reported(predictions):
    samples = [Sample(str(i), None, truth) for i, truth in enumerate(("x - 1", r"x \times 1", "(1)", "x"))]
    report = judge_predictions(predictions("0\tx − 1\n1\tx×1\n2\t（1）\n3\tx①\n"), samples)
    assert [result.edits for result in report.per_ink] == [0, 0, 0, 1]
    assert [result.error for result in report.per_ink[:3]] == [None] * 3
    assert "the prediction does not parse" in (named := report.per_ink[3].error) and "CIRCLED DIGIT ONE" in named


def test_an_empty_prediction_counts_as_missing(predictions):
    assert judge_predictions(predictions("1\t\n2\ty\n"), SAMPLES[:2]).per_ink[0].error == "no prediction"


def test_a_name_that_matches_two_inks_is_refused(predictions):
    """A name without its folder is ambiguous if inks in two folders have it."""
    samples = [Sample("a/1.inkml", None, "x"), Sample("b/1.inkml", None, "x")]
    with pytest.raises(EvaluationError, match=r"'1' stands for both a/1.inkml and b/1.inkml"):
        judge_predictions(predictions("1\tx\n"), samples)
    assert judge_predictions(predictions("a/1.inkml\tx\nb/1.inkml\ty\n"), samples).scores.exprate == 50


def test_a_table_of_another_set_is_refused(predictions):
    with pytest.raises(EvaluationError, match=r"names 1 inks that are not in the set, such as '7'.*'a/1.inkml' or '1'"):
        judge_predictions(predictions("1\tx\n7\ty\n"), SAMPLES)
    with pytest.raises(EvaluationError, match="no inks"):
        judge_predictions(predictions("1\tx\n"), [])
