/** When requests are due: closed forms. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { dueCount, dueMs, siegePauseSeconds, totalHits } from "../../src/load/pacing.ts";

test("siege pauses whole seconds for delays from 1 s, rounding U(0, DELAY) to the nearest", () => {
  const cases: readonly [number, number, number][] = [
    [1, 0, 0],
    [1, 0.499, 0],
    [1, 0.5, 1],
    [1, 0.999, 1],
    [3, 0.5, 2], // 1.5 rounds up
    [10, 0.049, 0],
    [10, 0.05, 1],
    [100, 0.999999, 100],
    [2.5, 0.999, 2], // 2.4975
  ];
  for (const [delay, u, seconds] of cases) assert.equal(siegePauseSeconds(delay, u), seconds, `${delay} at ${u}`);
});

test("a pause of siege is DELAY / 2 on average, its ends half as likely as what lies between", () => {
  const delay = 10;
  const draws = 100_000;
  const counts = new Array<number>(delay + 1).fill(0);
  for (let i = 0; i < draws; i++) counts[siegePauseSeconds(delay, (i + 0.5) / draws)]!++;
  assert.deepEqual(
    counts,
    counts.map((_, seconds) => (seconds === 0 || seconds === delay ? draws / delay / 2 : draws / delay)),
  );
  const mean = counts.reduce((sum, count, seconds) => sum + count * seconds, 0) / draws;
  assert.equal(mean, delay / 2);
});

test("delays below a second are not rounded, and none is none", () => {
  assert.equal(siegePauseSeconds(0.5, 0.5), 0.25);
  assert.equal(siegePauseSeconds(0.0005, 0.9), 0);
  assert.equal(siegePauseSeconds(0, 0.9), 0);
});

test("request i of an open loop is due at i / rate", () => {
  assert.equal(dueMs(0, 50), 0);
  assert.equal(dueMs(7, 50), 140);
});

test("the count of due requests agrees with their times", () => {
  const cases: readonly [number, number, number][] = [
    [0, 10, 1],
    [99.9, 10, 1],
    [100, 10, 2],
    [1000, 3, 4], // due at 0, 333.3, 666.7 and 1000
    [5000, 1000, 100], // bounded by the total
  ];
  for (const [elapsed, rate, count] of cases)
    assert.equal(dueCount(elapsed, rate, 100), count, `${elapsed} at ${rate}`);
});

test("the last request of a run is due before its end", () => {
  assert.equal(totalHits(1000, 10), 10);
  assert.equal(totalHits(1050, 10), 11);
  assert.equal(totalHits(60_000, 0.1), 6);
  for (const rate of [3, 7, 49, 333]) {
    const total = totalHits(3000, rate);
    assert.equal(total, 3 * rate);
    assert.ok(dueMs(total - 1, rate) < 3000 && dueMs(total, rate) >= 3000);
  }
});
