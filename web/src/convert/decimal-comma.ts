/** Numbers with a decimal comma: `3{,}14` in place of the reading 3.14 or 3,14. docs/convert.md has the rule. */

/** The comma of a number. Only what is offered and converted has this token; a model does not write it. */
export const DECIMAL_COMMA = "{,}";

const OPENING = new Set(["(", "[", "\\{", "\\langle", "\\lfloor", "\\lceil"]);
const CLOSING = new Set([")", "]", "\\}", "\\rangle", "\\rfloor", "\\rceil"]);

/**
 * Return the tokens of a formula whose numbers have decimal commas, undefined if it has no such numbers.
 *
 * @param tokens Canonical tokens, such as those of a candidate. A token of the result stands for that in its place.
 */
export function withDecimalCommas(tokens: readonly string[]): string[] | undefined {
  const separates = separating(tokens);
  const isDecimal = (i: number): boolean =>
    isMark(tokens, i) && isAlone(tokens, i) && (tokens[i] === "." || !separates[i]);
  const found = tokens.map((token, i) => (isDecimal(i) ? DECIMAL_COMMA : token));
  return found.includes(DECIMAL_COMMA) ? found : undefined;
}

/** Return for each token whether a comma there separates the parts of a list: within brackets and subscripts. */
function separating(tokens: readonly string[]): boolean[] {
  let brackets = 0;
  const groups: string[] = []; // what stands before each open group
  return tokens.map((token, i) => {
    brackets += Number(OPENING.has(token)) - Number(CLOSING.has(token));
    if (token === "{") groups.push(tokens[i - 1] ?? "");
    if (token === "}") groups.pop();
    return brackets !== 0 || groups.includes("_");
  });
}

/** Return whether a point or comma stands between digits. */
function isMark(tokens: readonly string[], i: number): boolean {
  return [".", ","].includes(tokens[i]!) && isDigit(tokens[i - 1]) && isDigit(tokens[i + 1]);
}

/** Return whether a mark is the only one of its number, and if it is a comma, whether none stands beside the number. */
function isAlone(tokens: readonly string[], i: number): boolean {
  const isPart = (j: number): boolean => isDigit(tokens[j]) || isMark(tokens, j);
  let [start, end] = [i, i + 1];
  while (isPart(start - 1)) start--;
  while (isPart(end)) end++;
  const others = tokens.slice(start, end).filter((token) => !isDigit(token)).length - 1;
  return others === 0 && (tokens[i] === "." || (tokens[start - 1] !== "," && tokens[end] !== ","));
}

function isDigit(token: string | undefined): boolean {
  return /^\d$/.test(token ?? "");
}
