"""The keys of a memory, and how the nearest ones change the probabilities of the next token.

A key is a hidden vector of the decoder, minus the model's mean and scaled to length 1, with the token that followed.
The keys that are nearest to the current hidden vector show which tokens this writer meant by similar strokes before.
docs/memory.md specifies the arithmetic step by step.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

NEIGHBOURS = 16  # maximum number of nearest keys that count
LEAST_COSINE = 0.77  # minimum cosine of a key that counts
TEMPERATURE = 0.1  # of the weights of keys
MOST_SHARE = 0.9  # limit of the probability mass that the keys can take
HALF_WEIGHT = 0.3  # total weight of the keys at which they take half of MOST_SHARE
KEYS_A_TOKEN = 48  # the last keys of each token that are compared; braces and digits have several times as many
GROUP_COSINE = 0.72  # minimum cosine of a key with the key that begins its group
FEW = 256  # with fewer keys than this, groups do not save time
TINY = np.float32(1e-30)  # less than the square of any length except zero
ROUNDING = 1e-4  # larger than the float32 rounding error of a cosine
BLOCK = 48  # centres multiplied at once; for larger products BLAS starts threads, which costs more time than it saves
FURTHEST = np.float32(LEAST_COSINE / TEMPERATURE)  # minimum product of a row and a stored key that counts


def quantize(vectors_ND: np.ndarray) -> np.ndarray:
    """Round vectors to int8 (N, D): floor(127 x / largest magnitude in the vector + 1/2). Zero vectors stay zero."""
    largest_N1 = np.abs(vectors_ND).max(axis=1, keepdims=True, initial=0)
    scaled_ND = 127 * vectors_ND.astype(np.float64) / np.where(largest_N1 > 0, largest_N1, 1)
    return np.floor(scaled_ND + 0.5).astype(np.int8)


def unit_length(vectors_ND: np.ndarray) -> np.ndarray:
    """Scale vectors to length 1, float32 (N, D). Zero vectors stay zero."""
    vectors_ND = np.asarray(vectors_ND, np.float32)
    return vectors_ND / np.sqrt(np.vecdot(vectors_ND, vectors_ND) + TINY)[:, None]


def last_of_each(ids_N: np.ndarray, most: int) -> np.ndarray:
    """Return the ascending indices of the last `most` occurrences of each id."""
    places = np.argsort(ids_N, kind="stable")
    ends = np.searchsorted(ids_N[places], ids_N[places], side="right")
    return np.sort(places[ends - np.arange(len(ids_N)) <= most])


@dataclass(frozen=True, eq=False)
class Groups:
    """Groups of keys in similar directions, which rule out most of the distant keys quickly.

    If a vector is further from the centre of a group than its furthest key plus the limit of LEAST_COSINE, as angles,
    no key of the group is near. The division into groups affects the speed, but not the result.

    Attributes:
        centres_GD: float32, the directions of the centres, of length 1.
        blocks_CDB: float32, the centres in C blocks of B columns, padded with zeros.
        least_C1B: float32, the cosine with the centre from which on a group may have near keys.
        group_N: The group of each key.
    """

    centres_GD: np.ndarray
    blocks_CDB: np.ndarray
    least_C1B: np.ndarray
    group_N: np.ndarray

    @classmethod
    def of(cls, unit_ND: np.ndarray, centres_GD: np.ndarray | None = None) -> Groups:
        """Divide keys of length 1 into groups, beginning with the centres of an earlier division."""
        cosines = list(unit_ND[:1] @ unit_ND.T if centres_GD is None else centres_GD @ unit_ND.T)
        largest_N = np.max(cosines, axis=0)
        while largest_N.min() < GROUP_COSINE:
            cosines.append(np.vecdot(unit_ND, unit_ND[largest_N.argmin()]))
            largest_N = np.maximum(largest_N, cosines[-1])
        _, group_N = np.unique(np.argmax(cosines, axis=0), return_inverse=True)
        order_N = np.argsort(group_N, kind="stable")
        starts_G = np.searchsorted(group_N[order_N], np.arange(group_N.max() + 1))
        centres_GD = unit_length(np.add.reduceat(unit_ND[order_N], starts_G))
        furthest_G = np.minimum.reduceat(np.vecdot(unit_ND, centres_GD[group_N])[order_N], starts_G)
        angles_G = np.arccos(furthest_G.clip(-1, 1), dtype=np.float64) + math.acos(LEAST_COSINE)
        least_G = np.where(angles_G < math.pi, np.cos(angles_G), -1) - ROUNDING
        padding = -len(least_G) % BLOCK
        blocks_CBD = np.pad(centres_GD, ((0, padding), (0, 0))).reshape(-1, BLOCK, centres_GD.shape[1])
        least_C1B = np.pad(least_G, (0, padding)).astype(np.float32).reshape(-1, 1, BLOCK)
        return cls(centres_GD, np.ascontiguousarray(blocks_CBD.transpose(0, 2, 1)), least_C1B, group_N)

    def candidates(self, unit_WD: np.ndarray) -> np.ndarray:
        """Return the ascending indices of the keys that may be near enough to at least one row."""
        near_CB = (unit_WD @ self.blocks_CDB >= self.least_C1B).any(axis=1)
        return near_CB.take(self.group_N).nonzero()[0]


@dataclass(frozen=True, eq=False)
class KeySet:
    """All keys of a memory for one model.

    Attributes:
        vectors_ND: float32, the keys, of length 1 / TEMPERATURE.
        ids_N: The id of the token after each key.
        restriction_N: For each key the row of `allowed_RV` for its formula, -1 if all ids were allowed.
        allowed_RV: bool, the distinct masks of ids that were allowed when formulas were learnt.
        groups: The groups of the keys, None if there are few keys.
    """

    vectors_ND: np.ndarray
    ids_N: np.ndarray
    restriction_N: np.ndarray
    allowed_RV: np.ndarray
    groups: Groups | None = None

    @classmethod
    def stack(
        cls,
        vectors: Sequence[np.ndarray],
        ids: Sequence[Sequence[int]],
        restrictions: Sequence[np.ndarray | None],
        centres_GD: np.ndarray | None = None,
    ) -> KeySet:
        """Combine the keys of several formulas, keeping the last KEYS_A_TOKEN keys of each token.

        Args:
            vectors: The keys of each formula, int8 (L, D), in the order of learning.
            ids: The L ids of each formula.
            restrictions: For each formula the mask, bool (V,), of the ids that were allowed, None for all.
            centres_GD: The centres of earlier groups, which save time.
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
            unit_ND / np.float32(TEMPERATURE),
            ids_N[kept],
            np.concatenate([empty, *row_N])[kept],
            np.array(list(masks.values()), bool),
            Groups.of(unit_ND, centres_GD) if len(unit_ND) >= FEW else None,
        )

    def mix(self, logits_WV: np.ndarray, keys_WD: np.ndarray) -> np.ndarray:
        """Return logits, float64 (W, V), whose softmax is a mixture of the model and the nearest keys.

        Args:
            logits_WV: The model's logits of the next token.
            keys_WD: The hidden vectors minus their mean, of any length.
        """
        if not len(self.ids_N):
            return np.asarray(logits_WV, np.float64)
        near_U, weights_WU = self.nearest_keys(keys_WD)
        mixed_WV = np.exp(logits_WV - np.maximum.reduce(logits_WV, axis=1, keepdims=True), dtype=np.float64)
        totals_W1 = np.add.reduce(mixed_WV, axis=1, keepdims=True)
        if len(self.allowed_RV):
            # A key learnt under a restriction counts as much as the allowed tokens are likely now.
            inside_WR = mixed_WV @ self.allowed_RV.T / totals_W1
            restriction_U = self.restriction_N[near_U]
            weights_WU *= np.where(restriction_U >= 0, inside_WR[:, restriction_U], 1)
        # With weights w of the sum t the share is s = MOST_SHARE t / (t + HALF_WEIGHT). (1 - s) p + s w / t is, up to a
        # factor, p + w MOST_SHARE / (HALF_WEIGHT + (1 - MOST_SHARE) t).
        sums_W1 = np.add.reduce(weights_WU, axis=1, keepdims=True)
        weights_WU *= MOST_SHARE * totals_W1 / (HALF_WEIGHT + (1 - MOST_SHARE) * sums_W1)
        count, size = mixed_WV.shape
        places_WU = self.ids_N.take(near_U) + first_places(count, size)
        mixed_WV += np.bincount(places_WU.ravel(), weights_WU.ravel(), count * size).reshape(count, size)
        return np.log(mixed_WV, out=mixed_WV)

    def nearest_keys(self, keys_WD: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Find the nearest keys of each row.

        Returns:
            The ascending indices (U,) of the keys that may be near to a row, and their weights, float64 (W, U). The
            weight is 0 for a key that is not among the nearest ones of the row.
        """
        unit_WD = unit_length(keys_WD)
        near_U = self.groups.candidates(unit_WD) if self.groups else np.arange(len(self.ids_N))
        # Not by matmul, for which BLAS may round equal keys differently, and starts threads for large products.
        products_WU = np.vecdot(unit_WD[:, None], self.vectors_ND.take(near_U, axis=0))
        kept_WU = products_WU >= FURTHEST
        if len(near_U) > NEIGHBOURS:
            kept_WU &= nearest(products_WU)
        weights_WU = np.exp(products_WU - 1 / TEMPERATURE, dtype=np.float64)
        weights_WU *= kept_WU
        return near_U, weights_WU


@functools.cache
def first_places(count: int, size: int) -> np.ndarray:
    """Return the index of the first element of each row of a (count, size) array: int64 (count, 1)."""
    return np.arange(0, count * size, size)[:, None]


def nearest(products_WU: np.ndarray) -> np.ndarray:
    """Return the mask of the NEIGHBOURS largest products of each row, U > NEIGHBOURS; of equal ones, the first."""
    nearest_WU = products_WU >= np.partition(products_WU, -NEIGHBOURS, axis=1)[:, -NEIGHBOURS, None]
    if np.count_nonzero(nearest_WU) > NEIGHBOURS * len(nearest_WU):  # several are equal to the last one
        best_WK = np.argsort(-products_WU, axis=1, kind="stable")[:, :NEIGHBOURS]
        nearest_WU[:] = False
        np.put_along_axis(nearest_WU, best_WK, True, axis=1)
    return nearest_WU
