/** Intervals and scores against published examples. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  mcnemarExact,
  medianInterval,
  normalQuantile,
  pairedDifference,
  wilsonInterval,
} from "../../src/evaluate/intervals.ts";
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

test("paired differences as Fagerland, Lydersen and Laake 2014 tabulate them", () => {
  // Statistics in Medicine 33, 2850-2875: airway hyper-responsiveness before and after, Newcombe's square-and-add.
  const { estimate, low, high } = pairedDifference({ bothRight: 1, onlyFirst: 1, onlySecond: 7, bothWrong: 12 });
  near(estimate, -6 / 21, 1e-12);
  near(low, -0.507, 5e-4);
  near(high, -0.026, 5e-4);
});

test("normal quantiles as R's qnorm((1 + level) / 2)", () => {
  for (const [level, z] of [
    [0.95, 1.959963984540054],
    [0.99, 2.5758293035489004],
    [0.995, 2.807033768343811],
    [0.998, 3.090232306167813],
  ] as const) {
    near(normalQuantile(level), z, 1e-12);
  }
});

test("a paired difference of a higher level is wider and says so", () => {
  const counts = { bothRight: 500, onlyFirst: 60, onlySecond: 25, bothWrong: 45 };
  const [plain, corrected] = [pairedDifference(counts), pairedDifference(counts, 1 - 0.05 / 12)];
  assert.deepEqual([plain.level, corrected.level], [0.95, 1 - 0.05 / 12]);
  // Nearly in proportion to the quantiles: 2.8653 / 1.9600.
  const ratio = (corrected.estimate - corrected.low) / (plain.estimate - plain.low);
  near(ratio, 2.8653 / 1.96, 0.02);
});

test("a paired difference turns around with its models, and a wrong value would be noticed", () => {
  const forth = pairedDifference({ bothRight: 500, onlyFirst: 60, onlySecond: 25, bothWrong: 45 });
  const back = pairedDifference({ bothRight: 500, onlyFirst: 25, onlySecond: 60, bothWrong: 45 });
  near(forth.low, -back.high, 1e-12);
  near(forth.high, -back.low, 1e-12);
  assert.throws(() => near(forth.low, -back.high + 1e-3, 1e-12));
});

test("Wilson's interval as statsmodels 0.15.0 (proportion_confint, wilson)", () => {
  for (const [x, n, low, high] of [
    [600, 630, 0.9328352650659703, 0.9664432407302969],
    [3, 3, 0.43850296824495444, 1],
    [0, 12, 0, 0.24249400665524096],
  ] as const) {
    const interval = wilsonInterval(x, n);
    near(interval.low, low, 1e-12);
    near(interval.high, high, 1e-12);
  }
  assert.throws(() => wilsonInterval(0, 0));
});

test("McNemar's exact p is the binomial tail, doubled", () => {
  near(mcnemarExact(1, 9), 2 * (11 / 1024), 1e-12);
  near(mcnemarExact(0, 5), 2 / 32, 1e-12);
  assert.equal(mcnemarExact(0, 0), 1);
  assert.equal(mcnemarExact(5, 5), 1);
});

test("McNemar's exact p as statsmodels 0.15.0 (mcnemar, exact)", () => {
  for (const [onlyFirst, onlySecond, p] of [
    [12, 2, 0.012939453125],
    [25, 60, 0.00018679938527835335],
    [0, 7, 0.015625],
    [100, 130, 0.05561357778139238],
  ] as const) {
    near(mcnemarExact(onlyFirst, onlySecond), p, 1e-10);
  }
});

test("the median's interval as scipy 1.17.1 (quantile_test, confidence_interval)", () => {
  for (const [n, low, high] of [
    [6, 1, 6],
    [10, 2, 9],
    [25, 8, 18],
    [60, 22, 39],
    [100, 40, 61],
  ] as const) {
    const values = Array.from({ length: n }, (_, i) => n - i);
    assert.deepEqual(medianInterval(values), {
      estimate: (n + 1) / 2,
      low,
      high,
      level: 0.95,
      method: "order statistics of the median",
    });
  }
});

test("too few values for 95 % say the level that they reach", () => {
  const { low, high, level } = medianInterval([4, 1, 3, 2]);
  assert.deepEqual([low, high], [1, 4]);
  near(level, 1 - 2 / 16, 1e-12); // the median is missed when all four are on one side of it
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
