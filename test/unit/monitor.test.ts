/** Sampling on a clock that a test moves, and the files of a monitor. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseLocalTime } from "../../src/base/local-time.ts";
import { isFulcrumError } from "../../src/errors/index.ts";
import {
  parseEventsJsonl,
  parseResourceUsageCsv,
  renderEventsJsonl,
  renderResourceUsageCsv,
  startMonitor,
} from "../../src/monitor/index.ts";
import type { PlatformEvent, ResourceSample } from "../../src/records/measurement.ts";
import { FakeClock, settle } from "../kit/fake-clock.ts";

const startMs = Date.UTC(2026, 0, 1);

function sample(epochMs: number): ResourceSample {
  return {
    epochMs,
    replicas: 2,
    readyReplicas: 2,
    cpuRequestCores: 1.5,
    memoryRequestBytes: 2 * 1024 ** 3,
    cpuLimitCores: 3,
    memoryLimitBytes: 4 * 1024 ** 3,
    cpuUseCores: 0.123456,
    memoryUseBytes: 157_286_400,
  };
}

/** A monitor of a source that takes `takesMs(n)` for sample n, or fails where that is undefined. */
async function monitorOf(periodSeconds: number, takesMs: (n: number) => number | undefined) {
  const clock = new FakeClock();
  let asked = 0;
  const source = async () => {
    const ms = takesMs(asked++);
    if (ms === undefined) throw new Error("platform is away");
    const epochMs = clock.epochMs();
    if (ms > 0) await clock.sleep(ms);
    return sample(epochMs);
  };
  const monitor = startMonitor({ source, periodSeconds, clock });
  await settle();
  return { clock, monitor };
}

const secondsOf = (items: readonly { readonly epochMs: number }[]) =>
  items.map(({ epochMs }) => (epochMs - startMs) / 1000);

test("a sample at the start and at each period, without drift", async () => {
  const { clock, monitor } = await monitorOf(5, () => 30);
  await clock.advance(21_000);
  await monitor.stop();
  assert.deepEqual(secondsOf(monitor.samples), [0, 5, 10, 15, 20]);
  assert.deepEqual(monitor.gaps, []);
});

test("a failed sample is a gap with its reason, and the next tick goes on", async () => {
  const { clock, monitor } = await monitorOf(5, (n) => (n === 1 ? undefined : 0));
  await clock.advance(11_000);
  await monitor.stop();
  assert.deepEqual(secondsOf(monitor.samples), [0, 10]);
  assert.deepEqual(monitor.gaps, [{ epochMs: startMs + 5000, reason: "platform is away" }]);
});

test("a sample that takes longer than periods leaves a gap for each tick that it covered", async () => {
  const { clock, monitor } = await monitorOf(0.5, (n) => (n === 1 ? 1200 : 0));
  await clock.advance(2600);
  await monitor.stop();
  // Asked at 0.5, there at 1.7: the ticks at 1.0 and 1.5 passed meanwhile.
  assert.deepEqual(secondsOf(monitor.samples), [0, 0.5, 2, 2.5]);
  assert.deepEqual(secondsOf(monitor.gaps), [1, 1.5]);
});

test("a source that hangs is given up after a period or two seconds", async () => {
  const { clock, monitor } = await monitorOf(5, (n) => (n === 0 ? 1e9 : 0));
  await clock.advance(10_500);
  await monitor.stop();
  assert.deepEqual(secondsOf(monitor.samples), [10]);
  assert.deepEqual(
    monitor.gaps.map(({ reason }) => reason),
    ["no sample within 5 s", "the sample before took too long"],
  );
});

test("the caller's signal ends the monitor, a sample under way included", async () => {
  const clock = new FakeClock();
  const stopping = new AbortController();
  const source = () => new Promise<ResourceSample>(() => {});
  const monitor = startMonitor({ source, periodSeconds: 5, clock, signal: stopping.signal });
  await settle();
  stopping.abort();
  await monitor.done;
  assert.deepEqual([monitor.samples.length, monitor.gaps.length], [0, 0]);
});

test("what a listener throws reaches the caller", async () => {
  const clock = new FakeClock();
  const onSample = () => {
    throw new Error("disk is full");
  };
  const monitor = startMonitor({ source: async () => sample(clock.epochMs()), periodSeconds: 5, clock, onSample });
  await assert.rejects(monitor.done, /disk is full/);
});

test("resource_usage.csv has its header exactly, cores and KB of 1024 bytes", () => {
  const epochMs = parseLocalTime("2026-11-24 02:09:45.123")!;
  const text = renderResourceUsageCsv([sample(epochMs)], [{ epochMs: epochMs + 5000 }]);
  assert.equal(
    text,
    "time,n_replica,cpu_req_core,mem_req_KB,cpu_lim_core,mem_lim_KB,cpu_use_core,mem_use_KB\n" +
      "2026-11-24 02:09:45.123,2,1.5,2097152,3,4194304,0.123456,153600\n" +
      "2026-11-24 02:09:50.123,,,,,,,\n",
  );
  assert.deepEqual(parseResourceUsageCsv(text, "usage.csv"), { samples: [sample(epochMs)], gaps: [epochMs + 5000] });
});

test("a file that is no resource_usage.csv is refused by its line", () => {
  const [header, line] = renderResourceUsageCsv([sample(startMs)]).split("\n");
  const cases: readonly [string, RegExp][] = [
    ["time,replicas\n", /line 1 /],
    [`${header}\n${line!.replace("1.5", "much")}\n`, /line 2 /],
    [`${header}\n${line}\n${line!.split(",").slice(0, 4).join(",")}\n`, /line 3 /],
    [`${header}\nnoon,1,1,1,1,1,1,1\n`, /noon is no time/],
    [`${header}\n${line!.replace("1.5", "")}\n`, /line 2 /],
  ];
  for (const [text, message] of cases) {
    assert.throws(
      () => parseResourceUsageCsv(text, "usage.csv"),
      (error) => isFulcrumError(error, "LOAD_FILE_INVALID") && message.test(error.message),
    );
  }
});

test("events go to a file and back", () => {
  const events: PlatformEvent[] = [
    { epochMs: 1, kind: "scale", replica: null, detail: "2 to 4" },
    { epochMs: 2, kind: "ready", replica: "r3", detail: "" },
  ];
  assert.deepEqual(parseEventsJsonl(renderEventsJsonl(events), "events.jsonl"), events);
  for (const bad of ["{", '{"epochMs":1}']) {
    assert.throws(
      () => parseEventsJsonl(`${renderEventsJsonl(events)}${bad}\n`, "events.jsonl"),
      (error) => isFulcrumError(error, "LOAD_FILE_INVALID") && /line 3/.test(error.message),
    );
  }
});
