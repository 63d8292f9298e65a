/** Numbers and structure of quantisation: closed forms, what is fused, what stays in float, what is chosen. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Rng } from "../../src/base/rng.ts";
import { ValueHistogram } from "../../src/compress/calibrate/histogram.ts";
import { nodesToObserve } from "../../src/compress/calibrate/observe.ts";
import { calibrationPhotos } from "../../src/compress/calibrate/photos.ts";
import {
  activationParams,
  quantizeBias,
  quantizeWeights,
  roundHalfToEven,
  smallestWeightScale,
} from "../../src/compress/quantize/parameters.ts";
import { quantizeGraph } from "../../src/compress/quantize/quantize-graph.ts";
import { acceptanceLevel, bestVariant, planVariants, productsSaturate } from "../../src/compress/variants.ts";
import { quantization } from "../../src/config/quantization.ts";
import { type Graph, GraphBuilder, type Node, topologicalOrder } from "../../src/engine/graph/index.ts";

test("a range becomes 256 steps that hold 0 exactly", () => {
  assert.deepEqual(activationParams({ low: 0, high: 6 }), { scale: Math.fround(6 / 255), zeroPoint: 0 });
  assert.deepEqual(activationParams({ low: -1, high: 254 }), { scale: 1, zeroPoint: 1 });
  assert.deepEqual(activationParams({ low: 3, high: 255 }), { scale: 1, zeroPoint: 0 });
  assert.deepEqual(activationParams({ low: -255, high: -3 }), { scale: 1, zeroPoint: 255 });
  assert.equal(activationParams({ low: 0, high: 0 }).zeroPoint, 0);
});

test("weights are symmetric with a scale a channel; 7 bits use half of the steps; a channel of zeros stays zero", () => {
  const values = Float32Array.of(127, -63.5, 0, 1.27, 0.635, -1.27, 0, 0, 0);
  const channelOf = (i: number) => Math.floor(i / 3);
  const eight = quantizeWeights(values, channelOf, [0, 0, 0], 8);
  assert.deepEqual([...eight.integers], [127, -64, 0, 127, 64, -127, 0, 0, 0]);
  assert.deepEqual([...eight.scales.subarray(0, 2)], [1, Math.fround(1.27) / 127].map(Math.fround));
  const seven = quantizeWeights(values, channelOf, [0, 0, 0], 7);
  assert.equal(Math.max(...seven.integers.map(Math.abs)), 63);
});

test("biases are multiples of both scales, and tiny weights do not push them out of 32 bits", () => {
  const { integers, scales } = quantizeBias([1, -0.5], 0.5, Float32Array.of(0.25, 0.5));
  assert.deepEqual([...integers], [8, -2]);
  assert.deepEqual([...scales], [0.125, 0.25]);
  const smallest = smallestWeightScale(1000, 1e-9);
  assert.ok(Math.abs(quantizeBias([1000], 1e-9, Float32Array.of(smallest)).integers[0]!) <= 2 ** 31 - 1);
});

test("halves round to even, as ONNX does", () => {
  assert.deepEqual([0.5, 1.5, 2.5, -0.5, -1.5, 0.49, -2.51].map(roundHalfToEven), [0, 2, 2, 0, -2, 0, -3]);
});

test("a histogram gives extremes and percentiles, however its values come", () => {
  const values = Float32Array.from({ length: 10000 }, (_, i) => i / 100);
  const whole = new ValueHistogram();
  whole.add(values);
  const parts = new ValueHistogram();
  for (const end of [10, 500, 10000]) parts.add(values.subarray(end === 10 ? 0 : end === 500 ? 10 : 500, end));
  for (const histogram of [whole, parts]) {
    assert.deepEqual(histogram.extremes, { low: 0, high: Math.fround(99.99) });
    const { low, high } = histogram.percentiles(0.99);
    // A bin is 2 * 128 / 4096 = 1/16 wide.
    assert.ok(Math.abs(high - 99) <= 1 / 16, `99 % of 0..100 end at ${high}`);
    assert.ok(Math.abs(low - 1) <= 1 / 16, `1 % of 0..100 end at ${low}`);
  }
});

test("calibration photos come from every class in turns, and depend on the seed only", () => {
  const photo = (path: string, label: number) => ({ path, label, sha256: "", width: 1, height: 1 });
  const photos = [photo("a1", 0), photo("a2", 0), photo("a3", 0), photo("b1", 1)];
  const drawn = calibrationPhotos(photos, 3, new Rng(1));
  assert.deepEqual(drawn.map(({ label }) => label).sort(), [0, 0, 1]);
  assert.deepEqual(drawn, calibrationPhotos(photos, 3, new Rng(1)));
  assert.equal(calibrationPhotos(photos, 99, new Rng(1)).length, 4);
});

/** uint8 photo, normalised, two convolutions with a shortcut, pooled, a dense head. */
function smallNetwork(mean: number): Graph {
  const b = new GraphBuilder();
  const photo = b.input("photo", "uint8", ["N", 8, 8, 3]);
  const pixels = b.div(b.sub(b.cast(b.transpose(photo, [0, 3, 1, 2]), "float32"), b.scalar(mean)), b.scalar(128));
  const weight = (name: string, dims: readonly number[]) =>
    b.constant(
      name,
      "float32",
      dims,
      Float32Array.from({ length: dims.reduce((n, dim) => n * dim, 1) }, (_, i) => Math.sin(i)),
    );
  const conv = (x: Node, name: string, inputs: number) =>
    b.conv(x, weight(`${name}.w`, [4, inputs, 3, 3]), weight(`${name}.b`, [4]), { pads: [1, 1, 1, 1], name });
  const first = b.clip(conv(pixels, "first", 3), 0, 6, { name: "relu6" });
  const sum = b.add(conv(first, "second", 4), first, { name: "sum" });
  const features = b.flatten(b.globalAveragePool(sum, { name: "pool" }));
  b.output(
    "probabilities",
    b.softmax(b.gemm(features, weight("head.w", [4, 3]), weight("head.b", [3]), { name: "head" })),
  );
  return b.build("small");
}

const rangeOf = () => ({ low: -4, high: 6 });
const nodesOf = (graph: Graph) => topologicalOrder(graph.outputs.map(({ value }) => value));
const quantized = (graph: Graph, keepFloat: readonly string[] = []) =>
  quantizeGraph(graph, { rangeOf, weightBits: 8, keepFloat: new Set(keepFloat) });

test("a photo of bytes is used as it is: (x - 127) / 128 is scale 1/128 with zero point 127", () => {
  const first = nodesOf(quantized(smallNetwork(127))).find(({ name }) => name === "first")!;
  const input = (first as { inputs: readonly Node[] }).inputs[0]! as { op: string; inputs: readonly Node[] };
  assert.equal(input.op, "DequantizeLinear");
  const [pixels, scale, zeroPoint] = input.inputs as [Node, { data: Float32Array }, { data: Uint8Array }];
  assert.equal(pixels.op, "Transpose");
  assert.deepEqual([scale.data[0], zeroPoint.data[0]], [1 / 128, 127]);
});

test("a fraction as zero point becomes the nearest whole one", () => {
  const first = nodesOf(quantized(smallNetwork(126.7))).find(({ name }) => name === "first")!;
  const input = (first as { inputs: readonly Node[] }).inputs[0]! as { inputs: readonly Node[] };
  assert.deepEqual([...(input.inputs[2] as unknown as { data: Uint8Array }).data], [127]);
});

test("the best of several has to pass a stricter interval: all of theirs hold together with 95 %", () => {
  assert.equal(acceptanceLevel(1), 0.95);
  assert.equal(acceptanceLevel(10), 0.995);
});

test("the activation disappears, its range saturates; nothing but head and softmax computes in float", () => {
  const graph = quantized(smallNetwork(127), ["head"]);
  const nodes = nodesOf(graph);
  const ops = nodes.map(({ op }) => op);
  assert.ok(!ops.includes("Clip") && !ops.includes("Cast") && !ops.includes("Sub"));
  assert.equal(ops.filter((op) => op === "QuantizeLinear").length, 4, "relu6, second, sum, pool");
  const observed = nodesToObserve(smallNetwork(127)).map(({ name }) => name);
  assert.deepEqual(observed.sort(), ["pool", "relu6", "second", "sum"]);
});

test("a layer that is kept in float reads and gives real values", () => {
  const nodes = nodesOf(quantized(smallNetwork(127), ["second", "head"]));
  const second = nodes.find(({ name }) => name === "second") as { inputs: readonly Node[] };
  assert.equal(second.inputs[1]!.op, "Constant");
});

test("sums saturate on x64 without VNNI only", () => {
  assert.ok(productsSaturate({ platform: "linux x64", cpuFeatures: ["avx2", "fma"] }));
  assert.ok(!productsSaturate({ platform: "linux x64", cpuFeatures: ["avx2", "avx512_vnni"] }));
  assert.ok(!productsSaturate({ platform: "darwin arm64", cpuFeatures: [] }));
});

test("variants: a large last layer is quantised, a small one is not; 7 bits where sums saturate", () => {
  const choices = quantization.parse({});
  const [main, fallback] = planVariants(smallNetwork(127), 16, false, choices);
  assert.equal(main!.length, 3);
  assert.deepEqual(main![0]!.floatLayers, ["head"], "12 of 264 weights");
  assert.deepEqual(fallback![0]!.floatLayers, ["first", "head"]);
  assert.deepEqual(
    planVariants(smallNetwork(127), 16, true, choices)[0]!.map(({ weightBits }) => weightBits),
    [8, 8, 8, 7, 7, 7],
  );
});

test("the most right answers win, then the lowest log loss, then the first", () => {
  const results = [
    { correct: 8, logLoss: 0.5 },
    { correct: 9, logLoss: 0.7 },
    { correct: 9, logLoss: 0.6 },
    { correct: 9, logLoss: 0.6 },
  ];
  assert.equal(bestVariant(results), 2);
});
