/** Live accuracy and drift: statistics against published and exact values. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { AnswerRow } from "../../src/answers/index.ts";
import { Rng } from "../../src/base/rng.ts";
import { classDrift, permutations, valueDrift } from "../../src/evaluate/drift.ts";
import { evaluateLive, independentDifference } from "../../src/evaluate/index.ts";
import type { Evaluation } from "../../src/records/evaluation.ts";
import { assertClose } from "../kit/close.ts";

const rng = () => new Rng("test");
const repeat = (counts: readonly number[]) => counts.flatMap((count, label) => new Array<number>(count).fill(label));
/** Four standard errors of a p that random splits estimate. */
const slack = (p: number) => 4 * Math.sqrt((p * (1 - p)) / permutations);

test("the difference of independent proportions is Newcombe's (1998, table II, 56/70 - 48/80)", () => {
  const { estimate, low, high } = independentDifference([56, 70], [48, 80]);
  assertClose([estimate, low, high], [0.2, 0.0524, 0.3339], 1e-4);
});

test("X2 of homogeneity as in SciPy's chi2_contingency([[10, 10, 20], [20, 20, 20]]): 2.7778, p 0.25", () => {
  const { statistic, p } = classDrift(repeat([10, 10, 20]), repeat([20, 20, 20]), 4, rng());
  assertClose([statistic], [2.777778], 1e-6);
  // The statistic is discrete, so its exact p lies a little over the limit distribution's 0.2494.
  assert.ok(Math.abs(p - 0.25) < 0.03 + slack(0.25), String(p));
});

test("two classes, three against three: only 2 of 20 splits separate them", () => {
  const separated = classDrift(repeat([3, 0]), repeat([0, 3]), 2, rng());
  assertClose([separated.statistic], [6], 1e-9);
  assert.ok(Math.abs(separated.p - 0.1) < slack(0.1), String(separated.p));
});

test("Kolmogorov-Smirnov of [1, 2, 3] and [4, 5, 6]: distance 1, exact p 2/20", () => {
  const { statistic, p } = valueDrift([2, 1, 3], [6, 4, 5], rng());
  assert.equal(statistic, 1);
  assert.ok(Math.abs(p - 0.1) < slack(0.1), String(p));
});

test("ties are passed together: the same values are no distance", () => {
  const { statistic, p } = valueDrift([0.5, 0.5, 0.9], [0.5, 0.5, 0.9], rng());
  assert.deepEqual([statistic, p], [0, 1]);
});

const row = (i: number, category: string, predicted: string, confidence = 0.8): AnswerRow => ({
  photoSha256: String(i),
  modelSha256: "ab",
  answeredAt: new Date(Date.UTC(2026, 0, 1, 0, i)).toISOString(),
  category,
  predicted,
  confidence,
  categoryProbability: 0.5,
});

function reference(photos: number): Evaluation {
  const predictions = Array.from({ length: photos }, (_, i) => {
    const label = i % 2;
    return { path: `${i}.jpg`, label, predicted: label, confidence: 0.6 + (i % 40) / 100, labelProbability: 0.9 };
  });
  const accuracy = { estimate: 1, low: 0.9, high: 1, level: 0.95, method: "wilson" };
  const rest = {
    candidate: "x",
    modelSha256: "ab",
    data: "evaluation split",
    synthetic: true,
    logLoss: 0,
    perClass: [],
  };
  return {
    ...rest,
    classes: ["Bread", "Egg"],
    photos,
    correct: photos,
    accuracy,
    confusion: [],
    predictions,
    inferenceMs: null,
  };
}

test("accuracy by users' categories, with Wilson's interval (8 of 10: 0.490 to 0.943)", () => {
  const rows = Array.from({ length: 10 }, (_, i) =>
    row(i, i % 2 ? "Egg" : "Bread", i < 8 === (i % 2 === 1) ? "Egg" : "Bread"),
  );
  const live = evaluateLive(rows, null);
  assert.deepEqual([live.answers, live.correct, live.drift], [10, 8, null]);
  assertClose([live.accuracy.low, live.accuracy.high], [0.4901625, 0.9433178], 1e-6);
  assert.deepEqual([live.from, live.to], ["2026-01-01T00:00:00.000Z", "2026-01-01T00:09:00.000Z"]);
  assert.deepEqual(live.perClass, [
    { name: "Bread", answers: 5, correct: 4 },
    { name: "Egg", answers: 5, correct: 4 },
  ]);
  assert.deepEqual(live.models, [{ sha256: "ab", answers: 10, correct: 8 }]);
});

test("photos like the test set's show no drift; other classes and confidences do, each by its own test", () => {
  const like = Array.from({ length: 80 }, (_, i) =>
    row(i, ["Bread", "Egg"][i % 2]!, ["Bread", "Egg"][i % 2]!, 0.6 + (i % 40) / 100),
  );
  const none = evaluateLive(like, reference(200)).drift!;
  assert.equal(none.hasDrifted, false, JSON.stringify(none));
  assertClose([none.difference.estimate], [0], 1e-12);
  const onlyEggs = evaluateLive(
    like.map((one) => ({ ...one, category: "Egg" })),
    reference(200),
  ).drift!;
  assert.ok(onlyEggs.categories.p <= 0.001 && onlyEggs.predictions.p > 0.05 && onlyEggs.confidence.p > 0.05);
  const unsure = evaluateLive(
    like.map((one) => ({ ...one, confidence: one.confidence - 0.2 })),
    reference(200),
  ).drift!;
  assert.ok(unsure.confidence.p <= 0.001 && unsure.categories.p > 0.05);
  assert.equal(unsure.hasDrifted, true);
  assertClose([unsure.threshold], [0.05 / 3], 1e-12);
});

test("a class that the test set does not know is drift, not an error", () => {
  const rows = Array.from({ length: 40 }, (_, i) => row(i, "Tea", "Bread"));
  assert.ok(evaluateLive(rows, reference(200)).drift!.categories.p <= 0.001);
});
