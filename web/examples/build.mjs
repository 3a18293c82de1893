/** Bundle the React example into build/, with the files that the pad loads beside the bundle. */

import { cpSync } from "node:fs";
import { build } from "esbuild";

await build({
  entryPoints: ["react/main.tsx"],
  bundle: true,
  minify: true,
  format: "esm",
  jsx: "automatic",
  define: { "process.env.NODE_ENV": '"production"' },
  outfile: "build/react.js",
  logLevel: "error",
});
for (const name of ["worker.js", "answers.js", "default.tflite", "litert"]) {
  cpSync(`node_modules/tegashiki-web/dist/${name}`, `build/${name}`, { recursive: true });
}
