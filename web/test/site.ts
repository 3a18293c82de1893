/** A static site as `tegashiki site` writes it, in a folder of its own below the root of a web server. */

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const own = join(root, ".venv/bin/python");
/** The Python that has the package. */
export const python = existsSync(own) ? own : "python3";
/** The environment in which Python finds the package in this clone. */
export const environment = { ...process.env, PYTHONPATH: root };

export class Site {
  /** The root of the web server. */
  readonly root = mkdtempSync(join(tmpdir(), "tegashiki-site-"));
  readonly folder: string;

  /** @param path Path of the site below the root, such as `notes/maths`. */
  constructor(readonly path: string) {
    this.folder = join(this.root, path);
    execFileSync(python, ["-m", "tegashiki.cli", "site", this.folder], { env: environment });
  }

  /** Change a file and, as a new version does, its hash in the service worker's list. */
  change(path: string, from: string, to: string, listed = true): void {
    const file = join(this.folder, path);
    const before = readFileSync(file);
    const after = Buffer.from(before.toString("utf8").replace(from, to));
    if (after.equals(before)) throw new Error(`${path} has no ${from}`);
    writeFileSync(file, after);
    if (!listed) return;
    const list = join(this.folder, "service-worker.js");
    writeFileSync(list, readFileSync(list, "utf8").replace(sha256(before), sha256(after)));
  }

  remove(): void {
    rmSync(this.root, { recursive: true });
  }
}

function sha256(content: Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}
