/** Every gradient rule, run by ONNX Runtime: finite differences where the operation is smooth, closed forms at kinks. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { gradients } from "../../src/engine/autodiff/index.ts";
import { gradientRules } from "../../src/engine/autodiff/rules/index.ts";
import { GraphBuilder, type Node } from "../../src/engine/graph/index.ts";
import { assertClose } from "../kit/close.ts";
import { bothGradients, float64, type GradientCase, runGraph, spreadValues } from "../kit/engine.ts";

/** Of a central difference in float64 on values around 1: its error is about 1e-10, times the values' growth. */
const tolerance = 1e-7;

const grid = [-2, -1, 0, 1, 2];
const pairs = grid.flatMap((left) => grid.map((right) => [left, right] as const));
const matrix = (rows: number, columns: number) => ({
  dims: [rows, columns],
  values: spreadValues(rows * columns),
});
const onGrid = (build: GradientCase["build"]): GradientCase => ({ inputs: [{ dims: [5], values: grid }], build });
const onPairs = (build: GradientCase["build"]): GradientCase => ({
  inputs: [0, 1].map((side) => ({ dims: [pairs.length], values: pairs.map((pair) => pair[side]!) })),
  build,
});
const onMatrix = (build: GradientCase["build"]): GradientCase => ({ inputs: [matrix(3, 4)], build });
const positive = [0.25, 0.5, 1, 2, 4];

/** The operation that a case is about, and the case. */
const smoothCases: readonly (readonly [string, GradientCase])[] = [
  ["Identity", onGrid((b, [x]) => b.identity(x!))],
  ["Cast", onGrid((b, [x]) => b.cast(b.cast(x!, "float64"), "float64"))],
  ["Add", onPairs((b, [x, y]) => b.add(x!, y!))],
  ["Sub", onPairs((b, [x, y]) => b.sub(x!, y!))],
  ["Mul", onPairs((b, [x, y]) => b.mul(x!, y!))],
  ["Add, of itself", onGrid((b, [x]) => b.add(x!, x!))],
  ["Mul, of itself", onGrid((b, [x]) => b.mul(x!, x!))],
  ["Div", onPairs((b, [x, y]) => b.div(x!, b.add(y!, b.scalar(3, "float64"))))],
  ["Sub, broadcast", { inputs: [matrix(3, 4), matrix(3, 1)], build: (b, [x, y]) => b.sub(x!, y!) }],
  [
    "Mul, broadcast",
    { inputs: [matrix(3, 4), { dims: [4], values: grid.slice(0, 4) }], build: (b, [x, y]) => b.mul(x!, y!) },
  ],
  ["Add, both broadcast", { inputs: [matrix(3, 1), matrix(1, 4)], build: (b, [x, y]) => b.add(x!, y!) }],
  [
    "Div, broadcast scalar",
    { inputs: [matrix(3, 4), { dims: [], values: [1.5] }], build: (b, [x, y]) => b.div(x!, y!) },
  ],
  ["Neg", onGrid((b, [x]) => b.neg(x!))],
  ["Exp", onGrid((b, [x]) => b.exp(x!))],
  ["Log", { inputs: [{ dims: [5], values: positive }], build: (b, [x]) => b.log(x!) }],
  ["Sqrt", { inputs: [{ dims: [5], values: positive }], build: (b, [x]) => b.sqrt(x!) }],
  ["Sigmoid", onGrid((b, [x]) => b.sigmoid(x!))],
  ["Tanh", onGrid((b, [x]) => b.tanh(x!))],
  ["Where", onPairs((b, [x, y]) => b.where(b.greater(y!, b.scalar(0.5, "float64")), x!, y!))],
  [
    "Where, broadcast",
    { inputs: [matrix(3, 4), { dims: [1], values: [2] }], build: (b, [x, y]) => b.where(b.less(x!, y!), x!, y!) },
  ],
  [
    "Mul, of a square's mean",
    onMatrix((b, [x]) => {
      const centred = b.sub(x!, b.reduceMean(x!, [0]));
      return b.div(centred, b.sqrt(b.reduceMean(b.mul(centred, centred), [0])));
    }),
  ],
  [
    "Mul, by fewer values than the mean was of",
    {
      inputs: [matrix(3, 4), matrix(1, 4), matrix(3, 1)],
      build: (b, [x, row, column]) => b.reduceMean(b.mul(b.mul(x!, row!), column!), [0, 1]),
    },
  ],
  ["Sub, of a narrow gradient", onPairs((b, [x, y]) => b.reduceSum(b.neg(b.sub(b.sigmoid(x!), b.mul(y!, y!))), [0]))],
  ["ReduceSum, kept", onMatrix((b, [x]) => b.reduceSum(x!, [0]))],
  ["ReduceSum, dropped", onMatrix((b, [x]) => b.reduceSum(x!, [-1], { keepDims: false }))],
  ["ReduceSum, all", onMatrix((b, [x]) => b.reduceSum(x!, null, { keepDims: false }))],
  ["ReduceMean", onMatrix((b, [x]) => b.reduceMean(x!, [1]))],
  ["ReduceMean, dropped", onMatrix((b, [x]) => b.reduceMean(x!, [0], { keepDims: false }))],
  ["ReduceMax", onMatrix((b, [x]) => b.reduceMax(x!, [1]))],
  ["ReduceMax, dropped", onMatrix((b, [x]) => b.reduceMax(x!, [0], { keepDims: false }))],
  ["Softmax", onMatrix((b, [x]) => b.softmax(x!))],
  ["Softmax, first axis", onMatrix((b, [x]) => b.softmax(x!, 0))],
  ["LogSoftmax", onMatrix((b, [x]) => b.logSoftmax(x!))],
  ["LogSoftmax, equal values", onGrid((b, [x]) => b.logSoftmax(b.mul(x!, b.scalar(0, "float64"))))],
  ["MatMul", { inputs: [matrix(2, 3), matrix(3, 4)], build: (b, [x, y]) => b.matMul(x!, y!) }],
  [
    "MatMul, broadcast batch",
    {
      inputs: [{ dims: [2, 2, 3], values: spreadValues(12) }, matrix(3, 2)],
      build: (b, [x, y]) => b.matMul(x!, y!),
    },
  ],
  ["Transpose", onMatrix((b, [x]) => b.transpose(x!, [1, 0]))],
  [
    "Transpose, three axes",
    { inputs: [{ dims: [2, 3, 4], values: spreadValues(24) }], build: (b, [x]) => b.transpose(x!, [1, 2, 0]) },
  ],
  ["Reshape", onMatrix((b, [x]) => b.reshape(x!, [2, -1]))],
  ["Flatten", { inputs: [{ dims: [2, 3, 2], values: spreadValues(12) }], build: (b, [x]) => b.flatten(x!) }],
  ["Squeeze", { inputs: [{ dims: [2, 1, 3], values: spreadValues(6) }], build: (b, [x]) => b.squeeze(x!, [1]) }],
  ["Unsqueeze", onMatrix((b, [x]) => b.unsqueeze(x!, [0, -1]))],
  ["Expand", { inputs: [matrix(3, 1)], build: (b, [x]) => b.expand(x!, [2, 3, 4]) }],
  ["Concat", { inputs: [matrix(2, 3), matrix(2, 1)], build: (b, [x, y]) => b.concat([x!, y!, x!], -1) }],
  ["Pad", onMatrix((b, [x]) => b.pad(x!, [1, 0, 0, 2], 5))],
  ["Pad, negative", onMatrix((b, [x]) => b.pad(x!, [0, -1, 1, 0]))],
  ["Slice, step 2", onMatrix((b, [x]) => b.slice(x!, { axes: [1], starts: [0], ends: [4], steps: [2] }))],
  ["Slice", onMatrix((b, [x]) => b.slice(x!, { axes: [1, 0], starts: [-3, 1], ends: [4, 2] }))],
];

const gemmCases = [0, 1, 2, 3].map((bits): readonly [string, GradientCase] => {
  const [transA, transB] = [(bits & 1) === 1, (bits & 2) === 2];
  const inputs = [transA ? matrix(3, 2) : matrix(2, 3), transB ? matrix(4, 3) : matrix(3, 4), matrix(1, 4)];
  return [
    `Gemm, transA ${transA}, transB ${transB}`,
    { inputs, build: (b, [x, y, z]) => b.gemm(x!, y!, z!, { transA, transB, alpha: 0.5, beta: 2 }) },
  ];
});

for (const [name, one] of [...smoothCases, ...gemmCases]) {
  test(`gradient by finite differences: ${name}`, async () => {
    const { byRule, byDifference } = await bothGradients(one);
    byRule.forEach((values, input) => {
      assertClose(values, byDifference[input]!, tolerance);
    });
  });
}

test("the checker fails on a wrong gradient", async () => {
  const { byRule, byDifference } = await bothGradients(onGrid((b, [x]) => b.exp(x!)));
  const wrong = byRule[0]!.map((value, i) => (i === 2 ? value * 1.001 : value));
  assert.throws(() => assertClose(wrong, byDifference[0]!, tolerance), /value 2 is/);
  assert.throws(() => assertClose([Number.NaN], [1], tolerance), /value 0 is NaN/);
});

/** Operation, values, and the gradient of the sum of its results. */
const kinks: readonly (readonly [string, (b: GraphBuilder, x: Node) => Node, readonly number[], readonly number[]])[] =
  [
    ["Relu", (b, x) => b.relu(x), grid, [0, 0, 0, 1, 1]],
    ["Clip", (b, x) => b.clip(x, 0, 6), [-1, 0, 3, 6, 7], [0, 0, 1, 0, 0]],
    ["Clip to one value", (b, x) => b.clip(x, 1, 1), [0, 1, 2], [0, 0, 0]],
    ["Clip, lower bound only", (b, x) => b.clip(x, 1, null), [0, 1, 2], [0, 0, 1]],
    ["Clip, upper bound only", (b, x) => b.clip(x, null, 1), [0, 1, 2], [1, 0, 0]],
    ["ReduceMax, ties share", (b, x) => b.reduceMax(x, null), [3, 1, 3, 3], [1 / 3, 0, 1 / 3, 1 / 3]],
    ["Log at 0", (b, x) => b.log(x), [0, 2], [Infinity, 0.5]],
    ["Sqrt at 0", (b, x) => b.sqrt(x), [0, 4], [Infinity, 0.25]],
    ["Div by 0", (b, x) => b.div(b.scalar(1, "float64"), x), [0, 2], [-Infinity, -0.25]],
    [
      "Greater, through Cast",
      (b, x) => b.add(x, b.cast(b.greater(x, b.scalar(0, "float64")), "float64")),
      grid,
      [1, 1, 1, 1, 1],
    ],
    ["Cast, through int64", (b, x) => b.add(x, b.cast(b.cast(x, "int64"), "float64")), [0.5, 2], [1, 1]],
  ];

for (const [name, operation, values, expected] of kinks) {
  test(`gradient in closed form: ${name}`, async () => {
    const b = new GraphBuilder();
    const x = b.input("x", "float64", [values.length]);
    const [dx] = gradients(b, b.reduceSum(operation(b, x), null, { keepDims: false }), [x]);
    b.output("dx", dx!);
    const { dx: result } = await runGraph(b.build("kink"), { x: float64([values.length], values) });
    assertClose(Array.from(result!.data, Number), expected, 1e-12);
  });
}

test("gradient of the global average pool is 1 / (rows * columns) of its weight", async () => {
  const b = new GraphBuilder();
  const x = b.input("x", "float32", ["N", 2, 3, 5]);
  const weighted = b.mul(b.globalAveragePool(x), b.constant("w", "float32", [1, 2, 1, 1], [15, 30]));
  const [dx] = gradients(b, b.reduceSum(weighted, null, { keepDims: false }), [x]);
  b.output("dx", dx!);
  const feeds = { x: { dtype: "float32", dims: [2, 2, 3, 5], data: new Float32Array(60).fill(7) } } as const;
  const { dx: result } = await runGraph(b.build("pool"), feeds);
  const expected = Array.from({ length: 60 }, (_, i) => (Math.floor(i / 15) % 2 === 0 ? 1 : 2));
  assertClose(result!.data as Float32Array, expected, 1e-6);
});

test("gradient of the error function is 2 / sqrt(pi) e^(-x^2); ONNX Runtime's CPU has it in float32 only", async () => {
  const b = new GraphBuilder();
  const x = b.input("x", "float32", [3]);
  const [dx] = gradients(b, b.reduceSum(b.erf(x), null, { keepDims: false }), [x]);
  b.output("dx", dx!);
  const feeds = { x: { dtype: "float32", dims: [3], data: Float32Array.of(0, 1, -2) } } as const;
  const { dx: result } = await runGraph(b.build("erf"), feeds);
  assertClose(result!.data as Float32Array, [1.1283791671, 0.4151074974, 0.0206669854], 1e-6);
});

test("a shared value gets the sum of its gradients: d(x * x + x) / dx at 3 is 7", async () => {
  const b = new GraphBuilder();
  const x = b.input("x", "float64", []);
  const [dx] = gradients(b, b.add(b.mul(x, x), x), [x]);
  b.output("dx", dx!);
  const { dx: result } = await runGraph(b.build("shared"), { x: float64([], [3]) });
  assert.deepEqual(Array.from(result!.data, Number), [7]);
});

test("a chain of 2,000 additions has the gradient 2,001", async () => {
  const b = new GraphBuilder();
  const x = b.input("x", "float64", []);
  let sum: Node = x;
  for (let i = 0; i < 2000; i++) sum = b.add(sum, x);
  const [dx] = gradients(b, sum, [x]);
  b.output("dx", dx!);
  const { dx: result } = await runGraph(b.build("chain"), { x: float64([], [1]) });
  assert.deepEqual(Array.from(result!.data, Number), [2001]);
});

test("a mean over a symbolic batch divides by the batch that is fed", async () => {
  for (const count of [1, 5]) {
    const b = new GraphBuilder();
    const x = b.input("x", "float64", ["N", 3]);
    const [dx] = gradients(b, b.reduceMean(x, null, { keepDims: false }), [x]);
    b.output("dx", dx!);
    const { dx: result } = await runGraph(b.build("mean"), { x: float64([count, 3], spreadValues(3 * count)) });
    assertClose(Array.from(result!.data, Number), new Array(3 * count).fill(1 / (3 * count)), 1e-12);
  }
});

test("every rule of the table is tested here", () => {
  const noGradientAtAll = ["Less", "Equal", "Shape", "Size"];
  const tested = new Set([
    ...[...smoothCases, ...gemmCases, ...kinks].map(([name]) => name.split(/[ ,]/)[0]!),
    "GlobalAveragePool",
    "Erf",
    ...noGradientAtAll,
  ]);
  assert.deepEqual(
    Object.keys(gradientRules).filter((op) => !tested.has(op)),
    [],
  );
});
