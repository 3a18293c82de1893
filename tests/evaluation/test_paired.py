from math import comb

import pytest

from tegashiki.evaluation.ink_result import Forced
from tegashiki.evaluation.paired import compare, mcnemar
from tegashiki.evaluation.samples import EvaluationError
from tests.evaluation.ink_results import ink_result


def model(right, inks=40):
    return [ink_result("x", "x" if i in right else "y", f"{i:02}") for i in range(inks)]


def test_mcnemar_agrees_with_the_sign_test():
    assert mcnemar(0, 0) == mcnemar(5, 5) == 1.0
    assert mcnemar(0, 5) == mcnemar(5, 0) == pytest.approx(2 / 32)
    assert mcnemar(3, 9) == pytest.approx(2 * sum(comb(12, i) for i in range(4)) / 2**12)
    assert mcnemar(400, 500) == pytest.approx(0.00097, rel=0.1)  # large counts need exact integers


def test_fixed_and_broken_inks_do_not_depend_on_the_order():
    first, second = model(range(20)), model(range(2, 26))
    found = compare(first, second[::-1])
    assert found.fixed == ["20", "21", "22", "23", "24", "25"]
    assert found.broken == ["00", "01"]
    assert found.p_value == pytest.approx(mcnemar(2, 6))
    exprate = found.differences["exprate"]
    assert (exprate.first, exprate.second, exprate.difference) == (50, 60, 10)
    assert exprate.low < 10 < exprate.high
    assert found.differences["cer"].difference == pytest.approx(-0.1)


def test_the_bootstrap_draws_the_same_inks_for_both():
    # Two models that differ in one ink: the difference varies little, although the rate of each varies a lot.
    found = compare(model(range(20)), model(range(21))).differences["exprate"]
    assert 0 <= found.low <= found.high <= 10
    same = compare(model(range(20)), model(range(20))).differences["exprate"]
    assert (same.low, same.high, same.above) == (0, 0, 0.5)


def test_a_figure_that_one_side_lacks_is_left_out():
    forced = [ink_result("x", "x", forced=Forced(1, True))]
    assert compare(forced, forced).differences["accuracy"].difference == 0
    for pair in (([ink_result("x", "x")], forced), (forced, [ink_result("x", "x")])):
        assert not {"accuracy", "accuracy_without_end"} & compare(*pair).differences.keys()


def test_results_with_different_inks_or_truths_are_refused():
    with pytest.raises(EvaluationError, match=r"40 and 39 inks, and 1 inks are in only one of them \(39\)"):
        compare(model([]), model([], 39))
    with pytest.raises(EvaluationError, match="00 has the truth 'z' in one result and 'x' in the other"):
        compare([ink_result("z", "x", "00"), *model([])[1:]], model([]))
    with pytest.raises(EvaluationError, match="names an ink twice"):
        compare(model([], 2), [*model([], 1), *model([], 1)])
