/** `fulcrum evaluate` as a user calls it: a folder without splits is split as it was at the model's training. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { noProgress } from "../../src/base/progress.ts";
import { projectDir } from "../../src/config/paths.ts";
import { readDataset } from "../../src/data/index.ts";
import { decodeModel } from "../../src/engine/onnx/index.ts";
import { type ModelMetadata, readModelFile, renderModelFile } from "../../src/models/index.ts";
import type { Evaluation } from "../../src/records/evaluation.ts";
import { describeData, selectPhotos } from "../../src/train/index.ts";
import { jpegOf, temporaryFolder, writeFiles } from "../kit/photos.ts";
import { toyClasses, toyModelFile } from "../kit/toy-model.ts";

const perClass = 10;
const trained = { seed: 7, shares: { validationShare: 0.2, evaluationShare: 0.3 } };

function evaluate(cwd: string, ...words: string[]) {
  const main = join(projectDir, "src/cli/main.ts");
  const args = [main, "evaluate", "toy.onnx", "--data", "photos", "--json", ...words];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd, encoding: "utf8" });
  assert.equal(status, 0, stderr);
  return { evaluation: JSON.parse(stdout) as Evaluation, stderr };
}

/** A folder with 10 photos a class and no splits, as it was split at training, and a model that tells some of that. */
async function trainedFolder(t: TestContext) {
  const dir = await temporaryFolder(t);
  for (const [label, name] of toyClasses.entries()) {
    for (let i = 0; i < perClass; i++)
      await writeFiles(dir, { [`photos/${name}/${i}.jpg`]: await jpegOf(80 * label + 7 * i) });
  }
  const dataset = await readDataset({
    dir: join(dir, "photos"),
    layout: "auto",
    skipUnreadable: false,
    seed: trained.seed,
    ...trained.shares,
    progress: noProgress,
    signal: new AbortController().signal,
  });
  await writeFile(join(dir, "toy.onnx"), toyModelFile([...toyClasses].sort()));
  const { bytes, metadata } = await readModelFile(join(dir, "toy.onnx"));
  const write = (training: ModelMetadata["training"]) =>
    writeFile(join(dir, "toy.onnx"), renderModelFile(decodeModel(bytes).graph, { ...metadata, training }));
  const data = describeData(dataset, selectPhotos(dataset, null));
  return { dir, dataset, write, training: { ...metadata.training!, seed: trained.seed, data } };
}

const pathsOf = ({ predictions }: Evaluation) => predictions.map(({ path }) => path).sort();

test("the photos that are tested are those that training left out, by the model's own seed and shares", async (t) => {
  const { dir, dataset, write, training } = await trainedFolder(t);
  await write(training);
  const { evaluation, stderr } = evaluate(dir);
  assert.deepEqual(pathsOf(evaluation), dataset.splits.evaluation.map(({ path }) => path).sort());
  assert.equal(evaluation.photos, 9, "three of ten, for each of three classes");
  assert.doesNotMatch(stderr, /evaluation split/);
});

test("another split, or a model that does not say how its photos were split, is told in words", async (t) => {
  const { dir, write, training } = await trainedFolder(t);
  await write(training);
  const other = evaluate(dir, "--seed", "8");
  assert.match(
    other.stderr,
    /drawn with seed 8, shares 0\.2 and 0\.3, .*other training photos than those of toy\.onnx/,
  );

  // A model of before shares were written down: its seed alone is known.
  const { name, sha256 } = training.data;
  await write({ ...training, data: { name, sha256 } });
  const old = evaluate(dir);
  assert.match(old.stderr, /seed 7, shares 0\.15 and 0\.15.*does not say with which shares/);
  const given = evaluate(dir, "--validation-share", "0.2", "--evaluation-share", "0.3");
  assert.doesNotMatch(given.stderr, /evaluation split/);

  await write(null);
  assert.match(evaluate(dir).stderr, /does not say what it was trained on, and .*seed 1, shares 0\.15 and 0\.15/);
});
