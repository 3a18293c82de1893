/** Rounding as in Python. */

/** Round to the nearest whole number, halves to the even one. */
export function rounded(value: number): number {
  const low = Math.floor(value);
  const rest = value - low;
  if (rest === 0.5) return low % 2 ? low + 1 : low;
  return rest < 0.5 ? low : low + 1;
}
