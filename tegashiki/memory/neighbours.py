"""The keys of a memory, and how the nearest ones change the probabilities of the next token.

A key is a hidden vector of the decoder, minus the model's mean and scaled to length 1, with the token that followed.
The keys that are nearest to the current hidden vector show which tokens this writer meant by similar strokes before.
docs/memory.md specifies the arithmetic step by step.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

NEIGHBOURS = 16  # maximum number of nearest keys that count
LEAST_COSINE = 0.77  # minimum cosine of a key that counts
TEMPERATURE = 0.1  # of the weights of keys
MOST_SHARE = 0.9  # limit of the probability mass that the keys can take
HALF_WEIGHT = 0.3  # total weight of the keys at which they take half of MOST_SHARE
KEYS_A_TOKEN = 48  # the last keys of each token that are compared; braces and digits have several times as many
OUTLINE = 32  # components of an outline
FEW = 256  # with fewer keys than this, outlines do not save time
TINY = np.float32(1e-30)  # shorter than any vector except zero
ROUNDING = 1e-4  # larger than the float32 rounding error of a product of outlines
BLOCK = 200  # outlines multiplied at once; for larger products BLAS starts threads, which costs more time than it saves


def quantize(vectors_ND: np.ndarray) -> np.ndarray:
    """Round vectors to int8 (N, D): floor(127 x / largest magnitude in the vector + 1/2). Zero vectors stay zero."""
    largest_N1 = np.abs(vectors_ND).max(axis=1, keepdims=True, initial=0)
    scaled_ND = 127 * vectors_ND.astype(np.float64) / np.where(largest_N1 > 0, largest_N1, 1)
    return np.floor(scaled_ND + 0.5).astype(np.int8)


def unit_length(vectors_ND: np.ndarray) -> np.ndarray:
    """Scale vectors to length 1, float32 (N, D). Zero vectors stay zero."""
    vectors_ND = np.asarray(vectors_ND, np.float32)
    lengths_N = np.sqrt(np.vecdot(vectors_ND, vectors_ND))
    return vectors_ND / np.maximum(lengths_N, TINY)[:, None]


def last_of_each(ids_N: np.ndarray, most: int) -> np.ndarray:
    """Return the ascending indices of the last `most` occurrences of each id."""
    places = np.argsort(ids_N, kind="stable")
    ends = np.searchsorted(ids_N[places], ids_N[places], side="right")
    return np.sort(places[ends - np.arange(len(ids_N)) <= most])


@dataclass(frozen=True, eq=False)
class Outlines:
    """Short versions of the keys, which rule out most of the distant keys quickly.

    An outline is the projection of a key onto a few principal axes, followed by the length of the remainder. The
    product of two outlines is at least the cosine of the vectors, so a key with a small product is distant. The choice
    of axes affects the speed, but not the result.

    Attributes:
        axes_DA: float32, orthonormal columns.
        blocks_CEB: float32, the outlines in C blocks of B columns, padded with zeros; E = A + 1.
    """

    axes_DA: np.ndarray
    blocks_CEB: np.ndarray

    @classmethod
    def of(cls, unit_ND: np.ndarray, axes_DA: np.ndarray | None = None) -> Outlines:
        """Return the outlines of keys of length 1, by default along their own principal axes."""
        if axes_DA is None:
            _, vectors_DD = np.linalg.eigh(unit_ND.T @ unit_ND)
            axes_DA = np.ascontiguousarray(vectors_DD[:, ::-1][:, : OUTLINE - 1])
        outlines_NE = outline(unit_ND, axes_DA)
        padded_NE = np.pad(outlines_NE, ((0, -len(outlines_NE) % BLOCK), (0, 0)))
        blocks_CEB = padded_NE.reshape(-1, BLOCK, padded_NE.shape[1]).transpose(0, 2, 1)
        return cls(axes_DA, np.ascontiguousarray(blocks_CEB))

    def candidates(self, unit_WD: np.ndarray) -> np.ndarray:
        """Return the ascending indices of the keys that may be near enough to at least one row."""
        bounds_CWB = outline(unit_WD, self.axes_DA) @ self.blocks_CEB
        return (bounds_CWB.max(axis=1) >= LEAST_COSINE - ROUNDING).ravel().nonzero()[0]


def outline(unit_ND: np.ndarray, axes_DA: np.ndarray) -> np.ndarray:
    """Return the projections of vectors onto axes and the length of the remainder: float32 (N, A + 1)."""
    outlines_NE = np.empty((len(unit_ND), axes_DA.shape[1] + 1), np.float32)
    along_NA = np.matmul(unit_ND, axes_DA, out=outlines_NE[:, :-1])
    np.sqrt(np.maximum(1 - np.vecdot(along_NA, along_NA), 0), out=outlines_NE[:, -1])
    return outlines_NE


@dataclass(frozen=True, eq=False)
class KeySet:
    """All keys of a memory for one model.

    Attributes:
        vectors_ND: float32, the keys, of length 1.
        ids_N: The id of the token after each key.
        restriction_N: For each key the row of `allowed_RV` for its formula, -1 if all ids were allowed.
        allowed_RV: bool, the distinct masks of ids that were allowed when formulas were learnt.
        outlines: The outlines of the keys, None if there are few keys.
    """

    vectors_ND: np.ndarray
    ids_N: np.ndarray
    restriction_N: np.ndarray
    allowed_RV: np.ndarray
    outlines: Outlines | None = None

    @classmethod
    def stack(
        cls,
        vectors: Sequence[np.ndarray],
        ids: Sequence[Sequence[int]],
        restrictions: Sequence[np.ndarray | None],
        axes_DA: np.ndarray | None = None,
    ) -> KeySet:
        """Combine the keys of several formulas, keeping the last KEYS_A_TOKEN keys of each token.

        Args:
            vectors: The keys of each formula, int8 (L, D), in the order of learning.
            ids: The L ids of each formula.
            restrictions: For each formula the mask, bool (V,), of the ids that were allowed, None for all.
            axes_DA: The axes of earlier outlines, which saves computing new ones.
        """
        masks = {mask.tobytes(): mask for mask in restrictions if mask is not None}
        rows = {name: row for row, name in enumerate(masks)}
        row_N = [
            np.full(len(one), -1 if mask is None else rows[mask.tobytes()])
            for one, mask in zip(ids, restrictions, strict=True)
        ]
        empty = np.zeros(0, np.int64)
        ids_N = np.concatenate([empty, *(np.asarray(one, np.int64) for one in ids)])
        kept = last_of_each(ids_N, KEYS_A_TOKEN)
        unit_ND = unit_length(np.concatenate(vectors)[kept]) if len(vectors) else np.zeros((0, 1), np.float32)
        return cls(
            unit_ND,
            ids_N[kept],
            np.concatenate([empty, *row_N])[kept],
            np.array(list(masks.values()), bool),
            Outlines.of(unit_ND, axes_DA) if len(unit_ND) >= FEW else None,
        )

    def mix(self, logits_WV: np.ndarray, keys_WD: np.ndarray) -> np.ndarray:
        """Return the log probabilities, float64 (W, V), of a mixture of the model and the nearest keys.

        Args:
            logits_WV: The model's logits of the next token.
            keys_WD: The hidden vectors minus their mean, of any length.
        """
        if not len(self.ids_N):
            return np.asarray(logits_WV, np.float64)
        peaks_W1 = logits_WV.max(axis=1, keepdims=True)
        mixed_WV = np.exp(logits_WV - peaks_W1, dtype=np.float64)
        totals_W1 = mixed_WV.sum(axis=1, keepdims=True)
        near_U, weights_WU = self.nearest_keys(keys_WD)
        if len(self.allowed_RV):
            # A key learnt under a restriction counts as much as the allowed tokens are likely now.
            inside_WR = mixed_WV @ self.allowed_RV.T / totals_W1
            restriction_U = self.restriction_N[near_U]
            weights_WU *= np.where(restriction_U >= 0, inside_WR[:, restriction_U], 1)
        weight_W1 = weights_WU.sum(axis=1, keepdims=True)
        share_W1 = MOST_SHARE / (weight_W1 + HALF_WEIGHT)  # of a neighbour with weight 1
        mixed_WV *= (1 - share_W1 * weight_W1) / totals_W1
        weights_WU *= share_W1
        count, size = mixed_WV.shape
        places_WU = self.ids_N[near_U] + np.arange(0, count * size, size)[:, None]
        mixed_WV += np.bincount(places_WU.ravel(), weights_WU.ravel(), count * size).reshape(count, size)
        return np.log(mixed_WV, out=mixed_WV)

    def nearest_keys(self, keys_WD: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Find the nearest keys of each row.

        Returns:
            The ascending indices (U,) of the keys that may be near to a row, and their weights, float64 (W, U). The
            weight is 0 for a key that is not among the nearest ones of the row.
        """
        unit_WD = unit_length(keys_WD)
        near_U = self.outlines.candidates(unit_WD) if self.outlines else np.arange(len(self.ids_N))
        # Not by matmul, for which BLAS may round equal keys differently, and starts threads for large products.
        cosines_WU = np.vecdot(unit_WD[:, None], self.vectors_ND.take(near_U, axis=0))
        kept_WU = cosines_WU >= LEAST_COSINE
        if len(near_U) > NEIGHBOURS:
            kept_WU &= nearest(cosines_WU)
        return near_U, np.exp((cosines_WU - 1) / TEMPERATURE, dtype=np.float64) * kept_WU


def nearest(cosines_WU: np.ndarray) -> np.ndarray:
    """Return the mask of the NEIGHBOURS largest cosines of each row, U > NEIGHBOURS; of equal ones, the first."""
    nearest_WU = cosines_WU >= np.partition(cosines_WU, -NEIGHBOURS, axis=1)[:, -NEIGHBOURS, None]
    if np.count_nonzero(nearest_WU) > NEIGHBOURS * len(nearest_WU):  # several are equal to the last one
        best_WK = np.argsort(-cosines_WU, axis=1, kind="stable")[:, :NEIGHBOURS]
        nearest_WU[:] = False
        np.put_along_axis(nearest_WU, best_WK, True, axis=1)
    return nearest_WU
