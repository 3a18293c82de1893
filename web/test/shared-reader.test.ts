/** The worker that pads share begins with the first of them and ends after the last. */

import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { borrow, release } from "../src/pad/shared-reader.ts";

const FILES = {
  worker: "worker.js",
  model: "a.tflite",
  loader: "loader.js",
  binary: "loader.wasm",
  answers: "answers.js",
};
let living = 0;

/** Stands in for the browser's worker. */
class FakeWorker {
  constructor() {
    living++;
  }
  postMessage(): void {}
  terminate(): void {
    living--;
  }
}

beforeEach(() => {
  Object.assign(globalThis, { Worker: FakeWorker });
});

test("one worker serves all users of a model, and ends some time after the last", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const first = borrow(FILES);
  assert.equal(borrow(FILES), first);
  assert.notEqual(borrow({ ...FILES, model: "b.tflite" }), first);
  assert.equal(living, 2);
  release(FILES);
  mock.timers.tick(60_000);
  assert.equal(living, 2);
  release(FILES);
  mock.timers.tick(1000);
  assert.equal(borrow(FILES), first, "an element that is moved gives back and borrows again");
  mock.timers.tick(60_000);
  assert.equal(living, 2);
  release(FILES);
  mock.timers.tick(60_000);
  assert.equal(living, 1);
  assert.notEqual(borrow(FILES), first);
  mock.timers.reset();
});
