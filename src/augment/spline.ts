/**
 * Coefficients of the cubic B-spline that passes through a picture's levels, as scipy.ndimage.spline_filter (SciPy
 * 1.13, ni_splines.c): a causal and an anticausal recursive filter along each axis, in float64. Pure.
 */
import type { Fill } from "./boundary.ts";

const pole = Math.sqrt(3) - 2;
/** (1 - pole)(1 - 1 / pole) */
const gain = (1 - pole) * (1 - 1 / pole);
/** SciPy pads by so many repeated edge pixels before it filters, where the edge is repeated for ever. */
const nearestPadding = 12;

/** Pixels that are added on each side before filtering. */
export function paddedFor(fill: Fill): number {
  return fill === "nearest" ? nearestPadding : 0;
}

/** Coefficients of a picture with `padding` repeated edge pixels on each side; three channels a pixel. */
export function filterSpline(
  source: { width: number; height: number; data: Uint8Array | Float32Array },
  fill: Fill,
  padding: number,
): { width: number; height: number; data: Float64Array } {
  const width = source.width + 2 * padding;
  const height = source.height + 2 * padding;
  const data = new Float64Array(width * height * 3);
  for (let row = 0; row < height; row++) {
    const from = clamp(row - padding, source.height) * source.width;
    for (let column = 0; column < width; column++) {
      const at = (from + clamp(column - padding, source.width)) * 3;
      for (let channel = 0; channel < 3; channel++)
        data[(row * width + column) * 3 + channel] = source.data[at + channel]!;
    }
  }
  const isReflected = fill === "nearest" || fill === "reflect";
  for (let i = 0; i < width * 3; i++) filterLine(data, { start: i, step: width * 3, length: height }, isReflected);
  for (let row = 0; row < height; row++) {
    for (let channel = 0; channel < 3; channel++) {
      filterLine(data, { start: row * width * 3 + channel, step: 3, length: width }, isReflected);
    }
  }
  return { width, height, data };
}

interface Line {
  readonly start: number;
  readonly step: number;
  readonly length: number;
}

function filterLine(data: Float64Array, { start, step, length }: Line, isReflected: boolean): void {
  if (length < 2) return;
  const at = (i: number): number => start + i * step;
  for (let i = 0; i < length; i++) data[at(i)]! *= gain;
  data[at(0)] = isReflected ? causalReflect(data, at, length) : causalMirror(data, at, length);
  for (let i = 1; i < length; i++) data[at(i)]! += pole * data[at(i - 1)]!;
  const last = data[at(length - 1)]!;
  data[at(length - 1)] = isReflected
    ? (last * pole) / (pole - 1)
    : ((pole * data[at(length - 2)]! + last) * pole) / (pole * pole - 1);
  for (let i = length - 2; i >= 0; i--) data[at(i)] = pole * (data[at(i + 1)]! - data[at(i)]!);
}

/** First value for a picture that continues half-sample symmetric: d c b a | a b c d. */
function causalReflect(data: Float64Array, at: (i: number) => number, length: number): number {
  const first = data[at(0)]!;
  let power = pole;
  const powerOfLength = pole ** length;
  let sum = first + powerOfLength * data[at(length - 1)]!;
  for (let i = 1; i < length; i++) {
    sum += power * (data[at(i)]! + powerOfLength * data[at(length - 1 - i)]!);
    power *= pole;
  }
  return (sum * pole) / (1 - powerOfLength * powerOfLength) + first;
}

/** First value for a picture that continues whole-sample symmetric: d c b | a | b c d. */
function causalMirror(data: Float64Array, at: (i: number) => number, length: number): number {
  let power = pole;
  const powerOfLast = pole ** (length - 1);
  let sum = data[at(0)]! + powerOfLast * data[at(length - 1)]!;
  for (let i = 1; i < length - 1; i++) {
    sum += power * (data[at(i)]! + powerOfLast * data[at(length - 1 - i)]!);
    power *= pole;
  }
  return sum / (1 - powerOfLast * powerOfLast);
}

function clamp(index: number, length: number): number {
  return Math.min(Math.max(index, 0), length - 1);
}
