"""Metadata about the hidden vectors of a model file, which a writer's memory needs to compare them."""

import hashlib
from collections.abc import Iterable
from typing import Any

import numpy as np

from tegashiki.export.parity import encode
from tegashiki.input_pipeline.batching import EncodedInk
from tegashiki.latex.vocabulary import BOS_ID
from tegashiki.recognizer.litert import LiteRTBackend

DIGITS = 6  # decimal places of the mean


def describe_hidden(backend: LiteRTBackend, content: bytes, inks: Iterable[EncodedInk]) -> dict[str, Any]:
    """Return the metadata entry `hidden` of a model file.

    Args:
        backend: The loaded model file.
        content: The bytes of the file without metadata.
        inks: Labelled inks. The mean is taken over all their tokens, including the end tokens.

    Returns:
        `mean`, a list of D numbers, and `fingerprint`, 16 hexadecimal digits. Files with the same fingerprint have the
        same hidden vectors and the same mean.
    """
    mean_D = np.concatenate([hidden_vectors(backend, ink) for ink in inks]).mean(axis=0, dtype=np.float64)
    mean = [round(number, DIGITS) for number in mean_D.tolist()]
    digest = hashlib.sha256(content + np.array(mean, "<f4").tobytes())
    return {"mean": mean, "fingerprint": digest.hexdigest()[:16]}


def hidden_vectors(backend: LiteRTBackend, ink: EncodedInk) -> np.ndarray:
    """Return the hidden vectors that predict the tokens of an ink: float32 (L, D), including the end token."""
    encoded, rows = encode(backend, ink), backend.beam_sizes[0]
    cache = backend.init_cache(encoded, rows)
    vectors = []
    for position, token in enumerate([BOS_ID, *ink.tokens[:-1].tolist()]):
        tokens_W = np.full(rows, token, np.int32)
        _, _, hidden_WD, cache = backend.decode_hidden(encoded, cache, tokens_W, position)
        assert hidden_WD is not None, "the file has an older format without hidden vectors"
        vectors.append(hidden_WD[0])
    return np.array(vectors)
