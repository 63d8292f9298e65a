/** Specification of reductions over axes, and of normalisations along one axis. */
import type { OpName } from "../names.ts";
import type { ValueType } from "../node.ts";
import type { Dim } from "../shape.ts";
import {
  type AttributeSpec,
  checkedAxis,
  constantIntegers,
  floats,
  numberAttribute,
  type OpCall,
  type OpSpec,
  required,
} from "../spec.ts";
import type { DataType } from "../tensor.ts";
import { sameAsFirst } from "./elementwise.ts";

const float = [...floats];
const reducible: readonly DataType[] = ["float32", "float64", "int32", "int64"];
const axesType: readonly DataType[] = ["int64"];

const reduction: OpSpec = {
  inputs: [
    { name: "data", types: reducible },
    { name: "axes", types: axesType, optional: true },
  ],
  attributes: {
    keepdims: { kind: "int", otherwise: 1 },
    noop_with_empty_axes: { kind: "int", otherwise: 0 },
  },
  infer: inferReduction,
};

const lastAxis: AttributeSpec = { kind: "int", otherwise: -1 };

const alongAxis: OpSpec = {
  inputs: [{ name: "input", types: float }],
  attributes: { axis: lastAxis },
  infer: (call) => {
    checkedAxis(call, numberAttribute(call, "axis"), required(call, 0).shape.length);
    return sameAsFirst(call);
  },
};

export const reductionOps = {
  ReduceSum: reduction,
  ReduceMean: reduction,
  ReduceMax: reduction,
  Softmax: alongAxis,
  LogSoftmax: alongAxis,
} as const satisfies Partial<Record<OpName, OpSpec>>;

/** The axes of a reduction, from 0 and in order; all of them if none are given. */
export function reducedAxes(call: OpCall): readonly number[] {
  const rank = required(call, 0).shape.length;
  if (!call.inputs[1]) return Array.from({ length: rank }, (_, axis) => axis);
  const axes = constantIntegers(call, 1, "axes").map((axis) => checkedAxis(call, axis, rank));
  if (new Set(axes).size !== axes.length) call.fail(`axes ${axes.join(",")} repeat`);
  return axes.sort((a, b) => a - b);
}

function inferReduction(call: OpCall): ValueType {
  if (numberAttribute(call, "noop_with_empty_axes") !== 0) call.fail("noop_with_empty_axes is not supported, only 0");
  const { dtype, shape } = required(call, 0);
  const axes = new Set(reducedAxes(call));
  const keep = numberAttribute(call, "keepdims") === 1;
  const reduced = shape.flatMap<Dim>((dim, axis) => (axes.has(axis) ? (keep ? [1] : []) : [dim]));
  return { dtype, shape: reduced };
}
