/** CPU limits from cgroup files; expectations from the kernel's description of cpu.max and cpu.cfs_quota_us. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { cgroupCpuLimit, defaultThreads, planWorkers } from "../../src/serve/cores.ts";

const files = (entries: Record<string, string>) => (path: string) => entries[path];

test("cgroup v2: quota over period, the smallest on the way up", () => {
  const readText = files({
    "/proc/self/cgroup": "0::/pods/replica\n",
    "/sys/fs/cgroup/pods/replica/cpu.max": "150000 100000\n",
    "/sys/fs/cgroup/pods/cpu.max": "100000 200000\n",
    "/sys/fs/cgroup/cpu.max": "max 100000\n",
  });
  assert.equal(cgroupCpuLimit(readText), 0.5);
});

test("cgroup v1: -1 is no limit, the folder may be hidden inside a container", () => {
  const v1 = "12:memory:/docker/a\n4:cpu,cpuacct:/docker/a\n";
  const limited = { "/sys/fs/cgroup/cpu/cpu.cfs_quota_us": "200000", "/sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000" };
  assert.equal(cgroupCpuLimit(files({ "/proc/self/cgroup": v1, ...limited })), 2);
  const unlimited = { ...limited, "/sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1" };
  assert.equal(cgroupCpuLimit(files({ "/proc/self/cgroup": v1, ...unlimited })), undefined);
});

test("no cgroup at all: no limit", () => {
  assert.equal(cgroupCpuLimit(files({})), undefined);
});

test("threads: the limit rounded up, between one and the cores that exist", () => {
  assert.equal(defaultThreads(8, 1.5), 2);
  assert.equal(defaultThreads(8, 0.25), 1);
  assert.equal(defaultThreads(2, 16), 2);
  assert.equal(defaultThreads(4, undefined), 4);
});

test("a worker a thread; a large model whose weights cannot be shared is held once", () => {
  assert.deepEqual(planWorkers(2, 20e6, false), { workers: 2, threadsPerWorker: 1, loneThreads: 2 });
  assert.deepEqual(planWorkers(2, 170e6, true), { workers: 2, threadsPerWorker: 1, loneThreads: 2 });
  assert.deepEqual(planWorkers(8, 170e6, false), { workers: 1, threadsPerWorker: 8, loneThreads: 8 });
});

test("a lone photo is spread over few threads only", () => {
  assert.equal(planWorkers(1, 20e6, true).loneThreads, 1);
  assert.equal(planWorkers(64, 20e6, true).loneThreads, 4);
});
