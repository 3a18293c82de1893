/** Answer formulas in a worker, which the page ends when one takes too long. */

import { answer } from "./answer.ts";

const page = self as unknown as {
  onmessage: (event: MessageEvent<readonly string[]>) => void;
  postMessage(found: string | undefined): void;
};

page.onmessage = ({ data: tokens }) => page.postMessage(answer(tokens));
