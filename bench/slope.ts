/** A trend over time with its 95 % interval, honest about values that hang together. Pure. */

export interface Slope {
  /** Change of y for each unit of x. */
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
  readonly points: number;
}

/**
 * Least squares. Neighbours in time are alike (the garbage collector's saw-tooth), so the standard error is widened for
 * the residuals' correlation r at lag 1: n (1 - r) / (1 + r) values count, at least 3 (Bartlett 1946).
 * @param points at least 4
 */
export function slopeOf(points: readonly { readonly x: number; readonly y: number }[]): Slope {
  const n = points.length;
  const meanX = points.reduce((sum, { x }) => sum + x, 0) / n;
  const meanY = points.reduce((sum, { y }) => sum + y, 0) / n;
  const sumXX = points.reduce((sum, { x }) => sum + (x - meanX) ** 2, 0);
  const estimate = points.reduce((sum, { x, y }) => sum + (x - meanX) * (y - meanY), 0) / sumXX;
  const residuals = points.map(({ x, y }) => y - meanY - estimate * (x - meanX));
  const squares = residuals.reduce((sum, value) => sum + value ** 2, 0);
  const products = residuals.slice(1).reduce((sum, value, i) => sum + value * residuals[i]!, 0);
  const r = squares > 0 ? Math.min(0.95, Math.max(0, products / squares)) : 0;
  const counted = Math.max(3, (n * (1 - r)) / (1 + r));
  const standardError = Math.sqrt(squares / (counted - 2) / ((sumXX * counted) / n));
  const half = studentQuantile(counted - 2) * standardError;
  return { estimate, low: estimate - half, high: estimate + half, points: n };
}

/** Two-sided 95 % quantiles of Student's t by degrees of freedom from 1 on; between and beyond, the next lower one. */
const table = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11,
  2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042,
];

function studentQuantile(degrees: number): number {
  return table[Math.min(table.length, Math.max(1, Math.floor(degrees))) - 1]!;
}
