/** Specification of operations that move or describe values without computing with them. */
import type { OpName } from "../names.ts";
import type { ValueType } from "../node.ts";
import { broadcastShapes, type Dim, divideDims, multiplyDims, renderShape, type Shape, sameShape } from "../shape.ts";
import {
  anyType,
  checkedAxis,
  constantIntegers,
  knownShape,
  listAttribute,
  numberAttribute,
  numbers,
  type OpCall,
  type OpSpec,
  required,
} from "../spec.ts";
import type { DataType } from "../tensor.ts";
import { inferPad, inferSlice } from "./window.ts";

const any = [...anyType];
const number = [...numbers];
const int64: readonly DataType[] = ["int64"];
const index: readonly DataType[] = ["int32", "int64"];
const data = { name: "data", types: any } as const;

export const layoutOps = {
  Transpose: { inputs: [data], attributes: { perm: { kind: "ints", otherwise: "absent" } }, infer: inferTranspose },
  Reshape: {
    inputs: [data, { name: "shape", types: int64 }],
    attributes: { allowzero: { kind: "int", otherwise: 0 } },
    infer: inferReshape,
  },
  Flatten: { inputs: [data], attributes: { axis: { kind: "int", otherwise: 1 } }, infer: inferFlatten },
  Squeeze: { inputs: [data, { name: "axes", types: int64 }], infer: inferSqueeze },
  Unsqueeze: { inputs: [data, { name: "axes", types: int64 }], infer: inferUnsqueeze },
  Expand: { inputs: [data, { name: "shape", types: int64 }], infer: inferExpand },
  Concat: {
    inputs: [{ name: "inputs", types: any }],
    variadic: true,
    attributes: { axis: { kind: "int", otherwise: "required" } },
    infer: inferConcat,
  },
  Pad: {
    inputs: [
      { name: "data", types: number },
      { name: "pads", types: int64 },
      { name: "constant_value", types: number, optional: true },
    ],
    attributes: { mode: { kind: "string", otherwise: "constant" } },
    infer: inferPad,
  },
  Slice: {
    inputs: [
      data,
      { name: "starts", types: int64 },
      { name: "ends", types: int64 },
      { name: "axes", types: int64, optional: true },
      { name: "steps", types: int64, optional: true },
    ],
    infer: inferSlice,
  },
  Gather: {
    inputs: [data, { name: "indices", types: index }],
    attributes: { axis: { kind: "int", otherwise: 0 } },
    infer: inferGather,
  },
  Shape: { inputs: [data], infer: (call) => ({ dtype: "int64", shape: [required(call, 0).shape.length] }) },
  Size: { inputs: [data], infer: () => ({ dtype: "int64", shape: [] }) },
} as const satisfies Partial<Record<OpName, OpSpec>>;

function inferTranspose(call: OpCall): ValueType {
  const { dtype, shape } = required(call, 0);
  const perm = listAttribute(call, "perm") ?? shape.map((_, axis) => shape.length - 1 - axis);
  const sorted = [...perm].sort((a, b) => a - b);
  if (sorted.length !== shape.length || sorted.some((axis, place) => axis !== place)) {
    call.fail(`perm ${perm.join()} is not an order of the ${shape.length} axes`);
  }
  return { dtype, shape: perm.map((axis) => shape[axis]!) };
}

/** 0 keeps the input's dimension, one -1 is computed from the others. */
function inferReshape(call: OpCall): ValueType {
  const { dtype, shape } = required(call, 0);
  if (numberAttribute(call, "allowzero") !== 0) call.fail("allowzero is not supported, only 0");
  const asked = knownShape(call, 1).map((dim, axis) => {
    if (dim !== 0) return dim;
    return shape[axis] ?? call.fail(`dimension 0 at axis ${axis} keeps an axis that the input does not have`);
  });
  const total = multiplyDims(shape);
  const open = asked.indexOf(-1);
  const rest = multiplyDims(asked.filter((_, axis) => axis !== open));
  const quotient = divideDims(total, rest);
  if (quotient === null || (open < 0 && quotient !== 1)) {
    call.fail(`${renderShape(shape)} cannot be reshaped to ${renderShape(asked)}`);
  }
  return { dtype, shape: asked.map((dim, axis) => (axis === open ? quotient : dim)) };
}

function inferFlatten(call: OpCall): ValueType {
  const { dtype, shape } = required(call, 0);
  const asked = numberAttribute(call, "axis");
  const axis = asked === shape.length ? asked : checkedAxis(call, asked, shape.length);
  return { dtype, shape: [multiplyDims(shape.slice(0, axis)), multiplyDims(shape.slice(axis))] };
}

function inferSqueeze(call: OpCall): ValueType {
  const { dtype, shape } = required(call, 0);
  const axes = constantIntegers(call, 1, "axes").map((axis) => checkedAxis(call, axis, shape.length));
  for (const axis of axes) {
    if (shape[axis] !== 1) call.fail(`axis ${axis} of ${renderShape(shape)} is not 1`);
  }
  return { dtype, shape: shape.filter((_, axis) => !axes.includes(axis)) };
}

function inferUnsqueeze(call: OpCall): ValueType {
  const { dtype, shape } = required(call, 0);
  const asked = constantIntegers(call, 1, "axes");
  const axes = new Set(asked.map((axis) => checkedAxis(call, axis, shape.length + asked.length)));
  if (axes.size !== asked.length) call.fail(`axes ${asked.join()} repeat`);
  const rest = [...shape];
  return {
    dtype,
    shape: Array.from({ length: shape.length + axes.size }, (_, at): Dim => (axes.has(at) ? 1 : rest.shift()!)),
  };
}

function inferExpand(call: OpCall): ValueType {
  const { dtype, shape } = required(call, 0);
  const asked = knownShape(call, 1);
  const joined = broadcastShapes(shape, asked);
  if (joined === null) call.fail(`${renderShape(shape)} cannot be expanded to ${renderShape(asked)}`);
  return { dtype, shape: joined };
}

function inferConcat(call: OpCall): ValueType {
  const first = required(call, 0);
  const axis = checkedAxis(call, numberAttribute(call, "axis"), first.shape.length);
  const without = (shape: Shape): Shape => shape.filter((_, at) => at !== axis);
  let size = 0;
  for (const input of call.inputs) {
    const shape = input!.shape;
    if (shape.length !== first.shape.length || !sameShape(without(shape), without(first.shape))) {
      call.fail(`shapes differ outside of axis ${axis}: ${renderShape(first.shape)} and ${renderShape(shape)}`);
    }
    const dim = shape[axis]!;
    size += typeof dim === "number" ? dim : call.fail(`axis ${axis} is symbolic in ${renderShape(shape)}`);
  }
  return { dtype: first.dtype, shape: first.shape.map((dim, at) => (at === axis ? size : dim)) };
}

function inferGather(call: OpCall): ValueType {
  const { dtype, shape } = required(call, 0);
  const axis = checkedAxis(call, numberAttribute(call, "axis"), shape.length);
  return { dtype, shape: [...shape.slice(0, axis), ...required(call, 1).shape, ...shape.slice(axis + 1)] };
}
