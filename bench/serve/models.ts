/**
 * The peers' two models as fulcrum serves them: the same weights out of the peers' ONNX files, with uint8 photos at the
 * input, simplified, and as int8. Checks that the float ones give the peers' probabilities within 1e-4.
 *
 * Command: node bench/serve/models.ts DIR   (needs ../shared/peers/setup.sh keras, and photos in ../shared/data/food10)
 * int8 here is what `fulcrum quantize` makes without its guard: weights are random, so there is no accuracy to guard.
 */
import { glob, mkdir } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { readBytes } from "../../src/base/files.ts";
import { noProgress } from "../../src/base/progress.ts";
import { calibrate } from "../../src/compress/calibrate/calibrate.ts";
import { evaluateConstants, simplifyGraph } from "../../src/compress/index.ts";
import { batchNormToConv } from "../../src/compress/quantize/batch-norm-to-conv.ts";
import { layersOf, quantizeGraph } from "../../src/compress/quantize/quantize-graph.ts";
import { rewriteGraph } from "../../src/compress/rewrite.ts";
import { decodeModel } from "../../src/engine/onnx/index.ts";
import { NodeProtoSchema, TensorProtoSchema } from "../../src/engine/onnx/onnx_pb.ts";
import { parseModel, renderModel } from "../../src/engine/onnx/proto.ts";
import { createSession } from "../../src/engine/runtime/index.ts";
import { decodePhoto } from "../../src/images/index.ts";
import { probabilitiesOutput, renderModelFile, writeModelFile } from "../../src/models/index.ts";
import { photoFeeds } from "../../src/predict/index.ts";
import type { Photo } from "../../src/records/dataset.ts";
import type { Preprocessing } from "../../src/records/preprocessing.ts";
import { sharedFile } from "../../test/kit/shared.ts";
import { sampleMetadata } from "../../test/kit/toy-model.ts";

export const modelNames = ["mobilenetv2", "resnet101v2"] as const;
export type ModelName = (typeof modelNames)[number];

const size = 224;
/** Of the photos whose number ends in 7, one of so many calibrates int8. */
const everyNth = 10;
const tolerance = 1e-4;
/** ONNX TensorProto.DataType. */
const dataTypes = { float: 1, uint8: 2 } as const;

const preprocessing: Preprocessing = {
  input: "image",
  size,
  resize: "stretch",
  shortSide: size,
  shrinkMargin: 2,
  interpolation: "bicubic",
  mean: 0,
  std: 255,
};

export function peersHome(): string {
  return process.env.PEERS_HOME ?? join(homedir(), ".cache/fulcrum-peers");
}

/** tf2onnx's file with `image` / 255 in front of its input, and its output called as ours. */
function withPhotoInput(peerModel: Uint8Array): Uint8Array {
  const model = parseModel(peerModel);
  const graph = model.graph!;
  const input = graph.input[0]!;
  const pixels = input.name;
  const output = graph.output[0]!;
  for (const node of graph.node) node.output = node.output.map((n) => (n === output.name ? probabilitiesOutput : n));
  output.name = probabilitiesOutput;
  input.name = preprocessing.input;
  if (input.type?.value.case === "tensorType") input.type.value.value.elemType = dataTypes.uint8;
  const cast = { name: "to", type: 2, i: BigInt(dataTypes.float) } as const;
  graph.initializer.push(
    create(TensorProtoSchema, { name: "full_scale", dataType: dataTypes.float, dims: [], floatData: [255] }),
  );
  graph.node.unshift(
    create(NodeProtoSchema, {
      name: "to_float",
      opType: "Cast",
      input: [input.name],
      output: ["as_float"],
      attribute: [cast],
    }),
    create(NodeProtoSchema, { name: "to_unit", opType: "Div", input: ["as_float", "full_scale"], output: [pixels] }),
  );
  return renderModel(model);
}

async function makeModel(name: ModelName, dir: string): Promise<void> {
  const peer = await readBytes(join(peersHome(), "models", `${name}.onnx`));
  const classes = Array.from({ length: 11 }, (_, i) => `class ${i}`);
  const metadata = { ...sampleMetadata(classes, [preprocessing]), synthetic: false };
  const graph = await simplifyGraph(decodeModel(withPhotoInput(peer)).graph, evaluateConstants);
  const bytes = renderModelFile(graph, metadata);
  const difference = await largestDifference(peer, bytes);
  process.stdout.write(`${name}: largest difference of a probability ${difference}\n`);
  if (!(difference <= tolerance)) throw new Error(`${name} differs from the peers' by more than ${tolerance}`);
  await writeModelFile(join(dir, `${name}.onnx`), bytes);

  const integerReady = rewriteGraph(graph, batchNormToConv);
  const dataDir = sharedFile("data/food10");
  const photos: Photo[] = [];
  for await (const path of glob("training/*/*7.jpg", { cwd: dataDir }))
    photos.push({ path, label: 0, sha256: "", width: 0, height: 0 });
  const signal = new AbortController().signal;
  const histograms = await calibrate({
    graph: integerReady,
    preprocessing: [preprocessing],
    dataDir,
    photos: photos.sort((a, b) => (a.path < b.path ? -1 : 1)).filter((_, i) => i % everyNth === 0),
    threads: 2,
    progress: noProgress,
    signal,
  });
  const quantized = quantizeGraph(integerReady, {
    rangeOf: (node) => histograms.get(node)!.percentiles(0.9999),
    weightBits: 8,
    keepFloat: new Set([layersOf(integerReady).at(-1)!.name]),
  });
  await writeModelFile(join(dir, `${name}-int8.onnx`), renderModelFile(quantized, metadata));
}

async function largestDifference(peer: Uint8Array, ours: Uint8Array): Promise<number> {
  const photo = await decodePhoto(await readBytes(sharedFile("peers/common/test.jpg")), "test.jpg");
  const feeds = photoFeeds([preprocessing], [photo]);
  const pixels = feeds[preprocessing.input]!;
  // Their file as it is written: ONNX Runtime 1.30's own rewriting gets ResNet101V2's first pooling wrong
  // (src/compress/simplify/canonical.ts, padApartFromPool).
  const theirs = await createSession(peer, { threads: 2, optimization: "disabled" });
  const own = await createSession(ours, { threads: 2 });
  const input = Float32Array.from(pixels.data as Uint8Array, (value) => value / 255);
  const expected = await theirs.run({
    [theirs.inputNames[0]!]: { dtype: "float32", dims: pixels.dims, data: input },
  });
  const actual = await own.run(feeds);
  const [a, b] = [Object.values(expected)[0]!.data, actual[probabilitiesOutput]!.data] as [Float32Array, Float32Array];
  return a.reduce((worst, value, i) => Math.max(worst, Math.abs(value - b[i]!)), 0);
}

if (import.meta.main) {
  const dir = process.argv[2];
  if (dir === undefined) throw new Error("Usage: node bench/serve/models.ts DIR");
  await mkdir(dir, { recursive: true });
  for (const name of modelNames) await makeModel(name, dir);
}
