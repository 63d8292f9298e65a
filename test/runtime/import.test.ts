/** Imported models as model files: classes, pixels, metadata, and a trained predecessor's answers. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { candidate } from "../../src/config/candidate.ts";
import { projectDir } from "../../src/config/paths.ts";
import { topologicalOrder } from "../../src/engine/graph/index.ts";
import { decodeModel, readMetadata } from "../../src/engine/onnx/index.ts";
import { isFulcrumError } from "../../src/errors/index.ts";
import { type ImportChoices, importCandidate, importModel } from "../../src/import/index.ts";
import { readModelFile } from "../../src/models/index.ts";
import { openClassifier } from "../../src/predict/index.ts";
import type { Dataset } from "../../src/records/dataset.ts";
import { readNpy } from "../kit/npy.ts";
import { sharedFile, sharedMissing } from "../kit/shared.ts";

const tiny = join(projectDir, "test/fixtures/keras/tiny.k214.keras");
const choices: ImportChoices = { classes: null, size: null, resize: "stretch", scale: null };
const pixels = { width: 12, height: 12, data: Uint8Array.from({ length: 432 }, (_, i) => (i * 37) % 256) };

async function classify(model: Uint8Array): Promise<Record<string, number>> {
  const dir = await mkdtemp(join(tmpdir(), "fulcrum-import-"));
  try {
    await writeFile(join(dir, "model.onnx"), model);
    const classifier = await openClassifier(join(dir, "model.onnx"), { threads: 1 });
    const [prediction] = await classifier.classifyPixels([pixels]);
    await classifier.dispose();
    return Object.fromEntries(classifier.metadata.classes.map((name, i) => [name, prediction!.probabilities[i]!]));
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

test("a model file says where it came from and holds no BatchNormalization", async () => {
  const { bytes, metadata, origin, notes } = await importModel(tiny, choices);
  assert.deepEqual(metadata.classes, ["class_0", "class_1", "class_2"]);
  assert.deepEqual([origin.file, origin.writtenBy, origin.layers], ["tiny.k214.keras", "Keras 2.14.0", 9]);
  assert.equal(JSON.parse(readMetadata(bytes)["fulcrum.imported"]!).sha256, origin.sha256);
  assert.ok(notes.some((note) => note.includes("0..1")));
  const { graph } = decodeModel(bytes);
  const ops = topologicalOrder(graph.outputs.map(({ value }) => value)).map(({ op }) => op);
  assert.ok(!ops.includes("BatchNormalization"));
});

test("outputs are put into the wanted order of classes by name", async () => {
  const named = await classify((await importModel(tiny, { ...choices, classes: ["b", "c", "a"] })).bytes);
  const sorted = { ...choices, classes: ["b", "c", "a"], classOrder: ["a", "b", "c"] };
  const imported = await importModel(tiny, sorted);
  assert.deepEqual(imported.metadata.classes, ["a", "b", "c"]);
  assert.deepEqual(await classify(imported.bytes), named);
  assert.ok(new Set(Object.values(named)).size === 3, "the three differ, so an exchange would show");
});

const refusals: readonly (readonly [string, Partial<ImportChoices>, RegExp])[] = [
  ["too few names", { classes: ["a", "b"] }, /has 3 classes, 2 names/],
  ["a name twice", { classes: ["a", "b", "a"] }, /given twice/],
  ["another size", { size: 32 }, /made for 12 pixels/],
  ["another data set's classes", { classes: ["a", "b", "c"], classOrder: ["a", "b", "d"] }, /c|d/],
];
for (const [what, choice, words] of refusals) {
  test(`refused: ${what}`, async () => {
    await assert.rejects(
      importModel(tiny, { ...choices, ...choice }),
      (error) => isFulcrumError(error, "IMPORT_REFUSED") && words.test(error.message),
    );
  });
}

test("a candidate that names a file is imported: its record says from where, its classes are the data set's", async (t) => {
  const outDir = await mkdtemp(join(tmpdir(), "fulcrum-import-"));
  t.after(() => rm(outDir, { recursive: true, force: true }));
  const named = candidate.parse({
    name: "old",
    role: "previous",
    model: { file: "tiny.keras", classes: ["b", "c", "a"] },
  });
  const dataset: Dataset = {
    dir: ".",
    layout: "folders",
    synthetic: true,
    classes: ["a", "b", "c"],
    splits: { training: [], validation: [], evaluation: [] },
    splitOrigin: "given",
    unreadable: [],
    duplicatesAcrossSplits: [],
  };
  const record = await importCandidate({ candidate: named, model: named.model!, path: tiny, dataset, outDir });
  const { metadata, trainedSha256 } = await readModelFile(join(outDir, record.model.file));
  assert.deepEqual([record.role, record.imported?.file, record.history.length], ["previous", "tiny.k214.keras", 0]);
  assert.deepEqual(metadata.classes, ["a", "b", "c"]);
  assert.equal(trainedSha256, record.model.sha256);
  assert.equal(metadata.training, null);
});

test("a candidate names bases or a file, not both and not neither", () => {
  const model = { file: "old.h5" };
  for (const choice of [{}, { bases: ["mobilenetv2"], model }]) {
    assert.throws(() => candidate.parse({ name: "x", ...choice }), /one of the two/);
  }
});

const previous = "goldens/previous";
const photos = "data/food10/evaluation";
const skip = sharedMissing(previous) || sharedMissing(photos);

test("the trained predecessor answers as Keras did, photo for photo", { skip }, async () => {
  const json = (name: string) => JSON.parse(readFileSync(sharedFile(`${previous}/${name}`), "utf8")) as string[];
  const [classes, files] = [json("classes.json"), json("evaluation-files.json")];
  const expected = readNpy(sharedFile(`${previous}/evaluation-probabilities.npy`)).data as Float32Array;
  const { bytes } = await importModel(sharedFile(`${previous}/previous.k214.h5`), { ...choices, classes });
  const dir = await mkdtemp(join(tmpdir(), "fulcrum-import-"));
  await writeFile(join(dir, "model.onnx"), bytes);
  const classifier = await openClassifier(join(dir, "model.onnx"), { threads: 2 });
  let worst = 0;
  // Every ninth: 70 photos of all ten classes. All 630: 469 right, as in Keras.
  for (let i = 0; i < files.length; i += 9) {
    const [found] = await classifier.classify([readFileSync(sharedFile(`${photos}/${files[i]}`))]);
    for (const [k, value] of found!.probabilities.entries()) {
      worst = Math.max(worst, Math.abs(value - expected[i * classes.length + k]!));
    }
  }
  await classifier.dispose();
  await rm(dir, { recursive: true, force: true });
  assert.ok(worst <= 1e-3, `differs by ${worst}`);
});
