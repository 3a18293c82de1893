"""Join the chains of a skeleton to strokes: straight on through crossings, as a pen draws them."""

from __future__ import annotations

from collections import Counter, defaultdict
from math import acos, pi, sqrt

import numpy as np
from scipy.spatial import cKDTree

from tegashiki.pictures.skeleton import Skeleton, find_chains, thin

SPUR = 0.8  # pen widths; a shorter side arm is a bump of the ink's edge
BRIDGE = 2.5  # pen widths; junctions at most so far apart are one crossing that thinning pulled apart
NEAR, FAR = 0.4, 1.5  # pen widths from a crossing between which an arm's direction is taken
HOLE = 1.0  # pen widths; a longer side of a hole in the ink is drawn, such as the loop of an e
BEND = 1.2  # radians by which a stroke may turn in a crossing of three or more arms
STUB, STUB_SHARE = 2.5, 0.6  # pen widths, and share of the other arms: a shorter free arm is the point of a corner
LEG_BEND, LEG_TURN = 1.0, 1.2  # radians: bends into and out of a leg, and between the arms beside it
GAP, GAP_BEND = 1.8, 0.5  # pen widths between the ends of two strokes, and radians, of a gap that is mended
FAR_AWAY = 10**9
DOT = 0.5  # pen widths; a shorter stroke is a dot
ANGLES = 2.0**30  # angles are multiples of 1 / ANGLES, so that the last digits of an arc cosine do not matter

Arm = tuple[int, int]  # a chain, and 0 for its first or -1 for its last point


def find_strokes(mask: np.ndarray, width: float) -> tuple[list[np.ndarray], list[int]]:
    """Return the strokes that drew some ink, in no particular order or direction.

    Args:
        mask: bool (height, width), the ink.
        width: Width of the pen in pixels.

    Returns:
        The strokes, float64 (points, 2) each, x and y in pixels; a dot has one point. For each stroke the number of the
        connected component of the ink that it is in.
    """
    lines, components = thin(mask)
    skeleton = find_chains(lines)
    found = _Joiner(skeleton, width).lines()
    columns, rows = skeleton.points_N2[[pixel for _, pixel in found]].reshape(-1, 2).T
    return [_smooth(line, width) for line, _ in found], components[rows, columns].tolist()


class _Joiner:
    """Finds crossings in a skeleton and joins the arms that meet there."""

    def __init__(self, skeleton: Skeleton, width: float) -> None:
        self.xs, self.ys = skeleton.points_N2[:, 0].tolist(), skeleton.points_N2[:, 1].tolist()
        self.degrees, self.width = skeleton.degrees.tolist(), width
        self.chains = self._without_spurs(skeleton.chains)
        self.crossings = self._find_crossings()
        self.links: dict[Arm, Arm] = {}
        self.turns: dict[Arm, int] = {}  # the chain that is drawn out and back after an arm
        self.retraced: set[int] = set()
        self.centres: dict[Arm, tuple[float, float]] = {}
        for nodes in self.crossings.values():
            self._join(*nodes)
        self._mend()

    def _without_spurs(self, chains: list[list[int]]) -> list[list[int]]:
        """Drop side arms that are shorter than SPUR, but not if all arms of a junction are so short."""
        arms = defaultdict(list)
        for chain in chains:
            if self.degrees[chain[0]] > 2 or self.degrees[chain[-1]] > 2:
                for end in {chain[0], chain[-1]}:
                    arms[end].append(len(chain))
        kept = []
        for chain in chains:
            one, other = chain[0], chain[-1]
            if self.degrees[one] > 2:
                one, other = other, one
            side_arm = self.degrees[one] == 1 and self.degrees[other] > 2
            if not (side_arm and len(chain) - 1 <= SPUR * self.width and len(chain) < sorted(arms[other])[-2]):
                kept.append(chain)
        return kept

    def _find_crossings(self) -> dict[int, tuple[list[int], list[Arm]]]:
        """Return the junction pixels and the arms of each crossing; chains inside a crossing are dropped."""
        parent: dict[int, int] = {}

        def root(node: int) -> int:
            while parent.setdefault(node, node) != node:
                node = parent[node]
            return node

        rest = []
        beside = Counter(frozenset((chain[0], chain[-1])) for chain in self.chains)
        for chain in self.chains:
            one, other = chain[0], chain[-1]
            within = self.degrees[one] > 2 and self.degrees[other] > 2
            around = one == other or beside[frozenset((one, other))] > 1  # the chain is a side of a hole in the ink
            if within and len(chain) - 1 <= (HOLE if around else BRIDGE) * self.width:
                parent[root(one)] = root(other)
            else:
                rest.append(chain)
        self.chains = rest
        crossings: dict[int, tuple[list[int], list[Arm]]] = {}
        for node in dict.fromkeys(end for chain in rest for end in (chain[0], chain[-1])):
            if self.degrees[node] > 2:
                crossings.setdefault(root(node), ([], []))[0].append(node)
        for index, chain in enumerate(rest):
            for side in (0, -1):
                if self.degrees[chain[side]] > 2:
                    crossings[root(chain[side])][1].append((index, side))
        return crossings

    def _join(self, nodes: list[int], arms: list[Arm]) -> None:
        """Link the arms of a crossing in pairs, the straightest first."""
        x = sum(self.xs[node] for node in nodes) / len(nodes)
        y = sum(self.ys[node] for node in nodes) / len(nodes)
        for arm in arms:
            self.centres[arm] = (x, y)
        if len(arms) == 2:
            self._link(*arms)
            return
        if len(arms) == 3 and self._turn_back(arms):
            return
        directions = [self._direction(arm) for arm in arms]
        pairs = sorted(
            (_bend(directions[one], directions[other]), one, other) for one in range(len(arms)) for other in range(one)
        )
        if len(arms) == 4:
            pairs = _best_matching(pairs)
        free = set(range(len(arms)))
        for bend, one, other in pairs:
            if bend <= BEND and {one, other} <= free:
                free -= {one, other}
                self._link(arms[one], arms[other])

    def _turn_back(self, arms: list[Arm]) -> bool:
        """Link three arms where the pen drew one of them out and back, if that is likely, and tell whether it is.

        Either the arm is the point of a sharp corner, as at the top of a 1, or the pen went straight on into the arm
        and straight on out of it, as in the legs of an m.
        """
        lengths = [len(self.chains[index]) if self._is_free((index, side)) else FAR_AWAY for index, side in arms]
        directions = [self._direction(arm) for arm in arms]
        for middle in sorted(range(3), key=lengths.__getitem__):
            one, other = (arm for arm in range(3) if arm != middle)
            if lengths[middle] == FAR_AWAY:
                break
            point = lengths[middle] <= min(STUB * self.width, STUB_SHARE * min(lengths[one], lengths[other]))
            bends = sorted((_bend(directions[middle], directions[one]), _bend(directions[middle], directions[other])))
            leg = bends[1] <= LEG_BEND and _bend(directions[one], directions[other]) >= LEG_TURN
            if point or leg:
                self.turns[arms[one]] = self.turns[arms[other]] = arms[middle][0]
                self.retraced.add(arms[middle][0])
                self._link(arms[one], arms[other])
                return True
        return False

    def _is_free(self, arm: Arm) -> bool:
        """Return whether the far end of an arm is an end of the ink."""
        index, side = arm
        return self.degrees[self.chains[index][0 if side else -1]] == 1

    def _mend(self) -> None:
        """Link ends that face each other across a small gap, as where a line is faint or a rule was removed."""
        ends = [
            (index, side)
            for index, chain in enumerate(self.chains)
            for side in (0, -1)
            if self.degrees[chain[side]] == 1 and index not in self.retraced
        ]
        if len(ends) < 2:
            return
        places = [(self.xs[self.chains[index][side]], self.ys[self.chains[index][side]]) for index, side in ends]
        pairs = []
        for one, other in cKDTree(places).query_pairs(GAP * self.width, output_type="ndarray").tolist():
            x, y = places[other][0] - places[one][0], places[other][1] - places[one][1]
            length = sqrt(x * x + y * y)
            if ends[one][0] == ends[other][0] or not length:
                continue
            across = (x / length, y / length)
            back = (-across[0], -across[1])
            bend = max(_bend(self._direction(ends[one]), across), _bend(self._direction(ends[other]), back))
            if bend <= GAP_BEND:
                pairs.append((length, one, other))
        for _, one, other in sorted(pairs):
            if ends[one] not in self.links and ends[other] not in self.links:
                self._link(ends[one], ends[other])

    def _link(self, one: Arm, other: Arm) -> None:
        self.links[one], self.links[other] = other, one

    def _direction(self, arm: Arm) -> tuple[float, float]:
        """Return the unit vector in which an arm leaves its crossing."""
        chain = self.chains[arm[0]]
        last = len(chain) - 1
        near = min(round(NEAR * self.width), last // 3)
        far = min(round(FAR * self.width), last)
        if arm[1]:
            near, far = last - near, last - far
        x, y = self.xs[chain[far]] - self.xs[chain[near]], self.ys[chain[far]] - self.ys[chain[near]]
        length = sqrt(x * x + y * y) or 1.0
        return x / length, y / length

    def lines(self) -> list[tuple[np.ndarray, int]]:
        """Return the points of every stroke, (points, 2), and one pixel of its skeleton."""
        used = set(self.retraced)
        strokes = []
        starts = [(index, side) for index in range(len(self.chains)) for side in (0, -1)]
        for open_ends in (True, False):
            for arm in starts:
                if arm[0] not in used and (arm not in self.links) == open_ends:
                    strokes.append((np.array(self._follow(arm, used), np.float64), self.chains[arm[0]][0]))
        return strokes

    def _follow(self, arm: Arm | None, used: set[int]) -> list[tuple[float, float]]:
        """Return the points from the outer end of an arm through all crossings to the other end."""
        points: list[tuple[float, float]] = []
        trim = round(NEAR * self.width)
        while arm is not None and arm[0] not in used:
            index, side = arm
            used.add(index)
            chain = self.chains[index]
            line = [(self.xs[pixel], self.ys[pixel]) for pixel in (chain[::-1] if side else chain)]
            leave = (index, 0 if side else -1)
            cut = min(trim, (len(line) - 1) // 3)
            if arm in self.centres:
                line[: cut + 1] = [self.centres[arm]]
            if leave in self.centres:
                line[len(line) - cut - 1 :] = [self.centres[leave]]
            points += line
            if leave in self.turns:
                points += self._there_and_back(leave)
            arm = self.links.get(leave)
        return points

    def _there_and_back(self, arm: Arm) -> list[tuple[float, float]]:
        chain = self.chains[self.turns[arm]]
        if self.degrees[chain[0]] == 1:
            chain = chain[::-1]
        line = [(self.xs[pixel], self.ys[pixel]) for pixel in chain]
        return line + line[-2:0:-1]


def _bend(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return the angle by which a pen turns that comes along one arm and leaves along another, 0 to pi."""
    angle = pi - acos(max(-1.0, min(1.0, one[0] * other[0] + one[1] * other[1])))
    return round(angle * ANGLES) / ANGLES


def _best_matching(pairs: list[tuple[float, int, int]]) -> list[tuple[float, int, int]]:
    """Return the two pairs of four arms that together turn least."""
    matchings = []
    for pair in pairs:
        rest = [other for other in pairs if not {pair[1], pair[2]} & {other[1], other[2]}]
        matchings.append((pair[0] + rest[0][0], [pair, rest[0]]))
    return min(matchings)[1]


def _smooth(line_N2: np.ndarray, width: float) -> np.ndarray:
    """Even out the steps between pixels; a line shorter than a dot becomes one point."""
    if np.ptp(line_N2, axis=0).max() <= DOT * width:
        return line_N2.mean(axis=0, keepdims=True)
    reach = min(max(1, round(width / 2)), (len(line_N2) - 1) // 2)
    if reach < 1:
        return line_N2
    if (line_N2[0] == line_N2[-1]).all():
        before, after = line_N2[-1 - reach : -1], line_N2[1 : 1 + reach]
    else:  # continued by its own point reflection, so that the ends stay where they are
        before, after = 2 * line_N2[0] - line_N2[reach:0:-1], 2 * line_N2[-1] - line_N2[-2 : -2 - reach : -1]
    sums = np.cumsum(np.concatenate([np.zeros((1, 2)), before, line_N2, after]), axis=0)
    return (sums[2 * reach + 1 :] - sums[: -2 * reach - 1]) / (2 * reach + 1)
