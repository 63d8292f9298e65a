/** Reading and inspecting real files: decoding, unreadable files, splits, markers. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { noProgress } from "../../src/base/progress.ts";
import { projectDir } from "../../src/config/paths.ts";
import { inspectDataset, readDataset } from "../../src/data/index.ts";
import { markJpeg } from "../../src/data/synth/marker.ts";
import { datasetRecord } from "../../src/records/dataset.ts";
import { jpegOf, temporaryFolder, writeFiles } from "../kit/photos.ts";

const signal = new AbortController().signal;
const survey = { layout: "auto", progress: noProgress, signal } as const;
const reading = { ...survey, skipUnreadable: false, validationShare: 0.2, evaluationShare: 0.2, seed: 1 } as const;

/** Two classes of `count` different photos under each prefix. */
async function photoFolder(t: TestContext, prefixes: readonly string[], count: number): Promise<string> {
  const dir = await temporaryFolder(t);
  let shade = 0;
  for (const prefix of prefixes) {
    for (const name of ["pie", "soup"]) {
      for (let i = 0; i < count; i++) await writeFiles(dir, { [`${prefix}${name}/${i}.jpg`]: await jpegOf(shade++) });
    }
  }
  return dir;
}

test("given splits become the record, with hash and size of every photo", async (t) => {
  const dir = await photoFolder(t, ["train/", "val/", "test/"], 2);
  const bytes = await jpegOf(200, 40, 30);
  await writeFiles(dir, { "train/soup/extra.jpg": bytes, "train/soup/notes.txt": "x" });
  const dataset = await readDataset({ ...reading, dir });
  assert.deepEqual(dataset.classes, ["pie", "soup"]);
  assert.deepEqual(
    [dataset.layout, dataset.splitOrigin, dataset.synthetic, dataset.splits.training.length],
    ["folders", "given", false, 5],
  );
  assert.deepEqual(dataset.splits.training.at(-1), {
    path: "train/soup/extra.jpg",
    label: 1,
    sha256: createHash("sha256").update(bytes).digest("hex"),
    width: 40,
    height: 30,
  });
  assert.deepEqual(datasetRecord.body.parse(dataset), dataset);
});

test("without splits they are drawn, the same for the same seed", async (t) => {
  const dir = await photoFolder(t, [""], 10);
  const dataset = await readDataset({ ...reading, dir });
  const { training, validation, evaluation } = dataset.splits;
  assert.equal(dataset.splitOrigin, "seeded");
  assert.deepEqual([training.length, validation.length, evaluation.length], [12, 4, 4]);
  assert.deepEqual(await readDataset({ ...reading, dir }), dataset);
  assert.notDeepEqual((await readDataset({ ...reading, dir, seed: 2 })).splits, dataset.splits);
});

test("a missing validation split is drawn from training; a missing evaluation split is refused", async (t) => {
  const dir = await photoFolder(t, ["train/", "test/"], 5);
  const { splitOrigin, splits } = await readDataset({ ...reading, dir });
  assert.equal(splitOrigin, "validation-seeded");
  assert.deepEqual([splits.training.length, splits.validation.length, splits.evaluation.length], [8, 2, 10]);
  assert.ok(splits.validation.every(({ path }) => path.startsWith("train/")));
  const without = await photoFolder(t, ["train/", "val/"], 5);
  await assert.rejects(readDataset({ ...reading, dir: without }), { code: "DATA_SPLIT_MISSING" });
});

test("files that do not decode are named, and left out only with consent", async (t) => {
  const dir = await photoFolder(t, [""], 6);
  const whole = await jpegOf(250, 64, 64);
  await writeFiles(dir, { "pie/cut.jpg": whole.subarray(0, whole.length / 2), "soup/text.png": "no photo" });
  await assert.rejects(readDataset({ ...reading, dir }), (error: Error & { code?: string }) => {
    assert.equal(error.code, "DATA_UNREADABLE");
    assert.match(error.message, /2 of 14 files.*pie\/cut\.jpg \(.+\), soup\/text\.png \(.+\)/);
    return true;
  });
  const dataset = await readDataset({ ...reading, dir, skipUnreadable: true });
  assert.deepEqual(
    dataset.unreadable.map(({ path }) => path),
    ["pie/cut.jpg", "soup/text.png"],
  );
  assert.equal(Object.values(dataset.splits).flat().length, 12);
});

test("copies across splits are recorded, and cannot arise where splits are drawn", async (t) => {
  const copy = await jpegOf(222);
  const given = await photoFolder(t, ["train/", "val/", "test/"], 2);
  await writeFiles(given, { "train/pie/copy.jpg": copy, "test/pie/same.jpg": copy });
  assert.deepEqual((await readDataset({ ...reading, dir: given })).duplicatesAcrossSplits, [
    ["test/pie/same.jpg", "train/pie/copy.jpg"],
  ]);
  const drawn = await photoFolder(t, [""], 5);
  for (let i = 0; i < 5; i++) await writeFiles(drawn, { [`pie/copy${i}.jpg`]: copy });
  assert.deepEqual((await readDataset({ ...reading, dir: drawn })).duplicatesAcrossSplits, []);
});

test("what no classifier can be trained on is refused with its own code", async (t) => {
  const missing = await photoFolder(t, ["train/", "val/", "test/"], 1);
  await writeFiles(missing, { "train/tart/1.jpg": await jpegOf(99) });
  await assert.rejects(readDataset({ ...reading, dir: missing }), { code: "DATA_CLASS_MISSING" });
  const small = await photoFolder(t, [""], 2);
  await assert.rejects(readDataset({ ...reading, dir: small }), { code: "DATA_CLASS_TOO_SMALL" });
  const single = await temporaryFolder(t);
  await writeFiles(single, {
    "pie/1.jpg": await jpegOf(1),
    "pie/2.jpg": await jpegOf(2),
    "pie/3.jpg": await jpegOf(3),
  });
  await assert.rejects(readDataset({ ...reading, dir: single }), { code: "DATA_ONE_CLASS" });
});

test("drawn photos are known by the marker file, and by themselves when copied elsewhere", async (t) => {
  const marked = await photoFolder(t, [""], 3);
  await writeFiles(marked, { "fulcrum-synthetic.json": "{}" });
  await assert.rejects(readDataset({ ...reading, dir: marked }), { code: "DATA_SYNTHETIC_INCOMPLETE" });
  const copied = await photoFolder(t, [""], 3);
  await writeFiles(copied, { "pie/drawn.jpg": markJpeg(await jpegOf(77)) });
  assert.equal((await readDataset({ ...reading, dir: copied })).synthetic, true);
});

test("inspecting counts, and lists every problem instead of stopping at the first", async (t) => {
  const dir = await photoFolder(t, ["train/", "val/", "test/"], 2);
  await writeFiles(dir, {
    "train/soup/broken.jpg": "x",
    "train/tart/1.jpg": await jpegOf(99, 50, 20),
    "train/tart/readme.md": "x",
  });
  const inspection = await inspectDataset({ ...survey, dir });
  assert.deepEqual(inspection.classes[0], {
    name: "pie",
    photos: 6,
    bySplit: { training: 2, validation: 2, evaluation: 2 },
  });
  assert.deepEqual(inspection.sizes?.width, { least: 24, median: 24, most: 50 });
  assert.equal(inspection.imbalanceRatio, 6);
  assert.deepEqual(inspection.otherFiles, ["train/tart/readme.md"]);
  assert.deepEqual(
    inspection.problems.map(({ code }) => code),
    ["DATA_UNREADABLE", "DATA_CLASS_MISSING", "DATA_CLASS_MISSING"],
  );
});

test("reading stops when it is aborted", async (t) => {
  const dir = await photoFolder(t, [""], 5);
  const controller = new AbortController();
  const progress = { ...noProgress, task: () => ({ advance: () => controller.abort(), finish() {} }) };
  const aborted = readDataset({ ...reading, dir, progress, signal: controller.signal });
  await assert.rejects(aborted, { name: "AbortError" });
});

const food10 = join(projectDir, "../shared/data/food10");

test("food10's evaluation photos are 63 of each of 10 classes", {
  skip: existsSync(food10) ? false : "needs ../shared/data/food10",
}, async () => {
  const inspection = await inspectDataset({ ...survey, dir: join(food10, "evaluation") });
  assert.equal(inspection.classes.length, 10);
  assert.ok(inspection.classes.every(({ photos }) => photos === 63));
  assert.deepEqual([inspection.unreadable, inspection.synthetic, inspection.drawnSplits], [[], false, "all"]);
});
