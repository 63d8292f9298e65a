/** Shape rules of Pad and Slice, which widen or narrow single axes, and the windows that their gradients need. */
import type { ValueType } from "../node.ts";
import type { Dim } from "../shape.ts";
import { checkedAxis, constantIntegers, type OpCall, required, staticDim, textAttribute } from "../spec.ts";

/** What a slice takes along an axis: the first index (inclusive) and the step; `count` values. */
export interface SliceWindow {
  readonly axis: number;
  readonly start: number;
  readonly step: number;
  readonly count: number;
}

const padModes = ["constant", "reflect", "edge"];

export function inferPad(call: OpCall): ValueType {
  const { dtype, shape } = required(call, 0);
  const mode = textAttribute(call, "mode");
  if (!padModes.includes(mode)) call.fail(`mode is ${mode}, allowed: ${padModes.join(", ")}`);
  const pads = constantIntegers(call, 1, "pads");
  const rank = shape.length;
  if (pads.length !== 2 * rank)
    call.fail(`pads must have ${2 * rank} numbers, begins then ends, they are ${pads.join()}`);
  const padded = shape.map((dim, axis): Dim => {
    const added = pads[axis]! + pads[axis + rank]!;
    if (pads[axis] === 0 && pads[axis + rank] === 0) return dim;
    const size = staticDim(call, dim, `padded axis ${axis}`) + added;
    return size >= 0 ? size : call.fail(`pads ${pads.join()} remove more than axis ${axis} has`);
  });
  return { dtype, shape: padded };
}

export function inferSlice(call: OpCall): ValueType {
  const { dtype, shape } = required(call, 0);
  const counts = new Map(sliceWindows(call).map((window) => [window.axis, window.count]));
  return { dtype, shape: shape.map((dim, axis) => counts.get(axis) ?? dim) };
}

/** The windows of a Slice, one an axis that it names. Follows ONNX: ends are exclusive, negatives count from the end. */
export function sliceWindows(call: OpCall): readonly SliceWindow[] {
  const { shape } = required(call, 0);
  const starts = constantIntegers(call, 1, "starts");
  const ends = constantIntegers(call, 2, "ends");
  const axes = call.inputs[3] ? constantIntegers(call, 3, "axes") : starts.map((_, axis) => axis);
  const steps = call.inputs[4] ? constantIntegers(call, 4, "steps") : starts.map(() => 1);
  if (new Set([starts.length, ends.length, axes.length, steps.length]).size !== 1) {
    call.fail("starts, ends, axes and steps differ in length");
  }
  return axes.map((asked, i) => {
    const axis = checkedAxis(call, asked, shape.length);
    const size = staticDim(call, shape[axis], `sliced axis ${axis}`);
    const step = steps[i]!;
    if (step === 0) call.fail("a step is 0");
    const [low, high] = step > 0 ? [0, size] : [-1, size - 1];
    const bounded = (at: number): number => Math.min(Math.max(at < 0 ? at + size : at, low), high);
    const start = bounded(starts[i]!);
    return { axis, start, step, count: Math.max(0, Math.ceil((bounded(ends[i]!) - start) / step)) };
  });
}
