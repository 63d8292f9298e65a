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

test("a small model gets a worker a thread, a large one is held once", () => {
  assert.deepEqual(planWorkers(4, 20e6), { workers: 4, threadsPerWorker: 1 });
  assert.deepEqual(planWorkers(4, 170e6), { workers: 1, threadsPerWorker: 4 });
});
