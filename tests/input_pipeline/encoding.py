"""One example encoded by itself: what the packed store, which encodes whole datasets, is compared with."""

from tegashiki.ink.example import Example
from tegashiki.ink.preprocess import preprocess
from tegashiki.input_pipeline.batching import EncodedInk, Limits, encode_arrays
from tegashiki.latex.vocabulary import Vocabulary


def fits(example: Example, vocabulary: Vocabulary, limits: Limits) -> bool:
    """Whether an example can be trained on: it is within the limits, its tokens are in the vocabulary."""
    within = len(example.ink.strokes) <= limits.strokes and len(example.tokens) + 1 <= limits.tokens
    return within and not vocabulary.missing(example.tokens)


def encode_example(example: Example, vocabulary: Vocabulary) -> EncodedInk:
    """Encode one example whose tokens are all in the vocabulary."""
    strokes = preprocess(example.ink) if example.framed is None else example.framed
    return encode_arrays(strokes.points_SP2, strokes.boxes_S3, example.tokens, example.stroke_tokens, vocabulary)
