/** The built files in tegashiki/assets/web/ are up to date, small enough, and load nothing from other servers. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const MAX_BYTES = 15e6;
const root = new URL("../../../", import.meta.url);
const page = fileURLToPath(new URL("tegashiki/assets/web", root));

function files(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length))
    .sort();
}

test("the built page is up to date with the sources", () => {
  const fresh = mkdtempSync(join(tmpdir(), "tegashiki-web-"));
  const notebook = join(fresh, "notebook.js");
  try {
    execFileSync(process.execPath, [fileURLToPath(new URL("web/build.mjs", root)), fresh, notebook]);
    const built = readFileSync(new URL("tegashiki/assets/notebook.js", root));
    assert.ok(readFileSync(notebook).equals(built), "notebook.js is an older one: run `make web`");
    rmSync(notebook);
    assert.deepEqual(files(page), files(fresh));
    for (const file of files(fresh)) {
      assert.ok(
        readFileSync(page + file).equals(readFileSync(fresh + file)),
        `${file} is an older one: run \`make web\``,
      );
    }
  } finally {
    rmSync(fresh, { recursive: true });
  }
});

test("the page is small and fetches nothing from other servers", () => {
  const size = files(page).reduce((total, file) => total + statSync(page + file).size, 0);
  assert.ok(size <= MAX_BYTES, `${size} bytes`);
  const style = readFileSync(`${page}/page.css`, "utf8");
  assert.doesNotMatch(style, /url\((?!data:)/);
  assert.doesNotMatch(readFileSync(`${page}/index.html`, "utf8"), /(src|href)="(https?:)?\/\//);
});
