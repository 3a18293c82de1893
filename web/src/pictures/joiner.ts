/** Find the crossings of a skeleton and join the arms that meet there (docs/tracing.md, "Strokes"). */

import type { Point } from "../recognizer/preprocess.ts";
import type { Skeleton } from "./chains.ts";
import { rounded } from "./rounding.ts";

const SPUR = 0.8; // pen widths; a shorter side arm is a bump of the ink's edge
const BRIDGE = 2.5; // pen widths; junctions at most so far apart are one crossing that thinning pulled apart
const [NEAR, FAR] = [0.4, 1.5]; // pen widths from a crossing between which an arm's direction is taken
const HOLE = 1; // pen widths; a longer side of a hole in the ink is drawn, such as the loop of an e
const BEND = 1.2; // radians by which a stroke may turn in a crossing of three or more arms
const [STUB, STUB_SHARE] = [2.5, 0.6]; // pen widths, and share of the other arms: a shorter free arm is a corner's point
const [LEG_BEND, LEG_TURN] = [1, 1.2]; // radians: bends into and out of a leg, and between the arms beside it
const [GAP, GAP_BEND] = [1.8, 0.5]; // pen widths between the ends of two strokes, and radians, of a gap that is mended
const ANGLES = 2 ** 30; // angles are multiples of 1 / ANGLES: the last digits of an arc cosine do not matter

type Chain = readonly number[];
/** A chain, and whether its last point is meant rather than its first. */
type Arm = readonly [chain: number, last: boolean];
/** Two arms by their places in a list, and the bend between them. */
type Pair = readonly [bend: number, one: number, other: number];

const key = ([chain, last]: Arm): number => 2 * chain + Number(last);
const opposite = ([chain, last]: Arm): Arm => [chain, !last];

/** A stroke, and one pixel of its skeleton. */
export interface Line {
  readonly points: Point[];
  readonly pixel: number;
}

export class Joiner {
  private chains: readonly Chain[];
  private readonly links = new Map<number, Arm>();
  /** The chain that is drawn out and back after an arm. */
  private readonly turns = new Map<number, number>();
  private readonly retraced = new Set<number>();
  private readonly centres = new Map<number, Point>();

  /** @param width Width of the pen in pixels. */
  constructor(
    private readonly skeleton: Skeleton,
    private readonly width: number,
  ) {
    this.chains = this.withoutSpurs(skeleton.chains);
    for (const { nodes, arms } of this.findCrossings()) this.join(nodes, arms);
    this.mend();
  }

  /** Return the strokes, in no particular order or direction. */
  lines(): Line[] {
    const used = new Set(this.retraced);
    const starts = this.chains.flatMap((_, chain): Arm[] => [
      [chain, false],
      [chain, true],
    ]);
    const lines: Line[] = [];
    for (const open of [true, false]) {
      for (const arm of starts) {
        if (used.has(arm[0]) || this.links.has(key(arm)) === open) continue;
        lines.push({ points: this.follow(arm, used), pixel: this.chains[arm[0]]![0]! });
      }
    }
    return lines;
  }

  private isJunction(pixel: number): boolean {
    return this.skeleton.degrees[pixel]! > 2;
  }

  private isEnd(pixel: number): boolean {
    return this.skeleton.degrees[pixel] === 1;
  }

  private place(pixel: number): Point {
    return [this.skeleton.xs[pixel]!, this.skeleton.ys[pixel]!];
  }

  private pixelOf([chain, last]: Arm): number {
    return last ? this.chains[chain]!.at(-1)! : this.chains[chain]![0]!;
  }

  /** Drop side arms that are shorter than SPUR, but not if all arms of a junction are so short. */
  private withoutSpurs(chains: readonly Chain[]): Chain[] {
    const arms = new Map<number, number[]>();
    for (const chain of chains) {
      const ends = new Set([chain[0]!, chain.at(-1)!]);
      if (![...ends].some((end) => this.isJunction(end))) continue;
      for (const end of ends) arms.set(end, [...(arms.get(end) ?? []), chain.length]);
    }
    return chains.filter((chain) => {
      let [one, other] = [chain[0]!, chain.at(-1)!];
      if (this.isJunction(one)) [one, other] = [other, one];
      if (!this.isEnd(one) || !this.isJunction(other) || chain.length - 1 > SPUR * this.width) return true;
      return chain.length >= [...arms.get(other)!].sort((a, b) => a - b).at(-2)!;
    });
  }

  /** Return the junction pixels and the arms of each crossing; chains inside a crossing are dropped. */
  private findCrossings(): Iterable<{ nodes: number[]; arms: Arm[] }> {
    const parent = new Map<number, number>();
    const root = (node: number): number => {
      let found = node;
      while (parent.has(found)) found = parent.get(found)!;
      return found;
    };
    const between = (chain: Chain): string => [chain[0]!, chain.at(-1)!].sort((a, b) => a - b).join(" ");
    const beside = new Map<string, number>();
    for (const chain of this.chains) beside.set(between(chain), (beside.get(between(chain)) ?? 0) + 1);
    this.chains = this.chains.filter((chain) => {
      const [one, other] = [chain[0]!, chain.at(-1)!];
      if (!this.isJunction(one) || !this.isJunction(other)) return true;
      const around = one === other || beside.get(between(chain))! > 1; // the chain is a side of a hole in the ink
      if (chain.length - 1 > (around ? HOLE : BRIDGE) * this.width) return true;
      const [from, to] = [root(one), root(other)];
      if (from !== to) parent.set(from, to);
      return false;
    });
    const crossings = new Map<number, { nodes: number[]; arms: Arm[] }>();
    const crossingOf = (node: number) => {
      const found = crossings.get(root(node)) ?? { nodes: [], arms: [] };
      crossings.set(root(node), found);
      return found;
    };
    const ends = new Set(this.chains.flatMap((chain) => [chain[0]!, chain.at(-1)!]));
    for (const node of ends) if (this.isJunction(node)) crossingOf(node).nodes.push(node);
    for (const chain of this.chains.keys()) {
      for (const last of [false, true]) {
        const node = this.pixelOf([chain, last]);
        if (this.isJunction(node)) crossingOf(node).arms.push([chain, last]);
      }
    }
    return crossings.values();
  }

  /** Link the arms of a crossing in pairs, the straightest first. */
  private join(nodes: readonly number[], arms: readonly Arm[]): void {
    const mean = (values: Int32Array) => nodes.reduce((sum, node) => sum + values[node]!, 0) / nodes.length;
    const centre: Point = [mean(this.skeleton.xs), mean(this.skeleton.ys)];
    for (const arm of arms) this.centres.set(key(arm), centre);
    if (arms.length === 2) return this.link(arms[0]!, arms[1]!);
    if (arms.length === 3 && this.turnBack(arms)) return;
    const directions = arms.map((arm) => this.direction(arm));
    const all = directions.flatMap((direction, one) =>
      directions.slice(0, one).map((to, other): Pair => [bend(direction, to), one, other]),
    );
    const pairs = all.sort(byValues);
    const free = new Set(arms.keys());
    for (const [turn, one, other] of arms.length === 4 ? bestMatching(pairs) : pairs) {
      if (turn > BEND || !free.has(one) || !free.has(other)) continue;
      free.delete(one);
      free.delete(other);
      this.link(arms[one]!, arms[other]!);
    }
  }

  /**
   * Link three arms where the pen drew one of them out and back, if that is likely, and tell whether it is.
   *
   * Either the arm is the point of a sharp corner, as at the top of a 1, or the pen went straight on into the arm and
   * straight on out of it, as in the legs of an m.
   */
  private turnBack(arms: readonly Arm[]): boolean {
    const lengths = arms.map((arm) =>
      this.isEnd(this.pixelOf(opposite(arm))) ? this.chains[arm[0]]!.length : Infinity,
    );
    const directions = arms.map((arm) => this.direction(arm));
    for (const middle of [0, 1, 2].sort((a, b) => (lengths[a] === lengths[b] ? 0 : lengths[a]! - lengths[b]!))) {
      const [one, other] = [0, 1, 2].filter((arm) => arm !== middle) as [number, number];
      if (lengths[middle] === Infinity) break;
      const shortest = Math.min(lengths[one]!, lengths[other]!);
      const point = lengths[middle]! <= Math.min(STUB * this.width, STUB_SHARE * shortest);
      const into = [one, other].map((arm) => bend(directions[middle]!, directions[arm]!));
      const leg = Math.max(...into) <= LEG_BEND && bend(directions[one]!, directions[other]!) >= LEG_TURN;
      if (!point && !leg) continue;
      const chain = arms[middle]![0];
      for (const arm of [arms[one]!, arms[other]!]) this.turns.set(key(arm), chain);
      this.retraced.add(chain);
      this.link(arms[one]!, arms[other]!);
      return true;
    }
    return false;
  }

  /** Link ends that face each other across a small gap, as where a line is faint or a rule was removed. */
  private mend(): void {
    const arms = this.chains.flatMap((_, chain): Arm[] => [
      [chain, false],
      [chain, true],
    ]);
    const ends = arms.filter((arm) => this.isEnd(this.pixelOf(arm)) && !this.retraced.has(arm[0]));
    const places = ends.map((arm) => this.place(this.pixelOf(arm)));
    const reach = GAP * this.width;
    const order = [...ends.keys()].sort((a, b) => places[a]![0] - places[b]![0]);
    const pairs: Pair[] = [];
    for (const [i, first] of order.entries()) {
      for (const second of order.slice(i + 1)) {
        if (places[second]![0] - places[first]![0] > reach) break;
        const [one, other] = [Math.min(first, second), Math.max(first, second)];
        const [x, y] = [places[other]![0] - places[one]![0], places[other]![1] - places[one]![1]];
        const length = Math.sqrt(x * x + y * y);
        if (x * x + y * y > reach * reach || !length || ends[one]![0] === ends[other]![0]) continue;
        const [across, back]: [Point, Point] = [
          [x / length, y / length],
          [-x / length, -y / length],
        ];
        const turn = Math.max(bend(this.direction(ends[one]!), across), bend(this.direction(ends[other]!), back));
        if (turn <= GAP_BEND) pairs.push([length, one, other]);
      }
    }
    for (const [, one, other] of pairs.sort(byValues)) {
      if (this.links.has(key(ends[one]!)) || this.links.has(key(ends[other]!))) continue;
      this.link(ends[one]!, ends[other]!);
    }
  }

  private link(one: Arm, other: Arm): void {
    this.links.set(key(one), other);
    this.links.set(key(other), one);
  }

  /** Return the unit vector in which an arm leaves its crossing. */
  private direction([index, isLast]: Arm): Point {
    const chain = this.chains[index]!;
    const last = chain.length - 1;
    const steps = [
      Math.min(rounded(NEAR * this.width), Math.floor(last / 3)),
      Math.min(rounded(FAR * this.width), last),
    ];
    const [near, far] = steps.map((step) => this.place(chain[isLast ? last - step : step]!)) as [Point, Point];
    const [x, y] = [far[0] - near[0], far[1] - near[1]];
    const length = Math.sqrt(x * x + y * y) || 1;
    return [x / length, y / length];
  }

  /** Return the points from the outer end of an arm through all crossings to the other end. */
  private follow(start: Arm, used: Set<number>): Point[] {
    const points: Point[] = [];
    const trim = rounded(NEAR * this.width);
    for (let arm: Arm | undefined = start; arm && !used.has(arm[0]); ) {
      used.add(arm[0]);
      const chain: Chain = this.chains[arm[0]]!;
      const line = (arm[1] ? [...chain].reverse() : chain).map((pixel) => this.place(pixel));
      const leave = key(opposite(arm));
      const cut = Math.min(trim, Math.floor((line.length - 1) / 3));
      const [before, after] = [this.centres.get(key(arm)), this.centres.get(leave)];
      if (before) line.splice(0, cut + 1, before);
      if (after) line.splice(line.length - cut - 1, cut + 1, after);
      for (const point of line) points.push(point); // a line may have more points than a call may have arguments
      const turn = this.turns.get(leave);
      if (turn !== undefined) points.push(...this.thereAndBack(turn));
      arm = this.links.get(leave);
    }
    return points;
  }

  private thereAndBack(index: number): Point[] {
    const chain = this.chains[index]!;
    const line = (this.isEnd(chain[0]!) ? [...chain].reverse() : chain).map((pixel) => this.place(pixel));
    return [...line, ...line.slice(1, -1).reverse()];
  }
}

/** Return the angle by which a pen turns that comes along one arm and leaves along another, 0 to pi. */
function bend(one: Point, other: Point): number {
  const angle = Math.PI - Math.acos(Math.max(-1, Math.min(1, one[0] * other[0] + one[1] * other[1])));
  return rounded(angle * ANGLES) / ANGLES;
}

/** Return the two pairs of four arms that together turn least. */
function bestMatching(pairs: readonly Pair[]): Pair[] {
  let best: { sum: number; pairs: Pair[] } = { sum: Infinity, pairs: [] };
  for (const pair of pairs) {
    const rest = pairs.find(([, one, other]) => ![one, other].some((arm) => pair.indexOf(arm, 1) > 0))!;
    if (pair[0] + rest[0] < best.sum) best = { sum: pair[0] + rest[0], pairs: [pair, rest] };
  }
  return best.pairs;
}

function byValues(one: Pair, other: Pair): number {
  return one[0] - other[0] || one[1] - other[1] || one[2] - other[2];
}
