/**
 * Build the page and the recogniser's module into tegashiki/assets/web/, and the notebook's pad as tegashiki/assets/notebook.js.
 *
 *     node build.mjs [FOLDER [NOTEBOOK]]    other places; without NOTEBOOK, the pad is not built
 */

import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { bundledStyle, styleText } from "./style.mjs";
import { writeTypes } from "./types.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const [, , folder, file] = process.argv;
const target = folder ? `${resolve(folder)}/` : here("../tegashiki/assets/web/");
const notebook = folder ? file : here("../tegashiki/assets/notebook.js");
// SIMD without threads: works in all current browsers and needs no special headers from the server.
const runtime = "litert_wasm_compat_internal";
const options = { bundle: true, minify: true, target: "es2022", legalComments: "none", logLevel: "error" };

rmSync(target, { recursive: true, force: true });
mkdirSync(`${target}litert`, { recursive: true });
await build({
  ...options,
  entryPoints: [here("src/recognizer/index.ts")],
  format: "esm",
  outfile: `${target}recognizer.js`,
});
await build({
  ...options,
  entryPoints: [here("src/convert/index.ts")],
  format: "esm",
  outfile: `${target}convert.js`,
});
await build({ ...options, entryPoints: [here("src/page/main.ts")], format: "esm", outfile: `${target}page.js` });
await build({ ...options, entryPoints: [here("src/parts/worker.ts")], format: "iife", outfile: `${target}worker.js` });
await build({
  ...options,
  entryPoints: [here("src/answers/worker.ts")],
  format: "iife",
  outfile: `${target}answers.js`,
});
await build({
  ...options,
  entryPoints: [here("src/pictures/worker.ts")],
  format: "iife",
  outfile: `${target}pictures.js`,
});
await build({
  ...options,
  entryPoints: [here("src/page/service-worker.ts")],
  format: "iife",
  outfile: `${target}service-worker.js`,
});
if (notebook) {
  const plugins = [styleText(options)];
  await build({ ...options, entryPoints: [here("src/notebook/index.ts")], format: "esm", outfile: notebook, plugins });
}
writeFileSync(`${target}page.css`, await bundledStyle(here("src/page/page.css"), options));
writeTypes("tsconfig.types.json", `${target}types/`);
writeFileSync(`${target}recognizer.d.ts`, 'export * from "./types/index.js";\n');
writeTypes("tsconfig.convert.json", `${target}types/convert/`);
writeFileSync(`${target}convert.d.ts`, 'export * from "./types/convert/index.js";\n');
for (const file of ["index.html", "manifest.webmanifest"]) cpSync(here(`src/page/${file}`), `${target}${file}`);
for (const icon of readdirSync(here("src/page/icons"))) cpSync(here(`src/page/icons/${icon}`), `${target}${icon}`);
writeFileSync(`${target}LICENSES.txt`, licences());
for (const ending of [".js", ".wasm"]) {
  cpSync(here(`node_modules/@litertjs/core/wasm/${runtime}${ending}`), `${target}litert/${runtime}${ending}`);
  chmodSync(`${target}litert/${runtime}${ending}`, 0o644);
}

/** Return the licences of the bundled packages and our own. */
function licences() {
  const version = (name) => JSON.parse(readFileSync(here(`node_modules/${name}/package.json`), "utf8")).version;
  const apache = readFileSync(here("../LICENSE"), "utf8");
  return [
    "tegashiki itself is under the Apache License 2.0, which is the last text below. It includes:",
    `LiteRT.js (@litertjs/core ${version("@litertjs/core")}), Copyright The AI Edge Authors, under the same licence.`,
    `KaTeX ${version("katex")} with its fonts, under the licence that follows.`,
    readFileSync(here("node_modules/katex/LICENSE"), "utf8"),
    `answers.js also includes nerdamer-prime ${version("nerdamer-prime")} and decimal.js ${version("decimal.js")}, under the`,
    `licences that follow, and big-integer ${version("big-integer")}, which is in the public domain (Unlicense).`,
    readFileSync(here("node_modules/nerdamer-prime/license.txt"), "utf8"),
    readFileSync(here("node_modules/decimal.js/LICENCE.md"), "utf8"),
    apache,
  ].join("\n\n");
}
