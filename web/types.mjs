/** Write the declarations of built modules. */

import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/**
 * Write the declarations of a project's files into a folder, without those of the private LiteRT backend.
 *
 * @param project A file such as tsconfig.types.json.
 */
export function writeTypes(project, folder) {
  const tsc = here("node_modules/typescript/bin/tsc");
  execFileSync(process.execPath, [tsc, "--project", here(project), "--outDir", folder], { stdio: "inherit" });
  for (const file of readdirSync(folder, { recursive: true }).filter((name) => name.endsWith(".d.ts"))) {
    const path = join(folder, file);
    if (file.endsWith("litert.d.ts")) rmSync(path);
    else writeFileSync(path, readFileSync(path, "utf8").replace(/(from|import\() ?"(\.[\w./-]+)\.ts"/g, '$1 "$2.js"'));
  }
}
