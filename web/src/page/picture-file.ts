/** Find the handwriting in the file of a picture. */

import { type Message, UserError } from "../parts/texts.ts";
import type { Traced } from "../pictures/picture.ts";
import type { Reason } from "../pictures/untraceable.ts";
import type { Answer } from "../pictures/worker.ts";

const MAX_BYTES = 32 * 2 ** 20;
const MAX_PIXELS = 50_000_000;
const MAX_SIDE = 30_000; // pixels

/** A picture and the strokes in it, in pixels of the upright picture. */
export interface Handwriting extends Traced {
  readonly columns: number;
  readonly rows: number;
}

/** Whether a file is a picture, maybe one of a kind that the browser does not know. */
export function isPicture({ type, name }: File): boolean {
  return type.startsWith("image/") || /\.(heic|heif|avif|tiff?|bmp)$/i.test(name);
}

/**
 * Find the strokes in a picture. The file stays in the browser.
 *
 * @param address URL of the file.
 * @param script URL of the worker's script.
 * @param signal Its abort ends the work.
 * @throws UserError The picture is too large, cannot be read, or has no handwriting.
 * @throws The signal's reason, if the signal aborts.
 */
export async function findHandwriting(
  file: File,
  address: string,
  script: string,
  signal: AbortSignal,
): Promise<Handwriting> {
  if (file.size > MAX_BYTES) throw new UserError((texts) => texts.manyBytes(file.size, MAX_BYTES));
  const { naturalWidth: columns, naturalHeight: rows } = await opened(address);
  signal.throwIfAborted();
  if (columns * rows > MAX_PIXELS) throw new UserError((texts) => texts.manyPixels(columns, rows, MAX_PIXELS));
  if (Math.max(columns, rows) > MAX_SIDE) throw new UserError((texts) => texts.longSide(columns, rows, MAX_SIDE));
  const answer = await asked(script, file, signal);
  if (answer.kind === "refused") throw new UserError(said(answer.reason));
  return { ...answer.traced, columns, rows };
}

/** Read the size of a picture, before it is decoded. */
function opened(address: string): Promise<HTMLImageElement> {
  const image = new Image();
  return new Promise((resolve, reject) => {
    image.onload = () => resolve(image);
    image.onerror = () => reject(new UserError(said({ kind: "unreadable" })));
    image.src = address;
  });
}

/** Start a worker, and end it after its answer: it would keep the memory that a picture takes. */
function asked(script: string, file: File, signal: AbortSignal): Promise<Answer> {
  const worker = new Worker(script);
  const answer = new Promise<Answer>((resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason as Error));
    worker.onmessage = ({ data }: MessageEvent<Answer>) => resolve(data);
    worker.onerror = (event) => {
      event.preventDefault();
      reject(new UserError((texts) => texts.pictureStopped(event.message || texts.noReason)));
    };
    worker.postMessage(file);
  });
  return answer.finally(() => worker.terminate());
}

function said(reason: Reason): Message {
  if (reason.kind === "unreadable") return ({ unreadablePicture }) => unreadablePicture;
  if (reason.kind === "inkless") return ({ noInk }) => noInk;
  if (reason.kind === "dense") return ({ muchInk }) => muchInk;
  return (texts) => texts.manyStrokes(reason.count, reason.limit);
}
