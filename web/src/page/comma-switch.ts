/** The switch that offers decimal commas: on where they are the custom, until the user decides otherwise. */

import { hasDecimalComma } from "../parts/decimal-commas.ts";
import { element } from "./element.ts";
import { languageTag } from "./language.ts";
import { keep, kept } from "./settings.ts";

const KEY = "tegashiki.decimal-comma";

export class CommaSwitch {
  private readonly box = element<HTMLInputElement>("decimal-comma");

  /** @param changed Called when the user has switched it. */
  constructor(changed: () => void) {
    this.box.addEventListener("change", () => {
      keep(KEY, this.on ? "on" : "off");
      changed();
    });
    this.follow();
  }

  get on(): boolean {
    return this.box.checked;
  }

  /** Follow the language of the page, unless the user has decided. */
  follow(): void {
    this.box.checked = (kept(KEY) ?? (hasDecimalComma(languageTag()) ? "on" : "off")) === "on";
  }
}
