/** Deployments on a real cluster as users make them: three shapes, updates, a way back. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fulcrum, lab, labMissing, until } from "../kit/lab.ts";
import { answeredBy, get, openNamespace, type TestNamespace } from "../kit/lab-namespace.ts";

const namespace = "deploy";

/** P(chi-squared >= x) for an even number of degrees of freedom: e^(-x/2) times the first terms of e^(x/2)'s series. */
function chiSquaredTail(x: number, degrees: number): number {
  let [term, sum] = [1, 0];
  for (let k = 0; k < degrees / 2; k++) {
    sum += term;
    term *= x / 2 / (k + 1);
  }
  return Math.exp(-x / 2) * sum;
}

test("the tail of chi-squared, by a table: 15.507 is passed in 5 % and 26.124 in 0.1 % of cases with 8 degrees", () => {
  assert.ok(Math.abs(chiSquaredTail(15.507, 8) - 0.05) < 1e-5);
  assert.ok(Math.abs(chiSquaredTail(26.124, 8) - 0.001) < 1e-6);
});

let space: TestNamespace;
before(async () => {
  if (labMissing) return;
  space = await openNamespace(namespace);
});
after(() => space?.remove());

test("single: ready, answers, a second apply changes nothing, a dry run shows a change, undeploy leaves nothing", {
  skip: labMissing,
}, async (t) => {
  const first = await space.deploy("single");
  assert.equal(first.code, 0, first.stderr);
  const { url, ready, asked } = JSON.parse(first.stdout);
  assert.deepEqual([ready, asked], [1, 1]);
  t.diagnostic(`the pod was ready ${(await secondsToReady())[0]} s after it was made (whole seconds)`);
  assert.match(await get(`${url}/test`), /Red|Green|Blue/);
  const second = JSON.parse((await space.deploy("single", "--dry-run")).stdout);
  assert.deepEqual(second.warnings, []);
  assert.deepEqual([...new Set(second.differences.map((d: { change: string }) => d.change))], ["none"]);
  const changed = JSON.parse((await space.deploy("single", "--dry-run", "--limits-cpu", "600m")).stdout);
  const fields = changed.differences.flatMap((d: { fields: string[] }) => d.fields).join("\n");
  assert.match(fields, /resources\.limits\.cpu: "500m" -> "600m"/);
  await lab("kubectl", "-n", namespace, "create", "configmap", "foreign");
  assert.equal((await space.undeploy("single")).code, 0);
  await until("pods to end", 60, async () => (await space.pods("single")).length === 0);
  assert.ok(await space.cluster.read({ kind: "ConfigMap", name: "foreign" }));
  assert.equal((await space.undeploy("single")).code, 3);
});

/** From a pod's creation to its being ready; Kubernetes notes whole seconds. */
async function secondsToReady(): Promise<number[]> {
  return (await space.pods("single")).flatMap(({ metadata, status }) => {
    const ready = status.conditions?.find(({ type, status: is }) => type === "Ready" && is === "True");
    const since = ready?.lastTransitionTime;
    return since === undefined ? [] : [(Date.parse(since) - Date.parse(metadata.creationTimestamp!)) / 1000];
  });
}

test("max: what fits runs on all nodes, the rest is Pending with the reason; requests spread over every pod", {
  skip: labMissing,
}, async (t) => {
  const words = ["--shape", "max", "--replicas", "12", "--requests-cpu", "1200m", "--limits-cpu", "1200m"];
  const { code, stdout, stderr } = await space.deploy("max", ...words);
  assert.equal(code, 0, stderr);
  const state = JSON.parse(stdout);
  // 3900m are allocatable on each of three nodes: three pods of 1200m fit.
  assert.deepEqual([state.asked, state.ready, state.pending.length], [12, 9, 3]);
  for (const { reason } of state.pending) assert.match(reason, /0\/3 nodes are available: 3 Insufficient cpu/);
  for (const node of state.nodes) {
    assert.equal(node.replicas, 3);
    assert.ok(node.requests.cpuMillis >= 3600); // and what other pods request
  }
  const pods = (await space.pods("max")).filter(({ status }) => status.phase === "Running");
  const before = await answeredBy(pods);
  for (let i = 0; i < 270; i++) await get(`${state.url}/test`);
  const counts = [...(await answeredBy(pods))].map(([name, count]) => count - before.get(name)!);
  assert.equal(
    counts.reduce((sum, count) => sum + count, 0),
    270,
  );
  assert.ok(
    counts.every((count) => count > 0),
    `every pod answers: ${counts}`,
  );
  // Each request goes to one of nine pods at random.
  const chiSquared = counts.reduce((sum, count) => sum + (count - 30) ** 2 / 30, 0);
  const p = chiSquaredTail(chiSquared, 8);
  t.diagnostic(
    `spread of 270 requests over nine pods: ${counts}; chi-squared ${chiSquared.toFixed(1)}, p = ${p.toFixed(3)}`,
  );
  assert.ok(p > 1e-3, `spread evenly: ${counts}`);
  await space.undeploy("max");
});

test("a rolling update under load loses nothing", { skip: labMissing }, async (t) => {
  const { stdout } = await space.deploy("rolling", "--shape", "max", "--replicas", "3");
  const { url } = JSON.parse(stdout);
  const loading = fulcrum(["load", `${url}/test`, "--rate", "15", "-t", "40s", "--json"]);
  const update = await space.deploy("rolling", "--shape", "max", "--replicas", "3", "--image", "lab.local/food:2");
  assert.equal(update.code, 0, update.stderr);
  const { summary } = JSON.parse((await loading).stdout);
  t.diagnostic(`${summary.okay} answered, ${summary.failed} lost`);
  assert.equal(summary.failed, 0);
  assert.equal(summary.okay, 600);
  for (const pod of await space.pods("rolling")) {
    if (!pod.metadata.deletionTimestamp) assert.equal(pod.spec.containers[0]?.image, "lab.local/food:2");
  }
});

test("a wrong image is said at once, the old pods go on, and rollback mends it", { skip: labMissing }, async () => {
  const failed = await space.deploy("rolling", "--shape", "max", "--replicas", "3", "--image", "lab.local/nothing:1");
  assert.equal(failed.code, 1);
  assert.match(
    failed.stderr,
    /image lab.local\/nothing:1 cannot be pulled .*fulcrum rollback rolling.*DEPLOY_ROLLOUT_FAILED/s,
  );
  const back = await fulcrum(["rollback", "rolling", "--namespace", namespace, "--json"]);
  assert.equal(back.code, 0, back.stderr);
  assert.deepEqual(JSON.parse(back.stdout), { name: "rolling", image: "lab.local/food:2", ready: 3, kept: [] });
  await space.undeploy("rolling");
});
