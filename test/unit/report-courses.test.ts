/** Measurements made without fulcrum, in the original's formats; runs side by side. */
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { isFulcrumError } from "../../src/errors/index.ts";
import { compareRuns, runNames } from "../../src/report/compare/compare.ts";
import { renderCompareText } from "../../src/report/compare/page.ts";
import { totalsOf } from "../../src/report/facts/course.ts";
import { factsOf } from "../../src/report/facts/facts.ts";
import { allFigures } from "../../src/report/figures/all.ts";
import { meanMs, parseAccuracies, parseNamedFiles, readCourses } from "../../src/report/from-files.ts";
import { tellStory } from "../../src/report/index.ts";
import { edited, evaluationOf, samplesUsing, setRight } from "../kit/report-edit.ts";

/** siege 4.0.7's log of two minutes, as it writes it: the second with failures. */
const siegeLog = [
  "      Date & Time,  Trans,  Elap Time,  Data Trans,  Resp Time,  Trans Rate,  Throughput,  Concurrent,    OKAY,   Failed",
  "2025-03-01 10:01:00,     20,      59.50,           0,       0.12,        0.34,        0.00,        0.04,      20,       0",
  "2025-03-01 10:02:01,   1180,      59.80,           0,       0.50,       19.73,        0.00,        9.87,    1180,      20",
  "",
].join("\n");
const usage = [
  "time,n_replica,cpu_req_core,mem_req_KB,cpu_lim_core,mem_lim_KB,cpu_use_core,mem_use_KB",
  "2025-03-01 10:00:05,2,2,2097152,4,8388608,0.1,600000",
  "2025-03-01 10:01:30,2,2,2097152,4,8388608,1.9,700000",
  "2025-03-01 10:01:50,4,4,4194304,8,16777216,3.1,1400000",
  "",
].join("\n");

async function files(t: { after(clean: () => Promise<void>): void }, contents: Record<string, string>) {
  const dir = await mkdtemp(join(tmpdir(), "fulcrum-from-"));
  t.after(() => rm(dir, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(contents)) await writeFile(join(dir, name), text);
  return (name: string) => join(dir, name);
}

test("use is the mean of the samples that know it, and unknown where none does", () => {
  const [known] = samplesUsing(0.5);
  const unknown = { ...known!, cpuUseCores: null, memoryUseBytes: null };
  const use = (samples: (typeof unknown | NonNullable<typeof known>)[]) => {
    const { cpuUseCores, memoryUseBytes } = totalsOf({ rows: [], samples }).resources!;
    return [cpuUseCores, memoryUseBytes];
  };
  assert.deepEqual(use([known!, unknown]), [0.5, 2 ** 30]);
  assert.deepEqual(use([unknown]), [null, null]);
});

test("a siege log and a resource CSV give the slide over time", async (t) => {
  const at = await files(t, { "siege.log": siegeLog, "resource_usage.csv": usage });
  const named = parseNamedFiles([`latency=${at("resource_usage.csv")},${at("siege.log")}`]);
  const { deck, sentences } = tellStory(await readCourses(named));
  assert.deepEqual(
    deck.slides.map(({ number, title }) => [number, title]),
    [["6", "Over time: latency"]],
  );
  const plots = deck.slides[0]!.blocks.flatMap((block) => (block.kind === "figure" ? [block.figure] : []));
  assert.deepEqual(
    plots.map(({ title }) => title),
    ["Requests per minute", "Mean response time", "Availability", "Replicas", "CPU", "Memory"],
  );
  assert.deepEqual(
    plots[0]!.series[0]!.points.map(({ y }) => y),
    [20, 1200],
  );
  assert.equal(plots[2]!.series[0]!.points[1]!.y, (100 * 1180) / 1200);
  assert.deepEqual(
    plots[3]!.series.map(({ name }) => name),
    ["running", "up"],
    "the file does not say which are ready",
  );
  const dip = sentences.find(({ rule }) => rule === "course/dip-before-ready")!;
  assert.match(dip.text, /98\.3 % at minute 1 \(20 failed\), while 2 replicas were ready and 4 soon after/);
  assert.deepEqual(dip.evidence, [at("siege.log"), at("resource_usage.csv")]);
  assert.match(deck.slides[0]!.basis, /not measured by fulcrum/);
});

test("several models get a slide each and stand side by side; a log alone is enough", async (t) => {
  const at = await files(t, { "a.log": siegeLog, "b.log": siegeLog });
  const { deck } = tellStory(
    await readCourses(parseNamedFiles([at("a.log"), at("b.log")].map((f, i) => `m${i}=${f}`))),
  );
  assert.deepEqual(
    deck.slides.map(({ title }) => title),
    ["Over time: m0", "Over time: m1", "Recipes side by side"],
  );
  assert.equal(deck.slides[0]!.blocks.length, 3, "three panels without resources");
});

test("runs of siege stand against the accuracies that were given, which are said to be given", async (t) => {
  const [head, , second] = siegeLog.split("\n");
  const at = await files(t, { "a.log": `${head}\n${second}\n`, "b.log": siegeLog });
  const named = parseNamedFiles([`accuracy=${at("a.log")}`, `latency=${at("b.log")}`]);
  const accuracies = parseAccuracies(["accuracy=0.9321", "latency=.9005"], named);
  const { deck, facts } = tellStory(await readCourses(named, accuracies));
  assert.deepEqual(
    deck.slides.map(({ title }) => title),
    ["Response time and rate against accuracy", "Over time: latency"],
    "one run has no course over time",
  );
  const [slide] = deck.slides;
  assert.match(slide!.lead!, /given with the files, not measured by fulcrum: accuracy 93\.21 %, latency 90\.05 %/);
  const plots = slide!.blocks.flatMap((block) => (block.kind === "figure" ? [block.figure] : []));
  assert.deepEqual(
    plots.map(({ title, x }) => [title, x.isInverted ?? false]),
    [
      ["Accuracy as given: response time", true],
      ["Accuracy as given: transaction rate", false],
    ],
  );
  const points = plots.map(({ series }) => series.map(({ name, points }) => [name, points[0]!.x, points[0]!.y]));
  // The log's second minute alone; of both 1200 answers in 119.3 s of load.
  assert.deepEqual(
    points[1]!.map(([name, x, y]) => [name, x, Number(Number(y).toFixed(9))]),
    [
      ["accuracy", 1180 / 59.8, 93.21],
      ["latency", 1200 / (59.5 + 59.8), 90.05],
    ],
  );
  assert.ok(Math.abs(Number(points[0]![0]![1]) - (1000 * 9.87) / 19.73) < 1e-9);
  assert.ok(allFigures(facts).some(({ id }) => id === "given-response-time"));
});

test("an accuracy that is none, or of no model, is refused", () => {
  const named = parseNamedFiles(["a=x.log"]);
  for (const value of ["a=90", "a", "b=0.9", "a=", "a=-0.1", "=0.5", "a=0.9x"]) {
    assert.throws(
      () => parseAccuracies([value], named),
      (cause) => isFulcrumError(cause, "CLI_BAD_VALUE"),
      value,
    );
  }
  assert.throws(() => parseAccuracies(["a=0.9", "a=0.8"], named));
  assert.deepEqual([...parseAccuracies(["a=1"], named)], [["a", 1]]);
});

test("the finer of siege's two means is taken", () => {
  const row = { responseSeconds: 0.5, ratePerSecond: 19.73, concurrency: 9.87 };
  const rest = {
    epochMs: 0,
    transactions: 1,
    elapsedSeconds: 1,
    megabytes: 0,
    throughputMegabytes: 0,
    okay: 1,
    failed: 0,
  };
  assert.ok(Math.abs(meanMs({ ...rest, ...row })! - (1000 * 9.87) / 19.73) < 1e-9);
  assert.equal(meanMs({ ...rest, responseSeconds: 0.12, ratePerSecond: 0.34, concurrency: 0.04 }), 120);
  assert.equal(meanMs({ ...rest, responseSeconds: Number.NaN, ratePerSecond: 0, concurrency: 0 }), null);
});

test("names and files: what is unclear is refused", () => {
  assert.deepEqual(parseNamedFiles(["runs/a/load_output.csv"]), [{ name: "a", paths: ["runs/a/load_output.csv"] }]);
  assert.deepEqual(parseNamedFiles(["siege.log"]), [{ name: "siege", paths: ["siege.log"] }]);
  const isUnclear = (cause: unknown) => isFulcrumError(cause, "REPORT_FILES_UNCLEAR");
  assert.throws(() => parseNamedFiles(["a="]), isUnclear);
  assert.throws(() => parseNamedFiles(["a=x.csv", "a=y.csv"]), isUnclear);
});

test("a model without a load, and a file that is none, are errors with path and line", async (t) => {
  const at = await files(t, { "usage.csv": usage, "wrong.csv": "1,2\n" });
  await assert.rejects(readCourses(parseNamedFiles([`a=${at("usage.csv")}`])), (cause) =>
    isFulcrumError(cause, "REPORT_FILES_UNCLEAR"),
  );
  await assert.rejects(readCourses(parseNamedFiles([`a=${at("wrong.csv")}`])), (cause) =>
    isFulcrumError(cause, "LOAD_FILE_INVALID"),
  );
});

test("runs side by side: rows that differ, the paired test, and what is not comparable", () => {
  const before = edited((run) => setRight(evaluationOf(run, "latency"), 200, 0.9));
  const after = edited((run) => {
    setRight(evaluationOf(run, "latency"), 280, 0.9);
    for (const record of run.measurements) record.machine.cpuModel = "Another CPU";
  });
  const comparison = compareRuns([
    { name: "before", facts: factsOf(before) },
    { name: "after", facts: factsOf(after) },
  ]);
  assert.deepEqual(
    comparison.tables.map(({ candidate }) => candidate),
    ["accuracy", "latency", "previous"],
  );
  assert.match(comparison.warnings.join(" "), /different machines/);
  assert.match(
    comparison.paired.join(" "),
    /latency: after against before on the same photos 25\.0 points .*more accurate/,
  );
  const text = renderCompareText(comparison);
  assert.match(text, /\* accuracy on the test photos +62\.5 %/);
  assert.match(text, /\n {2}single pod: mean response time +600 ms +600 ms/);
});

test("runs are named by as much of their path as tells them apart", () => {
  assert.deepEqual(runNames(["runs/a", "runs/b/"]), ["a", "b"]);
  assert.deepEqual(runNames(["x/runs/a", "y/runs/a"]), ["x/runs/a", "y/runs/a"]);
  assert.deepEqual(runNames(["a", "a"]), ["a (1)", "a (2)"]);
});
