/** Replicas of the embedded platform from start to end: readiness, Pending, drain, crashes, the state address. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { platform } from "../../src/config/deployment.ts";
import { projectDir } from "../../src/config/paths.ts";
import { startLocalDeployment } from "../../src/deploy/index.ts";
import { isFulcrumError } from "../../src/errors/index.ts";
import { fetchPlatformState, stateUrl } from "../../src/monitor/platform-state.ts";
import { eventually } from "../kit/eventually.ts";
import { deploymentOptions, mebibyte, readyDeployment } from "../kit/local-deployment.ts";

const isAlive = (pid: number) => existsSync(`/proc/${pid}`);

test("a replica takes requests only once it is ready", async (t) => {
  const deployment = await startLocalDeployment(
    deploymentOptions({ deployment: { shape: "single" }, replica: ["ready=700"] }),
  );
  t.after(() => deployment.stop());
  await eventually(() => deployment.snapshot().running === 1);
  assert.equal((await fetch(deployment.url)).status, 503);
  await deployment.waitReady(20);
  assert.equal((await fetch(deployment.url)).status, 201);
  assert.equal(deployment.readySeconds.length, 1);
  assert.ok(deployment.readySeconds[0]! >= 0.6);
});

test("what does not fit stays Pending with the scheduler's reason", async (t) => {
  // 4000m - 405m leave room for three replicas of 1000m on each of two nodes.
  const two = platform.parse({ nodes: ["a", "b"].map((name) => ({ name, cpu: "4", memory: "8Gi" })) });
  const deployment = await readyDeployment(t, {
    platform: two,
    deployment: { replicas: 8, requests: { cpuMillis: 1000, memoryBytes: 64 * mebibyte } },
  });
  const { asked, running, ready, pending, nodes } = deployment.snapshot();
  assert.deepEqual({ asked, running, ready }, { asked: 8, running: 6, ready: 6 });
  assert.deepEqual(pending, [
    { replica: "replica-7", reason: "0/2 nodes are available: 2 Insufficient cpu." },
    { replica: "replica-8", reason: "0/2 nodes are available: 2 Insufficient cpu." },
  ]);
  assert.deepEqual(
    nodes.map(({ replicas, requests }) => [replicas, requests.cpuMillis]),
    [
      [3, 3405],
      [3, 3405],
    ],
  );
});

test("a deployment of which nothing fits is refused at once", async (t) => {
  const deployment = await startLocalDeployment(
    deploymentOptions({
      deployment: {
        shape: "single",
        requests: { cpuMillis: 5000, memoryBytes: mebibyte },
        limits: { cpuMillis: 5000, memoryBytes: mebibyte },
      },
    }),
  );
  t.after(() => deployment.stop());
  await assert.rejects(deployment.waitReady(20), (error) => isFulcrumError(error, "DEPLOY_NOTHING_FITS"));
});

test("a crash is noticed and the replica starts again", async (t) => {
  const deployment = await readyDeployment(t, { deployment: { shape: "single" } });
  const [before] = deployment.snapshot().replicas;
  process.kill(before!.pid!, "SIGKILL");
  await eventually(() => deployment.readySeconds.length === 2);
  const [after] = deployment.snapshot().replicas;
  assert.equal(after!.restarts, 1);
  assert.notEqual(after!.pid, before!.pid);
  const crash = deployment.events.find(({ kind }) => kind === "crashed");
  assert.match(crash!.detail, /^ended by SIGKILL; restarts at once$/);
});

test("a replica that keeps crashing waits longer each time, and waiting for it ends", async (t) => {
  const deployment = await startLocalDeployment(
    deploymentOptions({ deployment: { shape: "single" }, replica: ["ready=60000", "crash=10"], timeScale: 100 }),
  );
  t.after(() => deployment.stop());
  await assert.rejects(deployment.waitReady(20), (error) => isFulcrumError(error, "DEPLOY_REPLICA_CRASHES"));
  const delays = deployment.events
    .filter(({ kind }) => kind === "crashed")
    .map(({ detail }) => detail.replace("exit code 7; restarts ", ""));
  assert.deepEqual(delays.slice(0, 3), ["at once", "in 0.1 s", "in 0.2 s"]); // Kubernetes' 10 s and 20 s over 100
});

test("stopping answers what is under way and leaves nothing behind", async (t) => {
  const deployment = await readyDeployment(t);
  const pids = deployment.snapshot().replicas.map(({ pid }) => pid!);
  const answers = Array.from({ length: 8 }, () => fetch(`${deployment.url}/work?ms=500`));
  await new Promise((resolve) => setTimeout(resolve, 150));
  await deployment.stop();
  assert.deepEqual(
    (await Promise.all(answers)).map(({ status }) => status),
    Array(8).fill(200),
  );
  assert.ok(!pids.some(isAlive));
  await assert.rejects(fetch(deployment.url));
  await deployment.stop();
});

test("replicas end when the platform's process is killed", async () => {
  const program = `
    import { startLocalDeployment } from "./src/deploy/index.ts";
    import { deploymentOptions } from "./test/kit/local-deployment.ts";
    const deployment = await startLocalDeployment(deploymentOptions({}));
    await deployment.waitReady(20);
    console.log(JSON.stringify(deployment.snapshot().replicas.map(({ pid }) => pid)));`;
  const owner = spawn(process.execPath, ["--input-type=module-typescript", "-e", program], {
    cwd: join(projectDir),
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = await new Promise<[Buffer]>((resolve) => owner.stdout.once("data", (data) => resolve([data])));
  const pids = JSON.parse(line.toString()) as number[];
  assert.equal(pids.length, 2);
  owner.kill("SIGKILL");
  await eventually(() => !pids.some(isAlive));
});

test("the state address tells what monitor reads", async (t) => {
  const deployment = await readyDeployment(t);
  const { sample, events } = await fetchPlatformState(stateUrl(deployment.adminUrl), AbortSignal.timeout(5000));
  assert.equal(sample.replicas, 2);
  assert.equal(sample.readyReplicas, 2);
  assert.equal(sample.cpuRequestCores, 0.2);
  assert.equal(sample.memoryLimitBytes, 2 * 1024 * mebibyte);
  assert.ok(sample.memoryUseBytes! > 20 * mebibyte);
  assert.deepEqual(
    events.filter(({ replica }) => replica === "replica-1").map(({ kind }) => kind),
    ["scheduled", "started", "ready"],
  );
  assert.equal((await fetch(`${deployment.adminUrl}/other`)).status, 404);
});

test("a port that is taken is named, and no replica is left behind", async (t) => {
  const { url } = await readyDeployment(t, { deployment: { shape: "single" } });
  const port = Number(new URL(url).port);
  await assert.rejects(startLocalDeployment(deploymentOptions({ port })), (error) =>
    isFulcrumError(error, "DEPLOY_PORT_TAKEN"),
  );
});
