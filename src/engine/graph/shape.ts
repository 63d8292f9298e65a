/**
 * Shapes with symbolic dimensions. A dimension is a number, a symbol ("N", the batch) or a product of a number and
 * symbols in canonical form ("49*N"), so that activations can be laid out as rows [49*N, C] and back.
 */

export type Dim = number | string;
export type Shape = readonly Dim[];

/** A number and the symbols that it is multiplied by, sorted. */
interface Product {
  readonly factor: number;
  readonly symbols: readonly string[];
}

const dimPattern = /^([1-9]\d*\*)?[A-Za-z_]\w*(\*[A-Za-z_]\w*)*$/;

/** True for a whole number >= 0, or a symbol or product of symbols in the form "49*N". */
export function isDim(dim: unknown): dim is Dim {
  return typeof dim === "number"
    ? Number.isSafeInteger(dim) && dim >= 0
    : typeof dim === "string" && dimPattern.test(dim);
}

/** Shape as text, for messages: "[N,3,224,224]". */
export function renderShape(shape: Shape): string {
  return `[${shape.join(",")}]`;
}

/** True if both shapes are provably the same. */
export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dim, axis) => dim === b[axis]);
}

/** The shape as numbers, or null if a dimension is symbolic. */
export function staticDims(shape: Shape): readonly number[] | null {
  return shape.every((dim) => typeof dim === "number") ? shape : null;
}

/** Product of dimensions; 1 for none. */
export function multiplyDims(dims: Shape): Dim {
  let factor = 1;
  const symbols: string[] = [];
  for (const dim of dims) {
    const product = parseDim(dim);
    factor *= product.factor;
    symbols.push(...product.symbols);
  }
  return renderDim({ factor, symbols });
}

/** `a / b` if that divides exactly whatever the symbols stand for, else null. */
export function divideDims(a: Dim, b: Dim): Dim | null {
  const dividend = parseDim(a);
  const divisor = parseDim(b);
  if (divisor.factor === 0 || dividend.factor % divisor.factor !== 0) return null;
  const symbols = [...dividend.symbols];
  for (const symbol of divisor.symbols) {
    const at = symbols.indexOf(symbol);
    if (at < 0) return null;
    symbols.splice(at, 1);
  }
  return renderDim({ factor: dividend.factor / divisor.factor, symbols });
}

/**
 * Shape of an elementwise operation (ONNX's multidirectional broadcasting), or null if the shapes do not fit.
 * A symbol fits itself and 1 only: what cannot be proved is refused.
 */
export function broadcastShapes(a: Shape, b: Shape): Shape | null {
  const rank = Math.max(a.length, b.length);
  const result: Dim[] = [];
  for (let axis = 0; axis < rank; axis++) {
    const left = a[axis - rank + a.length] ?? 1;
    const right = b[axis - rank + b.length] ?? 1;
    if (left !== right && left !== 1 && right !== 1) return null;
    result.push(left === 1 ? right : left);
  }
  return result;
}

/** Axis as a number from 0, or null if it is outside of -rank..rank-1. */
export function normalizeAxis(axis: number, rank: number): number | null {
  return Number.isInteger(axis) && axis >= -rank && axis < rank ? (axis + rank) % rank : null;
}

function parseDim(dim: Dim): Product {
  if (typeof dim === "number") return { factor: dim, symbols: [] };
  const parts = dim.split("*");
  return /^\d/.test(dim) ? { factor: Number(parts[0]), symbols: parts.slice(1) } : { factor: 1, symbols: parts };
}

function renderDim({ factor, symbols }: Product): Dim {
  if (symbols.length === 0 || factor === 0) return factor;
  const sorted = [...symbols].sort();
  return factor === 1 ? sorted.join("*") : [factor, ...sorted].join("*");
}
