/**
 * Recognise a scratch-out or a strike: a stroke that takes away ink instead of adding to it. TypeScript version of
 * `tegashiki/ink/gestures.py`, which describes both gestures and the settings.
 */

import { gestures as settings } from "./grammar.json";
import { type Point, simplify } from "./preprocess.ts";

type Line = readonly Point[];

/** A stroke as a zigzag. */
interface Zigzag {
  /** Each of `sweep_samples` points. */
  sweeps: Line[];
  /** The length of the sweeps over that of the stroke. */
  straightness: number;
  /** Whether the sweeps are close together. */
  flat: boolean;
}

/** A stroke near a zigzag, and for each sweep which of its segments cross the stroke. */
interface Neighbour {
  index: number;
  samples: Line;
  crossings: boolean[][];
}

/**
 * Find the strokes that a new stroke takes away.
 *
 * @param strokes The strokes already written.
 * @param stroke The new stroke, in the same unit.
 * @returns Ascending indices into `strokes`; none if the new stroke is ink.
 */
export function struck(strokes: readonly Line[], stroke: Line): number[] {
  const [low, high] = box(stroke);
  const middle = [(low[0] + high[0]) / 2, (low[1] + high[1]) / 2] as const;
  const area = stroke.map(([x, y]) => [larger(x, middle[0]), larger(y, middle[1])] as const);
  const [from, to] = box(area);
  const near = [...strokes.keys()].filter((index) => {
    const [start, end] = box(strokes[index]!);
    return end[0] >= from[0] && end[1] >= from[1] && start[0] <= to[0] && start[1] <= to[1];
  });
  const zigzag = near.length ? zigzagOf(stroke) : undefined;
  if (!zigzag || zigzag.straightness < settings.straight) return [];
  const neighbours = near.map((index) => {
    const samples = sampled(strokes[index]!, settings.stroke_samples);
    return { index, samples, crossings: zigzag.sweeps.map((sweep) => crossingsOf(sweep, samples)) };
  });
  return zigzag.sweeps.length >= settings.scratch_sweeps
    ? scratched(neighbours, hull(area))
    : stricken(neighbours, zigzag);
}

function larger(value: number, middle: number): number {
  return middle + settings.margin * (value - middle);
}

/** What a zigzag takes away as a scratch-out, whose area is a convex polygon. */
function scratched(neighbours: readonly Neighbour[], area: Line): number[] {
  const sweeps = neighbours[0]!.crossings.length;
  const taken: Neighbour[] = [];
  let whole = false;
  for (const neighbour of neighbours) {
    const covered = shareInside(area, neighbour.samples);
    const betweenEnds = neighbour.crossings.filter((segments) => segments.slice(1, -1).includes(true)).length;
    if (covered < settings.covered && betweenEnds < settings.crossed * sweeps) continue;
    taken.push(neighbour);
    whole ||= covered >= settings.whole;
  }
  const { crossing, least_crossing, crossing_whole, scratch_sweeps } = settings;
  const least = whole ? crossing_whole : sweeps === scratch_sweeps ? least_crossing : crossing;
  return sweepsThatCross(taken) >= least ? taken.map(({ index }) => index) : [];
}

/** What a zigzag takes away as a strike. */
function stricken(neighbours: readonly Neighbour[], { flat }: Zigzag): number[] {
  const taken = neighbours.filter((neighbour) => sweepsThatCross([neighbour]) >= settings.struck_twice);
  return flat && sweepsThatCross(taken) >= settings.strike_sweeps ? taken.map(({ index }) => index) : [];
}

/** The number of sweeps that cross any of some strokes. */
function sweepsThatCross(neighbours: readonly Neighbour[]): number {
  const crossing = new Set<number>();
  for (const { crossings } of neighbours) {
    crossings.forEach((segments, sweep) => segments.includes(true) && crossing.add(sweep));
  }
  return crossing.size;
}

/** A stroke as a zigzag along the direction with the most sweeps, undefined if it has too few for a gesture. */
function zigzagOf(stroke: Line): Zigzag | undefined {
  const [low, high] = box(stroke);
  const diagonal = Math.hypot(high[0] - low[0], high[1] - low[1]);
  const extents: number[] = [];
  let [turns, best]: [number[], number] = [[0], 0];
  for (let number = 0; number < settings.directions; number++) {
    const angle = (Math.PI * number) / settings.directions;
    const along = stroke.map(([x, y]) => x * Math.cos(angle) + y * Math.sin(angle));
    const extent = along.reduce((a, b) => Math.max(a, b)) - along.reduce((a, b) => Math.min(a, b));
    extents.push(extent);
    if (extent <= settings.thin * diagonal) continue;
    const found = turnsOf(along, settings.turn * extent);
    const longer = extent > extents[best]! * (1 + 1e-9); // rounding, which differs between machines, decides nothing
    if (found.length > turns.length || (found.length === turns.length && longer)) [turns, best] = [found, number];
  }
  if (turns.length - 1 < settings.strike_sweeps) return undefined;
  const length = lengths(simplify(stroke, settings.smooth * diagonal)).at(-1)!;
  const straightness = lengths(turns.map((index) => stroke[index]!)).at(-1)! / length;
  const sweeps = turns
    .slice(1, settings.most_sweeps + 1)
    .map((end, i) => sampled(stroke.slice(turns[i], end + 1), settings.sweep_samples));
  const across = extents[(best + settings.directions / 2) % settings.directions]!;
  return { sweeps, straightness, flat: across <= settings.flat * extents[best]! };
}

/** The indices between which numbers rise or fall by at least `least`, in turn. */
function turnsOf(along: readonly number[], least: number): number[] {
  const turns: number[] = [];
  let [lowest, highest, rising] = [0, 0, true];
  along.forEach((value, index) => {
    if (value < along[lowest]!) lowest = index;
    if (value > along[highest]!) highest = index;
    const turned = rising ? along[highest]! - value >= least : value - along[lowest]! >= least;
    if (!turns.length) {
      if (along[highest]! - along[lowest]! < least) return;
      rising = highest > lowest;
      turns.push(rising ? lowest : highest);
    } else {
      if (!turned) return;
      turns.push(rising ? highest : lowest);
      rising = !rising;
    }
    lowest = highest = index;
  });
  if (turns.length) turns.push(rising ? highest : lowest);
  return turns;
}

/** The length of a line up to each of its points. */
function lengths(points: Line): number[] {
  const at = [0];
  for (let i = 1; i < points.length; i++) {
    const [[x, y], [u, v]] = [points[i - 1]!, points[i]!];
    at.push(at[i - 1]! + Math.hypot(u - x, v - y));
  }
  return at;
}

/** Points at equal distances along a line. */
function sampled(points: Line, count: number): Line {
  const at = lengths(points);
  let next = 1; // the first point beyond the sample, or the last one
  return Array.from({ length: count }, (_, sample): Point => {
    const wanted = (at.at(-1)! * sample) / (count - 1);
    while (next < points.length - 1 && at[next]! <= wanted) next++;
    const [start, end] = [points[next - 1]!, points[next] ?? points[0]!];
    const length = (at[next] ?? 0) - at[next - 1]!;
    const share = length ? Math.min(1, (wanted - at[next - 1]!) / length) : 0;
    return [start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])];
  });
}

/** Which segments of a sweep cross a line. */
function crossingsOf(sweep: Line, line: Line): boolean[] {
  return sweep.slice(1).map((end, i) => line.slice(1).some((other, j) => doCross(sweep[i]!, end, line[j]!, other)));
}

function doCross(a: Point, b: Point, c: Point, d: Point): boolean {
  const [step, other, apart] = [minus(b, a), minus(d, c), minus(c, a)];
  const area = cross(step, other);
  const [onSweep, onLine] = [cross(apart, other) * Math.sign(area), cross(apart, step) * Math.sign(area)];
  const most = Math.abs(area);
  return most > 0 && onSweep >= 0 && onSweep <= most && onLine >= 0 && onLine <= most;
}

/** The corners of the convex hull of points, which are not all on a line, in one sense of rotation. */
function hull(points: Line): Line {
  const ordered = [...points].sort(([x, y], [u, v]) => x - u || y - v);
  const corners: Point[] = [];
  for (const half of [ordered, [...ordered].reverse()]) {
    const first = corners.length;
    for (const point of half) {
      while (corners.length - first > 1) {
        const [before, last] = [corners.at(-2)!, corners.at(-1)!];
        if (cross(minus(last, before), minus(point, before)) > 0) break;
        corners.pop();
      }
      corners.push(point);
    }
    corners.pop(); // it begins the other half
  }
  return corners;
}

/** The share of points inside a convex polygon. */
function shareInside(area: Line, points: Line): number {
  const inside = points.filter((point) =>
    area.every((corner, i) => cross(minus(area[(i + 1) % area.length]!, corner), minus(point, corner)) >= 0),
  );
  return inside.length / points.length;
}

function minus([x, y]: Point, [u, v]: Point): Point {
  return [x - u, y - v];
}

function cross([x, y]: Point, [u, v]: Point): number {
  return x * v - y * u;
}

/** The corners of a box with the least and the greatest coordinates. */
function box(points: Line): [Point, Point] {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [x, y] of points) {
    [left, right] = [Math.min(left, x), Math.max(right, x)];
    [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
  }
  return [
    [left, top],
    [right, bottom],
  ];
}
