/** Bundle and run the tests named on the command line, by default all: node test/run.mjs [golden page ...] */

import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = fileURLToPath(new URL(".", import.meta.url));
const asked = process.argv.slice(2);
const names = readdirSync(here)
  .filter((file) => file.endsWith(".test.ts"))
  .map((file) => basename(file, ".test.ts"))
  .filter((name) => !asked.length || asked.includes(name));
const outdir = fileURLToPath(new URL("../build/test", import.meta.url));
await build({
  entryPoints: names.map((name) => `${here}${name}.test.ts`),
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20",
  external: ["esbuild", "mathjax-full"], // for code for the browser; its sources cannot be bundled into a module
  outdir,
  outExtension: { ".js": ".mjs" },
  logLevel: "error",
});
const files = names.map((name) => `${outdir}/${name}.test.mjs`);
const { status } = spawnSync(process.execPath, ["--test", "--test-concurrency=3", ...files], { stdio: "inherit" });
process.exit(status ?? 1);
