/** Decode the text of an InkML <trace> by its <traceFormat>. See docs/inkml.md, "Traces". */

/** Most numbers of a point without a declared format: x, y, time, pressure, a button and two angles. */
export const MAX_NUMBERS = 7;

/** A value with an optional prefix: a number, a hexadecimal number, or one of T F * ?. */
const VALUE = /([!'"]?)[ \t\r\n]*([-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?|-?#[0-9A-Fa-f]+|[TF*?])/y;

/** The meaning of a point's numbers. */
export interface TraceFormat {
  /** The columns of x and y. */
  columns: readonly [number, number];
  /** For x and y: -1 if the channel grows to the left or upwards, else 1. */
  signs: readonly [number, number];
  /** The units of x and y as written in the file, "" if none is given. */
  units: readonly [string, string];
  /** The largest number of values in a point. */
  allowed: number;
}

/** The default format. As the file does not declare it, points may have further values. */
export const XY: TraceFormat = { columns: [0, 1], signs: [1, 1], units: ["", ""], allowed: MAX_NUMBERS };

/** Read a <traceFormat>. */
export function readFormat(element: Element): TraceFormat {
  const children = [...element.children];
  // Drafts of InkML before the recommendation have <regularChannels>.
  const regular = children.flatMap((child) =>
    child.localName === "channel" ? [child] : child.localName === "regularChannels" ? [...child.children] : [],
  );
  const intermittent = children.filter(({ localName }) => localName === "intermittentChannels");
  const channels = [...regular, ...intermittent.flatMap((holder) => [...holder.children])];
  if (!channels.length) return XY;
  const names = channels.map((channel) => attribute(channel, "name").toUpperCase());
  const columns = ["X", "Y"].map((name) => {
    const count = names.slice(0, regular.length).filter((other) => other === name).length;
    if (count !== 1) throw new Error(`traceFormat: the channels are ${names.join(" ")}, expected X and Y once each`);
    return names.indexOf(name);
  });
  const both = (value: (channel: Element) => unknown) => columns.map((column) => value(channels[column]!));
  return {
    columns: columns as [number, number],
    signs: both((channel) => (attribute(channel, "orientation") === "-ve" ? -1 : 1)) as [number, number],
    units: both((channel) => attribute(channel, "units")) as [string, string],
    allowed: channels.length,
  };
}

/** The value of an attribute without surrounding white space, "" if the attribute is missing. */
export function attribute(element: Element, name: string): string {
  return (element.getAttribute(name) ?? "").trim();
}

/** Decode x and y of each point of a trace. An empty trace has no points. */
export function decodeTrace(text: string, format: TraceFormat): [number, number][] {
  const points = text.split(",");
  if (!points.at(-1)!.trim()) points.pop(); // the text ends with a comma
  const decoder = new Decoder();
  let count = 0;
  const least = Math.max(...format.columns) + 1;
  const found = points.map((point, index): [number, number] => {
    const row = decoder.row(point, index);
    const shown = `'${point.slice(0, 40)}'`;
    if (row.length < least || row.length > format.allowed) {
      const wanted = `${least} to ${format.allowed}; points are parted by commas`;
      throw new Error(`point ${index} has ${row.length} numbers, expected ${wanted}: ${shown}`);
    }
    const [x, y] = format.columns.map((column) => row[column]);
    if (x === undefined || y === undefined) throw new Error(`point ${index} has no x or no y: ${shown}`);
    count = row.length;
    return [format.signs[0] * x, format.signs[1] * y];
  });
  if (found.length === 1 && format.allowed === MAX_NUMBERS && hasLinesOfPoints(points[0]!, count)) {
    const wanted = "if these are several points, part them by commas; if it is one, write it in one line";
    throw new Error(`point 0 has ${count} numbers in several lines; ${wanted}: '${points[0]!.slice(0, 40)}'`);
  }
  return found;
}

/** Whether a point may be several points x y whose lines have no commas. */
function hasLinesOfPoints(point: string, numbers: number): boolean {
  return numbers > 3 && numbers % 2 === 0 && point.trim().includes("\n");
}

/** Decode prefixed numbers: `!` marks values, `'` first differences and `"` second differences. */
class Decoder {
  /** State of each column: the current prefix, the last value and the last difference. */
  private readonly orders: string[] = [];
  private readonly values: (number | undefined)[] = [];
  private readonly speeds: number[] = [];

  /** Decode the values of one point; undefined for `?`, T and F. */
  row(point: string, index: number): (number | undefined)[] {
    return split(point, index).map(([prefix, value], column) => {
      const order = prefix || (this.orders[column] ?? "!");
      this.orders[column] = order;
      if ("TF?".includes(value)) return undefined;
      const last = this.values[column];
      if (last === undefined && (order !== "!" || value === "*")) {
        throw new Error(`point ${index} refers to a point before it that is not there: '${point.slice(0, 40)}'`);
      }
      const found = decoded(order, value, last ?? 0, this.speeds[column] ?? 0);
      this.speeds[column] = last === undefined ? 0 : found - last;
      this.values[column] = found;
      return found;
    });
  }
}

function decoded(order: string, value: string, last: number, speed: number): number {
  if (value === "*") return last;
  const read = number(value);
  return order === "!" ? read : order === "'" ? last + read : last + speed + read;
}

function split(point: string, index: number): [string, string][] {
  const found: [string, string][] = [];
  const text = point.trim();
  for (let position = 0; position < text.length; ) {
    VALUE.lastIndex = position;
    const match = VALUE.exec(text);
    if (!match) throw new Error(`point ${index} is not a list of numbers: '${text.slice(position, position + 40)}'`);
    found.push([match[1]!, match[2]!]);
    position = VALUE.lastIndex;
    while (position < text.length && !text[position]!.trim()) position++;
  }
  return found;
}

function number(text: string): number {
  const [sign, digits] = text.startsWith("-") ? [-1, text.slice(1)] : [1, text];
  return sign * (digits.startsWith("#") ? parseInt(digits.slice(1, 65), 16) : Number(digits));
}
