/** Batches, chunks and the choice of photos: the parts of training that need no session. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Rng } from "../../src/base/rng.ts";
import { isFulcrumError } from "../../src/errors/index.ts";
import type { Dataset, Photo } from "../../src/records/dataset.ts";
import { chunkPath, type FeatureSource, planChunks } from "../../src/train/feature-cache.ts";
import { classWeightsOf, drawMixing, dropoutMask, mixRows, targetsOf } from "../../src/train/labels.ts";
import { describeData, selectPhotos } from "../../src/train/selection.ts";

const labels = [0, 1, 1];
const plain = { classCount: 2, labelSmoothing: 0, classWeights: null };

test("targets: one-hot, smoothed, weighted", () => {
  const rows = (options: object) =>
    [...targetsOf(labels, { ...plain, ...options }).data].map((x) => Math.round(Number(x) * 1e6) / 1e6);
  assert.deepEqual(rows({}), [1, 0, 0, 1, 0, 1]);
  assert.deepEqual(rows({ labelSmoothing: 0.1 }), [0.95, 0.05, 0.05, 0.95, 0.05, 0.95]);
  assert.deepEqual(rows({ classWeights: [2, 0.5] }), [2, 0, 0, 0.5, 0, 0.5]);
});

test("balanced weights are photos / (classes * photos of the class)", () => {
  assert.deepEqual(classWeightsOf("balanced", ["a", "b"], labels), [1.5, 0.75]);
  assert.deepEqual(classWeightsOf({ b: 3 }, ["a", "b"], labels), [1, 3]);
  assert.equal(classWeightsOf("none", ["a", "b"], labels), null);
});

test("dropout drops its share and scales the rest, so that the mean stays", () => {
  const values = dropoutMask(1, 40_000, 0.2, new Rng(3)).data as Float32Array;
  const dropped = values.filter((value) => value === 0).length / values.length;
  // Five standard deviations of the share: 5 sqrt(0.2 * 0.8 / 40000) = 0.01.
  assert.ok(Math.abs(dropped - 0.2) < 0.01, `dropped ${dropped}`);
  assert.ok(values.every((value) => value === 0 || value === 1.25));
});

test("mixing takes a share of a row and the rest of its partner", () => {
  const value = { dtype: "float32", dims: [2, 2], data: Float32Array.of(0, 4, 8, 16) } as const;
  const mixed = mixRows(value, { share: 0.75, partners: [1, 0] });
  assert.deepEqual([...mixed.data], [2, 7, 6, 13]);
});

test("shares of mixup are Beta(alpha, alpha): mean 1/2, variance 1 / (4 (2 alpha + 1))", () => {
  const rng = new Rng(11);
  for (const alpha of [0.2, 2]) {
    const shares = Array.from({ length: 20_000 }, () => drawMixing(2, alpha, rng).share);
    const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
    const variance = shares.reduce((sum, share) => sum + (share - mean) ** 2, 0) / shares.length;
    // Five standard errors of the mean, sqrt(variance / 20000), are below 0.016.
    assert.ok(Math.abs(mean - 0.5) < 0.016, `mean ${mean}`);
    assert.ok(Math.abs(variance * 4 * (2 * alpha + 1) - 1) < 0.05, `variance ${variance}`);
  }
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
  const chunks = planChunks(photos);
  assert.deepEqual(
    chunks.map((chunk) => chunk.rows.length),
    [64, 36, 64, 36],
  );
  for (const chunk of chunks) assert.equal(new Set(chunk.photos.map(({ label }) => label)).size, 1);
  const rows = chunks.flatMap((chunk) => chunk.rows).toSorted((a, b) => a - b);
  assert.deepEqual(
    rows,
    Array.from({ length: 200 }, (_, i) => i),
  );
  for (const { photos: own, rows } of chunks) assert.equal(own[0], photos[rows[0]!]);
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
    graphSha256: "1",
    outputs: [{ name: "features", dims: [1280] }],
  };
  const [chunk] = planChunks([photo("p", 0)]);
  const [other] = planChunks([photo("q", 0)]);
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
