/** Drawn sets: repeatable, resumable, marked, and not to be told apart by colour. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { noProgress } from "../../src/base/progress.ts";
import { Rng } from "../../src/base/rng.ts";
import { dishNames, readDataset, synthesizeDataset } from "../../src/data/index.ts";
import { isDrawnPhoto, markerFile } from "../../src/data/synth/marker.ts";
import { drawPhoto } from "../../src/data/synth/scene.ts";
import { decodePhoto, encodeJpeg, type Pixels } from "../../src/images/index.ts";
import type { Dataset } from "../../src/records/dataset.ts";

const common = { progress: noProgress, signal: new AbortController().signal };
const photosPerClass = { training: 16, validation: 1, evaluation: 14 };
const reading = {
  ...common,
  layout: "auto",
  skipUnreadable: false,
  validationShare: 0.1,
  evaluationShare: 0.1,
} as const;
let dir = "";
let dataset: Dataset;

before(async () => {
  dir = await mkdtemp(join(tmpdir(), "fulcrum-synth-"));
  await synthesizeDataset({ ...common, dir, seed: 5, photosPerClass, size: 256 });
  dataset = await readDataset({ ...reading, dir, seed: 1 });
});

after(() => rm(dir, { recursive: true, force: true }));

test("the set is complete, split as asked, and says that it is synthetic", async () => {
  assert.deepEqual(dataset.classes, [...dishNames].sort());
  const { training, validation, evaluation } = dataset.splits;
  assert.deepEqual([training.length, validation.length, evaluation.length], [160, 10, 140]);
  assert.deepEqual([dataset.synthetic, dataset.splitOrigin], [true, "given"]);
  assert.match(await readFile(join(dir, markerFile), "utf8"), /synthetic and show no real dish/);
});

test("a photo follows from its seed alone, whichever thread draws it", async () => {
  const seed = "5/evaluation/pizza/0003";
  const expected = await encodeJpeg(drawPhoto("pizza", seed, 256), 60 + new Rng(seed).fork("quality").int(33));
  const file = await readFile(join(dir, "evaluation/pizza/0003.jpg"));
  assert.ok(isDrawnPhoto(file));
  assert.deepEqual((await decodePhoto(file, "file")).data, (await decodePhoto(expected, "expected")).data);
  assert.notDeepEqual(drawPhoto("pizza", "other", 64).data, drawPhoto("pizza", seed, 64).data);
});

test("a broken-off set is completed with the same bytes, a complete one is left alone", async () => {
  const lost = join(dir, "training/soup/0002.jpg");
  const bytes = await readFile(lost);
  await rm(lost);
  await writeFile(`${lost}.123456789`, bytes.subarray(0, 100));
  assert.equal(await synthesizeDataset({ ...common, dir, seed: 5, photosPerClass, size: 256 }), 1);
  assert.deepEqual(await readFile(lost), bytes);
  assert.equal(await synthesizeDataset({ ...common, dir, seed: 5, photosPerClass, size: 256 }), 0);
});

test("another set's folder and a folder with other files are refused", async () => {
  const other = synthesizeDataset({ ...common, dir, seed: 6, photosPerClass, size: 256 });
  await assert.rejects(other, { code: "DATA_SYNTHETIC_OTHER", message: /with seed 5/ });
  const inside = synthesizeDataset({ ...common, dir: join(dir, "training"), seed: 6, photosPerClass });
  await assert.rejects(inside, { code: "DATA_SYNTHETIC_OTHER" });
});

/** Share of pixels in each of 8 x 8 x 8 cells of red, green and blue. */
function histogram({ data }: Pixels): Float64Array {
  const cells = new Float64Array(512);
  for (let i = 0; i < data.length; i += 3) {
    cells[(data[i]! >> 5) * 64 + (data[i + 1]! >> 5) * 8 + (data[i + 2]! >> 5)]! += 3 / data.length;
  }
  return cells;
}

interface Labelled {
  readonly label: number;
  readonly cells: Float64Array;
}

/** Accuracy on `evaluation` of the class whose mean histogram over `training` is nearest. */
function nearestCentroidAccuracy(training: readonly Labelled[], evaluation: readonly Labelled[]): number {
  const centroids = dishNames.map((_, label) => {
    const own = training.filter((photo) => photo.label === label);
    return Float64Array.from(
      { length: 512 },
      (_, i) => own.reduce((sum, { cells }) => sum + cells[i]!, 0) / own.length,
    );
  });
  const distance = (a: Float64Array, b: Float64Array) => a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0);
  const right = evaluation.filter(({ label, cells }) => {
    const distances = centroids.map((centroid) => distance(centroid, cells));
    return distances.indexOf(Math.min(...distances)) === label;
  });
  return right.length / evaluation.length;
}

async function histograms(photos: Dataset["splits"]["training"], tint: (label: number) => number): Promise<Labelled[]> {
  const results: Labelled[] = [];
  for (const { path, label } of photos) {
    const pixels = await decodePhoto(await readFile(join(dir, path)), path);
    for (let i = 0; i < pixels.data.length; i += 3) pixels.data[i] = Math.min(255, pixels.data[i]! + tint(label));
    results.push({ label, cells: histogram(pixels) });
  }
  return results;
}

test("colour tells the dishes apart in at most 40 % of the photos", async () => {
  const accuracyWith = async (tint: (label: number) => number) =>
    nearestCentroidAccuracy(
      await histograms(dataset.splits.training, tint),
      await histograms(dataset.splits.evaluation, tint),
    );
  const accuracy = await accuracyWith(() => 0);
  assert.ok(accuracy <= 0.4, `${accuracy}`);
  const tinted = await accuracyWith((label) => (label < 2 ? 255 : 0));
  assert.ok(tinted > accuracy + 0.1, `the check sees colour when there is some: ${tinted} against ${accuracy}`);
});
