/**
 * Pillow's antialiased bicubic resize, bit for bit on 8-bit pixels (ImagingResample in src/libImaging/Resample.c of
 * Pillow 13.0.0): a pass along each axis, each rounded to bytes. The passes run as WebAssembly SIMD
 * (wasm/resample.as); test/kit/reference-resample.ts is the same in plain TypeScript.
 */
import { type PackedCoefficients, packedCoefficients } from "./coefficients.ts";
import type { Pixels } from "./pixels.ts";
import type { Scratch } from "./scratch.ts";
import { passesFor } from "./wasm/passes.ts";

/** A part of a resized picture: resize to `width` x `height`, keep what begins at (left, top). */
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

/**
 * Resizes and keeps a window: the same bytes as resizing everything and cropping, but only the window is computed.
 * @param scratch memory for the result
 */
export function resizeWindow(pixels: Pixels, window: ResizeWindow, scratch?: Scratch): Pixels {
  const { left, top, windowWidth, windowHeight } = window;
  if (window.width === pixels.width && window.height === pixels.height) return copyWindow(pixels, window, scratch);
  const across = packedCoefficients(pixels.width, window.width, left, left + windowWidth);
  const down = packedCoefficients(pixels.height, window.height, top, top + windowHeight);
  const resize = isVerticalFirst(pixels, window) ? downThenAcross : acrossThenDown;
  const result = resize(pixels, across, down);
  const data = scratch?.take(result.length) ?? new Uint8Array(result.length);
  data.set(result);
  return { width: windowWidth, height: windowHeight, data };
}

/** What does not change its size: every weight would be 0 or 1. */
function copyWindow({ width, data }: Pixels, window: ResizeWindow, scratch?: Scratch): Pixels {
  const { left, top, windowWidth, windowHeight } = window;
  const rowBytes = windowWidth * 3;
  const copy = scratch?.take(rowBytes * windowHeight) ?? new Uint8Array(rowBytes * windowHeight);
  for (let row = 0; row < windowHeight; row++) {
    const start = ((top + row) * width + left) * 3;
    copy.set(data.subarray(start, start + rowBytes), row * rowBytes);
  }
  return { width: windowWidth, height: windowHeight, data: copy };
}

/**
 * Pillow 13 begins with the height where it loses more than twice as many pixels as the width; earlier versions always
 * begin with the width. Where the order differs, levels differ by a few.
 */
function isVerticalFirst(pixels: Pixels, { width, height }: ResizeWindow): boolean {
  const lost = pixels.height - height;
  return lost > 0 && lost > 2 * (pixels.width - width);
}

/** The result is in the memory of the passes: good until they are used again. */
function acrossThenDown(pixels: Pixels, across: PackedCoefficients, down: PackedCoefficients): Uint8Array {
  const [width, height] = [across.firsts.length, down.firsts.length];
  const firstRow = down.firsts[0]!;
  const rows = down.end - firstRow;
  const sourceStride = pixels.width * 3;
  // Longer than the row, so that four rows can be made at a time.
  const stride = aligned(width * 3 + 1);
  const plan = new MemoryPlan();
  const [source, between, target] = [sourceStride * rows, stride * rows, width * height * 3].map((size) =>
    plan.place(size, Math.max(stride, sourceStride)),
  ) as [number, number, number];
  const [acrossAt, downAt] = [plan.placeCoefficients(across), plan.placeCoefficients(down)];
  const passes = passesFor(plan.bytes);
  const memory = new Uint8Array(passes.memory.buffer);
  memory.set(pixels.data.subarray(firstRow * sourceStride, down.end * sourceStride), source);
  write(memory, acrossAt, across, (first) => first * 3);
  write(memory, downAt, down, (first) => (first - firstRow) * stride);
  passes.across(source, sourceStride, between, stride, rows, width, acrossAt.firsts, acrossAt.weights, across.pairs);
  passes.down(between, stride, target, width * 3, height, downAt.firsts, downAt.weights, down.pairs);
  return memory.subarray(target, target + width * height * 3);
}

/** As acrossThenDown. */
function downThenAcross(pixels: Pixels, across: PackedCoefficients, down: PackedCoefficients): Uint8Array {
  const [width, height] = [across.firsts.length, down.firsts.length];
  const stride = pixels.width * 3;
  const plan = new MemoryPlan();
  const [source, between, target] = [stride * pixels.height, stride * height, width * height * 3].map((size) =>
    plan.place(size, stride),
  ) as [number, number, number];
  const [acrossAt, downAt] = [plan.placeCoefficients(across), plan.placeCoefficients(down)];
  const passes = passesFor(plan.bytes);
  const memory = new Uint8Array(passes.memory.buffer);
  memory.set(pixels.data, source);
  write(memory, acrossAt, across, (first) => first * 3);
  write(memory, downAt, down, (first) => first * stride);
  passes.down(source, stride, between, stride, height, downAt.firsts, downAt.weights, down.pairs);
  passes.across(between, stride, target, width * 3, height, width, acrossAt.firsts, acrossAt.weights, across.pairs);
  return memory.subarray(target, target + width * height * 3);
}

/** What the passes read or write beyond a picture's end, besides a row. */
const overhangBytes = 32;

function aligned(bytes: number): number {
  return Math.ceil(bytes / 16) * 16;
}

interface CoefficientPlace {
  readonly firsts: number;
  readonly weights: number;
}

/** Hands out places in the WebAssembly memory, one after the other. */
class MemoryPlan {
  bytes = 0;

  /** @param rowBytes taps of weight 0 may read one row beyond the end */
  place(size: number, rowBytes = 0): number {
    const at = this.bytes;
    this.bytes += aligned(size + rowBytes + overhangBytes);
    return at;
  }

  placeCoefficients({ firsts, weights }: PackedCoefficients): CoefficientPlace {
    return { firsts: this.place(firsts.byteLength), weights: this.place(weights.byteLength) };
  }
}

function write(
  memory: Uint8Array<ArrayBuffer>,
  at: CoefficientPlace,
  { firsts, weights }: PackedCoefficients,
  offsetOf: (first: number) => number,
): void {
  const offsets = new Int32Array(memory.buffer, at.firsts, firsts.length);
  for (let i = 0; i < firsts.length; i++) offsets[i] = offsetOf(firsts[i]!);
  new Int16Array(memory.buffer, at.weights, weights.length).set(weights);
}
