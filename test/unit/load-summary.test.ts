/** Hits to figures, and the raw record as a file. */
import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { isFulcrumError } from "../../src/errors/index.ts";
import { LoadAccount } from "../../src/load/account.ts";
import { verdictOf } from "../../src/load/hit.ts";
import { type HitLogLine, openHitLog } from "../../src/load/hit-log.ts";
import { summariseHits } from "../../src/load/index.ts";
import { LatencyDistribution } from "../../src/load/latency.ts";
import { LoadTally } from "../../src/load/summary.ts";
import { hit } from "../kit/load.ts";

function near(actual: number, expected: number, relative: number): void {
  assert.ok(Math.abs(actual - expected) <= Math.abs(expected) * relative, `${actual} is not ${expected} ± ${relative}`);
}

test("quantiles are within 0.1 %; count, mean and extremes are exact", () => {
  const latency = new LatencyDistribution();
  // 0.01, 0.02 ... 100 ms: quantile p is p, the mean 50.005
  for (let i = 1; i <= 10_000; i++) latency.add(i / 100);
  const figures = latency.figures()!;
  near(figures.mean, 50.005, 1e-12);
  near(figures.p50, 50, 0.001);
  near(figures.p90, 90, 0.001);
  near(figures.p99, 99, 0.001);
  assert.equal(figures.max, 100);
  assert.equal(latency.minMs, 0.01);
  assert.throws(() => near(figures.p90, 91, 0.001), "the check can fail");
});

test("a quantile never exceeds the maximum, and nothing gives no figures", () => {
  const latency = new LatencyDistribution();
  assert.equal(latency.figures(), null);
  latency.add(123.456);
  assert.deepEqual(latency.figures(), { mean: 123.456, p50: 123.456, p90: 123.456, p99: 123.456, max: 123.456 });
});

test("verdicts are siege's", () => {
  const cases: readonly [number | null, string | null, string][] = [
    [200, null, "okay"],
    [204, null, "okay"],
    [302, null, "okay"],
    [404, null, "refused"],
    [429, null, "refused"],
    [408, null, "failed"],
    [500, null, "failed"],
    [503, null, "failed"],
    [null, "ECONNREFUSED", "failed"],
    [200, "truncated", "failed"],
    [null, "cut-off", "cutOff"],
  ];
  for (const [status, error, verdict] of cases)
    assert.equal(verdictOf({ status, error }), verdict, `${status} ${error}`);
});

test("a summary counts as siege does", () => {
  const tally = new LoadTally(false);
  tally.add(hit({ finishedMs: 100 }));
  tally.add(hit({ finishedMs: 300 }));
  tally.add(hit({ finishedMs: 50, status: 404 }));
  tally.add(hit({ finishedMs: 150, status: 503 }));
  tally.add(hit({ finishedMs: 400, status: null, bytes: 0, error: "ECONNRESET" }));
  tally.add(hit({ finishedMs: 900, status: null, bytes: 0, error: "cut-off" }));
  const { summary, shortestMs, refused, cutOff, failures } = tally.close(2);
  assert.equal(summary.transactions, 3);
  assert.equal(summary.okay, 2);
  assert.equal(summary.failed, 2);
  assert.equal(summary.availability, 0.5);
  assert.equal(summary.bytes, 400);
  assert.equal(summary.transactionRatePerSecond, 1.5);
  assert.equal(summary.concurrency, 0.3); // (100 + 300 + 50 + 150) ms in 2 s: the 503 counts, the reset does not
  assert.equal(summary.responseMs!.mean, 150); // of the three transactions
  assert.equal(summary.scheduledMs, null);
  assert.deepEqual([shortestMs, refused, cutOff], [50, 1, 1]);
  assert.deepEqual(failures, { "HTTP 503": 1, ECONNRESET: 1 });
});

test("nothing sent is no availability, not a perfect one", () => {
  const { summary } = new LoadTally(false).close(1);
  assert.equal(summary.availability, null);
  assert.equal(summary.responseMs, null);
  assert.equal(summary.transactionRatePerSecond, 0);
});

/** Two runs of a series, the second without an answer. */
function lines(): HitLogLine[] {
  const common = { type: "run" as const, url: "http://127.0.0.1:1/", method: "GET" };
  const run = { kind: "closed" as const, users: 20, delaySeconds: 1, durationSeconds: 2 };
  const spread = Array.from({ length: 500 }, (_, i) => hit({ index: i, finishedMs: 10 + ((i * 7919) % 1000) / 7 }));
  return [
    { ...common, number: 0, epochMs: 1_000_000, startSeconds: 0, run },
    ...spread.map((made) => ({ type: "hit" as const, ...made })),
    { type: "end", number: 0, elapsedSeconds: 2.001, ending: "time" },
    { ...common, number: 1, epochMs: 1_002_000, startSeconds: 2, run: { ...run, users: 30 } },
    { type: "hit", ...hit({ status: null, bytes: 0, error: "ECONNREFUSED" }) },
    { type: "end", number: 1, elapsedSeconds: 0.5, ending: "failures" },
  ];
}

async function folder(t: TestContext): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "fulcrum-load-"));
  t.after(() => rm(dir, { recursive: true }));
  return dir;
}

test("the raw record, summarised again from its file, gives the same figures", async (t) => {
  const path = join(await folder(t), "deep", "hits.jsonl");
  const account = new LoadAccount();
  const log = await openHitLog(path);
  for (const line of lines()) {
    account.add(line);
    log.write(line);
  }
  await log.close();
  const result = account.close();
  assert.deepEqual(await summariseHits(path), result);
  assert.equal(result.summary.elapsedSeconds, 2.501);
  assert.deepEqual(
    result.rows.map(({ startSeconds, users, summary }) => [startSeconds, users, summary.transactions, summary.failed]),
    [
      [0, 20, 500, 0],
      [2, 30, 0, 1],
    ],
  );
  assert.equal(result.runs[1]!.ending, "failures");
});

test("a record has its name only when it is whole", async (t) => {
  const dir = await folder(t);
  const log = await openHitLog(join(dir, "hits.jsonl"));
  log.write(lines()[0]!);
  assert.deepEqual(await readdir(dir), ["hits.jsonl.partial"]);
  await log.close();
  assert.deepEqual(await readdir(dir), ["hits.jsonl"]);
  assert.equal((await readFile(join(dir, "hits.jsonl"), "utf8")).split("\n").length, 2);
});

test("a line that is no hit is refused by its number", async (t) => {
  const path = join(await folder(t), "hits.jsonl");
  for (const bad of ["{", '{"type":"hit"}', '{"type":"guess"}']) {
    await writeFile(path, `${JSON.stringify(lines()[0])}\n${bad}\n`);
    await assert.rejects(
      summariseHits(path),
      (error) => isFulcrumError(error, "LOAD_FILE_INVALID") && /line 2/.test(error.message),
    );
  }
});

test("what is told on the way counts every run, the one that goes on included", () => {
  const account = new LoadAccount();
  assert.deepEqual({ ...account.soFar }, { transactions: 0, failed: 0 });
  for (const line of lines()) {
    account.add(line);
    if (line.type === "run") assert.equal(account.soFar.transactions, line.number === 0 ? 0 : 500);
  }
});
