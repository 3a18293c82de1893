/** Which strokes a lasso, a tap or a drag is about. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { boxOf, enclosed, holds, isTap, opened } from "../src/parts/selection.ts";
import type { Point } from "../src/recognizer/preprocess.ts";

const line = (x: number): Point[] => Array.from({ length: 11 }, (_, i) => [x, 10 * i]);
const STROKES = [line(0), line(50), line(100)];

test("a lasso encloses the strokes that are mostly inside it", () => {
  const around: Point[] = [
    [20, -10],
    [80, -10],
    [80, 75],
    [120, 75],
    [120, 120],
    [20, 120],
  ];
  assert.deepEqual(enclosed(STROKES, around), [1]);
  assert.deepEqual(enclosed(STROKES, [...around].reverse()), [1]);
  assert.deepEqual(enclosed(STROKES, around.slice(0, 1)), []);
});

test("a level drag opens a space on the right of where it began, or closes it", () => {
  const drag: Point[] = [
    [70, 150],
    [90, 152],
    [110, 149],
  ];
  assert.deepEqual(opened(STROKES, drag), { indices: [2], dx: 40 });
  assert.deepEqual(opened(STROKES, [...drag].reverse()), undefined, "nothing is on the right of 110");
  assert.deepEqual(opened(STROKES, [[60, 150], ...drag.slice(0, 1), [40, 150]]), undefined, "it comes back");
  assert.deepEqual(
    opened(STROKES, [
      [90, 150],
      [60, 150],
    ]),
    { indices: [2], dx: -30 },
  );
  assert.equal(opened(STROKES, line(20)), undefined, "it is not level");
});

test("a tap stays where it is, and a selection is grabbed beside it too", () => {
  assert.ok(isTap([[5, 5]]));
  assert.ok(!isTap(line(0)));
  assert.equal(boxOf([]), undefined);
  const box = boxOf(STROKES)!;
  assert.deepEqual(box, [0, 0, 100, 100]);
  assert.ok(holds(box, [105, -5]) && !holds(box, [120, 50]));
});
