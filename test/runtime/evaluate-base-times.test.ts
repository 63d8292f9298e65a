/** Times of bases: measured, kept, and not believed on another machine. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { noProgress } from "../../src/base/progress.ts";
import { measureBases, readBaseTimes } from "../../src/evaluate/index.ts";

test("times are kept with the machine that they were measured on", async (t) => {
  const cacheDir = await mkdtemp(join(tmpdir(), "fulcrum-times-"));
  t.after(() => rm(cacheDir, { recursive: true, force: true }));
  assert.deepEqual(await readBaseTimes(cacheDir), {});
  const signal = new AbortController().signal;
  await measureBases(["mobilenetv2"], { cacheDir, runs: 6, progress: noProgress, signal });
  const { mobilenetv2: time } = await readBaseTimes(cacheDir);
  assert.ok(time && time.runs === 6 && time.low > 0 && time.low <= time.estimate && time.estimate <= time.high);
  const path = join(cacheDir, "base-times.json");
  const kept = JSON.parse(await readFile(path, "utf8")) as object;
  await writeFile(path, JSON.stringify({ ...kept, machine: "another" }));
  assert.deepEqual(await readBaseTimes(cacheDir), {});
});
