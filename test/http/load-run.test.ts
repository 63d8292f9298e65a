/** Whole loads against loopback servers: what counts, what is kept, how they end. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { noProgress } from "../../src/base/progress.ts";
import { verb } from "../../src/cli/verbs/load.ts";
import { loadScenario } from "../../src/config/load.ts";
import { isFulcrumError } from "../../src/errors/index.ts";
import {
  type LoadResult,
  loadFiles,
  parseSiegeRows,
  runClosedLoad,
  runOpenLoad,
  runSeries,
  summariseHits,
  writeLoadFiles,
} from "../../src/load/index.ts";
import { httpServer, refusedUrl } from "../kit/loopback.ts";

async function folder(t: TestContext): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "fulcrum-load-"));
  t.after(() => rm(dir, { recursive: true }));
  return dir;
}

test("a closed load: each user waits; what the server saw is what was counted", async (t) => {
  let answered = 0;
  let atOnce = 0;
  let mostAtOnce = 0;
  const { url } = await httpServer(t, (_request, response) => {
    mostAtOnce = Math.max(mostAtOnce, ++atOnce);
    setTimeout(() => {
      atOnce--;
      answered++;
      response.end("ok");
    }, 20);
  });
  const { summary, cutOff } = await runClosedLoad({ url, users: 4, delaySeconds: 0, durationSeconds: 0.5, seed: 1 });
  assert.ok(mostAtOnce <= 4);
  assert.ok(summary.transactions > 0 && summary.transactions <= answered && answered <= summary.transactions + cutOff);
  assert.equal(summary.okay, summary.transactions);
  assert.equal(summary.bytes, 2 * summary.transactions);
  assert.equal(summary.availability, 1);
  assert.ok(summary.responseMs!.p50 >= 19, "timers of the server may fire a millisecond early");
  const little = summary.concurrency / summary.transactionRatePerSecond - summary.responseMs!.mean / 1000;
  assert.ok(Math.abs(little) < 1e-9, "Little's law");
});

test("a server that never answers: the time limit ends the load, nothing is counted", async (t) => {
  const { url } = await httpServer(t, () => {});
  const result = await runClosedLoad({ url, users: 3, delaySeconds: 0, durationSeconds: 0.2, seed: 1 });
  assert.deepEqual([result.summary.transactions, result.summary.failed, result.cutOff], [0, 0, 3]);
  assert.equal(result.runs[0]!.ending, "time");
});

test("nothing listens: the limit of failures ends the load", async () => {
  const url = await refusedUrl();
  const load = { url, users: 2, delaySeconds: 0, durationSeconds: 30, seed: 1, failureLimit: 50 };
  const result = await runClosedLoad(load);
  assert.deepEqual([result.summary.failed, result.failures], [50, { ECONNREFUSED: 50 }]);
  assert.equal(result.summary.availability, 0);
  assert.equal(result.runs[0]!.ending, "failures");
});

test("an open load on a saturated server: latency from the schedule exceeds the one from sending", async (t) => {
  const { url } = await httpServer(t, (_request, response) => void setTimeout(() => response.end("ok"), 20));
  const load = { url, ratePerSecond: 200, durationSeconds: 0.3, maxInFlight: 1, seed: 1 };
  const { summary } = await runOpenLoad(load);
  assert.equal(summary.transactions, 60);
  // One at a time takes at least 60 * 19 ms for what was due within 300 ms.
  assert.ok(summary.scheduledMs!.max > 700);
  assert.ok(summary.scheduledMs!.mean > 2 * summary.responseMs!.mean);
});

test("an upload arrives as the form of the upload page", async (t) => {
  const bodies: string[] = [];
  const { url } = await httpServer(t, async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    bodies.push(`${request.method} ${request.headers["content-type"]}\n${Buffer.concat(chunks).toString()}`);
    response.end("ok");
  });
  const upload = { fileName: "soup.jpg", bytes: Buffer.from("photo") };
  await runOpenLoad({ url, upload, ratePerSecond: 10, durationSeconds: 0.2, seed: 1 });
  assert.equal(bodies.length, 2);
  assert.match(bodies[0]!, /^POST multipart\/form-data; boundary=\S+\n/);
  assert.match(bodies[0]!, /name="file"; filename="soup.jpg"\r\nContent-Type: image\/jpeg\r\n\r\nphoto\r\n--/);
});

test("a series: a row a run, files that agree, and the same figures from the raw record", async (t) => {
  const { url } = await httpServer(t, (_request, response) => void response.end("ok"));
  const dir = await folder(t);
  const scenario = loadScenario.parse({
    name: "short",
    kind: "series",
    minutes: [
      { minutes: 2, delay: "100s", users: 3 },
      { minutes: 1, delay: "100s", users: 5 },
    ],
    timeScale: 120,
  });
  const seen: number[] = [];
  const hitsPath = join(dir, loadFiles.hits);
  const onHit = (hit: { index: number }) => void seen.push(hit.index);
  const result = await runSeries({ url, scenario, seed: 1, hitsPath, onHit });
  await writeLoadFiles(dir, result);
  assert.deepEqual(
    result.rows.map(({ users, delaySeconds }) => [users, delaySeconds]),
    [
      [3, 100],
      [3, 100],
      [5, 100],
    ],
  );
  // All users send at the start of each run; with delays up to 100 s a second request in half a second is rare.
  assert.ok(result.rows.every(({ users, summary }) => summary.transactions >= users));
  assert.equal(seen.length, result.summary.transactions);
  assert.deepEqual(await summariseHits(hitsPath), result);
  for (const name of [loadFiles.siegeLog, loadFiles.loadOutput]) {
    const rows = parseSiegeRows(await readFile(join(dir, name), "utf8"), name);
    assert.deepEqual(
      rows.map(({ transactions }) => transactions),
      result.rows.map(({ summary }) => summary.transactions),
    );
  }
});

test("stopped from outside, a series ends with the figures of what was done", async (t) => {
  const stopping = new AbortController();
  const { url } = await httpServer(t, (_request, response) => {
    response.end("ok", () => setImmediate(() => stopping.abort()));
  });
  const scenario = loadScenario.parse({ name: "long", kind: "series", minutes: [{ minutes: 9, delay: 9, users: 1 }] });
  const result = await runSeries({ url, scenario, seed: 1, signal: stopping.signal });
  assert.equal(result.rows.length, 1);
  assert.equal(result.runs[0]!.ending, "stopped");
  assert.equal(result.summary.transactions + result.cutOff, 1);
});

async function callVerb(url: string, flags: Record<string, unknown>) {
  const printed: string[] = [];
  let json: unknown;
  const io = {
    print: (text: string) => void printed.push(text),
    json: (value: unknown) => {
      json = value;
    },
    progress: noProgress,
    signal: new AbortController().signal,
  };
  const code = await verb.run({ args: [url], options: verb.options.parse(flags), io });
  return { code, json: json as LoadResult, text: printed.join("\n") };
}

test("fulcrum load prints siege's block with finer figures, and exits 1 when nothing was answered", async (t) => {
  const { url } = await httpServer(t, (_request, response) => void response.end("ok"));
  const answered = await callVerb(url, { users: 2, time: "200ms" });
  assert.equal(answered.code, undefined);
  assert.match(answered.text, /^Transactions:\t\t +\d+ hits\nAvailability:\t\t {6}100\.00 %\n/);
  assert.match(answered.text, /Response time: {3}mean [\d.]+ ms, p50 [\d.]+, p90 [\d.]+, p99 [\d.]+, max [\d.]+/);
  assert.ok(answered.json.summary.transactions > 0);
  const refused = await callVerb(await refusedUrl(), { rate: 20, time: "100ms" });
  assert.equal(refused.code, 1);
  assert.match(refused.text, /Failed: {10}2 x ECONNREFUSED/);
});

test("fulcrum load refuses flags that contradict each other", async () => {
  for (const flags of [{ rate: 5, users: 3 }, { scenario: "original", time: "5s" }, { timeScale: 5 }]) {
    await assert.rejects(callVerb("http://127.0.0.1:1/", flags), (error) => isFulcrumError(error, "CLI_USAGE"));
  }
});
