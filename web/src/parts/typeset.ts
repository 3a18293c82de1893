/** Convert formulas to HTML, MathML and pictures. */

import katex from "katex";
import type { Candidate } from "../recognizer/recognizer.ts";
import { marked } from "./marked.ts";
import { UserError } from "./texts.ts";

const PICTURE_SIZE = 48; // pixels, font size of PNG pictures
const PICTURE_MARGIN = 16; // pixels around the formula

/** Return HTML of a candidate. The attribute `data-t` of an element is the index of its token. */
export function formulaHtml({ tokens, strokesOfToken }: Candidate): string {
  return html(marked(tokens, strokesOfToken));
}

/** Return HTML of LaTeX. */
export function html(latex: string): string {
  const trust = ({ command }: { command: string }) => command === "\\htmlData";
  return katex.renderToString(latex, {
    displayMode: true,
    output: "html",
    throwOnError: false,
    strict: "ignore",
    trust,
  });
}

/** Return the `<math>` element of LaTeX. */
export function mathml(latex: string): string {
  const text = katex.renderToString(latex, {
    displayMode: true,
    output: "mathml",
    throwOnError: false,
    strict: "ignore",
  });
  return /<math.*<\/math>/s.exec(text)![0];
}

/** Return a PNG picture of LaTeX, black on white. The browser draws it from an SVG with embedded fonts. */
export async function png(latex: string): Promise<Blob> {
  const box = document.createElement("div");
  box.style.cssText = `position: absolute; width: max-content; padding: ${PICTURE_MARGIN}px; font-size: ${PICTURE_SIZE}px`;
  box.innerHTML = html(latex);
  document.body.append(box);
  const { width, height } = box.getBoundingClientRect();
  box.remove();
  box.style.cssText += "; position: static; background: white; color: black";
  const style = document.createElement("style");
  style.textContent = fontsAndFormulas();
  const inner = [style, box].map((element) => new XMLSerializer().serializeToString(element)).join("");
  const size = `width="${Math.ceil(width)}" height="${Math.ceil(height)}"`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" ${size}><foreignObject ${size}>${inner}</foreignObject></svg>`;
  return drawn(`data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`);
}

async function drawn(address: string): Promise<Blob> {
  const image = new Image();
  image.src = address;
  await image.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [image.width, image.height];
  canvas.getContext("2d")!.drawImage(image, 0, 0);
  return new Promise((resolve, reject) => {
    canvas.toBlob(
      (blob) => (blob ? resolve(blob) : reject(new UserError(({ cannotDraw }) => cannotDraw))),
      "image/png",
    );
  });
}

/** The rules of the page's style sheets that formulas need. The fonts are embedded in them. */
function fontsAndFormulas(): string {
  const rules = [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules]).map((rule) => rule.cssText);
  return rules.filter((rule) => rule.startsWith("@font-face") || rule.includes(".katex")).join("\n");
}
