/** Charts are SVG text, complete in themselves; axis ranges hold their values. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { rangeAround, renderLines, renderScatter } from "../../src/report/charts.ts";

test("a range holds every value with room, and is not negative", () => {
  for (const values of [[200, 900], [1], [0.001, 0.002], [0, 0]]) {
    const { min, max } = rangeAround(values);
    assert.ok(min >= 0 && min <= Math.min(...values) && max > Math.max(...values), `${values}: ${min} to ${max}`);
  }
});

test("a scatter plot has its points' names and no outside reference", () => {
  const points = ["previous", "accuracy", "latency"].map((name, i) => ({
    name,
    x: 100 + 50 * i,
    y: 70 + i,
    low: 68 + i,
    high: 72 + i,
  }));
  const svg = renderScatter({ title: "Response time", xLabel: "ms", yLabel: "%", invertX: true, points });
  assert.match(svg, /^<svg role="img" aria-label="Response time"/);
  for (const { name } of points) assert.ok(svg.includes(`>${name}<`), name);
  assert.doesNotMatch(svg, /href="http|<script/);
});

test("lines with a gap are drawn", () => {
  const series = [
    {
      name: "a",
      points: [
        [0, 1],
        [1, null],
        [2, 3],
      ] as const,
    },
  ];
  assert.match(renderLines({ title: "T", xLabel: "x", yLabel: "y", series }), /<path/);
});
