/** The whole page, drawn with ECharts from made-up records. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { rangeAround } from "../../src/report/charts.ts";
import { renderReport } from "../../src/report/index.ts";
import { madeUpRun } from "../kit/report-records.ts";

const count = (text: string, pattern: RegExp) => text.match(pattern)?.length ?? 0;

test("the page holds all eight parts, every figure with a label and its data, and loads nothing", async () => {
  const html = await renderReport(madeUpRun());
  const headings = [...html.matchAll(/<h2>(\d)/g)].map(([, number]) => number);
  assert.deepEqual(headings, ["1", "2", "3", "4", "5", "6", "7", "8"]);
  // 3 training curves, 2 scatter plots for each of 2 shapes, 6 panels for each of 2 autoscaled models.
  const figures = 3 + 2 * 2 + 6 * 2;
  assert.equal(count(html, /<svg role="img" aria-label="[^"]+"/g), figures);
  assert.equal(count(html, /<details>/g), figures);
  assert.equal(count(html, /<script|<link|<iframe|<img|\ssrc=|\shref=|@import|url\((?!#)/gi), 0);
  assert.ok(html.indexOf("synthetic") < html.indexOf("<h2>"), "synthetic data is said before the first part");
  assert.ok(html.includes('<html lang="en">'));
  assert.ok(html.includes("2405m (60%)"));
  assert.ok(html.includes("limits NOT enforced (no cgroup can be written here)"));
  assert.ok(html.includes("time scaled by 30"));
  assert.ok(!html.includes("NaN") && !html.includes("undefined"));
});

test("a part without records says which command makes it", async () => {
  const html = await renderReport({
    ...madeUpRun(),
    trainings: [],
    evaluations: [],
    measurements: [],
    contributions: [],
  });
  assert.equal(count(html, /<svg/g), 0);
  for (const command of ["fulcrum train", "fulcrum measure", "fulcrum run"]) {
    assert.ok(html.includes(`<code>${command}</code>`), command);
  }
});

test("markup in a run's name and in the user's points is shown, not run", async () => {
  const html = await renderReport({
    ...madeUpRun(),
    name: "<script>alert(1)</script>",
    contributions: ["<img src=x>"],
  });
  assert.equal(count(html, /<script|<img/g), 0);
});

test("an axis holds all values with room, is never below zero, and is not degenerate for one value", () => {
  const { min, max } = rangeAround([60, 180]);
  assert.ok(min < 60 && max > 180 && min >= 0);
  assert.equal(rangeAround([0, 10]).min, 0);
  const single = rangeAround([5]);
  assert.ok(single.min < 5 && single.max > 5);
});
