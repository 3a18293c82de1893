"""The benchmark by which models are chosen."""

import pytest

from benchmarks.accuracy.choice import rows
from tegashiki.evaluation.ink_result import Forced
from tegashiki.evaluation.report import summarize, write_json
from tegashiki.evaluation.samples import EvaluationError
from tests.evaluation.ink_results import ink_result


def result(path, dataset, readings):
    about = {"model": "mine", "dataset": dataset, "split": "validation"}
    write_json(path, {**about, **summarize(readings).to_json()})
    return path


@pytest.fixture
def results(tmp_path):
    told = {"forced": Forced(1, True)}
    crohme = [ink_result("x", "x", "a/1.inkml", **told), ink_result("y", "z", "a/2.inkml", **told)]
    people = [ink_result("x", "x", "lines/numbers/p/1", **told), ink_result("y", "z", "unipen/sums/p/1", **told)]
    return [result(tmp_path / "c.json", "crohme", crohme), result(tmp_path / "p.json", "people", people)]


def test_a_model_is_chosen_by_the_mean_of_both(results):
    assert rows(results) == [("mine", "50.00", "50.00", "50.00", "0.5000", "0.5000", "100.00", "100.00")]
    assert rows(results, ["unipen"])[0][1:4] == ("75.00", "50.00", "100.00")


def test_results_of_other_sets_are_refused(results):
    with pytest.raises(EvaluationError, match=r"p\.json is not of crohme/validation"):
        rows(results[::-1])
    with pytest.raises(EvaluationError, match="1 results"):
        rows(results[:1])
