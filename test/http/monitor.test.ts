/** `fulcrum monitor` against an admin address on loopback. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { noProgress } from "../../src/base/progress.ts";
import { verb } from "../../src/cli/verbs/monitor.ts";
import { isFulcrumError } from "../../src/errors/index.ts";
import { fetchPlatformState, parseEventsJsonl, parseResourceUsageCsv, stateUrl } from "../../src/monitor/index.ts";
import { httpServer, refusedUrl } from "../kit/loopback.ts";

const sample = {
  epochMs: Date.UTC(2026, 0, 1),
  replicas: 3,
  readyReplicas: 2,
  cpuRequestCores: 3,
  memoryRequestBytes: 3072,
  cpuLimitCores: 6,
  memoryLimitBytes: 6144,
  cpuUseCores: 1.25,
  memoryUseBytes: 2048,
};
const events = [{ epochMs: sample.epochMs, kind: "ready" as const, replica: "pod-1", detail: "" }];

test("rows are written as samples come, a failed one as a gap, events at the end", async (t) => {
  let asked = 0;
  const stopping = new AbortController();
  const { url } = await httpServer(t, (request, response) => {
    assert.equal(request.url, "/fulcrum/state");
    asked++;
    if (asked === 3) response.writeHead(500).end();
    else response.end(JSON.stringify({ asked: 4, sample, events }));
    if (asked === 4) setImmediate(() => stopping.abort());
  });
  const dir = await mkdtemp(join(tmpdir(), "fulcrum-monitor-"));
  t.after(() => rm(dir, { recursive: true }));
  const [out, eventsFile] = [join(dir, "usage.csv"), join(dir, "events.jsonl")];
  const options = verb.options.parse({ target: `${url}/`, out, events: eventsFile, period: "20ms" });
  const io = { print: () => {}, json: () => {}, progress: noProgress, signal: stopping.signal };
  await verb.run({ args: [], options, io });

  const { samples, gaps } = parseResourceUsageCsv(await readFile(out, "utf8"), out);
  assert.ok(samples.length >= 1 && gaps.length >= 1);
  // The file has no column for ready replicas.
  assert.deepEqual(samples[0], { ...sample, readyReplicas: 3 });
  assert.deepEqual(parseEventsJsonl(await readFile(eventsFile, "utf8"), eventsFile), events);
});

test("an address without a platform is an error that says what to give", async (t) => {
  const { url } = await httpServer(t, (_request, response) => void response.end('{"hello":1}'));
  const wrong = [url, await refusedUrl()];
  for (const address of wrong) {
    await assert.rejects(
      fetchPlatformState(stateUrl(address), new AbortController().signal),
      (error) => isFulcrumError(error, "MONITOR_STATE_INVALID") && /fulcrum deploy/.test(error.message),
    );
  }
  assert.throws(
    () => stateUrl("8081"),
    (error) => isFulcrumError(error, "MONITOR_STATE_INVALID"),
  );
});
