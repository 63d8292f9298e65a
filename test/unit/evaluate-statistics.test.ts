/** Intervals and scores against published examples. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { mcnemarExact, medianInterval, pairedDifference, wilsonInterval } from "../../src/evaluate/intervals.ts";
import { scorePredictions } from "../../src/evaluate/scores.ts";

const near = (actual: number, expected: number, tolerance: number) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not within ${tolerance} of ${expected}`);

test("Wilson's interval as Newcombe 1998 tabulates it", () => {
  // Newcombe 1998, Statistics in Medicine 17, 857-872, table I, method 3 (score, no continuity correction).
  for (const [x, n, low, high] of [
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ] as const) {
    const interval = wilsonInterval(x, n);
    near(interval.low, low, 5e-5);
    near(interval.high, high, 5e-5);
  }
});

test("the predecessor's reference interval: 469 of 630", () => {
  const { low, high } = wilsonInterval(469, 630);
  near(low, 0.709, 5e-4);
  near(high, 0.777, 5e-4);
});

test("paired differences as Newcombe 1998 tabulates them", () => {
  // Newcombe 1998, Statistics in Medicine 17, 2635-2650, table III, method 10: (36,12,2,0), (43,0,7,0) as (a,b,c,d) of 50.
  const first = pairedDifference({ bothRight: 36, onlyFirst: 12, onlySecond: 2, bothWrong: 0 });
  near(first.low, 0.0569, 5e-4);
  near(first.high, 0.3404, 5e-4);
});

test("McNemar's exact p is the binomial tail, doubled", () => {
  near(mcnemarExact(1, 9), 2 * (11 / 1024), 1e-12);
  near(mcnemarExact(0, 5), 2 / 32, 1e-12);
  assert.equal(mcnemarExact(0, 0), 1);
  assert.equal(mcnemarExact(5, 5), 1);
});

test("the median's interval holds its estimate and is made of values", () => {
  const values = Array.from({ length: 25 }, (_, i) => i + 1);
  const { estimate, low, high } = medianInterval(values);
  assert.equal(estimate, 13);
  // Ranks 8 and 18 of 25 for 95 % (Conover, Practical Nonparametric Statistics, order-statistic interval).
  assert.ok(low >= 7 && low <= 8 && high >= 18 && high <= 19, `${low} ${high}`);
});

test("scores by hand: two classes, five photos", () => {
  const guess = (label: number, predicted: number, labelProbability: number) => {
    return { path: "x", label, predicted, confidence: 0.5, labelProbability };
  };
  const scores = scorePredictions(
    [guess(0, 0, 0.5), guess(0, 0, 1), guess(0, 1, 0.25), guess(1, 1, 0.5), guess(1, 1, 1)],
    ["a", "b"],
  );
  assert.equal(scores.correct, 4);
  assert.deepEqual(scores.confusion, [
    [2, 1],
    [0, 2],
  ]);
  assert.equal(scores.perClass[0]!.precision, 1);
  near(scores.perClass[0]!.recall!, 2 / 3, 1e-12);
  near(scores.perClass[1]!.precision!, 2 / 3, 1e-12);
  near(scores.logLoss, (Math.log(2) + Math.log(4) + Math.log(2)) / 5, 1e-12);
});
