/** Build the npm package's modules into dist/: the recogniser, the web component, and the files that they load. */

import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { styleText } from "./style.mjs";
import { writeTypes } from "./types.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const target = here("dist/");
const options = { bundle: true, minify: true, target: "es2022", legalComments: "none", logLevel: "error" };

execFileSync(process.execPath, [here("build.mjs"), target], { stdio: "inherit" });
const page = ["page.js", "page.css", "index.html", "manifest.webmanifest", "service-worker.js", "types"];
const icons = readdirSync(target).filter((name) => name.startsWith("icon"));
for (const file of [...page, ...icons]) rmSync(target + file, { recursive: true });
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
writeFileSync(`${target}convert.d.ts`, 'export * from "./types/convert/index.js";\n');
writeFileSync(`${target}pad.d.ts`, 'export * from "./types/pad/index.js";\n');
cpSync(here("../tegashiki/assets/default.tflite"), `${target}default.tflite`);
cpSync(here("../tegashiki/assets/LICENSE"), `${target}MODEL-LICENSE`);
chmodSync(`${target}default.tflite`, 0o644);
