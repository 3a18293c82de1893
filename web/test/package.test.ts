/** The package from `npm pack` can be installed in an empty folder, imported by Node, bundled, and used with its types. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { Browser, serve } from "./chromium.ts";
import { options } from "./writer.ts";

const web = fileURLToPath(new URL("../../", import.meta.url));
/** A program that reads with its own model, which needs no browser. */
const USE = `
import { NoReadingError, Session, type Candidate, type Reader } from "tegashiki-web/recognizer";
import * as whole from "tegashiki-web";
import { convert, type Form } from "tegashiki-web/convert";
import { TegashikiPad, type CommitDetail } from "tegashiki-web/pad";

const reading: Candidate = { latex: "x", tokens: ["x"], probability: 1, strokesOfToken: [[0]], complete: true };
const reader: Reader = { maxStrokes: 8, read: async () => ({ candidates: [reading], released: false }) };
const session = new Session(reader);
session.addStroke([[0, 0], [5, 5]]);
const { candidates } = await session.candidates(1);
const latex: string = candidates[0]!.latex;
const same: boolean = whole.NoReadingError === NoReadingError;
const form: Form = "mathml";
const converted = convert(candidates[0]!.tokens, form).endsWith("<mi>x</mi></math>");
console.log(latex, same, converted, typeof TegashikiPad);
export function listen(pad: TegashikiPad): void {
  pad.reader = reader;
  pad.addEventListener("commit", (event) => console.log((event as CustomEvent<CommitDetail>).detail.latex, pad.value));
}
`;
/** A page whose script is bundled. */
const PAGE = `<!doctype html><link rel="icon" href="data:,"><body><tegashiki-pad></tegashiki-pad>
<script type="module" src="app.js"></script></body>`;
let folder: string;

before(() => {
  folder = mkdtempSync(join(tmpdir(), "tegashiki-package-"));
  run("npm", ["pack", "--silent", "--pack-destination", folder], web);
  const [tarball] = readdirSync(folder);
  writeFileSync(join(folder, "package.json"), `{ "private": true, "type": "module" }`);
  // Offline, since the package has no dependencies.
  run("npm", ["install", "--silent", "--offline", "--no-audit", "--no-fund", join(folder, tarball!)], folder);
});

after(() => rmSync(folder, { recursive: true }));

test("Node imports the installed package and reads with it", () => {
  writeFileSync(join(folder, "use.ts"), USE);
  const rules = ["--target", "es2022", "--module", "nodenext", "--lib", "es2022,dom", "--types", ""];
  run(process.execPath, [join(web, "node_modules/typescript/bin/tsc"), "--strict", ...rules, "use.ts"], folder);
  assert.equal(run(process.execPath, ["use.js"], folder), "x true true function\n");
});

test("its types are also found by a bundler's rules", () => {
  const rules = ["--target", "es2022", "--module", "esnext", "--moduleResolution", "bundler", "--lib", "es2022,dom"];
  writeFileSync(join(folder, "use.ts"), USE);
  run(
    process.execPath,
    [join(web, "node_modules/typescript/bin/tsc"), "--strict", "--noEmit", ...rules, "use.ts"],
    folder,
  );
});

test("the package contains LiteRT's files, and reports that they need a browser", () => {
  const script = `
    import { existsSync } from "node:fs";
    import { loadRecognizer } from "tegashiki-web";
    const loader = new URL(import.meta.resolve("tegashiki-web/litert/litert_wasm_compat_internal.js"));
    console.log(existsSync(loader), existsSync(new URL("litert_wasm_compat_internal.wasm", loader)));
    await loadRecognizer(${JSON.stringify("MODEL")}, loader.href).catch((error) => console.log(error.message));`;
  const model = join(web, "../tegashiki/assets/default.tflite");
  assert.ok(existsSync(model));
  const read = `new Uint8Array((await import("node:fs")).readFileSync(${JSON.stringify(model)}))`;
  writeFileSync(join(folder, "load.mjs"), script.replace(`"MODEL"`, read));
  assert.match(
    run(process.execPath, ["load.mjs"], folder),
    /^true true\nLiteRT.js runs in a browser's pages and workers only/,
  );
});

test("a bundle with the package's files beside it reads in a browser", options, async () => {
  const site = join(folder, "site");
  const packed = join(folder, "node_modules/tegashiki-web/dist");
  writeFileSync(join(folder, "app.js"), `import "tegashiki-web/pad";`);
  await build({
    entryPoints: [join(folder, "app.js")],
    bundle: true,
    format: "esm",
    outfile: join(site, "app.js"),
    logLevel: "error",
  });
  for (const name of ["worker.js", "default.tflite", "litert"]) {
    cpSync(join(packed, name), join(site, name), { recursive: true });
  }
  writeFileSync(join(site, "index.html"), PAGE);
  const { address, server } = await serve(site);
  const browser = new Browser();
  try {
    const tab = await browser.open(address);
    const pad = `document.querySelector("tegashiki-pad")`;
    await tab.until(`${pad}.shadowRoot`);
    await tab.evaluate(`void (${pad}.strokes = [[[0, 5], [10, 5]], [[5, 0], [5, 10]]])`);
    await tab.until(`${pad}.value === "+"`);
    assert.deepEqual(tab.errors, []);
  } finally {
    await browser.close();
    server.close();
  }
});

/** Run a program and return its standard output. Throws if it fails. */
function run(program: string, options: string[], cwd: string): string {
  return execFileSync(program, options, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
}
