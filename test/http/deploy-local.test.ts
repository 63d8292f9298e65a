/** The embedded platform with small fake replicas: packing, readiness, balancing, crashes, scaling, draining. */
import assert from "node:assert/strict";
import { request } from "node:http";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { autoscalerTiming, platform } from "../../src/config/deployment.ts";
import { projectDir } from "../../src/config/paths.ts";
import { type LocalDeployment, type LocalDeploymentOptions, startLocalDeployment } from "../../src/deploy/index.ts";

const replica = join(projectDir, "test/kit/fake-replica.mjs");
const mebibyte = 1024 ** 2;

async function deploy(t: TestContext, changes: Partial<LocalDeploymentOptions["deployment"]>, readyAfterMs = 0) {
  const deployment = await startLocalDeployment({
    modelPath: "none",
    deployment: {
      shape: "single",
      requests: { cpuMillis: 1000, memoryBytes: 100 * mebibyte },
      limits: { cpuMillis: 1000, memoryBytes: 500 * mebibyte },
      replicas: 2,
      autoscaling: { minReplicas: 1, maxReplicas: 3, targetCpuPercent: 50 },
      ...changes,
    },
    platform: platform.parse({}),
    autoscaler: autoscalerTiming.parse({}),
    timeScale: 60,
    port: 0,
    command: { file: process.execPath, args: [replica, String(readyAfterMs)] },
  });
  t.after(() => deployment.stop());
  return deployment;
}

/** One request on a connection of its own. */
function send(deployment: LocalDeployment, path: string, body?: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      deployment.url + path,
      { method: body === undefined ? "GET" : "POST", agent: false },
      async (answer) => {
        let text = "";
        for await (const part of answer) text += part;
        resolve({ status: answer.statusCode!, text });
      },
    );
    outgoing.once("error", reject);
    outgoing.end(body);
  });
}

async function until(condition: () => boolean): Promise<void> {
  const endMs = Date.now() + 15_000;
  while (!condition()) {
    if (Date.now() > endMs) assert.fail("it did not happen within 15 s");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test("what does not fit stays Pending with the scheduler's reason; node totals add up", async (t) => {
  const deployment = await deploy(t, { shape: "max", replicas: 11 });
  await deployment.waitReady(20);
  const { asked, ready, pending, nodes } = deployment.snapshot();
  // 4000m a node less 405m of system pods leaves room for three times 1000m.
  assert.deepEqual([asked, ready, pending.length], [11, 9, 2]);
  assert.equal(pending[0]!.reason, "0/3 nodes are available: 3 Insufficient cpu.");
  assert.deepEqual(
    nodes.map(({ requests }) => requests.cpuMillis),
    [3405, 3405, 3405],
  );
});

test("nothing is sent to a replica before it is ready", async (t) => {
  const deployment = await deploy(t, {}, 400);
  assert.equal((await send(deployment, "/")).status, 503);
  await deployment.waitReady(20);
  assert.equal((await send(deployment, "/")).status, 200);
});

test("requests are spread, bodies arrive whole", async (t) => {
  const deployment = await deploy(t, { shape: "max", replicas: 2 });
  await deployment.waitReady(20);
  const body = "x".repeat(200_000);
  const answers = await Promise.all(Array.from({ length: 10 }, () => send(deployment, "/slow", body)));
  const pids = answers.map(({ text }) => JSON.parse(text).pid);
  assert.equal(new Set(pids).size, 2);
  assert.equal(pids.filter((pid) => pid === pids[0]).length, 5);
  assert.ok(answers.every(({ text }) => JSON.parse(text).body === body));
});

test("a request that kills its replica is tried on one other and no more; both are restarted", async (t) => {
  const deployment = await deploy(t, { shape: "max", replicas: 3 });
  await deployment.waitReady(20);
  assert.equal((await send(deployment, "/die")).status, 502);
  await until(() => deployment.events.filter(({ kind }) => kind === "crashed").length === 2);
  assert.equal((await send(deployment, "/")).status, 200);
  await deployment.waitReady(20);
  assert.equal(deployment.snapshot().ready, 3);
});

test("stopping waits for requests under way", async (t) => {
  const deployment = await deploy(t, { shape: "max", replicas: 2 });
  await deployment.waitReady(20);
  const answers = Promise.all(Array.from({ length: 6 }, () => send(deployment, "/slow")));
  await new Promise((resolve) => setTimeout(resolve, 100));
  await deployment.stop();
  assert.deepEqual(
    (await answers).map(({ status }) => status),
    new Array(6).fill(200),
  );
});

test("an idle autoscaled deployment stays at its minimum and tells its state", async (t) => {
  const deployment = await deploy(t, { shape: "autoscaled" });
  await deployment.waitReady(20);
  await until(() => deployment.snapshot().decision !== null);
  const state = (await (await fetch(`${deployment.adminUrl}/fulcrum/state`)).json()) as {
    sample: { replicas: number };
  };
  assert.equal(state.sample.replicas, 1);
  assert.equal(deployment.snapshot().decision?.desiredReplicas, 1);
});
