import math

import numpy as np
import pytest

from tegashiki.decoding.calibration import Calibration
from tegashiki.kit.vectors import FormulaModel
from tegashiki.latex.vocabulary import DEFAULT_VOCABULARY
from tegashiki.recognizer.candidate import Candidate
from tegashiki.recognizer.doubt import DOUBTFUL_BELOW, REJECT_BELOW, doubtful_tokens, symbol_spans
from tegashiki.recognizer.recognizer import Recognizer

SURE, UNSURE, HALF = math.log(0.99), math.log(DOUBTFUL_BELOW - 0.01), math.log(DOUBTFUL_BELOW**0.6)


@pytest.mark.parametrize(
    ("logs", "doubtful"),
    [
        ((SURE,) * 7, ()),
        ((UNSURE, *(SURE,) * 6), (0,)),
        ((SURE, UNSURE, *(SURE,) * 5), (3,)),  # the ^ of x^{2}: where the 2 stands is in doubt
        ((SURE, HALF, SURE, HALF, *(SURE,) * 3), (3,)),
        ((HALF, SURE, HALF, *(SURE,) * 4), ()),
        ((*(SURE,) * 4, UNSURE, SURE, SURE), (5,)),  # the brace: whether the 3 is still in the exponent
        ((*(SURE,) * 6, UNSURE), (5,)),  # the end: whether the 3 is the last symbol
    ],
)
def test_a_symbol_answers_for_the_structure_before_it(logs, doubtful):
    """The tokens are x ^ { 2 } 3 and the end."""
    assert doubtful_tokens([0, 3, 5], logs) == doubtful


def test_a_reading_without_symbols_has_no_doubt():
    assert doubtful_tokens([], [UNSURE]) == ()
    assert symbol_spans([], 1) == []


def test_the_spans_of_the_symbols_cover_all_tokens():
    assert symbol_spans([0, 3, 5], 7) == [(0, 1), (1, 4), (4, 7)]


@pytest.mark.parametrize(("probability", "sure"), [(REJECT_BELOW, True), (REJECT_BELOW - 1e-6, False)])
def test_an_unlikely_candidate_is_not_sure(probability, sure):
    assert Candidate("x", ("x",), probability, math.log(probability), ((0,),)).is_sure is sure


@pytest.mark.parametrize("seed", range(8))
def test_what_the_writer_has_accepted_is_not_in_doubt(seed):
    recognizer = Recognizer(FormulaModel(len(DEFAULT_VOCABULARY), seed, 24), DEFAULT_VOCABULARY)
    session = recognizer.session()
    session.add_strokes([[[0, 0], [3, 10], [6, 2]], [[20, 0], [23, 10]]])
    first = session.candidates(5)[0]
    assert first.doubtful, "the formula model is never sure"
    session.accept(first)
    session.add_stroke([[40, 0], [46, 2]])
    found = session.candidates(5)
    for candidate in found:
        old = {token for token, strokes in enumerate(candidate.strokes_of_token) if strokes and 2 not in strokes}
        assert old.isdisjoint(candidate.doubtful) is not found.pin_released or not old


def test_the_doubt_of_a_search_is_that_of_its_token_probabilities():
    """A calibration with a large bonus makes every likely token certain."""
    model = FormulaModel(len(DEFAULT_VOCABULARY), 1, 24)
    certain = Recognizer(model, DEFAULT_VOCABULARY, calibration=Calibration(temperature=100.0, bonus=0.006))
    session = certain.session()
    session.add_stroke(np.array([[0, 0], [3, 10], [6, 2]]))
    assert session.candidates()[0].doubtful == ()
