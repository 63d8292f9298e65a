/** Every operation of the closed list, run by ONNX Runtime: shapes as inferred, also for a symbolic batch, and values. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type DataType,
  GraphBuilder,
  type Node,
  opNames,
  type Shape,
  type TensorValue,
  tensorDataFrom,
} from "../../src/engine/graph/index.ts";
import { assertClose } from "../kit/close.ts";
import { runGraph, spreadValues } from "../kit/engine.ts";

/** Inputs x0, x1 ... with "N" for the batch, the operation, and, where a short one exists, its result in closed form. */
interface OperationCase {
  readonly inputs: readonly Shape[];
  readonly dtype?: DataType;
  readonly values?: readonly (readonly number[])[];
  readonly build: (b: GraphBuilder, inputs: readonly Node[]) => Node;
  readonly expected?: readonly number[];
}

const batch = 2;
const vector = (
  values: readonly number[],
  build: OperationCase["build"],
  expected: readonly number[],
): OperationCase => ({
  inputs: [[values.length]],
  values: [values],
  build,
  expected,
});
const two = (
  a: readonly number[],
  c: readonly number[],
  build: OperationCase["build"],
  expected: readonly number[],
) => ({
  inputs: [[a.length], [c.length]],
  values: [a, c],
  build,
  expected,
});
const ones = (b: GraphBuilder, name: string, dims: readonly number[]): Node =>
  b.constant(name, "float32", dims, new Array(dims.reduce((product, dim) => product * dim, 1)).fill(1));

const cases: Readonly<Record<string, OperationCase>> = {
  Identity: vector([1, -2], (b, [x]) => b.identity(x!), [1, -2]),
  Cast: vector([1.75, -1.75], (b, [x]) => b.cast(x!, "int32"), [1, -1]),
  "Cast from uint8": {
    inputs: [["N", 2]],
    dtype: "uint8",
    values: [[0, 127, 128, 255]],
    build: (b, [x]) => b.cast(x!, "float32"),
    expected: [0, 127, 128, 255],
  },
  Add: two([1, 2], [3, 5], (b, [x, y]) => b.add(x!, y!), [4, 7]),
  Sub: two([1, 2], [3, 5], (b, [x, y]) => b.sub(x!, y!), [-2, -3]),
  Mul: two([1, 2], [3, 5], (b, [x, y]) => b.mul(x!, y!), [3, 10]),
  Div: two([1, 5], [4, 2], (b, [x, y]) => b.div(x!, y!), [0.25, 2.5]),
  "Add broadcast": {
    inputs: [
      ["N", 1, 4],
      [3, 1],
    ],
    build: (b, [x, y]) => b.add(x!, y!),
  },
  Neg: vector([1, -2], (b, [x]) => b.neg(x!), [-1, 2]),
  Exp: vector([0, 1], (b, [x]) => b.exp(x!), [1, Math.E]),
  Log: vector([1, Math.E], (b, [x]) => b.log(x!), [0, 1]),
  Sqrt: vector([4, 9], (b, [x]) => b.sqrt(x!), [2, 3]),
  Relu: vector([-1, 0, 2], (b, [x]) => b.relu(x!), [0, 0, 2]),
  Sigmoid: vector([0, Math.log(3)], (b, [x]) => b.sigmoid(x!), [0.5, 0.75]),
  Tanh: vector([0, Math.log(3) / 2], (b, [x]) => b.tanh(x!), [0, 0.5]),
  // erf(1), Abramowitz & Stegun table 7.1.
  Erf: vector([0, 1, -1], (b, [x]) => b.erf(x!), [0, 0.8427008, -0.8427008]),
  Clip: vector([-1, 3, 9], (b, [x]) => b.clip(x!, 0, 6), [0, 3, 6]),
  Greater: two([1, 2, 3], [2, 2, 2], (b, [x, y]) => b.greater(x!, y!), [0, 0, 1]),
  Less: two([1, 2, 3], [2, 2, 2], (b, [x, y]) => b.less(x!, y!), [1, 0, 0]),
  Equal: two([1, 2, 3], [2, 2, 2], (b, [x, y]) => b.equal(x!, y!), [0, 1, 0]),
  Where: two([1, 2, 3], [2, 2, 2], (b, [x, y]) => b.where(b.less(x!, y!), x!, b.scalar(9)), [1, 9, 9]),
  ReduceSum: {
    inputs: [["N", 3]],
    values: [[1, 2, 3, 4, 5, 6]],
    build: (b, [x]) => b.reduceSum(x!, [1]),
    expected: [6, 15],
  },
  ReduceMean: {
    inputs: [["N", 3]],
    values: [[1, 2, 3, 4, 5, 6]],
    build: (b, [x]) => b.reduceMean(x!, [-1], { keepDims: false }),
    expected: [2, 5],
  },
  ReduceMax: {
    inputs: [["N", 3]],
    values: [[1, 9, 3, 4, 5, 6]],
    build: (b, [x]) => b.reduceMax(x!, [0]),
    expected: [4, 9, 6],
  },
  "ReduceMax of all": {
    inputs: [["N", 3]],
    values: [[1, 9, 3, 4, 5, 6]],
    build: (b, [x]) => b.reduceMax(x!, null, { keepDims: false }),
    expected: [9],
  },
  Softmax: {
    inputs: [["N", 2]],
    values: [[0, 0, Math.log(3), 0]],
    build: (b, [x]) => b.softmax(x!),
    expected: [0.5, 0.5, 0.75, 0.25],
  },
  LogSoftmax: {
    inputs: [["N", 2]],
    values: [[1000, 0, 0, 0]],
    build: (b, [x]) => b.logSoftmax(x!),
    expected: [0, -1000, -Math.LN2, -Math.LN2],
  },
  Conv: {
    inputs: [["N", 1, 3, 3]],
    values: [[1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 0, 0, 0, 1, 0, 0, 0, 0]],
    build: (b, [x]) => b.conv(x!, ones(b, "w", [1, 1, 2, 2]), b.constant("bias", "float32", [1], [100])),
    expected: [112, 116, 124, 128, 101, 101, 101, 101],
  },
  "Conv padded below and right": {
    inputs: [["N", 3, 8, 8]],
    build: (b, [x]) => b.conv(x!, ones(b, "w", [5, 3, 3, 3]), null, { strides: [2, 2], pads: [0, 0, 1, 1] }),
  },
  "Conv depthwise, dilated": {
    inputs: [["N", 4, 9, 7]],
    build: (b, [x]) =>
      b.conv(x!, ones(b, "w", [4, 1, 3, 3]), null, { group: 4, dilations: [2, 1], pads: [1, 2, 0, 1] }),
  },
  BatchNormalization: {
    inputs: [["N", 2, 1]],
    values: [[1, 2, 3, 4]],
    build: (b, [x]) => {
      const channel = (name: string, values: readonly number[]) => b.constant(name, "float32", [2], values);
      const [scale, bias] = [channel("scale", [2, 1]), channel("bias", [0, 10])];
      const [mean, variance] = [channel("mean", [1, 0]), channel("variance", [3, 0])];
      return b.batchNormalization(x!, { scale, bias, mean, variance, epsilon: 1 });
    },
    expected: [0, 12, 2, 14],
  },
  GlobalAveragePool: {
    inputs: [["N", 1, 2, 2]],
    values: [[1, 2, 3, 4, 0, 0, 0, 4]],
    build: (b, [x]) => b.globalAveragePool(x!),
    expected: [2.5, 1],
  },
  // The pad at the right and below is no part of a mean, and never the largest value.
  AveragePool: {
    inputs: [["N", 1, 2, 2]],
    values: [[1, 2, 3, 4, 0, 0, 0, -4]],
    build: (b, [x]) => b.averagePool(x!, { kernel: [2, 2], pads: [0, 0, 1, 1] }),
    expected: [2.5, 3, 3.5, 4, -1, -2, -2, -4],
  },
  MaxPool: {
    inputs: [["N", 1, 2, 2]],
    values: [[-1, -2, -3, -4, 0, 1, 2, 3]],
    build: (b, [x]) => b.maxPool(x!, { kernel: [2, 2], strides: [1, 1], pads: [0, 0, 0, 1] }),
    expected: [-1, -2, 3, 3],
  },
  MatMul: {
    inputs: [["N", 2]],
    values: [[1, 2, 3, 4]],
    build: (b, [x]) => b.matMul(x!, b.constant("w", "float32", [2, 1], [10, 1])),
    expected: [12, 34],
  },
  Gemm: {
    inputs: [["N", 2]],
    values: [[1, 2, 3, 4]],
    build: (b, [x]) =>
      b.gemm(x!, b.constant("w", "float32", [1, 2], [10, 1]), b.constant("c", "float32", [1], [5]), { transB: true }),
    expected: [17, 39],
  },
  Transpose: { inputs: [["N", 3, 4, 5]], build: (b, [x]) => b.transpose(x!, [0, 2, 3, 1]) },
  Reshape: { inputs: [["N", 3, 4, 5]], build: (b, [x]) => b.reshape(x!, [0, 12, -1]) },
  "Reshape to rows": { inputs: [["N", 3, 4, 5]], build: (b, [x]) => b.reshape(x!, [-1, 5]) },
  "Reshape to another's shape": {
    inputs: [
      ["N", 6],
      ["N", 2, 3],
    ],
    build: (b, [x, y]) => b.reshape(x!, b.shape(y!)),
  },
  Flatten: { inputs: [["N", 3, 4, 5]], build: (b, [x]) => b.flatten(x!, 2) },
  Squeeze: { inputs: [["N", 1, 4, 1]], build: (b, [x]) => b.squeeze(x!, [-1, 1]) },
  Unsqueeze: { inputs: [["N", 4]], build: (b, [x]) => b.unsqueeze(x!, [0, -1]) },
  Expand: { inputs: [["N", 1]], build: (b, [x]) => b.expand(x!, [3, 1, 4]) },
  Concat: {
    inputs: [
      ["N", 2],
      ["N", 3],
    ],
    build: (b, [x, y]) => b.concat([x!, y!], 1),
  },
  Pad: {
    inputs: [["N", 2]],
    values: [[1, 2, 3, 4]],
    build: (b, [x]) => b.pad(x!, [0, 1, 0, 0], 7),
    expected: [7, 1, 2, 7, 3, 4],
  },
  Slice: vector(
    [0, 1, 2, 3, 4],
    (b, [x]) => b.slice(x!, { axes: [0], starts: [-2], ends: [-99], steps: [-2] }),
    [3, 1],
  ),
  Gather: vector([5, 6, 7], (b, [x]) => b.gather(x!, b.integers([2, 0, 0])), [7, 5, 5]),
  Shape: { inputs: [["N", 4]], build: (b, [x]) => b.shape(x!), expected: [batch, 4] },
  Size: { inputs: [["N", 4]], build: (b, [x]) => b.size(x!), expected: [4 * batch] },
  "MaxPool of bytes": {
    inputs: [["N", 1, 2, 2]],
    dtype: "uint8",
    values: [[1, 200, 3, 4, 5, 6, 255, 8]],
    build: (b, [x]) => b.maxPool(x!, { kernel: [2, 2] }),
    expected: [200, 255],
  },
  // 0.5 to even, saturation at both ends.
  QuantizeLinear: vector(
    [-9, -0.25, 0, 0.25, 0.75, 200],
    (b, [x]) => b.quantizeLinear(x!, b.scalar(0.5), b.scalar(3, "uint8")),
    [0, 3, 3, 3, 5, 255],
  ),
  DequantizeLinear: {
    inputs: [["N", 2]],
    dtype: "uint8",
    values: [[0, 3, 4, 255]],
    build: (b, [x]) =>
      b.dequantizeLinear(x!, b.constant("scale", "float32", [2], [0.5, 2]), b.constant("zero", "uint8", [2], [3, 4])),
    expected: [-1.5, -2, 0.5, 502],
  },
};

/** Dimensions with the batch put in: "N" is `batch`, "12*N" is 12 times that. */
function fedDims(shape: Shape): number[] {
  return shape.map((dim) =>
    String(dim)
      .split("*")
      .reduce((product, part) => product * (part === "N" ? batch : Number(part)), 1),
  );
}

for (const [name, { inputs, dtype = "float32", values, build, expected }] of Object.entries(cases)) {
  test(`ONNX Runtime agrees: ${name}`, async () => {
    const b = new GraphBuilder();
    const nodes = inputs.map((shape, i) => b.input(`x${i}`, dtype, shape));
    const result = build(b, nodes);
    b.output("result", result);
    const feeds = inputs.map((shape, i): [string, TensorValue] => {
      const dims = fedDims(shape);
      const count = dims.reduce((product, dim) => product * dim, 1);
      return [`x${i}`, { dtype, dims, data: tensorDataFrom(dtype, values?.[i] ?? spreadValues(count)) }];
    });
    const { result: actual } = await runGraph(b.build("operation"), Object.fromEntries(feeds));
    assert.equal(actual!.dtype, result.dtype);
    assert.deepEqual([...actual!.dims], fedDims(result.shape));
    if (expected) assertClose(Array.from(actual!.data, Number), expected, 1e-6);
  });
}

test("every operation of the closed list is run here", () => {
  const run = new Set(Object.keys(cases).map((name) => name.split(" ")[0]!));
  assert.deepEqual(
    opNames.filter((op) => !run.has(op)),
    [],
  );
});
