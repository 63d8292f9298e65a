/** The cluster's pure parts, and the fake against the contract. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Clock, systemClock } from "../../src/base/clock.ts";
import { failureOf } from "../../src/cluster/failure.ts";
import { parseQuantity, podAmounts } from "../../src/cluster/index.ts";
import { pathOf } from "../../src/cluster/resources.ts";
import { watchObjects } from "../../src/cluster/watch.ts";
import { clusterContract } from "../kit/cluster-contract.ts";
import { podOf } from "../kit/cluster-objects.ts";
import { asCluster, FakeCluster } from "../kit/fake-cluster.ts";

clusterContract("fake cluster", () => asCluster(new FakeCluster()));

test("quantities as the API reference writes them", () => {
  const cases: [string, number][] = [
    ["250m", 0.25],
    ["1536Ki", 1572864],
    ["2", 2],
    ["1e3", 1000],
    ["1.5Gi", 1610612736],
    ["129M", 129e6],
    ["0", 0],
  ];
  for (const [text, value] of cases) assert.equal(parseQuantity(text), value, text);
  assert.ok(Math.abs(parseQuantity("12345678n") - 0.012345678) < 1e-15);
  assert.ok(Number.isNaN(parseQuantity("12 apples")));
});

test("a container with limits alone requests them", () => {
  const pod = podOf("a");
  const only = { ...pod.spec.containers[0]!, resources: { limits: { cpu: "2", memory: "1Gi" } } };
  assert.deepEqual(podAmounts({ ...pod, spec: { containers: [only] } }).requests, {
    cpuMillis: 2000,
    memoryBytes: 2 ** 30,
  });
});

test("paths of the API server", () => {
  assert.equal(pathOf("Pod", "food", "a"), "/api/v1/namespaces/food/pods/a");
  assert.equal(pathOf("Deployment", "food"), "/apis/apps/v1/namespaces/food/deployments");
  assert.equal(pathOf("Pod", null), "/api/v1/pods");
  assert.equal(pathOf("Node", "food"), "/api/v1/nodes");
  assert.throws(() => pathOf("Gadget", "food"), { code: "CLUSTER_KIND_UNKNOWN" });
});

test("answers of the API server in our words", () => {
  const codeOf = (status: number, message: string, details = {}, reason = "") =>
    failureOf({ server: "s", context: "c", path: "/p", status, body: { message, details, reason } }).code;
  assert.equal(codeOf(401, "Unauthorized"), "CLUSTER_UNAUTHORIZED");
  assert.equal(codeOf(403, 'pods is forbidden: User "x" cannot list resource "pods"'), "CLUSTER_FORBIDDEN");
  assert.equal(codeOf(403, "exceeded quota: tight, requested: pods=1, used: pods=2"), "CLUSTER_QUOTA");
  assert.equal(codeOf(404, "not found", { kind: "namespaces", name: "x" }), "CLUSTER_NAMESPACE_MISSING");
  assert.equal(codeOf(409, "conflict", { kind: "services", name: "x" }, "Conflict"), "CLUSTER_CONFLICT");
  const object = { kind: "Service", name: "web" };
  const conflict = { message: 'conflict with "kubectl"', reason: "Conflict" }; // the server's details name nothing
  assert.match(
    failureOf({ server: "s", context: "c", path: "/p", status: 409, body: conflict, object }).message,
    /^Service web has fields/,
  );
  assert.equal(codeOf(422, "spec.replicas: Invalid value", { kind: "Deployment", name: "x" }), "CLUSTER_REFUSED");
  assert.equal(codeOf(503, "the server is currently unable"), "CLUSTER_UNREACHABLE");
});

test("a watch begins again where its stream breaks, and tells only what is new", async () => {
  const over = new AbortController();
  const [one, two] = [podOf("one"), podOf("two")].map((pod, i) => ({
    ...pod,
    metadata: { ...pod.metadata, resourceVersion: String(i + 1) },
  }));
  const lists = [[one!], [one!, two!], [two!]];
  const told: string[] = [];
  const troubles: string[] = [];
  const pauses: number[] = [];
  const clock: Clock = { ...systemClock, sleep: async (ms) => void pauses.push(ms) };
  let asked = 0;
  const source = {
    async list() {
      const items = lists[asked++];
      if (!items) over.abort();
      return { items: items ?? [], version: "7" };
    },
    async stream() {
      return (async function* () {
        yield JSON.stringify({ type: "ERROR", object: { code: 410 } });
      })();
    },
  };
  await watchObjects(
    source,
    { signal: over.signal, clock, onTrouble: (problem) => troubles.push(problem) },
    ({ type, object }) => told.push(`${type} ${object.metadata.name}`),
  );
  assert.deepEqual(told.slice(0, 3), ["ADDED one", "ADDED two", "DELETED one"]);
  assert.deepEqual(troubles, []);
  assert.deepEqual(pauses.slice(0, 3), [1000, 1000, 1000]); // these streams ended at once
});
