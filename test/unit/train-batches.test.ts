/** Batches, chunks and the choice of photos: the parts of training that need no session. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Rng } from "../../src/base/rng.ts";
import { candidate } from "../../src/config/candidate.ts";
import { isFulcrumError } from "../../src/errors/index.ts";
import type { Dataset, Photo } from "../../src/records/dataset.ts";
import { epochBatches, type LabelledFeatures, orderedBatches } from "../../src/train/batches.ts";
import { chunkPath, type FeatureSource, planChunks } from "../../src/train/feature-cache.ts";
import { describeData, selectPhotos } from "../../src/train/selection.ts";
import { checkSupported } from "../../src/train/support.ts";

/** Rows of `columns` equal values: the row's number from 1. Classes 0, 1, 0, 1 ... */
function numbered(rows: number, columns: number): LabelledFeatures {
  const data = Float32Array.from({ length: rows * columns }, (_, i) => Math.floor(i / columns) + 1);
  return { features: { rows, columns, data }, labels: Array.from({ length: rows }, (_, row) => row % 2) };
}

test("an epoch has every row once with its label, in an order of the seed", () => {
  const firstColumn = (seed: number) =>
    [...epochBatches(numbered(10, 3), { batchSize: 4, dropout: 0 }, 2, new Rng(seed))].flatMap(({ feeds, labels }) =>
      labels.map((label, row) => {
        assert.equal(feeds.labels.data[row * 2 + label], 1);
        assert.equal(feeds.labels.data[row * 2 + 1 - label], 0);
        const value = Number(feeds.features.data[row * 3]);
        assert.equal((value - 1) % 2, label);
        return value;
      }),
    );
  const values = firstColumn(1);
  assert.deepEqual(
    values.toSorted((a, b) => a - b),
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
  );
  assert.deepEqual(firstColumn(1), values);
  assert.notDeepEqual(firstColumn(2), values);
});

test("the last batch holds the rest", () => {
  const sizes = [...orderedBatches(numbered(10, 1), 4, 2)].map(({ feeds }) => feeds.features.dims);
  assert.deepEqual(sizes, [
    [4, 1],
    [4, 1],
    [2, 1],
  ]);
});

test("dropout drops its share and scales the rest, so that the mean stays", () => {
  const [batch] = epochBatches(numbered(1, 40_000), { batchSize: 1, dropout: 0.2 }, 2, new Rng(3));
  const values = batch!.feeds.features.data as Float32Array;
  const dropped = values.filter((value) => value === 0).length / values.length;
  // Five standard deviations of the share: 5 sqrt(0.2 * 0.8 / 40000) = 0.01.
  assert.ok(Math.abs(dropped - 0.2) < 0.01, `dropped ${dropped}`);
  assert.ok(values.every((value) => value === 0 || value === 1.25));
});

const photo = (path: string, label: number): Photo => ({ path, label, sha256: `hash of ${path}`, width: 1, height: 1 });

function dataset(training: Photo[], validation: Photo[] = [photo("v", 0)]): Dataset {
  return {
    dir: "/somewhere/photos",
    layout: "folders",
    synthetic: true,
    classes: ["a", "b"],
    splits: { training, validation, evaluation: [] },
    splitOrigin: "given",
    unreadable: [],
    duplicatesAcrossSplits: [],
  };
}

const unordered = [photo("b/2", 1), photo("a/3", 0), photo("a/1", 0), photo("b/1", 1), photo("a/2", 0)];

test("photosPerClass takes the first of each class in name order", () => {
  const paths = (photosPerClass: number | null) =>
    selectPhotos(dataset(unordered), photosPerClass).training.map(({ path }) => path);
  assert.deepEqual(paths(2), ["a/1", "a/2", "b/1", "b/2"]);
  assert.deepEqual(paths(null), ["a/1", "a/2", "a/3", "b/1", "b/2"]);
});

test("a class without photos and an empty validation split are refused", () => {
  const refused = (data: Dataset, problem: RegExp) =>
    assert.throws(
      () => selectPhotos(data, null),
      (error) => isFulcrumError(error, "TRAIN_TOO_FEW_PHOTOS") && problem.test(error.message),
    );
  refused(dataset([photo("a/1", 0)]), /class b/);
  refused(dataset(unordered, []), /validation split .* empty/);
});

test("the data's hash depends on the photos, not on where they lie", () => {
  const hashOf = (data: Dataset) => describeData(data, selectPhotos(data, null)).sha256;
  const original = dataset(unordered);
  assert.equal(hashOf({ ...original, dir: "/elsewhere" }), hashOf(original));
  assert.notEqual(hashOf(dataset(unordered.slice(1))), hashOf(original));
});

test("chunks hold up to 64 photos of a class, and name every row once", () => {
  const photos = Array.from({ length: 200 }, (_, i) => photo(`p${i}`, i % 2));
  const chunks = planChunks(photos, 1000);
  assert.deepEqual(
    chunks.map((chunk) => chunk.rows.length),
    [64, 36, 64, 36],
  );
  for (const chunk of chunks) assert.equal(new Set(chunk.photos.map(({ label }) => label)).size, 1);
  const rows = chunks.flatMap((chunk) => chunk.rows).toSorted((a, b) => a - b);
  assert.deepEqual(
    rows,
    Array.from({ length: 200 }, (_, i) => 1000 + i),
  );
  for (const { photos: own, rows } of chunks) assert.equal(own[0], photos[rows[0]! - 1000]);
});

test("a chunk's file depends on photos, weights and pixels, not on the input's name", () => {
  const source: FeatureSource = {
    baseId: "efficientnet-lite0",
    weightsSha256: "1",
    preprocessing: {
      input: "image",
      size: 224,
      resize: "crop",
      shortSide: 256,
      interpolation: "bicubic",
      mean: 127,
      std: 128,
    },
    runtimeVersion: "1",
    featureCount: 1280,
  };
  const [chunk] = planChunks([photo("p", 0)], 0);
  const [other] = planChunks([photo("q", 0)], 0);
  const path = chunkPath("features", source, chunk!);
  const { preprocessing } = source;
  assert.equal(
    chunkPath("features", { ...source, preprocessing: { ...preprocessing, input: "image_224" } }, chunk!),
    path,
  );
  assert.notEqual(chunkPath("features", { ...source, preprocessing: { ...preprocessing, size: 192 } }, chunk!), path);
  assert.notEqual(chunkPath("features", { ...source, weightsSha256: "2" }, chunk!), path);
  assert.notEqual(chunkPath("features", source, other!), path);
});

test("what this version cannot do is refused by key, with what to set", () => {
  const base = { name: "x", bases: ["efficientnet-lite0"] };
  const refusals: readonly [choices: object, words: RegExp][] = [
    [{ augmentation: { rotationDegrees: 10 } }, /augmentation .* Next: set augmentation to null/],
    [{ unfreeze: { layers: 5 } }, /unfreeze.layers = 5.* Next: set unfreeze.layers to 0/],
    [{ fineTuning: { epochs: 3 } }, /fineTuning.epochs = 3.* Next: set fineTuning.epochs to 0/],
  ];
  for (const [choices, words] of refusals) {
    assert.throws(
      () => checkSupported(candidate.parse({ ...base, ...choices })),
      (error) => isFulcrumError(error, "TRAIN_UNSUPPORTED") && words.test(error.message),
    );
  }
  checkSupported(candidate.parse(base));
});
