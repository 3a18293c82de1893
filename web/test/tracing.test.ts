/** The tracer finds the ink, the skeleton and the strokes that Python's finds in tracing.json. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { inflateSync } from "node:zlib";
import { greyOf, reduced } from "../src/pictures/grey.ts";
import { inkAndPen, traceGrey } from "../src/pictures/picture.ts";
import { thin } from "../src/pictures/thin.ts";
import { Untraceable } from "../src/pictures/untraceable.ts";

interface Sized {
  name: string;
  width: number;
  height: number;
  grey: string;
}

interface Vectors {
  bitmaps: (Sized & { rgba: string })[];
  pictures: (Sized & {
    factor: number;
    pen: number;
    mask: string;
    skeleton: string;
    lines?: [number, number][][][];
    error?: string;
  })[];
}

const file = new URL("../../../web/test/tracing.json", import.meta.url);
const { bitmaps, pictures } = JSON.parse(readFileSync(file, "utf8")) as Vectors;
const unpacked = (text: string): Uint8Array => new Uint8Array(inflateSync(Buffer.from(text, "base64")));
/** Coordinates are written with six decimals. */
const TOLERANCE = 1e-6;

test("bitmaps become grey", () => {
  for (const { name, width, height, rgba, grey } of bitmaps) {
    const found = reduced(greyOf({ width, height, data: unpacked(rgba) })).grey;
    assert.ok(Buffer.from(found.pixels).equals(unpacked(grey)), name);
  }
});

for (const { name, width, height, grey, ...expected } of pictures) {
  test(`strokes are found in the picture "${name}"`, () => {
    const picture = { width, height, pixels: unpacked(grey) };
    const { mask, width: pen, factor } = inkAndPen(picture);
    assert.deepEqual([pen, factor], [expected.pen, expected.factor]);
    assert.ok(Buffer.from(mask.pixels).equals(unpacked(expected.mask)), "ink");
    assert.ok(Buffer.from(thin(mask).lines.pixels).equals(unpacked(expected.skeleton)), "skeleton");
    if (!expected.lines) return assert.throws(() => traceGrey(picture), new Untraceable({ kind: "inkless" }));
    const { lines } = traceGrey(picture);
    const shape = (of: typeof lines) => of.map((line) => line.map((stroke) => stroke.length));
    assert.deepEqual(shape(lines), shape(expected.lines));
    const numbers = expected.lines.flat(3);
    const apart = lines.flat(3).map((value, i) => Math.abs(value - numbers[i]!));
    assert.ok(Math.max(...apart) <= TOLERANCE, `${Math.max(...apart)} pixels`);
  });
}
