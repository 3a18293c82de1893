"""The grammar and Python's constants as a table for recognisers in other languages."""

from typing import Any

from tegashiki.ink import gestures
from tegashiki.ink.ink import MAX_COORDINATE, MAX_POINTS, MAX_STROKE_POINTS, MAX_STROKES
from tegashiki.ink.preprocess import MAX_BOX
from tegashiki.latex import symbols
from tegashiki.latex.automaton import automaton
from tegashiki.latex.vocabulary import Vocabulary
from tegashiki.memory import file, formula, memory, neighbours
from tegashiki.memory.introduction import introduction
from tegashiki.recognizer import lines
from tegashiki.recognizer.assignment import DISTANCE_COST, DOUBT, GAP_COST, SAMPLES
from tegashiki.recognizer.doubt import DOUBTFUL_BELOW, REJECT_BELOW
from tegashiki.recognizer.session import ALTERNATIVES_TRIED


def grammar_table(vocabulary: Vocabulary) -> dict[str, Any]:
    """Return the table of `tegashiki.latex.automaton.automaton` with the constants and spellings, as JSON values.

    `introduction` is the list of the symbols that a writer draws as an introduction.
    """
    return {
        **automaton(vocabulary),
        "constants": constants(),
        "lines": line_constants(),
        "gestures": gesture_constants(),
        "memory": memory_constants(),
        "spellings": spellings(),
        "introduction": list(introduction(writable=vocabulary)),
    }


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


def line_constants() -> dict[str, float]:
    """Return the constants by which lines of writing are told apart, named as in `tegashiki.recognizer.lines`."""
    return {name.lower(): value for name, value in vars(lines).items() if name[0].isupper() and name.isupper()}


def gesture_constants() -> dict[str, float]:
    """Return the settings of `tegashiki.ink.gestures`, by their names in small letters."""
    return {name.lower(): value for name, value in vars(gestures).items() if name.isupper()}


def memory_constants() -> dict[str, float]:
    """Return the constants of a writer's memory; docs/memory.md explains the arithmetic.

    Returns:
        A dictionary with these entries:

        - most_tokens: largest number of tokens of a memory, end tokens included.
        - grid: steps of the grid in the unit of an ink.
        - epsilon: tolerance of the simplification before strokes are placed on the grid.
        - neighbours, least_cosine, temperature, most_share, half_weight, keys_a_token: see
          `tegashiki.memory.neighbours`.
        - most_doubt, half_doubt: see `tegashiki.memory.memory`.
        - max_step: largest coordinate on the grid.
        - max_strokes, max_formulas, max_width, max_bytes: limits of a file: strokes of a formula, formulas, components
          of a key, bytes.
    """
    return {
        "most_tokens": memory.MOST_TOKENS,
        "grid": formula.GRID,
        "epsilon": formula.EPSILON,
        "neighbours": neighbours.NEIGHBOURS,
        "least_cosine": neighbours.LEAST_COSINE,
        "temperature": neighbours.TEMPERATURE,
        "most_share": neighbours.MOST_SHARE,
        "half_weight": neighbours.HALF_WEIGHT,
        "keys_a_token": neighbours.KEYS_A_TOKEN,
        "most_doubt": memory.MOST_DOUBT,
        "half_doubt": memory.HALF_DOUBT,
        "max_step": formula.MAX_STEP,
        "max_strokes": MAX_STROKES,
        "max_formulas": file.MAX_FORMULAS,
        "max_width": file.MAX_WIDTH,
        "max_bytes": file.MAX_BYTES,
    }


def spellings() -> dict[str, Any]:
    """Return what a recogniser needs to read LaTeX that somebody types, from `tegashiki.latex.symbols`.

    Returns:
        A dictionary with these entries:

        - synonyms: the tokens of commands that are other spellings of symbols.
        - accents: the commands that mark one group.
        - narrow: for wide accents, the accents that look the same over one symbol.
        - words: pairs of a sequence of symbols and the token that it spells.
        - environments: the symbols before and after the table of each environment.
        - dropped, fences, wrappers: commands that draw nothing; those before a delimiter; those around an argument.
        - others: commands that Python reads in a way of their own, or refuses.
    """
    read = {*symbols.SYMBOLS, *symbols.STRUCTURE, *symbols.ACCENTS, *symbols.WIDE_ACCENTS, *symbols.SYNONYMS}
    read |= symbols.FRACTIONS | symbols.BINOMIALS | symbols.DROPPED | symbols.FENCES | symbols.WRAPPERS
    return {
        "synonyms": symbols.SYNONYMS,
        "accents": [*symbols.ACCENTS, *symbols.WIDE_ACCENTS],
        "narrow": symbols.WIDE_ACCENTS,
        "words": list(symbols.WORDS.items()),
        "environments": symbols.ENVIRONMENTS,
        "dropped": sorted(symbols.DROPPED),
        "fences": sorted(symbols.FENCES),
        "wrappers": sorted(symbols.WRAPPERS),
        "others": sorted((symbols.KNOWN_COMMANDS | symbols.UNREADABLE) - read),
    }
