/** The strokes that pens, palms, fingers and mice make on the page's sheet, and where the sheet draws them. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Point } from "../src/recognizer/preprocess.ts";
import { complete, options, type Writer, withPage } from "./writer.ts";

const LINE: Point[] = [
  [100, 100],
  [140, 100],
  [180, 100],
  [220, 100],
];
const FINGER_LINE: Point[] = [
  [100, 200],
  [150, 200],
  [200, 200],
];
const PALM: Point = [400, 300];
const SLACK = 3; // pixels, for half of the line's width and its smoothing

/** A gesture on an empty sheet, and the strokes that it should make. */
interface Gesture {
  name: string;
  make(writer: Writer): Promise<void>;
  leaves: Point[][];
}

async function line(writer: Writer, between: () => Promise<unknown> = () => Promise.resolve()): Promise<void> {
  await writer.point("pen", "Pressed", LINE[0]!);
  await writer.point("pen", "Moved", LINE[1]!);
  await between();
  for (const point of LINE.slice(2)) await writer.point("pen", "Moved", point);
  await writer.point("pen", "Released", LINE.at(-1)!);
}

/** Write the line with a finger, by scripted events. Optionally do something else after the first 80 pixels. */
async function finger(writer: Writer, between: () => Promise<unknown>): Promise<void> {
  const touch = { pointerId: 70, pointerType: "touch", isPrimary: true, button: 0, buttons: 1 };
  await writer.dispatch("pointerdown", LINE[0]!, touch);
  for (const point of LINE.slice(1, 3)) await writer.dispatch("pointermove", point, { ...touch, button: -1 });
  await between();
  await writer.dispatch("pointermove", LINE[3]!, { ...touch, button: -1 });
  await writer.dispatch("pointerup", LINE[3]!, { ...touch, buttons: 0 });
}

const palm = { pointerId: 71, pointerType: "touch", button: 0, buttons: 1 };

const GESTURES: Gesture[] = [
  { name: "a pen", make: (writer) => line(writer), leaves: [LINE] },
  {
    name: "a pen, and a palm that the browser rejects",
    make: (writer) =>
      line(writer, async () => {
        await writer.touch("touchStart", { 1: PALM });
        await writer.touch("touchCancel");
      }),
    leaves: [LINE],
  },
  {
    name: "a pen, and a palm that comes and goes",
    make: (writer) =>
      line(writer, async () => {
        await writer.touch("touchStart", { 1: PALM });
        await writer.touch("touchMove", { 1: [480, 310] });
        await writer.touch("touchEnd");
      }),
    leaves: [LINE],
  },
  {
    name: "a pen between two palms that stay",
    async make(writer) {
      await writer.touch("touchStart", { 1: PALM });
      await writer.touch("touchMove", { 1: [410, 290] });
      await line(writer, () => writer.touch("touchStart", { 1: [410, 290], 2: [300, 280] }));
      await writer.touch("touchMove", { 1: [420, 280], 2: [310, 280] });
      await writer.touch("touchEnd", { 1: [420, 280] });
      await writer.touch("touchEnd");
    },
    leaves: [LINE],
  },
  {
    name: "a palm next to a hovering pen",
    async make(writer) {
      await writer.buttons("pen", "Moved", [200, 200], 0, "none");
      await writer.touch("touchStart", { 1: PALM });
      await writer.touch("touchEnd");
    },
    leaves: [],
  },
  {
    name: "a palm that was there before the pen hovered",
    async make(writer) {
      await writer.touch("touchStart", { 1: PALM });
      await writer.buttons("pen", "Moved", [200, 200], 0, "none");
      await writer.touch("touchEnd");
    },
    leaves: [],
  },
  {
    name: "a pen that only hovers",
    async make(writer) {
      for (const point of LINE) await writer.buttons("pen", "Moved", point, 0, "none");
    },
    leaves: [],
  },
  {
    name: "a finger, after the pen",
    async make(writer) {
      await line(writer);
      await writer.draw([FINGER_LINE], "touch");
    },
    leaves: [LINE, FINGER_LINE],
  },
  {
    name: "a finger, after a hovering pen has left",
    async make(writer) {
      const pen = { pointerId: 80, pointerType: "pen", button: -1, buttons: 0 };
      await writer.dispatch("pointermove", PALM, pen);
      await writer.dispatch("pointerleave", PALM, { ...pen, bubbles: false });
      await writer.draw([LINE], "touch");
    },
    leaves: [LINE],
  },
  {
    name: "two fingers that pinch",
    async make(writer) {
      await writer.touch("touchStart", { 1: [200, 200] });
      await writer.touch("touchMove", { 1: [204, 200] });
      await writer.touch("touchStart", { 1: [204, 200], 2: [300, 200] });
      for (const by of [20, 40, 60]) await writer.touch("touchMove", { 1: [204 - by, 200], 2: [300 + by, 200] });
      await writer.touch("touchEnd", { 2: [360, 200] });
      await writer.touch("touchMove", { 2: [380, 240] });
      await writer.touch("touchEnd");
    },
    leaves: [],
  },
  {
    name: "three fingers at once",
    async make(writer) {
      await writer.touch("touchStart", { 1: [200, 200], 2: [250, 200], 3: [300, 200] });
      await writer.touch("touchMove", { 1: [200, 100], 2: [250, 100], 3: [300, 100] });
      await writer.touch("touchEnd");
    },
    leaves: [],
  },
  {
    name: "a finger that has moved far, and a palm next to it",
    make: (writer) =>
      finger(writer, async () => {
        await writer.dispatch("pointerdown", PALM, palm);
        await writer.dispatch("pointerup", PALM, { ...palm, buttons: 0 });
      }),
    leaves: [LINE],
  },
  {
    name: "a finger, stopped by a palm that the browser then rejects",
    async make(writer) {
      const touch = { pointerId: 70, pointerType: "touch", isPrimary: true, button: 0, buttons: 1 };
      await writer.dispatch("pointerdown", LINE[0]!, touch);
      await writer.dispatch("pointerdown", PALM, palm);
      await writer.dispatch("pointercancel", PALM, palm);
      await writer.dispatch("pointermove", LINE[1]!, { ...touch, button: -1 });
      await writer.dispatch("pointerup", LINE[1]!, { ...touch, buttons: 0 });
    },
    leaves: [LINE.slice(0, 2)],
  },
  {
    name: "a finger that the browser cancels",
    async make(writer) {
      await writer.touch("touchStart", { 1: [200, 200] });
      await writer.touch("touchMove", { 1: [300, 200] });
      await writer.touch("touchCancel");
    },
    leaves: [],
  },
  {
    name: "a pen and a finger, after a touch whose end was not reported",
    async make(writer) {
      await writer.dispatch("pointerdown", PALM, palm);
      await line(writer);
      await writer.draw([FINGER_LINE], "touch");
    },
    leaves: [LINE, FINGER_LINE],
  },
  {
    name: "a mouse, while another of its buttons is pressed and released",
    async make(writer) {
      await writer.buttons("mouse", "Pressed", LINE[0]!, 1, "left");
      await writer.buttons("mouse", "Pressed", LINE[1]!, 3, "right");
      await writer.buttons("mouse", "Released", LINE[2]!, 1, "right");
      await writer.buttons("mouse", "Released", LINE[3]!, 0, "left");
    },
    leaves: [LINE],
  },
  {
    name: "a mouse whose right button is held longer than the left one",
    async make(writer) {
      await writer.buttons("mouse", "Pressed", LINE[0]!, 1, "left");
      await writer.buttons("mouse", "Pressed", LINE[1]!, 3, "right");
      await writer.buttons("mouse", "Released", LINE[2]!, 2, "left");
      await writer.buttons("mouse", "Moved", LINE[3]!, 2, "none");
      await writer.buttons("mouse", "Released", LINE[3]!, 0, "right");
    },
    leaves: [LINE.slice(0, 3)],
  },
  {
    name: "a mouse whose release was lost",
    async make(writer) {
      await writer.buttons("mouse", "Pressed", LINE[0]!, 1, "left");
      await writer.buttons("mouse", "Moved", LINE[1]!, 1, "none");
      await writer.buttons("mouse", "Moved", PALM, 0, "none");
    },
    leaves: [LINE.slice(0, 2)],
  },
  {
    name: "the right and the middle button of a mouse",
    async make(writer) {
      for (const [button, bit] of [
        ["right", 2],
        ["middle", 4],
      ] as const) {
        await writer.buttons("mouse", "Pressed", LINE[0]!, bit, button);
        await writer.buttons("mouse", "Moved", LINE[1]!, bit, "none");
        await writer.buttons("mouse", "Released", LINE[1]!, 0, button);
      }
    },
    leaves: [],
  },
  {
    name: "the barrel button of a pen",
    async make(writer) {
      await writer.buttons("pen", "Pressed", LINE[0]!, 2, "right");
      await writer.buttons("pen", "Moved", LINE[1]!, 2, "none");
      await writer.buttons("pen", "Released", LINE[1]!, 0, "right");
    },
    leaves: [],
  },
  {
    name: "a pen whose barrel button is pressed while it writes",
    make: (writer) =>
      line(writer, async () => {
        await writer.buttons("pen", "Pressed", LINE[1]!, 3, "right");
        await writer.buttons("pen", "Released", LINE[1]!, 1, "right");
      }),
    leaves: [LINE],
  },
  {
    name: "a pen that loses its capture",
    async make(writer) {
      await writer.point("pen", "Pressed", LINE[0]!);
      await writer.point("pen", "Moved", LINE[1]!);
      const pointer = await writer.tab.evaluate<number>("window.pen");
      await writer.tab.evaluate(`document.getElementById("sheet").releasePointerCapture(${pointer})`);
      await writer.point("pen", "Moved", LINE[1]!);
      await writer.buttons("pen", "Released", LINE[1]!, 0, "left");
      await line(writer);
    },
    leaves: [LINE.slice(0, 2), LINE],
  },
  {
    name: "a pen that leaves the sheet and comes back",
    async make(writer) {
      const far: Point[] = [LINE[0]!, [120, -20], [140, 100]];
      for (const [i, what] of (["Pressed", "Moved", "Released"] as const).entries())
        await writer.point("pen", what, far[i]!);
    },
    leaves: [[LINE[0]!, [120, -20], [140, 100]]],
  },
  {
    name: "a flick: a pen comes down and lifts elsewhere",
    async make(writer) {
      const pen = { pointerId: 80, pointerType: "pen", button: 0 };
      await writer.dispatch("pointerdown", LINE[0]!, { ...pen, buttons: 1 });
      await writer.dispatch("pointerup", LINE[3]!, { ...pen, buttons: 0 });
    },
    leaves: [[LINE[0]!, LINE[3]!]],
  },
  {
    name: "a pen while the window gets smaller",
    make: (writer) => line(writer, () => writer.tab.resize(800, 600)),
    leaves: [LINE],
  },
];

test("pointers are tracked independently: pens, palms, fingers, buttons", options, async (context) => {
  await withPage(async (writer) => {
    await writer.tab.send("Emulation.setTouchEmulationEnabled", { enabled: true, maxTouchPoints: 5 });
    await writer.tab.evaluate(`document.getElementById("sheet").addEventListener("pointerdown", (event) => {
      if (event.pointerType === "pen") window.pen = event.pointerId;
    })`);
    for (const { name, make, leaves } of GESTURES) {
      await context.test(name, async () => {
        await make(writer);
        assert.deepEqual(await writer.strokes(), leaves);
        if (!leaves.length) assert.equal(await writer.painted(), undefined);
        await writer.press("Delete");
        await writer.tab.resize(1000, 700);
        await writer.dispatch("pointercancel", PALM, { pointerId: 71, pointerType: "touch" });
      });
    }
  });
});

test("an eraser erases the strokes that it touches, even if other strokes are undone meanwhile", options, async () => {
  await withPage(async (writer) => {
    const [upper, lower]: Point[][] = [LINE, LINE.map(([x, y]) => [x, y + 100])];
    await writer.draw([upper!, lower!]);
    const eraser = { pointerId: 81, pointerType: "pen" };
    await writer.dispatch("pointerdown", [150, 150], { ...eraser, button: 5, buttons: 32 });
    await writer.dispatch("pointermove", [150, 250], { ...eraser, button: -1, buttons: 32 });
    await writer.press("z", 2); // removes the lower line, which the eraser has touched
    await writer.draw([upper!.map(([x, y]) => [x, y + 50])], "mouse");
    await writer.dispatch("pointerup", [150, 250], { ...eraser, button: 5, buttons: 0 });
    assert.deepEqual(await writer.strokes(), [upper, upper!.map(([x, y]) => [x, y + 50])]);
    await writer.dispatch("pointerdown", [150, 90], { ...eraser, button: 5, buttons: 32 });
    await writer.dispatch("pointerup", [150, 110], { ...eraser, button: 5, buttons: 0 });
    assert.deepEqual(await writer.strokes(), [upper!.map(([x, y]) => [x, y + 50])]);
  });
});

test("a tap is drawn while the pen is down, and when it is read", options, async () => {
  await withPage(async (writer) => {
    for (const [by, place] of [
      ["pen", [100, 100]],
      ["mouse", [300, 200]],
    ] as const) {
      await writer.point(by, "Pressed", [...place]);
      shows(await writer.painted(), [...place, ...place]);
      await writer.point(by, "Released", [...place]);
      await writer.tab.until(complete);
      shows(await writer.painted(), [...place, ...place]);
      await writer.picture(`tap-${by}`);
      await writer.press("Delete");
    }
  });
});

test("ink is drawn where it is written, also on another screen", options, async () => {
  await withPage(async (writer) => {
    const far = LINE.map(([x, y]): Point => [x + 300, y + 80]);
    await writer.draw([LINE]);
    shows(await writer.painted(), [100, 100, 220, 100]);
    await writer.tab.resize(1000, 700, 2); // the window moves to another screen and keeps its size
    await writer.draw([far.slice(0, 2)]);
    shows(await writer.painted(), [100, 100, 440, 180]);
    await writer.picture("other-screen");
    await writer.point("pen", "Pressed", far[0]!); // and moves back during a stroke
    await writer.tab.resize(1000, 700, 1.5);
    for (const point of far.slice(1)) await writer.point("pen", "Moved", point);
    await writer.point("pen", "Released", far.at(-1)!);
    shows(await writer.painted(), [100, 100, 520, 180]);
  });
});

test("the sheet has the pixels of the screen as soon as the ratio changes", options, async () => {
  await withPage(async ({ tab }) => {
    // An emulated screen sends no event when the ratio changes, so the test makes one.
    await tab.send("Page.addScriptToEvaluateOnNewDocument", {
      source: `{
      const ask = window.matchMedia;
      window.matchMedia = (query) => (query.includes("resolution") ? (window.ratio = ask.call(window, query)) : ask.call(window, query));
    }`,
    });
    await tab.goto(`${await tab.evaluate("location.href")}?again`);
    await tab.until("window.ratio");
    for (const scale of [2, 1, 3]) {
      await tab.resize(1000, 700, scale);
      await tab.evaluate(`ratio.dispatchEvent(new Event("change"))`);
      const [pixels, size] = await tab.evaluate<[number, number]>(`[sheet.width, sheet.clientWidth]`);
      assert.equal(pixels, scale * size);
    }
  });
});

test("a stroke in progress when an expression is finished begins the next expression", options, async () => {
  await withPage(async (writer) => {
    await writer.draw([LINE]);
    await writer.tab.until(complete);
    await writer.point("pen", "Pressed", [300, 200]);
    await writer.point("pen", "Moved", [400, 200]);
    await writer.press("Enter");
    await writer.tab.until(`document.querySelectorAll("#history button").length === 1`);
    shows(await writer.painted(), [300, 200, 400, 200]);
    await writer.point("pen", "Moved", [500, 200]);
    await writer.point("pen", "Released", [500, 200]);
    assert.deepEqual(await writer.strokes(), [
      [
        [300, 200],
        [400, 200],
        [500, 200],
      ],
    ]);
    shows(await writer.painted(), [300, 200, 500, 200]);
  });
});

test("Enter finishes everything written so far, even if it has not been read yet", options, async () => {
  await withPage(async (writer) => {
    await writer.draw([LINE]);
    await writer.tab.until(complete);
    await writer.draw([
      [
        [160, 40],
        [160, 100],
        [160, 160],
      ],
    ]);
    await writer.press("Enter");
    await writer.draw([LINE]);
    await writer.tab.until(`document.querySelectorAll("#history button").length === 1`);
    assert.equal(await writer.tab.evaluate(`document.querySelector("#history button").title`), "Copy +");
    assert.deepEqual(await writer.strokes(), [LINE]);
    shows(await writer.painted(), [100, 100, 220, 100]);
  });
});

function shows(painted: number[] | undefined, expected: number[]): void {
  assert.ok(painted, "nothing is drawn");
  painted.forEach((value, i) =>
    assert.ok(Math.abs(value - expected[i]!) <= SLACK, `${painted} is painted, expected ${expected}`),
  );
}
