/** Build the page and the recogniser's module into tegashiki/assets/web/, or into the folder named on the command line. */

import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const target = process.argv[2] ? `${resolve(process.argv[2])}/` : here("../tegashiki/assets/web/");
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
await build({ ...options, entryPoints: [here("src/page/worker.ts")], format: "iife", outfile: `${target}worker.js` });
await build({
  ...options,
  entryPoints: [here("src/page/page.css")],
  outfile: `${target}page.css`,
  loader: { ".woff2": "dataurl", ".woff": "empty", ".ttf": "empty" }, // every browser that runs the page reads WOFF2
});
writeTypes("tsconfig.types.json", "recognizer", "types");
rmSync(`${target}types/litert.d.ts`); // the private backend
writeTypes("tsconfig.convert.json", "convert", "types/convert");
const style = readFileSync(`${target}page.css`, "utf8");
writeFileSync(`${target}page.css`, style.replace(/,url\(\) format\("(woff|truetype)"\)/g, ""));
cpSync(here("src/page/index.html"), `${target}index.html`);
writeFileSync(`${target}LICENSES.txt`, licences());
for (const ending of [".js", ".wasm"]) {
  cpSync(here(`node_modules/@litertjs/core/wasm/${runtime}${ending}`), `${target}litert/${runtime}${ending}`);
  chmodSync(`${target}litert/${runtime}${ending}`, 0o644);
}

/** Write declarations of a module, of the files that a project names, into a folder of the target. */
function writeTypes(project, module, folder) {
  const types = `${target}${folder}/`;
  const tsc = here("node_modules/typescript/bin/tsc");
  execFileSync(process.execPath, [tsc, "--project", here(project), "--outDir", types], { stdio: "inherit" });
  for (const file of readdirSync(types)) {
    const text = readFileSync(types + file, "utf8").replace(/(from|import\() ?"(\.\/[\w-]+)\.ts"/g, '$1 "$2.js"');
    writeFileSync(types + file, text);
  }
  writeFileSync(`${target}${module}.d.ts`, `export * from "./${folder}/index.js";\n`);
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
    apache,
  ].join("\n\n");
}
