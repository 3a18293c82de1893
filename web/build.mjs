/** Build the page and the recogniser's module into tegashiki/web/. */

import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const target = here("../tegashiki/web/");
// Plain SIMD and no threads: it runs in every browser of today and needs no headers from the server.
const runtime = "litert_wasm_compat_internal";
const options = { bundle: true, minify: true, target: "es2022", legalComments: "none", logLevel: "error" };

rmSync(target, { recursive: true, force: true });
mkdirSync(`${target}litert`, { recursive: true });
await build({ ...options, entryPoints: [here("src/recognizer/index.ts")], format: "esm", outfile: `${target}recognizer.js` });
writeFileSync(`${target}LICENSES.txt`, licences());
for (const ending of [".js", ".wasm"]) {
  cpSync(here(`node_modules/@litertjs/core/wasm/${runtime}${ending}`), `${target}litert/${runtime}${ending}`);
  chmodSync(`${target}litert/${runtime}${ending}`, 0o644);
}

/** The terms of what is built in beside our own. */
function licences() {
  const version = (name) => JSON.parse(readFileSync(here(`node_modules/${name}/package.json`), "utf8")).version;
  const apache = readFileSync(here("../LICENSE"), "utf8");
  return [
    "tegashiki itself is under the Apache License 2.0, which is the last text below. Built in are:",
    `LiteRT.js (@litertjs/core ${version("@litertjs/core")}), Copyright The AI Edge Authors, under the same licence.`,
    apache,
  ].join("\n\n");
}
