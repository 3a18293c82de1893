"""The grammar and Python's constants as a table for recognisers in other languages."""

from typing import Any

from tegashiki.ink.ink import MAX_COORDINATE, MAX_POINTS, MAX_STROKE_POINTS
from tegashiki.ink.preprocess import MAX_BOX
from tegashiki.latex.automaton import automaton
from tegashiki.latex.vocabulary import Vocabulary
from tegashiki.recognizer.assignment import DISTANCE_COST, DOUBT, GAP_COST, SAMPLES
from tegashiki.recognizer.doubt import DOUBTFUL_BELOW, REJECT_BELOW
from tegashiki.recognizer.session import ALTERNATIVES_TRIED


def grammar_table(vocabulary: Vocabulary) -> dict[str, Any]:
    """Return the table of `tegashiki.latex.automaton.automaton` with an entry for `constants`, as JSON values."""
    return {**automaton(vocabulary), "constants": constants()}


def constants() -> dict[str, float]:
    """Return the constants that all recognisers share and that are not in the model file.

    Returns:
        A dictionary with these entries:

        - doubt, distance_cost, gap_cost, distance_points: see `tegashiki.recognizer.assignment`.
        - doubtful_below, reject_below: probabilities of a symbol and of a reading, see `tegashiki.recognizer.doubt`.
        - alternatives_tried: number of likeliest tokens that a session tries as alternatives for a token.
        - max_points, max_stroke_points: largest number of points of an ink and of a stroke.
        - max_coordinate: largest absolute value of a coordinate.
        - max_box: largest absolute value in a box, in median stroke sizes.
    """
    return {
        "doubt": DOUBT,
        "distance_cost": DISTANCE_COST,
        "gap_cost": GAP_COST,
        "distance_points": len(SAMPLES),
        "doubtful_below": DOUBTFUL_BELOW,
        "reject_below": REJECT_BELOW,
        "alternatives_tried": ALTERNATIVES_TRIED,
        "max_points": MAX_POINTS,
        "max_stroke_points": MAX_STROKE_POINTS,
        "max_coordinate": MAX_COORDINATE,
        "max_box": MAX_BOX,
    }
