/** The session agrees with the scripts of tegashiki/kit/sessions.py. */

import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Player, type Script } from "./player.ts";

const root = new URL("../../../", import.meta.url); // relative to the bundle in web/build/test/
const { sessions } = JSON.parse(readFileSync(new URL("web/test/sessions.json", root), "utf8")) as {
  sessions: Script[];
};

for (const script of sessions) {
  test(script.name, async () => {
    const player = new Player(script);
    for (const [i, step] of script.steps.entries()) await player.make(step, `step ${i}, ${step.call}`);
  });
}
