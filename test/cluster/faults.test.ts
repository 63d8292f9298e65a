/**
 * Faults under load: a pod's process killed, a node's kubelet stopped, a node without power. What is lost lies between the
 * fault and the removal of the endpoint, and is that pod's share; counts, duration and recovery are reported.
 */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, type TestContext, test } from "node:test";
import { isReady, type Pod, restartsOf } from "../../src/cluster/index.ts";
import { fulcrum, lab, labMissing, until } from "../kit/lab.ts";
import { openNamespace, type TestNamespace } from "../kit/lab-namespace.ts";

const ratePerSecond = 15;
const faultAtMs = 8000;
/** A connection to a lost node gives no sign: the client's own limit ends it. */
const timeoutSeconds = 5;

interface Loss {
  /** When it was due, milliseconds after the fault. */
  readonly dueMs: number;
  /** Error code or HTTP status. */
  readonly reason: string;
}

interface Losses {
  readonly sent: number;
  /** By the time when they were due. */
  readonly lost: readonly Loss[];
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
  await space?.remove();
  if (dir) await rm(dir, { recursive: true });
});

const readyPods = async () => (await space.pods("web")).filter(isReady);
const nodeIsReady = async (name: string) =>
  (await space.cluster.list("Node")).some(
    ({ metadata, status }) =>
      metadata.name === name && status.conditions?.some((c) => c.type === "Ready" && c.status === "True"),
  );

/** Loads, brings the fault about, and reads the losses from the raw record. */
async function losses(
  { seconds, timeoutSeconds }: { seconds: number; timeoutSeconds: number },
  fault: () => Promise<unknown>,
): Promise<Losses> {
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
  const lost = hits
    .filter(({ status, error }) => error !== null || status >= 500)
    .map(({ scheduledMs, status, error }) => ({
      dueMs: start + scheduledMs - faultEpochMs,
      reason: error ?? `HTTP ${status}`,
    }))
    .sort((a, b) => a.dueMs - b.dueMs);
  return { sent: hits.length, lost };
}

/**
 * Losses lie between the fault and the end of what it brings, and are the lost pods' share: with five standard deviations
 * of chance, and time for every kube-proxy to learn of it on a busy machine.
 */
function assertConfined({ lost }: Losses, { endMs, share }: { endMs: number; share: number }): void {
  const exposed = (endMs / 1000 + timeoutSeconds) * ratePerSecond;
  const most = exposed * share + 5 * Math.sqrt(exposed * share * (1 - share));
  assert.ok(lost.length <= most, `${lost.length} lost of ${exposed}`);
  const late = lost.filter(({ dueMs }) => dueMs > endMs + 15_000);
  assert.equal(late.length, 0, `lost after the end, which was ${inSeconds(endMs)} after the fault: ${inWords(late)}`);
}
const inSeconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
const inWords = (lost: readonly Loss[]) => lost.map(({ dueMs, reason }) => `${inSeconds(dueMs)} ${reason}`).join(", ");

function tell(t: TestContext, { sent, lost }: Losses): void {
  const reasons = Object.entries(Object.groupBy(lost, ({ reason }) => reason)).map(
    ([reason, of]) => `${of?.length} ${reason}`,
  );
  const span =
    lost.length === 0 ? "" : `, due ${inSeconds(lost[0]!.dueMs)} to ${inSeconds(lost.at(-1)!.dueMs)} after the fault`;
  t.diagnostic(`${lost.length} of ${sent} requests lost${span}${reasons.length > 0 ? `: ${reasons.join(", ")}` : ""}`);
}

test("a pod's process killed: only what it had, for a moment; it comes back by itself", {
  skip: labMissing,
}, async (t) => {
  const [pod] = await readyPods();
  const node = pod!.spec.nodeName!.replace("node", "");
  const pid = await processOf(pod!.metadata.name, node);
  const restarts = restartsOf(pod!);
  let recoveredMs = Number.NaN;
  const outcome = await losses({ seconds: 25, timeoutSeconds }, async () => {
    const startMs = Date.now();
    await lab("node", node, "kill", "-9", pid);
    await until("the pod's restart", 180, async () => {
      const now = await space.cluster.read({ kind: "Pod", name: pod!.metadata.name });
      return now !== undefined && restartsOf(now) > restarts && isReady(now);
    });
    recoveredMs = Date.now() - startMs;
  });
  tell(t, outcome);
  t.diagnostic(`ready again after ${inSeconds(recoveredMs)}`);
  assertConfined(outcome, { endMs: recoveredMs, share: 1 / 6 });
  await until("six ready pods", 180, async () => (await readyPods()).length === 6);
});

test("a node's kubelet stopped: its pods go on answering until they are given up; nothing is lost", {
  skip: labMissing,
}, async (t) => {
  const outcome = await losses({ seconds: 30, timeoutSeconds: 20 }, () => lab("stop", "2", "kubelet", "KILL"));
  await until("the node to be missed", 90, async () => !(await nodeIsReady("node2")));
  const startMs = Date.now();
  await lab("start", "2", "kubelet");
  await until("the node to be back", 180, () => nodeIsReady("node2"));
  await until("six ready pods", 180, async () => (await readyPods()).length === 6);
  t.diagnostic(`node and six pods ready ${inSeconds(Date.now() - startMs)} after the kubelet's start`);
  tell(t, outcome);
  assert.equal(outcome.lost.length, 0, inWords(outcome.lost));
});

test("a node without power: losses end when it is missed, its pods come back elsewhere", {
  skip: labMissing,
}, async (t) => {
  t.after(async () => {
    await lab("boot", "3");
    await until("the node to be back", 180, () => nodeIsReady("node3"));
  });
  const elsewhere = ({ spec }: Pod) => spec.nodeName !== "node3";
  const onNode = (await readyPods()).filter((pod) => !elsewhere(pod)).length;
  let missedMs = Number.NaN;
  let recoveredMs = Number.NaN;
  const outcome = await losses({ seconds: 70, timeoutSeconds }, async () => {
    const startMs = Date.now();
    await lab("poweroff", "3");
    await until("the node to be missed", 90, async () => !(await nodeIsReady("node3")));
    missedMs = Date.now() - startMs;
    await until("its pods to be given up", 60, async () => (await readyPods()).every(elsewhere));
    await until("six ready pods elsewhere", 180, async () => (await readyPods()).filter(elsewhere).length === 6);
    recoveredMs = Date.now() - startMs;
  });
  tell(t, outcome);
  t.diagnostic(`missed after ${inSeconds(missedMs)}, six pods ready again after ${inSeconds(recoveredMs)}`);
  assertConfined(outcome, { endMs: missedMs, share: onNode / 6 });
});

/** Process of the pod's container, as its node counts. */
async function processOf(pod: string, node: string): Promise<string> {
  const ctr = (...words: string[]) => lab("node", node, "ctr", "-n", "k8s.io", ...words);
  const ids = await ctr("containers", "ls", "-q", `labels."io.kubernetes.pod.name"==${pod}`);
  const tasks = (await ctr("tasks", "ls")).split("\n");
  for (const id of ids.split("\n")) {
    const info = JSON.parse(await ctr("containers", "info", id));
    if (info.Labels["io.cri-containerd.kind"] !== "container") continue;
    const pid = tasks
      .find((line) => line.startsWith(id))
      ?.trim()
      .split(/\s+/)[1];
    if (pid !== undefined) return pid;
  }
  throw new Error(`no container of ${pod}`);
}
