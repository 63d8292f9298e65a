/** Pure parts of the embedded platform: headers, quotas, /proc, meters. */
import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { platform } from "../../src/config/deployment.ts";
import { parseMemory } from "../../src/config/quantities.ts";
import { counter, workingSetBytes } from "../../src/deploy/local/group-folder.ts";
import { endToEnd, requestHeaders } from "../../src/deploy/local/headers.ts";
import { PodMeter, TotalMeter } from "../../src/deploy/local/meter.ts";
import { cpuQuotaMicros, cpuShares, cpuWeight } from "../../src/deploy/local/quota.ts";
import { snapshotOf } from "../../src/deploy/local/snapshot.ts";
import { cpuOfStat, memoryOfStatus, readTreeUsage } from "../../src/deploy/local/usage.ts";

test("hop-by-hop headers and those that connection names are dropped (RFC 9110, 7.6.1)", () => {
  const kept = endToEnd({
    connection: "keep-alive, X-One",
    "keep-alive": "timeout=5",
    "transfer-encoding": "chunked",
    "x-one": "1",
    "x-two": "2",
    "set-cookie": ["a", "b"],
    absent: undefined,
  });
  assert.deepEqual(kept, { "x-two": "2", "set-cookie": ["a", "b"] });
});

test("the request gets the client's address and the length of the kept body", () => {
  const headers = { "transfer-encoding": "chunked", expect: "100-continue", host: "a" };
  assert.deepEqual(requestHeaders(headers, "10.0.0.1", 5), {
    host: "a",
    "x-forwarded-for": "10.0.0.1",
    "content-length": "5",
  });
  assert.deepEqual(requestHeaders({ "x-forwarded-for": "a" }, "b", null), { "x-forwarded-for": "a, b" });
});

test("quantities as the kubelet writes them", () => {
  assert.equal(cpuQuotaMicros(300), 30_000);
  assert.equal(cpuQuotaMicros(1500), 150_000);
  assert.equal(cpuQuotaMicros(1), 1000);
  assert.equal(cpuShares(500), 512);
  assert.equal(cpuShares(1), 2);
  assert.equal(cpuWeight(1000), 39); // KEP-2254's example: 1024 shares are a weight of 39
  assert.equal(cpuWeight(1e9), 10_000);
});

test("counters of cgroup files, and the working set", () => {
  const text = "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n";
  assert.equal(counter(text, "oom_kill"), 3);
  assert.equal(counter(text, "none"), 0);
  assert.equal(workingSetBytes(100, 30), 70);
  assert.equal(workingSetBytes(10, 30), 0);
});

const stat = (command: string, ticks: readonly number[]) =>
  `7 (${command}) S 1 7 7 0 -1 4194560 100 0 0 0 ${ticks.join(" ")} 20 0 9 0 12345 1000 50`;
const status = (anonymous: number, shared: number, file: number) =>
  `Name:\tnode\nRssAnon:\t  ${anonymous} kB\nRssFile:\t  ${file} kB\nRssShmem:\t  ${shared} kB\n`;

test("CPU of proc_pid_stat, whatever the command is called", () => {
  assert.equal(cpuOfStat(stat("node", [10, 5, 2, 1])), 18e7);
  assert.equal(cpuOfStat(stat("a) S (b c", [10, 5, 0, 0])), 15e7);
  assert.equal(cpuOfStat(""), 0);
  assert.deepEqual(memoryOfStatus(status(100, 20, 50)), { ownBytes: 120 * 1024, sharedBytes: 50 * 1024 });
});

test("a replica's usage is that of its whole tree; file pages count once", async (t) => {
  const proc = await mkdtemp(join(tmpdir(), "proc-"));
  t.after(() => rm(proc, { recursive: true }));
  const put = async (pid: number, tasks: readonly { tid: number; ns: number; children: string }[], memory: string) => {
    for (const { tid, ns, children } of tasks) {
      const folder = join(proc, `${pid}/task/${tid}`);
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, "schedstat"), `${ns} 5 6\n`);
      await writeFile(join(folder, "children"), children);
    }
    await writeFile(join(proc, `${pid}/stat`), stat("node", [1, 0, 0, 0]));
    await writeFile(join(proc, `${pid}/status`), memory);
  };
  const tasks = [
    { tid: 7, ns: 8_000_000, children: "9 " },
    { tid: 8, ns: 4_000_000, children: "" },
  ];
  await put(7, tasks, status(100, 0, 50));
  await put(9, [{ tid: 9, ns: 1_000_000, children: "" }], status(30, 10, 60));
  // 12 ms of threads are more than a tick; a tick is more than the 1 ms of the child's thread
  assert.deepEqual(readTreeUsage(7, proc), { cpuNanoseconds: 22_000_000, memoryBytes: (100 + 30 + 10 + 60) * 1024 });
  assert.equal(readTreeUsage(8, proc), null);
});

/** Has used so much CPU so far, in milliseconds. */
const metered = (pid: number | null, cpuMs: () => number) => ({
  pid,
  usage: () => ({ cpuNanoseconds: cpuMs() * 1e6, memoryBytes: 1000 }),
});

test("a pod's sample is the mean between two readings, and begins anew with a new process", () => {
  const meter = new PodMeter();
  let usedMs = 5000;
  const pod = { ...metered(1, () => usedMs) };
  meter.read([pod], 0);
  assert.equal(meter.sampleOf(pod), null);
  usedMs += 300.0001;
  meter.read([pod], 1000);
  assert.deepEqual(meter.sampleOf(pod), { cpuMillis: 301, timestampMs: 1000, windowMs: 1000 });
  pod.pid = 2;
  meter.read([pod], 2000);
  assert.equal(meter.sampleOf(pod), null);
});

test("the total counts new replicas from their start and never goes below zero", () => {
  let firstMs = 0;
  const first = metered(1, () => firstMs);
  const second = metered(2, () => 250);
  const meter = new TotalMeter(0);
  firstMs = 500;
  assert.deepEqual(meter.read([first], 1000), { cpuCores: 0.5, memoryBytes: 1000 });
  firstMs = 600;
  assert.equal(meter.read([first], 1050).cpuCores, 0.5); // too soon: the same answer again
  assert.equal(meter.read([first, second], 1500).cpuCores, 0.7);
  firstMs = 0;
  assert.equal(meter.read([first], 2000).cpuCores, 0);
});

test("totals of a node are the original's: two max-size replicas and its system pods", () => {
  const requests = { cpuMillis: 1000, memoryBytes: parseMemory("2Gi")! };
  const limits = { cpuMillis: 1500, memoryBytes: parseMemory("2.5Gi")! };
  const declared = platform.parse({ nodes: [{ name: "node1", cpu: 4, memory: "8Gi" }] });
  const replicas = 2;
  const requested = {
    cpuMillis: declared.systemPods.requests.cpuMillis + replicas * requests.cpuMillis,
    memoryBytes: declared.systemPods.requests.memoryBytes + replicas * requests.memoryBytes,
  };
  const { nodes } = snapshotOf({
    deployment: {
      shape: "max",
      requests,
      limits,
      autoscaling: { minReplicas: 1, maxReplicas: 1, targetCpuPercent: 1 },
    },
    platform: declared,
    pods: [],
    endingPods: [],
    nodes: [{ name: "node1", capacity: { cpuMillis: 4000, memoryBytes: 1 }, requested, replicas }],
    enforcement: { cpu: "none", memory: "none", reason: null },
    decision: null,
  });
  assert.deepEqual(nodes[0]!.requests, { cpuMillis: 2405, memoryBytes: parseMemory("4627034Ki") });
  assert.deepEqual(nodes[0]!.limits, { cpuMillis: 4400, memoryBytes: 6_544_139_520 });
});
