/** Limits that the kernel enforces, with real processes; skipped where this machine lets nobody write cgroups. */
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { ownerToken } from "../../src/deploy/local/group-folder.ts";
import { openLimiter } from "../../src/deploy/local/limits.ts";
import { startReplica } from "../../src/deploy/local/replica.ts";
import { eventually } from "../kit/eventually.ts";
import { deploymentOptions, mebibyte, readyDeployment } from "../kit/local-deployment.ts";

const limiter = await openLimiter();
const needsGroups = limiter.enforcement.reason === null ? {} : { skip: limiter.enforcement.reason };
const folder = limiter.enforcement.cpu === "cgroup-v1" ? "/sys/fs/cgroup/memory/fulcrum" : "/sys/fs/cgroup/fulcrum";
const groups = (owner: string) => readdirSync(folder).filter((name) => name.startsWith(owner));

const limited = (cpuMillis: number, mebibytes: number) => ({
  limiter,
  deployment: {
    shape: "single",
    requests: { cpuMillis: 100, memoryBytes: 64 * mebibyte },
    limits: { cpuMillis, memoryBytes: mebibytes * mebibyte },
  } as const,
});

test("a replica gets no more CPU than its limit", needsGroups, async (t) => {
  const deployment = await readyDeployment(t, limited(300, 512));
  assert.equal(deployment.snapshot().enforcement.reason, null);
  deployment.sample();
  const startMs = performance.now();
  await fetch(`${deployment.url}/burn?ms=900`);
  const seconds = (performance.now() - startMs) / 1000;
  // 0.9 s of CPU at 0.3 cores take 3 s; a period of 100 ms may be begun, and the last one need not be waited out.
  assert.ok(seconds > 2.6, `${seconds} s`);
  const cpuUseCores = deployment.sample().cpuUseCores!;
  assert.ok(cpuUseCores > 0 && cpuUseCores < 0.34, `${cpuUseCores} cores`);
});

test("a replica over its memory limit is ended, told as OOMKilled, and started again", needsGroups, async (t) => {
  const deployment = await readyDeployment(t, limited(1000, 128));
  const before = deployment.sample().memoryUseBytes!;
  assert.ok(before > 5 * mebibyte && before < 128 * mebibyte, `${before} bytes`);
  assert.equal((await fetch(`${deployment.url}/hold?mib=300`)).status, 502);
  await eventually(() => deployment.readySeconds.length === 2);
  const crash = deployment.events.find(({ kind }) => kind === "crashed");
  assert.match(crash!.detail, /^OOMKilled: ended by SIGKILL/);
});

test("groups are gone after the end, and what a killed owner left is cleared away", needsGroups, async (t) => {
  const deployment = await readyDeployment(t, limited(1000, 512));
  assert.equal(groups(ownerToken()).length, 1);
  await deployment.stop();
  assert.deepEqual(groups(ownerToken()), []);

  const stale = "999999.1-replica-1"; // no process has this number and start time
  mkdirSync(`${folder}/${stale}`);
  const left = startReplica(deploymentOptions({}).command!);
  t.after(() => left.stop(0));
  writeFileSync(`${folder}/${stale}/cgroup.procs`, String(left.pid));
  await openLimiter();
  assert.ok(!readdirSync(folder).includes(stale));
  assert.match((await left.exited).detail, /^ended by SIGKILL/);
});
