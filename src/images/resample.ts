/**
 * Pillow's antialiased resampling (src/libImaging/Resample.c of Pillow 10-13), bit for bit on 8-bit pixels: two passes,
 * horizontal then vertical, each rounded to bytes; when shrinking, the filter's support grows with the ratio.
 */
import type { Pixels } from "./pixels.ts";

/** Fixed-point fraction bits of coefficients: 32 bits less 8 of the pixel and 2 of head-room. */
const precisionBits = 32 - 8 - 2;

/** Input range and weights of each output position along one axis. */
interface Coefficients {
  /** Weights a position; positions near an edge use fewer. */
  readonly taps: number;
  readonly first: Int32Array;
  readonly count: Int32Array;
  /** [position * taps + i], fixed point. */
  readonly weights: Int32Array;
}

/** Keys' cubic with a = -0.5, as Pillow's BICUBIC; zero from 2 on. */
function bicubic(x: number): number {
  const a = -0.5;
  const t = Math.abs(x);
  if (t < 1) return ((a + 2) * t - (a + 3)) * t * t + 1;
  return t < 2 ? (((t - 5) * t + 8) * t - 4) * a : 0;
}
const bicubicSupport = 2;

const cache = new Map<string, Coefficients>();
const cacheEntries = 256;

/**
 * Coefficients that map the whole of `inputSize` to `outputSize`, for output positions `from` to before `to`.
 */
function coefficientsFor(inputSize: number, outputSize: number, from: number, to: number): Coefficients {
  const key = `${inputSize}/${outputSize}/${from}/${to}`;
  const known = cache.get(key);
  if (known) return known;
  const made = computeCoefficients(inputSize, outputSize, from, to);
  if (cache.size >= cacheEntries) cache.clear();
  cache.set(key, made);
  return made;
}

function computeCoefficients(inputSize: number, outputSize: number, from: number, to: number): Coefficients {
  const scale = inputSize / outputSize;
  const filterScale = Math.max(scale, 1);
  const support = bicubicSupport * filterScale;
  const taps = Math.ceil(support) * 2 + 1;
  const first = new Int32Array(to - from);
  const count = new Int32Array(to - from);
  const weights = new Int32Array((to - from) * taps);
  const exact = new Float64Array(taps);
  for (let position = from; position < to; position++) {
    const center = (position + 0.5) * scale;
    const low = Math.max(0, Math.trunc(center - support + 0.5));
    const used = Math.min(inputSize, Math.trunc(center + support + 0.5)) - low;
    let sum = 0;
    for (let i = 0; i < used; i++) {
      exact[i] = bicubic((i + low - center + 0.5) * (1 / filterScale));
      sum += exact[i]!;
    }
    for (let i = 0; i < used; i++) {
      const weight = sum === 0 ? exact[i]! : exact[i]! * (1 / sum);
      weights[(position - from) * taps + i] = Math.trunc((weight < 0 ? -0.5 : 0.5) + weight * (1 << precisionBits));
    }
    first[position - from] = low;
    count[position - from] = used;
  }
  return { taps, first, count, weights };
}

/** A window of the resized picture: resizing to `width` x `height`, keeping `size`-sided square at (left, top). */
export interface ResizeWindow {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly top: number;
  readonly windowWidth: number;
  readonly windowHeight: number;
}

/** Resizes the whole picture. */
export function resizePixels(pixels: Pixels, width: number, height: number): Pixels {
  return resizeWindow(pixels, { width, height, left: 0, top: 0, windowWidth: width, windowHeight: height });
}

/** Resizes and keeps a window; the same bytes as resizing everything and then cropping. */
export function resizeWindow(pixels: Pixels, window: ResizeWindow): Pixels {
  const { left, top, windowWidth, windowHeight } = window;
  const across = coefficientsFor(pixels.width, window.width, left, left + windowWidth);
  const down = coefficientsFor(pixels.height, window.height, top, top + windowHeight);
  if (shrinksHeightMore(pixels, window)) return horizontal(vertical(pixels, down), across);
  const [firstRow, rows] = rangeOf(down);
  const stride = pixels.width * 3;
  const needed = {
    width: pixels.width,
    height: rows,
    data: pixels.data.subarray(firstRow * stride, (firstRow + rows) * stride),
  };
  return vertical(horizontal(needed, across), down, firstRow);
}

/** Pillow 13 begins with the vertical pass where a picture shrinks more in height than in width. */
function shrinksHeightMore(pixels: Pixels, { width, height }: ResizeWindow): boolean {
  return height < pixels.height && pixels.height * width > pixels.width * height;
}

/** First input position that is needed, and how many from there. */
function rangeOf({ first, count }: Coefficients): readonly [number, number] {
  const start = first[0]!;
  return [start, first.at(-1)! + count.at(-1)! - start];
}

/** True where the pass would copy every value. */
function isIdentity({ first, taps, weights }: Coefficients, size: number): boolean {
  if (first.length !== size) return false;
  for (let i = 0; i < size; i++) if (weights[i * taps + i - first[i]!] !== 1 << precisionBits) return false;
  return true;
}

const half = 1 << (precisionBits - 1);

function clampByte(sum: number): number {
  const value = sum >> precisionBits;
  return value < 0 ? 0 : value > 255 ? 255 : value;
}

function horizontal({ data, width, height }: Pixels, coefficients: Coefficients): Pixels {
  if (isIdentity(coefficients, width)) return { width, height, data: data.slice() };
  const { taps, first, count, weights } = coefficients;
  const outputWidth = first.length;
  const result = new Uint8Array(height * outputWidth * 3);
  let out = 0;
  for (let row = 0; row < height; row++) {
    for (let x = 0; x < outputWidth; x++) {
      let at = (row * width + first[x]!) * 3;
      const end = x * taps + count[x]!;
      let red = half;
      let green = half;
      let blue = half;
      for (let i = x * taps; i < end; i++, at += 3) {
        const weight = weights[i]!;
        red += data[at]! * weight;
        green += data[at + 1]! * weight;
        blue += data[at + 2]! * weight;
      }
      result[out++] = clampByte(red);
      result[out++] = clampByte(green);
      result[out++] = clampByte(blue);
    }
  }
  return { width: outputWidth, height, data: result };
}

/** @param firstRow row of the coefficients' input that the picture begins with */
function vertical({ data, width, height }: Pixels, coefficients: Coefficients, firstRow = 0): Pixels {
  if (isIdentity(coefficients, height)) return { width, height, data: data.slice() };
  const { taps, first, count, weights } = coefficients;
  const stride = width * 3;
  const result = new Uint8Array(first.length * stride);
  const sums = new Int32Array(stride);
  for (let y = 0; y < first.length; y++) {
    sums.fill(half);
    for (let i = 0; i < count[y]!; i++) {
      const weight = weights[y * taps + i]!;
      const rowStart = (first[y]! - firstRow + i) * stride;
      for (let x = 0; x < stride; x++) sums[x]! += data[rowStart + x]! * weight;
    }
    for (let x = 0; x < stride; x++) result[y * stride + x] = clampByte(sums[x]!);
  }
  return { width, height: first.length, data: result };
}
