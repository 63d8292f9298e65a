/** Differentiation as a pass from graph to graph: what it visits, and what it refuses. The rules are tested by running them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { gradients } from "../../src/engine/autodiff/index.ts";
import { GraphBuilder, isOperation, type Node, topologicalOrder } from "../../src/engine/graph/index.ts";

/** Operations that a value is computed with, in order. */
function operationsOf(value: Node): string[] {
  return topologicalOrder([value])
    .filter(isOperation)
    .map(({ op }) => op);
}

test("an operation without a rule is refused by name, if it lies between target and result", () => {
  const b = new GraphBuilder();
  const x = b.input("x", "float32", [3]);
  const picked = b.gather(x, b.integers([1]), 0, { name: "picked" });
  const loss = b.reduceSum(picked, null, { keepDims: false });
  const message = "There is no gradient for operation Gather (node picked): no rule is written for it.";
  assert.throws(() => gradients(b, loss, [x]), { code: "ENGINE_NO_GRADIENT", message });
});

test("nodes beside the path from target to result are not visited", () => {
  const b = new GraphBuilder();
  const x = b.input("x", "float32", [1]);
  const constantSide = b.gather(b.input("table", "float32", [3]), b.integers([1]));
  const [dx] = gradients(b, b.reduceSum(b.mul(x, constantSide), null, { keepDims: false }), [x]);
  assert.deepEqual(dx!.shape, [1]);
  assert.equal(operationsOf(dx!).includes("ReduceSum"), false);
});

test("the gradient of a value between is that of the result by it", () => {
  const b = new GraphBuilder();
  const x = b.input("x", "float32", []);
  const between = b.exp(x);
  const [dBetween, dRoot] = gradients(b, b.neg(between), [between, x]);
  assert.deepEqual(operationsOf(dBetween!), ["Neg"]);
  assert.deepEqual(operationsOf(dRoot!), ["Neg", "Exp", "Mul"]);
});

test("a reduction's gradient is spread out only where it is needed whole", () => {
  const b = new GraphBuilder();
  const x = b.input("x", "float32", [2, 3]);
  const loss = (value: Node) => b.reduceSum(value, null, { keepDims: false });
  const [squares, plain] = [b.mul(x, x), b.neg(x)].map((value) => gradients(b, loss(value), [x])[0]!);
  assert.deepEqual(operationsOf(squares!), ["Unsqueeze", "Mul", "Mul"]);
  assert.deepEqual(operationsOf(plain!), ["Unsqueeze", "Neg", "Expand"]);
  assert.deepEqual([squares!.shape, plain!.shape], [x.shape, x.shape]);
});

test("a result that does not depend on a target is refused, also if only a comparison joins them", () => {
  const b = new GraphBuilder();
  const x = b.input("x", "float32", []);
  const other = b.input("other", "float32", []);
  const loss = b.mul(x, b.cast(b.greater(other, x), "float32"), { name: "loss" });
  assert.throws(() => gradients(b, loss, [other]), {
    code: "ENGINE_NO_GRADIENT",
    message: /\(node other\): loss does not depend on it/,
  });
  assert.throws(() => gradients(b, b.neg(x), [other]), { code: "ENGINE_NO_GRADIENT" });
});

test("a case of an operation that its rule does not cover is refused", () => {
  const cases: readonly (readonly [(b: GraphBuilder, x: Node) => Node, RegExp])[] = [
    [
      (b, x) => b.slice(x, { axes: [0], starts: [3], ends: [-5], steps: [-1] }),
      /operation Slice .*no rule for step -1/,
    ],
    [
      (b, x) => b.apply("Pad", [x, b.integers([1, 1])], { mode: "reflect" }),
      /operation Pad .*no rule for mode reflect/,
    ],
    [
      (b, x) => b.apply("Clip", [b.scalar(1), b.reduceMax(x, null, { keepDims: false })]),
      /operation Clip .*no rule for its bounds/,
    ],
  ];
  for (const [build, message] of cases) {
    const b = new GraphBuilder();
    const x = b.input("x", "float32", [4]);
    const loss = b.reduceSum(build(b, x), null, { keepDims: false });
    assert.throws(() => gradients(b, loss, [x]), { code: "ENGINE_NO_GRADIENT", message });
  }
});

test("only a scalar has gradients", () => {
  const b = new GraphBuilder();
  const x = b.input("x", "float32", [2]);
  assert.throws(() => gradients(b, b.exp(x, { name: "y" }), [x]), {
    message: /node y\): it must be a scalar, its shape is \[2\]/,
  });
});
