/** Tests that need Chromium may be skipped on a developer's machine, but not in continuous integration. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { chromiumOptions } from "./chromium.ts";

test("without Chromium tests are skipped, except where CI is set", () => {
  assert.match(String(chromiumOptions("", "").skip), /Chromium is not installed/);
  assert.equal(chromiumOptions("", "true").skip, false);
  assert.equal(chromiumOptions("/usr/bin/chromium", "").skip, false);
});
