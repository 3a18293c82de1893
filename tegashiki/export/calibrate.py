"""What a file's probabilities mean, fitted to how it reads inks that it has not learnt."""

from collections.abc import Mapping

from tegashiki.decoding.backend import Backend
from tegashiki.decoding.calibration import UNCALIBRATED, Calibration, fit
from tegashiki.decoding.search import search
from tegashiki.export.parity import encode
from tegashiki.input_pipeline.batching import EncodedInk
from tegashiki.latex.grammar import Grammar
from tegashiki.latex.vocabulary import Vocabulary

LEAST_INKS = 100  # fewer say little of how often a reading is right


def calibrate(backend: Backend, vocabulary: Vocabulary, inks: Mapping[str, EncodedInk]) -> Calibration:
    """Read inks as a recogniser does (widest beam, grammar) and fit the probabilities to what was right.

    With fewer than LEAST_INKS inks nothing is fitted.
    """
    if len(inks) < LEAST_INKS:
        return UNCALIBRATED
    grammar, beams = Grammar(vocabulary), backend.beam_sizes[-1]
    tokens, right = [], []
    for ink in inks.values():
        size = next(size for size in backend.stroke_sizes if size >= len(ink.boxes))
        (found,) = search(backend, encode(backend, ink, size), beams=beams, grammar=grammar)
        tokens.append(found.token_log_probabilities)
        right.append(found.ids == tuple(ink.tokens[:-1].tolist()))
    return fit(tokens, right)
