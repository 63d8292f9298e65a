/** The whole page, drawn with ECharts from made-up records. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { latenciesOf } from "../../src/report/facts/latencies.ts";
import { type ReportInput, renderReport, tellStory } from "../../src/report/index.ts";
import { madeUpRun } from "../kit/report-records.ts";

const count = (text: string, pattern: RegExp) => text.match(pattern)?.length ?? 0;
const render = (input: ReportInput) => renderReport(tellStory(input));

test("the page holds all eight parts, every figure with a label and its data, and loads nothing", async () => {
  const html = await render(madeUpRun());
  const headings = [...html.matchAll(/<h2>(\d)/g)].map(([, number]) => number);
  assert.deepEqual(headings, ["1", "2", "3", "4", "5", "6", "7", "8", "9"]);
  // Accuracy and loss of 3 trainings, 3 confusion matrices, reliability, 2 scatter plots for each of 2 shapes,
  // 6 panels for each of 2 autoscaled models, cost.
  const figures = 3 * 2 + 3 + 1 + 2 * 2 + 6 * 2 + 1;
  assert.equal(count(html, /<svg role="img" aria-label="[^"]+"/g), figures);
  assert.equal(count(html, /<details><summary>/g), figures);
  const markup = html.replace(/<script>[\s\S]*<\/script>/, "");
  assert.equal(count(markup, /<link|<iframe|<img|\ssrc=|@import|url\((?!#)/gi), 0);
  assert.equal(count(html, /<script/g), 1, "its own script and no other");
  const links = [...html.matchAll(/\shref="([^"]*)"/g)].map(([, href]) => href!);
  assert.ok(links.includes("measure/single/accuracy/hits.jsonl"));
  assert.deepEqual(
    links.filter((href) => /^(\w+:|\/|#)/.test(href)),
    [],
    "links lead to files beside the page only",
  );
  assert.ok(html.indexOf("synthetic") < html.indexOf("<h2>"), "synthetic data is said before the first part");
  assert.ok(html.includes('<html lang="en">'));
  assert.ok(html.includes("2405m (60%)"));
  assert.ok(html.includes("limits NOT enforced (no cgroup can be written here)"));
  assert.ok(html.includes("time scaled by 30"));
  assert.doesNotMatch(markup, /NaN|undefined|Infinity/);
  assert.ok(html.length < 2_000_000, `${html.length} characters`);
});

test("the script runs by its hash only", async () => {
  const { createHash } = await import("node:crypto");
  const html = await render(madeUpRun());
  const [, text] = /<script>([\s\S]*?)<\/script>/.exec(html)!;
  const hash = createHash("sha256").update(text!).digest("base64");
  assert.ok(html.includes(`script-src 'sha256-${hash}'`) && html.includes("default-src 'none'"));
});

test("a part without records says which command makes it", async () => {
  const html = await render({ ...madeUpRun(), trainings: [], evaluations: [], measurements: [], contributions: [] });
  assert.equal(count(html, /<svg/g), 0);
  for (const command of ["fulcrum train", "fulcrum measure", "fulcrum run"]) assert.ok(html.includes(command), command);
});

test("markup in a run's name, in names of models and classes, and in the user's points is shown, not run", async () => {
  const evil = '"><script>alert(1)</script><img src=x onerror=alert(1)>';
  const run = madeUpRun();
  const html = await render({
    ...run,
    name: evil,
    contributions: [evil],
    evaluations: run.evaluations.map((record) => ({
      ...record,
      body: { ...record.body, candidate: evil, classes: record.body.classes.map((name) => name + evil) },
    })),
    latencies: new Map([["measure/single/accuracy/record.json", latenciesOf([1, 2, 3])!]]),
  });
  assert.equal(count(html, /<script/g), 1);
  assert.equal(count(html, /<img/g), 0);
});

test("distributions stand beside siege's mean where the hits are known", async () => {
  const latencies = new Map([["measure/single/accuracy/record.json", latenciesOf([100, 150, 300, 700])!]]);
  const html = await render({ ...madeUpRun(), latencies });
  assert.ok(html.includes('aria-label="Single pod: all response times"'));
  assert.ok(html.includes("siege&#39;s mean"));
});
