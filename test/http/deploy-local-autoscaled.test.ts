/** An autoscaled deployment with real processes: CPU that is really used brings replicas, and nothing is lost on the way. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually, readyDeployment } from "../kit/local-deployment.ts";

test("replicas come with the load and go after it, and every request is answered", async (t) => {
  const deployment = await readyDeployment(t, {
    timeScale: 60, // a decision each 250 ms, five minutes in 5 s
    deployment: { shape: "autoscaled", autoscaling: { minReplicas: 1, maxReplicas: 3, targetCpuPercent: 50 } },
  });
  assert.equal(deployment.snapshot().asked, 1);
  const statuses: number[] = [];
  let isBusy = true;
  const user = async () => {
    // 100m are requested: a single user that burns nearly all the time is far over the target of 50 %.
    while (isBusy) statuses.push((await fetch(`${deployment.url}/burn?ms=40`)).status);
  };
  const users = [user(), user()];
  await eventually(() => deployment.snapshot().ready === 3);
  const { cpuUseCores } = deployment.sample();
  assert.ok(cpuUseCores > 0.1, `${cpuUseCores} cores`);
  const { autoscaling } = deployment.snapshot();
  assert.ok(autoscaling?.decision?.utilizationPercent! > 55);
  isBusy = false;
  await Promise.all(users);
  // A light stream of requests goes on while replicas are taken away.
  await eventually(() => {
    void fetch(`${deployment.url}/work?ms=5`).then(({ status }) => statuses.push(status));
    return deployment.snapshot().asked === 1 && deployment.snapshot().replicas.length === 1;
  }, 30);
  assert.deepEqual([...new Set(statuses)], [200]);
  const scales = deployment.events.filter(({ kind }) => kind === "scale").map(({ detail }) => detail.split(" (")[0]);
  assert.ok(scales.some((words) => /to 3 replicas/.test(words!)) && scales.at(-1) === "3 to 1 replicas", scales.join());
});
