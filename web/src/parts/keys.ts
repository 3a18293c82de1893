/** Names of keys, for tables of shortcuts. */

/** Return a name such as "control shift z" or "enter". The command key of a Mac counts as Control. */
export function keyName({ key, ctrlKey, metaKey, shiftKey }: KeyboardEvent): string {
  const control = ctrlKey || metaKey ? "control " : "";
  return `${control}${control && shiftKey ? "shift " : ""}${key.toLowerCase()}`;
}
