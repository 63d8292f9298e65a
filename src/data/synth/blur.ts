/** Box blur by running sums: the work does not depend on the radius. Pure. */

/** Blurs a plane with a (2 radius + 1)-wide box along rows and columns, edges repeated; returns a new plane. */
export function boxBlur(plane: Float32Array, columns: number, rows: number, radius: number): Float32Array {
  return radius < 1 ? plane.slice() : blurDown(blurAcross(plane, columns, rows, radius), columns, rows, radius);
}

function blurAcross(plane: Float32Array, columns: number, rows: number, radius: number): Float32Array {
  const result = new Float32Array(plane.length);
  const weight = 1 / (2 * radius + 1);
  for (let row = 0; row < rows; row++) {
    const start = row * columns;
    const last = columns - 1;
    let sum = plane[start]! * (radius + 1);
    for (let i = 1; i <= radius; i++) sum += plane[start + Math.min(i, last)]!;
    for (let i = 0; i < columns; i++) {
      result[start + i] = sum * weight;
      const entering = i + radius + 1;
      const leaving = i - radius;
      sum += plane[start + (entering < last ? entering : last)]! - plane[start + (leaving > 0 ? leaving : 0)]!;
    }
  }
  return result;
}

/** Row by row with a sum for each column, so that memory is read in its order. */
function blurDown(plane: Float32Array, columns: number, rows: number, radius: number): Float32Array {
  const result = new Float32Array(plane.length);
  const weight = 1 / (2 * radius + 1);
  const last = rows - 1;
  const sums = new Float64Array(columns);
  for (let i = -radius; i <= radius; i++) {
    const start = Math.min(Math.max(0, i), last) * columns;
    for (let column = 0; column < columns; column++) sums[column]! += plane[start + column]!;
  }
  for (let row = 0; row < rows; row++) {
    const entering = Math.min(row + radius + 1, last) * columns;
    const leaving = Math.max(row - radius, 0) * columns;
    for (let column = 0; column < columns; column++) {
      result[row * columns + column] = sums[column]! * weight;
      sums[column]! += plane[entering + column]! - plane[leaving + column]!;
    }
  }
  return result;
}
