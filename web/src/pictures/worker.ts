/** Find the handwriting in one picture, in a worker of its own, so that the page goes on meanwhile. */

import type { Bitmap } from "./grey.ts";
import { type Traced, tracePicture } from "./picture.ts";
import { type Reason, Untraceable } from "./untraceable.ts";

/** What the worker answers to the file of a picture. */
export type Answer = { kind: "traced"; traced: Traced } | { kind: "refused"; reason: Reason };

const MAX_DRAWN = 16_777_216; // pixels of the largest canvas of phones; a larger picture is drawn smaller

const page = self as unknown as { onmessage: (event: MessageEvent<Blob>) => void; postMessage(answer: Answer): void };

page.onmessage = ({ data: file }) => {
  void answer(file).then((found) => page.postMessage(found));
};

// The page does not see unhandled rejections, such as for want of memory.
self.addEventListener("unhandledrejection", (event) => {
  event.preventDefault();
  reportError(event.reason);
});

async function answer(file: Blob): Promise<Answer> {
  try {
    return { kind: "traced", traced: scaled(await decode(file)) };
  } catch (error) {
    if (error instanceof Untraceable) return { kind: "refused", reason: error.reason };
    throw error;
  }
}

function scaled({ bitmap, scale }: { bitmap: Bitmap; scale: number }): Traced {
  const { lines, width } = tracePicture(bitmap);
  if (scale === 1) return { lines, width };
  const larger = lines.map((line) => line.map((stroke) => stroke.map(([x, y]) => [x * scale, y * scale] as const)));
  return { lines: larger, width: width * scale };
}

/** Decode a picture upright, and tell the width of its pixels in pixels of the file. */
async function decode(file: Blob): Promise<{ bitmap: Bitmap; scale: number }> {
  const image = await createImageBitmap(file).catch(() => {
    throw new Untraceable({ kind: "unreadable" });
  });
  const scale = Math.max(1, Math.sqrt((image.width * image.height) / MAX_DRAWN));
  const [width, height] = [image.width, image.height].map((size) => Math.max(1, Math.floor(size / scale)));
  const context = new OffscreenCanvas(width!, height!).getContext("2d", { willReadFrequently: true })!;
  context.drawImage(image, 0, 0, width!, height!);
  image.close();
  return { bitmap: context.getImageData(0, 0, width!, height!), scale };
}
