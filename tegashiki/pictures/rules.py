"""Remove the rules of lined and squared paper from ink."""

import numpy as np
from scipy import ndimage

STEEPEST = 24  # slopes to each side of level; the last one is 0.12, in a photo held by hand
SLOPE = 200  # slopes are counted in 1 / 200
THIN = 1.8  # pen widths; a rule is at most so thick
ROUNDS = 4  # slopes in one picture, since a camera looks at the paper from the side
COVERAGE = 0.35  # of the picture's width that is ink along a rule
EDGE = 0.02  # of the width: a rule reaches both edges of the picture up to so much, a fraction bar does not


def remove_rules(mask: np.ndarray, width: float) -> np.ndarray:
    """Return ink without straight thin lines that cross the whole picture, horizontal or vertical.

    Strokes that cross a rule stay whole: along a rule, only columns of ink that are no higher than a rule are removed.

    Args:
        mask: bool (height, width), the ink with the rules.
        width: Width of the pen in pixels.
    """
    mask = _remove_horizontal(mask, width)
    return _remove_horizontal(mask.T, width).T


def _remove_horizontal(mask: np.ndarray, width: float) -> np.ndarray:
    length = mask.shape[1]
    if length < 20 * width:
        return mask
    thin = mask & (_column_runs(mask) <= THIN * width)
    rows, columns = np.nonzero(thin)
    kept, rules = mask.copy(), []
    reach = max(1, round(width / 2) + 1)
    for _ in range(ROUNDS):
        if len(rows) < COVERAGE * length:
            break
        slope, counts = _best_slope(rows, columns, length)
        sheared = _sheared(rows, columns, slope, length)
        gone = np.zeros(len(rows), bool)
        while counts.max() >= COVERAGE * length / 2:  # a rule may be spread over two sheared rows
            centre = int(counts.argmax())
            near = np.abs(sheared - centre) <= reach
            if _crosses(columns[near], length):
                gone |= near
                rules.append((slope, centre))
            counts[max(0, centre - reach) : centre + reach + 1] = 0
        if not gone.any():
            break
        kept[rows[gone], columns[gone]] = False
        rows, columns = rows[~gone], columns[~gone]
    return _without_rests(kept, rules, 2 * reach) if rules else kept


def _without_rests(mask: np.ndarray, rules: list[tuple[int, int]], band: int) -> np.ndarray:
    """Drop the pieces of ink that lie within a few rows of a rule, where the rule was too thick to be removed."""
    labels, count = ndimage.label(mask, np.ones((3, 3)))
    rows, columns = np.nonzero(mask)
    pieces = labels[rows, columns]
    sizes = np.bincount(pieces, minlength=count + 1)
    rest = np.zeros(count + 1, bool)
    for slope, centre in rules:
        inside = np.abs(_sheared(rows, columns, slope, mask.shape[1]) - centre) <= band
        rest |= np.bincount(pieces, inside, minlength=count + 1) == sizes
    return mask & ~rest[labels]


def _sheared(rows: np.ndarray, columns: np.ndarray, slope: int, length: int) -> np.ndarray:
    """Return the rows in which pixels would be if lines of this slope were level, all 0 or more."""
    shifts = (slope * (2 * np.arange(length) - length) + SLOPE) // (2 * SLOPE)  # rounded
    return rows - shifts[columns] + length


def _crosses(columns: np.ndarray, length: int) -> bool:
    """Return whether the pixels near a line cover most columns and reach both edges of the picture."""
    edge = max(3, EDGE * length)
    covered = len(np.unique(columns))
    return bool(covered >= COVERAGE * length and columns.min() <= edge and columns.max() >= length - 1 - edge)


def _column_runs(mask: np.ndarray) -> np.ndarray:
    """Return for each pixel of ink the height of the run of ink that it is in, in its column."""
    height = mask.shape[0]
    index = np.arange(height, dtype=np.int32)[:, None]
    paper_before = np.maximum.accumulate(np.where(mask, -1, index), axis=0)
    paper_after = np.minimum.accumulate(np.where(mask, height, index)[::-1], axis=0)[::-1]
    return paper_after - paper_before - 1


def _best_slope(rows: np.ndarray, columns: np.ndarray, length: int) -> tuple[int, np.ndarray]:
    """Return the slope of the line that holds the most pixels, and the number of pixels in each sheared row."""
    candidates = [0, *(sign * slope for slope in range(1, STEEPEST + 1) for sign in (-1, 1))]
    counts = [np.bincount(_sheared(rows, columns, slope, length)) for slope in candidates]
    best = max(range(len(candidates)), key=lambda index: counts[index].max())
    return candidates[best], counts[best]
