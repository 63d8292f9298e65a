/** Simplified and quantised graphs in ONNX Runtime: the same numbers, integer kernels. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { InferenceSession } from "onnxruntime-node";
import { describeMachine } from "../../src/base/machine.ts";
import { ValueHistogram } from "../../src/compress/calibrate/histogram.ts";
import { nodesToObserve, observedGraph, observedName } from "../../src/compress/calibrate/observe.ts";
import { evaluateConstants, simplifyGraph } from "../../src/compress/index.ts";
import { batchNormToConv } from "../../src/compress/quantize/batch-norm-to-conv.ts";
import { quantizeGraph } from "../../src/compress/quantize/quantize-graph.ts";
import { rewriteGraph } from "../../src/compress/rewrite.ts";
import { productsSaturate } from "../../src/compress/variants.ts";
import {
  type Graph,
  GraphBuilder,
  type Node,
  type TensorValue,
  topologicalOrder,
} from "../../src/engine/graph/index.ts";
import { encodeModel, parseModel } from "../../src/engine/onnx/index.ts";
import { assertClose } from "../kit/close.ts";
import { runGraph, spreadValues } from "../kit/engine.ts";

const scratch = await mkdtemp(join(tmpdir(), "fulcrum-compress-"));
after(() => rm(scratch, { recursive: true, force: true }));

const values = (count: number, scale = 1) => Float32Array.from(spreadValues(count), (value) => value * scale);
const norm = (b: GraphBuilder, x: Node, name: string, channels: number) => {
  const vector = (part: string, data: Float32Array) => b.constant(`${name}.${part}`, "float32", [channels], data);
  return b.batchNormalization(
    x,
    {
      scale: vector("scale", values(channels)),
      bias: vector("bias", values(channels, 0.3)),
      mean: vector("mean", values(channels, 0.2)),
      variance: vector(
        "variance",
        values(channels).map((value) => 1 + value * value),
      ),
      epsilon: 1e-3,
    },
    { name },
  );
};

/** Everything that simplification looks for, written as importers of other tools write it. */
function verboseGraph(mean: number): Graph {
  const b = new GraphBuilder();
  const photo = b.input("photo", "uint8", ["N", 12, 12, 3]);
  const moved = b.transpose(b.transpose(photo, [0, 3, 1, 2]), [0, 2, 3, 1]);
  const pixels = b.div(b.sub(b.cast(b.identity(moved), "float32"), b.scalar(mean)), b.scalar(127.5));
  const padded = b.pad(b.transpose(pixels, [0, 3, 1, 2]), [0, 0, 0, 0, 0, 0, 1, 1]);
  const kernel = b.transpose(b.constant("hwio", "float32", [3, 3, 3, 8], values(216, 0.4)), [3, 2, 0, 1]);
  const stem = b.clip(norm(b, b.conv(padded, kernel, null, { strides: [2, 2] }), "stem.bn", 8), 0, 6);
  const before = b.relu(norm(b, stem, "preact.bn", 8));
  const depthwise = b.constant("dw", "float32", [8, 1, 3, 3], values(72, 0.5));
  const inner = b.conv(before, depthwise, null, { pads: [1, 1, 1, 1], group: 8 });
  const scaled = b.add(b.mul(inner, b.constant("s", "float32", [1, 8, 1, 1], values(8))), b.scalar(0.1));
  const sum = b.relu(b.add(scaled, stem));
  const features = b.reduceMean(b.transpose(sum, [0, 2, 3, 1]), [1, 2], { keepDims: false });
  const product = b.matMul(features, b.constant("dense", "float32", [8, 5], values(40, 2)));
  b.output("probabilities", b.softmax(b.add(product, b.constant("dense.b", "float32", [5], values(5)))));
  return b.build("verbose");
}

const photos = (count: number): TensorValue => ({
  dtype: "uint8",
  dims: [count, 12, 12, 3],
  data: Uint8Array.from(spreadValues(count * 432), (value) => Math.floor((value + 1) * 128)),
});
const opsOf = (graph: Graph) => topologicalOrder(graph.outputs.map(({ value }) => value)).map(({ op }) => op);

test("a simplified graph gives the same probabilities with fewer operations", async () => {
  const graph = verboseGraph(127.5);
  const simple = await simplifyGraph(graph, evaluateConstants);
  const feeds = { photo: photos(3) };
  const [expected, actual] = await Promise.all([runGraph(graph, feeds), runGraph(simple, feeds)]);
  assertClose(actual.probabilities!.data as Float32Array, expected.probabilities!.data as Float32Array, 1e-5);
  const ops = opsOf(simple);
  for (const gone of ["Identity", "Pad", "ReduceMean", "MatMul", "Mul"]) assert.ok(!ops.includes(gone as never), gone);
  assert.equal(ops.filter((op) => op === "BatchNormalization").length, 1, "the one that no convolution precedes");
  assert.equal(ops.filter((op) => op === "Transpose").length, 1, "channels first");
});

/** Sums of 8-bit products saturate on AVX2 without VNNI, as on AMD before Zen 4; those of 7-bit weights nowhere. */
const weightBits = productsSaturate(describeMachine()) ? 7 : 8;

/** The graph's int8 form, calibrated on the feeds themselves. */
async function int8Of(graph: Graph, feeds: { photo: TensorValue }): Promise<Graph> {
  const ready = rewriteGraph(await simplifyGraph(graph, evaluateConstants), batchNormToConv);
  const nodes = nodesToObserve(ready);
  const observed = await runGraph(observedGraph(ready, nodes), feeds);
  const ranges = new Map(
    nodes.map((node, i) => {
      const histogram = new ValueHistogram();
      histogram.add(observed[observedName(i)]!.data as Float32Array);
      return [node, histogram.extremes];
    }),
  );
  return quantizeGraph(ready, { rangeOf: (node) => ranges.get(node)!, weightBits, keepFloat: new Set() });
}

for (const mean of [127, 127.5]) {
  test(`int8 probabilities are near the float ones (pixels minus ${mean}, ${weightBits}-bit weights)`, async () => {
    const feeds = { photo: photos(4) };
    const graph = verboseGraph(mean);
    const [expected, actual] = [await runGraph(graph, feeds), await runGraph(await int8Of(graph, feeds), feeds)];
    assertClose(actual.probabilities!.data as Float32Array, expected.probabilities!.data as Float32Array, 0.03);
  });
}

test("a Gemm's beta scales its bias once", async () => {
  const b = new GraphBuilder();
  const photo = b.input("photo", "uint8", ["N", 12, 12, 3]);
  const pixels = b.div(b.cast(b.transpose(photo, [0, 3, 1, 2]), "float32"), b.scalar(255));
  const matrix = b.constant("matrix", "float32", [3, 4], values(12));
  const bias = b.constant("bias", "float32", [4], Float32Array.of(8, -4, 2, 6));
  b.output("scores", b.gemm(b.flatten(b.globalAveragePool(pixels)), matrix, bias, { beta: 0.5 }));
  const graph = b.build("beta");
  const feeds = { photo: photos(2) };
  const [expected, actual] = [await runGraph(graph, feeds), await runGraph(await int8Of(graph, feeds), feeds)];
  assertClose(actual.scores!.data as Float32Array, expected.scores!.data as Float32Array, 0.02);
});

test("zeros padded before a max pool stay zeros when simplification brings the two together", async () => {
  const b = new GraphBuilder();
  const x = b.input("x", "float32", [1, 1, 2, 2]);
  const padded = b.identity(b.pad(x, [0, 0, 1, 1, 0, 0, 1, 1]));
  b.output("largest", b.maxPool(padded, { kernel: [2, 2], strides: [2, 2], pads: [0, 0, 0, 0] }));
  const feeds = { x: { dtype: "float32", dims: [1, 1, 2, 2], data: Float32Array.of(-1, -2, -3, -4) } } as const;
  const { largest } = await runGraph(await simplifyGraph(b.build("border"), evaluateConstants), feeds);
  // Each window holds one value below 0 and three zeros of the border.
  assertClose(largest!.data as Float32Array, Float32Array.of(0, 0, 0, 0), 1e-30);
});

test("ONNX Runtime runs every layer, sum and pool with its integer kernels", async () => {
  const bytes = encodeModel(await int8Of(verboseGraph(127), { photo: photos(4) }));
  const path = join(scratch, "optimized.onnx");
  const session = await InferenceSession.create(bytes, {
    graphOptimizationLevel: "extended",
    optimizedModelFilePath: path,
    logSeverityLevel: 3,
  });
  await session.release();
  const ops = parseModel(await readFile(path)).graph!.node.map(({ opType }) => opType);
  assert.equal(ops.filter((op) => op === "QLinearConv").length, 3, ops.join());
  for (const integer of ["QLinearAdd", "QLinearGlobalAveragePool", "QGemm"])
    assert.ok(ops.includes(integer), ops.join());
  for (const float of ["Conv", "Gemm", "Add", "Clip", "Relu", "BatchNormalization", "GlobalAveragePool"]) {
    assert.ok(!ops.includes(float), `${float} in ${ops.join()}`);
  }
});
