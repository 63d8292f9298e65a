/** Specification of elementwise operations: one result element an input element, with broadcasting. */
import type { OpName } from "../names.ts";
import type { Node, ValueType } from "../node.ts";
import { broadcastShapes, renderShape, type Shape } from "../shape.ts";
import { anyType, floats, numbers, type OpCall, type OpSpec, required, textAttribute } from "../spec.ts";
import type { DataType } from "../tensor.ts";

const float = [...floats];
const number = [...numbers];
const condition: readonly DataType[] = ["bool"];
const numberOrTruth: readonly DataType[] = [...numbers, "bool"];

const unaryFloat: OpSpec = { inputs: [{ name: "X", types: float }], infer: sameAsFirst };

const arithmetic: OpSpec = {
  inputs: [
    { name: "A", types: number },
    { name: "B", types: number },
  ],
  infer: (call) => ({ dtype: required(call, 0).dtype, shape: broadcast(call, [0, 1]) }),
};

const comparison: OpSpec = {
  inputs: arithmetic.inputs,
  infer: (call) => ({ dtype: "bool", shape: broadcast(call, [0, 1]) }),
};

export const elementwiseOps = {
  Identity: { inputs: [{ name: "input", types: anyType }], infer: sameAsFirst },
  Cast: {
    inputs: [{ name: "input", types: anyType }],
    attributes: { to: { kind: "dtype", otherwise: "required" } },
    infer: (call) => ({ dtype: textAttribute(call, "to") as DataType, shape: required(call, 0).shape }),
  },
  Add: arithmetic,
  Sub: arithmetic,
  Mul: arithmetic,
  Div: arithmetic,
  Neg: { inputs: [{ name: "X", types: number }], infer: sameAsFirst },
  Exp: unaryFloat,
  Log: unaryFloat,
  Sqrt: unaryFloat,
  Relu: unaryFloat,
  Sigmoid: unaryFloat,
  Tanh: unaryFloat,
  Erf: unaryFloat,
  Clip: {
    inputs: [
      { name: "input", types: number },
      { name: "min", types: number, optional: true },
      { name: "max", types: number, optional: true },
    ],
    infer: inferClip,
  },
  Greater: comparison,
  Less: comparison,
  Equal: { ...comparison, inputs: ["A", "B"].map((name) => ({ name, types: numberOrTruth })) },
  Where: {
    inputs: [
      { name: "condition", types: condition },
      { name: "X", types: number },
      { name: "Y", types: number },
    ],
    infer: (call) => ({ dtype: required(call, 1).dtype, shape: broadcast(call, [0, 1, 2]) }),
  },
} as const satisfies Partial<Record<OpName, OpSpec>>;

/** For operations that keep type and shape of their first input. */
export function sameAsFirst(call: OpCall): ValueType {
  const { dtype, shape } = required(call, 0);
  return { dtype, shape };
}

function broadcast(call: OpCall, indexes: readonly number[]): Shape {
  const nodes: Node[] = indexes.map((index) => required(call, index));
  return nodes.reduce<Shape>((shape, node) => {
    const joined = broadcastShapes(shape, node.shape);
    return joined ?? call.fail(`shapes do not broadcast: ${nodes.map((n) => renderShape(n.shape)).join(" and ")}`);
  }, []);
}

function inferClip(call: OpCall): ValueType {
  for (const bound of call.inputs.slice(1)) {
    if (bound && bound.shape.length > 0)
      call.fail(`bound ${bound.name} must be a scalar, it is ${renderShape(bound.shape)}`);
  }
  return sameAsFirst(call);
}
