/** Fine-tuning a candidate end to end: what is trained, what comes out, and that nothing on the way changes a bit of it. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { Rng } from "../../src/base/rng.ts";
import { createSession } from "../../src/engine/runtime/index.ts";
import { isFulcrumError } from "../../src/errors/index.ts";
import { readModelFile } from "../../src/models/index.ts";
import { type TrainOptions, trainCandidate } from "../../src/train/index.ts";
import { killTraining } from "../kit/kill-training.ts";
import { countingProgress, smallCandidate, writeColourDataset } from "../kit/train.ts";

const dir = await mkdtemp(join(tmpdir(), "fulcrum-tuning-"));
after(() => rm(dir, { recursive: true, force: true }));
const dataset = await writeColourDataset(join(dir, "photos"), { training: 12, validation: 4 });

const augmentation = {
  rotationDegrees: 20,
  zoom: 0.1,
  widthShift: 0.1,
  horizontalFlip: true,
  brightness: [0.8, 1.2],
  randomCrop: {},
  contrast: [0.8, 1.2],
  saturation: [0.8, 1.2],
};
/** At 64 pixels the boundary is a picture of more than one pixel. */
const size = 64;
const choices = {
  preprocessing: { size },
  head: { epochs: 2, batchSize: 8 },
  unfreeze: { layers: 6, batchNorm: "training" },
  fineTuning: {
    epochs: 2,
    batchSize: 8,
    optimizer: { name: "adamw", learningRate: 1e-3 },
    schedule: { kind: "cosine" },
    mixup: 0.2,
    labelSmoothing: 0.1,
    classWeights: "balanced",
    clip: { globalNorm: 5 },
  },
};
const bank = smallCandidate({ ...choices, augmentation: { ...augmentation, versions: 4 } });
const fresh = smallCandidate({ ...choices, augmentation });

let runs = 0;
async function train(options: Partial<TrainOptions> = {}) {
  const { outDir = join(dir, `run-${runs++}`), featureDir = join(outDir, "features") } = options;
  const defaults = { candidate: fresh, dataset, seed: 7, threads: 2, progress: countingProgress() };
  const record = await trainCandidate({ ...defaults, ...options, outDir, featureDir });
  return { record, bytes: await readFile(join(outDir, record.model.file)), outDir };
}

/** The weights alone: metadata names the candidate's choices. */
async function probabilities(bytes: Uint8Array): Promise<Float32Array> {
  const session = await createSession(bytes, { threads: 1 });
  const data = Uint8Array.from({ length: size * size * 3 }, (_, i) => (i * 7) % 256);
  const { probabilities: values } = await session.run({ image: { dtype: "uint8", dims: [1, size, size, 3], data } });
  await session.dispose();
  return values!.data as Float32Array;
}

const undisturbed = await train();

test("record and model file say what was trained", async () => {
  const { record, outDir } = undisturbed;
  const layers = ["block15_project_conv", "block15_project_bn", "head_conv", "head_bn"];
  assert.deepEqual(record.fineTuning!.layers, { "efficientnet-lite0": layers });
  const [wide, narrow, out] = [1152, 320, 1280];
  const trained = wide * narrow + 2 * narrow + narrow * out + 2 * out + out * 2 + 2;
  assert.equal(record.fineTuning!.trainedParameters, trained);
  assert.equal(record.history.length, 2);
  assert.equal(record.fineTuning!.history.length, 2);
  const { metadata } = await readModelFile(join(outDir, "model.onnx"));
  assert.deepEqual(metadata.training!.fineTuning!.layers, record.fineTuning!.layers);
  assert.equal(metadata.training!.validationAccuracy, record.validationAccuracy);
  assert.equal(existsSync(join(outDir, "checkpoint.bin")), false);
});

test("the number of threads changes nothing", async () => {
  assert.ok((await train({ threads: 1 })).bytes.equals(undisturbed.bytes));
});

test("a bank with a version for each epoch is the same training as afresh each epoch", async () => {
  assert.deepEqual(
    await probabilities((await train({ candidate: bank })).bytes),
    await probabilities(undisturbed.bytes),
  );
});

test("another seed is other training", async () => {
  assert.notDeepEqual(await probabilities((await train({ seed: 8 })).bytes), await probabilities(undisturbed.bytes));
});

test("killed at any point, run again: the same bytes", async () => {
  const units = new Set<string>();
  const rng = new Rng("where trainings are killed");
  const between = (least: number, most: number) => least + rng.int(most - least + 1);
  // 1: validation features; 2 to 9: 3 batches and an epoch's end, twice; 10 to 17: the same of fine-tuning.
  for (const advances of [1, between(2, 5), between(6, 9), between(10, 12), between(13, 15), between(16, 17)]) {
    const outDir = join(dir, `killed-${advances}`);
    const featureDir = join(outDir, "features");
    const options = { candidate: fresh, dataset, seed: 7, outDir, featureDir, threads: 2, checkpointSeconds: 0 };
    units.add((await killTraining(options, advances)) ?? "ended");
    assert.equal(existsSync(join(outDir, "model.onnx")), false);
    const { bytes } = await train({ outDir, featureDir });
    assert.ok(bytes.equals(undisturbed.bytes), `after ${advances} units`);
  }
  assert.deepEqual(units, new Set(["features", "head", "fine-tuning"]));
});

test("a checkpoint of other choices, and a damaged one, are not used", async () => {
  const outDir = join(dir, "other");
  const options = { candidate: fresh, dataset, outDir, featureDir: join(outDir, "features"), threads: 2 };
  await killTraining({ ...options, seed: 8, checkpointSeconds: 0 }, 8);
  const path = join(outDir, "checkpoint.bin");
  assert.ok((await stat(path)).size > 1000);
  assert.ok((await train(options)).bytes.equals(undisturbed.bytes));
  await killTraining({ ...options, seed: 7, checkpointSeconds: 0 }, 8);
  const file = await readFile(path);
  file[file.length - 5]! ^= 1;
  await writeFile(path, file);
  assert.ok((await train(options)).bytes.equals(undisturbed.bytes));
});

test("a rate that is far too high is refused with the phase and the key, and the checkpoint stays", async () => {
  const outDir = join(dir, "diverged");
  const wild = smallCandidate({
    ...choices,
    fineTuning: { epochs: 5, optimizer: { name: "sgd", learningRate: 1e30 } },
  });
  await assert.rejects(
    train({ candidate: wild, outDir }),
    (error) =>
      isFulcrumError(error, "TRAIN_DIVERGED") &&
      /fine-tuning.*fineTuning\.optimizer\.learningRate/s.test(error.message),
  );
  assert.ok(existsSync(join(outDir, "checkpoint.bin")));
  assert.equal(existsSync(join(outDir, "model.onnx")), false);
});

test("features that would be too large are refused before any is made", async () => {
  const candidate = { ...bank, featureDiskGb: 1e-6 };
  await assert.rejects(
    train({ candidate }),
    (error) => isFulcrumError(error, "TRAIN_FEATURES_TOO_LARGE") && /augmentation\.versions/.test(error.message),
  );
});

test("choices that cannot be are refused with what to set", async () => {
  const refused = async (candidate: object, code: "TRAIN_CHOICE_INVALID" | "TRAIN_LAYERS_UNKNOWN", words: RegExp) =>
    assert.rejects(
      train({ candidate: smallCandidate(candidate as Record<string, unknown>) }),
      (error) => isFulcrumError(error, code) && words.test(error.message),
    );
  await refused({ unfreeze: { layers: 3 } }, "TRAIN_CHOICE_INVALID", /fineTuning\.epochs/);
  await refused({ fineTuning: { epochs: 3 } }, "TRAIN_CHOICE_INVALID", /unfreeze\.layers/);
  await refused({ ...choices, unfreeze: { names: ["blok*"] } }, "TRAIN_LAYERS_UNKNOWN", /blok\*.*head_conv/s);
  await refused({ head: { classWeights: { green: 2 } } }, "TRAIN_CHOICE_INVALID", /green.*red, blue/s);
});

test("joined bases are fine-tuned together, also by name, without augmentation", async () => {
  const candidate = smallCandidate({
    bases: ["efficientnet-lite1", "efficientnet-lite0"],
    head: { epochs: 1 },
    unfreeze: { names: ["head_conv", "head_bn"], batchNorm: "inference" },
    fineTuning: { epochs: 1, optimizer: { name: "momentum", learningRate: 0.01 } },
  });
  const { record } = await train({ candidate });
  assert.deepEqual(Object.keys(record.fineTuning!.layers), ["efficientnet-lite1", "efficientnet-lite0"]);
  assert.equal(record.fineTuning!.history.length, 1);
});

test("a layer's name may be of one base only: the others stay frozen", async () => {
  const candidate = smallCandidate({
    bases: ["efficientnet-lite1", "efficientnet-lite0"],
    head: { epochs: 1 },
    unfreeze: { names: ["efficientnet-lite0/head_*"] },
    fineTuning: { epochs: 1, optimizer: { learningRate: 0.001 } },
  });
  const { record } = await train({ candidate });
  assert.deepEqual(record.fineTuning!.layers, { "efficientnet-lite0": ["head_conv"] });
});
