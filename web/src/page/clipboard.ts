/** Copy to the clipboard and save files. */

import { UserError } from "../parts/texts.ts";

/** Copy text. Pages that are not served over HTTPS have no clipboard API; for them a text area is copied. */
export async function copyText(text: string): Promise<void> {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.createElement("textarea");
  area.value = text;
  document.body.append(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  if (!copied) throw new UserError(({ cannotCopy }) => cannotCopy);
}

/**
 * Copy HTML and a text for programs that do not read it.
 *
 * The clipboard API drops comments, which Word needs, but what a copy event sets is kept as it is.
 */
export function copyHtml(html: string, text: string): void {
  const fill = (event: ClipboardEvent) => {
    event.clipboardData!.setData("text/html", html);
    event.clipboardData!.setData("text/plain", text);
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  document.addEventListener("copy", fill, { capture: true });
  const copied = document.execCommand("copy");
  document.removeEventListener("copy", fill, { capture: true });
  if (!copied) throw new UserError(({ cannotCopy }) => cannotCopy);
}

/** Copy a picture, or save it as a file where the browser cannot copy pictures. Returns which of the two happened. */
export async function copyPicture(picture: Promise<Blob>): Promise<"copied" | "saved"> {
  try {
    await navigator.clipboard.write([new ClipboardItem({ "image/png": picture })]);
    return "copied";
  } catch {
    save(await picture, "formula.png");
    return "saved";
  }
}

/** Download content as a file. */
export function save(content: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
