/** Lowered networks, run by ONNX Runtime: the ways of lowering agree, and parts do what the whole does. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Rng } from "../../src/base/rng.ts";
import { GraphBuilder, topologicalOrder } from "../../src/engine/graph/index.ts";
import type { TensorValues } from "../../src/engine/runtime/index.ts";
import {
  lowerNetwork,
  mobileNetV2,
  type Network,
  randomWeights,
  splitNetwork,
  type Weight,
  type WeightSource,
} from "../../src/layers/index.ts";
import { NetworkBuilder } from "../../src/layers/network-builder.ts";
import { assertClose } from "../kit/close.ts";
import { runGraph, spreadValues } from "../kit/engine.ts";

const size = 33;
const picture = {
  dtype: "float32",
  dims: [2, 3, size, size],
  data: Float32Array.from(spreadValues(6 * size * size)),
} as const;

/** Random kernels, and statistics that differ from channel to channel, some scales negative. */
function unevenWeights(): WeightSource {
  const kept = new Map<string, Weight>();
  const kernels = randomWeights(new Rng("kernels"), kept);
  const rng = new Rng("statistics");
  return (layer, weight, shape) => {
    const isNew = !kept.has(`${layer}/${weight}`);
    const made = kernels(layer, weight, shape);
    if (!isNew || weight.endsWith("kernel")) return made;
    const positive = weight === "moving_variance";
    for (let i = 0; i < made.data.length; i++) made.data[i] = rng.uniform(positive ? 0.5 : -1, 1.5);
    return made;
  };
}

test("folded for serving and open for training give the same values", async () => {
  const network = mobileNetV2(0.35, size);
  const weights = unevenWeights();
  const b = new GraphBuilder();
  const inputs = { input_1: b.input("picture", "float32", ["N", 3, size, size]) };
  const serving = lowerNetwork(b, network, { inputs, weights, prefix: "serving/" });
  const training = lowerNetwork(b, network, { inputs, weights, prefix: "training/", form: "training" });
  b.output("serving", serving.outputs[0]!);
  b.output("training", training.outputs[0]!);
  const result = await runGraph(b.build("both"), { picture });
  assertClose(result.serving!.data as Float32Array, result.training!.data as Float32Array, 1e-4);
  const ops = topologicalOrder(serving.outputs).map(({ op }) => op);
  assert.ok(!ops.includes("BatchNormalization") && !ops.includes("Pad"), "nothing is left to fold");
});

test("front and tail one after the other do what the network does; the tail's weights are inputs", async () => {
  const network = mobileNetV2(0.35, size);
  const weights = unevenWeights();
  const first = network.layers.findIndex(({ name }) => name === "block_15_expand");
  const { front, tail, boundary } = splitNetwork(network, first);
  // The shortcut around block 15 makes the boundary a single value still: the sum before it.
  assert.deepEqual(boundary, ["block_14_add"]);
  const b = new GraphBuilder();
  const image = b.input("picture", "float32", ["N", 3, size, size]);
  const whole = lowerNetwork(b, network, { inputs: { input_1: image }, weights, prefix: "whole/" });
  const begun = lowerNetwork(b, front, { inputs: { input_1: image }, weights, prefix: "front/" });
  const trainable = new Set(tail.layers.map(({ name }) => name));
  const options = { weights, prefix: "tail/", form: "training", trainable } as const;
  const ended = lowerNetwork(b, tail, { ...options, inputs: { block_14_add: begun.outputs[0]! } });
  b.output("whole", whole.outputs[0]!);
  b.output("parts", ended.outputs[0]!);
  const expected = tail.layers.flatMap(({ name, type }) => {
    if (type === "BatchNormalization") return [`${name}/gamma`, `${name}/beta`];
    if (type === "Conv2D") return [`${name}/kernel`];
    return type === "DepthwiseConv2D" ? [`${name}/depthwise_kernel`] : [];
  });
  assert.deepEqual(
    ended.parameters.map(({ layer, weight }) => `${layer}/${weight}`),
    expected,
  );
  const fed: TensorValues = Object.fromEntries(
    ended.parameters.map(({ node, value }) => [
      node.name,
      { dtype: "float32", dims: node.shape.map(Number), data: value },
    ]),
  );
  const result = await runGraph(b.build("parts"), { picture, ...fed });
  assertClose(result.parts!.data as Float32Array, result.whole!.data as Float32Array, 1e-4);
});

test("zero padding before max pooling is 0 in a window of negatives, whatever ONNX Runtime fuses", async () => {
  const network = new NetworkBuilder();
  const padded = network.zeroPadding("pad", network.input("x", null), [0, 0, 1, 1]);
  const window = { type: "MaxPooling2D", size: [2, 2], strides: [1, 1], padding: "valid" } as const;
  const pooling = network.build("pooling", network.add("pool", window, [padded]));
  const b = new GraphBuilder();
  const x = b.input("x", "float32", ["N", 1, 2, 2]);
  b.output("y", lowerNetwork(b, pooling, { inputs: { x }, weights: randomWeights(new Rng(1)) }).outputs[0]!);
  const feeds = { x: { dtype: "float32", dims: [1, 1, 2, 2], data: Float32Array.of(-1, -2, -3, -4) } } as const;
  assertClose((await runGraph(b.build("pooling"), feeds)).y!.data as Float32Array, [-1, 0, 0, 0], 1e-30);
});

function normOnly(): Network {
  const b = new NetworkBuilder();
  return b.build("norm", b.batchNorm("bn", b.input("x", null), { epsilon: 0.5, momentum: 0.9 }));
}

test("BatchNormalization in training mode uses the batch's mean and biased variance, and gives them", async () => {
  const b = new GraphBuilder();
  const x = b.input("x", "float32", ["N", 1, 1, 2]);
  const trainable = new Set(["bn"]);
  const weights = randomWeights(new Rng(1));
  const options = { weights, form: "training", trainable, batchStatistics: trainable } as const;
  const { outputs, statistics } = lowerNetwork(b, normOnly(), { ...options, inputs: { x } });
  b.output("y", outputs[0]!);
  b.output("mean", statistics[0]!.mean);
  b.output("variance", statistics[0]!.variance);
  const vector = (value: number) => ({ dtype: "float32", dims: [1], data: Float32Array.of(value) }) as const;
  const feeds = { x: { dtype: "float32", dims: [2, 1, 1, 2], data: Float32Array.of(1, 2, 3, 6) } } as const;
  const result = await runGraph(b.build("norm"), { ...feeds, "norm/bn/gamma": vector(2), "norm/bn/beta": vector(10) });
  // Mean 3, variance (4 + 1 + 0 + 9) / 4 = 3.5; (x - 3) / sqrt(4) * 2 + 10 = x + 7.
  assertClose(result.y!.data as Float32Array, [8, 9, 10, 13], 1e-5);
  assertClose(result.mean!.data as Float32Array, [3], 1e-6);
  assertClose(result.variance!.data as Float32Array, [3.5], 1e-6);
  assert.equal(statistics[0]!.valuesPerPhoto, 2);
});
