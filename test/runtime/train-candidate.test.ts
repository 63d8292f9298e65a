/** Training a candidate end to end: the model file works, and is the same to the bit whatever happened on the way. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { createSession } from "../../src/engine/runtime/index.ts";
import { isFulcrumError } from "../../src/errors/index.ts";
import { decodePhoto, preparePhoto } from "../../src/images/index.ts";
import { readModelFile } from "../../src/models/index.ts";
import { type TrainOptions, trainCandidate } from "../../src/train/index.ts";
import { killTraining } from "../kit/kill-training.ts";
import { countingProgress, smallCandidate, writeColourDataset } from "../kit/train.ts";

const dir = await mkdtemp(join(tmpdir(), "fulcrum-train-"));
after(() => rm(dir, { recursive: true, force: true }));
/** 150 photos in 6 chunks: 64 and 6 of each class for training, 5 of each for validation. */
const dataset = await writeColourDataset(join(dir, "photos"), { training: 70, validation: 5 });
const candidate = smallCandidate();

interface Run {
  readonly record: Awaited<ReturnType<typeof trainCandidate>>;
  readonly bytes: Buffer;
  /** Photos whose features were computed. */
  readonly computed: number;
}

let runs = 0;
async function train(options: Partial<TrainOptions> = {}): Promise<Run> {
  const progress = countingProgress();
  const { outDir = join(dir, `run-${runs++}`), featureDir = join(outDir, "features") } = options;
  const defaults = { candidate, dataset, seed: 7, threads: 2, progress };
  const record = await trainCandidate({ ...defaults, ...options, outDir, featureDir });
  const bytes = await readFile(join(outDir, record.model.file));
  return { record, bytes, computed: progress.totals.get("features") ?? 0 };
}

/** One undisturbed run, which the others are compared with. */
const featureDir = join(dir, "features");
const undisturbed = await train({ featureDir });
const chunkDir = join(featureDir, "efficientnet-lite0");

test("the model tells colours apart, and its file and record describe it", async () => {
  const { record, bytes, computed } = undisturbed;
  assert.equal(computed, 150);
  assert.equal(record.history[record.bestEpoch - 1]!.validationAccuracy, 1);
  assert.deepEqual(record.photos, { training: 140, validation: 10 });
  const file = await readModelFile(join(dir, "run-0", record.model.file));
  assert.equal(file.sha256, record.model.sha256);
  assert.equal(bytes.byteLength, record.model.bytes);
  assert.deepEqual(file.metadata.classes, ["red", "blue"]);
  assert.deepEqual(file.metadata.training!.choices, record.choices);
  assert.equal(file.metadata.synthetic, true);
  assert.equal(file.metadata.evaluation, null);

  const session = await createSession(bytes, { threads: 1 });
  for (const { path, label } of dataset.splits.validation) {
    const pixels = await decodePhoto(await readFile(join(dataset.dir, path)), path);
    const data = preparePhoto(pixels, file.metadata.preprocessing[0]!);
    const { probabilities } = await session.run({ image: { dtype: "uint8", dims: [1, 32, 32, 3], data } });
    const [red, blue] = Array.from(probabilities!.data, Number) as [number, number];
    assert.ok(Math.abs(red + blue - 1) < 1e-6);
    assert.equal(Number(blue > red), label, path);
  }
  await session.dispose();
});

test("a second training gives the same bytes, on one thread too", async () => {
  const { bytes, computed } = await train({ threads: 1 });
  assert.equal(computed, 150);
  assert.ok(bytes.equals(undisturbed.bytes));
});

test("missing and damaged features are computed again, and the model is the same", async () => {
  const [first, second] = (await readdir(chunkDir)).toSorted();
  await rm(join(chunkDir, first!));
  const file = await readFile(join(chunkDir, second!));
  file[100]! ^= 1;
  await writeFile(join(chunkDir, second!), file);
  const { bytes, computed } = await train({ featureDir });
  assert.ok(computed > 0 && computed < 150, `computed ${computed}`);
  assert.ok(bytes.equals(undisturbed.bytes));
});

test("training killed between chunks goes on where it was, and the model is the same", async () => {
  const killedDir = join(dir, "killed");
  const outDir = join(dir, "killed-run");
  const options = { candidate, dataset, seed: 7, outDir, featureDir: killedDir, threads: 1 };
  assert.equal(await killTraining(options, 1), "features");
  assert.ok(!existsSync(join(outDir, "model.onnx")));
  const { bytes, computed } = await train({ featureDir: killedDir, outDir });
  assert.equal(computed, 150 - 64); // the first chunk was kept
  assert.ok(bytes.equals(undisturbed.bytes));
});

test("candidates share the features of a base, also when joined", async () => {
  const other = smallCandidate({ name: "other", head: { epochs: 1 } });
  assert.equal((await train({ featureDir, candidate: other })).computed, 0);
  const joined = smallCandidate({ name: "joined", bases: ["efficientnet-lite1", "efficientnet-lite0"] });
  const { record, bytes } = await train({ featureDir, candidate: joined });
  assert.equal(record.featureCount, 2560);
  assert.equal(record.preprocessing.length, 1); // both want the same 32 pixels
  const session = await createSession(bytes, { threads: 1 });
  assert.deepEqual(session.inputNames, ["image"]);
  await session.dispose();
});

test("bases with inputs of their own sizes are fed one each, and share features with the single base", async () => {
  const own = smallCandidate({ bases: ["efficientnet-lite0", "efficientnet-lite1"], preprocessing: {} });
  const few = { ...own, head: { ...own.head, epochs: 1, photosPerClass: 1 } };
  const ownDir = join(dir, "own-sizes");
  await train({ candidate: { ...few, bases: ["efficientnet-lite0"] }, featureDir: ownDir });
  const single = await readdir(join(ownDir, "efficientnet-lite0"));
  const { record, bytes } = await train({ candidate: few, featureDir: ownDir });
  assert.deepEqual(await readdir(join(ownDir, "efficientnet-lite0")), single);
  assert.equal(record.photos.training, 2);
  const session = await createSession(bytes, { threads: 1 });
  assert.deepEqual(session.inputNames, ["image_224", "image_240"]);
  await session.dispose();
});

test("a photo that changed since the data set was read is refused by name", async () => {
  const other = await writeColourDataset(join(dir, "changed"), { training: 1, validation: 1 });
  const { path } = other.splits.training[1]!;
  await appendFile(join(other.dir, path), "x");
  await assert.rejects(
    train({ dataset: other }),
    (error) => isFulcrumError(error, "TRAIN_PHOTO_CHANGED") && error.message.includes(path),
  );
});

test("a missing photo is refused by name", async () => {
  const other = await writeColourDataset(join(dir, "missing"), { training: 1, validation: 1 });
  const { path } = other.splits.training[0]!;
  await rm(join(other.dir, path));
  await assert.rejects(
    train({ dataset: other }),
    (error) => isFulcrumError(error, "FILE_UNREADABLE") && error.message.includes(path),
  );
});

test("an aborted training ends at once and leaves no model", async () => {
  const outDir = join(dir, "aborted");
  const controller = new AbortController();
  const progress = countingProgress(() => controller.abort(new Error("enough")));
  const options = { outDir, featureDir: join(outDir, "features"), progress, signal: controller.signal };
  await assert.rejects(train(options), /enough/);
  assert.ok(!existsSync(join(outDir, "model.onnx")));
});
