/** A picture of an ink in lines. */
/** Return an SVG picture of strokes of points [x, y], y downwards; every stroke is one black line. */
export declare function inkSvg(strokes: readonly (readonly (readonly [number, number])[])[]): string;
