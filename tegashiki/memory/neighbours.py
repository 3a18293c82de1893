"""The keys of what was learnt, and how the nearest of them change the next token's probabilities.

A key is a hidden vector of the decoder less the model's mean, of length 1, with the token that followed. The keys
nearest to where a reading stands now say what this writer meant by such strokes before: docs/memory.md has the
arithmetic, step by step.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

NEIGHBOURS = 16  # nearest keys that are heard
LEAST_COSINE = 0.77  # of keys that are heard
TEMPERATURE = 0.1  # of their weights
MOST_SHARE = 0.9  # of the probabilities that they can take
HALF_WEIGHT = 0.3  # total weight at which they take half of that
KEYS_A_TOKEN = 48  # those learnt last are compared: braces and digits have several times as many
OUTLINE = 32  # numbers of an outline
FEW = 256  # keys up to which outlines do not pay
TINY = np.float32(1e-30)  # no vector but zero is as short
ROUNDING = 1e-4  # more than float32 loses in a product of outlines
BLOCK = 50  # outlines that are multiplied at once: with more BLAS starts threads, which wait for longer than they work


def quantize(vectors_ND: np.ndarray) -> np.ndarray:
    """Round vectors to int8 (N, D): floor(127 x / largest magnitude of the vector + 1/2); zeros stay zeros."""
    largest_N1 = np.abs(vectors_ND).max(axis=1, keepdims=True, initial=0)
    scaled_ND = 127 * vectors_ND.astype(np.float64) / np.where(largest_N1 > 0, largest_N1, 1)
    return np.floor(scaled_ND + 0.5).astype(np.int8)


def unit_length(vectors_ND: np.ndarray) -> np.ndarray:
    """Give vectors the length 1, float32 (N, D); zeros stay zeros."""
    vectors_ND = np.asarray(vectors_ND, np.float32)
    lengths_N = np.sqrt(np.einsum("nd,nd->n", vectors_ND, vectors_ND))
    return vectors_ND / np.maximum(lengths_N, TINY)[:, None]


def last_of_each(ids_N: np.ndarray, most: int) -> np.ndarray:
    """Return the places, ascending, of the last `most` of each id."""
    places = np.argsort(ids_N, kind="stable")
    ends = np.searchsorted(ids_N[places], ids_N[places], side="right")
    return np.sort(places[ends - np.arange(len(ids_N)) <= most])


@dataclass(frozen=True, eq=False)
class Outlines:
    """The keys along the few axes on which they differ most, and how much of each is left beside these.

    The product of two outlines is at least the cosine, so most keys are known to be far without being looked at as a
    whole. Which axes they are changes the time that takes, and no result.

    axes_DA: float32, orthonormal columns. blocks_CEB: float32, the outlines in C blocks of B columns, zeros at the end;
    E = A + 1.
    """

    axes_DA: np.ndarray
    blocks_CEB: np.ndarray

    @classmethod
    def of(cls, unit_ND: np.ndarray, axes_DA: np.ndarray | None = None) -> Outlines:
        """Return the outlines of keys of length 1, along their own principal axes if none are given."""
        if axes_DA is None:
            _, vectors_DD = np.linalg.eigh(unit_ND.T @ unit_ND)
            axes_DA = np.ascontiguousarray(vectors_DD[:, ::-1][:, : OUTLINE - 1])
        outlines_NE = outline(unit_ND, axes_DA)
        padded_NE = np.pad(outlines_NE, ((0, -len(outlines_NE) % BLOCK), (0, 0)))
        blocks_CEB = padded_NE.reshape(-1, BLOCK, padded_NE.shape[1]).transpose(0, 2, 1)
        return cls(axes_DA, np.ascontiguousarray(blocks_CEB))

    def candidates(self, unit_WD: np.ndarray) -> tuple[np.ndarray, ...]:
        """Return which keys may be near enough to which rows, both ascending: rows and numbers of keys."""
        bounds_CWB = outline(unit_WD, self.axes_DA) @ self.blocks_CEB
        maybe_WN = (bounds_CWB >= LEAST_COSINE - ROUNDING).transpose(1, 0, 2).reshape(len(unit_WD), -1)
        return np.divmod(np.flatnonzero(maybe_WN), maybe_WN.shape[1])  # faster than nonzero() of two axes


def outline(unit_ND: np.ndarray, axes_DA: np.ndarray) -> np.ndarray:
    """Return vectors along axes, and the length of the rest: float32 (N, A + 1)."""
    outlines_NE = np.empty((len(unit_ND), axes_DA.shape[1] + 1), np.float32)
    along_NA = np.matmul(unit_ND, axes_DA, out=outlines_NE[:, :-1])
    outlines_NE[:, -1] = np.sqrt(np.maximum(1 - np.einsum("na,na->n", along_NA, along_NA), 0))
    return outlines_NE


@dataclass(frozen=True, eq=False)
class KeySet:
    """All keys of a memory for one model.

    vectors_ND: float32, of length 1. ids_N: the token behind each key. restriction_N: for each key the row of
    `allowed_RV` that names the ids which could be written when it was learnt, -1 for all. outlines: None where all keys
    are compared.
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
        """Put the keys of several formulas together, of each token those of the last KEYS_A_TOKEN places.

        Args:
            vectors: int8 (L, D) of each formula, those learnt first before the others.
            ids: its L ids.
            restrictions: the mask (V,) of the ids that were allowed, or None for all.
            axes_DA: of another set's outlines, which spare finding new ones.
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
        """Return log probabilities, float64 (W, V), of what the model and the nearest keys say together.

        Args:
            logits_WV: of the next token.
            keys_WD: the hidden vectors less their mean, any length.
        """
        if not len(self.ids_N):
            return np.asarray(logits_WV, np.float64)
        rows, near, cosines = self._nearest(keys_WD)
        peaks_W1 = logits_WV.max(axis=1, keepdims=True)
        mixed_WV = np.exp(logits_WV - peaks_W1, dtype=np.float64)
        count, size = mixed_WV.shape
        totals_W = mixed_WV.sum(axis=1)
        weights = np.exp((cosines - 1) / TEMPERATURE)
        if len(self.allowed_RV):
            # What was learnt among few tokens says as much as these are likely now.
            inside_WR = mixed_WV @ self.allowed_RV.T / totals_W[:, None]
            restrictions = self.restriction_N[near]
            weights = np.where(restrictions >= 0, weights * inside_WR[rows, restrictions], weights)
        weight_W = np.bincount(rows, weights, count)
        share_W = MOST_SHARE / (weight_W + HALF_WEIGHT)  # of a neighbour, by its weight
        mixed_WV *= ((1 - share_W * weight_W) / totals_W)[:, None]
        said = np.bincount(rows * size + self.ids_N[near], weights * share_W[rows], count * size)
        mixed_WV += said.reshape(count, size)
        return np.log(mixed_WV, out=mixed_WV)

    def _nearest(self, keys_WD: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Find each row's nearest keys, the nearest first: row, number of the key, cosine (float64) of each."""
        unit_WD, count = unit_length(keys_WD), len(self.ids_N)
        if self.outlines:
            rows, near = self.outlines.candidates(unit_WD)
        else:
            rows, near = np.divmod(np.arange(len(unit_WD) * count), count)
        # einsum: BLAS would start threads, which wait for longer than they work.
        cosines = np.einsum("md,md->m", self.vectors_ND[near], unit_WD[rows])
        kept = (cosines >= LEAST_COSINE).nonzero()[0]
        rows, near, cosines = rows[kept], near[kept], cosines[kept]
        if len(kept) > NEIGHBOURS:
            order = np.lexsort((-cosines, rows))  # equals stay in the order of their numbers
            # The rows are ascending, so the n-th place of the order is in the row that the n-th key was in.
            rank = np.arange(len(order)) - np.searchsorted(rows, np.arange(len(unit_WD)))[rows]
            best = order[rank < NEIGHBOURS]
            rows, near, cosines = rows[best], near[best], cosines[best]
        return rows, near, cosines.astype(np.float64)
