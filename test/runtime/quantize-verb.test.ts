/** `fulcrum quantize` as a user calls it: an imported model end to end, and the photos that a trained model allows. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { noProgress } from "../../src/base/progress.ts";
import { projectDir } from "../../src/config/paths.ts";
import { readDataset } from "../../src/data/index.ts";
import { decodeModel, encodeModel } from "../../src/engine/onnx/index.ts";
import { readModelFile, renderModelFile } from "../../src/models/index.ts";
import { openClassifier } from "../../src/predict/index.ts";
import type { Quantization } from "../../src/records/quantization.ts";
import { describeData, selectPhotos } from "../../src/train/index.ts";
import { jpegOf, temporaryFolder, writeFiles } from "../kit/photos.ts";
import { toyClasses, toyModelFile } from "../kit/toy-model.ts";

const perClass = 10;

/** A folder with photos of each class, without splits. */
async function folderWithPhotos(t: TestContext, classes: readonly string[]): Promise<string> {
  const dir = await temporaryFolder(t);
  for (const [label, name] of classes.entries()) {
    for (let i = 0; i < perClass; i++) {
      await writeFiles(dir, { [`photos/${name}/${i}.jpg`]: await jpegOf(80 * label + 7 * i) });
    }
  }
  return dir;
}

function fulcrum(cwd: string, ...args: string[]) {
  const main = join(projectDir, "src/cli/main.ts");
  return spawnSync(process.execPath, [main, ...args], { cwd, encoding: "utf8" });
}

test("an imported Keras model becomes int8, which answers as the float one does", async (t) => {
  const classes = ["a", "b", "c"];
  const dir = await folderWithPhotos(t, classes);
  const keras = join(projectDir, "test/fixtures/keras/tiny.k214.keras");
  const imported = fulcrum(dir, "import", keras, "--out", "tiny.onnx", "--classes", classes.join(","));
  assert.equal(imported.status, 0, imported.stderr);
  const words = ["quantize", "tiny.onnx", "--data", "photos", "--out", "small.onnx", "--max-loss", "1", "--json"];
  const { status, stdout, stderr } = fulcrum(dir, ...words);
  assert.equal(status, 0, stderr);
  assert.match(stderr, /does not say what it was trained on/);
  const { model, compression, variants } = JSON.parse(stdout) as Quantization;
  assert.equal(model.file, "small.onnx");
  const { difference, photos, variants: allowed } = compression.validation;
  assert.equal(photos, 6, "15 % of 10, for each class");
  assert.ok(allowed >= variants.length);
  assert.equal(difference.level, 1 - 0.05 / allowed);
  const { metadata } = await readModelFile(join(dir, "small.onnx"));
  assert.deepEqual([metadata.training, metadata.imported?.file], [null, "tiny.k214.keras"]);
  assert.deepEqual(metadata.compression, compression);
  assert.ok((await readdir(dir)).every((name) => !name.includes("tmp")));

  const photo = await readFile(join(dir, "photos/b/3.jpg"));
  const [float, int8] = await Promise.all(["tiny.onnx", "small.onnx"].map((name) => answer(join(dir, name), photo)));
  for (const [i, value] of int8!.entries()) assert.ok(Math.abs(value - float![i]!) < 0.05, `${int8} beside ${float}`);
});

async function answer(path: string, photo: Uint8Array): Promise<readonly number[]> {
  const classifier = await openClassifier(path, { threads: 1 });
  try {
    return [...(await classifier.classify([photo]))[0]!.probabilities];
  } finally {
    await classifier.dispose();
  }
}

test("an ONNX file of another program is refused with what to do", async (t) => {
  const dir = await folderWithPhotos(t, toyClasses);
  await writeFile(join(dir, "toy.onnx"), toyModelFile());
  const { graph } = decodeModel(await readFile(join(dir, "toy.onnx")));
  await writeFile(join(dir, "foreign.onnx"), encodeModel(graph));
  const { status, stderr } = fulcrum(dir, "quantize", "foreign.onnx", "--data", "photos");
  assert.equal(status, 3, stderr);
  assert.match(stderr, /foreign\.onnx is not a fulcrum model file: .*not written by fulcrum.*fulcrum import/);
});

test("a trained model is checked on its own validation photos: its seed and its shares, or not at all", async (t) => {
  const dir = await folderWithPhotos(t, toyClasses);
  const shares = { validationShare: 0.2, evaluationShare: 0.3 };
  const dataset = await readDataset({
    dir: join(dir, "photos"),
    layout: "auto",
    skipUnreadable: false,
    seed: 7,
    ...shares,
    progress: noProgress,
    signal: new AbortController().signal,
  });
  await writeFile(join(dir, "toy.onnx"), toyModelFile());
  const { bytes, metadata } = await readModelFile(join(dir, "toy.onnx"));
  const data = describeData(dataset, selectPhotos(dataset, null));
  const write = (about: typeof data) => {
    const trained = { ...metadata, training: { ...metadata.training!, seed: 7, data: about } };
    return writeFile(join(dir, "toy.onnx"), renderModelFile(decodeModel(bytes).graph, trained));
  };

  const call = (...words: string[]) => fulcrum(dir, "quantize", "toy.onnx", "--data", "photos", ...words).stderr;
  // A model of before shares were written down.
  await write({ name: data.name, sha256: data.sha256 });
  assert.match(call(), /split by seed 7, are not those that toy.onnx was trained on/);
  const given = ["--validation-share", "0.2", "--evaluation-share", "0.3"];
  // The toy has no weights, which is found after the photos have been accepted.
  assert.match(call(...given), /no layer that can be quantised/);
  assert.match(call(...given, "--seed", "8"), /split by seed 8, are not those/);
  await write(data);
  assert.match(call(), /no layer that can be quantised/);
});
