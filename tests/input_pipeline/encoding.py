"""Encoding of single examples, the reference for the packed store, which encodes whole datasets."""

from tegashiki.ink.example import Example
from tegashiki.ink.preprocess import preprocess
from tegashiki.input_pipeline.batching import EncodedInk, Limits, encode_arrays
from tegashiki.latex.vocabulary import Vocabulary


def fits(example: Example, vocabulary: Vocabulary, limits: Limits) -> bool:
    """Return whether an example is within the limits and has all its tokens in the vocabulary."""
    within = len(example.ink.strokes) <= limits.strokes and len(example.tokens) + 1 <= limits.tokens
    return within and not vocabulary.missing(example.tokens)


def encode_example(example: Example, vocabulary: Vocabulary) -> EncodedInk:
    """Encode one example whose tokens are all in the vocabulary."""
    strokes = preprocess(example.ink) if example.framed is None else example.framed
    return encode_arrays(strokes.points_SP2, strokes.boxes_S3, example.tokens, example.stroke_tokens, vocabulary)
