/** Monitoring a cluster: samples, per-pod rows, events; loads from inside. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Clock, systemClock } from "../../src/base/clock.ts";
import type { Autoscaler, PodMetrics } from "../../src/cluster/index.ts";
import { labelsOf } from "../../src/cluster/index.ts";
import { FulcrumError } from "../../src/errors/index.ts";
import { buildLoadJob, loadFromCluster, parseJobLog } from "../../src/load/in-cluster.ts";
import { originalScenario } from "../../src/load/index.ts";
import { nodeNotes, podNotes, scaleNotes } from "../../src/monitor/cluster-events.ts";
import { sampleOf } from "../../src/monitor/cluster-sample.ts";
import {
  renderPodUsageCsv,
  renderResourceUsageCsv,
  sampleCluster,
  watchClusterEvents,
} from "../../src/monitor/index.ts";
import { parseResourceUsageCsv } from "../../src/monitor/resource-csv.ts";
import { nodeOf, podOf } from "../kit/cluster-objects.ts";
import { asCluster, FakeCluster } from "../kit/fake-cluster.ts";

const metricsOf = (name: string, cpu: string, memory: string): PodMetrics => ({
  metadata: { name, uid: name, creationTimestamp: "2026-11-29T12:00:00Z" },
  timestamp: "2026-11-29T12:00:05Z",
  window: "10s",
  containers: [{ name: "fulcrum", usage: { cpu, memory } }],
});

test("requests count while a pod holds its place; use is that of pods with metrics, and the rest is told", () => {
  const pods = [
    podOf("a", { node: "n1", ready: true }),
    podOf("b", { node: "n1", phase: "Running" }),
    podOf("ending", { node: "n2", ready: true, deleted: true }),
    podOf("pending", { unschedulable: "no room" }),
    podOf("over", { node: "n2", phase: "Succeeded" }),
  ];
  const { sample, pods: rows, missing } = sampleOf(pods, [metricsOf("a", "250000000n", "1024Ki")], 5);
  assert.deepEqual(sample, {
    epochMs: 5,
    replicas: 2,
    readyReplicas: 1,
    cpuRequestCores: 1.5,
    memoryRequestBytes: 3 * 2 ** 29,
    cpuLimitCores: 3,
    memoryLimitBytes: 3 * 2 ** 30,
    cpuUseCores: 0.25,
    memoryUseBytes: 2 ** 20,
  });
  assert.equal(rows.length, 3);
  assert.equal(missing, "metrics of 2 of 2 running pods");
  const [header, first, second] = renderPodUsageCsv(rows).split("\n");
  assert.equal(header!.split(",").length, first!.split(",").length);
  assert.match(first!, /,a,n1,Running,true,0,0.5,524288,1,1048576,0.25,1024,/);
  assert.match(second!, /,b,n1,Running,false,0,0.5,524288,1,1048576,,,$/);
});

test("without a metrics server there are samples all the same, and it is said", async () => {
  const fake = new FakeCluster();
  fake.put(podOf("a", { node: "n1", ready: true }));
  const list = fake.list.bind(fake);
  fake.list = async (kind, options) => {
    if (kind === "PodMetrics") throw new FulcrumError("CLUSTER_UNREACHABLE", { server: "s", problem: "no metrics" });
    return list(kind, options);
  };
  const { sample, missing } = await sampleCluster(asCluster(fake), labelsOf("web"), () => 1);
  assert.equal(sample.replicas, 1);
  assert.deepEqual([sample.cpuUseCores, sample.memoryUseBytes], [null, null]); // not known, which is not none
  const csv = renderResourceUsageCsv([sample]);
  assert.match(csv, /,1,0.5,524288,1,1048576,,\n$/);
  assert.deepEqual(parseResourceUsageCsv(csv, "resource_usage.csv").samples[0], sample);
  assert.match(missing, /^metrics: .*no metrics/);
});

test("a pod's life as events", () => {
  const kinds = (before: Parameters<typeof podNotes>[0], after: Parameters<typeof podNotes>[1]) =>
    podNotes(before, after).map(({ kind }) => kind);
  const running = (restartCount: number) => [{ name: "fulcrum", ready: false, restartCount, state: { running: {} } }];
  const waiting = podOf("a", { unschedulable: "no room" });
  const placed = podOf("a", { node: "n1" });
  const started = podOf("a", { node: "n1", phase: "Running", status: running(0) });
  const ready = podOf("a", { node: "n1", ready: true, status: running(0) });
  const crashed = podOf("a", { node: "n1", phase: "Running", status: running(1) });
  assert.deepEqual(kinds(undefined, waiting), ["pending"]);
  assert.deepEqual(kinds(waiting, placed), ["scheduled"]);
  assert.deepEqual(kinds(placed, started), ["started"]);
  assert.deepEqual(kinds(started, ready), ["ready"]);
  assert.deepEqual(kinds(ready, crashed), ["crashed", "unready"]);
  assert.deepEqual(kinds(ready, undefined), ["stopped"]);
  assert.deepEqual(kinds(ready, ready), []);
  assert.deepEqual(kinds(undefined, crashed), ["scheduled", "started"]); // it crashed before it was watched
});

test("scale decisions and lost nodes as events", () => {
  const scaler = (desiredReplicas: number): Autoscaler => ({
    metadata: { name: "web", uid: "u", creationTimestamp: "2026-11-29T12:00:00Z" },
    spec: { maxReplicas: 8 },
    status: { desiredReplicas, currentMetrics: [{ resource: { current: { averageUtilization: 120 } } }] },
  });
  assert.match(scaleNotes(scaler(2), scaler(5))[0]!.detail, /^2 to 5 replicas \(CPU at 120 %/);
  assert.deepEqual(scaleNotes(scaler(2), scaler(2)), []);
  assert.match(nodeNotes(nodeOf("n1"), nodeOf("n1", false))[0]!.detail, /n1 is not Ready: NodeStatusUnknown/);
});

test("events come as they happen, with the time to readiness of pods that were made meanwhile", async () => {
  const fake = new FakeCluster();
  const over = new AbortController();
  const { events, readySeconds, done } = watchClusterEvents({
    cluster: asCluster(fake),
    labels: labelsOf("web"),
    signal: over.signal,
  });
  await new Promise((resolve) => setImmediate(resolve));
  const fresh = (options: Parameters<typeof podOf>[1]) => {
    const pod = podOf("a", options);
    return { ...pod, metadata: { ...pod.metadata, creationTimestamp: new Date().toISOString() } };
  };
  fake.put(fresh({ node: "n1" }));
  const [busy, answering] = [fresh({ node: "n1" }), fresh({ node: "n1", ready: true })];
  for (const pod of [answering, busy, answering]) fake.put(pod);
  over.abort();
  await done;
  assert.deepEqual(
    events.map(({ kind }) => kind),
    ["scheduled", "ready", "unready", "ready"],
  );
  assert.ok(readySeconds.every(Number.isFinite), `a pod is ready for the first time once: ${readySeconds}`);
  assert.equal(readySeconds.length, 1);
});

test("the load job runs fulcrum's image with the scenario from a ConfigMap", () => {
  const fake = new FakeCluster();
  const options = {
    cluster: asCluster(fake),
    name: "web",
    image: "food:1",
    url: "http://web/test",
    scenario: originalScenario,
    timeScale: 10,
    seed: 1,
  };
  const [map, job] = buildLoadJob(options, "default");
  assert.equal(JSON.parse((map!.data as Record<string, string>)["load.json"]!).timeScale, 10);
  assert.equal(job!.metadata.name, "web-load");
  assert.notDeepEqual(job!.metadata.labels, labelsOf("web")); // not a replica
  const spec = JSON.stringify(job!.spec);
  assert.match(
    spec,
    /"args":\["load","http:\/\/web\/test","--scenario","\/scenario\/load.json","--seed","1","--json"\]/,
  );
  assert.match(spec, /"runAsNonRoot":true/);
  assert.match(spec, /"seccompProfile":{"type":"RuntimeDefault"}/); // Pod Security "restricted" asks for it
  const [, other] = buildLoadJob({ ...options, keepAlive: true, timeoutSeconds: 5 }, "default");
  assert.match(JSON.stringify(other!.spec), /"--keep-alive","--timeout","5s","--json"/);
});

test("figures come back through the log, and a job without them is an error that says why", async () => {
  assert.deepEqual(parseJobLog('load: 60 s\n{\n "summary": {\n  "okay": 3\n }\n}\nload: done\n'), {
    summary: { okay: 3 },
  });
  assert.throws(() => parseJobLog("cannot resolve web\n"), { code: "LOAD_JOB_FAILED", message: /cannot resolve web/ });
  const fake = clusterWithJobs("fulcrum: no answer");
  await assert.rejects(loadFromCluster(loadOptions(fake)), { code: "LOAD_JOB_FAILED", message: /no answer/ });
  assert.deepEqual(await fake.list("Job"), []);
  assert.deepEqual(await fake.list("ConfigMap"), []);
});

test("a load that nothing answered has figures, though its job fails; an ending pod's log is not taken for it", async () => {
  const fake = clusterWithJobs('{\n "summary": {\n  "okay": 0\n }\n}\n');
  fake.put(podOf("web-load-old", { node: "n1", phase: "Running", deployment: "web-load", owner: "job-before" }));
  fake.putLog("web-load-old", '{\n "summary": {\n  "okay": 9\n }\n}\n');
  assert.deepEqual(await loadFromCluster(loadOptions(fake)), { summary: { okay: 0 } });
});

test("an API server that restarts does not cost the load", async () => {
  const fake = clusterWithJobs('{\n "summary": {\n  "okay": 3\n }\n}\n');
  const failOnce = <Args extends unknown[], Value>(work: (...args: Args) => Promise<Value>) => {
    let isFirst = true;
    return async (...args: Args) => {
      if (!isFirst) return work(...args);
      isFirst = false;
      throw new FulcrumError("CLUSTER_UNREACHABLE", { server: "s", problem: "restarts" });
    };
  };
  fake.read = failOnce(fake.read.bind(fake));
  fake.logs = failOnce(fake.logs.bind(fake));
  const clock: Clock = { ...systemClock, sleep: async () => {} };
  assert.deepEqual(await loadFromCluster({ ...loadOptions(fake), clock }), { summary: { okay: 3 } });
});

/** A cluster whose jobs fail at once with this log. */
function clusterWithJobs(log: string): FakeCluster {
  const fake = new FakeCluster();
  const apply = fake.apply.bind(fake);
  fake.apply = async (object, options) => {
    const applied = await apply(object, options);
    if (object.kind === "Job") {
      const status = { conditions: [{ type: "Failed", status: "True" }] };
      const { uid } = fake.put({ ...applied.object, status }).metadata;
      fake.put(podOf("web-load-x", { node: "n1", phase: "Failed", deployment: "web-load", owner: uid! }));
      fake.putLog("web-load-x", log);
    }
    return applied;
  };
  return fake;
}

function loadOptions(fake: FakeCluster) {
  const scenario = { name: "a", kind: "closed", users: 1, delay: 0, duration: 1 } as const;
  return { cluster: asCluster(fake), name: "web", image: "food:1", url: "http://web/test", scenario, seed: 1 };
}
