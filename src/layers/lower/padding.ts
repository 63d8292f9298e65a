/** TensorFlow's padding rules. Pure. */
import type { Padding, Pair } from "../layer.ts";

/** SAME along one axis: the output is ceil(size / stride), the odd pixel goes to the end. */
export function samePadding(
  size: number,
  kernel: number,
  stride: number,
): { before: number; after: number; size: number } {
  const output = Math.ceil(size / stride);
  const total = Math.max((output - 1) * stride + kernel - size, 0);
  const before = Math.floor(total / 2);
  return { before, after: total - before, size: output };
}

interface Window {
  readonly kernel: Pair;
  readonly strides: Pair;
  readonly padding: Padding;
  readonly dilation?: Pair;
}

/** Pads of a window over a picture of rows x columns: top, left, bottom, right. */
export function windowPads([rows, columns]: Pair, window: Window): readonly [number, number, number, number] {
  if (window.padding === "valid") return [0, 0, 0, 0];
  const { kernel, strides, dilation = [1, 1] } = window;
  const extent = (axis: 0 | 1) => dilation[axis] * (kernel[axis] - 1) + 1;
  const vertical = samePadding(rows, extent(0), strides[0]);
  const horizontal = samePadding(columns, extent(1), strides[1]);
  return [vertical.before, horizontal.before, vertical.after, horizontal.after];
}
