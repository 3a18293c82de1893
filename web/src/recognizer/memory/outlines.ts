/**
 * Short versions of keys, which rule out most of the distant keys quickly.
 *
 * An outline is the projection of a key onto a few orthonormal axes, followed by the length of the remainder. The product
 * of two outlines is at least the cosine of the vectors, so a key with a small product is distant. The axes follow the
 * keys roughly, by a few power iterations. They affect the speed, but not the result.
 */

const AXES = 31; // one less than a multiple of four
const ROUNDS = 3; // power iterations
const SAMPLE = 400; // keys, at most twice as many, to which the axes are fitted
const ROUNDING = 1e-4; // larger than the rounding error of a product of outlines

export class Outlines {
  private readonly axes: readonly Float64Array[];
  /** (N, AXES + 1), row by row; of double precision, because conversions would cost more than the larger arrays. */
  private readonly outlines: Float64Array;
  private readonly count: number;

  /**
   * @param units (N, D), keys of length 1, row by row.
   * @param width D.
   */
  constructor(
    units: Float32Array,
    private readonly width: number,
  ) {
    this.count = units.length / width;
    this.axes = principalAxes(units, width);
    this.outlines = new Float64Array(this.count * (AXES + 1));
    for (let key = 0; key < this.count; key++) {
      this.outlines.set(this.outline(units.subarray(key * width, (key + 1) * width)), key * (AXES + 1));
    }
  }

  /** Return the ascending indices of the keys whose cosine with a vector (D) of length 1 may be at least `least`. */
  near(unit: Float32Array, least: number): number[] {
    const [own, { outlines }] = [this.outline(unit), this];
    const found: number[] = [];
    for (let key = 0, place = 0; key < this.count; key++) {
      let [a, b, c, d] = [0, 0, 0, 0]; // four sums, because each addition waits for the one before it
      for (let i = 0; i <= AXES; i += 4, place += 4) {
        a += own[i]! * outlines[place]!;
        b += own[i + 1]! * outlines[place + 1]!;
        c += own[i + 2]! * outlines[place + 2]!;
        d += own[i + 3]! * outlines[place + 3]!;
      }
      if (a + b + c + d >= least - ROUNDING) found.push(key);
    }
    return found;
  }

  private outline(unit: Float32Array): Float64Array {
    const outline = new Float64Array(AXES + 1);
    let rest = 1;
    this.axes.forEach((axis, i) => {
      let along = 0;
      for (let j = 0; j < this.width; j++) along += axis[j]! * unit[j]!;
      outline[i] = along;
      rest -= along * along;
    });
    outline[AXES] = Math.sqrt(Math.max(rest, 0));
    return outline;
  }
}

/** Return AXES, or at most D, orthonormal vectors (D) that are close to the principal axes of vectors. */
function principalAxes(units: Float32Array, width: number): Float64Array[] {
  const step = width * Math.max(1, Math.floor(units.length / width / SAMPLE));
  const products = outerProducts(units, width, step);
  let axes: Float64Array[] = Array.from({ length: Math.min(AXES, width) }, (_, i) =>
    products.slice(i * width, (i + 1) * width),
  );
  for (let round = 0; round < ROUNDS; round++) {
    axes = orthonormal(axes.map((axis) => times(products, axis)));
  }
  return axes;
}

/** The sum (D, D) of the outer products with themselves of the vectors at multiples of `step`. */
function outerProducts(units: Float32Array, width: number, step: number): Float64Array {
  const sums = new Float64Array(width * width);
  for (let start = 0; start < units.length; start += step) {
    for (let i = 0; i < width; i++) {
      const value = units[start + i]!;
      for (let j = 0; j < width; j++) sums[i * width + j]! += value * units[start + j]!;
    }
  }
  return sums;
}

function times(matrix: Float64Array, vector: Float64Array): Float64Array {
  return vector.map((_, row) => {
    let sum = 0;
    for (let i = 0; i < vector.length; i++) sum += matrix[row * vector.length + i]! * vector[i]!;
    return sum;
  });
}

/** Make vectors orthonormal, one after another. A vector that depends on those before it becomes zero. */
function orthonormal(vectors: readonly Float64Array[]): Float64Array[] {
  const axes: Float64Array[] = [];
  for (const vector of vectors) {
    const left = vector.slice();
    // Twice, because rounding leaves a part of the first projections.
    for (const axis of [...axes, ...axes]) {
      const along = axis.reduce((sum, value, i) => sum + value * left[i]!, 0);
      for (let i = 0; i < left.length; i++) left[i]! -= along * axis[i]!;
    }
    const length = Math.hypot(...left);
    const scale = length > 1e-9 * Math.hypot(...vector) ? 1 / length : 0;
    axes.push(left.map((value) => value * scale));
  }
  return axes;
}
