/** Build the npm package's modules into dist/: the recogniser, the web component, and the files that they load. */

import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { styleText } from "./style.mjs";
import { writeTypes } from "./types.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const target = here("dist/");
const options = { bundle: true, minify: true, target: "es2022", legalComments: "none", logLevel: "error" };

execFileSync(process.execPath, [here("build.mjs"), target], { stdio: "inherit" });
for (const file of ["page.js", "page.css", "index.html", "types"]) rmSync(target + file, { recursive: true });
await build({
  ...options,
  entryPoints: [here("src/pad/index.ts")],
  format: "esm",
  outfile: `${target}pad.js`,
  plugins: [styleText(options)],
});
mkdirSync(`${target}types`);
writeTypes("tsconfig.package.json", `${target}types/`);
writeFileSync(`${target}recognizer.d.ts`, 'export * from "./types/recognizer/index.js";\n');
writeFileSync(`${target}pad.d.ts`, 'export * from "./types/pad/index.js";\n');
cpSync(here("../tegashiki/assets/default.tflite"), `${target}default.tflite`);
cpSync(here("../tegashiki/assets/LICENSE"), `${target}MODEL-LICENSE`);
chmodSync(`${target}default.tflite`, 0o644);
