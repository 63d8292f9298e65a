/**
 * scipy.ndimage.affine_transform on the three channels of a picture, for spline orders 0, 1 and 3: positions and sums
 * in float64 in SciPy's order, results rounded to float32. Pure.
 */
import type { AffineMap } from "./affine.ts";
import { type Fill, mapIndex, mapPosition } from "./boundary.ts";
import { filterSpline, paddedFor } from "./spline.ts";

export type SplineOrder = 0 | 1 | 3;

/** A picture of float32 levels 0..255, rows from the top, three channels a pixel. */
export interface FloatPicture {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array;
}

export interface WarpOptions {
  readonly fill: Fill;
  /** Level that mode constant fills with. */
  readonly fillValue: number;
  readonly order: SplineOrder;
}

/** Levels to read from: bytes or floats. */
interface Source {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array | Float32Array;
}

/** What an output position reads along one axis. */
interface Taps {
  /** order + 1 indices and their weights. */
  readonly indices: Int32Array;
  readonly weights: Float64Array;
}

/**
 * Moves every pixel. The result has the picture's size. Order 1 with fill nearest, the usual case, is `Canvas.warp`,
 * which gives the same.
 */
export function warpSpline(source: Source, { a, b, c, d, e, f }: AffineMap, options: WarpOptions): FloatPicture {
  const { width, height } = source;
  const { order, fill, fillValue } = options;
  const padding = order > 1 ? paddedFor(fill) : 0;
  const input = order > 1 ? filterSpline(source, fill, padding) : { ...source, data: Float64Array.from(source.data) };
  const across: Taps = { indices: new Int32Array(order + 1), weights: new Float64Array(order + 1) };
  const down: Taps = { indices: new Int32Array(order + 1), weights: new Float64Array(order + 1) };
  const result = new Float32Array(width * height * 3);
  for (let row = 0, out = 0; row < height; row++) {
    for (let column = 0; column < width; column++, out += 3) {
      const u = row * b + column * a + c + padding;
      const v = row * e + column * d + f + padding;
      const isInside = setTaps(across, u, input.width, order, fill) && setTaps(down, v, input.height, order, fill);
      for (let channel = 0; channel < 3; channel++) {
        result[out + channel] = isInside ? sumTaps(input, across, down, channel) : fillValue;
      }
    }
  }
  return { width, height, data: result };
}

function sumTaps({ data, width }: { data: Float64Array; width: number }, across: Taps, down: Taps, channel: number) {
  let sum = 0;
  for (let i = 0; i < down.indices.length; i++) {
    for (let j = 0; j < across.indices.length; j++) {
      const value = data[(down.indices[i]! * width + across.indices[j]!) * 3 + channel]!;
      sum += value * down.weights[i]! * across.weights[j]!;
    }
  }
  return sum;
}

/** False where the position is outside and mode constant fills. */
function setTaps({ indices, weights }: Taps, asked: number, length: number, order: SplineOrder, fill: Fill): boolean {
  const position = mapPosition(asked, length, fill);
  if (position <= -1) return false;
  const first = order === 0 ? Math.floor(position + 0.5) : Math.floor(position) - (order >> 1);
  for (let i = 0; i <= order; i++) indices[i] = mapIndex(first + i, length, fill);
  const t = position - Math.floor(position);
  if (order === 0) weights[0] = 1;
  else if (order === 1) weights.set([1 - t, t]);
  else setCubicWeights(weights, t);
  return true;
}

/** Cubic B-spline, as get_spline_interpolation_weights. */
function setCubicWeights(weights: Float64Array, t: number): void {
  const z = 1 - t;
  weights[1] = (t * t * (t - 2) * 3 + 4) / 6;
  weights[2] = (z * z * (z - 2) * 3 + 4) / 6;
  weights[0] = (z * z * z) / 6;
  weights[3] = 1 - weights[0]! - weights[1]! - weights[2]!;
}
