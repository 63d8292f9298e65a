/** Imported models as bases: cut before their classifier, trained further, evaluated, quantised and asked. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { noProgress } from "../../src/base/progress.ts";
import { candidate } from "../../src/config/candidate.ts";
import { projectDir } from "../../src/config/paths.ts";
import { GraphBuilder } from "../../src/engine/graph/index.ts";
import { isFulcrumError } from "../../src/errors/index.ts";
import { withoutClassifier } from "../../src/import/import-base.ts";
import { importBase, importModel } from "../../src/import/index.ts";
import { readKerasModel } from "../../src/keras/index.ts";
import type { Layer, LayerKind, Network } from "../../src/layers/index.ts";
import {
  buildClassifierGraph,
  buildFeatureGraph,
  planInputs,
  readModelFile,
  renderModelFile,
} from "../../src/models/index.ts";
import { openClassifier } from "../../src/predict/index.ts";
import type { Quantization } from "../../src/records/quantization.ts";
import { trainCandidate } from "../../src/train/index.ts";
import { assertClose } from "../kit/close.ts";
import { runGraph } from "../kit/engine.ts";
import { temporaryFolder } from "../kit/photos.ts";
import { sharedFile, sharedMissing } from "../kit/shared.ts";
import { writeColourDataset } from "../kit/train.ts";

const tiny = join(projectDir, "test/fixtures/keras/tiny.k214.keras");
const unchosen = candidate.parse({ name: "x", bases: ["mobilenetv2"] }).preprocessing;

/** A network of one-input layers, the first of which is its input. */
function chain(...layers: (LayerKind & { name: string })[]): Network {
  const linked = layers.map((layer, i) => ({ ...layer, inputs: i === 0 ? [] : [layers[i - 1]!.name] }) as Layer);
  return { name: "chain", layers: linked, outputs: [layers.at(-1)!.name] };
}
const linear = { kind: "linear" } as const;
const ends = (network: Network) => [withoutClassifier(network).outputs, withoutClassifier(network).layers.length];
const input = { name: "in", type: "Input", shape: null } as const;
const pool = { name: "pool", type: "GlobalAveragePooling2D", keepDims: true } as const;
const dense = { name: "top", type: "Dense", units: 3, useBias: true, activation: linear } as const;
const dropout = { name: "drop", type: "Dropout", rate: 0.5 } as const;

test("a base ends where the classifier reads: before its dense layer and dropout, or MobileNet's convolution", () => {
  assert.deepEqual(ends(chain(input, pool, dropout, dense, { name: "soft", type: "Softmax", axis: -1 })), [
    ["pool"],
    2,
  ]);
  const kernel = { strides: [1, 1], padding: "same", dilation: [1, 1], useBias: true, activation: linear } as const;
  const convolution = { name: "preds", type: "Conv2D", filters: 3, groups: 1, kernel: [1, 1], ...kernel } as const;
  const reshape = { name: "flat", type: "Reshape", shape: [3] } as const;
  assert.deepEqual(ends(chain(input, pool, dropout, convolution, reshape)), [["pool"], 2]);
  // Without a top there is nothing to take off: a feature map, or hidden units.
  const hidden = { ...dense, activation: { kind: "relu", maxValue: null, negativeSlope: 0, threshold: 0 } } as const;
  assert.deepEqual(ends(chain(input, pool)), [["pool"], 2]);
  assert.deepEqual(ends(chain(input, pool, hidden)), [["top"], 3]);
});

test("the base with the model's own last layer as head gives the model's own probabilities", async (t) => {
  const dir = await temporaryFolder(t);
  const loaded = await importBase(tiny, unchosen);
  const { weights } = await readKerasModel(tiny);
  const head = { kernel: weights.get("dense/kernel")!.data, bias: weights.get("dense/bias")!.data };
  const graph = buildClassifierGraph("whole", [loaded], planInputs(unchosen, [loaded.base]), head);
  const whole = await importModel(tiny, { classes: null, size: null, resize: "stretch", scale: null });
  await writeFile(join(dir, "imported.onnx"), whole.bytes);
  await writeFile(join(dir, "rebuilt.onnx"), renderModelFile(graph, whole.metadata));
  const pixels = { width: 12, height: 12, data: Uint8Array.from({ length: 432 }, (_, i) => (i * 37) % 256) };
  const answers = await Promise.all(
    ["imported.onnx", "rebuilt.onnx"].map(async (name) => {
      const classifier = await openClassifier(join(dir, name), { threads: 1 });
      const [prediction] = await classifier.classifyPixels([pixels]);
      await classifier.dispose();
      return [...prediction!.probabilities];
    }),
  );
  for (const [i, value] of answers[1]!.entries()) assert.ok(Math.abs(value - answers[0]![i]!) < 1e-6, `${answers}`);
});

async function trainTiny(t: TestContext, choices: object, file = tiny) {
  const dir = await temporaryFolder(t);
  const dataset = await writeColourDataset(join(dir, "photos"), { training: 12, validation: 6 });
  return trainCandidate({
    candidate: candidate.parse({ name: "tuned", model: { file, use: "base" }, ...choices }),
    dataset,
    seed: 3,
    outDir: dir,
    featureDir: join(dir, "features"),
    imported: await importBase(file, unchosen),
    threads: 1,
    progress: noProgress,
  });
}

const head = { epochs: 40, batchSize: 8, optimizer: { learningRate: 0.1 } };
const fineTuning = { epochs: 2, optimizer: { learningRate: 0.001 } };

test("a head is trained on it for the photos' classes, and the record says on what", async (t) => {
  const record = await trainTiny(t, { head });
  assert.deepEqual(record.classes, ["red", "blue"]);
  assert.deepEqual(
    record.bases.map(({ id, imagenetTop1 }) => [id, imagenetTop1]),
    [["tiny", null]],
  );
  assert.match(record.bases[0]!.origin, /tiny\.k214\.keras.*Keras 2\.14\.0/);
  assert.equal(record.imported, undefined);
  // 9 layers less the dense one; features are the pooled channels.
  assert.equal(record.history.length, 40);
  assert.equal(record.validationAccuracy, 1);
});

test("its last layers are un-frozen as Keras counts them, or by name", async (t) => {
  // The last four before the classifier: dw, dw_bn, sum, global_average_pooling2d.
  const last = await trainTiny(t, { head, fineTuning, unfreeze: { layers: 4, batchNorm: "inference" } });
  assert.deepEqual(last.fineTuning!.layers, { tiny: ["dw", "dw_bn"] });
  assert.equal(last.choices.unfrozenLayers, 4);
  const named = await trainTiny(t, { head, fineTuning, unfreeze: { names: ["tiny/st*m"] } });
  assert.deepEqual(named.fineTuning!.layers, { tiny: ["stem"] });
  await assert.rejects(trainTiny(t, { head, fineTuning, unfreeze: { names: ["dense"] } }), (error) =>
    isFulcrumError(error, "TRAIN_LAYERS_UNKNOWN"),
  );
});

/** Imports a Keras file to an ONNX file, and compares what both give as bases. */
async function assertSameBase(kerasPath: string, onnxPath: string): Promise<void> {
  const { bytes } = await importModel(kerasPath, { classes: null, size: null, resize: "stretch", scale: null });
  await writeFile(onnxPath, bytes);
  const [keras, onnx] = [await importBase(kerasPath, unchosen), await importBase(onnxPath, unchosen)];
  const pixelsOf = ({ base: { mean, std, resize, inputSize, featureCount } }: typeof keras) => {
    return [mean, std, resize, inputSize, featureCount];
  };
  assert.deepEqual(pixelsOf(onnx), pixelsOf(keras));
  const [spec] = planInputs(unchosen, [keras.base]).inputs;
  const { size } = spec!;
  const data = Uint8Array.from({ length: size * size * 3 }, (_, i) => (i * 37) % 256);
  const feeds = { image: { dtype: "uint8", dims: [1, size, size, 3], data } } as const;
  const [expected, found] = await Promise.all(
    [keras, onnx].map(async (loaded) => (await runGraph(buildFeatureGraph(loaded, spec!), feeds)).features!.data),
  );
  assertClose(found as Float32Array, expected as Float32Array, 1e-4);
}

for (const name of ["TinyResNetV2", "MobileNetV2-top"]) {
  const file = `goldens/keras/${name}.k3.keras`;
  test(`${name} as an ONNX file is the same base`, { skip: sharedMissing(file) }, async (t) => {
    await assertSameBase(sharedFile(file), join(await temporaryFolder(t), "model.onnx"));
  });
}

test("the ONNX file of an imported model is the same base: its features, and its layers by name", async (t) => {
  const dir = await temporaryFolder(t);
  await assertSameBase(tiny, join(dir, "tiny.onnx"));
  const record = await trainTiny(t, { head, fineTuning, unfreeze: { names: ["dw"] } }, join(dir, "tiny.onnx"));
  assert.deepEqual(record.fineTuning!.layers, { tiny: ["dw"] });
  assert.match(record.bases[0]!.origin, /tiny\.onnx, which was imported from tiny\.k214\.keras/);
});

test("an ONNX file that is no single network of layers is refused by its operation", async (t) => {
  const dir = await temporaryFolder(t);
  const b = new GraphBuilder();
  const photo = b.input("image", "uint8", ["N", 8, 8, 3]);
  const x = b.cast(b.transpose(photo, [0, 3, 1, 2]), "float32");
  b.output("probabilities", b.softmax(b.reduceMean(b.exp(x), [2, 3], { keepDims: false })));
  const { metadata } = await importModel(tiny, { classes: null, size: null, resize: "stretch", scale: null });
  await writeFile(join(dir, "odd.onnx"), renderModelFile(b.build("odd"), metadata));
  await assert.rejects(
    importBase(join(dir, "odd.onnx"), unchosen),
    (error) => isFulcrumError(error, "IMPORT_REFUSED") && /no layer does what .* \(Exp\) does/.test(error.message),
  );
});

test("a classifier that is imported as it is cannot be fine-tuned by oversight", () => {
  const model = { file: "old.keras" };
  assert.throws(() => candidate.parse({ name: "x", model, fineTuning: { epochs: 3 } }), /use: base/);
  const named = { ...model, use: "base", classes: ["a", "b"] };
  assert.throws(() => candidate.parse({ name: "x", model: named }), /leave this out/);
});

test("from the project file: trained, tested, quantised and asked by command", async (t) => {
  const dir = await temporaryFolder(t);
  const { splits } = await writeColourDataset(join(dir, "photos"), { training: 40, validation: 20 });
  const text = `name: old
data:
  dir: photos/training
candidates:
  - name: tuned
    model:
      file: ${tiny}
      use: base
    head: { epochs: 40, batchSize: 8, optimizer: { learningRate: 0.1 } }
    unfreeze: { layers: 4 }
    fineTuning: { epochs: 1 }
`;
  await writeFile(join(dir, "fulcrum.yaml"), text);
  const fulcrum = (...words: string[]) => {
    const main = join(projectDir, "src/cli/main.ts");
    const env = { ...process.env, FULCRUM_CACHE: join(dir, "cache") };
    const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...words], {
      cwd: dir,
      encoding: "utf8",
      env,
    });
    assert.equal(status, 0, stderr);
    return JSON.parse(stdout);
  };
  const [trained] = fulcrum("train", "--json");
  assert.equal(trained.imported, undefined);
  const { metadata } = await readModelFile(trained.model);
  assert.deepEqual(metadata.training!.fineTuning!.layers, { tiny: ["dw"] });
  assert.equal(fulcrum("evaluate", trained.model, "--data", "photos/training", "--json").correct, 12);
  const int8 = join(dir, "int8.onnx");
  const words = ["quantize", trained.model, "--data", "photos/training", "--out", int8, "--max-loss", "1", "--json"];
  assert.equal((fulcrum(...words) as Quantization).compression.validation.after.estimate, 1);
  const tested = fulcrum("evaluate", int8, "--data", "photos/training", "--beside", trained.model, "--json");
  assert.deepEqual(tested.beside.pairs, { bothRight: 12, onlyFirst: 0, onlySecond: 0, bothWrong: 0 });
  assert.equal(tested.beside.pValue, 1);
  const { path } = splits.validation[0]!; // A photo that training has not seen.
  assert.equal(fulcrum("predict", int8, join("photos", path), "--json")[0].class, "red");
});
