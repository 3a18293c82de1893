/** InkML contexts: what the numbers of a <trace> mean (docs/inkml.md, "Formats and contexts", "Units", "The canvas"). */

import { attribute, decodeTrace, readFormat, type TraceFormat, XY } from "./trace.ts";

/** The affine map x' = a x + b y + c, y' = d x + e y + f. */
type Affine = readonly [number, number, number, number, number, number];

/** The size of one step of a channel, in metres if the unit is a unit of length. */
export interface Step {
  size: number;
  unit: string;
}

/** The properties that a context sets. Undefined properties are inherited. */
export interface Context {
  format?: TraceFormat | undefined;
  /** Steps of X and Y, from the resolution of the device. */
  steps?: readonly [Step, Step] | undefined;
  /** Maps coordinates of a trace to coordinates of the canvas. */
  transform?: Affine | undefined;
  /** Format of the canvas. */
  canvas?: TraceFormat | undefined;
}

const IDENTITY: Affine = [1, 0, 0, 0, 1, 0];
/** Names that InkML defines for every file. */
const DEFAULTS = ["DefaultContext", "DefaultTraceFormat", "DefaultInkSource"];
const METRES: ReadonlyMap<string, number> = new Map(
  (
    [
      [1, "m meter meters metre metres"],
      [0.1, "dm decimeter decimeters decimetre decimetres"],
      [1e-2, "cm centimeter centimeters centimetre centimetres"],
      [1e-3, "mm millimeter millimeters millimetre millimetres"],
      [1e-6, "um micrometer micrometers micrometre micrometres micron microns"],
      [0.0254, "in inch inches"],
      [0.0254 / 72, "pt point points"],
      [0.0254 / 6, "pc pica picas"],
      [0.0254 / 96, "px pixel pixels"],
      [1e-5, "himetric"],
    ] as const
  ).flatMap(([metres, names]) => names.split(" ").map((name): [string, number] => [name, metres])),
);
/** Lengths that are also names of a step, as in points per inch. */
const COUNTED = ["pt", "point", "points", "px", "pixel", "pixels"];
/** A unit such as 1/in or points per inch, also with the wrong slash of 1\in. */
const RATIO = /^(.*?)(?:[/\\]|\bper\b)(.*)$/is;
/** A unit such as in^-1. */
const INVERSE = /^(?:.*\s)?(\S+?)\s*(?:(?:\^|\*\*)?\s*\(?\s*[-\u2212]\s*1\s*\)?|\u207b\u00b9)$/s;
/** A unit such as dpi, ppcm or lpmm. */
const PER_LENGTH = /^[cdlps]p(i|in|cm|mm)$/i;
const NUMBER = /^[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?$/;
/** In metres. No digitizer has steps this long. */
const LONG_STEP = 0.01;
/** Largest resolution accepted; its inverse is the smallest one. Other values are ignored. */
const MAX_RESOLUTION = 1e12;
/** Characters of a resolution's unit that are read. */
const MAX_UNIT = 100;

/** Fill the undefined properties of a context from a base context. */
export function over(context: Context, base: Context): Context {
  return {
    format: context.format ?? base.format,
    steps: context.steps ?? base.steps,
    transform: context.transform ?? base.transform,
    canvas: context.canvas ?? base.canvas,
  };
}

/** Decode the text of a trace. Returns points in drawing coordinates: y grows downwards and has the unit of x. */
export function pointsIn(context: Context, text: string): [number, number][] {
  const format = context.format ?? XY;
  const steps = stepsOf(context);
  const ratio = steps ? relative(steps[1], steps[0]) : 1;
  const transform = drawnBy(context);
  if (!transform) return decodeTrace(text, format).map(([x, y]) => [x, y * ratio]);
  const [a, b, c, d, e, f] = transform;
  const [right, down] = (context.canvas ?? XY).signs;
  return decodeTrace(text, { ...format, signs: [1, 1] }).map(([x, y]) => [
    right * (a * x + b * y + c),
    down * ratio * (d * x + e * y + f),
  ]);
}

/** The size of one unit of the x of `pointsIn`, undefined if the file does not state it. */
export function stepOf(context: Context): Step | undefined {
  return stepsOf(context)?.[0];
}

/** The ratio of two steps, 1 if their units cannot be compared. */
export function relative(step: Step, other: Step): number {
  // Round to twelve digits, so that 10 steps per mm and 100 steps per cm are equal in spite of rounding errors.
  return step.unit === other.unit ? Number((step.size / other.size).toExponential(11)) : 1;
}

/** The mapping of traces onto the canvas, undefined if there is none or it is the identity. */
function drawnBy({ transform }: Context): Affine | undefined {
  return transform?.some((value, i) => value !== IDENTITY[i]) ? transform : undefined;
}

function stepsOf(context: Context): readonly [Step, Step] | undefined {
  if (drawnBy(context)) return unitSteps(context.canvas ?? XY);
  return context.steps ?? unitSteps(context.format ?? XY);
}

/** The steps of channels whose values are given in the channels' units. */
function unitSteps({ units: [x, y] }: TraceFormat): readonly [Step, Step] | undefined {
  return x && y ? [lengthOf(1, x), lengthOf(1, y)] : undefined;
}

function lengthOf(size: number, unit: string): Step {
  const metres = METRES.get(unitName(unit));
  return metres === undefined ? { size, unit } : { size: size * metres, unit: "m" };
}

/** Read the steps of an <inkSource> from the resolutions of X and Y, undefined unless both are given. */
function readSteps(source: Element, format: TraceFormat | undefined): readonly [Step, Step] | undefined {
  const properties = [...source.children]
    .flatMap((child) => (child.localName === "channelProperties" ? [...child.children] : [child]))
    .filter(({ localName }) => localName === "channelProperty")
    .filter((element) => attribute(element, "name").toLowerCase() === "resolution");
  const [x, y] = ["X", "Y"].map((name, axis) => {
    const own = properties.filter((element) => attribute(element, "channel").toUpperCase() === name);
    const unit = format?.units[axis] ?? "";
    return own
      .map((element) =>
        resolutionFrom(attribute(element, "value"), attribute(element, "units").slice(0, MAX_UNIT), unit),
      )
      .find(Boolean);
  });
  if (!x || !y) return undefined;
  // The file left out the "1/", for both channels: 10 mm is too long for a step, so 5 mm is not the length of one.
  const inverted = [x, y].some((one) => !one.perUnit && lengthOf(one.value, one.unit).size >= LONG_STEP);
  const stepIn = ({ value, unit, perUnit }: Resolution) => lengthOf(perUnit || inverted ? 1 / value : value, unit);
  return [stepIn(x), stepIn(y)];
}

/** The resolution of one channel. */
interface Resolution {
  value: number;
  /** A length, or anything in which steps are counted. */
  unit: string;
  /** True for a number of steps per unit, false for the length of a step, which may have lost its "1/". */
  perUnit: boolean;
}

/** Read a resolution such as 1000 1/cm or 0.1 mm, undefined if it is not a positive number or its unit is unknown. */
function resolutionFrom(text: string, unit: string, channelUnit: string): Resolution | undefined {
  const parts = text.split("/").map((part) => part.trim());
  if (parts.length > 2 || !parts.every((part) => NUMBER.test(part))) return undefined;
  const [number, divisor = 1] = parts.map(Number) as [number, number?];
  if (![number, divisor].every((one) => one >= 1 / MAX_RESOLUTION && one <= MAX_RESOLUTION)) return undefined;
  const value = number / divisor;
  if (!unit) return { value, unit: channelUnit, perUnit: true };
  const length = PER_LENGTH.exec(unit)?.[1];
  if (length) return { value, unit: length.toLowerCase() === "i" ? "in" : length, perUnit: true };
  const ratio = RATIO.exec(unit);
  if (ratio) return resolutionIn(value, ratio[1]!.trim(), ratio[2]!.trim());
  const inverse = INVERSE.exec(unit)?.[1];
  if (inverse) return { value, unit: inverse, perUnit: true };
  return METRES.has(unitName(unit)) ? { value, unit, perUnit: false } : undefined;
}

/** A resolution in `unit` per `other`: steps per length, such as dots/in, or lengths per step, such as mm/dot. */
function resolutionIn(value: number, unit: string, other: string): Resolution {
  const isLength = (name: string) => METRES.has(unitName(name)) && !COUNTED.includes(unitName(name));
  return isLength(unit) && !isLength(other) ? { value, unit, perUnit: false } : { value, unit: other, perUnit: true };
}

/** The unit in small letters, without a final dot and with u for the micro sign or the Greek letter. */
function unitName(unit: string): string {
  return unit
    .toLowerCase()
    .replace(/[\u00b5\u03bc]/g, "u")
    .replace(/\.$/, "");
}

/** Read the matrix of a <mapping>, undefined if this kind of mapping is not supported. */
function readMapping(mapping: Element): Affine | undefined {
  if (attribute(mapping, "type") === "identity") return IDENTITY;
  const matrix = [...mapping.children].find(({ localName }) => localName === "affine");
  const numbers = (matrix?.textContent ?? "").split(/[ \t\r\n,]+/).filter(Boolean);
  if (numbers.length !== 6 || !numbers.every((one) => NUMBER.test(one))) return undefined;
  const affine = numbers.map(Number) as unknown as Affine;
  const area = affine[0] * affine[4] - affine[1] * affine[3];
  if (area === 0 || !Number.isFinite(area)) {
    throw new Error(
      `the mapping ${numbers.join(" ").slice(0, 80)} leaves nothing of the ink: give one with an inverse`,
    );
  }
  return affine;
}

/** All descendants with a name, in document order. */
function inside(element: Element, name: string): Element[] {
  return [...element.getElementsByTagNameNS("*", name)];
}

/** Read the contexts of one document. */
export class ContextReader {
  /** The context of traces that name none: what all formats and all ink sources of the document agree on. */
  readonly initial: Context;
  private readonly known = new Map<Element, Context>();
  private readonly formats = new Map<Element, TraceFormat | undefined>();

  /** @param target Return the element that a reference names. */
  constructor(
    root: Element,
    private readonly target: (reference: string | null) => Element | undefined,
  ) {
    const elements = inside(root, "traceFormat").filter((element) => !element.closest("*|canvas"));
    const formats = elements.flatMap((element) => {
      try {
        return [readFormat(element)];
      } catch (error) {
        if (elements.length === 1) throw error; // one of several formats may belong to an unused source
        return [];
      }
    });
    const format = agreed(formats);
    this.initial = { format, steps: agreed(inside(root, "inkSource").map((source) => readSteps(source, format))) };
  }

  /** The context that an element defines, with everything it inherits. The element may be any that a contextRef names. */
  of(element: Element): Context {
    const chain = new Set<Element>();
    let current: Element | undefined = element;
    let reference: string | null = null;
    while (current && current.localName === "context" && !this.known.has(current)) {
      if (chain.has(current))
        throw new Error("contexts refer to each other in a circle, expected one that refers to none");
      chain.add(current);
      reference = current.getAttribute("contextRef");
      current = this.target(reference);
    }
    let base = current ? (this.known.get(current) ?? this.source(current)) : byDefault(reference);
    for (const context of [...chain].reverse()) {
      base = over(this.own(context), base);
      this.known.set(context, base);
    }
    return base;
  }

  /** The context that a contextRef names, empty if the reference has no target. */
  read(reference: string | null): Context {
    const element = this.target(reference);
    return element ? this.of(element) : byDefault(reference);
  }

  /** The properties that a <context> sets itself, by its children or its references. */
  private own(context: Element): Context {
    const part = (name: string): Element | undefined =>
      [...context.children].find(({ localName }) => localName === name) ??
      this.target(context.getAttribute(`${name}Ref`));
    const format = this.format(part("traceFormat")) ?? byDefault(context.getAttribute("traceFormatRef")).format;
    const own = { format, transform: this.transform(part("canvasTransform")), canvas: this.format(part("canvas")) };
    const source = part("inkSource");
    return source ? over(own, this.source(source)) : own;
  }

  /** The properties that an <inkSource> sets, or another element that a reference names in its place. */
  private source(element: Element): Context {
    const known = this.known.get(element);
    if (known) return known;
    const format = this.format(element);
    const found = { format, steps: readSteps(element, format) };
    this.known.set(element, found);
    return found;
  }

  /** The format in an element, which may be the <traceFormat> itself. */
  private format(holder: Element | undefined): TraceFormat | undefined {
    if (!holder) return undefined;
    if (!this.formats.has(holder)) {
      const found = holder.localName === "traceFormat" ? holder : inside(holder, "traceFormat")[0];
      this.formats.set(holder, found && readFormat(found));
    }
    return this.formats.get(holder);
  }

  /** The mapping of a <canvasTransform>. A second mapping would be the inverse. */
  private transform(element: Element | undefined): Affine | undefined {
    const mapping = element && (element.localName === "mapping" ? element : inside(element, "mapping")[0]);
    return mapping && readMapping(this.target(mapping.getAttribute("mappingRef")) ?? mapping);
  }
}

function byDefault(reference: string | null): Context {
  return DEFAULTS.includes((reference ?? "").trim().replace(/^#/, "")) ? { format: XY } : {};
}

/** The value that all values are equal to, undefined if they differ. */
function agreed<T>(values: readonly T[]): T | undefined {
  const different = new Set(values.map((value) => JSON.stringify(value)));
  return different.size === 1 ? values[0] : undefined;
}
