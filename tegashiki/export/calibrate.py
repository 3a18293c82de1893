"""Fit the calibration of a model file: its probabilities then tell how often readings of unseen inks are right."""

from collections.abc import Mapping
from dataclasses import replace

from tegashiki.decoding.backend import Backend
from tegashiki.decoding.calibration import UNCALIBRATED, Calibration, fit, fit_symbol_cost
from tegashiki.decoding.search import search
from tegashiki.export.parity import encode
from tegashiki.input_pipeline.batching import EncodedInk
from tegashiki.latex.grammar import Grammar
from tegashiki.latex.visible import different_symbols, visible_mask
from tegashiki.latex.vocabulary import Vocabulary

LEAST_INKS = 100  # fewer inks tell too little about how often a reading is right


def calibrate(backend: Backend, vocabulary: Vocabulary, inks: Mapping[str, EncodedInk]) -> Calibration:
    """Fit a calibration to the readings of labelled inks.

    The inks are read as a recogniser reads them, with the widest beam and the grammar.

    Args:
        backend: The model.
        vocabulary: The tokens of the model.
        inks: Labelled inks by name, on which the model was not trained.

    Returns:
        The calibration; UNCALIBRATED for fewer than LEAST_INKS inks.
    """
    if len(inks) < LEAST_INKS:
        return UNCALIBRATED
    grammar, visible, beams = Grammar(vocabulary), visible_mask(vocabulary), backend.beam_sizes[-1]
    found, truths = [], []
    for ink in inks.values():
        found.append(search(backend, encode(backend, ink), beams=beams, results=beams, grammar=grammar))
        truths.append(tuple(ink.tokens[:-1].tolist()))
    firsts = [readings[0] for readings in found]
    right = [first.ids == truth for first, truth in zip(firsts, truths, strict=True)]
    calibration = fit([first.token_log_probabilities for first in firsts], right)
    weighed = []
    for readings, truth in zip(found, truths, strict=True):
        ids = [reading.ids for reading in readings]
        if truth in ids:
            logs = [float(calibration(reading.token_log_probabilities).sum()) for reading in readings]
            weighed.append((logs, [different_symbols(one, visible) for one in ids], ids.index(truth)))
    return replace(calibration, symbol_cost=fit_symbol_cost(weighed))
