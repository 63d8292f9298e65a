/** The graph: what the builder infers and refuses, the order, and the verifier on graphs that no builder would make. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Graph,
  GraphBuilder,
  type Node,
  type OperationNode,
  type Shape,
  topologicalOrder,
  verifyGraph,
} from "../../src/engine/graph/index.ts";
import { broadcastShapes, divideDims, isDim, multiplyDims } from "../../src/engine/graph/shape.ts";

const input = (b: GraphBuilder, shape: Shape, name = "x") => b.input(name, "float32", shape);

test("dimensions multiply and divide, symbols included", () => {
  assert.equal(multiplyDims([]), 1);
  assert.equal(multiplyDims(["N", 7, 7]), "49*N");
  assert.equal(multiplyDims(["N", 1, "B"]), "B*N");
  assert.equal(multiplyDims(["N", 0]), 0);
  assert.equal(divideDims("49*N", 7), "7*N");
  assert.equal(divideDims("49*N", "N"), 49);
  assert.equal(divideDims("N", "N"), 1);
  assert.equal(divideDims("N", 2), null);
  assert.equal(divideDims(6, "N"), null);
  assert.equal(divideDims(6, 0), null);
});

test("a dimension is a whole number or a product of symbols", () => {
  for (const dim of [0, 1, "N", "49*N", "batch_size*B"]) assert.equal(isDim(dim), true, String(dim));
  for (const dim of [-1, 1.5, "", "N*2", "0*N", "a b", null]) assert.equal(isDim(dim), false, String(dim));
});

test("shapes broadcast as in ONNX; a symbol fits itself and 1 only", () => {
  const cases: readonly (readonly [Shape, Shape, Shape | null])[] = [
    [[3, 4], [4], [3, 4]],
    [
      [3, 1],
      [1, 4],
      [3, 4],
    ],
    [[], ["N", 2], ["N", 2]],
    [["N", 1], [5], ["N", 5]],
    [["N"], ["N"], ["N"]],
    [["N"], [2], null],
    [["N"], ["M"], null],
    [[2], [3], null],
  ];
  for (const [a, b, expected] of cases) {
    assert.deepEqual(broadcastShapes(a, b), expected);
    assert.deepEqual(broadcastShapes(b, a), expected);
  }
});

test("a convolution padded as TensorFlow's SAME at stride 2 halves the picture", () => {
  const b = new GraphBuilder();
  const weight = b.constant("w", "float32", [32, 3, 3, 3], new Float32Array(864));
  const x = input(b, ["N", 3, 224, 224]);
  assert.deepEqual(b.conv(x, weight, null, { strides: [2, 2], pads: [0, 0, 1, 1] }).shape, ["N", 32, 112, 112]);
});

test("activations become rows and go back", () => {
  const b = new GraphBuilder();
  const rows = b.reshape(input(b, ["N", 7, 7, 320]), [-1, 320]);
  assert.deepEqual(rows.shape, ["49*N", 320]);
  assert.deepEqual(b.reshape(rows, [-1, 7, 7, 320]).shape, ["N", 7, 7, 320]);
});

test("defaults are filled in when a node is made, floats as the 32 bits that ONNX holds", () => {
  const b = new GraphBuilder();
  const product = b.gemm(input(b, ["N", 2]), input(b, [2, 3], "w"), null, { alpha: 0.1 }) as OperationNode;
  assert.deepEqual(product.attributes, { alpha: Math.fround(0.1), beta: 1, transA: 0, transB: 0 });
});

test("equal scalars and index vectors are shared, 0 and -0 are not equal", () => {
  const b = new GraphBuilder();
  assert.equal(b.scalar(2), b.scalar(2));
  assert.equal(b.integers([0, 1]), b.integers([0, 1]));
  assert.notEqual(b.scalar(2), b.scalar(2, "float64"));
  assert.notEqual(b.scalar(0), b.scalar(-0));
});

/** What is built, and what the error says about it. */
const refused: readonly (readonly [string, (b: GraphBuilder) => unknown, RegExp])[] = [
  [
    "shapes that do not broadcast",
    (b) => b.add(input(b, [2]), input(b, [3], "y"), { name: "sum" }),
    /^Node sum \(Add\) is not valid: shapes do not broadcast: \[2\] and \[3\]\.$/,
  ],
  [
    "mixed types",
    (b) => b.add(input(b, [2]), b.scalar(1, "int64")),
    /\(Add\).*input B is int64 where the others are float32/,
  ],
  [
    "a type that an operation does not take",
    (b) => b.relu(b.input("x", "uint8", [2])),
    /\(Relu\).*input X is uint8, allowed: float32, float64/,
  ],
  ["a missing input", (b) => b.apply("Add", [input(b, [2])]), /\(Add\).*input B is missing/],
  ["too many inputs", (b) => b.apply("Relu", [input(b, [2]), input(b, [2], "y")]), /at most 1 inputs, not 2/],
  [
    "an unknown attribute",
    (b) => b.apply("Relu", [input(b, [2])], { alpha: 1 }),
    /attribute alpha is unknown, allowed: none/,
  ],
  ["a missing attribute", (b) => b.apply("Cast", [input(b, [2])]), /attribute to is missing/],
  [
    "an attribute of the wrong kind",
    (b) => b.softmax(input(b, [2]), 0.5),
    /attribute axis must be of kind int, not 0.5/,
  ],
  ["an axis outside", (b) => b.softmax(input(b, [2]), 1), /axis 1 is outside of -1..0/],
  ["an axis twice", (b) => b.reduceSum(input(b, [2, 3]), [1, -1]), /axes 1,1 repeat/],
  [
    "inner dimensions that differ",
    (b) => b.matMul(input(b, [2, 3]), input(b, [2, 3], "y")),
    /inner dimensions differ: \[2,3\] and \[2,3\]/,
  ],
  ["a vector as matrix", (b) => b.gemm(input(b, [2]), input(b, [2, 3], "y")), /x must be a matrix, its shape is \[2\]/],
  [
    "a convolution of other channels",
    (b) => b.conv(input(b, [1, 4, 8, 8]), input(b, [8, 3, 3, 3], "w"), null),
    /X has 4 channels, W takes 3 in each of 1 groups/,
  ],
  [
    "a bias of another length",
    (b) => b.conv(input(b, [1, 3, 8, 8]), input(b, [8, 3, 3, 3], "w"), input(b, [4], "bias")),
    /bias must be \[8\], its shape is \[4\]/,
  ],
  [
    "a kernel larger than the picture",
    (b) => b.conv(input(b, [1, 3, 2, 2]), input(b, [8, 3, 3, 3], "w"), null),
    /window of 3 at stride 1 does not fit into 2/,
  ],
  [
    "automatic pads",
    (b) => b.apply("Conv", [input(b, [1, 3, 8, 8]), input(b, [8, 3, 3, 3], "w")], { auto_pad: "SAME_UPPER" }),
    /auto_pad is not supported, give explicit pads/,
  ],
  ["a reshape to another size", (b) => b.reshape(input(b, [2, 3]), [4]), /\[2,3\] cannot be reshaped to \[4\]/],
  ["a reshape whose fit nobody can prove", (b) => b.reshape(input(b, ["N", 3]), [2, -1]), /cannot be reshaped/],
  [
    "a reshape to a computed shape",
    (b) => b.reshape(input(b, [2]), b.input("dims", "int64", [1])),
    /input shape must be a constant, it is computed by Input dims/,
  ],
  ["squeezing what is not 1", (b) => b.squeeze(input(b, [2, 3]), [0]), /axis 0 of \[2,3\] is not 1/],
  [
    "joining shapes that differ",
    (b) => b.concat([input(b, [2, 3]), input(b, [3, 3], "y")], 1),
    /shapes differ outside of axis 1/,
  ],
  ["an order that is none", (b) => b.transpose(input(b, [2, 3]), [0, 0]), /perm 0,0 is not an order of the 2 axes/],
  ["a name twice", (b) => [input(b, [2]), input(b, [3])], /Node x \(Input\).*another node has this name/],
  ["a dimension that is none", (b) => input(b, [-1]), /Node x \(Input\).*\[-1\] is not a shape/],
  [
    "data of another length",
    (b) => b.constant("c", "float32", [2, 2], [1, 2, 3]),
    /Node c \(Constant\).*has 4 values, its data 3/,
  ],
  [
    "data of another type",
    (b) => b.constant("c", "float32", [1], new Float64Array(1)),
    /its data is not a Float32Array/,
  ],
  ["no output", (b) => b.build("empty"), /Node empty \(Graph\).*no output/],
  [
    "an output twice",
    (b) => [b.output("y", b.scalar(1)), b.output("y", b.scalar(2)), b.build("g")],
    /Node y \(Output\).*two outputs of this name/,
  ],
  [
    "an output called as another node",
    (b) => [b.output("x", b.relu(input(b, [1]))), b.build("g")],
    /Node x \(Output\).*that of another node/,
  ],
];

for (const [name, build, message] of refused) {
  test(`the builder refuses ${name}`, () => {
    assert.throws(() => build(new GraphBuilder()), { code: "ENGINE_GRAPH_INVALID", message });
  });
}

test("inputs come before their users, each node once, also on a chain that recursion could not follow", () => {
  const b = new GraphBuilder();
  const x = input(b, []);
  let sum: Node = x;
  for (let i = 0; i < 50_000; i++) sum = b.add(sum, x);
  const order = topologicalOrder([sum]);
  assert.equal(order.length, 50_001);
  assert.deepEqual([order[0], order.at(-1)], [x, sum]);
});

/** A legal graph whose middle node a test then damages. */
function damaged(
  change: (middle: OperationNode, last: OperationNode) => Partial<Record<keyof OperationNode, unknown>>,
): Graph {
  const b = new GraphBuilder();
  const middle = b.exp(input(b, [2]), { name: "middle" }) as OperationNode;
  const last = b.neg(middle, { name: "last" }) as OperationNode;
  b.output("y", last);
  const graph = b.build("damaged");
  Object.assign(middle, change(middle, last));
  return graph;
}

test("the verifier finds what a damaged graph does wrong", () => {
  const stranger = new GraphBuilder().input("stranger", "float32", [2]);
  const cases: readonly (readonly [Parameters<typeof damaged>[0], RegExp])[] = [
    [(_, last) => ({ inputs: [last] }), /Node (last|middle) \((Neg|Exp)\).*depends on itself/],
    [() => ({ shape: [3] }), /Node middle \(Exp\).*declared as float32 \[3\] but gives float32 \[2\]/],
    [() => ({ dtype: "float64" }), /Node middle \(Exp\).*declared as float64 \[2\] but gives float32 \[2\]/],
    [() => ({ name: "last" }), /Node last \(Neg\).*also that of a node of operation Exp/],
    [() => ({ inputs: [stranger] }), /Node stranger \(Input\).*not an input of the graph/],
    [() => ({ attributes: { axis: 1 } }), /Node middle \(Exp\).*attribute axis is unknown/],
  ];
  for (const [change, message] of cases) {
    assert.throws(() => verifyGraph(damaged(change)), { code: "ENGINE_GRAPH_INVALID", message });
  }
  assert.equal(verifyGraph(damaged(() => ({}))).length, 3);
});
