/** The report's words, tables and verdicts, without drawing. */
import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { FulcrumError, isFulcrumError } from "../../src/errors/index.ts";
import { renderRecord } from "../../src/records/record.ts";
import { pairUp } from "../../src/report/facts/pairs.ts";
import { gatherReport, type ReportInput, tellStory } from "../../src/report/index.ts";
import { escapeHtml, missing, table } from "../../src/report/page/html.ts";
import { objectiveTable } from "../../src/report/tables/objective-table.ts";
import { ofNode } from "../../src/report/words.ts";
import { madeUpRun } from "../kit/report-records.ts";

const isRecordInvalid = (cause: unknown) => isFulcrumError(cause, "RUN_RECORD_INVALID");

test("only rows whose compared columns differ are marked", () => {
  const rows = [
    ["same", "1", "1", "2"],
    ["other", "1", "2", "2"],
  ];
  const marked = (comparedColumns: number) => {
    const html = table({ header: ["", "a", "b", "c"], rows, comparedColumns });
    return [...html.matchAll(/class="differs"><th scope="row">(\w+)/g)].map(([, name]) => name);
  };
  assert.deepEqual(marked(2), ["other"]);
  assert.deepEqual(marked(3), ["same", "other"]);
  assert.deepEqual(marked(0), []);
});

test("node totals read as kubectl describe node writes them: percent cut, not rounded", () => {
  // The described node of the original: 4 cores; 2405m of it is 60.125 %, 1405m 35.125 %, 2900m 72.5 %.
  assert.equal(ofNode(2405, 4000, "cpu"), "2405m (60%)");
  assert.equal(ofNode(1405, 4000, "cpu"), "1405m (35%)");
  assert.equal(ofNode(2900, 4000, "cpu"), "2900m (72%)");
  assert.equal(ofNode(1024 ** 3, 4 * 1024 ** 3, "memory"), "1024 MiB (25%)");
});

test("text from records cannot become markup", () => {
  assert.equal(escapeHtml(`<a href="x">&'`), "&lt;a href=&quot;x&quot;&gt;&amp;&#39;");
  assert.ok(!table({ header: ["<b>"], rows: [["<i>", "<u>"]], comparedColumns: 0 }).match(/<[biu]>/));
  assert.ok(missing("A & B", "fulcrum run").includes("A &amp; B"));
});

test("objectives are judged on the side that they ask for, and only where something was measured", () => {
  const input = madeUpRun();
  const withAccuracy = (estimate: number): ReportInput => ({
    ...input,
    evaluations: input.evaluations.map((record) => ({
      ...record,
      body: { ...record.body, accuracy: { ...record.body.accuracy, estimate } },
    })),
  });
  const cell = (run: ReportInput, row: number) => objectiveTable(run)!.rows[row]![1];
  assert.equal(cell(withAccuracy(0.9), 0), "90.0 %: met");
  assert.equal(cell(withAccuracy(0.899), 0), "89.9 %: not met");
  assert.equal(cell({ ...input, measurements: [] }, 1), "not measured");
  const unset = { minAccuracy: null, maxMeanResponseMs: null, minAvailability: null };
  assert.equal(objectiveTable({ ...input, objectives: unset }), undefined);
});

test("pairs are counted by photo, whatever the order, and only for the same photos", () => {
  const [first, second] = madeUpRun().evaluations.map(({ body }) => body);
  const photo = (path: string, isRight: boolean) => ({
    path,
    label: 0,
    predicted: isRight ? 0 : 1,
    confidence: 0.9,
    labelProbability: isRight ? 0.9 : 0.1,
  });
  const a = { ...first!, predictions: [photo("1", true), photo("2", true), photo("3", false), photo("4", true)] };
  const b = { ...second!, predictions: [photo("4", false), photo("3", false), photo("2", true), photo("1", false)] };
  assert.deepEqual(pairUp(a, b), { bothRight: 1, onlyFirst: 2, onlySecond: 0, bothWrong: 1 });
  assert.equal(pairUp(a, { ...b, predictions: b.predictions.slice(1) }), undefined);
});

test("the last slide compares, says what it costs, and ends with the user's own points", () => {
  const slide = tellStory(madeUpRun()).deck.slides.at(-1)!;
  const bullets = slide.blocks.flatMap((block) => (block.kind === "bullets" ? block.items : []));
  const has = (pattern: RegExp) =>
    assert.ok(
      bullets.some((point) => pattern.test(point)),
      `no point like ${pattern}`,
    );
  has(/accuracy is more accurate than previous on the same photos: .* McNemar p/);
  has(/core-hours and .* GiB-hours for a million requests/);
  assert.equal(bullets.at(-1), "Our own point.");
});

/** A run's folder with the made-up trainings and what else is given, by path. */
async function runOf(t: { after(clean: () => Promise<void>): void }, files: Record<string, string>): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "fulcrum-report-"));
  t.after(() => rm(dir, { recursive: true, force: true }));
  const trainings = madeUpRun().trainings.map((record): [string, string] => {
    return [`train/${record.body.candidate}/record.json`, renderRecord(record)];
  });
  for (const [path, text] of [...trainings, ...Object.entries(files)]) {
    await mkdir(dirname(join(dir, path)), { recursive: true });
    await writeFile(join(dir, path), text);
  }
  return dir;
}

test("records of candidates and deployments that the project no longer has are left out, whatever their version", async (t) => {
  const isOld = { "measure/single/gone/record.json": '{"kind":"measurement","version":0}' };
  const dir = await runOf(t, isOld);
  const names = async (run: string, tasks?: readonly string[]) =>
    (await gatherReport(run, tasks ? { tasks } : {})).trainings.map(({ body }) => body.candidate);
  assert.deepEqual(await names(dir, ["train/latency", "evaluate/latency"]), ["latency"]);
  await assert.rejects(gatherReport(dir), isRecordInvalid, "without a project every record counts");
  const project = {
    objectives: { minAccuracy: null, maxMeanResponseMs: null, minAvailability: null },
    contributions: [],
    candidates: [{ name: "accuracy" }, { name: "previous" }],
    deployments: [{ name: "single", candidates: ["accuracy"] }],
  };
  const named = await runOf(t, { ...isOld, "project.json": JSON.stringify(project) });
  assert.deepEqual(await names(named), ["accuracy", "previous"]);
});

test("a run is gathered in the order accuracy, latency, previous; an empty one is an error", async (t) => {
  const dir = await mkdtemp(join(tmpdir(), "fulcrum-report-"));
  t.after(() => rm(dir, { recursive: true, force: true }));
  const isNothing = (cause: unknown) => cause instanceof FulcrumError && cause.code === "REPORT_NOTHING";
  await assert.rejects(gatherReport(dir), isNothing);
  for (const record of madeUpRun().trainings.toReversed()) {
    const folder = join(dir, "train", record.body.candidate);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "record.json"), renderRecord(record));
  }
  const gathered = await gatherReport(dir);
  assert.deepEqual(
    gathered.trainings.map(({ body }) => body.role),
    ["accuracy", "latency", "previous"],
  );
  assert.equal(gathered.dataset, undefined);
  assert.equal(gathered.objectives, undefined);
  await writeFile(join(dir, "project.json"), "{");
  await assert.rejects(gatherReport(dir), isRecordInvalid);
});
