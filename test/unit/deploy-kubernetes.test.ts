/** Deploying on Kubernetes against a fake cluster: what holds pods up, differences, roll-outs, removal. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { bestTrial, trialRequests } from "../../src/cli/search-requests.ts";
import { labelsOf } from "../../src/cluster/index.ts";
import {
  applyRecipe,
  type Recipe,
  removeDeployment,
  rollBack,
  serviceUrl,
  snapshotCluster,
} from "../../src/deploy/index.ts";
import { differenceOf, renderDifferences } from "../../src/deploy/kubernetes/difference.ts";
import { obstacleOf, renderObstacles } from "../../src/deploy/kubernetes/obstacles.ts";
import { waitForRollout } from "../../src/deploy/kubernetes/rollout.ts";
import { FulcrumError } from "../../src/errors/index.ts";
import { eventOf, nodeOf, podOf } from "../kit/cluster-objects.ts";
import { FakeClock } from "../kit/fake-clock.ts";
import { asCluster, FakeCluster } from "../kit/fake-cluster.ts";

const recipe: Recipe = {
  name: "web",
  namespace: "default",
  image: "registry.test/food:1",
  shape: "max",
  requests: { cpuMillis: 500, memoryBytes: 2 ** 29 },
  limits: { cpuMillis: 1000, memoryBytes: 2 ** 30 },
  replicas: 3,
  autoscaling: { minReplicas: 2, maxReplicas: 8, targetCpuPercent: 50 },
  service: "NodePort",
};

test("what holds a pod up, in words", () => {
  const waiting = (reason: string) => [
    { name: "fulcrum", ready: false, restartCount: 0, state: { waiting: { reason, message: "Back-off pulling" } } },
  ];
  const ended = (reason: string, exitCode: number) => [
    {
      name: "fulcrum",
      ready: false,
      restartCount: 2,
      state: { waiting: { reason: "CrashLoopBackOff" } },
      lastState: { terminated: { reason, exitCode } },
    },
  ];
  const running = [{ name: "fulcrum", ready: false, restartCount: 0, state: { running: {} } }];
  const pull = eventOf("a", "Failed", 'Failed to pull image "registry.test/food:1": not found');
  const cases = [
    [
      podOf("a", { unschedulable: "0/3 nodes are available: 3 Insufficient cpu. preemption: 0/3 nodes" }),
      [],
      "unschedulable",
      /3 Insufficient cpu$/,
    ],
    [
      podOf("a", { node: "n", status: waiting("ImagePullBackOff") }),
      [pull],
      "image",
      /food:1 cannot be pulled \(not found\)/,
    ],
    [
      podOf("a", { node: "n", status: ended("OOMKilled", 137) }),
      [],
      "memory",
      /limit of 1Gi \(OOMKilled\), restarted 2 times/,
    ],
    [podOf("a", { node: "n", status: ended("Error", 3) }), [], "crash", /exit code 3, restarted 2 times/],
    [
      podOf("a", { node: "n", status: running }),
      [eventOf("a", "Unhealthy", "Readiness probe failed: HTTP 503")],
      "probe",
      /HTTP 503/,
    ],
    [podOf("a", { node: "n" }), [], "starting", /starts/],
  ] as const;
  for (const [pod, events, kind, words] of cases) {
    const obstacle = obstacleOf(pod, events);
    assert.equal(obstacle?.kind, kind);
    assert.match(obstacle.words, words);
  }
  assert.equal(obstacleOf(podOf("a", { node: "n", ready: true }), []), undefined);
});

test("a container that runs again after a crash starts; its crash is over", () => {
  const status = [
    {
      name: "fulcrum",
      ready: false,
      restartCount: 1,
      state: { running: {} },
      lastState: { terminated: { reason: "Error", exitCode: 3 } },
    },
  ];
  assert.equal(obstacleOf(podOf("a", { node: "n", status }), [])?.kind, "starting");
});

test("equal obstacles are counted", () => {
  const say = (of: string) => ({ of, kind: "unschedulable", words: "no room" }) as const;
  assert.equal(renderObstacles([say("a"), say("b")]), "2 pods: no room.");
});

test("differences name fields and leave the server's own out", () => {
  const before = {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "web", resourceVersion: "1" },
    spec: { ports: [{ port: 80 }] },
  };
  const after = { ...before, metadata: { name: "web", resourceVersion: "2" }, spec: { ports: [{ port: 81 }] } };
  assert.equal(
    renderDifferences([differenceOf(before, after)]),
    "~ Service web: change\n    spec.ports[0].port: 80 -> 81",
  );
  assert.equal(differenceOf(before, { ...before, metadata: { name: "web", resourceVersion: "3" } }).change, "none");
  assert.equal(differenceOf(undefined, after).change, "create");
  const withIngress = (ingress: readonly object[]) => ({ ...before, spec: { ingress } });
  assert.deepEqual(differenceOf(withIngress([]), withIngress([{}])).fields, [
    "spec.ingress: [] -> (nothing)",
    "spec.ingress[0]: (nothing) -> {}",
  ]);
});

test("a shape without autoscaler takes the old one away; a dry run leaves it", async () => {
  const fake = new FakeCluster();
  const cluster = asCluster(fake);
  await applyRecipe({ cluster, recipe: { ...recipe, shape: "autoscaled" } });
  assert.equal((await fake.list("HorizontalPodAutoscaler")).length, 1);
  const { differences } = await applyRecipe({ cluster, recipe, dryRun: true });
  assert.ok(differences.some(({ kind, change }) => kind === "HorizontalPodAutoscaler" && change === "remove"));
  assert.equal((await fake.list("HorizontalPodAutoscaler")).length, 1);
  await applyRecipe({ cluster, recipe });
  assert.equal((await fake.list("HorizontalPodAutoscaler")).length, 0);
});

test("an object that is not ours is not touched, nor anything else then", async () => {
  const fake = new FakeCluster();
  fake.put({ kind: "Service", metadata: { name: "web" }, spec: { ports: [] } });
  await assert.rejects(applyRecipe({ cluster: asCluster(fake), recipe }), { code: "DEPLOY_NAME_TAKEN" });
  assert.deepEqual(await fake.list("Deployment"), []);
});

test("a deployment made by hand or by another run is neither taken over nor removed by a run", async () => {
  const fake = new FakeCluster();
  const cluster = asCluster(fake);
  await applyRecipe({ cluster, recipe });
  const ofRun = { ...recipe, run: "run-a" };
  await assert.rejects(applyRecipe({ cluster, recipe: ofRun }), { code: "DEPLOY_NAME_TAKEN", message: /by this run/ });
  await assert.rejects(removeDeployment(cluster, "web", "run-a"), { code: "DEPLOY_NOT_FOUND" });
  assert.equal((await fake.list("Deployment")).length, 1);
  await removeDeployment(cluster, "web");
  await applyRecipe({ cluster, recipe: ofRun });
  await applyRecipe({ cluster, recipe: ofRun }); // resumed
  assert.equal((await removeDeployment(cluster, "web", "run-a")).length, 4);
});

test("from max to autoscaled the live replicas are handed over, not reset", async () => {
  const fake = new FakeCluster();
  const cluster = asCluster(fake);
  await applyRecipe({ cluster, recipe: { ...recipe, replicas: 10 } });
  const deployment = (await fake.read({ kind: "Deployment", name: "web" }))!;
  const applied: unknown[] = [];
  const apply = fake.apply.bind(fake);
  fake.apply = (object, options) => {
    if (object.kind === "Deployment") applied.push((object.spec as { replicas?: number }).replicas);
    return apply(object, options);
  };
  for (const manager of ["fulcrum", "kube-controller-manager"]) {
    const managedFields = [{ manager, fieldsV1: { "f:spec": { "f:replicas": {} } } }];
    fake.put({ ...deployment, metadata: { ...deployment.metadata, managedFields } });
    await applyRecipe({ cluster, recipe: { ...recipe, shape: "autoscaled" } });
  }
  assert.deepEqual(applied, [10, undefined]);
});

test("from autoscaled to max the autoscaler goes first, and its replicas are taken over", async () => {
  const fake = new FakeCluster();
  const cluster = asCluster(fake);
  await applyRecipe({ cluster, recipe: { ...recipe, shape: "autoscaled" } });
  const apply = fake.apply.bind(fake);
  fake.apply = async (object, options) => {
    assert.deepEqual(await fake.list("HorizontalPodAutoscaler"), []);
    if (object.kind !== "Deployment" || options?.force) return apply(object, options);
    const problem = 'Apply failed with 1 conflict: conflict with "kube-controller-manager": .spec.replicas';
    throw new FulcrumError("CLUSTER_CONFLICT", { kind: "Deployment", name: "web", problem });
  };
  await applyRecipe({ cluster, recipe });
  assert.equal(((await fake.read({ kind: "Deployment", name: "web" }))!.spec as { replicas: number }).replicas, 3);
});

test("the address of a service: waited for, in brackets for IPv6, an error where none is known", async () => {
  const fake = new FakeCluster();
  const cluster = asCluster(fake);
  const put = (type: string, status = {}) =>
    fake.put({
      kind: "Service",
      metadata: { name: "web" },
      spec: { type, ports: [{ port: 80, nodePort: 31000 }] },
      status,
    });
  put("NodePort");
  await assert.rejects(serviceUrl(cluster, "web"), { code: "DEPLOY_NO_ADDRESS" });
  fake.put(nodeOf("n1"));
  assert.equal(await serviceUrl(cluster, "web"), "http://10.77.0.11:31000");
  put("LoadBalancer");
  const clock = new FakeClock();
  const late = assert.rejects(serviceUrl(cluster, "web", { clock, timeoutSeconds: 2 }), { code: "DEPLOY_NO_ADDRESS" });
  for (let i = 0; i < 4; i++) await clock.advance(1000);
  await late;
  const url = serviceUrl(cluster, "web", { clock });
  await clock.advance(1000);
  put("LoadBalancer", { loadBalancer: { ingress: [{ ip: "2001:db8::7" }] } });
  await clock.advance(1000);
  assert.equal(await url, "http://[2001:db8::7]");
});

test("undeploy removes exactly its own", async () => {
  const fake = new FakeCluster();
  const cluster = asCluster(fake);
  await applyRecipe({ cluster, recipe });
  await applyRecipe({ cluster, recipe: { ...recipe, name: "other" } });
  fake.put({ kind: "Service", metadata: { name: "foreign", labels: { "app.kubernetes.io/instance": "web" } } });
  await removeDeployment(cluster, "web");
  const left = [...(await fake.list("Deployment")), ...(await fake.list("Service"))].map(
    ({ metadata }) => metadata.name,
  );
  assert.deepEqual(left.sort(), ["foreign", "other", "other"]);
  await assert.rejects(removeDeployment(cluster, "web"), { code: "DEPLOY_NOT_FOUND", message: /there are: other/ });
});

/** A deployment of three pods whose newest replica set is "rs2" and whose older one is "rs1". */
async function rolledOut(): Promise<FakeCluster> {
  const fake = new FakeCluster();
  await applyRecipe({ cluster: asCluster(fake), recipe });
  const deployment = (await fake.read({ kind: "Deployment", name: "web" }))!;
  fake.put({ ...deployment, status: { replicas: 3, updatedReplicas: 3 } });
  for (const [revision, uid] of [
    [1, "rs1"],
    [2, "rs2"],
  ] as const) {
    const template = {
      metadata: { labels: { ...labelsOf("web"), "pod-template-hash": uid } },
      spec: { containers: [{ name: "fulcrum", image: `food:${revision}` }] },
    };
    fake.put({
      kind: "ReplicaSet",
      metadata: {
        name: uid,
        uid,
        labels: labelsOf("web"),
        annotations: { "deployment.kubernetes.io/revision": String(revision) },
        ownerReferences: [{ kind: "Deployment", name: "web", uid: deployment.metadata.uid! }],
      },
      spec: { template },
      status: {},
    });
  }
  return fake;
}

async function outcomeOf(fake: FakeCluster, pendingIsFine = true) {
  const clock = new FakeClock();
  const options = { cluster: asCluster(fake), name: "web", asked: 3, pendingIsFine, timeoutSeconds: 60, clock };
  const outcome = waitForRollout(options).then(
    ({ ready }) => ready,
    (error: Error) => error.message,
  );
  for (let i = 0; i < 140; i++) await clock.advance(500);
  return outcome;
}

test("waits for all; those without room are a result of shape max and a failure of others", async () => {
  const fake = await rolledOut();
  for (const name of ["a", "b"]) fake.put(podOf(name, { node: "node1", ready: true, owner: "rs2" }));
  fake.put(podOf("old", { node: "node1", ready: true, owner: "rs1" }));
  fake.put(podOf("c", { owner: "rs2", unschedulable: "0/3 nodes are available: 3 Insufficient cpu." }));
  assert.equal(await outcomeOf(fake), 2);
  assert.match(String(await outcomeOf(fake, false)), /2 of 3 after 60 s\): 1 pod: 0\/3 nodes.*3 Insufficient cpu/);
  fake.put(podOf("c", { node: "node2", ready: true, owner: "rs2" }));
  assert.equal(await outcomeOf(fake, false), 3);
});

test("an image that cannot be pulled ends the wait early", async () => {
  const fake = await rolledOut();
  const status = [
    {
      name: "fulcrum",
      ready: false,
      restartCount: 0,
      state: { waiting: { reason: "ErrImagePull", message: "not found" } },
    },
  ];
  fake.put(podOf("a", { node: "node1", owner: "rs2", status }));
  assert.match(
    String(await outcomeOf(fake)),
    /0 of 3 after \d s\): 1 pod: image registry.test\/food:1 cannot be pulled/,
  );
});

test("an API server that stays away ends the wait when its time is over", async () => {
  const fake = await rolledOut();
  fake.failure = new FulcrumError("CLUSTER_UNREACHABLE", { server: "https://fake.test", problem: "gone" });
  const outcome = await Promise.race([
    outcomeOf(fake),
    new Promise((resolve) => setTimeout(resolve, 5000, "waits on")),
  ]);
  assert.match(String(outcome), /https:\/\/fake.test does not answer: gone/);
});

test("rolls back to the template before, without its hash, and leaves the replicas to their owner", async () => {
  const fake = await rolledOut();
  const deployment = (await fake.read({ kind: "Deployment", name: "web" }))!;
  const applied: { replicas?: number; template: { metadata: { labels: object } } }[] = [];
  const options: unknown[] = [];
  const apply = fake.apply.bind(fake);
  fake.apply = (object, how) => {
    applied.push(object.spec as (typeof applied)[number]);
    options.push(how);
    return apply(object, how);
  };
  for (const manager of ["fulcrum", "kube-controller-manager"]) {
    const managedFields = [{ manager, fieldsV1: { "f:spec": { "f:replicas": {} } } }];
    fake.put({ ...deployment, metadata: { ...deployment.metadata, managedFields } });
    assert.equal((await rollBack(asCluster(fake), "web")).image, "food:1");
  }
  assert.deepEqual(
    applied.map(({ replicas }) => replicas),
    [3, undefined],
  );
  for (const { template } of applied) assert.ok(!("pod-template-hash" in template.metadata.labels));
  assert.deepEqual(options, [{ force: false }, { force: false }]);
  await rollBack(asCluster(fake), "web", { force: true });
  assert.deepEqual(options.at(-1), { force: true });
});

test("a rollback tells what somebody else keeps as it is", async () => {
  const fake = await rolledOut();
  const apply = fake.apply.bind(fake);
  fake.apply = async (object, how) => {
    const { object: stored, warnings } = await apply(object, how);
    const { template } = stored.spec as { template: { spec: object } };
    const spec = { template: { ...template, spec: { ...template.spec, nodeSelector: { disk: "ssd" } } } };
    return { object: { ...stored, spec: { ...(stored.spec as object), ...spec } }, warnings };
  };
  const { kept } = await rollBack(asCluster(fake), "web");
  assert.ok(kept.includes('spec.template.spec.nodeSelector.disk: (nothing) -> "ssd"'), kept.join("\n"));
});

test("nodes' totals are those of kubectl describe nodes: every pod on them, system pods included", async () => {
  const fake = await rolledOut();
  fake.put(nodeOf("node1"));
  fake.put(podOf("a", { node: "node1", ready: true, owner: "rs2" }));
  fake.put(podOf("b", { owner: "rs2", unschedulable: "0/1 nodes are available: 1 Insufficient cpu." }));
  const system = podOf("dns", {
    node: "node1",
    ready: true,
    deployment: "dns",
    requests: { cpu: "100m", memory: "70Mi" },
    limits: {},
  });
  fake.put({ ...system, metadata: { ...system.metadata, namespace: "kube-system" } });
  const state = await snapshotCluster(asCluster(fake), recipe);
  assert.deepEqual(state.nodes, [
    {
      node: "node1",
      capacity: { cpuMillis: 3900, memoryBytes: 7936 * 2 ** 20 },
      requests: { cpuMillis: 600, memoryBytes: 582 * 2 ** 20 },
      limits: { cpuMillis: 1000, memoryBytes: 2 ** 30 },
      replicas: 1,
    },
  ]);
  assert.deepEqual(state.systemPods.requests, { cpuMillis: 100, memoryBytes: 70 * 2 ** 20 });
  assert.deepEqual([state.asked, state.running, state.ready, state.pending.length], [3, 1, 1, 1]);
});

test("the search halves CPU requests and prefers what serves most without failures", () => {
  const cpus = trialRequests({ cpuMillis: 1000, memoryBytes: 1 }).map(({ cpuMillis }) => cpuMillis);
  assert.deepEqual(cpus, [1000, 500, 250, 125]);
  const trial = (cpuMillis: number, requestsPerSecond: number, failed = 0) => ({
    requests: { cpuMillis, memoryBytes: 1 },
    running: 4,
    pending: 0,
    requestsPerSecond,
    meanMs: 1,
    failed,
  });
  assert.equal(bestTrial([trial(1000, 50), trial(500, 90), trial(250, 120, 3)])?.requests.cpuMillis, 500);
  assert.equal(bestTrial([trial(1000, 0, 9), trial(500, 0, 9)]), undefined);
  assert.equal(bestTrial([trial(500, 90), trial(250, 90)])?.requests.cpuMillis, 250);
});
