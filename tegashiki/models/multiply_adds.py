"""Cost of a padded ink, in multiply-adds of a forward pass. Buckets are chosen by this cost."""

import numpy as np

from tegashiki.models.gru import COVERAGE_HIDDEN, LOCATIONS
from tegashiki.models.seq2seq import ModelConfig
from tegashiki.models.stem import CONVOLUTIONS, PAIR_FEATURES, PAIR_HIDDEN


def ink_multiply_adds(config: ModelConfig, vocabulary_size: int, strokes: np.ndarray, tokens: np.ndarray) -> np.ndarray:
    """Estimate the multiply-adds of a forward pass over one padded ink.

    Args:
        config: The model.
        vocabulary_size: Number of tokens in the vocabulary.
        strokes: Padded numbers of strokes, of any shape.
        tokens: Padded numbers of tokens, of the same shape.

    Returns:
        The costs, float64 of the same shape.
    """
    width, layers, decoders = config.width, config.encoder_layers, config.decoder_layers
    strokes, tokens = strokes.astype(float), tokens.astype(float)
    stem = _stem_convolutions() + 8 * 128 * width + (12 + 32 + width) * width
    output = 2 * width * vocabulary_size
    if config.kind == "gru":
        cell = 6 * width**2
        per_stroke = stem + layers * (2 * cell + 2 * width**2) + width**2
        per_token = 2 * cell + 4 * width**2 + output
        pair = PAIR_FEATURES * PAIR_HIDDEN + PAIR_HIDDEN * LOCATIONS
        cross = (LOCATIONS + 2) * COVERAGE_HIDDEN + COVERAGE_HIDDEN * width + 3 * width
        location = LOCATIONS
    else:
        heads = config.heads
        per_stroke = stem + layers * 12 * width**2 + decoders * 2 * width**2
        per_token = decoders * 14 * width**2 + output
        pair = PAIR_FEATURES * PAIR_HIDDEN + PAIR_HIDDEN * (layers + decoders) * heads + layers * 2 * width
        cross = decoders * (2 * width + 3 * heads * COVERAGE_HIDDEN)
        location = decoders * heads
    self_attention = 0 if config.kind == "gru" else decoders * 2 * width
    return (
        strokes * per_stroke
        + strokes**2 * pair
        + tokens * per_token
        + tokens**2 * self_attention
        + tokens * strokes * cross
        + tokens * strokes**2 * location
    )


def _stem_convolutions() -> int:
    total, points, inputs = 0, 32, 4
    for features, kernel, stride in CONVOLUTIONS:
        points //= stride
        total += points * kernel * inputs * features
        inputs = features
    return total
