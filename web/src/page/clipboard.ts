/** Copy to the clipboard and save files. */

import { t } from "./languages.ts";

/** Copy text. Pages that are not served over HTTPS have no clipboard API; for them a text area is copied. */
export async function copyText(text: string): Promise<void> {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.createElement("textarea");
  area.value = text;
  document.body.append(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  if (!copied) throw new Error(t("the browser does not allow the page to copy"));
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
