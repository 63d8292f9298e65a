/** The embedded platform and its autoscaler on a fake clock, with replicas that are no processes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { autoscalerTiming, type Platform, platform } from "../../src/config/deployment.ts";
import { runAutoscaler, scaledSettings } from "../../src/deploy/local/autoscaler.ts";
import { LocalPlatform } from "../../src/deploy/local/platform.ts";
import { settle } from "../kit/fake-clock.ts";
import { type FakeWorld, fakeWorld } from "../kit/fake-replicas.ts";

/** Room for `count` replicas of 1000m. */
const roomFor = (count: number): Platform => ({
  nodes: [{ name: "node1", cpu: count * 1000, memory: 1e9 }],
  systemPods: {
    requests: { cpuMillis: 0, memoryBytes: 0 },
    limits: { cpuMillis: 0, memoryBytes: 0 },
  },
});
const namesOf = (pods: LocalPlatform["pods"]) => pods.map(({ name }) => name);

async function started(fake: FakeWorld, declared: Platform, count: number): Promise<LocalPlatform> {
  const local = new LocalPlatform(declared, fake.world);
  local.scaleTo(count);
  await settle();
  return local;
}

test("a Pending replica takes the room that another gives up", async () => {
  const fake = fakeWorld();
  const local = await started(fake, roomFor(2), 3);
  assert.deepEqual(
    local.pods.map(({ phase }) => phase),
    ["Running", "Running", "Pending"],
  );
  local.scaleTo(2); // the Pending one goes first
  assert.deepEqual(namesOf(local.pods), ["replica-1", "replica-2"]);
  local.scaleTo(3);
  assert.equal(local.pods[2]!.pendingReason, "0/1 nodes are available: 1 Insufficient cpu.");
  await local.stop();
});

test("a replica that ends holds its room until it is gone", async () => {
  const fake = fakeWorld();
  const local = await started(fake, roomFor(1), 1);
  local.scaleTo(0);
  local.scaleTo(1);
  assert.equal(local.pods[0]!.phase, "Pending");
  assert.equal(local.endingPods[0]!.phase, "Terminating");
  await settle();
  assert.equal(local.pods[0]!.phase, "Running");
  assert.deepEqual(
    fake.events.filter(({ kind }) => ["pending", "stopped", "scheduled"].includes(kind)).map(({ kind }) => kind),
    ["scheduled", "pending", "stopped", "scheduled"],
  );
  await local.stop();
});

test("a replica is asked to end only when its requests are answered", async () => {
  const fake = fakeWorld();
  const local = await started(fake, roomFor(1), 1);
  const [backend] = local.readyBackends;
  const answered = Promise.withResolvers<void>();
  backend!.idle = () => answered.promise;
  local.scaleTo(0);
  await settle();
  assert.deepEqual(local.readyBackends, []);
  assert.deepEqual(fake.replicas[0]!.stops, []);
  await fake.clock.advance(5000);
  answered.resolve();
  await settle();
  assert.deepEqual(fake.replicas[0]!.stops, [25_000]); // what is left of the grace period of 30 s
});

test("a replica that never answers its last request is ended after the grace period", async () => {
  const fake = fakeWorld();
  const local = await started(fake, roomFor(1), 1);
  local.readyBackends[0]!.idle = () => new Promise(() => {});
  local.scaleTo(0);
  await fake.clock.advance(29_999);
  assert.deepEqual(fake.replicas[0]!.stops, []);
  await fake.clock.advance(1);
  assert.deepEqual(fake.replicas[0]!.stops, [0]);
});

test("crashes are restarted at once, then after 10 s; meanwhile it is in CrashLoopBackOff", async () => {
  const fake = fakeWorld();
  const local = await started(fake, roomFor(1), 1);
  fake.replicas[0]!.crash();
  await settle();
  assert.equal(fake.replicas.length, 2);
  fake.replicas[1]!.crash();
  await settle();
  assert.equal(local.pods[0]!.phase, "CrashLoopBackOff");
  await fake.clock.advance(9999);
  assert.equal(fake.replicas.length, 2);
  await fake.clock.advance(1);
  assert.equal(fake.replicas.length, 3);
  assert.equal(local.pods[0]!.phase, "Running");
  await local.stop();
});

test("three failed probes in a row take a replica out, one good one brings it back", async () => {
  const fake = fakeWorld();
  const local = await started(fake, roomFor(1), 1);
  const readyAfter = async (isReady: boolean, ms: number) => {
    fake.replicas[0]!.isReady = isReady;
    await fake.clock.advance(ms);
    return local.pods[0]!.isReady;
  };
  assert.equal(await readyAfter(false, 2000), true);
  assert.equal(await readyAfter(true, 1000), true);
  assert.equal(await readyAfter(false, 3000), false);
  assert.equal(await readyAfter(true, 100), true);
  await local.stop();
});

/** Lets the autoscaler run over replicas whose CPU use is `useMillis(ready replicas)` each. */
async function autoscaled(timeScale: number) {
  const fake = fakeWorld();
  const local = await started(fake, platform.parse({}), 2);
  const over = new AbortController();
  const timing = autoscalerTiming.parse({});
  const running = runAutoscaler({
    platform: local,
    settings: scaledSettings({ minReplicas: 2, maxReplicas: 6, targetCpuPercent: 50 }, timing, timeScale),
    cpuRequestMillis: 1000,
    metricsPeriodMs: 15_000 / timeScale,
    syncPeriodMs: 15_000 / timeScale,
    clock: fake.clock,
    signal: over.signal,
    onDecision() {},
  });
  /** Shares `totalMillis` of CPU among the replicas for some seconds of unscaled time. */
  const load = async (totalMillis: number, seconds: number) => {
    const stepMs = 1000 / timeScale;
    for (let step = 0; step < seconds; step++) {
      const ready = local.pods.filter(({ isReady }) => isReady);
      for (const { pid } of ready) {
        fake.replicas[pid! - 1]!.cpuNanoseconds += (totalMillis / ready.length) * 1000 * stepMs;
      }
      await fake.clock.advance(stepMs);
    }
    return local.pods.length;
  };
  const stop = async () => {
    over.abort();
    await running;
    await local.stop();
  };
  return { fake, local, load, stop };
}

for (const timeScale of [1, 30]) {
  test(`replicas follow the load up at once and down after five minutes (time scale ${timeScale})`, async () => {
    const { load, stop } = await autoscaled(timeScale);
    assert.equal(await load(1000, 60), 2); // 500m of 1000m each: on target
    assert.equal(await load(2000, 60), 4); // 2 * 100 / 50
    assert.equal(await load(9000, 120), 6); // more than fits into the bounds
    assert.equal(await load(200, 290), 6); // the highest recommendation of five minutes holds
    assert.equal(await load(200, 60), 2);
    await stop();
  });
}

test("replicas that just started do not make the autoscaler overshoot", async () => {
  const { fake, local, load, stop } = await autoscaled(1);
  assert.equal(await load(2000, 31), 4);
  // The two new ones burn CPU while they start and are not ready: their use does not count.
  for (const replica of fake.replicas.slice(2)) {
    replica.isReady = false;
    replica.cpuNanoseconds += 60e9;
  }
  assert.equal(await load(2000, 15), 4);
  assert.equal(local.pods.length, 4);
  await stop();
});
