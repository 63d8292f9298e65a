/** The affine step of ImageDataGenerator: which input position each output pixel reads. Pure. */
import type { Transform } from "./transform.ts";

/** Input position of output pixel (row, column): u = a column + b row + c (columns), v = d column + e row + f (rows). */
export interface AffineMap {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
  readonly e: number;
  readonly f: number;
}

type Matrix = readonly (readonly number[])[];

/**
 * Rotation . shift . shear . zoom about the centre, each left out where it is neutral; null where all are. Keras takes
 * half the height as the centre of columns and half the width as that of rows, which is wrong unless the picture is
 * square; this does as Keras.
 */
export function affineMap(
  transform: Transform,
  { height, width }: { height: number; width: number },
): AffineMap | null {
  const { theta, tx, ty, shear, zx, zy } = transform;
  const steps: Matrix[] = [];
  if (theta !== 0) {
    const [sine, cosine] = [Math.sin(radians(theta)), Math.cos(radians(theta))];
    steps.push([
      [cosine, -sine, 0],
      [sine, cosine, 0],
      [0, 0, 1],
    ]);
  }
  if (tx !== 0 || ty !== 0) steps.push(shiftBy(tx, ty));
  if (shear !== 0) {
    steps.push([
      [1, -Math.sin(radians(shear)), 0],
      [0, Math.cos(radians(shear)), 0],
      [0, 0, 1],
    ]);
  }
  if (zx !== 1 || zy !== 1) {
    steps.push([
      [zx, 0, 0],
      [0, zy, 0],
      [0, 0, 1],
    ]);
  }
  if (steps.length === 0) return null;
  const centre = [height / 2 - 0.5, width / 2 - 0.5] as const;
  const product = [shiftBy(...centre), steps.reduce(multiply), shiftBy(-centre[0], -centre[1])].reduce(multiply);
  const [[a, b, c], [d, e, f]] = product as [number[], number[]];
  return { a: a!, b: b!, c: c!, d: d!, e: e!, f: f! };
}

function shiftBy(x: number, y: number): Matrix {
  return [
    [1, 0, x],
    [0, 1, y],
    [0, 0, 1],
  ];
}

function multiply(left: Matrix, right: Matrix): Matrix {
  return left.map((row) => right[0]!.map((_, column) => row.reduce((sum, x, k) => sum + x * right[k]![column]!, 0)));
}

function radians(degrees: number): number {
  return degrees * (Math.PI / 180);
}
