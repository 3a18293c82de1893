/** The page as a window of `tegashiki pad`: it delivers finished formulas to the program that opened it. */

import type { Message } from "../parts/texts.ts";

/** The token by which the program knows its page, in the fragment of the address. */
const TOKEN = /^#pad=([\w-]+)$/;

/** What the page says of a formula, by where it is then. */
const DELIVERED: Readonly<Record<string, Message>> = {
  clipboard: ({ onClipboard }) => onClipboard,
  program: ({ handedOver }) => handedOver,
};

interface Answer {
  place?: string;
  error?: string;
}

export class Pad {
  private constructor(private readonly token: string) {}

  /** Return the program that opened the page, undefined if it is an ordinary page. */
  static find(): Pad | undefined {
    const token = TOKEN.exec(location.hash)?.[1];
    return token ? new Pad(token) : undefined;
  }

  /**
   * Tell the program that the page is open, for as long as it is.
   *
   * A program that was killed says no farewell: it has ended if the browser cannot connect again.
   *
   * @param ended Called when the program has ended. The browser may not let the page close its window.
   */
  stay(ended: () => void): void {
    const events = new EventSource(`pad/open?token=${this.token}`);
    const end = () => {
      events.close();
      ended();
    };
    let lost = false;
    events.addEventListener("open", () => {
      lost = false;
    });
    events.addEventListener("end", () => {
      end();
      window.close();
    });
    events.addEventListener("error", () => {
      if (lost || events.readyState === EventSource.CLOSED) end();
      lost = true;
    });
  }

  /**
   * Deliver a formula.
   *
   * @returns What has happened to it.
   * @throws Error The program cannot use the formula, or has ended.
   */
  async deliver(latex: string): Promise<Message> {
    const headers = { Authorization: `Bearer ${this.token}`, "Content-Type": "application/json" };
    const response = await fetch("pad/accept", { method: "POST", headers, body: JSON.stringify({ latex }) });
    const { place, error } = (await response.json()) as Answer;
    if (!response.ok) throw new Error(error ?? response.statusText);
    return DELIVERED[place!]!;
  }
}
