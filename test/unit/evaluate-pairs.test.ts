/** Two models on the same photos. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { countPairs } from "../../src/evaluate/index.ts";

/** Predictions of photos that all show class 0. */
const predictionsOf = (predicted: readonly number[], name = "photo") => ({
  predictions: predicted.map((one, i) => ({
    path: `${name}-${i}`,
    label: 0,
    predicted: one,
    confidence: 1,
    labelProbability: 1,
  })),
});

test("photos are counted by who is right", () => {
  const counts = countPairs(predictionsOf([0, 0, 0, 1, 2, 1]), predictionsOf([0, 0, 1, 0, 0, 1]));
  assert.deepEqual(counts, { bothRight: 2, onlyFirst: 1, onlySecond: 2, bothWrong: 1 });
});

test("predictions of other photos cannot be paired", () => {
  assert.throws(() => countPairs(predictionsOf([0]), predictionsOf([0], "other")), /same photos/);
  assert.throws(() => countPairs(predictionsOf([0, 0]), predictionsOf([0])), /same photos/);
});
