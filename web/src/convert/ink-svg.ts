/** A picture of an ink in lines. */

const HEIGHT = 120; // of the picture, in SVG units (1/96 inch)
const PEN = 2; // width of a line, in the same units

/** Return an SVG picture of strokes of points [x, y], y downwards; every stroke is one black line. */
export function inkSvg(strokes: readonly (readonly (readonly [number, number])[])[]): string {
  const [x, y] = [0, 1].map((axis) => {
    const values = strokes.flatMap((stroke) => stroke.map((point) => point[axis]!));
    return { low: values.reduce((a, b) => Math.min(a, b)), high: values.reduce((a, b) => Math.max(a, b)) };
  }) as [{ low: number; high: number }, { low: number; high: number }];
  const [width, height] = [x.high - x.low, y.high - y.low];
  const scale = HEIGHT / Math.max(height, Math.max(width, height) / 8, 1e-9);
  const placed = (value: number, low: number) => ((value - low) * scale + 2 * PEN).toFixed(2);
  const lines = strokes.map((stroke) => {
    const points = stroke.map((point) => `${placed(point[0], x.low)},${placed(point[1], y.low)}`);
    return `<polyline points="${[...points, points.at(-1)].join(" ")}"/>`; // a repeated point shows a dot
  });
  const size = `width="${(width * scale + 4 * PEN).toFixed(2)}" height="${(height * scale + 4 * PEN).toFixed(2)}"`;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" ${size} fill="none" stroke="#000" ` +
    `stroke-width="${PEN}" stroke-linecap="round" stroke-linejoin="round">${lines.join("")}</svg>`
  );
}
