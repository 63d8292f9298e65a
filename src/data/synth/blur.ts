/** Box blur by running sums: the work does not depend on the radius. Pure. */

/** Blurs a plane with a (2 radius + 1)-wide box along rows and columns, edges repeated; returns a new plane. */
export function boxBlur(plane: Float32Array, columns: number, rows: number, radius: number): Float32Array {
  if (radius < 1) return plane.slice();
  const across = new Float32Array(plane.length);
  for (let row = 0; row < rows; row++) runningMean(plane, across, row * columns, 1, columns, radius);
  const both = new Float32Array(plane.length);
  for (let column = 0; column < columns; column++) runningMean(across, both, column, columns, rows, radius);
  return both;
}

function runningMean(
  source: Float32Array,
  target: Float32Array,
  start: number,
  step: number,
  count: number,
  radius: number,
): void {
  const last = start + (count - 1) * step;
  const weight = 1 / (2 * radius + 1);
  let sum = source[start]! * (radius + 1);
  for (let i = 1; i <= radius; i++) sum += source[start + Math.min(i, count - 1) * step]!;
  for (let i = 0; i < count; i++) {
    target[start + i * step] = sum * weight;
    const entering = i + radius + 1 < count ? source[start + (i + radius + 1) * step]! : source[last]!;
    const leaving = i - radius > 0 ? source[start + (i - radius) * step]! : source[start]!;
    sum += entering - leaving;
  }
}
