"""What a recogniser in another language reads instead of stating it again: the grammar, and Python's constants."""

from typing import Any

from tegashiki.ink.ink import MAX_COORDINATE, MAX_POINTS, MAX_STROKE_POINTS
from tegashiki.ink.preprocess import MAX_BOX
from tegashiki.latex.automaton import automaton
from tegashiki.latex.vocabulary import Vocabulary
from tegashiki.recognizer.assignment import DISTANCE_COST, DOUBT, GAP_COST, SAMPLES
from tegashiki.recognizer.session import ALTERNATIVES_TRIED


def grammar_table(vocabulary: Vocabulary) -> dict[str, Any]:
    """Return the table of `tegashiki.latex.automaton.automaton` with the `constants` beside it, as JSON values."""
    return {**automaton(vocabulary), "constants": constants()}


def constants() -> dict[str, float]:
    """Return the numbers that every recogniser shares and no model file has.

    doubt, distance_cost, gap_cost, distance_points: `tegashiki.recognizer.assignment` explains them.
    alternatives_tried: the likeliest tokens that a session tries in place of one.
    max_points, max_stroke_points: most points of one ink and of one stroke.
    max_coordinate: largest magnitude of a coordinate.
    max_box: largest magnitude of a box's numbers, in median stroke sizes.
    """
    return {
        "doubt": DOUBT,
        "distance_cost": DISTANCE_COST,
        "gap_cost": GAP_COST,
        "distance_points": len(SAMPLES),
        "alternatives_tried": ALTERNATIVES_TRIED,
        "max_points": MAX_POINTS,
        "max_stroke_points": MAX_STROKE_POINTS,
        "max_coordinate": MAX_COORDINATE,
        "max_box": MAX_BOX,
    }
