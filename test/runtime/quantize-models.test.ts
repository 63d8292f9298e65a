/** Whole models as int8: which kernels ONNX Runtime takes for ResNet101V2, and joined bases end to end. */
import assert from "node:assert/strict";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { InferenceSession } from "onnxruntime-node";
import { noProgress } from "../../src/base/progress.ts";
import { Rng } from "../../src/base/rng.ts";
import { ValueHistogram } from "../../src/compress/calibrate/histogram.ts";
import { nodesToObserve, observedGraph, observedName } from "../../src/compress/calibrate/observe.ts";
import { evaluateConstants, quantizeModel, simplifyGraph } from "../../src/compress/index.ts";
import { batchNormToConv } from "../../src/compress/quantize/batch-norm-to-conv.ts";
import { quantizeGraph } from "../../src/compress/quantize/quantize-graph.ts";
import { rewriteGraph } from "../../src/compress/rewrite.ts";
import { quantization } from "../../src/config/quantization.ts";
import type { TensorValue } from "../../src/engine/graph/index.ts";
import { encodeModel, parseModel } from "../../src/engine/onnx/index.ts";
import { besideFloat, evaluateModel, evaluateModels } from "../../src/evaluate/index.ts";
import { randomWeights } from "../../src/layers/index.ts";
import { bases, buildFeatureGraphFrom } from "../../src/models/index.ts";
import { trainCandidate } from "../../src/train/index.ts";
import { runGraph, spreadValues } from "../kit/engine.ts";
import { temporaryFolder } from "../kit/photos.ts";
import { smallCandidate, writeColourDataset } from "../kit/train.ts";

test("ResNet101V2 runs with integer kernels only, its normalisations before activations included", async (t) => {
  const dir = await temporaryFolder(t);
  const side = 32;
  const preprocessing = { input: "image", size: side, resize: "stretch", shortSide: side } as const;
  const graph = buildFeatureGraphFrom(bases.resnet101v2, randomWeights(new Rng(5)), {
    ...preprocessing,
    interpolation: "bicubic",
    mean: 127.5,
    std: 127.5,
  });
  const ready = rewriteGraph(await simplifyGraph(graph, evaluateConstants), batchNormToConv);
  const nodes = nodesToObserve(ready);
  const data = Uint8Array.from(spreadValues(side * side * 3), (value) => Math.floor((value + 1) * 128));
  const image: TensorValue = { dtype: "uint8", dims: [1, side, side, 3], data };
  const observed = await runGraph(observedGraph(ready, nodes), { image });
  const ranges = new Map(
    nodes.map((node, i) => {
      const histogram = new ValueHistogram();
      histogram.add(observed[observedName(i)]!.data as Float32Array);
      return [node, histogram.extremes];
    }),
  );
  const rangeOf = (node: (typeof nodes)[number]) => ranges.get(node)!;
  const int8 = quantizeGraph(ready, { rangeOf, weightBits: 8, keepFloat: new Set() });
  const path = join(dir, "optimized.onnx");
  const session = await InferenceSession.create(encodeModel(int8), {
    graphOptimizationLevel: "extended",
    optimizedModelFilePath: path,
    logSeverityLevel: 3,
  });
  await session.release();
  const ops = parseModel(await readFile(path)).graph!.node.map(({ opType }) => opType);
  // Keras Applications: 1 + 33 blocks of 3 + 4 shortcuts = 104 convolutions.
  assert.ok(ops.filter((op) => op === "QLinearConv").length >= 104, ops.join());
  for (const float of ["Conv", "Add", "Relu", "Clip", "BatchNormalization", "GlobalAveragePool"])
    assert.ok(!ops.includes(float), `${ops.filter((op) => op === float).length} ${float}`);
});

test("joined bases become int8 together, and are tested beside their float form", async (t) => {
  const dir = await temporaryFolder(t);
  const photos = await writeColourDataset(join(dir, "photos"), { training: 6, validation: 6 });
  const dataset = { ...photos, splits: { ...photos.splits, evaluation: photos.splits.validation } };
  const shared = { dataset, threads: 1, progress: noProgress, signal: new AbortController().signal };
  const names = ["efficientnet-lite0", "efficientnet-lite1", "efficientnet-lite2"];
  const candidate = smallCandidate({ bases: names, preprocessing: {}, head: { epochs: 4 } });
  const features = join(dir, "features");
  const { model } = await trainCandidate({ ...shared, candidate, seed: 2, outDir: dir, featureDir: features });
  const modelPath = join(dir, model.file);
  const outPath = join(dir, "int8.onnx");
  const choices = quantization.parse({ maxLoss: 1, calibrationPhotos: 4 });
  const { compression } = await quantizeModel({ ...shared, modelPath, outPath, candidate: "joined", choices, seed: 2 });
  assert.equal(compression.validation.photos, 12);
  assert.ok((await stat(outPath)).size < 0.35 * model.bytes, "a byte a weight for four");

  const how = { ...shared, split: "evaluation", measureInference: false } as const;
  const models = [
    { modelPath: outPath, candidate: "int8" },
    { modelPath, candidate: "float" },
  ];
  const [int8, float] = await evaluateModels(models, how);
  // Photos that are decoded once for both give what each gives alone.
  for (const [i, one] of [int8!, float!].entries())
    assert.deepEqual(one.predictions, (await evaluateModel({ ...how, ...models[i]! })).predictions);
  const beside = besideFloat(int8!, float!);
  assert.equal(beside.float!.difference.estimate, int8!.accuracy.estimate - float!.accuracy.estimate);
  assert.equal(beside.float!.modelSha256, float!.modelSha256);
});
