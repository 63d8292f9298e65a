/**
 * Faults under load: a pod's process killed, a node's kubelet stopped, a node without power. What is lost lies between the
 * fault and the removal of the endpoint, and is that pod's share; counts, duration and recovery are reported.
 */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, type TestContext, test } from "node:test";
import { isReady } from "../../src/cluster/index.ts";
import { fulcrum, lab, labMissing, until } from "../kit/lab.ts";
import { openNamespace, type TestNamespace } from "../kit/lab-namespace.ts";

const ratePerSecond = 15;
const faultAtMs = 8000;
/** A connection to a lost node gives no sign: the client's own limit ends it. */
const timeoutSeconds = 2;

interface Losses {
  readonly sent: number;
  readonly failed: number;
  /** Of failed requests: when they were due, milliseconds after the fault. */
  readonly dueMs: readonly number[];
}

let space: TestNamespace;
let dir: string;
let url: string;
before(async () => {
  if (labMissing) return;
  dir = await mkdtemp(join(tmpdir(), "fulcrum-faults-"));
  space = await openNamespace("faults");
  const { code, stdout, stderr } = await space.deploy("web", "--shape", "max", "--replicas", "6");
  assert.equal(code, 0, stderr);
  url = JSON.parse(stdout).url; // of the first node, which keeps its power
});
after(async () => {
  if (labMissing) return;
  await space.remove();
  await rm(dir, { recursive: true });
});

const readyPods = async () => (await space.pods("web")).filter(isReady);
const nodeIsReady = async (name: string) =>
  (await space.cluster.list("Node")).some(
    ({ metadata, status }) =>
      metadata.name === name && status.conditions?.some((c) => c.type === "Ready" && c.status === "True"),
  );

/** Loads, brings the fault about, and reads the losses from the raw record. */
async function losses(seconds: number, fault: () => Promise<unknown>): Promise<Losses> {
  const words = ["--rate", String(ratePerSecond), "-t", `${seconds}s`, "--timeout", `${timeoutSeconds}s`, "--out", dir];
  const loading = fulcrum(["load", `${url}/test`, ...words, "--json"]);
  await new Promise((resolve) => setTimeout(resolve, faultAtMs));
  const faultEpochMs = Date.now();
  await fault();
  assert.equal((await loading).code, 0);
  const lines = (await readFile(join(dir, "hits.jsonl"), "utf8"))
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const start = lines.find(({ type }) => type === "run").epochMs;
  const hits = lines.filter(({ type }) => type === "hit");
  const failed = hits.filter(({ status, error }) => error !== null || status >= 500);
  const dueMs = failed.map(({ scheduledMs }) => start + scheduledMs - faultEpochMs).sort((a, b) => a - b);
  return { sent: hits.length, failed: failed.length, dueMs };
}

function tell(t: TestContext, { sent, failed, dueMs }: Losses): void {
  const seconds = (ms: number | undefined) => ((ms ?? 0) / 1000).toFixed(1);
  const span = failed === 0 ? "" : `, due ${seconds(dueMs[0])} to ${seconds(dueMs.at(-1))} s after the fault`;
  t.diagnostic(`${failed} of ${sent} requests lost${span}`);
}

test("a pod's process killed: only what it had, for a moment; it comes back by itself", {
  skip: labMissing,
}, async (t) => {
  const [pod] = await readyPods();
  const node = pod!.spec.nodeName!.replace("node", "");
  const lost = await losses(25, async () => {
    const found = await lab("node", node, "ctr", "-n", "k8s.io", "tasks", "ls");
    const id = await containerOf(pod!.metadata.name, node);
    const pid = found
      .split("\n")
      .find((line) => line.startsWith(id))!
      .trim()
      .split(/\s+/)[1]!;
    await lab("node", node, "kill", "-9", pid);
  });
  tell(t, lost);
  assert.ok(lost.failed <= (ratePerSecond * 5) / 6, `${lost.failed} lost`);
  assert.ok((lost.dueMs.at(-1) ?? 0) < 5000);
  await until("six ready pods", 60, async () => (await readyPods()).length === 6);
  assert.equal(
    (await space.cluster.read({ kind: "Pod", name: pod!.metadata.name }))?.status.containerStatuses?.[0]?.restartCount,
    1,
  );
});

test("a node's kubelet stopped: its pods go on answering until they are given up; nothing is lost", {
  skip: labMissing,
}, async (t) => {
  const lost = await losses(30, () => lab("stop", "2", "kubelet", "KILL"));
  tell(t, lost);
  assert.equal(lost.failed, 0);
  await until("the node to be missed", 40, async () => !(await nodeIsReady("node2")));
  await lab("start", "2", "kubelet");
  await until("the node to be back", 60, () => nodeIsReady("node2"));
  await until("six ready pods", 60, async () => (await readyPods()).length === 6);
});

test("a node without power: losses end when it is missed, its pods come back elsewhere", {
  skip: labMissing,
}, async (t) => {
  const onNode = (await readyPods()).filter(({ spec }) => spec.nodeName === "node3").length;
  let missedMs = Number.NaN;
  let recoveredMs = Number.NaN;
  const lost = await losses(70, async () => {
    const startMs = Date.now();
    await lab("poweroff", "3");
    await until("the node to be missed", 40, async () => !(await nodeIsReady("node3")));
    missedMs = Date.now() - startMs;
    await until("six ready pods", 60, async () => (await readyPods()).length === 6);
    recoveredMs = Date.now() - startMs;
  });
  tell(t, lost);
  t.diagnostic(
    `missed after ${(missedMs / 1000).toFixed(1)} s, six pods ready again after ${(recoveredMs / 1000).toFixed(1)} s`,
  );
  // Its share of the requests, with four standard deviations of chance, from the fault until it is missed.
  const share = onNode / 6;
  const exposed = (missedMs / 1000 + timeoutSeconds) * ratePerSecond;
  assert.ok(lost.failed <= exposed * share + 4 * Math.sqrt(exposed * share * (1 - share)), `${lost.failed} lost`);
  // Until the endpoint is out of every kube-proxy; what was due before may be known to be lost only after its time limit.
  assert.ok((lost.dueMs.at(-1) ?? 0) <= missedMs + 5000, `last loss ${lost.dueMs.at(-1)} ms after the fault`);
  await lab("boot", "3");
  await until("the node to be back", 60, () => nodeIsReady("node3"));
});

/** Id of the pod's container on its node. */
async function containerOf(pod: string, node: string): Promise<string> {
  const text = await lab(
    "node",
    node,
    "ctr",
    "-n",
    "k8s.io",
    "containers",
    "ls",
    "-q",
    `labels."io.kubernetes.pod.name"==${pod}`,
  );
  for (const id of text.split("\n")) {
    const info = JSON.parse(await lab("node", node, "ctr", "-n", "k8s.io", "containers", "info", id));
    if (info.Labels["io.cri-containerd.kind"] === "container") return id;
  }
  throw new Error(`no container of ${pod}`);
}
