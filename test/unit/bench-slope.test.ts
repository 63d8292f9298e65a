/** The soak's verdict rests on this interval: against published regressions, and on values that hang together. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { slopeOf } from "../../bench/slope.ts";
import { Rng } from "../../src/base/rng.ts";
import { assertClose } from "../kit/close.ts";

test("Anscombe's first set (1973): slope 0.5001, standard error 0.1179, 9 degrees of freedom", () => {
  const x = [10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5];
  const y = [8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68];
  const { estimate, low, high } = slopeOf(x.map((value, i) => ({ x: value, y: y[i]! })));
  assertClose([estimate], [0.5001], 1e-4);
  assertClose([(high - low) / 2], [2.262 * 0.1179], 2e-3);
});

test("95 % of intervals hold the true slope, though neighbours are alike (AR(1), r = 0.6)", () => {
  const rng = new Rng("slope");
  let held = 0;
  const trials = 400;
  for (let trial = 0; trial < trials; trial++) {
    let error = rng.normal();
    const points = Array.from({ length: 120 }, (_, x) => {
      error = 0.6 * error + 0.8 * rng.normal();
      return { x, y: 0.02 * x + error };
    });
    const { low, high } = slopeOf(points);
    if (low <= 0.02 && high >= 0.02) held++;
  }
  assert.ok(held / trials > 0.9, `${held} of ${trials}`);
});

test("growth that is there is found", () => {
  const rng = new Rng("growth");
  const { low } = slopeOf(Array.from({ length: 60 }, (_, x) => ({ x, y: 200 + x + 5 * rng.normal() })));
  assert.ok(low > 0.7, String(low));
});
