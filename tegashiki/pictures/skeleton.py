"""Thin ink to lines one pixel wide, and cut the lines into chains between their ends and junctions."""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage
from skimage.morphology import skeletonize

# (row, column) steps to the neighbours of a pixel. The four diagonals come last.
STEPS = ((-1, 0), (0, 1), (1, 0), (0, -1), (-1, 1), (1, 1), (1, -1), (-1, -1))
BESIDE = ((0, 1), (1, 2), (2, 3), (3, 0))  # the two straight neighbours beside each diagonal one


@dataclass(frozen=True, eq=False)
class Skeleton:
    """The lines of a picture as a graph.

    Attributes:
        points_N2: int32 (N, 2), x and y of every pixel of the lines.
        degrees: int32 (N,), the number of neighbours of each: 0 for a dot, 1 for an end, 3 or more for a junction.
        chains: Runs of neighbouring pixels as indices into `points_N2`. A chain begins and ends at an end or a
            junction, or it is a closed loop, whose first index is repeated at its end. A dot is a chain of one.
    """

    points_N2: np.ndarray
    degrees: np.ndarray
    chains: list[list[int]]


def thin(mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Thin ink to lines one pixel wide (Zhang and Suen, 1984); every component keeps at least one pixel.

    Args:
        mask: bool (height, width).

    Returns:
        The lines, bool (height, width), and the connected components of the ink, int32 (height, width) from 1 on.
    """
    lines = skeletonize(mask)
    labels, count = ndimage.label(mask, np.ones((3, 3)))
    kept = np.zeros(count + 1, bool)
    kept[labels[lines]] = True
    lost = np.flatnonzero(~kept[1:]) + 1
    for row, column in np.rint(ndimage.center_of_mass(mask, labels, lost)).astype(int) if len(lost) else ():
        lines[row, column] = True
    return lines, labels


def find_chains(lines: np.ndarray) -> Skeleton:
    """Return the graph of lines one pixel wide.

    Two pixels are neighbours if they share a side, or if they share only a corner and no third pixel shares a side with
    both. So the steps of a staircase are no junctions.

    Args:
        lines: bool (height, width).
    """
    padded = np.pad(lines, 1)
    rows, columns = np.nonzero(padded)
    number = np.full(padded.shape, -1, np.int32)
    number[rows, columns] = np.arange(len(rows))
    near = np.stack([number[rows + down, columns + right] for down, right in STEPS], axis=1)
    for diagonal, (first, second) in enumerate(BESIDE, start=4):
        near[(near[:, first] >= 0) | (near[:, second] >= 0), diagonal] = -1
    there = near >= 0
    degrees = there.sum(axis=1)
    points = np.stack([columns - 1, rows - 1], axis=1).astype(np.int32)
    begins = np.concatenate([[0], np.cumsum(degrees)]).tolist()
    return Skeleton(points, degrees, _walk(near[there].tolist(), begins))


def _walk(near: list[int], first: list[int]) -> list[list[int]]:
    """Walk from every end and junction along each of its neighbours, then around the loops that are left.

    Args:
        near: The neighbours of all pixels, one pixel after the other.
        first: For each pixel the place of its first neighbour in `near`, and the length of `near`.
    """
    chains: list[list[int]] = []
    count = len(first) - 1
    inner = [first[pixel + 1] - first[pixel] == 2 for pixel in range(count)]
    seen = [False] * count  # inner pixels of chains

    def follow(start: int, following: int) -> list[int]:
        chain = [start, following]
        before, here = start, following
        while inner[here] and here != start:
            seen[here] = True
            place = first[here]
            before, here = here, near[place + 1] if near[place] == before else near[place]
            chain.append(here)
        return chain

    for node in range(count):
        if inner[node]:
            continue
        if first[node] == first[node + 1]:
            chains.append([node])
        for following in near[first[node] : first[node + 1]]:
            if not seen[following] and (inner[following] or following > node):  # not yet walked from the other end
                chains.append(follow(node, following))
    for pixel in range(count):
        if inner[pixel] and not seen[pixel]:
            seen[pixel] = True
            chains.append(follow(pixel, near[first[pixel]]))
    return chains
