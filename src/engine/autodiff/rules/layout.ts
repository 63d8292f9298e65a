/** Gradients of operations that only move values: the gradient is moved back. */
import type { GraphBuilder, Node, OpName } from "../../graph/index.ts";
import { sliceWindows } from "../../graph/ops/window.ts";
import {
  callOf,
  constantIntegers,
  listAttribute,
  numberAttribute,
  staticDim,
  textAttribute,
} from "../../graph/spec.ts";
import {
  firstInputOnly,
  type GradientRule,
  inputOf,
  noGradient,
  type RuleCall,
  shapeNode,
  sumToShape,
  zeroGradient,
} from "../rule.ts";

const reshapeBack = firstInputOnly((call) => call.b.reshape(call.grad, shapeNode(call.b, inputOf(call, 0))));

export const layoutRules: Partial<Record<OpName, GradientRule>> = {
  Transpose: ({ b, node, grad }) => {
    const axes = node.shape.map((_, axis) => axis);
    const perm = listAttribute(node, "perm") ?? axes.toReversed();
    return b.transpose(
      grad,
      axes.map((axis) => perm.indexOf(axis)),
    );
  },
  Reshape: reshapeBack,
  Flatten: reshapeBack,
  Squeeze: reshapeBack,
  Unsqueeze: reshapeBack,
  Expand: firstInputOnly((call) => sumToShape(call.b, call.grad, inputOf(call, 0))),
  Concat: concatRule,
  Pad: firstInputOnly(padRule),
  Slice: firstInputOnly(sliceRule),
  Shape: zeroGradient,
  Size: zeroGradient,
};

/** The input's own part of the joined axis. */
function concatRule({ b, node, grad }: RuleCall, index: number): Node {
  const call = callOf(node);
  const axis = numberAttribute(node, "axis");
  const sizes = node.inputs.map((input) => staticDim(call, input!.shape.at(axis), "a joined axis"));
  const start = sizes.slice(0, index).reduce((sum, size) => sum + size, 0);
  return b.slice(grad, { axes: [axis], starts: [start], ends: [start + sizes[index]!] });
}

/** Cuts the padding off; a negative pad, which had cut values off, puts zeros back. */
function padRule({ b, node, grad }: RuleCall): Node {
  const mode = textAttribute(node, "mode");
  if (mode !== "constant") noGradient(node, `there is no rule for mode ${mode}`);
  return b.pad(
    grad,
    constantIntegers(callOf(node), 1, "pads").map((pad) => 0 - pad),
  );
}

/** Zeros where nothing was taken: between the values of a step, then before and after. */
function sliceRule(call: RuleCall): Node {
  const { b, node } = call;
  const { shape } = inputOf(call, 0);
  const pads = new Array<number>(2 * shape.length).fill(0);
  let grad = call.grad;
  for (const { axis, start, step, count } of sliceWindows(callOf(node))) {
    if (step < 1) noGradient(node, `there is no rule for step ${step}`);
    if (step > 1) grad = spreadSteps(b, grad, { axis, step, count });
    pads[axis] = start;
    pads[axis + shape.length] = staticDim(callOf(node), shape[axis], "a sliced axis") - start - count * step;
  }
  return b.pad(grad, pads);
}

/** Puts step - 1 zeros behind every value of an axis. */
function spreadSteps(b: GraphBuilder, x: Node, { axis, step, count }: { axis: number; step: number; count: number }) {
  const wide = b.unsqueeze(x, [axis + 1]);
  const pads = new Array<number>(2 * wide.shape.length).fill(0);
  pads[axis + 1 + wide.shape.length] = step - 1;
  const open = x.shape.findIndex((dim) => typeof dim !== "number");
  const dims = x.shape.map((dim, i) => (i === axis ? count * step : i === open ? -1 : (dim as number)));
  return b.reshape(b.pad(wide, pads), dims);
}
