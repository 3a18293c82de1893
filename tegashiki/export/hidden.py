"""What a file says of its hidden vectors, so that a writer's memory can compare them: their mean and a fingerprint."""

import hashlib
from collections.abc import Iterable
from typing import Any

import numpy as np

from tegashiki.export.parity import encode
from tegashiki.input_pipeline.batching import EncodedInk
from tegashiki.latex.vocabulary import BOS_ID
from tegashiki.recognizer.litert import LiteRTBackend

DIGITS = 6  # of a mean behind the point


def describe_hidden(backend: LiteRTBackend, content: bytes, inks: Iterable[EncodedInk]) -> dict[str, Any]:
    """Return the metadata `hidden` of a file.

    Args:
        backend: the file.
        content: its bytes without metadata.
        inks: with known tokens; the mean is over all of these tokens, end tokens included.

    Returns:
        `mean`, a list of D numbers, and `fingerprint`, 16 hexadecimal digits: files with the same one have the same
        hidden vectors and the same mean.
    """
    mean_D = np.concatenate([hidden_vectors(backend, ink) for ink in inks]).mean(axis=0, dtype=np.float64)
    mean = [round(number, DIGITS) for number in mean_D.tolist()]
    digest = hashlib.sha256(content + np.array(mean, "<f4").tobytes())
    return {"mean": mean, "fingerprint": digest.hexdigest()[:16]}


def hidden_vectors(backend: LiteRTBackend, ink: EncodedInk) -> np.ndarray:
    """Return the vectors, float32 (L, D), before each of an ink's tokens, the end token included."""
    encoded, rows = encode(backend, ink), backend.beam_sizes[0]
    cache = backend.init_cache(encoded, rows)
    vectors = []
    for position, token in enumerate([BOS_ID, *ink.tokens[:-1].tolist()]):
        tokens_W = np.full(rows, token, np.int32)
        _, _, hidden_WD, cache = backend.decode_hidden(encoded, cache, tokens_W, position)
        assert hidden_WD is not None, "a file of an older format"
        vectors.append(hidden_WD[0])
    return np.array(vectors)
